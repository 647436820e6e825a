"""Real crawls of sites on loopback: one for each kind of seed, and for what goes wrong."""

import json
import os
import signal
import subprocess
import sys
import time
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
import yaml

from aggregator.config import Config
from aggregator.crawl.due import due
from aggregator.crawl.session import Session
from aggregator.store import crawling
from aggregator.store.checks import problems
from aggregator.store.engine import Store
from aggregator.types import Seed
from aggregator.watching import health_of
from tests.crawling import NOW, crawl, log, records
from tests.fakes import Answer, FakeSite, Story, feed, number_in, page, paragraphs, publish, source

STORIES = [
    Story(n, f"عنوان الخبر {word} في نشرة اليوم", f"/news/{7_200_000 + n}", guid=f"g{n}",
          published=NOW - timedelta(hours=n))
    for n, word in enumerate(("الأول", "الثاني", "الثالث", "الرابع"), start=1)
]  # fmt: skip


def numbers(store: Store) -> list[int]:
    return sorted(number_in(record.paragraphs) for record in records(store))


def later(hours: float = 1) -> Any:
    return NOW + timedelta(hours=hours)


# ------------------------------------------------------------------ kinds of seeds


def test_a_feed_is_crawled(site: FakeSite, store: Store, config: Config) -> None:
    publish(site, STORIES)
    session = crawl(config, store, [source(site)])
    assert session.failures == []
    assert numbers(store) == [1, 2, 3, 4]
    first = next(each for each in records(store) if number_in(each.paragraphs) == 1)
    assert first.title == STORIES[0].title
    assert first.published == STORIES[0].published
    assert first.source.name == "صحيفة الاختبار"
    assert (first.language, first.direction) == ("ar", "rtl")
    assert first.origins["title"]


def test_a_sitemap_is_crawled(site: FakeSite, store: Store, config: Config) -> None:
    publish(site, STORIES)
    urls = "".join(
        f"<url><loc>{site.url}{story.path}</loc><news:news><news:publication><news:name>س"
        f"</news:name><news:language>ar</news:language></news:publication>"
        f"<news:publication_date>{story.published.isoformat()}</news:publication_date>"
        f"<news:title>{story.title}</news:title></news:news></url>"
        for story in STORIES
    )
    site.pages["/map.xml"] = (
        '<?xml version="1.0"?><urlset xmlns="http://www.sitemaps.org/schemas/sitemap/0.9" '
        f'xmlns:news="http://www.google.com/schemas/sitemap-news/0.9">{urls}</urlset>'
    )
    site.pages["/index.xml"] = (
        '<?xml version="1.0"?><sitemapindex xmlns="http://www.sitemaps.org/schemas/sitemap/0.9">'
        f"<sitemap><loc>{site.url}/map.xml</loc></sitemap></sitemapindex>"
    )
    seeds = (Seed(kind="sitemap", url=f"{site.url}/index.xml"),)
    crawl(config, store, [source(site, seeds=seeds)])
    assert numbers(store) == [1, 2, 3, 4]


def test_a_listing_is_crawled(site: FakeSite, store: Store, config: Config) -> None:
    publish(site, STORIES)
    links = "".join(
        f'<div class="item"><a href="{story.path}">{story.title}</a></div>' for story in STORIES
    )
    site.pages["/section"] = f'<html><body><a href="/about">من نحن</a>{links}</body></html>'
    seeds = (Seed(kind="listing", url=f"{site.url}/section", links=".item a"),)
    crawl(config, store, [source(site, seeds=seeds)])
    assert numbers(store) == [1, 2, 3, 4]
    assert "/about" not in [path for path, _ in site.asked]


def test_a_feed_with_the_whole_text_needs_no_pages(
    site: FakeSite, store: Store, config: Config
) -> None:
    publish(site, [])
    text = "".join(f"<p>{line}</p>" for line in (*paragraphs(1), *paragraphs(5)))
    document = feed(site.url, STORIES[:1]).replace(
        "</item>", f"<description><![CDATA[{text}]]></description></item>"
    )
    site.pages["/feed"] = document
    crawl(config, store, [source(site)])
    (record,) = records(store)
    assert len(record.paragraphs) == 10
    assert record.origins["paragraphs"] == "feed"
    assert [path for path, _ in site.asked if path.startswith("/news")] == []


