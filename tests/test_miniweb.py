"""The whole path over a news web of 40 sources with edits, copies, broken feeds and hazards."""

import contextlib
import json
import os
import random
import sqlite3
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml

from aggregator.crawl.workers import WORTH
from aggregator.store import reading
from aggregator.store.checks import problems
from aggregator.store.engine import Store
from aggregator.types import Filter
from tests import validators
from tests.crawl_support import free_port

ROOT = Path(__file__).parent.parent
MINIWEB = ROOT / "tests" / "miniweb.py"


class Miniweb:
    """A served miniweb and a user's environment to crawl it with."""

    def __init__(self, folder: Path, *, sources: int, per_source: int) -> None:
        self.folder, self.sources, self.per_source = folder, sources, per_source
        self.port = free_port()
        self.env = {
            **{name: value for name, value in os.environ.items() if "AGGREGATOR" not in name},
            "AGGREGATOR_DATA": str(folder / "data"),
            "AGGREGATOR_SOURCES": str(folder / "sources"),
            "AGGREGATOR_ALLOW_NETWORKS": "127.1.0.0/16",
            "AGGREGATOR_DELAY_S": "0",
            "AGGREGATOR_MAX_CRAWL_DELAY_S": "0",  # its own test proves Crawl-delay
        }

    def size(self) -> list[str]:
        return ["--sources", str(self.sources), "--per-source", str(self.per_source)]

    def ask(self, path: str) -> Any:
        with urllib.request.urlopen(f"http://127.0.0.1:{self.port}{path}", timeout=20) as answer:
            return json.loads(answer.read())

    def write_sources(self) -> None:
        (self.folder / "sources").mkdir()
        for about in self.ask("/_sources"):
            seed = {"kind": "feed", "url": about["feed"]}
            if about["feed_type"] == "none":
                has_map = about["sitemap"] != "none"
                url = about["home"] + ("sitemap.xml" if has_map else "")
                seed = {"kind": "sitemap" if has_map else "listing", "url": url}
            source = {
                "id": f"mw{about['i']:03d}",
                "name": about["name"],
                "homepage": about["home"],
                "country": "EG",
                "timezone": "UTC",
                "language": about["lang"],
                "seeds": [seed],
            }
            path = self.folder / "sources" / f"{source['id']}.yaml"
            path.write_text(yaml.safe_dump(source, allow_unicode=True), encoding="utf-8")

    def start(self, *words: str) -> subprocess.Popen[str]:
        return subprocess.Popen(
            [sys.executable, "-m", "aggregator", *words],
            env=self.env, cwd=ROOT, text=True, stdout=subprocess.PIPE, stderr=subprocess.PIPE,
        )  # fmt: skip

    def run(self, *words: str) -> subprocess.CompletedProcess[str]:
        process = self.start(*words)
        out, err = process.communicate(timeout=300)
        return subprocess.CompletedProcess(words, process.returncode, out, err)

    def score(self, tick: int) -> dict[str, Any]:
        rows = [json.loads(line) for line in self.run("export", "jsonl").stdout.splitlines()]
        path = self.folder / f"tick{tick}.jsonl"
        with path.open("w", encoding="utf-8") as out:
            for row in rows:
                copy = row["copy_of"] or (row["id"] if row["also_in"] else None)
                told = {"url": row["url"], "title": row["title"], "duplicate_of": copy}
                told["text"] = "\n".join(row["paragraphs"])
                out.write(json.dumps(told, ensure_ascii=False) + "\n")
        words = [sys.executable, str(MINIWEB), "score", str(path), *self.size()]
        words += ["--tick", str(tick), "--port", str(self.port)]
        done = subprocess.run(words, capture_output=True, text=True, check=True)
        found: dict[str, Any] = json.loads(done.stdout)
        return found

    def ids(self) -> dict[str, str]:
        """Return the id of each living article by its address."""
        store = Store.open(f"sqlite:///{self.folder / 'data' / 'aggregator.db'}")
        with store.read() as connection:
            found = [row.change().record for row in reading.living(connection, Filter())]
        store.close()
        return {record.id: record.url for record in found if record}

    def problems(self) -> list[str]:
        store = Store.open(f"sqlite:///{self.folder / 'data' / 'aggregator.db'}")
        found = list(problems(store))
        store.close()
        return found


