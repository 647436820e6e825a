"""Real crawls of articles of several pages, thin pages and live blogs on loopback."""

from dataclasses import replace
from datetime import timedelta

from aggregator.config import Config
from aggregator.extract.joining import MOST_PAGES
from aggregator.store.engine import Store
from tests.crawling import NOW, crawl, log, records
from tests.fakes import Answer, FakeSite, Story, page, paragraphs, publish, source

STORY = Story(1, "تقرير طويل عن ميناء المدينة الجديد", "/news/7200001", guid="g1",
              published=NOW - timedelta(hours=1))  # fmt: skip


def with_pages(site: FakeSite, count: int) -> list[str]:
    """Publish the story on so many pages, each with a text of its own; return all paragraphs."""
    publish(site, [STORY])
    texts: list[str] = []
    for number in range(1, count + 1):
        text = paragraphs(number)
        texts += text
        link = f'<a href="{STORY.path}?page={number + 1}">التالي</a></main>'
        html = page(site.url, replace(STORY, text=text))
        path = STORY.path + (f"?page={number}" if number > 1 else "")
        site.pages[path] = html.replace("</main>", link) if number < count else html
    return texts


def asked(site: FakeSite) -> list[str]:
    return [path for path, _ in site.asked if path.startswith(("/news", "/amp", "/print"))]


def test_an_article_of_three_pages_is_one_article_of_one_version(
    site: FakeSite, store: Store, config: Config
) -> None:
    texts = with_pages(site, 3)
    session = crawl(config, store, [source(site)])
    assert session.failures == []
    assert session.tally["akhbar"]["new"] == 1
    (record,) = records(store)
    assert list(record.paragraphs) == texts
    assert all(text in record.html for text in texts)
    assert (record.title, record.version) == (STORY.title, 1)
    assert asked(site) == [STORY.path, f"{STORY.path}?page=2", f"{STORY.path}?page=3"]


def test_the_pages_of_an_article_are_not_edits_of_it(
    site: FakeSite, store: Store, config: Config
) -> None:
    with_pages(site, 2)
    crawl(config, store, [source(site)])
    site.pages["/feed"] = str(site.pages["/feed"].body, "utf-8").replace(  # type: ignore[union-attr]
        "</item>", f"<description>{'موجز جديد' * 3}</description></item>"
    )
    crawl(config, store, [source(site)], now=NOW + timedelta(hours=1))
    assert asked(site) == [STORY.path, f"{STORY.path}?page=2"] * 2
    assert [change.changed for change in log(store)] == [(), ("summary", "origins")]


def test_next_links_without_end_cost_ten_pages(
    site: FakeSite, store: Store, config: Config
) -> None:
    texts = with_pages(site, MOST_PAGES + 5)
    crawl(config, store, [source(site)])
    (record,) = records(store)
    assert len(asked(site)) == MOST_PAGES
    assert list(record.paragraphs) == texts[: len(paragraphs(1)) * MOST_PAGES]


def test_next_links_in_a_circle_cost_each_page_once(
    site: FakeSite, store: Store, config: Config
) -> None:
    with_pages(site, 2)
    again = page(site.url, replace(STORY, text=paragraphs(2))).replace(
        "</main>", f'<a rel="next" href="{STORY.path}?page=3">3</a></main>'
    )
    site.pages[f"{STORY.path}?page=2"] = again
    site.pages[f"{STORY.path}?page=3"] = Answer(b"", 302, {"Location": f"{STORY.path}?page=2"})
    crawl(config, store, [source(site)])
    (record,) = records(store)
    assert record.paragraphs == (*paragraphs(1), *paragraphs(2))


def test_robots_txt_keeps_us_from_further_pages_too(
    site: FakeSite, store: Store, config: Config
) -> None:
    with_pages(site, 3)
    site.pages["/robots.txt"] = "User-agent: *\nDisallow: /*?page=\n"
    session = crawl(config, store, [source(site)])
    (record,) = records(store)
    assert record.paragraphs == paragraphs(1)
    assert asked(site) == [STORY.path]
    assert session.tally["akhbar"]["new"] == 1


def test_an_article_waits_for_a_page_that_fails_and_comes_whole_in_the_next_run(
    site: FakeSite, store: Store, config: Config
) -> None:
    texts = with_pages(site, 2)
    second = site.pages[f"{STORY.path}?page=2"]
    site.pages[f"{STORY.path}?page=2"] = Answer(b"", 503)
    config = replace(config, retries=0)
    crawl(config, store, [source(site)])
    assert records(store) == []
    site.pages[f"{STORY.path}?page=2"] = second
    crawl(config, store, [source(site)], now=NOW + timedelta(hours=1))
    (record,) = records(store)
    assert list(record.paragraphs) == texts


def test_an_article_does_not_wait_for_ever(site: FakeSite, store: Store, config: Config) -> None:
    with_pages(site, 2)
    site.pages[f"{STORY.path}?page=2"] = Answer(b"", 503)
    for hour in range(4):
        crawl(replace(config, retries=0), store, [source(site)], now=NOW + timedelta(hours=hour))
    (record,) = records(store)
    assert record.paragraphs == paragraphs(1)


def test_a_thin_page_gets_its_text_from_the_amp_version(
    site: FakeSite, store: Store, config: Config
) -> None:
    publish(site, [STORY])
    whole = str(site.pages[STORY.path])
    thin = page(site.url, replace(STORY, text=paragraphs(1)[:1]))
    site.pages[STORY.path] = thin.replace("</head>", '<link rel="amphtml" href="/amp/1"></head>')
    site.pages["/amp/1"] = whole.replace("<html", "<html amp")
    crawl(config, store, [source(site)])
    (record,) = records(store)
    assert record.paragraphs == paragraphs(1)
    assert record.url == f"{site.url}{STORY.path}"
    assert asked(site) == [STORY.path, "/amp/1"]


def test_a_live_blog_grows_by_dated_updates(site: FakeSite, store: Store, config: Config) -> None:
    publish(site, [STORY])
    whole = str(site.pages[STORY.path])

    def live(*minutes: int) -> str:
        updates = ",".join(
            f'{{"headline":"تحديث {minute}","datePublished":"2025-11-10T11:{minute}:00Z",'
            f'"articleBody":"وصلت السفينة رقم {minute} إلى الرصيف."}}'
            for minute in minutes
        )
        return whole.replace(
            "</head>",
            '<script type="application/ld+json">{"@type":"LiveBlogPosting","liveBlogUpdate":['
            f"{updates}]}}</script></head>",
        )

    site.pages[STORY.path] = live(10)
    crawl(config, store, [source(site)])
    publish(site, [replace(STORY, title=STORY.title + " (محدث)")])
    site.pages[STORY.path] = live(20, 10)
    crawl(config, store, [source(site)], now=NOW + timedelta(hours=1))
    (record,) = records(store)
    assert record.paragraphs == (
        *paragraphs(1),
        "2025-11-10 13:20 – تحديث 20",
        "وصلت السفينة رقم 20 إلى الرصيف.",
        "2025-11-10 13:10 – تحديث 10",
        "وصلت السفينة رقم 10 إلى الرصيف.",
    )
    assert record.updated is not None
    assert record.updated.minute == 20
    assert record.version == 2
