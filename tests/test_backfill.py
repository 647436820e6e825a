"""Walking back through maps: the period's articles, each once, at a crawl's pace."""

from collections.abc import Iterable
from datetime import UTC, date, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from aggregator.backfilling import Period, days_in, is_past, maps, within
from aggregator.config import Config
from aggregator.crawl import run
from aggregator.crawl.session import Session
from aggregator.store.engine import Store
from aggregator.types import Entry, Moment, Seed, Source
from tests import crawling, fakes
from tests.crawling import NOW
from tests.fakes import Answer, FakeSite, Story, source

MARCH = Period(date(2025, 3, 1), date(2025, 3, 31))


@pytest.mark.parametrize(
    ("address", "days"),
    [
        ("https://a.example/2025/11/07/story", (date(2025, 11, 7), date(2025, 11, 7))),
        ("https://a.example/2025/1/7/story", (date(2025, 1, 7), date(2025, 1, 7))),
        ("https://a.example/20251107/1", (date(2025, 11, 7), date(2025, 11, 7))),
        ("https://a.example/sitemap-2024-02.xml", (date(2024, 2, 1), date(2024, 2, 29))),
        ("https://a.example/archive/2025/03", (date(2025, 3, 1), date(2025, 3, 31))),
        ("https://a.example/story/202511", None),
        ("https://a.example/story/1202511071", None),
        ("https://2025-11-07.example/story", None),
        ("https://a.example/2025/02/30/x", None),
        ("no address", None),
    ],
)
def test_days_of_an_address(address: str, days: tuple[date, date] | None) -> None:
    assert days_in(address) == days


@given(st.text("0123456789-/._x", max_size=80))
def test_any_path_has_days_or_none(path: str) -> None:
    found = days_in("https://a.example/" + path)
    assert found is None or found[0] <= found[1]


def test_maps_that_cannot_hold_the_period_are_left_out() -> None:
    urls = [
        "https://a.example/sitemap-2025-02.xml",
        "https://a.example/sitemap-2025-03.xml",
        "https://a.example/sitemap-2025-04.xml",
        "https://a.example/sitemap-7.xml",
        "https://a.example/sitemap-8.xml",
    ]
    changed = {urls[3]: datetime(2025, 1, 3, tzinfo=UTC), urls[4]: datetime(2025, 9, 1, tzinfo=UTC)}
    assert list(maps(urls, changed, MARCH)) == [urls[1], urls[4]]


def entry(url: str, published: datetime | None = None, updated: datetime | None = None) -> Entry:
    def moment(value: datetime | None) -> Moment | None:
        return Moment(value=value, precision="second", origin="sitemap") if value else None

    return Entry(url=url, published=moment(published), updated=moment(updated))


def test_entries_of_the_period_and_those_that_do_not_say_are_taken() -> None:
    inside, outside = datetime(2025, 3, 9, tzinfo=UTC), datetime(2025, 5, 1, tzinfo=UTC)
    wanted = [
        entry("https://a.example/1", inside),
        entry("https://a.example/2", inside, outside),
        entry("https://a.example/2025/03/31/3", None, outside),
        entry("https://a.example/4", None, inside),
        entry("https://a.example/5"),
    ]
    others = [
        entry("https://a.example/2025/03/09/6", outside),
        entry("https://a.example/2025/04/01/7", None, inside),
        entry("https://a.example/8", None, outside),
    ]
    assert within([*wanted, *others], MARCH) == wanted
    assert is_past([entry("x", datetime(2025, 2, 1, tzinfo=UTC))], MARCH)
    assert not is_past([entry("x")], MARCH)


# ------------------------------------------------------------------ real crawls


def story(number: int, day: datetime) -> Story:
    return Story(number, f"عنوان الخبر رقم {number} من الميناء", f"/story/{number}", published=day)


def urlset(site: FakeSite, stories: Iterable[Story]) -> str:
    rows = "".join(
        f"<url><loc>{site.url}{each.path}</loc><lastmod>{each.published.isoformat()}</lastmod></url>"
        for each in stories
    )
    return f'<urlset xmlns="http://www.sitemaps.org/schemas/sitemap/0.9">{rows}</urlset>'


def index(site: FakeSite, *paths: str) -> str:
    rows = "".join(f"<sitemap><loc>{site.url}{path}</loc></sitemap>" for path in paths)
    return (
        f'<sitemapindex xmlns="http://www.sitemaps.org/schemas/sitemap/0.9">{rows}</sitemapindex>'
    )


