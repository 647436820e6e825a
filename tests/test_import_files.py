"""Files to import: judged by content, whole or nothing, damage named by path and line."""

from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import orjson
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from aggregator import exporters, importer, record
from aggregator.errors import ImportFileError
from aggregator.types import Record, Source, SourceRef
from tests.exporter_cases import (
    ALWAFD,
    CHANGES,
    DATA,
    DELETED,
    FEED,
    HOSTILE,
    MONTH,
    PLAIN,
    SEED_FILE,
    SOURCES,
    change,
)

NOW = datetime(2025, 11, 10, 12, tzinfo=UTC)
CATALOGUE = {source.id: source for source in SOURCES}


def write(path: Path, content: bytes | str) -> Path:
    path.write_bytes(content.encode() if isinstance(content, str) else content)
    return path


def records(path: Path, sources=CATALOGUE) -> list[Record]:
    return [
        importer.record(each, importer.source_of(each, sources), NOW)
        for each in importer.read_file(path)
        if each.event != "deleted"
    ]


def exported(name: str, *of: Record) -> bytes:
    changes = [change(each, seq) for seq, each in enumerate(of, 1)]
    return b"".join(exporters.exporter(name).write(FEED, changes))


# Text cards


def test_the_seed_document_becomes_the_seeds_record():
    (made,) = records(SEED_FILE)
    assert made.title == "كازاخستان تختار التطبيع مع إسرائيل وتبتعد عن الذاكرة الفلسطينية"
    assert record.timestamp(made.published).startswith("2025-11-07")
    assert (made.published_precision, made.published_origin) == ("day", "page")
    assert len(made.paragraphs) == 7
    assert made.html.count("<p>") == 7
    assert made.source == ALWAFD
    assert (made.language, made.direction) == ("ar", "rtl")
    assert [len(each.paragraphs) for each in made.related] == [5]
    assert made.related[0].source is None
    assert made.first_seen == NOW


def test_import_export_import_gives_the_same_record(tmp_path):
    (first,) = records(SEED_FILE)
    for name in ("text", "jsonl"):
        path = write(tmp_path / f"again.{name}", exported(name, first))
        (second,) = records(path)
        assert second == first


@pytest.mark.parametrize("name", ["two.txt", "loose.txt", "shaped.txt"])
def test_cards_come_back_through_text_and_lines(name, tmp_path):
    first = records(DATA / "cards" / name)
    for format_ in ("text", "jsonl"):
        path = write(tmp_path / f"again.{format_}", exported(format_, *first))
        assert records(path) == first


def test_a_card_has_the_same_id_in_every_store():
    (one,), (other,) = records(SEED_FILE), records(SEED_FILE)
    assert one.id == other.id
    assert one.id.startswith("urn:uuid:")
    assert one.url == one.id


def test_cards_of_other_days_or_sources_have_other_ids(tmp_path):
    text = SEED_FILE.read_text(encoding="utf-8")
    day = write(tmp_path / "day.txt", text.replace("7th, November", "8th, November"))
    source = write(tmp_path / "source.txt", text.replace("بوابة الوفد", "صحيفة أخرى"))
    ids = {records(path)[0].id for path in (SEED_FILE, day, source)}
    assert len(ids) == 3


def test_a_card_says_where_it_stands():
    assert [each.where for each in importer.read_file(DATA / "cards" / "two.txt")] == [
        f"{DATA / 'cards' / 'two.txt'}:1",
        f"{DATA / 'cards' / 'two.txt'}:15",
    ]


# Sources


def test_a_source_is_found_by_id_then_by_name_in_any_spelling():
    def found(**parts) -> Source:
        ref = replace(SourceRef(id="", name="", homepage="", country="", language=""), **parts)
        return importer.source_of(importer.Imported(where="x", source=ref), CATALOGUE)

    assert found(id="journal", name="other").id == "journal"
    assert found(name="بوابة الوفد").id == "alwafd"
    assert found(name="بوّابة  الوفد").id == "alwafd"
    assert found(name="le « journal » & cie").id == "journal"


