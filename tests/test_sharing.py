"""A crawl shares its SQLite store: others write while it waits for slow hosts, or for its time."""

import asyncio
import contextlib
import os
import signal
import sqlite3
import subprocess
import sys
import time
from dataclasses import replace
from pathlib import Path
from typing import Any

from aggregator.config import Config
from aggregator.store.engine import Store
from aggregator.types import Seed
from tests import crawl_support
from tests.crawl_support import reply, source
from tests.crawling import crawl

ROOT = Path(__file__).parent.parent
FEED = b"<rss version='2.0'><channel><title>x</title></channel></rss>"


def write(path: Path, patience_s: float = 20.0) -> str:
    """Write as another process would; return what came of it."""
    with contextlib.closing(sqlite3.connect(path, patience_s, isolation_level=None)) as other:
        try:
            other.execute("BEGIN IMMEDIATE")
            other.execute("UPDATE counters SET value = value")
            other.execute("COMMIT")
        except sqlite3.OperationalError as error:
            return str(error)
    return "written"


def test_others_write_while_a_crawl_waits_for_a_slow_host(config: Config) -> None:
    store = Store.open(config.database_url)
    outcome: list[str] = []

    async def slow(_: Any, writer: asyncio.StreamWriter) -> None:
        outcome.append(await asyncio.to_thread(write, config.data / "aggregator.db"))
        writer.write(reply(FEED))

    with crawl_support.serve({"/feed": slow}) as site:
        seeds = (Seed(kind="feed", url=f"{site.url}/feed"),)
        crawl(replace(config, timeout_s=60.0), store, [source(seeds=seeds)])
    store.close()
    assert outcome == ["written"]


def test_others_write_while_the_service_waits_for_the_next_poll(tmp_path: Path) -> None:
    store = Store.open(Config(data=tmp_path).database_url)
    store.close()
    folder = tmp_path / "sources" / "EG"
    folder.mkdir(parents=True)
    with crawl_support.serve({"/feed": reply(FEED)}) as site:
        (folder / "one.yaml").write_text(
            f"id: one\nname: x\nhomepage: {site.url}/\ncountry: EG\nlanguage: ar\n"
            f"seeds:\n  - {{kind: feed, url: '{site.url}/feed'}}\n",
            encoding="utf-8",
        )
        env = {
            "AGGREGATOR_DATA": str(tmp_path),
            "AGGREGATOR_ALLOW_NETWORKS": "127.0.0.0/8",
            "AGGREGATOR_SOURCES": str(tmp_path / "sources"),
        }
        words = [sys.executable, "-m", "aggregator"]
        subprocess.run([*words, "crawl"], env=os.environ | env, cwd=ROOT, check=True)
        assert "/feed" in site.paths()
        service = subprocess.Popen(
            [*words, "run"], env=os.environ | env, cwd=ROOT, stderr=subprocess.PIPE
        )
        try:
            held = tmp_path / "aggregator.db.lock"
            while service.poll() is None and not held.stat().st_size:
                time.sleep(0.05)
            for _ in range(20):  # while it begins, and while it waits
                assert write(tmp_path / "aggregator.db") == "written"
                time.sleep(0.3)
        finally:
            service.send_signal(signal.SIGTERM)
            _, errors = service.communicate(timeout=60)
    assert service.returncode == 0, errors
