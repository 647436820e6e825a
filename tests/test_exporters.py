"""Every format: golden bytes, valid, stable, streaming, and nothing lost when others read it."""

import json
import os
import shutil
import sqlite3
import subprocess
import tracemalloc
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from itertools import islice
from pathlib import Path
from types import GeneratorType

import feedparser
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from lxml import etree

from aggregator import exporters, record
from aggregator.errors import ExportError, UsageError
from aggregator.exporters import files, opml, parquet, shared
from aggregator.safe_xml import legal
from aggregator.types import Feed, Image, Record, SourceRef
from tests import validators
from tests.exporter_cases import (
    ALWAFD,
    CHANGES,
    DATA,
    DELETED,
    FEED,
    FRENCH,
    HOSTILE,
    MIXED,
    MONTH,
    PLAIN,
    RECORDS,
    SOURCES,
    change,
)

GOLDEN = DATA / "exporters"
TEXT_FORMATS = [name for name in exporters.MODULES if name != "parquet"]
FEEDS = ["rss", "atom", "json"]
#: Marks of direction: isolates are put around runs of a title, and what it had itself goes.
ISOLATES = dict.fromkeys([0x061C, 0x200E, 0x200F, *range(0x202A, 0x202F), *range(0x2066, 0x206A)])
needs_jing = pytest.mark.skipif(not shutil.which("jing"), reason="needs jing (Debian package jing)")


def written(name: str, changes=CHANGES, feed: Feed = FEED) -> bytes:
    return b"".join(exporters.exporter(name).write(feed, changes))


def read(name: str, changes=CHANGES) -> list:
    """The entries of a feed as feedparser or the json module sees them."""
    document = written(name, changes)
    if name == "json":
        return json.loads(document)["items"]
    parsed = feedparser.parse(document, sanitize_html=False, resolve_relative_uris=False)
    assert not parsed.bozo, parsed.bozo_exception
    return parsed.entries


# The registry


@pytest.mark.parametrize("name", exporters.MODULES)
def test_each_format_has_the_door_and_its_names(name):
    module = exporters.exporter(name)
    assert module.SUFFIX.startswith(".")
    assert "/" in module.CONTENT_TYPE
    assert isinstance(module.write(FEED, ()), GeneratorType)
    assert module.__doc__


def test_an_unknown_format_is_refused_with_the_nearest_name():
    with pytest.raises(UsageError, match="unknown format: jsonnl: did you mean jsonl"):
        exporters.exporter("jsonnl")


# Golden bytes


def golden(name: str, document: bytes) -> None:
    """Compare with the stored bytes; AGGREGATOR_UPDATE_GOLDEN=1 writes them anew."""
    path = GOLDEN / f"{name}.golden"
    if os.environ.get("AGGREGATOR_UPDATE_GOLDEN"):
        path.write_bytes(document)
    assert document.decode() == path.read_bytes().decode()


@pytest.mark.parametrize("name", TEXT_FORMATS)
def test_golden_bytes(name):
    changes = (*CHANGES, DELETED) if name in {"jsonl", "ninjs"} else CHANGES
    golden(name, written(name, changes))


def test_golden_bytes_of_the_subscription_list():
    golden("opml-sources", b"".join(opml.write_sources(FEED, SOURCES)))


@pytest.mark.parametrize("name", exporters.MODULES)
def test_the_same_articles_give_the_same_bytes(name):
    assert written(name) == written(name)


# Validity

DOCUMENTS = ("rss", "atom", "json", "opml", "ninjs")


@needs_jing
@pytest.mark.parametrize("name", DOCUMENTS)
@pytest.mark.parametrize(
    ("changes", "feed"),
    [
        (CHANGES, FEED),
        ((DELETED,), FEED),
        ((CHANGES[3],), Feed(id="urn:x:1", title="t", home_url="https://a.example/")),
    ],
    ids=["all", "empty", "bare"],
)
def test_documents_are_valid(name, changes, feed):
    document = written(name, changes, feed)
    if name == "opml" and b"<outline" not in document:
        # OPML asks for an outline; a file without one is never written.
        assert "incomplete" in "".join(validators.check(name, document))
    else:
        assert validators.check(name, document) == []


@needs_jing
@pytest.mark.parametrize("base_url", [None, "https://news.example/"])
def test_the_subscription_list_is_valid(base_url):
    document = b"".join(opml.write_sources(FEED, SOURCES, base_url=base_url))
    assert validators.check("opml", document) == []


