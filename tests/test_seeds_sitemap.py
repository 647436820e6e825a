import gzip
import tracemalloc
from datetime import UTC, datetime

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from aggregator.errors import ParseError
from aggregator.seeds import sitemap
from aggregator.types import Image
from tests.miniweb import World
from tests.seed_cases import parse, rss

URL = "https://akhbar.example/sitemap.xml"
SPACE = (
    'xmlns="http://www.sitemaps.org/schemas/sitemap/0.9" '
    'xmlns:news="http://www.google.com/schemas/sitemap-news/0.9" '
    'xmlns:image="http://www.google.com/schemas/sitemap-image/1.1"'
)


def read(body, **more):
    return parse("sitemap", body, url=URL, **more)


def urlset(*urls):
    return f'<?xml version="1.0" encoding="UTF-8"?><urlset {SPACE}>{"".join(urls)}</urlset>'


def url(loc, more=""):
    return f"<url><loc>{loc}</loc>{more}</url>"


def index(*maps):
    inside = "".join(
        f"<sitemap><loc>{loc}</loc>{f'<lastmod>{day}</lastmod>' if day else ''}</sitemap>"
        for loc, day in maps
    )
    return f"<sitemapindex {SPACE}>{inside}</sitemapindex>"


def test_news_sitemap_says_all_that_an_entry_has():
    body = urlset(
        url(
            " https://akhbar.example/story/71\n",
            "<lastmod>2025-11-07T12:00:00Z</lastmod><news:news><news:publication>"
            "<news:name>أخبار</news:name><news:language>ar</news:language></news:publication>"
            "<news:publication_date>2025-11-07T11:30:00+02:00</news:publication_date>"
            "<news:title>زلزال &amp;amp; أمطار</news:title>"
            "<news:keywords>حوادث، زلازل, مصر</news:keywords></news:news>"
            "<image:image><image:loc>/a.jpg</image:loc><image:caption>ميناء</image:caption>"
            "</image:image>",
        )
    )
    (entry,) = read(body).entries
    assert entry.url == "https://akhbar.example/story/71"
    assert entry.title == "زلزال & أمطار"
    assert entry.published.value == datetime(2025, 11, 7, 9, 30, tzinfo=UTC)
    assert entry.published.origin == "sitemap"
    assert entry.updated.value == datetime(2025, 11, 7, 12, tzinfo=UTC)
    assert entry.categories == ("حوادث", "زلازل", "مصر")
    assert entry.language == "ar"
    assert entry.images == (Image(url="https://akhbar.example/a.jpg", alt="ميناء"),)


def test_entries_stand_newest_first():
    body = urlset(
        url("https://akhbar.example/1", "<lastmod>2025-11-01</lastmod>"),
        url("https://akhbar.example/3", "<lastmod>2025-11-03</lastmod>"),
        url("https://akhbar.example/0"),
        url("https://akhbar.example/2", "<lastmod>2025-11-02</lastmod>"),
    )
    entries = read(body).entries
    assert [e.url[-1] for e in entries] == ["3", "2", "1", "0"]
    assert [e.position for e in entries] == [0, 1, 2, 3]
    assert entries[0].updated.precision == "day"


@pytest.mark.parametrize(
    ("numbers", "first"),
    [(range(10_000, 13_000), 12_999), (range(13_000, 10_000, -1), 13_000)],
    ids=["growing", "falling"],
)
def test_without_dates_the_newest_are_where_the_numbers_are_greatest(numbers, first):
    found = read(urlset(*(url(f"https://akhbar.example/{n}") for n in numbers)))
    assert len(found.entries) == sitemap.NEWEST
    assert found.entries[0].url == f"https://akhbar.example/{first}"
    assert found.notes == ("newest of 3000",)


def test_index_gives_its_maps_news_first_then_newest():
    body = index(
        ("https://akhbar.example/image-sitemap.xml", "2025-11-09"),
        ("https://akhbar.example/post-sitemap1.xml", "2025-01-01"),
        ("https://akhbar.example/post-sitemap2.xml", "2025-11-08"),
        ("/sitemap-news.xml", "2025-11-09"),
        ("https://akhbar.example/category-sitemap.xml", "2025-11-09"),
        (URL, ""),
        ("javascript:x", ""),
    )
    found = read(body)
    assert found.entries == ()
    assert found.next_urls == (
        "https://akhbar.example/sitemap-news.xml",
        "https://akhbar.example/post-sitemap2.xml",
        "https://akhbar.example/post-sitemap1.xml",
        "https://akhbar.example/image-sitemap.xml",
        "https://akhbar.example/category-sitemap.xml",
    )


