"""Whole pages to whole articles: ours, written for this; and any page at all."""

import json
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from aggregator.extract import extract
from aggregator.types import Entry, Source
from tests.test_extract_document import FRAGMENTS

PAGES = Path(__file__).parent / "data/extract/pages"
NOW = datetime(2025, 11, 10, 12, tzinfo=UTC)
URL = "https://www.akhbar.example/news/1"
SOURCE = Source(
    id="akhbar",
    name="أخبار",
    homepage="https://akhbar.example/",
    country="EG",
    language="ar",
    seeds=(),
)
WORDS = ("الأول", "الثاني", "الثالث", "الرابع", "الخامس", "السادس")
LONG = "<p>" + "جملة من الخبر فيها كلمات كافية، ثم جملة أخرى تتبعها. " * 8 + "</p>"
TEXT = "".join(
    f"<p>قال المتحدث {word} إن الأعمال في الجزء {word} من المشروع تتقدم كما خطط لها، وإن السكان"
    f" سيعودون إلى بيوتهم قبل نهاية العام، ثم شكر المتطوعين في القسم {word} على صبرهم.</p>"
    for word in WORDS
)


def load(name):
    case = json.loads((PAGES / f"{name}.json").read_text("utf-8"))
    page = (PAGES / f"{name}.html").read_text("utf-8").encode(case.get("encoding", "utf-8"))
    source = None
    if "source" in case:
        selectors = {key: tuple(value) for key, value in case["source"]["selectors"].items()}
        source = Source(**{**case["source"], "selectors": selectors, "seeds": ()})
    return extract(page, url=case["url"], source=source, now=NOW), case["expected"]


@pytest.mark.parametrize("name", sorted(path.stem for path in PAGES.glob("*.json")))
def test_page_becomes_the_article_that_it_is(name):
    article, expected = load(name)
    got = {
        "published": article.published.isoformat() if article.published else None,
        "updated": article.updated.isoformat() if article.updated else None,
        "paragraphs": len(article.paragraphs),
        "image": article.images[0].url if article.images else None,
        "kind": article.verdict.kind,
        "origins": {name: article.origins.get(name) for name in expected.get("origins", ())},
        **{name: list(getattr(article, name)) for name in ("authors", "categories", "notes")},
        **{
            name: getattr(article, name)
            for name in (
                "url",
                "title",
                "summary",
                "language",
                "direction",
                "credit",
                "free_access",
            )
        },
    }
    wanted = {name: value for name, value in expected.items() if name not in {"first", "last"}}
    assert {name: got[name] for name in wanted} == wanted
    assert article.paragraphs[0].startswith(expected["first"])
    assert article.paragraphs[-1].startswith(expected["last"])


def test_every_field_that_is_found_has_an_origin():
    article, _ = load("graph")
    found = {
        name
        for name in ("title", "url", "published", "updated", "paragraphs", "summary", "authors")
        if getattr(article, name)
    }
    assert found <= set(article.origins)
    assert all(article.origins.values())


def test_fuller_text_of_the_entry_stands_in_for_a_thin_page():
    entry = Entry(url=URL, title="عنوان الخبر", html=LONG * 3)
    page = "<h1>عنوان الخبر</h1><p>للمزيد اشترك.</p>"
    article = extract(page, url=URL, source=SOURCE, entry=entry, now=NOW)
    assert len(article.paragraphs) == 3
    assert article.origins["paragraphs"] == "feed"


def test_entry_does_not_replace_a_full_page():
    entry = Entry(url=URL, title="عنوان الخبر", html="<p>مقتطف قصير من الخبر.</p>")
    page = f"<article><h1>عنوان الخبر</h1>{TEXT}</article>"
    article = extract(page, url=URL, source=SOURCE, entry=entry, now=NOW)
    assert article.origins["paragraphs"] != "feed"
    assert sum(map(len, article.paragraphs)) > 500


def test_feed_source_keeps_the_feeds_text():
    entry = Entry(url=URL, title="عنوان الخبر", html=LONG)
    page = f"<article><h1>عنوان الخبر</h1>{TEXT}</article>"
    source = replace(SOURCE, full_text="feed")
    article = extract(page, url=URL, source=source, entry=entry, now=NOW)
    assert len(article.paragraphs) == 1