#: A fault put into a document: what is replaced by what, and what the validator must say of it.
FAULTS = [
    ("rss", b"Fri, 07 Nov 2025", b"Sat, 07 Nov 2025", "is no Sat"),
    ("rss", b"07 Nov 2025 14", b"7 November 2025 14", "pubDate"),
    ("rss", PLAIN.id.encode(), MIXED.id.encode(), "repeats"),
    ("rss", b' length="0"', b"", "length"),
    ("rss", b"%D8%A3", "أ".encode(), "link"),
    ("rss", b'isPermaLink="false"', b"", "isPermaLink"),
    ("rss", b"<title>\xd9\x83", b"<titel/><title>\xd9\x83", "titel"),
    ("atom", b"<id>urn", b"<id>", "id"),
    ("atom", b"<published>2025-11-07T14:15:00+02:00", b"<published>2025-11-07", "published"),
    ("atom", MIXED.id.encode(), PLAIN.id.encode(), "repeats"),
    ("atom", b'type="text"', b'type="plain"', "type"),
    ("json", b'"id":"urn', b'"guid":"urn', "guid"),
    ("json", b"T14:15:00+02:00", b" 14:15", "date_published"),
    ("ninjs", b'"headline":', b'"titel":', "titel"),
    ("opml", b'version="2.0"', b'version="3.0"', "version"),
]


def faulty(name: str, old: bytes, new: bytes) -> bytes:
    document = written(name, CHANGES[:3])
    assert old in document
    return document.replace(old, new, 1)


@needs_jing
def test_the_validators_see_what_is_wrong():
    by_grammar: dict[str, list[tuple[bytes, str]]] = {}
    for name, old, new, said in FAULTS:
        document = faulty(name, old, new)
        if name in {"json", "ninjs"} or "repeats" in said or "is no" in said:
            assert said in "\n".join(validators.check(name, document))
        else:
            by_grammar.setdefault(name, []).append((document, said))
    for name, cases in by_grammar.items():
        found = validators.grammars(name, [document for document, _ in cases])
        assert [
            said in "\n".join(faults) for faults, (_, said) in zip(found, cases, strict=True)
        ] == ([True] * len(cases))


# What stands in the feeds


@pytest.mark.parametrize("name", FEEDS)
def test_ids_are_ours_and_no_links(name):
    assert [entry["id"] for entry in read(name)] == [each.id for each in RECORDS]


def test_rss_guids_say_that_they_are_no_links():
    root = etree.fromstring(written("rss"))
    assert {guid.get("isPermaLink") for guid in root.iter("guid")} == {"false"}


def test_titles_of_mixed_direction_are_isolated():
    for name in FEEDS:
        title = read(name)[1]["title"]
        assert title.translate(ISOLATES) == MIXED.title
        assert title.startswith("\u2068OpenAI\u2069")
    assert read("json")[0]["title"] == PLAIN.title


def test_titles_come_through_as_plain_text():
    for name in FEEDS:
        titles = [entry["title"].translate(ISOLATES) for entry in read(name)]
        assert titles[:4] == [each.title for each in RECORDS[:4]]
    assert read("atom")[4]["title"].translate(ISOLATES) == legal(HOSTILE.title).translate(ISOLATES)


def test_published_is_the_sources_time_else_our_first_sight():
    for name in ("rss", "atom"):
        entries = read(name)
        assert entries[0].published_parsed[:6] == (2025, 11, 7, 12, 15, 0)
        assert entries[2].published_parsed[:6] == (2025, 11, 5, 8, 30, 0)
    assert read("json")[2]["date_published"] == "2025-11-05T08:30:00Z"
    assert "Fri, 07 Nov 2025 14:15:00 +0200" in written("rss").decode()


def test_updated_moves_with_the_version_only():
    atom = read("atom")
    assert atom[0].updated == "2025-11-07T12:20:01Z"  # first sight of a first version
    assert atom[1].updated == "2025-11-07T16:00:00Z"  # when the change was recorded
    moved = replace(CHANGES[0], at=CHANGES[0].at + timedelta(days=3), event="edited")
    assert read("atom", [moved])[0].updated == atom[0].updated
    told = replace(CHANGES[1], revised=datetime(2025, 11, 7, 1, 2, 3, tzinfo=UTC))
    assert read("atom", [told])[0].updated == "2025-11-07T01:02:03Z"


