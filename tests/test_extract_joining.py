"""Several pages to one article: what is joined, what is refused, and where it ends."""

from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from aggregator.extract import parse
from aggregator.extract.article import read
from aggregator.extract.joining import MOST_PAGES, Gathering, begin, go_on, join
from aggregator.types import Article, Source

SITE = "https://example.org"
LINES = tuple(
    f"الفقرة رقم {n} من التقرير، وفيها من الكلام ما يكفي لأن تعد فقرة من نص صحفي، لا قائمة روابط."
    for n in range(60)
)
SOURCE = Source(
    id="t", name="t", homepage=SITE, country="EG", language="ar", seeds=(), timezone="Africa/Cairo"
)


def markup(lines: tuple[str, ...], after: str = "", head: str = "") -> str:
    return (
        '<html lang=ar><head><meta property="og:type" content="article">'
        f"<title>تقرير طويل عن الميناء</title>{head}</head><body><article>"
        "<h1>تقرير طويل عن الميناء</h1>"
        f"{''.join(f'<p>{line}</p>' for line in lines)}</article>{after}</body></html>"
    )


def first(url: str, html: str) -> Gathering:
    doc = parse(html, url=url, source=SOURCE)
    return begin(doc, read(doc))


def then(gathering: Gathering, html: str, url: str | None = None) -> Gathering:
    doc = parse(html, url=url or gathering.wanted or "", source=SOURCE)
    return go_on(gathering, doc, read(doc))


def test_an_article_of_one_page_wants_nothing_more() -> None:
    gathering = first(f"{SITE}/news/7", markup(LINES[:6], '<a href="/news/8">التالي</a>'))
    assert gathering.wanted is None
    assert gathering.article.paragraphs == LINES[:6]


def test_three_pages_become_one_article() -> None:
    following = '<a href="/news/7?page={}">التالي</a>'
    got = first(f"{SITE}/news/7", markup(LINES[:5], following.format(2)))
    assert (got.wanted, got.why) == (f"{SITE}/news/7?page=2", "next")
    got = then(got, markup((LINES[0], *LINES[5:10]), following.format(3)))
    got = then(got, markup(LINES[10:15]))
    assert got.wanted is None
    assert got.article.paragraphs == LINES[:15]
    assert [got.article.html.count(line) for line in LINES[:15]] == [1] * 15
    assert got.article.url == f"{SITE}/news/7"
    assert f"{SITE}/news/7?page=3" in got.article.addresses


def test_links_that_lead_on_for_ever_end() -> None:
    got = first(f"{SITE}/news/7", markup(LINES[:4], '<a rel=next href="/news/7?page=2">2</a>'))
    asked = 1
    while got.wanted:
        asked += 1
        after = f'<a rel=next href="/news/7?page={asked + 1}">x</a>'
        got = then(got, markup(LINES[asked * 4 : asked * 4 + 4], after))
    assert asked == MOST_PAGES


def test_a_page_that_brings_nothing_new_ends_the_article() -> None:
    comments = '<a rel=next href="/news/7?page={}">2</a>'
    got = first(f"{SITE}/news/7", markup(LINES[:4], comments.format(2)))
    got = then(got, markup(LINES[:4], comments.format(3)))
    assert got.wanted is None
    assert got.article.paragraphs == LINES[:4]
    assert got.article.addresses == first(f"{SITE}/news/7", markup(LINES[:4])).article.addresses


@pytest.mark.parametrize("there", ["https://other.example/news/7?page=2", f"{SITE}/news/7"])
def test_a_page_that_leads_away_or_back_ends_the_article(there: str) -> None:
    got = first(f"{SITE}/news/7", markup(LINES[:4], '<a rel=next href="/news/7?page=2">2</a>'))
    got = then(got, markup(LINES[4:8]), there)
    assert got.wanted is None
    assert got.article.paragraphs == LINES[:4]


AMP = '<link rel=amphtml href="/amp/7">'


def test_a_thin_page_gets_its_text_from_the_fuller_version() -> None:
    got = first(f"{SITE}/news/7", markup(LINES[:1], head=AMP))
    assert (got.wanted, got.why) == (f"{SITE}/amp/7", "fuller")
    got = then(got, markup(LINES[:8]))
    assert got.wanted is None
    assert got.article.paragraphs == LINES[:8]
    assert got.article.url == f"{SITE}/news/7"
    assert any("another version" in note for note in got.article.notes)


def test_a_version_that_says_no_more_changes_nothing() -> None:
    got = first(f"{SITE}/news/7", markup(LINES[:1], '<a href="/print/7">طباعة</a>', AMP))
    assert got.wanted == f"{SITE}/print/7"
    got = then(got, markup(LINES[:1]))
    assert got.wanted == f"{SITE}/amp/7"
    got = then(got, markup(LINES[:1]))
    assert got.wanted is None
    assert got.article.paragraphs == LINES[:1]


@pytest.mark.parametrize(
    "html",
    [
        markup(LINES[:8], head=AMP),
        markup(LINES[:1], head='<link rel=amphtml href="https://cdn.example.net/amp/7">'),
        markup(
            LINES[:1],
            head=AMP + '<script type="application/ld+json">{"@type":"NewsArticle",'
            '"isAccessibleForFree":false}</script>',
        ),
    ],
    ids=["whole", "another site's", "not free to read"],
)
def test_no_other_version_is_asked_for(html: str) -> None:
    assert first(f"{SITE}/news/7", html).wanted is None


LIVE = """<script type="application/ld+json">{"@type":"LiveBlogPosting",
"headline":"تغطية مباشرة","liveBlogUpdate":[
{"@type":"BlogPosting","headline":"وصول الوفد","datePublished":"2025-11-10T12:05:00Z",
 "articleBody":"وصل الوفد إلى المطار وكان في استقباله الوزير."},
{"@type":"BlogPosting","datePublished":"2025-11-10T10:00:00Z","articleBody":"بدأت الجلسة الأولى."}
]}</script>"""


def test_a_live_blog_is_its_introduction_and_dated_updates() -> None:
    body = (
        *LINES[:2],
        "12:05",
        "وصول الوفد",
        "وصل الوفد إلى المطار وكان في استقباله الوزير.",
        "بدأت الجلسة الأولى.",
    )
    article = first(f"{SITE}/live/7", markup(body, head=LIVE)).article
    assert article.paragraphs == (
        *LINES[:2],
        "2025-11-10 14:05 – وصول الوفد",
        "وصل الوفد إلى المطار وكان في استقباله الوزير.",
        "2025-11-10 12:00",
        "بدأت الجلسة الأولى.",
    )
    assert article.updated == datetime(2025, 11, 10, 12, 5, tzinfo=UTC)
    assert '<time datetime="2025-11-10T12:05:00+00:00">2025-11-10 14:05</time>' in article.html
    assert article.html.count("بدأت الجلسة") == 1


@given(st.lists(st.text(max_size=40)), st.lists(st.text(max_size=40)))
def test_joining_adds_and_never_takes_away(ours: list[str], theirs: list[str]) -> None:
    article = Article(url=SITE, paragraphs=tuple(ours), html="<p>x</p>")
    joined = join(article, Article(url=SITE, paragraphs=tuple(theirs), html="<p>y"))
    assert joined.paragraphs[: len(ours)] == tuple(ours)
    assert set(joined.paragraphs) <= {*ours, *theirs}
    assert join(joined, article) is joined
