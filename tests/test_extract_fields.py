"""Authors, credit, JSON-LD, pictures, sections, addresses and selectors, each by its table."""

import doctest
import json
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from aggregator import extract
from aggregator.extract import (
    authors,
    credit,
    images,
    json_ld,
    lenient_json,
    metadata,
    opening,
    selectors,
)
from aggregator.extract.address import find_address
from aggregator.extract.authors import clean_names, find_authors
from aggregator.extract.credit import find_credit, is_credit_line
from aggregator.extract.document import parse
from aggregator.types import Entry, Image, Source

DATA = Path(__file__).parent / "data/extract"
LD = '<script type="application/ld+json">%s</script>'
URL = "https://www.akhbar.example/news/12345/slug"


def table(name):
    return [json.loads(line) for line in (DATA / name).read_text("utf-8").splitlines()]


def credit_cases():
    for line in (DATA / "credits.tsv").read_text("utf-8").splitlines():
        if not line.startswith("#"):
            expected, text = line.split("\t")
            yield pytest.param(None if expected == "-" else expected, text.split(" ¶ "), id=line)


@pytest.mark.parametrize(("expected", "paragraphs"), list(credit_cases()))
def test_agency_is_credited_where_texts_credit(expected, paragraphs):
    assert find_credit(paragraphs) == expected


def credit_lines():
    for line in (DATA / "credit_lines.tsv").read_text("utf-8").splitlines():
        if not line.startswith("#"):
            only, text = line.split("\t")
            yield pytest.param(only == "1", text, id=text)


@pytest.mark.parametrize(("only", "text"), list(credit_lines()))
def test_line_that_is_only_a_credit_is_known(only, text):
    assert is_credit_line(text) is only


@given(st.text("بيروتعمانقوافس (رويترز)-–/:20ـAFP.", max_size=300))
def test_credit_of_any_text_is_found_or_none(text):
    found = find_credit([text])
    assert found is None or isinstance(found, str)
    if is_credit_line(text):
        assert find_credit([text]) is not None


def test_agency_in_the_byline_is_a_credit():
    assert find_credit(["قال الوزير إن الخطة تبدأ غدا."], ["رويترز"]) == "رويترز"
    assert find_credit(["Officials said."], ["Jane Doe", "Associated Press"]) == "AP"
    assert find_credit(["Officials said."], ["Jane Doe"]) is None


@pytest.mark.parametrize("case", table("bylines.jsonl"), ids=lambda case: str(case["raw"]))
def test_bylines_become_names(case):
    assert list(clean_names(case["raw"], case["language"])) == case["expected"]


@pytest.mark.parametrize("case", table("json_ld.jsonl"), ids=lambda case: case["note"])
def test_json_ld_is_read_as_meant(case):
    found, notes = json_ld.nodes([case["text"]])
    node = json_ld.main(found, URL)
    assert (node or {}).get("headline") == case["headline"]
    if case["note"] in {"clean", "graph", "array", "empty"}:
        assert notes == ()
    if node is None and case["text"]:
        assert notes == ("json-ld broken",)


def test_article_with_the_pages_own_address_is_the_main_one():
    other = {"@type": "NewsArticle", "headline": "x", "url": "https://www.akhbar.example/news/1/x"}
    own = {"@type": "NewsArticle", "headline": "own", "mainEntityOfPage": {"@id": URL}}
    found, _ = json_ld.nodes([json.dumps([other, own])])
    node = json_ld.main(found, URL)
    assert node is not None
    assert node["headline"] == "own"


@pytest.mark.parametrize(
    "text",
    [
        '"' * 100_000,
        "[" * 100_000,
        '{"a":' * 50_000,
        '"a' * 50_000,
        "\\" * 100_000,
        '{"a":"b' * 30_000,
    ],
)
def test_hostile_json_is_read_in_bounded_depth(text):
    assert isinstance(lenient_json.values(text), list)
    assert json_ld.nodes([text])[0] is not None


def test_authors_by_reference_are_looked_up():
    doc = parse(
        '<script type="application/ld+json">{"@graph":[{"@type":"Article","author":{"@id":"#p"}},'
        '{"@type":"Person","@id":"#p","name":"سارة أحمد"}]}</script>',
        url=URL,
    )
    node = json_ld.main(doc.json_ld, URL)
    assert find_authors(doc, node=node, language="ar", names=()) == (("سارة أحمد",), "json_ld")


@pytest.mark.parametrize(
    "html",
    [
        "<p class=byline>كتب: محمد علي</p>",
        "<div itemscope><span itemprop=author><span itemprop=name>محمد علي</span></span></div>",
        "<a rel=author href=/writers/7>محمد علي</a>",
        "<a href=/author/7>محمد علي</a>",
        "<meta name=author content='محمد علي'>",
    ],
)
def test_authors_are_found_where_pages_put_them(html):
    names, _ = find_authors(parse(html, url=URL), node=None, language="ar", names=("الوفد",))
    assert names == ("محمد علي",)