def test_the_head_is_as_new_as_the_newest_change():
    root = etree.fromstring(written("rss"))
    assert root.findtext("channel/lastBuildDate") == "Fri, 07 Nov 2025 16:00:00 +0000"
    assert etree.fromstring(written("atom")).findtext("{*}updated") == "2025-11-07T16:00:00Z"


def test_a_long_feed_says_its_time_behind_the_entries_and_is_valid():
    many = [
        change(replace(PLAIN, id=f"urn:x:{n}", first_seen=PLAIN.first_seen + timedelta(seconds=n)))
        for n in range(shared.LOOKAHEAD + 5)
    ]
    newest = shared.rfc3339(many[-1].at)
    assert etree.fromstring(written("atom", iter(many))).findtext("{*}updated") == newest
    rss = written("rss", iter(many))
    assert etree.fromstring(rss).findtext("channel/lastBuildDate") == shared.rfc822(many[-1].at)
    assert validators.check("rss", rss) == []


def test_the_text_is_whole_and_says_its_direction_and_language():
    expected = f'<div dir="rtl" lang="ar">{PLAIN.html}</div>'
    assert read("rss")[0].content[0].value == expected
    assert read("atom")[0].content[0].value == expected
    assert read("json")[0]["content_html"] == expected
    assert '<div dir="ltr" lang="fr">' in read("rss")[2].content[0].value


def test_an_article_without_html_gets_its_paragraphs():
    assert read("json")[1]["content_html"] == (
        '<div dir="rtl" lang="ar"><p>أعلنت OpenAI نموذجا جديدا.</p></div>'
    )


def test_each_entry_says_its_language():
    root = etree.fromstring(written("rss"))
    assert root.findtext("channel/language") == "ar"
    assert [each.text for each in root.iter("{http://purl.org/dc/elements/1.1/}language")] == [
        each.language for each in RECORDS
    ]
    atom = etree.fromstring(written("atom"))
    tongue = "{http://www.w3.org/XML/1998/namespace}lang"
    assert [each.get(tongue) for each in atom.findall("{*}entry")] == [r.language for r in RECORDS]
    assert [each["language"] for each in read("json")] == [r.language for r in RECORDS]


def test_description_comes_before_the_text_and_reads_as_plain_text():
    entry = read("rss", [change(HOSTILE)])[0]
    assert entry.summary == "&lt;b&gt;not bold&lt;/b&gt; &amp;lt;"
    item = etree.fromstring(written("rss")).find("channel/item")
    names = [etree.QName(each).localname for each in item]
    assert names.index("description") < names.index("encoded")


def test_at_most_one_enclosure_and_all_pictures_as_media():
    item = etree.fromstring(written("rss")).find("channel/item")
    assert [dict(each.attrib) for each in item.findall("enclosure")] == [
        {"url": "https://alwafd.news/a.jpg?w=1&h=2", "length": "0", "type": "image/jpeg"}
    ]
    media = item.findall("{http://search.yahoo.com/mrss/}content")
    assert [each.get("url") for each in media] == [image.url for image in PLAIN.images]
    assert media[0].get("width") == "800"
    assert media[0][0].text == 'واجهة "المكتبة"'
    assert media[1].get("type") == "image/webp"


def test_authors_tags_and_source_are_there():
    rss, atom = read("rss")[0], read("atom")[0]
    assert [each.name for each in atom.authors] == list(PLAIN.authors)
    assert (
        [tag.term for tag in rss.tags]
        == [tag.term for tag in atom.tags]
        == [
            "ثقافة",
            "أسوان",
            "مكتبة عامة",
        ]
    )
    assert rss.source == {"href": "https://alwafd.news/", "title": "بوابة الوفد"}
    assert atom.source.title == "بوابة الوفد"
    assert read("json")[1]["authors"] == [{"name": "بوابة الوفد"}]


def test_feeds_point_to_themselves_their_hub_and_their_past():
    for name in ("rss", "atom"):
        links = feedparser.parse(written(name)).feed.links
        found = {link["rel"]: link["href"] for link in links}
        assert found["self"] == FEED.self_url
        assert found["hub"] == FEED.hub_url
        assert found["prev-archive"] == FEED.previous
    data = json.loads(written("json"))
    assert data["feed_url"] == FEED.self_url
    assert data["hubs"] == [{"type": "WebSub", "url": FEED.hub_url}]
    assert data["next_url"] == FEED.previous


