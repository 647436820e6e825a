"""Articles a second with everything on, beside Scrapy and trafilatura that only fetch and read.

    python -m bench.everything [--rounds N] [--only crawl|replay] [--sources N]

A small news web on loopback (a process of its own on the last core) is crawled cold. Ours: seeds,
queue, extraction, dates, copies, events, keywords, search index, store. The peer: a Scrapy spider
that reads the feeds with feedparser, takes the title by a selector and the text by
``trafilatura.extract(fast=True)``, and writes JSON Lines. Each run is a process of its own, in
turns, start and imports included; the medians count. Processor time is what the kernel says of the
process and its children: on a busy machine it tells more than the clock.

Replay: the pages of one crawl as WARC, with everything on, beside a bare loop of warcio and
trafilatura's fast text over the same file.
"""

import argparse
import json
import os
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
import urllib.request
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from typing import Any

PORT = 8953
ROOT = Path(__file__).parent.parent
CORES = sorted(os.sched_getaffinity(0))
#: name → (role of the child process, cores)
CRAWLS = {
    "ours, one core": ("ours", CORES[:1]),
    "Scrapy + trafilatura fast, one core": ("peer", CORES[:1]),
    "ours, all cores": ("ours", CORES),
}
REPLAYS = {
    "ours, one core": ("replay", CORES[:1]),
    "warcio + trafilatura fast, one core": ("replay-peer", CORES[:1]),
    "ours, all cores": ("replay", CORES),
}


# ------------------------------------------------------------------ the child processes


def _feeds() -> list[dict[str, Any]]:
    """Return what is known of the sources whose feeds name pages to fetch."""
    with urllib.request.urlopen(f"http://127.0.0.1:{PORT}/_sources", timeout=60) as answer:
        return [each for each in json.load(answer) if each["feed_type"] in {"rss", "atom"}]


def _sources() -> dict[str, Any]:
    from aggregator.types import Seed, Source

    return {
        f"mw{each['i']:03d}": Source(
            id=f"mw{each['i']:03d}",
            name=each["name"],
            homepage=each["home"],
            country="EG",
            timezone="UTC",
            language=each["lang"],
            seeds=(Seed(kind="feed", url=each["feed"]),),
        )
        for each in _feeds()
    }


def _write_sources(folder: Path, *, archive: bool) -> None:
    folder.mkdir()
    for each in _feeds():
        name = f"mw{each['i']:03d}"
        about = {
            "id": name,
            "name": each["name"],
            "homepage": each["home"],
            "country": "EG",
            "timezone": "UTC",
            "language": each["lang"],
            "archive": archive,
            "seeds": [{"kind": "feed", "url": each["feed"]}],
        }
        # JSON is YAML too
        (folder / f"{name}.yaml").write_text(json.dumps(about, ensure_ascii=False), "utf-8")


def ours(folder: Path, *, archive: bool = False) -> int:
    """Run ``aggregator crawl --all`` in this process; return how many articles it stored."""
    from aggregator import cli

    _write_sources(folder / "sources", archive=archive)
    os.environ |= {
        "AGGREGATOR_DATA": str(folder),
        "AGGREGATOR_SOURCES": str(folder / "sources"),
        "AGGREGATOR_ALLOW_NETWORKS": "127.1.0.0/16",
        "AGGREGATOR_DELAY_S": "0",
        "AGGREGATOR_MAX_CRAWL_DELAY_S": "0",
    }
    with suppress(SystemExit):
        cli.run(["crawl", "--all"])
    from aggregator.store import articles
    from aggregator.store.engine import Store

    store = Store.open(f"sqlite:///{folder / 'aggregator.db'}")
    with store.read() as connection:
        stored = articles.count(connection)
    store.close()
    return stored


def peer(folder: Path) -> int:
    """Fetch the feeds and read their pages; return how many articles were written."""
    import feedparser
    import scrapy
    import trafilatura
    from scrapy.crawler import AsyncCrawlerProcess

    feeds = [each["feed"] for each in _feeds()]

    class Spider(scrapy.Spider):
        name = "peer"
        start_urls = feeds

        def parse(self, response: Any) -> Iterator[Any]:
            for entry in feedparser.parse(response.body).entries:
                yield scrapy.Request(entry.link, callback=self.page)

        def page(self, response: Any) -> Iterator[Any]:
            title = response.css("h1::text").get() or response.css("title::text").get()
            text = trafilatura.extract(response.text, fast=True)
            yield {"url": response.url, "title": title, "text": text}

    out = folder / "peer.jsonl"
    process = AsyncCrawlerProcess(
        {
            "CONCURRENT_REQUESTS": 32,
            "LOG_LEVEL": "ERROR",
            "TELNETCONSOLE_ENABLED": False,
            "FEEDS": {str(out): {"format": "jsonlines"}},
        }
    )
    process.crawl(Spider)
    process.start()
    with out.open("rb") as lines:
        return sum(1 for _ in lines)