def test_name_of_the_site_is_no_author():
    doc = parse("<meta name=author content='بوابة الوفد'>", url=URL)
    assert find_authors(doc, node=None, language="ar", names=("بوابة الوفد",)) == ((), None)


# -- pictures


def shown(html, **more):
    doc = parse(html, url=URL)
    node = json_ld.main(doc.json_ld, URL)
    found, origin = images.find_images(doc, node=node, language="ar", **more)
    return [image.url for image in found], origin


def test_lead_picture_comes_first_and_once():
    urls, origin = shown(
        '<script type="application/ld+json">{"@type":"NewsArticle","image":{"url":"/a.jpg",'
        '"width":"1200","height":675}}</script><meta property="og:image" content="/a-300x200.jpg">'
        '<meta property="og:image" content="/b.jpg">',
        body=(Image(url="https://www.akhbar.example/b.jpg?w=100"),),
    )
    assert urls == ["https://www.akhbar.example/a.jpg", "https://www.akhbar.example/b.jpg"]
    assert origin == "json_ld"


@pytest.mark.parametrize(
    ("html", "expected"),
    [
        ("<img src=/a.jpg>", "/a.jpg"),
        ("<img src=data:image/gif;base64,R0 data-src=/a.jpg>", "/a.jpg"),
        ("<img src=/blank.gif data-original='/a.jpg'>", "/a.jpg"),
        ("<img srcset='/s.jpg 300w, /l.jpg 1200w'>", "/l.jpg"),
        ("<img srcset='/s.jpg 1x, /l.jpg 2x'>", "/l.jpg"),
        ("<picture><source srcset='/l.webp 800w'><img src='data:,'></picture>", "/l.webp"),
        ("<img src='data:,'><noscript><img src=/a.jpg></noscript>", "/a.jpg"),
        ("<amp-img src=/a.jpg></amp-img>", "/a.jpg"),
        ("<a class=x href=/a.jpg></a>", "/a.jpg"),
        ("<img src='  /a.jpg '>", "/a.jpg"),
        ("<img src='javascript:x'>", None),
    ],
)
def test_picture_of_an_element_is_made_whole(html, expected):
    doc = parse(f"<body><div id=d>{html}</div></body>", url=URL)
    element = doc.root.get_element_by_id("d")[0]
    found = images.from_element(element, URL)
    whole = f"https://www.akhbar.example{expected}" if expected else None
    assert (found.url if found else None) == whole


def test_size_and_description_of_a_picture():
    doc = parse("<img src=/a.jpg width=640px height='480' alt=' قمة  عربية '>", url=URL)
    found = images.from_element(next(doc.root.iter("img")), URL)
    assert found == Image(
        url="https://www.akhbar.example/a.jpg", width=640, height=480, alt="قمة عربية"
    )


@pytest.mark.parametrize(
    "url",
    [
        "https://x.example/logo.png",
        "https://x.example/img/placeholder.jpg",
        "https://x.example/a.svg",
    ],
)
def test_furniture_is_no_picture(url):
    assert not images.is_picture(Image(url=url))


def test_pixel_is_no_picture():
    assert not images.is_picture(Image(url="https://x.example/p.jpg", width=1, height=1))


# -- sections, summary, access


def test_sections_come_before_tags_and_furniture_goes():
    doc = parse(
        '<script type="application/ld+json">{"@type":"NewsArticle","articleSection":["سياسة"],'
        '"keywords":"غزة، مصر, سياسة"}</script><meta property="article:tag" content="قمة">'
        "<a rel=tag href=/t>الرئيسية</a><a rel='nofollow tag' href=/t>القاهرة</a>",
        url=URL,
    )
    node = json_ld.main(doc.json_ld, URL)
    found, origin = metadata.find_categories(doc, node=node, language="ar", names=())
    assert found == ("سياسة", "غزة", "مصر", "قمة", "القاهرة")
    assert origin == "json_ld"


def test_breadcrumbs_give_the_section_between_home_and_article():
    doc = parse(
        '<h1>خبر اليوم</h1><script type="application/ld+json">{"@type":"BreadcrumbList",'
        '"itemListElement":[{"name":"الرئيسية"},{"item":{"name":"رياضة"}},{"name":"خبر اليوم"}]}'
        "</script>",
        url=URL,
    )
    found, _ = metadata.find_categories(doc, node=None, language="ar", names=())
    assert found == ("رياضة",)


@pytest.mark.parametrize(
    ("html", "expected"),
    [
        (LD % '{"@type":"Article","isAccessibleForFree":"False"}', False),
        (LD % '{"@type":"Article","isAccessibleForFree":true}', True),
        ('<meta itemprop="isAccessibleForFree" content="false">', False),
        ('<meta property="article:content_tier" content="locked">', False),
        ('<meta property="article:content_tier" content="free">', True),
        ("<p>x</p>", None),
    ],
)
def test_page_says_whether_it_is_free(html, expected):
    doc = parse(html, url=URL)
    assert metadata.free_access(doc, json_ld.main(doc.json_ld, URL)) is expected


