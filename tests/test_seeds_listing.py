from datetime import UTC, datetime

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from aggregator.errors import ParseError
from aggregator.seeds import links
from aggregator.types import Image
from aggregator.urls import canonical
from tests.miniweb import World
from tests.seed_cases import DATA, parse, rss, source

URL = "https://akhbar.example/section/news"
SECTION = (DATA / "seeds" / "section.html").read_text(encoding="utf-8")
TITLES = [
    "زلزال خفيف يضرب الساحل الشمالي دون إصابات",
    "أمطار غزيرة على الإسكندرية ورفع حالة الطوارئ",
    "البنك المركزي يثبت أسعار الفائدة للمرة الثالثة",
]


def read(body, **more):
    return parse("listing", body, url=URL, **more)


@pytest.mark.parametrize(
    ("links", "patterns"),
    [
        ("#infinite .item.tile-boost h3 a, a.card", ()),
        ("//main[@id='infinite']//a", ()),
        ("#infinite .item", ()),
        ("#infinite h3", ()),
        (None, (r"akhbar\.example/\d{6,}$",)),
        (None, ()),
        (".class-that-is-gone a", ()),
        ("a[href", ()),
        ("//a[", ()),
    ],
)
def test_links_are_found_by_selector_by_pattern_and_by_shape(links, patterns):
    found = read(SECTION, links=links, of=source(article_patterns=patterns))
    near = [each for each in found.entries if "ads.example" not in each.url]
    assert [each.title for each in near] == TITLES
    assert [each.url.partition("?")[0] for each in near] == [
        "https://akhbar.example/5596662",
        "https://akhbar.example/5596650",
        "https://www.akhbar.example/5596641",
    ]
    if links is None:
        assert len(near) == len(found.entries)
    gone = "the selector of links finds none" in found.notes
    assert gone == (links in {".class-that-is-gone a", "a[href", "//a["})


def test_date_and_picture_stand_beside_the_link():
    first, second, third = read(SECTION).entries
    assert first.published.value == datetime(2025, 11, 7, 12, 15, tzinfo=UTC)
    assert first.published.origin == "page"
    assert second.published.value.date() == datetime(2025, 11, 6, tzinfo=UTC).date()
    assert third.published is None
    assert first.images == (
        Image(url="https://akhbar.example/images/828/a.jpg", alt="صورة الميناء"),
    )
    assert second.images == third.images == ()


def test_page_says_where_it_goes_on():
    found = read(SECTION)
    assert found.next_urls == ("https://akhbar.example/section/news?page=2",)
    assert found.title == "أخبار وتقارير - بوابة الأخبار"
    assert found.language == "ar"


@pytest.mark.parametrize(
    ("markup", "following"),
    [
        ('<a href="?page=3">التالي</a>', "https://akhbar.example/section/news?page=3"),
        ('<li class="next"><a href="/p/3">3</a></li>', "https://akhbar.example/p/3"),
        ('<a href="https://other.example/3">التالي</a>', None),
        ('<a href="#">التالي</a>', None),
        ("", None),
    ],
)
def test_next_page_is_known_by_relation_class_or_word(markup, following):
    body = SECTION.replace('<link rel="next" href="/section/news?page=2">', "")
    body = body.replace("</main>", markup + "</main>")
    assert read(body).next_urls == ((following,) if following else ())


def test_base_element_counts():
    body = SECTION.replace("<head>", '<head><base href="https://akhbar.example/ar/">')
    body = body.replace('href="/5596662', 'href="5596662')
    assert read(body).entries[0].url == "https://akhbar.example/ar/5596662"


@pytest.mark.parametrize("label", ["header", "meta", "nowhere"])
def test_windows_1256_page_is_read(label):
    meta = "windows-1256" if label == "meta" else "utf-8"
    body = SECTION.replace('charset="utf-8"', f'charset="{meta}"')
    if label == "nowhere":
        body = body.replace('<meta charset="utf-8">', "")
    headers = {"content_type": "text/html; charset=windows-1256"} if label == "header" else {}
    found = read(body.encode("cp1256", "xmlcharrefreplace"), **headers)
    assert [each.title for each in found.entries] == TITLES


