"""A reader's own database after twenty polls: every article once, whatever its source did to it."""

import json
import shutil
import sqlite3
import subprocess
import sys
from collections import Counter
from datetime import timedelta
from ipaddress import ip_network
from pathlib import Path
from typing import Any

import pytest

from aggregator import catalogue
from aggregator.config import Config
from aggregator.store.engine import Store
from tests.crawling import NOW, crawl, log, records
from tests.test_miniweb import MINIWEB, Miniweb, served
from tests.web_support import on_loopback, service

TICKS = 20


def poll(folder: Path) -> None:
    """Let newsboat fetch its feeds as a person's does."""
    command = ["newsboat", "-u", "urls", "-c", "cache.db", "-C", "config", "-x", "reload"]
    subprocess.run(command, cwd=folder, check=True, capture_output=True, timeout=60)


def shown(folder: Path) -> list[dict[str, Any]]:
    """Return what newsboat has in its database."""
    with sqlite3.connect(folder / "cache.db") as cache:
        cache.row_factory = sqlite3.Row
        return [dict(row) for row in cache.execute("SELECT * FROM rss_item")]


def score(web: Miniweb, rows: list[dict[str, Any]], tick: int) -> dict[str, Any]:
    """Return how what is shown compares with what the sources really published."""
    path = web.folder / "shown.jsonl"
    told = ({"url": row["url"], "title": row["title"]} for row in rows)
    path.write_text("".join(json.dumps(each) + "\n" for each in told), encoding="utf-8")
    words = [sys.executable, str(MINIWEB), "score", str(path), *web.size()]
    words += ["--tick", str(tick), "--port", str(web.port)]
    done = subprocess.run(words, capture_output=True, text=True, check=True)
    found: dict[str, Any] = json.loads(done.stdout)
    return found


@pytest.mark.skipif(not shutil.which("newsboat"), reason="needs newsboat (Debian package)")
def test_newsboat_has_each_article_once_after_twenty_polls(tmp_path: Path) -> None:
    config = Config(
        data=tmp_path / "data",
        sources=(str(tmp_path / "sources"),),
        allow_networks=(ip_network("127.1.0.0/16"),),
        delay_s=0.0,
        max_crawl_delay_s=0.0,
        timeout_s=5.0,
        retries=0,
    )
    (tmp_path / "config").write_text("", encoding="utf-8")
    with served(tmp_path, sources=8, per_source=6) as web:
        sources = catalogue.load(config.sources)
        own = {name: each for name, each in sources.items() if name.startswith("mw")}
        store = Store.open(config.database_url)
        site = service(store, config, NOW, sources=own)
        with on_loopback(site) as address:
            (tmp_path / "urls").write_text(f"{address}/feeds/all.rss?limit=500\n")
            for tick in range(TICKS):
                web.ask(f"/_tick?to={tick}")
                crawl(config, store, own.values(), now=NOW + timedelta(minutes=30 * tick))
                poll(tmp_path)
        rows, changes, living = shown(tmp_path), log(store), records(store)
        store.close()
        events = Counter(change.event for change in changes)
        assert events["edited"] > 5, events  # the sources did what this is about
        assert any(record.copy_of for record in living)
        assert [
            guid for guid, count in Counter(row["guid"] for row in rows).items() if count > 1
        ] == []
        assert {row["guid"] for row in rows} == {change.id for change in changes}
        found = score(web, rows, TICKS - 1)
        assert found["doubles"] == 0, found
        assert found["unknown_urls"] == 0, found
        assert found["completeness"] >= 0.99, found
        titles = {
            row["guid"]: row["title"].translate(dict.fromkeys((0x2068, 0x2069))) for row in rows
        }
        assert [each.title for each in living if titles[each.id] != each.title] == []