@needs_jing
@pytest.mark.parametrize("name", ["rss", "atom"])
def test_a_page_of_the_archive_says_so(name):
    page = replace(FEED, current="https://news.example/feeds/all.rss")
    document = written(name, CHANGES, page)
    assert validators.check(name, document) == []
    root = etree.fromstring(document)
    assert root.find(".//{http://purl.org/syndication/history/1.0}archive") is not None
    links = {link["rel"]: link["href"] for link in feedparser.parse(document).feed.links}
    assert links["current"] == page.current
    assert b"archive/>" not in written(name)


@pytest.mark.parametrize("name", FEEDS)
def test_deletions_are_no_entries(name):
    assert len(read(name, (CHANGES[0], DELETED))) == 1


def test_rss_links_are_ascii_and_atom_links_as_they_are():
    assert read("rss")[1].link == (
        "https://alwafd.news/%D8%A3%D8%AE%D8%A8%D8%A7%D8%B1/openai?id=3&x=1"
    )
    assert read("atom")[1].link == MIXED.url


@pytest.mark.parametrize(
    ("url", "expected"),
    [
        ("https://مثال.example/x", "https://xn--mgbh0fb.example/x"),
        ("https://a.example/%D9%85 x", "https://a.example/%D9%85 x"),
        ("https://\u00ad.example/ن", "https://%C2%AD.example/%D9%86"),
    ],
)
def test_addresses_become_ascii(url, expected):
    assert shared.uri(url) == expected


@pytest.mark.parametrize(
    ("url", "expected"),
    [
        ("https://a.example/x.PNG?y=z.gif", "image/png"),
        ("https://a.example/x.jpeg", "image/jpeg"),
        ("https://a.example/x", "image/jpeg"),
        ("https://[broken", "image/jpeg"),
        ("https://a.example/x.svg#a", "image/svg+xml"),
    ],
)
def test_the_type_of_a_picture_is_told_by_its_address(url, expected):
    assert shared.image_type(url) == expected


def test_an_icon_is_shown():
    assert etree.fromstring(written("rss")).findtext("channel/image/url") == FEED.icon


# Other formats


def test_json_lines_read_back():
    lines = written("jsonl", (*CHANGES[:4], DELETED)).splitlines()
    assert [record.loads(line) for line in lines] == [*CHANGES[:4], DELETED]


def test_schema_org_writes_a_day_as_a_day():
    elements = json.loads(written("schema_org"))["dataFeedElement"]
    assert [each.get("datePublished") for each in elements[:4]] == [
        "2025-11-07T14:15:00+02:00",
        "2025-11-06",
        None,
        "2025-10",
    ]
    assert elements[0]["publisher"] == {
        "@type": "NewsMediaOrganization",
        "name": "بوابة الوفد",
        "url": "https://alwafd.news/",
    }
    assert elements[1]["isAccessibleForFree"] is False


def test_ninjs_cancels_what_was_deleted():
    *_, last = written("ninjs", (*CHANGES, DELETED)).splitlines()
    assert json.loads(last) | {"$standard": None} == {
        "$standard": None,
        "uri": DELETED.id,
        "pubstatus": "canceled",
    }


def test_a_source_without_a_feed_is_listed_as_a_link():
    root = etree.fromstring(b"".join(opml.write_sources(FEED, SOURCES)))
    found = {each.get("text"): each.get("xmlUrl") for each in root.iter("outline")}
    assert found == {
        "EG": None,
        "الأهرام": "https://ahram.example/rss",
        "بوابة الوفد": "https://alwafd.news/rss?a=1&b=2",
        "بوابة الوفد: رياضة": "https://alwafd.news/sport.rss",
        "MA": None,
        'Le "Journal" & Cie': None,
    }


def test_our_own_feeds_can_be_listed_instead():
    document = b"".join(opml.write_sources(FEED, SOURCES, base_url="https://news.example/"))
    root = etree.fromstring(document)
    assert [each.get("xmlUrl") for each in root.iter("outline") if each.get("xmlUrl")] == [
        "https://news.example/feeds/source/ahram.rss",
        "https://news.example/feeds/source/alwafd.rss",
        "https://news.example/feeds/source/journal.rss",
    ]


# Parquet


@pytest.fixture
def arrow():
    return pytest.importorskip("pyarrow.parquet", reason="needs pyarrow (the extra parquet)")