def test_article_body_of_json_ld_stands_in_for_an_empty_page():
    first = "الفقرة الأولى من الخبر وفيها ما يكفي من الكلمات لتقرأ."
    body = first + "\\n\\nالفقرة الثانية منه كذلك، ثم كلمات أخرى."
    page = (
        '<script type="application/ld+json">{"@type":"NewsArticle","headline":"عنوان",'
        f'"articleBody":"{body}"}}</script><h1>عنوان</h1><div id=app></div>'
    )
    article = extract(page, url=URL, now=NOW)
    assert len(article.paragraphs) == 2
    assert article.origins["paragraphs"] == "json_ld"
    assert article.html.count("<p>") == 2


def test_header_names_the_charset():
    page = "<h1>وزير الري يتفقد مشروعات الدلتا</h1>".encode("windows-1256")
    headers = {"content-type": "text/html; charset=windows-1256"}
    assert extract(page, url=URL, headers=headers).title == "وزير الري يتفقد مشروعات الدلتا"


def test_titles_language_outweighs_what_the_page_declares():
    article = extract(f"<html lang=en><h1>عنوان الخبر</h1>{TEXT}", url=URL, now=NOW)
    assert (article.language, article.direction) == ("ar", "rtl")


def test_redirects_become_addresses():
    article = extract("<h1>x</h1>", url=URL, redirects=["https://akhbar.example/r/1"])
    assert "https://akhbar.example/r/1" in article.addresses


def assert_legal(article):
    texts = [article.title, article.summary, article.html, article.credit, article.url]
    texts += [*article.paragraphs, *article.authors, *article.categories, *article.addresses]
    texts += [image.url for image in article.images] + [image.alt for image in article.images]
    for text in filter(None, texts):
        assert not [
            letter
            for letter in text
            if (letter < " " and letter not in "\t\n\r")
            or "\ud800" <= letter <= "\udfff"
            or letter in "\ufffe\uffff"
        ]
    for text in filter(None, (article.title, article.summary, *article.paragraphs)):
        assert not set(text) & set("\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069")
        assert text.strip() == text
    assert article.published is None or article.published.tzinfo is not None


@given(st.one_of(st.binary(max_size=1000), st.text(max_size=1000), FRAGMENTS.map("".join)))
@settings(max_examples=150, deadline=None)
def test_any_page_gives_an_article_of_legal_characters(page):
    assert_legal(extract(page, url=URL, source=SOURCE, now=NOW))


@given(
    st.fixed_dictionaries(
        {},
        optional={
            name: st.recursive(
                st.none() | st.booleans() | st.integers() | st.text(max_size=30),
                lambda inner: st.lists(inner, max_size=3)
                | st.dictionaries(
                    st.sampled_from(["@id", "@type", "name", "url", "width", "item", "@value"]),
                    inner,
                    max_size=3,
                ),
                max_leaves=5,
            )
            for name in (
                "headline", "author", "image", "datePublished", "dateModified", "articleBody",
                "articleSection", "keywords", "description", "isAccessibleForFree", "publisher",
                "mainEntityOfPage", "url", "creditText", "inLanguage", "itemListElement", "@id",
            )
        },
    )
)  # fmt: skip
@settings(max_examples=150, deadline=None)
def test_json_ld_of_wrong_shapes_never_raises(fields):
    node = json.dumps({"@type": ["NewsArticle", "BreadcrumbList"], **fields})
    page = f'<script type="application/ld+json">{node}</script><h1>عنوان</h1>{LONG}'
    article = extract(page, url=URL, source=SOURCE, now=NOW)
    assert_legal(article)
    assert article.title


@given(st.text(max_size=200), st.text(max_size=200), st.text(max_size=60))
@settings(max_examples=150, deadline=None)
def test_metadata_of_any_text_never_raises(title, author, address):
    from html import escape

    page = (
        f"<title>{escape(title)}</title><h1>{escape(author)}</h1>"
        f"<meta name=author content='{escape(author)}'>"
        f"<link rel=canonical href='{escape(address)}'>"
        f"<meta property='og:image' content='{escape(address)}'>"
        f"<meta property='og:title' content='{escape(title)}'><img srcset='{escape(address)}'>"
    )
    assert_legal(extract(page, url=URL, source=SOURCE, now=NOW))
