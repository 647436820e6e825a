"""The record's JSON: key order, real letters, round trip, errors that name the key."""

from dataclasses import fields, replace
from datetime import UTC, datetime, timedelta, timezone
from types import MappingProxyType

import orjson
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from aggregator import record
from aggregator.errors import ParseError
from aggregator.safe_xml import legal
from aggregator.types import Change, CopyRef, Image, Record, Related, SourceRef

CAIRO = timezone(timedelta(hours=2))
AT = datetime(2025, 11, 7, 12, 20, 1, 250000, tzinfo=UTC)
SOURCE = SourceRef(
    id="alwafd",
    name="بوابة الوفد",
    homepage="https://alwafd.news/",
    country="EG",
    language="ar",
)
FULL = Record(
    id="urn:uuid:5e0d8b0e-6a35-4d6e-9d0a-3b1f3a1d2c11",
    url="https://alwafd.news/5511",
    title="افتتاح مكتبة في أسوان",
    published=datetime(2025, 11, 7, 14, 15, tzinfo=CAIRO),
    published_precision="minute",
    published_origin="page",
    updated=datetime(2025, 11, 7, 15, 0, tzinfo=CAIRO),
    first_seen=AT,
    paragraphs=("الفقرة الأولى.", "والثانية."),
    html="<p>الفقرة الأولى.</p><p>والثانية.</p>",
    summary="موجز",
    source=SOURCE,
    authors=("منى سالم",),
    categories=("ثقافة",),
    keywords=("أسوان", "مكتبة"),
    related=(
        Related(
            id="urn:uuid:2", url="https://b.example/1", title="ت", source="ب", paragraphs=("ف",)
        ),
        Related(id="urn:uuid:3", url="urn:uuid:3", title="ث"),
    ),
    images=(Image(url="https://alwafd.news/a.jpg", width=800, height=600, alt="صورة"),),
    language="ar",
    direction="rtl",
    credit="رويترز",
    copy_of="urn:uuid:4",
    also_in=(CopyRef(id="urn:uuid:5", source="other", url="https://c.example/2"),),
    cluster="urn:uuid:6",
    version=2,
    free_access=True,
    origins=MappingProxyType({"title": "selector"}),
)
SMALL = Record(
    id="urn:uuid:1",
    url="https://a.example/1",
    title="t",
    first_seen=AT,
    source=SOURCE,
    language="en",
    direction="ltr",
)

HEADER_KEYS = ["schema", "seq", "event", "changed", "at"]
CONTRACT_KEYS = [
    *HEADER_KEYS,
    *("id", "url", "title", "published", "published_precision", "published_origin", "updated"),
    *("first_seen", "paragraphs", "html", "summary", "source", "authors", "categories"),
    *("keywords", "related", "images", "language", "direction", "credit", "copy_of", "also_in"),
    *("cluster", "version", "free_access", "origins"),
]


def change(of: Record = FULL, **values) -> Change:
    return Change(**({"seq": 7, "event": "new", "at": AT, "id": of.id, "record": of} | values))


def test_keys_come_in_the_order_of_the_contract():
    assert list(orjson.loads(record.dump_change(change()))) == CONTRACT_KEYS


def test_record_fields_have_a_reader_each_in_the_same_order():
    assert list(record.RECORD_FIELDS) == [field.name for field in fields(Record)]


def test_letters_are_written_as_letters():
    text = record.dump_change(change()).decode()
    assert "افتتاح مكتبة في أسوان" in text
    assert "\\u" not in text


def test_times_keep_the_offset_of_the_source_and_utc_is_z():
    data = orjson.loads(record.dump_change(change()))
    assert data["published"] == "2025-11-07T14:15:00+02:00"
    assert data["at"] == data["first_seen"] == "2025-11-07T12:20:01.250000Z"


def test_a_new_article_changed_nothing():
    assert orjson.loads(record.dump_change(change()))["changed"] == []


def test_an_edit_names_its_fields():
    made = change(event="edited", changed=("title", "html"))
    assert orjson.loads(record.dump_change(made))["changed"] == ["title", "html"]