def test_summary_that_repeats_the_title_is_none():
    doc = parse("<meta name=description content='عنوان هذا الخبر الطويل'>", url=URL)
    found = metadata.find_summary(
        doc, node=None, language="ar", title="عنوان هذا الخبر الطويل", names=()
    )
    assert found is None


# -- addresses

SOURCE = Source(
    id="akhbar",
    name="أخبار",
    homepage="https://akhbar.example/",
    country="EG",
    language="ar",
    seeds=(),
    hosts=("akhbar-cdn.example",),
    identity_patterns=(r"/news/(\d+)/",),
)


@pytest.mark.parametrize(
    ("canonical", "expected"),
    [
        (
            "https://www.akhbar.example/news/12345/new-slug?utm_source=x",
            "https://www.akhbar.example/news/12345/new-slug",
        ),
        ("/news/12345/slug", URL),
        ("http://www.akhbar.example/news/12345/slug", URL),
        ("https://www.akhbar.example/", URL),
        ("https://www.akhbar.example/news", URL),
        ("https://www.akhbar.example/news/99999/other", URL),
        ("https://elsewhere.example/news/12345/slug", URL),
        (
            "https://akhbar-cdn.example/news/12345/slug",
            "https://akhbar-cdn.example/news/12345/slug",
        ),
        ("javascript:void(0)", URL),
        ("", URL),
    ],
)
def test_canonical_link_wins_where_it_is_believable(canonical, expected):
    doc = parse(f"<link rel=canonical href='{canonical}'>", url=URL, source=SOURCE)
    assert find_address(doc)[0] == expected


def test_all_other_addresses_are_kept():
    doc = parse(
        f"<link rel=canonical href='{URL}'><link rel=amphtml href='/amp/12345'>"
        "<link rel=shortlink href='/?p=12345'>"
        "<meta property=og:url content='/news/12345/slug?x=1'>",
        url=f"{URL}?utm_source=feed",
    )
    shown, _, others, notes = find_address(
        doc,
        redirects=["http://akhbar.example/r/12345"],
        entry=Entry(url="https://www.akhbar.example/go?id=12345"),
    )
    assert shown == URL
    assert notes == ()
    assert set(others) == {
        "https://www.akhbar.example/amp/12345",
        "https://www.akhbar.example/?p=12345",
        "https://www.akhbar.example/news/12345/slug?x=1",
        f"{URL}?utm_source=feed",
        "http://akhbar.example/r/12345",
        "https://www.akhbar.example/go?id=12345",
    }


def test_home_page_is_nobodys_address():
    doc = parse("<meta property=og:url content='https://www.akhbar.example/'>", url=URL)
    assert find_address(doc)[2] == ()


# -- selectors


@pytest.mark.parametrize(
    ("selector", "expected"),
    [
        (".news-post h1", ["عنوان"]),
        ("//h1", ["عنوان"]),
        ("(//p)[1]", ["أول"]),
        ("//meta[@name='d']/@content", ["2025"]),
        ("meta[name=d]::attr(content)", ["2025"]),
        ("h1::text", ["عنوان"]),
        ("meta[name=d]", ["2025"]),
        ("count(//p)", []),
        (".absent", []),
        ("p[", []),
        ("//p[", []),
        ("", []),
    ],
)
def test_selectors_are_css_or_xpath(selector, expected):
    doc = parse(
        "<meta name=d content=2025><div class=news-post><h1> عنوان </h1></div><p>أول</p><p>ثان</p>",
        url=URL,
    )
    assert selectors.texts(doc, (selector,)) == expected


@pytest.mark.parametrize("module", [authors, credit, lenient_json, opening], ids=str)
def test_examples_in_the_docstrings_hold(module):
    assert doctest.testmod(module).failed == 0


def test_second_selector_serves_where_the_first_finds_nothing():
    doc = parse("<h2>عنوان</h2>", url=URL)
    assert selectors.texts(doc, ("h1", "h2")) == ["عنوان"]


def test_faulty_selector_says_why():
    assert selectors.fault("p[") is not None
    assert selectors.fault("//p[") is not None
    assert selectors.fault(".paragraph-list p") is None


@pytest.mark.parametrize(
    ("line", "closing"),
    [("الرياض - واس", ""), ("<strong>القاهرة (رويترز)</strong>", ""), ("", "(أ ف ب)")],
)
def test_a_line_that_is_nothing_but_a_credit_is_no_paragraph(line, closing):
    text = [
        f"الفقرة رقم {n} من الخبر، وفيها كلام كثير عن الموضوع كما قال المصدر." for n in range(5)
    ]
    parts = [part for part in (line, *text, closing) if part]
    body = "".join(f"<p>{part}</p>" for part in parts)
    found = extract.extract(
        f"<html><body><article><h1>عنوان الخبر</h1>{body}</article></body></html>",
        url="https://akhbar.example/1",
    )
    assert found.credit
    assert list(found.paragraphs) == text
    assert found.html.count("<p>") == len(text)
