"""A page parsed once: what stands in its head, and pages meant to hurt."""

import json
import subprocess
import sys
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from aggregator.extract import extract
from aggregator.extract.document import MAX_DEPTH, MAX_TAGS, parse
from aggregator.extract.json_ld import nodes

URL = "https://www.akhbar.example/news/1"

SAID = "<p>قال المصدر إن العمل مستمر حتى نهاية العام، وإن النتائج ستعلن قريبا.</p>" * 3


@pytest.mark.parametrize(
    "page",
    [
        f"<html lang=ar><title>عنوان</title><article><h1>عنوان</h1>{SAID}</article> ذيل",
        f"<title>عنوان</title><main><article><h1>عنوان</h1>{SAID}</article></main>",
        f"<title>عنوان</title><meta charset=utf-8><section><h1>عنوان</h1>{SAID}</section>",
        f"<head><title>عنوان</title><custom-x></custom-x></head><body><h1>عنوان</h1>{SAID}</body>",
        f"<h1>عنوان</h1>{SAID}",
    ],
)
def test_a_page_without_a_body_tag_has_a_body_all_the_same(page):
    doc = parse(page, url=URL)
    assert [child.tag for child in doc.root][-1] == "body"
    assert {node.tag for node in doc.root.iter("h1")} == {"h1"}
    assert all(node.getparent().tag != "head" for node in doc.root.iter("h1", "p", "article"))
    assert len(extract(page, url=URL).paragraphs) == 3


HOSTILE = {
    "nested div": lambda: b"<div>" * 100_000 + b"x",
    "nested b in p": lambda: b"<p>" + b"<b>" * 100_000 + b"x",
    "nested tables": lambda: b"<table><tr><td>" * 30_000,
    "ten megabytes of br": lambda: b"<br>" * 2_500_000,
    "200,000 attributes": lambda: b"<p " + b" ".join(b"a%d=1" % i for i in range(200_000)) + b">x",
    "attributes that hold tags": lambda: b"<p " + b" ".join(b'a%d="<>"' % i for i in range(60_000)),
    "attributes and slashes": lambda: (
        b"<p/" + b"/".join(b"a%d" % i for i in range(200_000)) + b">x"
    ),
    "a megabyte of title": lambda: (
        b"<title>" + b"x" * 1_000_000 + b"</title><h1>" + b"y " * 500_000
    ),
    "five megabytes of JSON-LD": lambda: (
        b'<script type="application/ld+json">' + b'{"a":"b",}' * 500_000 + b"</script>"
    ),
    "deep JSON-LD": lambda: (
        b"<script type=application/ld+json>" + b'{"a":' * 900_000 + b"</script>"
    ),
    "many JSON-LD": lambda: b'<script type=application/ld+json>{"a":"b",}</script>' * 60_000,
    "twenty megabytes of text": lambda: b"<p>" + b"abc " * 5_000_000,
    "only less-than": lambda: b"<" * 5_000_000,
    "open quotes": lambda: b"<a '" * 2_000_000,
    "open comments": lambda: b"<!--" * 2_000_000,
    "NUL bytes": lambda: b"\0" * 1_000_000 + b"<p>x",
    "noise": lambda: bytes(range(256)) * 20_000,
    "a large picture inside": lambda: (
        b'<img src="data:image/png;base64,' + b"A" * 9_000_000 + b'">x'
    ),
    "forty thousand metas": lambda: b'<meta name="a" content="b">' * 40_000,
    "forty thousand headings": lambda: b"<h1>a</h1>" * 40_000,
    "forty thousand links": lambda: b'<link rel=canonical href="/x">' * 40_000,
}

MEASURE = """
import sys
from aggregator.extract import extract
from tests.test_extract_document import HOSTILE
extract(b"<p>warm</p>", url="https://x.example/")
page = HOSTILE[sys.argv[1]]()
peak = lambda: int(open("/proc/self/status").read().partition("VmHWM:")[2].split()[0])
before = peak()
extract(page, url="https://www.akhbar.example/news/1")
print((peak() - before) / 1024)
"""


@pytest.mark.parametrize("page", HOSTILE.values(), ids=HOSTILE.keys())
@pytest.mark.timeout(60)
def test_hostile_page_is_read_or_given_up_in_time(page):
    article = extract(page(), url=URL)
    assert all(paragraph.strip() for paragraph in article.paragraphs)


@pytest.mark.parametrize("name", ["ten megabytes of br", "twenty megabytes of text", "noise"])
def test_hostile_page_costs_at_most_200_mb(name):
    run = subprocess.run(
        [sys.executable, "-c", MEASURE, name],
        capture_output=True,
        text=True,
        check=True,
        cwd=Path(__file__).parents[1],
    )
    assert float(run.stdout) <= 200