# ------------------------------------------------------------------ the next poll


def test_an_unchanged_feed_is_asked_conditionally(
    site: FakeSite, store: Store, config: Config
) -> None:
    publish(site, STORIES)
    answer = site.pages["/feed"]
    assert isinstance(answer, Answer)
    answer.headers["ETag"] = '"v1"'
    crawl(config, store, [source(site)])
    site.asked.clear()
    session = crawl(config, store, [source(site)], now=later())
    assert session.tally["akhbar"]["not_modified"] == 1
    assert [path for path, _ in site.asked if path != "/robots.txt"] == ["/feed"]
    assert dict(site.asked)["/feed"]["if-none-match"] == '"v1"'
    with store.read() as connection:
        fared = health_of(connection, source(site), later())
    assert (fared.state, fared.why) == ("ok", "")  # unchanged is not empty


def test_only_new_and_moved_entries_are_fetched(
    site: FakeSite, store: Store, config: Config
) -> None:
    publish(site, STORIES[1:])
    crawl(config, store, [source(site)])
    site.asked.clear()
    edited = replace(STORIES[2], title="عنوان الخبر الثالث بعد التعديل")
    publish(site, [STORIES[0], STORIES[1], edited, STORIES[3]])
    crawl(config, store, [source(site)], now=later())
    fetched = {path for path, _ in site.asked if path.startswith("/news")}
    assert fetched == {STORIES[0].path, edited.path}
    assert [change.event for change in log(store)][:3] == ["new"] * 3
    assert {"title"} <= {name for change in log(store) for name in change.changed}


def test_an_article_that_vanished_is_deleted_and_one_that_aged_out_is_not(
    site: FakeSite, store: Store, config: Config
) -> None:
    publish(site, STORIES)
    crawl(config, store, [source(site)])
    publish(site, [STORIES[0], STORIES[2]])  # the second is gone, the fourth aged out
    site.pages[STORIES[1].path] = Answer(b"gone", 410)
    crawl(config, store, [source(site)], now=later())
    assert numbers(store) == [1, 3, 4]
    deleted = [change for change in log(store) if change.event == "deleted"]
    assert [change.reason for change in deleted] == ["gone"]
    publish(site, STORIES)
    crawl(config, store, [source(site)], now=later(2))
    assert numbers(store) == [1, 2, 3, 4]
    assert len({change.id for change in log(store)}) == 4


def test_what_a_stopped_run_owes_the_next_one_fetches(
    site: FakeSite, store: Store, config: Config
) -> None:
    publish(site, STORIES)
    crawl(config, store, [source(site)], limit=1)
    assert len(records(store)) == 1
    answer = site.pages["/feed"]
    assert isinstance(answer, Answer)
    session = crawl(config, store, [source(site)], now=later())
    assert session.tally["akhbar"]["new"] == 3
    assert numbers(store) == [1, 2, 3, 4]


def test_rhythm_is_kept_over_runs(site: FakeSite, store: Store, config: Config) -> None:
    publish(site, STORIES)
    crawl(config, store, [source(site)])
    sources = {"akhbar": source(site)}

    def ready(hours: float) -> list[str]:
        session = Session(config=config, sources=sources, store=store, now=lambda: later(hours))
        try:
            return due(session, ["akhbar"])
        finally:
            session.close()

    assert ready(0.01) == []
    assert ready(25) == ["akhbar"]
    assert ready(-48) == ["akhbar"]  # the clock was set back: once, now