def test_parquet_reads_back(arrow, tmp_path):
    path = tmp_path / "x.parquet"
    changes = (*CHANGES[:4], DELETED)
    path.write_bytes(b"".join(parquet.write(FEED, changes, row_group=2)))
    table = arrow.read_table(path)
    assert arrow.ParquetFile(path).metadata.num_row_groups == 3
    rows = table.to_pylist()
    assert [row["id"] for row in rows] == [each.id for each in changes]
    assert rows[0]["published"] == PLAIN.published
    assert rows[0]["published_offset_min"] == 120
    assert rows[0]["source"]["name"] == "بوابة الوفد"
    assert rows[0]["related"][0]["paragraphs"] == list(PLAIN.related[0].paragraphs)
    assert dict(rows[0]["origins"]) == PLAIN.origins
    assert rows[2]["published"] is None
    assert rows[4] | {"at": None} == dict.fromkeys(table.column_names) | {
        "seq": 6,
        "event": "deleted",
        "changed": [],
        "id": DELETED.id,
        "reason": "gone",
    }


def test_parquet_columns_have_all_keys_of_the_record(arrow, tmp_path):
    path = tmp_path / "x.parquet"
    path.write_bytes(b"".join(parquet.write(FEED, CHANGES)))
    assert set(record.RECORD_FIELDS) <= set(arrow.read_schema(path).names)


def test_parquet_by_day_keeps_an_article_in_one_folder(arrow, tmp_path):
    many = [
        change(
            replace(PLAIN, id=f"urn:x:{n}", first_seen=PLAIN.first_seen + timedelta(days=n % 20))
        )
        for n in range(60)
    ]
    counts = parquet.write_days(tmp_path, many, row_group=2)
    assert len(counts) == 20
    assert set(counts.values()) == {3}
    assert sorted(path.name for path in tmp_path.iterdir()) == sorted(f"day={d}" for d in counts)
    assert arrow.read_table(tmp_path).num_rows == 60
    again = parquet.write_days(tmp_path, [CHANGES[0]])
    assert again == {"2025-11-07": 1}
    assert arrow.read_table(tmp_path).num_rows == 61


# Any text


WORDS = st.text(st.characters(exclude_categories=["Cs", "Cc"]), min_size=1, max_size=30)
VISIBLE = st.text(
    "ابتثجحخ ٠٩،؛abcXYZ019 <>&\"']-/;#.\n\u200f\u0301\U0001f600", min_size=1, max_size=40
)
SOME = (VISIBLE | WORDS).map(legal).filter(lambda text: text.translate(ISOLATES).strip())


def sample(title: str, text: str) -> Record:
    return replace(PLAIN, title=title, summary=text, paragraphs=(text,), html="", authors=(title,))


@settings(deadline=None, max_examples=100)
@given(SOME, SOME)
def test_any_legal_text_survives_atom_and_json(title, text):
    of = sample(title, text)
    root = etree.fromstring(written("atom", [change(of)]))
    assert root.findtext("{*}entry/{*}title").translate(ISOLATES) == title.translate(ISOLATES)
    assert root.findtext("{*}entry/{*}summary").translate(ISOLATES) == text.translate(ISOLATES)
    item = read("json", [change(of)])[0]
    assert item["title"].translate(ISOLATES) == title.translate(ISOLATES)
    assert item["authors"] == [{"name": title}]


@settings(deadline=None, max_examples=100)
@given(SOME, SOME)
def test_any_legal_text_survives_rss(title, text):
    of = sample(title, text)
    entry = read("rss", [change(of)])[0]
    # feedparser drops blanks at the ends, which no display text has.
    assert " ".join(entry.title.translate(ISOLATES).split()) == " ".join(
        expected_by_feedparser(title).translate(ISOLATES).split()
    )
    root = etree.fromstring(written("rss", [change(of)]))
    encoded = root.findtext("channel/item/{http://purl.org/rss/1.0/modules/content/}encoded")
    inside = etree.HTML(encoded, etree.HTMLParser(encoding="utf-8")) if encoded else None
    assert inside is not None
    assert root.findtext("channel/item/{http://purl.org/dc/elements/1.1/}creator") == title


def expected_by_feedparser(title: str) -> str:
    """A title that looks like HTML is written as HTML, and feedparser gives that HTML back."""
    from aggregator.exporters.rss import _LIKE_HTML
    from aggregator.safe_xml import escape

    shown = shared.title(replace(PLAIN, title=title))
    return escape(shown) if _LIKE_HTML.search(shown) else title