@contextlib.contextmanager
def served(folder: Path, *, sources: int, per_source: int) -> Iterator[Miniweb]:
    web = Miniweb(folder, sources=sources, per_source=per_source)
    words = [sys.executable, str(MINIWEB), "serve", *web.size(), "--port", str(web.port)]
    process = subprocess.Popen(words, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    try:
        for _ in range(200):
            with contextlib.suppress(OSError):
                web.ask("/_stats")
                break
            time.sleep(0.1)
        web.write_sources()
        yield web
    finally:
        process.kill()
        process.wait()


def test_every_article_once_over_the_ticks_and_ids_never_change(tmp_path: Path) -> None:
    with served(tmp_path, sources=40, per_source=8) as web:
        known: set[str] = set()
        for tick in (0, 1, 2, 4):
            web.ask(f"/_tick?to={tick}")
            done = web.run("crawl", "--all")
            assert done.returncode in {0, 1}, done.stderr
            score = web.score(tick)
            assert score["completeness"] >= 0.99, score
            assert score["doubles"] == 0, score
            assert score["unknown_urls"] == 0, score
            assert score["title_exact"] >= 0.99, score
            assert score["copy_precision"] >= 0.99, score
            ids = set(web.ids())
            # an id that is gone was deleted: its page answers 410
            assert len(known - ids) <= tick * 3
            known |= ids
        for name in ("rss", "atom", "json"):
            document = web.run("export", name, "--limit", "400").stdout.encode()
            assert validators.check(name, document) == []
        stats = web.ask("/_stats")
        hosts = stats.get("hosts", stats)
        assert max(each.get("peak", 1) for each in hosts.values() if isinstance(each, dict)) <= 1
        assert web.problems() == []


def test_many_new_seeds_are_read_by_workers_as_by_the_crawl_alone(tmp_path: Path) -> None:
    announced = {}
    with served(tmp_path, sources=WORTH + 20, per_source=3) as web:
        for processes in ("1", "3"):
            data = tmp_path / f"data{processes}"
            web.env |= {"AGGREGATOR_DATA": str(data), "AGGREGATOR_PROCESSES": processes}
            done = web.run("crawl", "--all", "--limit", "0")
            assert done.returncode in {0, 1}, done.stderr
            with sqlite3.connect(data / "aggregator.db") as store:
                rows = store.execute("SELECT source_id, entry_key, announced, entry FROM sightings")
                announced[processes] = sorted(rows)
    assert announced["1"] == announced["3"]
    assert len({source for source, *_ in announced["3"]}) > WORTH


def test_twenty_kills_lose_and_double_nothing(tmp_path: Path) -> None:
    chance = random.Random(7)  # noqa: S311 (not for secrets)
    with served(tmp_path, sources=12, per_source=8) as web:
        for turn in range(20):
            if turn % 5 == 0:
                web.ask(f"/_tick?to={turn // 5}")
            process = web.start("crawl", "--all")
            time.sleep(0.6 + chance.random() * 2.0)
            process.kill()
            process.communicate()
            if turn % 5 == 4:
                done = web.run("crawl", "--all")
                assert done.returncode in {0, 1}, done.stderr
                score = web.score(turn // 5)
                assert score["completeness"] >= 0.99, score
                assert score["doubles"] == 0, score
        assert web.problems() == []
        lines = web.run("export", "jsonl", "--since", "0").stdout.splitlines()
        numbers = [json.loads(line)["seq"] for line in lines]
        assert numbers == list(range(1, len(numbers) + 1))


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[Path]:
    """A disk of 3 MB; needs the right to mount."""
    folder = tmp_path / "small"
    folder.mkdir()
    words = ["mount", "-t", "tmpfs", "-o", "size=3m", "tmpfs", str(folder)]
    mounted = subprocess.run(words, capture_output=True, check=False)
    if mounted.returncode != 0:
        pytest.skip("needs the right to mount a small disk")
    yield folder
    subprocess.run(["umount", "-l", str(folder)], check=True)


def test_a_full_disk_is_said_and_a_later_run_completes(tmp_path: Path, small_disk: Path) -> None:
    with served(tmp_path, sources=12, per_source=8) as web:
        web.env["AGGREGATOR_DATA"] = str(small_disk / "data")
        full = web.run("crawl", "--all")
        assert full.returncode == 1
        assert any("full" in line for line in full.stderr.splitlines()), full.stderr
        assert "Traceback" not in full.stderr
        subprocess.run(["mount", "-o", "remount,size=200m", str(small_disk)], check=True)
        assert web.run("crawl", "--all").returncode == 0
        score = web.score(0)
        assert score["completeness"] >= 0.99
        assert score["doubles"] == 0
        out = small_disk / "all.rss"
        assert web.run("export", "rss", "--output", str(out)).returncode == 0
        good = out.read_bytes()
        filler = small_disk / "filler"
        with contextlib.suppress(OSError), filler.open("wb") as stream:
            stream.write(b"x" * 400_000_000)
        failed = web.run("export", "jsonl", "--output", str(small_disk / "all.jsonl"))
        assert failed.returncode == 1
        assert failed.stderr.count("\n") == 1, failed.stderr
        assert not (small_disk / "all.jsonl").exists()
        assert out.read_bytes() == good