def test_a_news_sitemap_is_asked_between_the_polls_of_the_feed(
    site: FakeSite, store: Store, config: Config
) -> None:
    publish(site, STORIES)
    urls = "".join(
        f"<url><loc>{site.url}{story.path}</loc><lastmod>{story.published.isoformat()}</lastmod>"
        "</url>"
        for story in STORIES
    )
    site.pages["/map.xml"] = (
        '<?xml version="1.0"?><urlset xmlns="http://www.sitemaps.org/schemas/sitemap/0.9">'
        f"{urls}</urlset>"
    )
    feed_url, map_url = f"{site.url}/feed", f"{site.url}/map.xml"
    seeds = (Seed(kind="feed", url=feed_url), Seed(kind="sitemap", url=map_url))
    for _ in range(2):  # the second time, both know the rhythm of the source
        crawl(config, store, [source(site, seeds=seeds)])
    with store.read() as connection:
        states = crawling.seed_states(connection, "akhbar")
    waits = {url: (state.next_at or NOW) - NOW for url, state in states.items()}
    assert waits[feed_url] * 1.25 <= waits[map_url] <= waits[feed_url] * 1.75


# ------------------------------------------------------------------ what goes wrong


@pytest.mark.parametrize(
    ("answer", "kind"),
    [
        (Answer(b"", 404), "http_404"),
        (Answer(b"", 410), "http_410"),
        (Answer(b"", 403), "http_403"),
        (Answer(b"", 500), "http_500"),
        (Answer(b"<html><body><h1>Login</h1></body></html>"), None),
        (Answer(b""), None),
        (Answer(b"", 301, {"Location": "/feed"}), "redirect_loop"),
    ],
    ids=lambda value: str(value)[:40],
)
def test_a_bad_seed_is_named_and_the_others_go_on(
    site: FakeSite, store: Store, config: Config, answer: Answer, kind: str | None
) -> None:
    with FakeSite() as other:
        publish(site, STORIES)
        publish(other, [replace(STORIES[0], number=8, text=paragraphs(8))])
        site.pages["/feed"] = answer
        session = crawl(replace(config, retries=0), store, [source(site), source(other, "other")])
        assert numbers(store) == [8]
    assert len(session.failures) == 1
    assert session.failures[0].startswith("akhbar: ")
    with store.read() as connection:
        (fetch,) = crawling.recent_fetches(connection, "akhbar")
    assert fetch.kind is not None
    if kind:
        assert fetch.kind == kind


def test_broken_xml_gives_what_can_be_read(site: FakeSite, store: Store, config: Config) -> None:
    publish(site, STORIES)
    answer = site.pages["/feed"]
    assert isinstance(answer, Answer)
    answer.body = answer.body.replace(b"</channel></rss>", b"<item><title>&nbsp;\x0b<b></ite")
    crawl(config, store, [source(site)])
    assert numbers(store) == [1, 2, 3, 4]


def test_a_page_that_is_no_article_is_not_stored(
    site: FakeSite, store: Store, config: Config
) -> None:
    publish(site, STORIES[:2])
    site.pages[STORIES[0].path] = (
        "<html><head><title>الدخول</title></head><body><h1>تسجيل الدخول</h1>"
        '<form><input type="password"></form></body></html>'
    )
    crawl(config, store, [source(site)])
    assert numbers(store) == [2]


def test_a_walled_page_leaves_what_its_entry_says(
    site: FakeSite, store: Store, config: Config
) -> None:
    publish(site, STORIES[:1])
    answer = site.pages["/feed"]
    assert isinstance(answer, Answer)
    answer.body = answer.body.replace(
        b"</item>", "<description>موجز الخبر</description></item>".encode()
    )
    site.pages[STORIES[0].path] = Answer(b"no", 403)
    for turn in range(5):
        crawl(config, store, [source(site)], now=later(turn))
    (record,) = records(store)
    assert (record.title, record.summary) == (STORIES[0].title, "موجز الخبر")
    assert record.paragraphs == ()
    site.pages[STORIES[0].path] = page(site.url, STORIES[0])