def replay(folder: Path) -> int:
    """Read the stored pages with everything on; return how many articles the store has."""
    from contextlib import nullcontext
    from datetime import UTC, datetime

    from aggregator.cluster import executors
    from aggregator.replaying import replay as run
    from aggregator.store import articles
    from aggregator.store.engine import Store
    from aggregator.store.writer import Writer

    store = Store.open(f"sqlite:///{folder / 'replayed.db'}")
    paths = sorted(_archive(folder).glob("*.warc.gz"))
    cores = len(os.sched_getaffinity(0))
    place = executors.processes(cores) if cores > 1 else nullcontext((None, 1))
    with Writer(store) as writer, place as (executor, width):
        for _ in run(paths, writer, _sources(), datetime.now(UTC), executor=executor, width=width):
            pass
    with store.read() as connection:
        stored = articles.count(connection)
    store.close()
    return stored


def replay_peer(folder: Path) -> int:
    """Read the stored pages with trafilatura's fast text; return how many there were."""
    import trafilatura
    from warcio.archiveiterator import ArchiveIterator

    read = 0
    for path in sorted(_archive(folder).glob("*.warc.gz")):
        with path.open("rb") as file:
            for record in ArchiveIterator(file):
                if record.rec_type == "response":
                    trafilatura.extract(record.content_stream().read(), fast=True)
                    read += 1
    return read


def _archive(folder: Path) -> Path:
    return folder.parent / "kept" / "archive"


ROLES = {
    "ours": ours,
    "peer": peer,
    "replay": replay,
    "replay-peer": replay_peer,
    "keep": lambda folder: ours(folder, archive=True),
}


# ------------------------------------------------------------------ the measurement


def measured(role: str, folder: Path, cores: list[int]) -> dict[str, float]:
    """Run one child process on these cores; return its articles and what they cost."""
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    command = ["taskset", "-c", ",".join(map(str, cores)), sys.executable]
    command += ["-m", "bench.everything", "--child", role, str(folder)]
    began = time.perf_counter()
    environ = {name: value for name, value in os.environ.items() if "BYTECODE" not in name}
    environ["PYTHONPYCACHEPREFIX"] = str(folder.parent / "pycache")  # compiled once, as installed
    with subprocess.Popen(command, cwd=ROOT, env=environ, stdout=subprocess.PIPE) as child:
        assert child.stdout is not None
        out = child.stdout.read()
        _, status, used = os.wait4(child.pid, 0)
        child.returncode = os.waitstatus_to_exitcode(status)
    took_s = time.perf_counter() - began
    if child.returncode:
        raise SystemExit(f"{role} failed: {child.returncode}")
    count = int(out.split()[-1])
    return {
        "articles": count,
        "rate": count / took_s,
        "cpu_ms": (used.ru_utime + used.ru_stime) * 1000 / count,
        "peak_mb": used.ru_maxrss / 1024,
    }


def compare(title: str, runs: dict[str, tuple[str, list[int]]], folder: Path, rounds: int) -> None:
    """Run all in turns and print the medians."""
    found: dict[str, list[dict[str, float]]] = {name: [] for name in runs}
    for _ in range(rounds):
        for name, (role, cores) in runs.items():
            found[name].append(measured(role, folder / "run", cores))
    print(f"\n{title}, medians of {rounds}\n")
    print("| | articles | articles/s (range) | CPU ms an article | peak MB |")
    print("|---|---|---|---|---|")
    for name, each in found.items():
        rates = [one["rate"] for one in each]
        middle = {key: statistics.median(one[key] for one in each) for key in each[0]}
        print(
            f"| {name} | {middle['articles']:.0f} | {middle['rate']:.1f} "
            f"({min(rates):.1f}-{max(rates):.1f}) | {middle['cpu_ms']:.2f} "
            f"| {middle['peak_mb']:.0f} |"
        )
    first, second, *others = (
        statistics.median(one["rate"] for one in each) for each in found.values()
    )
    print(f"\nours / peer {first / second:.2f}", end="")
    cpu = [statistics.median(one["cpu_ms"] for one in each) for each in found.values()]
    print(f", by processor time {cpu[1] / cpu[0]:.2f}", end="")
    print("".join(f", all cores / one {other / first:.2f}" for other in others), flush=True)


def main() -> None:
    """Serve the news web, run all in turns, print tables."""
    asked = argparse.ArgumentParser()
    asked.add_argument("--rounds", type=int, default=3)
    asked.add_argument("--sources", type=int, default=40)
    asked.add_argument("--only", choices=("crawl", "replay"))
    asked.add_argument("--one-core", action="store_true", help="leave out the runs on all cores")
    options = asked.parse_args()
    web = [
        "taskset",
        "-c",
        str(CORES[-1]),
        sys.executable,
        "tests/miniweb.py",
        "serve",
        "--port",
        str(PORT),
        "--warm",
    ]
    web += ["--sources", str(options.sources), "--per-source", "50"]
    runs = [
        {name: run for name, run in each.items() if not options.one_core or "all" not in name}
        for each in (CRAWLS, REPLAYS)
    ]
    with (
        tempfile.TemporaryDirectory() as name,
        subprocess.Popen(web, cwd=ROOT, stdout=subprocess.PIPE) as server,
    ):
        assert server.stdout is not None
        server.stdout.readline()
        try:
            folder = Path(name)
            if options.only != "replay":
                compare("Crawl, cold", runs[0], folder, options.rounds)
            if options.only != "crawl":
                measured("keep", folder / "kept", CORES[:1])
                compare("Replay", runs[1], folder, options.rounds)
        finally:
            server.kill()


if __name__ == "__main__":
    if "--child" in sys.argv:
        print(ROLES[sys.argv[2]](Path(sys.argv[3])))
    else:
        main()