def test_maps_without_dates_go_by_the_month_or_number_in_their_names():
    names = ["sitemap-2025-09.xml", "sitemap-2025-11.xml", "sitemap-2024-12.xml"]
    found = read(index(*((f"https://akhbar.example/{name}", "") for name in names)))
    assert [u[-11:-4] for u in found.next_urls] == ["2025-11", "2025-09", "2024-12"]
    found = read(index(*((f"https://akhbar.example/sitemap-{n}.xml", "") for n in (1, 10, 9))))
    assert [u.rpartition("-")[2] for u in found.next_urls] == ["10.xml", "9.xml", "1.xml"]


def test_gzip_rss_and_text_are_sitemaps_too():
    body = urlset(url("https://akhbar.example/1"))
    assert len(read(gzip.compress(body.encode())).entries) == 1
    assert read(rss("<item><link>https://akhbar.example/1</link></item>")).format == "rss"
    found = read("\ufeffhttps://akhbar.example/1\r\nhttps://akhbar.example/2\n")
    assert found.format == "text"
    assert [e.url[-1] for e in found.entries] == ["1", "2"]


def test_broken_sitemap_is_read_up_to_its_break():
    body = urlset(*(url(f"https://akhbar.example/{n}?a=1&b=2") for n in range(10)))
    assert len(read(body[: len(body) * 2 // 3]).entries) >= 5
    assert read(body).entries[0].url == "https://akhbar.example/0?a=1&b=2"


def test_namespace_does_not_matter():
    body = "<urlset><url><loc>https://akhbar.example/1</loc></url></urlset>"
    assert len(read(body).entries) == 1
    body = body.replace("<urlset>", '<urlset xmlns="http://www.google.com/schemas/sitemap/0.84">')
    assert len(read(body).entries) == 1


@pytest.mark.parametrize(
    ("body", "reason"),
    [
        ("", "the answer is empty"),
        ("<html><title>404</title></html>", "an HTML page (404) instead of a sitemap"),
        ("User-agent: *\nDisallow: /", "plain text"),
        ("<opml/>", "opml instead of a sitemap"),
    ],
)
def test_what_is_no_sitemap_is_named(body, reason):
    with pytest.raises(ParseError) as caught:
        read(body)
    assert reason in str(caught.value)
    assert caught.value.identity == URL


@pytest.mark.timeout(60)
def test_large_sitemap_is_read_in_time():
    row = "<lastmod>2025-11-07T10:00:00+02:00</lastmod><changefreq>daily</changefreq>"
    body = urlset(*(url(f"https://akhbar.example/story/{n}", row) for n in range(50_000))).encode()
    found = read(gzip.compress(body))
    assert len(found.entries) == sitemap.NEWEST


def test_only_the_newest_are_held():
    body = urlset(*(url(f"https://akhbar.example/{n}" + "x" * 500) for n in range(5_000))).encode()
    tracemalloc.start()
    found = read(body)
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert len(found.entries) == sitemap.NEWEST
    assert peak < 4 * len(body)


def test_entities_are_not_expanded():
    body = (
        '<!DOCTYPE u [<!ENTITY x SYSTEM "file:///etc/hostname">]>'
        + urlset(url("https://akhbar.example/&x;")).partition("?>")[2]
    )
    for entry in read(body).entries:
        assert entry.url in {"https://akhbar.example/", "https://akhbar.example/&x;"}


def test_every_sitemap_of_the_small_web_is_read_whole():
    world = World(sources=40, per_source=12, port=8900).build(0)
    for each in world.sources:
        if each.sitemap == "none":
            continue
        found = set()
        paths = ["/sitemap.xml"]
        while paths:
            path = paths.pop()
            body = world.get(each.host, path)[2]
            parsed = parse("sitemap", body, url=each.base + path)
            found |= {e.url for e in parsed.entries}
            paths += [u.removeprefix(each.base) for u in parsed.next_urls]
        assert len(found) == len(each.live(0))


@settings(max_examples=100, deadline=None)
@given(
    st.lists(
        st.sampled_from(
            [
                *("<urlset>", "<url>", "<loc>", "https://a.example/1", "</loc>", "</url>"),
                *("<lastmod>", "2025-01-01", "<news:news>", "&", "<sitemapindex>", "<sitemap>"),
                *("</sitemap>", "<![CDATA[", "]]>", "\x00", "\ud800", "</urlset>"),
            ]
        ),
        max_size=20,
    )
)
def test_any_text_is_read_or_refused(parts):
    body = "".join(parts).encode("utf-8", "surrogatepass")
    try:
        found = parse("sitemap", body, url=URL)
    except ParseError:
        return
    for entry in found.entries:
        assert entry.url.startswith("http")