def test_a_deleted_article_has_the_six_keys_of_the_contract():
    made = change(event="deleted", record=None, reason="gone")
    assert list(orjson.loads(record.dump_change(made))) == [
        "schema",
        "seq",
        "event",
        "at",
        "id",
        "reason",
    ]


@pytest.mark.parametrize(
    "made",
    [
        change(),
        change(SMALL),
        change(event="edited", changed=("title",)),
        change(event="deleted", record=None, reason="retention"),
        change(event="deleted", record=None),
    ],
    ids=["full", "small", "edited", "deleted", "deleted-without-reason"],
)
def test_a_line_reads_back_as_the_same_change(made):
    written = record.dump_change(made)
    assert written.endswith(b"}\n")
    assert written.count(b"\n") == 1
    assert record.loads(written) == made


def test_stored_bytes_go_out_unchanged_behind_the_header():
    stored = record.dumps(FULL)
    spliced = record.line(seq=7, event="new", at=AT, record_json=stored)
    assert spliced.endswith(stored[1:] + b"\n")
    assert spliced == record.dump_change(change())


def test_a_time_given_as_text_is_written_as_it_stands():
    stored = record.dumps(SMALL)
    spliced = record.line(seq=1, event="new", at="2025-11-07T12:20:01.250000Z", record_json=stored)
    assert spliced == record.dump_change(change(SMALL, seq=1))


def test_a_record_alone_reads_back():
    assert record.load(record.dumps(FULL)) == FULL


def test_a_missing_key_with_a_default_takes_it():
    data = orjson.loads(record.dumps(SMALL))
    del data["keywords"], data["free_access"]
    assert record.load(orjson.dumps(data)) == SMALL


@pytest.mark.parametrize(("key", "value"), [("first_seen", "x"), ("source", 3), ("images", None)])
def test_damage_of_a_stored_record_is_named_by_its_key(key, value):
    data = orjson.loads(record.dumps(SMALL)) | {key: value}
    with pytest.raises(ParseError, match=f"key {key}: must be"):
        record.load(orjson.dumps(data))


def test_a_lone_surrogate_is_left_out():
    assert record.load(record.dumps(replace(SMALL, title="a\ud800b"))).title == "ab"


@pytest.mark.parametrize("text", ["a\x00b", "a\x0bb", "a\x1f\x08b", "\x01ab"])
def test_controls_are_left_out_and_never_written_as_escapes(text):
    data = record.dumps(replace(SMALL, title=text))
    assert b"\\u" not in data
    assert record.load(data).title == "ab"


def test_text_that_looks_like_an_escape_is_kept():
    made = replace(SMALL, title="\\u0041 \\u00e9")
    assert record.load(record.dumps(made)) == made


def test_a_time_without_offset_is_the_callers_fault():
    naive = replace(SMALL, published=datetime(2025, 1, 1))  # noqa: DTZ001
    with pytest.raises(ValueError, match="published of urn:uuid:1 has no offset"):
        record.dumps(naive)


WRONG = [
    ("seq", 0, "key seq: must be a whole number from 1"),
    ("seq", True, "key seq"),
    ("seq", "7", "key seq"),
    ("schema", 2, "key schema: must be 1"),
    ("event", "moved", "key event: must be one of new, edited, deleted"),
    ("event", [], "key event"),
    ("changed", "title", "key changed: must be a list of strings"),
    ("at", "2025-11-07T10:00:00", "key at: must be a time with offset"),
    ("at", None, "key at"),
    ("id", 5, "key id: must be a string"),
    ("title", None, "key title: must be a string"),
    ("published", "yesterday", "key published: must be a time with offset"),
    ("published_precision", "week", "key published_precision: must be one of second"),
    ("paragraphs", ["a", 1], "key paragraphs: must be a list of strings"),
    ("source", "alwafd", "key source: must be an object"),
    (
        "source",
        {"id": "a", "name": "b", "homepage": "c", "country": "d"},
        "source.language: is mis",
    ),
    ("related", [{"id": "a", "url": "b", "title": 3}], "key related[0].title: must be a string"),
    ("related", [{"id": "a", "url": "b"}], "key related[0].title: is missing"),
    ("images", [{"url": "a"}, {"url": "b", "width": -1}], "key images[1].width"),
    ("images", [{"url": "a", "size": 3}], "key images[0].size: is unknown"),
    ("images", {}, "key images: must be a list of objects"),
    ("direction", "up", "key direction: must be one of rtl, ltr"),
    ("version", 0, "key version"),
    ("free_access", 1, "key free_access: must be true, false or null"),
    ("origins", {"title": 1}, "key origins: must be an object of strings"),
    ("titel", "x", "key titel: is unknown, did you mean title?"),
]