@settings(deadline=None, max_examples=100)
@given(
    st.builds(
        replace,
        st.sampled_from(RECORDS),
        title=st.text(min_size=1, max_size=20),
        url=st.text(max_size=20).map(lambda text: f"https://a.example/{text}"),
        summary=st.text(max_size=20),
        paragraphs=st.lists(st.text(max_size=20), max_size=2).map(tuple),
        authors=st.lists(st.text(max_size=9), max_size=2).map(tuple),
        keywords=st.lists(st.text(max_size=9), max_size=2).map(tuple),
        images=st.lists(
            st.builds(Image, url=st.text(max_size=9), alt=st.text(max_size=9)), max_size=2
        ).map(tuple),
    )
)
def test_any_text_at_all_gives_well_formed_documents(of):
    for name in exporters.MODULES:
        document = written(name, [change(of)])
        if name in {"rss", "atom", "opml"}:
            etree.fromstring(document)
        elif name in {"json", "schema_org"}:
            json.loads(document)
        elif name in {"jsonl", "ninjs"}:
            assert [json.loads(line) for line in document.splitlines()]
        elif name == "text":
            assert document.decode()


# Streaming


# pyarrow's memory is not seen here: bench/exports.py measures it.
@pytest.mark.parametrize("name", TEXT_FORMATS)
def test_writers_hold_a_bounded_number_of_articles(name):
    def endless(size):
        for n in range(size):
            yield change(replace(PLAIN, id=f"urn:x:{n}"))

    def peak(size):
        tracemalloc.start()
        try:
            for _ in exporters.exporter(name).write(FEED, endless(size)):
                pass
            return tracemalloc.get_traced_memory()[1]
        finally:
            tracemalloc.stop()

    peak(100)
    # Fifteen hundred more articles of 3 kB would be 4.5 MB.
    assert peak(2700) < peak(1200) + 1_500_000


def test_writers_start_before_the_last_article_is_known():
    def endless():
        while True:
            yield CHANGES[0]

    for name in ("jsonl", "rss", "atom", "json", "ninjs", "schema_org", "text"):
        pieces = list(islice(exporters.exporter(name).write(FEED, endless()), 3))
        assert len(pieces) == 3


# Files


def test_a_file_is_replaced_as_a_whole(tmp_path):
    path = tmp_path / "deep" / "feed.rss"
    assert files.replace(path, [b"one", b"two"]) == 6
    assert path.read_bytes() == b"onetwo"
    path.chmod(0o640)
    files.replace(path, [b"three"], sync=False)
    assert path.read_bytes() == b"three"
    assert path.stat().st_mode & 0o777 == 0o640
    assert [each.name for each in path.parent.iterdir()] == ["feed.rss"]


@pytest.mark.parametrize("name", exporters.MODULES)
def test_an_empty_result_leaves_the_last_good_file(name, tmp_path):
    path = tmp_path / "feed"
    path.write_bytes(b"last good")
    assert files.replace(path, exporters.exporter(name).write(FEED, ())) == 0
    assert path.read_bytes() == b"last good"
    assert len(list(tmp_path.iterdir())) == 1


def test_an_empty_result_makes_a_first_file(tmp_path):
    path = tmp_path / "feed.atom"
    files.replace(path, exporters.exporter("atom").write(FEED, ()))
    assert etree.fromstring(path.read_bytes()).findtext("{*}title") == FEED.title


def test_a_fault_while_writing_leaves_the_last_good_file(tmp_path):
    path = tmp_path / "feed.rss"
    path.write_bytes(b"last good")

    def broken():
        yield b"half"
        raise RuntimeError("the store went away")

    with pytest.raises(RuntimeError):
        files.replace(path, broken())
    assert path.read_bytes() == b"last good"
    assert len(list(tmp_path.iterdir())) == 1


def test_an_unwritable_place_is_one_clear_line(tmp_path):
    (tmp_path / "file").write_bytes(b"")
    with pytest.raises(ExportError) as caught:
        files.replace(tmp_path / "file" / "feed.rss", [b"x"], format_="rss")
    assert str(caught.value).startswith("rss cannot be written: ")
    assert "\n" not in str(caught.value)
    with pytest.raises(ExportError, match="cannot be written"):
        files.replace(tmp_path, [b"x"])


