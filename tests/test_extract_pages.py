"""Other pages of an article: the next one, other versions, live updates."""

import pytest

from aggregator.extract.document import parse
from aggregator.extract.pages import alternatives, is_further_page, live_updates, next_page

URL = "https://example.org/news/story"


def page(body, url=URL, head="", attributes=""):
    return parse(f"<html {attributes}><head>{head}</head><body>{body}</body></html>", url=url)


HTML = "https://example.org/2026/11/20/story"


@pytest.mark.parametrize(
    ("url", "first", "body", "expected"),
    [
        (URL, None, "<a href='/news/story?page=2'>التالي</a>", f"{URL}?page=2"),
        (URL, None, "<a href='/news/story/2'>Next »</a>", f"{URL}/2"),
        (URL, None, "<a href='story/2'>Next page</a>", f"{URL}/2"),
        (URL, None, "<a href='/news/story/2'>2</a><a href='/news/story/3'>3</a>", f"{URL}/2"),
        (f"{URL}/2", URL, "<a href='../story/1'>1</a><a href='../story/3'>3</a>", f"{URL}/3"),
        (f"{URL}?page=3", URL, "<a rel=next href='?page=4'>»</a>", f"{URL}?page=4"),
        (f"{URL}?page=3", URL, "<a href='?page=2'>السابق</a>", None),
        (f"{URL}-123", None, "<a href='/news/story-123/2'>التالية</a>", f"{URL}-123/2"),
        (URL, None, "<a href='/news/another-story'>التالي</a>", None),
        (URL, None, "<a href='https://other.example/news/story/2'>2</a>", None),
        (URL, None, "<a href='javascript:next()'>التالي</a>", None),
        (f"{HTML}.html", None, "<a href='story-2.html'>Weiter</a>", f"{HTML}-2.html"),
        (f"{HTML}-2.html", f"{HTML}.html", "<a href='story-3.html'>3</a>", f"{HTML}-3.html"),
        ("https://example.org/news/7", None, "<a href='/news/8'>الخبر التالي</a>", None),
        ("https://example.org/news/7", None, "<a rel=next href='/news/8'>التالي</a>", None),
        (f"{URL}/1", None, "<a href='/news/story/2'>التالي</a>", f"{URL}/2"),
        (URL, None, "", None),
    ],
)
def test_next_page_is_one_of_the_same_article(url, first, body, expected):
    assert next_page(page(body, url), first=first) == expected


def test_link_element_names_the_next_page():
    doc = page("<p>x</p>", head="<link rel=next href='/news/story?page=2'>")
    assert next_page(doc) == f"{URL}?page=2"
    other = page("<p>x</p>", head="<link rel=next href='/news/next-story'>")
    assert next_page(other) is None


def test_alternatives_put_print_before_amp():
    doc = page(
        "<a href='/news/story/print'>طباعة</a><a href='https://other.example/print/1'>x</a>"
        "<a href='javascript:print()'>y</a>",
        head="<link rel=amphtml href='/amp/news/story'><link rel=canonical href='/news/other'>",
    )
    assert alternatives(doc) == (f"{URL}/print", "https://example.org/amp/news/story")


def test_an_amp_page_names_its_canonical_page():
    doc = page("", "https://example.org/amp/x", "<link rel=canonical href='/x'>", "amp")
    assert alternatives(doc) == ("https://example.org/x",)


def test_live_updates_from_json_ld_are_dated():
    doc = page(
        "",
        head="""<script type="application/ld+json">{"@type":"LiveBlogPosting","liveBlogUpdate":[
        {"@type":"BlogPosting","headline":"تحديث","datePublished":"2026-11-20T10:00:00+02:00",
         "articleBody":"سطر أول.<br>سطر ثان."},
        {"headline":5},{"articleBody":"بلا وقت","datePublished":"أمس"}]}</script>""",
    )
    first, second = live_updates(doc)
    assert first.title == "تحديث"
    assert first.published.isoformat() == "2026-11-20T10:00:00+02:00"
    assert first.paragraphs == ("سطر أول.", "سطر ثان.")
    assert second.published is None
    assert second.paragraphs == ("بلا وقت",)


def test_live_updates_from_microdata_are_dated():
    doc = page(
        "<div itemprop=liveBlogUpdate><time datetime='2026-11-20T09:30:00Z'>9:30</time>"
        "<h3>عنوان</h3><p>نص التحديث هنا.</p></div>"
    )
    (update,) = live_updates(doc)
    assert update.title == "عنوان"
    assert update.published.isoformat() == "2026-11-20T09:30:00+00:00"
    assert "نص التحديث هنا." in update.paragraphs


def test_no_live_blog_has_no_updates():
    assert live_updates(page("<p>x</p>")) == ()


@pytest.mark.parametrize(
    ("url", "body", "head", "expected"),
    [
        ("https://example.org/n/x?page=2", "<a href='/n/x'>السابق</a>", "", True),
        ("https://example.org/n/x?page=3", "<a href='/n/x?page=2'>prev</a>", "", True),
        ("https://example.org/n/x/2", "", "<link rel=canonical href='/n/x'>", True),
        ("https://example.org/n/x", "<a href='/n/x?page=2'>2</a>", "", False),
        ("https://example.org/7", "<a href='/'>السابق</a>", "", False),
        ("https://example.org/news/7", "<a href='/news'>أخبار</a>", "", False),
        ("https://example.org/news/7", "", "<link rel=canonical href='/news/7'>", False),
    ],
)
def test_a_further_page_says_which_is_the_first(url, body, head, expected):
    assert is_further_page(page(body, url, head)) is expected
