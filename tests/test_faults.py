"""Faults that a crawl must survive: full disk, a store that others hold or damage, all hazards."""

import os
import sqlite3
import subprocess
import sys
from datetime import timedelta
from pathlib import Path

import pytest
import yaml

from aggregator.config import Config
from aggregator.errors import StoreError
from aggregator.store import engine, reading
from aggregator.store.checks import problems
from aggregator.store.engine import Store
from aggregator.types import Filter
from aggregator.watching import health_of
from tests.crawling import NOW, crawl, log, records
from tests.fakes import Answer, FakeSite, Story, publish, source
from tests.test_crawl_download import HAZARDS
from tests.test_miniweb import Miniweb, served

STORIES = [
    Story(n, f"عنوان الخبر {word} في نشرة اليوم", f"/news/{7_200_000 + n}", guid=f"g{n}",
          published=NOW - timedelta(hours=n))
    for n, word in enumerate(("الأول", "الثاني", "الثالث", "الرابع"), start=1)
]  # fmt: skip


# ------------------------------------------------------------------ the store


def test_a_full_disk_ends_the_run_and_a_later_one_completes_it(
    site: FakeSite, config: Config, monkeypatch: pytest.MonkeyPatch
) -> None:
    publish(site, STORIES)
    Store.open(config.database_url).close()
    path = config.data / "aggregator.db"
    pages = path.stat().st_size // 4096
    whole = sqlite3.connect

    def small(*args: object, **options: object) -> sqlite3.Connection:
        connection: sqlite3.Connection = whole(*args, **options)  # type: ignore[call-overload]
        connection.execute(f"PRAGMA max_page_count={pages + 4}")
        return connection

    monkeypatch.setattr(sqlite3.dbapi2, "connect", small)
    store = Store.open(config.database_url)
    with pytest.raises(StoreError, match=r"disk is full.*free some space"):
        crawl(config, store, [source(site)])
    store.close()
    monkeypatch.undo()
    store = Store.open(config.database_url)
    assert list(problems(store)) == []
    before = len(records(store))
    crawl(config, store, [source(site)], now=NOW + timedelta(hours=1))
    assert before < len(records(store)) == len(STORIES)
    assert [change.seq for change in log(store)] == list(range(1, len(log(store)) + 1))
    store.close()


def test_a_store_that_another_process_holds_is_named_and_not_damaged(
    site: FakeSite, config: Config, monkeypatch: pytest.MonkeyPatch
) -> None:
    publish(site, STORIES)
    monkeypatch.setattr(engine, "BUSY_TIMEOUT_S", 0.1)
    store = Store.open(config.database_url)
    other = sqlite3.connect(config.data / "aggregator.db")
    other.execute("BEGIN IMMEDIATE")
    with pytest.raises(StoreError, match="another process holds it"):
        crawl(config, store, [source(site)])
    other.rollback()
    other.close()
    crawl(config, store, [source(site)])
    assert len(records(store)) == len(STORIES)
    assert list(problems(store)) == []
    store.close()


def test_a_damaged_store_is_named_with_what_to_do(site: FakeSite, config: Config) -> None:
    publish(site, STORIES)
    store = Store.open(config.database_url)
    crawl(config, store, [source(site)])
    store.close()
    path = config.data / "aggregator.db"
    size = path.stat().st_size
    with path.open("r+b") as file:
        file.seek(4096)
        file.write(b"\xff" * (size - 4096))
    with pytest.raises(StoreError, match="damaged: restore a backup"):
        _crawl_of_a_new_process(site, config)
    assert path.stat().st_size == size


def _crawl_of_a_new_process(site: FakeSite, config: Config) -> None:
    store = Store.open(config.database_url)
    try:
        crawl(config, store, [source(site)], now=NOW + timedelta(hours=1))
    finally:
        store.close()


# ------------------------------------------------------------------ what sites do


def test_a_login_page_an_empty_feed_and_a_return_are_told_apart(
    site: FakeSite, store: Store, config: Config
) -> None:
    publish(site, STORIES)
    feed = site.pages["/feed"]
    seen: list[str] = []
    login = (
        "<html><head><title>تسجيل الدخول</title></head><body><h1>تسجيل الدخول</h1>"
        '<form><input type="password"></form></body></html>'
    )
    empty = '<?xml version="1.0"?><rss version="2.0"><channel><title>x</title></channel></rss>'
    answers = (feed, login, empty, Answer(b"", 404), feed)
    for hours, answer in enumerate(answers):
        site.pages["/feed"] = answer
        now = NOW + timedelta(hours=hours)
        crawl(config, store, [source(site)], now=now)
        with store.read() as connection:
            found = health_of(connection, source(site), now)
        seen.append(f"{found.state} {found.kind}")
        assert len(records(store)) == len(STORIES)  # none of it deletes anything
    assert seen == ["ok None", "blocked login", "quiet empty", "broken http_404", "ok None"]


def _hazardous(web: Miniweb) -> None:
    for name in HAZARDS:
        about = {"id": f"hz-{name}", "name": name, "country": "EG", "language": "ar"}
        about["homepage"] = f"http://127.1.99.1:{web.port}/"
        seed = {"kind": "feed", "url": f"http://127.1.99.1:{web.port}/{name}"}
        path = web.folder / "sources" / f"hz-{name}.yaml"
        path.write_text(yaml.safe_dump({**about, "seeds": [seed], "concurrency": 32}))


def _peak_kb(web: Miniweb) -> int:
    """Return the most memory that a crawl of all sources took."""
    process = subprocess.Popen(
        [sys.executable, "-m", "aggregator", "crawl", "--all"],
        env=web.env, cwd=Path(__file__).parent.parent,
        stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
    )  # fmt: skip
    _, status, usage = os.wait4(process.pid, 0)
    process.returncode = os.waitstatus_to_exitcode(status)
    assert process.returncode in {0, 1}
    return usage.ru_maxrss


def test_all_hazards_at_once_harm_nobody(tmp_path: Path) -> None:
    with served(tmp_path, sources=6, per_source=5) as web:
        web.env |= {"AGGREGATOR_TIMEOUT_S": "6", "AGGREGATOR_RETRIES": "0"}
        web.env["AGGREGATOR_ALLOW_NETWORKS"] = "127.1.0.0/24 127.1.99.1/32"
        quiet_kb = _peak_kb(web)
        quiet = set(web.ids().values())
        (web.folder / "data").rename(web.folder / "quiet")
        _hazardous(web)
        loud_kb = _peak_kb(web)
        assert set(web.ids().values()) == quiet
        assert len(quiet) > 20
        assert loud_kb <= quiet_kb * 1.5
        assert not [host for host in web.ask("/_stats")["hosts"] if "SECRET" in host.upper()]
        store = Store.open(f"sqlite:///{web.folder / 'data' / 'aggregator.db'}")
        with store.read() as connection:
            living = [row.change().record for row in reading.living(connection, Filter())]
        store.close()
        assert not [each for each in living if each and each.source.id.startswith("hz-")]
        assert web.problems() == []