def test_an_unknown_source_is_made_from_what_is_said():
    ref = SourceRef(id="x", name="X", homepage="https://x.example/", country="LB", language="fr")
    made = importer.source_of(importer.Imported(where="x", source=ref), CATALOGUE)
    assert (made.id, made.name, made.homepage, made.country, made.language) == (
        ("x", "X", "https://x.example/", "LB", "fr")
    )
    assert not made.enabled


def test_an_unknown_name_has_one_id_and_the_language_of_its_text():
    def made(name: str) -> Source:
        ref = SourceRef(id="", name=name, homepage="", country="", language="")
        fields = {"title": "افتتاح مكتبة عامة في أسوان", "paragraphs": ()}
        return importer.source_of(importer.Imported(where="x", source=ref, fields=fields), {})

    assert made("صحيفة").id == made("صحيفة").id != made("جريدة").id
    assert made("صحيفة").id.startswith("import-")
    assert made("صحيفة").language == "ar"


def test_a_card_without_a_source_has_a_nameless_one(tmp_path):
    (made,) = records(write(tmp_path / "x.txt", "عنوان الخبر\nنص الخبر\n"))
    assert made.source.name == ""
    assert exported("text", made).decode() == "عنوان الخبر\nنص الخبر\n"


# JSON Lines


def test_lines_of_an_export_come_back_with_their_ids(tmp_path):
    path = write(tmp_path / "x.jsonl", exported("jsonl", *[c.record for c in CHANGES[:3]]))
    found = importer.read_file(path)
    assert [each.id for each in found] == [c.id for c in CHANGES[:3]]
    assert [each.event for each in found] == ["new", "edited", "new"]
    made = [importer.record(each, importer.source_of(each, CATALOGUE), NOW) for each in found]
    assert made[0] == PLAIN
    assert made[1].html == "<p>أعلنت OpenAI نموذجا جديدا.</p>"


def test_a_deletion_has_an_id_and_a_reason(tmp_path):
    path = write(tmp_path / "x.jsonl", record.dump_change(DELETED))
    (found,) = importer.read_file(path)
    assert (found.event, found.id, found.reason) == ("deleted", DELETED.id, "gone")


def test_records_without_a_header_and_lines_of_other_programs_are_read(tmp_path):
    bare = record.dumps(PLAIN)
    other = '{"title":"عنوان","source":"الأهرام","paragraphs":["نص"]}'
    page = '{"title":"T","source":{"id":"x"},"html":"<p>one</p><script>x</script><p>two</p>"}'
    path = write(tmp_path / "x.jsonl", bare + b"\n\n" + other.encode() + b"\n" + page.encode())
    one, two, three = records(path)
    assert one == PLAIN
    assert (two.source.id, two.language, two.direction, two.first_seen) == (
        "ahram",
        "ar",
        "rtl",
        NOW,
    )
    assert two.html == "<p>نص</p>"
    assert three.paragraphs == ("one", "two")
    assert three.html == "<p>one</p><p>two</p>"
    assert three.source.name == "x"


def test_html_and_text_of_a_file_are_made_safe(tmp_path):
    wild = replace(
        MONTH,
        url="https://a.example/1",
        title="a\x0bb\ufffe",
        html='<p onclick="x()">t<script>x</script></p><a href="/y">l</a><img src="javascript:x">',
    )
    (made,) = records(write(tmp_path / "x.jsonl", record.dump_change(change(wild))))
    assert made.title == "ab"
    assert made.html == ('<p>t</p><a href="https://a.example/y" rel="noopener noreferrer">l</a>')


def test_a_byte_order_mark_and_blank_lines_before_are_no_harm(tmp_path):
    path = write(tmp_path / "x", b"\xef\xbb\xbf\n\n" + record.dump_change(CHANGES[0]))
    assert records(path) == [PLAIN]


def line(**values) -> bytes:
    """A line of JSON Lines with some of its values changed."""
    return orjson.dumps(orjson.loads(record.dump_change(CHANGES[0])) | values) + b"\n"