@pytest.fixture
def history(site: FakeSite) -> list[Story]:
    """A site with two months in its sitemaps, the second named by robots.txt alone."""
    february = [story(number, datetime(2025, 2, 5, tzinfo=UTC)) for number in range(4)]
    march = [
        story(number, datetime(2025, 3, 5 + number % 3, tzinfo=UTC)) for number in range(10, 18)
    ]
    site.pages = {
        "/robots.txt": f"User-agent: *\nAllow: /\nSitemap: {site.url}/maps.xml\n",
        "/maps.xml": index(site, "/map-2025-02.xml", "/map-2025-03.xml"),
        "/map-2025-02.xml": urlset(site, february),
        "/map-2025-03.xml": urlset(site, march),
    }
    for each in (*february, *march):
        site.pages[each.path] = fakes.page(site.url, each)
    return march


def backfill(
    config: Config, store: Store, made: Source, period: Period = MARCH, limit: int = 100
) -> Session:
    session = Session(
        config=config, sources={made.id: made}, store=store, now=lambda: NOW, period=period
    )
    try:
        run.run(session, [made.id], limit=limit)
    finally:
        session.close()
    return session


def asked(site: FakeSite, start: str) -> list[str]:
    return sorted(path for path, _ in site.asked if path.startswith(start))


def test_the_sitemaps_of_robots_txt_lead_to_the_period_alone(
    config: Config, store: Store, site: FakeSite, history: list[Story]
) -> None:
    session = backfill(config, store, source(site))
    assert session.failures == []
    found = crawling.records(store)
    assert sorted(record.title for record in found) == sorted(each.title for each in history)
    assert {record.published.month for record in found if record.published} == {3}
    assert asked(site, "/map-") == ["/map-2025-03.xml"]
    assert "/feed" not in [path for path, _ in site.asked]


def test_what_a_limit_left_comes_with_the_same_command_and_nothing_twice(
    config: Config, store: Store, site: FakeSite, history: list[Story]
) -> None:
    backfill(config, store, source(site), limit=3)
    assert len(crawling.records(store)) == 3
    backfill(config, store, source(site))
    backfill(config, store, source(site))
    assert len(crawling.records(store)) == len(history)
    assert asked(site, "/story/") == sorted(each.path for each in history)


def test_what_a_limit_left_comes_with_the_next_crawl_too(
    config: Config, store: Store, site: FakeSite, history: list[Story]
) -> None:
    backfill(config, store, source(site), limit=3)
    site.pages["/feed"] = Answer(fakes.feed(site.url, []).encode())
    crawling.crawl(config, store, [source(site)])
    assert len(crawling.records(store)) == len(history)


def test_pages_of_a_listing_are_followed_until_they_are_older(
    config: Config, store: Store, site: FakeSite
) -> None:
    made = source(site, seeds=(Seed(kind="listing", url=f"{site.url}/news", links="li a"),))
    site.pages = {"/robots.txt": "User-agent: *\nAllow: /\n"}
    start = datetime(2025, 4, 10, tzinfo=UTC)
    for number in range(12):
        pages = [story(number * 10 + n, start - timedelta(days=7 * number)) for n in range(3)]
        rows = "".join(
            f'<li><a href="{each.path}">{each.title}</a>'
            f'<time datetime="{each.published.isoformat()}">x</time></li>'
            for each in pages
        )
        where = f"/news?page={number}" if number else "/news"
        following = f'<a rel="next" href="/news?page={number + 1}">التالي</a>'
        site.pages[where] = f"<html><body><ul>{rows}</ul>{following}</body></html>"
        for each in pages:
            site.pages[each.path] = fakes.page(site.url, each)
    backfill(config, store, made)
    found = {record.published for record in crawling.records(store)}
    assert found == {start - timedelta(days=7 * number) for number in (2, 3, 4, 5)}
    assert len(asked(site, "/news")) == 7  # one more, to see that it is past


def test_a_map_that_cannot_be_read_is_named_and_the_others_go_on(
    config: Config, store: Store, site: FakeSite, history: list[Story]
) -> None:
    site.pages["/maps.xml"] = index(site, "/map-2025-03.xml", "/lost-2025-03.xml")
    session = backfill(config, store, source(site))
    assert len(crawling.records(store)) == len(history)
    assert session.failures == [f"akhbar: {site.url}/lost-2025-03.xml: HTTP 404"]