def test_robots_txt_is_obeyed(site: FakeSite, store: Store, config: Config) -> None:
    publish(site, STORIES)
    site.pages["/robots.txt"] = "User-agent: *\nDisallow: /news/7200002\n"
    crawl(config, store, [source(site)])
    assert numbers(store) == [1, 3, 4]
    assert "/news/7200002" not in [path for path, _ in site.asked]


# ------------------------------------------------------------------ as a user runs it


def _environment(site: FakeSite, folder: Path) -> dict[str, str]:
    (folder / "sources").mkdir(exist_ok=True)
    about = {
        "id": "akhbar",
        "name": "صحيفة الاختبار",
        "homepage": f"{site.url}/",
        "country": "EG",
        "language": "ar",
        "seeds": [{"kind": "feed", "url": f"{site.url}/feed"}],
        "delay": 0,
    }
    (folder / "sources" / "akhbar.yaml").write_text(yaml.safe_dump(about), encoding="utf-8")
    return {
        **{name: value for name, value in os.environ.items() if "AGGREGATOR" not in name},
        "AGGREGATOR_DATA": str(folder / "data"),
        "AGGREGATOR_SOURCES": str(folder / "sources"),
        "AGGREGATOR_ALLOW_NETWORKS": "127.0.0.0/8",
        "AGGREGATOR_DELAY_S": "0",
    }


def fresh() -> list[Story]:
    """Return the stories as of now: commands read the clock themselves."""
    now = datetime.now(UTC)
    return [replace(each, published=now - timedelta(minutes=each.number)) for each in STORIES]


def _run(*words: str, env: dict[str, str]) -> subprocess.CompletedProcess[str]:
    root = Path(__file__).parent.parent
    return subprocess.run(
        [sys.executable, "-m", *words],
        capture_output=True,
        text=True,
        env=env,
        cwd=root,
        check=False,
    )


def test_both_commands_crawl_and_export_follows(site: FakeSite, tmp_path: Path) -> None:
    publish(site, fresh()[1:])
    env = _environment(site, tmp_path)
    first = _run("aggregator", "crawl", "akhbar", "--json", env=env)
    assert (first.returncode, first.stderr) == (0, "")
    assert json.loads(first.stdout)["akhbar"]["new"] == 3
    lines = _run("aggregator", "export", "jsonl", env=env).stdout.splitlines()
    cursor = json.loads(lines[-1])["seq"]
    assert len(lines) == 3
    assert "\\u" not in lines[0]
    publish(site, fresh())
    second = _run("scrapy", "crawl", "news", "-a", "sources=akhbar", env=env)
    assert second.returncode == 0, second.stderr
    changes = _run("aggregator", "export", "jsonl", "--since", str(cursor), env=env).stdout
    assert "new" in [json.loads(line)["event"] for line in changes.splitlines()]


def test_a_second_crawl_leaves_with_75_and_a_term_ends_the_service(
    site: FakeSite, tmp_path: Path
) -> None:
    publish(site, fresh())
    env = _environment(site, tmp_path)
    root = Path(__file__).parent.parent
    service = subprocess.Popen(
        [sys.executable, "-m", "aggregator", "run"],
        env=env, cwd=root, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
    )  # fmt: skip
    try:
        end = time.monotonic() + 60
        while time.monotonic() < end:
            count = _run("aggregator", "export", "jsonl", env=env).stdout.count("\n")
            if count == len(STORIES):
                break
        assert count == len(STORIES)
        busy = _run("aggregator", "crawl", env=env)
        assert busy.returncode == 75
        assert f"process {service.pid}" in busy.stderr
        assert busy.stderr.count("\n") == 1
        service.send_signal(signal.SIGTERM)
        _, said = service.communicate(timeout=15)
        assert service.returncode == 0, said
    finally:
        if service.poll() is None:
            service.kill()
            service.communicate()
    again = _run("aggregator", "crawl", env=env)
    assert (again.returncode, again.stdout) == (0, "Nothing is due.\n")
    store = Store.open(f"sqlite:///{tmp_path / 'data' / 'aggregator.db'}")
    assert list(problems(store)) == []
    store.close()