GOOD = record.dump_change(CHANGES[0])
DAMAGED = [
    (b"", "nothing to import: {path}: the file is empty"),
    (b" \n\n", "nothing to import: {path}: the file is empty"),
    (GOOD + b'{"schema":1,"seq":2', "line is damaged: {path}:2: not JSON"),
    (GOOD + b"[1]\n", "line is damaged: {path}:2: must be a JSON object"),
    (GOOD + b"plain text\n", "line is damaged: {path}:2: not JSON"),
    (GOOD + GOOD[:-2] + GOOD, "line is damaged: {path}:2: not JSON"),
    (GOOD + b"\xff\xfe\n", "file is not UTF-8: {path}:2"),
    (GOOD[:-3] + b"\x00}}\n", "file is damaged: {path}:1: it holds NUL bytes"),
    (GOOD + line(schema=2), "line is damaged: {path}:2: key schema: must be 1"),
    (
        GOOD + line(titel="x"),
        "line is damaged: {path}:2: key titel: is unknown, did you mean title",
    ),
    (GOOD + line(title=" "), "line is damaged: {path}:2: key title: must not be empty"),
    (GOOD + line(title=None), "line is damaged: {path}:2: key title: must be a string"),
    (GOOD + line(at="now"), "line is damaged: {path}:2: key at: must be a time with offset"),
    (GOOD + line(url="javascript:alert(1)"), "{path}:2: key url: must be an http(s) address"),
    (GOOD + line(url="/relative"), "{path}:2: key url: must be an http(s) address"),
    (GOOD + line(url="https://"), "{path}:2: key url: must be an http(s) address"),
    (GOOD + line(url="http://[x"), "{path}:2: key url: must be an http(s) address"),
    (GOOD + line(images=[{"url": "data:x"}]), "{path}:2: key images[0].url: must be an http(s)"),
    (GOOD + line(published_precision=None), "{path}:2: key published_precision: must come with"),
    (b'{"title":"t"}\n', "{path}:1: key source: must have an id or a name"),
    (b'{"title":"t","source":{"id":3}}\n', "{path}:1: key source.id: must be a string"),
    (b'{"source":"s"}\n', "{path}:1: key title: must not be empty"),
    ("عنوان\nتاريخ النشر: أمس\n".encode(), "card is damaged: {path}:2: the date must be like"),
    ("عنوان\nنص".encode() + b"\xd8", "file is not UTF-8: {path}:2"),
    ("عنوان\nنص\n\n".encode() + b"\x00\x00", "file is damaged: {path}:4: it holds NUL bytes"),
    (b"\x89PNG\r\n\x1a\n\x00\x00", "file is not UTF-8: {path}:1"),
]


@pytest.mark.parametrize(("content", "message"), DAMAGED)
def test_a_damaged_file_is_refused_as_a_whole_by_path_and_line(content, message, tmp_path):
    path = write(tmp_path / "x", content)
    with pytest.raises(ImportFileError) as caught:
        importer.read_file(path)
    assert message.format(path=path) in str(caught.value)
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize("where", ["missing.txt", "."])
def test_a_file_that_cannot_be_read_is_one_line(where, tmp_path):
    with pytest.raises(
        ImportFileError, match=r"file cannot be read: .*: (No such file|Is a direct)"
    ):
        importer.read_file(tmp_path / where)


def test_a_long_file_is_read_line_by_line(tmp_path):
    path = write(tmp_path / "x.jsonl", GOOD * 3 + b"broken\n")
    found = importer.iterate(path)
    assert [next(found).id for _ in range(3)] == [PLAIN.id] * 3
    with pytest.raises(ImportFileError, match=":4: not JSON"):
        next(found)


def test_hostile_records_are_refused_or_harmless(tmp_path):
    path = write(tmp_path / "x.jsonl", record.dump_change(change(HOSTILE)))
    (made,) = records(path)
    assert "\x00" not in made.title
    assert made.html == "" or "<script" not in made.html


@settings(deadline=None, max_examples=100)
@given(
    st.binary(max_size=200)
    | st.text(st.characters(exclude_categories=["Cs"]), max_size=200).map(str.encode)
    | st.just(GOOD[:900])
)
def test_any_bytes_give_records_or_an_import_error(tmp_path_factory, content):
    path = write(tmp_path_factory.getbasetemp() / "any", content)
    try:
        found = records(path)
    except ImportFileError as error:
        message = str(error)
    else:
        assert all(each.title for each in found)
        return
    assert str(path) in message