def test_head_is_read_once_for_all():
    doc = parse(
        """<html lang="ar-EG"><head><base href="/ar/"><title> عنوان
        الصفحة </title><meta name="Description" content=" وصف "><meta property="og:title"
        content="a"><meta property="og:title" content="b"><meta itemprop="datePublished"
        content="2025"></head><body><h1>أول</h1><h1> </h1><h1>ث<b>ا</b>ن</h1></body></html>""",
        url=URL,
    )
    assert doc.title_tag == "عنوان الصفحة"
    assert doc.language == "ar-EG"
    assert doc.h1 == ("أول", "ثان")
    assert doc.meta["description"] == ("وصف",)
    assert doc.meta["og:title"] == ("a", "b")
    assert doc.first("absent", "og:title") == "a"
    assert doc.base_url == "https://www.akhbar.example/ar/"
    assert doc.absolute("x") == "https://www.akhbar.example/ar/x"
    assert doc.absolute("javascript:x") is None
    assert doc.itemprops["datepublished"][0].get("content") == "2025"
    assert doc.notes == ()


def test_title_inside_a_drawing_is_no_title():
    doc = parse("<body><svg><title>icon</title></svg><p>x", url=URL)
    assert doc.title_tag is None


@pytest.mark.parametrize("encoding", ["utf-8", "windows-1256", "iso-8859-6"])
def test_arabic_bytes_are_read_in_their_encoding(encoding):
    text = f"<meta charset={encoding}><title>وزير الري يتفقد مشروعات الدلتا اليوم</title>"
    doc = parse(text.encode(encoding), url=URL)
    assert doc.title_tag == "وزير الري يتفقد مشروعات الدلتا اليوم"


def test_http_header_may_be_given_whole():
    page = "<title>وزير الري يتفقد مشروعات الدلتا اليوم</title>".encode("windows-1256")
    doc = parse(page, url=URL, charset="text/html; charset=windows-1256")
    assert doc.title_tag == "وزير الري يتفقد مشروعات الدلتا اليوم"


def test_a_declaration_inside_decoded_text_does_not_count():
    doc = parse("<meta charset=windows-1252><title>قمة</title>", url=URL)
    assert doc.title_tag == "قمة"


def test_deep_page_keeps_its_text_up_to_the_bottom():
    doc = parse("<div>" * 1000 + "القاع", url=URL)
    assert "القاع" in "".join(doc.root.itertext())
    assert not doc.root.xpath("/*" * MAX_DEPTH)


def test_page_of_too_many_tags_keeps_its_beginning():
    doc = parse("<h1>رأس</h1>" + "<br>" * (MAX_TAGS + 10) + "<h1>ذيل</h1>", url=URL)
    assert doc.h1 == ("رأس",)
    assert "page cut: too many tags" in doc.notes


def test_comments_and_instructions_are_not_in_the_tree():
    doc = parse("<?xml version='1.0'?><p>a<!-- b --><?php c ?></p>", url=URL)
    assert all(isinstance(node.tag, str) for node in doc.root.iter())


@given(st.one_of(st.binary(max_size=2000), st.text(max_size=2000)))
@settings(max_examples=200, deadline=None)
def test_any_bytes_or_text_become_a_legal_tree(page):
    doc = parse(page, url=URL)
    text = "".join(doc.root.itertext())
    assert not {letter for letter in text if letter < " "} - set("\t\n\r")
    assert not any("\ud800" <= letter <= "\udfff" or letter in "\ufffe\uffff" for letter in text)


PIECES = [
    "<p>", "</p>", "<div", ">", "<", "'", '"', "=", "&", "&#x0;", "&#xD800;", "<br>", "<!--",
    "-->", "<script>", "</script>", "<title>", "</title>", "<h1>",
    "<link rel=canonical href='", "<base href='//[", "<svg>", "<table>", "<td>",
    "<img srcset='", "<noscript>", "<script type='application/ld+json'>", "[", "]", "{", "}",
    ",", ":", '"headline":', "قمة", '{"@type":"NewsArticle",',
    '<meta property="og:title" content="', "\x00", "\ud800", "\ufffe", "\u202e",
]  # fmt: skip
FRAGMENTS = st.lists(st.sampled_from(PIECES), max_size=40)


@given(FRAGMENTS.map("".join))
@settings(max_examples=300, deadline=None)
def test_broken_markup_never_raises(page):
    assert parse(page, url=URL).root is not None


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=20),
    lambda inner: (
        st.lists(inner, max_size=4)
        | st.dictionaries(st.sampled_from(["@type", "@graph", "name", "headline", "url"]), inner)
    ),
    max_leaves=20,
)


@given(JSON)
@settings(max_examples=200, deadline=None)
def test_json_ld_of_any_shape_gives_its_objects(value):
    text = json.dumps(value)
    found, notes = nodes([text])
    assert notes == ()
    assert len(found) == text.count("{") - sum(key.count("{") for key in _strings(value))


@given(JSON, st.integers(0, 200), st.integers(0, 5))
@settings(max_examples=200, deadline=None)
def test_damaged_json_ld_never_raises(value, start, length):
    text = json.dumps(value)
    found, _ = nodes([text[:start] + text[start + length :]])
    assert all(isinstance(node, dict) for node in found)


def _strings(value):
    if isinstance(value, str):
        yield json.dumps(value)
    elif isinstance(value, list):
        for each in value:
            yield from _strings(each)
    elif isinstance(value, dict):
        for each in value.values():
            yield from _strings(each)