@pytest.mark.parametrize(("key", "value", "said"), WRONG, ids=[f"{k}={v!r}" for k, v, _ in WRONG])
def test_a_wrong_value_is_refused_by_the_name_of_its_key(key, value, said):
    data = orjson.loads(record.dump_change(change()))
    data[key] = value
    with pytest.raises(ParseError) as caught:
        record.loads(orjson.dumps(data))
    assert said in str(caught.value)


@pytest.mark.parametrize("key", ["schema", "seq", "event", "at", *record.REQUIRED])
def test_a_missing_key_is_named(key):
    data = orjson.loads(record.dump_change(change()))
    del data[key]
    with pytest.raises(ParseError, match=f"key {key}: "):
        record.loads(orjson.dumps(data))


def test_a_deleted_article_needs_its_id():
    with pytest.raises(ParseError, match="key id: is missing"):
        record.loads('{"schema":1,"seq":1,"event":"deleted","at":"2025-11-07T12:20:01Z"}')


@pytest.mark.parametrize("text", ["", "nonsense", "[1]", "3", '{"a":', b"\xff\xfe", '"\\ud800"'])
def test_what_is_no_object_is_refused(text):
    with pytest.raises(ParseError):
        record.loads(text)


TEXT = st.text(max_size=40).map(legal)
TEXTS = st.lists(TEXT, max_size=3).map(tuple)
MAYBE = st.none() | TEXT
TIMES = st.datetimes(
    min_value=datetime(1900, 1, 1),  # noqa: DTZ001
    max_value=datetime(2100, 1, 1),  # noqa: DTZ001
    timezones=st.integers(-14 * 60, 14 * 60).map(lambda m: timezone(timedelta(minutes=m))),
)
RECORDS = st.builds(
    Record,
    id=TEXT,
    url=TEXT,
    title=TEXT,
    published=st.none() | TIMES,
    published_precision=st.none() | st.sampled_from(["second", "day", "month"]),
    published_origin=MAYBE,
    updated=st.none() | TIMES,
    first_seen=TIMES,
    paragraphs=TEXTS,
    html=TEXT,
    summary=MAYBE,
    source=st.builds(SourceRef, id=TEXT, name=TEXT, homepage=TEXT, country=TEXT, language=TEXT),
    authors=TEXTS,
    keywords=TEXTS,
    related=st.lists(
        st.builds(Related, id=TEXT, url=TEXT, title=TEXT, source=MAYBE, paragraphs=TEXTS),
        max_size=2,
    ).map(tuple),
    images=st.lists(
        st.builds(Image, url=TEXT, width=st.none() | st.integers(0, 2**31), alt=MAYBE), max_size=2
    ).map(tuple),
    language=TEXT,
    direction=st.sampled_from(["rtl", "ltr"]),
    version=st.integers(1, 2**31),
    free_access=st.none() | st.booleans(),
    origins=st.dictionaries(TEXT, TEXT, max_size=3),
)


@settings(deadline=None)
@given(RECORDS, st.integers(1, 2**53))
def test_any_record_reads_back(of, seq):
    made = change(of, seq=seq)
    written = record.dump_change(made)
    assert written.count(b"\n") == 1
    assert record.loads(written) == made


@settings(deadline=None)
@given(st.binary(max_size=200) | st.text(max_size=200))
def test_no_input_gives_another_error(data):
    try:
        record.loads(data)
    except ParseError:
        pass
    else:
        pytest.fail("random bytes were taken for a record")
