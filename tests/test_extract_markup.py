"""HTML of a body: what the cleaner would leave as it is, whatever the page holds."""

from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from aggregator.extract.body import extract_body
from aggregator.extract.document import parse
from aggregator.sanitize import clean

URL = "https://example.org/news/story"
PAGES = sorted((Path(__file__).parent / "data" / "extract_body").glob("*.html"))


def body_html(page, **options):
    return extract_body(parse(page, url=URL), **options).html


@pytest.mark.parametrize("path", PAGES, ids=lambda path: path.stem)
def test_the_cleaner_finds_nothing_to_do(path):
    html = body_html(path.read_text("utf-8"))
    assert html
    assert clean(html, base_url=URL) == html


WORDS = (
    "text of the story & more", "5 < 6 > 4", 'he said "no"', "\xa0", "it's", "خبر\xa0عاجل", "<br>",
    "&amp;nbsp;", "&lt;script&gt;alert(1)&lt;/script&gt;",
    '<a href="/a?b=1&amp;c=2">', '<a href="javascript:alert(1)">', "<a href=' http://a b/'>",
    '<a href="mailto:x@example.org">', "<a>", "</a>", "<b>", "</b>", "<i> ", "</i>", "<sup>",
    "</sup>",
    "<p>", "</p>", "<div>", "</div>", "<h1>", "</h1>", "<h3>", "</h3>", "<ul><li>", "</li><li>",
    "</li></ul>", "<ol>", "</ol>", "<blockquote>", "</blockquote>", "<figure>", "</figure>",
    "<figcaption>", "</figcaption>", "<dl><dt>", "</dt><dd>", "</dd></dl>", "<pre>\n", "</pre>",
    '<img src="/pictures/large.jpg" alt=\'"<x>"\' width=800 height=600>',
    '<iframe src="https://player.example/embed/1" title="<b>&amp;"></iframe>', '<p dir="RTL">',
    "<video src=javascript:x></video>", "<svg onload=alert(1)>", "</svg>", "<table><tr><td>",
    "</td><td>", "</td></tr></table>", "<caption>",
)  # fmt: skip


@settings(max_examples=300)
@given(st.lists(st.sampled_from(WORDS), max_size=40))
def test_any_soup_is_written_clean(pieces):
    html = body_html(f"<article>{''.join(pieces)}</article>", selectors=["article"])
    assert clean(html, base_url=URL) == html
    assert "javascript:" not in html
    assert "<script" not in html