def test_feed_in_place_of_a_listing_is_read_as_one():
    found = read(rss("<item><link>https://akhbar.example/1</link></item>"))
    assert found.format == "rss"


@pytest.mark.parametrize(
    ("body", "reason"),
    [
        ("", "the answer is empty"),
        ("<html><body><form><input type=password></form></body></html>", "a login page"),
        ("<html><title>Just a moment...</title></html>", "a challenge page"),
        ("<html><body><p>nothing</p></body></html>", "no link leads to an article"),
        ("plain", "no link leads to an article"),
    ],
)
def test_what_is_no_listing_is_named(body, reason):
    with pytest.raises(ParseError) as caught:
        read(body)
    assert reason in str(caught.value)


def test_every_listing_of_the_small_web_is_read_by_shape():
    world = World(sources=40, per_source=12, port=8900).build(0)
    now = datetime(2025, 11, 10, 9, tzinfo=UTC)
    for each in world.sources:
        _, kind, body, *_ = world.get(each.host, "/")
        home = source(homepage=each.base + "/")
        found = parse("listing", body, url=each.base + "/", of=home, now=now, content_type=kind)
        live = {
            canonical(each.base + a.path(0, world)): a.view(0, world)[0] for a in each.live(0)[:20]
        }
        assert {canonical(e.url): e.title for e in found.entries} == live


@pytest.mark.parametrize(
    ("article", "other"),
    [
        (
            "https://a.example/story/2025/11/7/عنوان-طويل-من-كلمات/6982694",
            "https://a.example/tag/زلزال",
        ),
        ("https://a.example/5596662", "https://a.example/sport"),
        ("https://a.example/article.php?id=551203&cat=2", "https://a.example/index.php?page=about"),
        (
            "https://a.example/2025/11/some-long-slug-of-words/",
            "https://a.example/author/ahmed-ali",
        ),
        ("https://a.example/news/some-long-slug-of-words.html", "https://a.example/a.jpg"),
    ],
)
def test_addresses_of_articles_score_more_than_others(article, other):
    assert links.path_score(article) >= 2 > links.path_score(other)


@pytest.mark.parametrize(
    "body",
    [
        "<div>" * 100_000,
        "<a href=/1>" * 50_000,
        "<p>" + "<a href='/story/12345'>x</a>" * 50_000,
        "<" * 500_000,
        "<a " + "x=y " * 100_000,
        "".join(
            f"<div><div><a href='/s/{n}00000'>عنوان من خمس كلمات طويلة {n}</a>" for n in range(3000)
        ),
    ],
    ids=["deep", "nested", "same", "open", "attributes", "staircase"],
)
@pytest.mark.timeout(60)
def test_hostile_page_is_read_or_refused_in_time(body):
    try:
        found = read(f"<html><body>{body}")
    except ParseError:
        found = None
    assert found is None or len(found.entries) <= 300


@settings(max_examples=100, deadline=None)
@given(
    st.lists(
        st.sampled_from(
            [
                *(
                    "<a href='/story/12345'>",
                    "<a href='http://['>",
                    "عنوان من خمس كلمات طويلة",
                    "</a>",
                ),
                *(
                    "<div class='next'>",
                    "<time datetime='x'>",
                    "<h3>",
                    "<img src='a'>",
                    "\x00",
                    "<",
                ),
                *("<base href='http://['>", "<!--", "<?xml encoding='x'?>", "\ud800", "<template>"),
            ]
        ),
        max_size=20,
    )
)
def test_any_page_is_read_or_refused(parts):
    try:
        found = read("".join(parts).encode("utf-8", "surrogatepass"))
    except ParseError:
        return
    assert all(each.url.startswith("http") for each in found.entries)