def test_a_full_disk_is_one_clear_line_and_keeps_the_old_file(tmp_path):
    mounted = tmp_path / "small"
    mounted.mkdir()
    command = ["mount", "-t", "tmpfs", "-o", "size=64k", "tmpfs", str(mounted)]
    if subprocess.run(command, capture_output=True, check=False).returncode:
        pytest.skip("needs the right to mount a small tmpfs")
    try:
        path = mounted / "feed.rss"
        files.replace(path, [b"last good"])
        with pytest.raises(ExportError, match=r"rss cannot be written: .*: No space left"):
            files.replace(path, [b"x" * 50_000] * 3, format_="rss")
        assert path.read_bytes() == b"last good"
        assert [each.name for each in mounted.iterdir()] == ["feed.rss"]
    finally:
        subprocess.run(["umount", str(mounted)], check=True)


def test_a_device_is_written_to_and_a_link_followed(tmp_path):
    assert files.replace(Path("/dev/null"), [b"x"]) == 1
    assert Path("/dev/null").is_char_device()
    target, link = tmp_path / "target", tmp_path / "link"
    target.write_bytes(b"old")
    link.symlink_to(target)
    files.replace(link, [b"new"])
    assert link.is_symlink()
    assert target.read_bytes() == b"new"


# Real readers


@pytest.mark.skipif(not shutil.which("newsboat"), reason="needs newsboat (Debian package)")
@pytest.mark.parametrize("name", ["rss", "atom"])
def test_newsboat_reads_titles_dates_and_text(name, tmp_path):
    feed = tmp_path / f"feed{exporters.exporter(name).SUFFIX}"
    feed.write_bytes(written(name, CHANGES[:3]))
    (tmp_path / "urls").write_text(f"file://{feed}\n", encoding="utf-8")
    (tmp_path / "config").write_text("", encoding="utf-8")
    command = ["newsboat", "-u", "urls", "-c", "cache.db", "-C", "config", "-x", "reload"]
    environment = os.environ | {"HOME": str(tmp_path), "LC_ALL": "C.UTF-8"}
    subprocess.run(
        command, cwd=tmp_path, env=environment, check=True, timeout=60, capture_output=True
    )
    database = sqlite3.connect(tmp_path / "cache.db")
    try:
        query = "select guid, title, url, pubDate, content from rss_item order by id"
        rows = {guid: rest for guid, *rest in database.execute(query)}
    finally:
        database.close()
    assert set(rows) == {each.id for each in RECORDS[:3]}
    for of in RECORDS[:3]:
        title, url, seconds, content = rows[of.id]
        assert title.translate(ISOLATES) == of.title
        assert url in {of.url, shared.uri(of.url)}
        assert seconds == int(shared.published(of).timestamp())
        assert of.paragraphs[-1] in content
        assert f'dir="{of.direction}"' in content


@pytest.mark.skipif(not shutil.which("sfeed"), reason="needs sfeed (Debian package)")
@pytest.mark.parametrize("name", ["rss", "atom"])
def test_sfeed_reads_titles_dates_and_text(name):
    document = written(name, CHANGES[:3])
    done = subprocess.run(["sfeed"], input=document, capture_output=True, check=True, timeout=60)
    rows = {
        fields[5]: fields
        for fields in (line.split("\t") for line in done.stdout.decode().splitlines())
    }
    assert set(rows) == {each.id for each in RECORDS[:3]}
    for of in RECORDS[:3]:
        seconds, title, url, content, kind, _, *_ = rows[of.id]
        assert title.translate(ISOLATES) == of.title
        assert url in {of.url, shared.uri(of.url)}
        assert int(seconds) == int(shared.published(of).timestamp())
        assert of.paragraphs[-1] in content
        assert kind == "html"


def test_a_record_of_another_script_keeps_its_source():
    hebrew = replace(
        FRENCH,
        title="ספרייה חדשה ב-Haifa",
        language="he",
        direction="rtl",
        source=SourceRef(
            id="x", name="עיתון", homepage="https://x.example/", country="IL", language="he"
        ),
    )
    entry = read("atom", [change(hebrew)])[0]
    assert entry.title.translate(ISOLATES) == hebrew.title
    assert entry.source.title == "עיתון"


def test_an_article_without_text_is_still_an_entry():
    entry = read("json", [change(MONTH)])[0]
    assert entry["content_text"] == MONTH.title
    assert validators.check("atom", written("atom", [change(MONTH)])) == []
    assert ALWAFD.homepage not in written("rss", [change(MONTH)]).decode()
