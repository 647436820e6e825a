"""Polls of 200 feeds: ours beside newsboat and a loop over feedparser, cold, warm, a tick later.

    python -m bench.polls [--feeds 200] [--rounds 3] [--articles] [--robots] [--profile FILE]

A small news web on loopback (a process of its own, 25 entries a feed) is polled by whole processes,
start included, in turns: first with an empty store, then at once again, then an hour of the web's
time later. Everyone stores what the feeds say: newsboat in its cache (10 threads), the loop (one
HTTP session, conditional requests, one transaction) in SQLite, we in our store's queue. No pages
are fetched by anybody, and no delays are kept; we ask for no robots.txt, as the others do not,
unless ``--robots`` is given. ``--articles`` adds a row of ours where feeds that hold the whole text
become articles (extracted, compared with all others, indexed), which none of the peers does.

Entries are compared with the web's own list of what its feeds showed. Wall and processor seconds
are medians; the processor's count where the machine is busy.
"""

import argparse
import json
import os
import resource
import shutil
import sqlite3
import statistics
import subprocess
import sys
import tempfile
import time
import urllib.request
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

ROOT = Path(__file__).resolve().parents[1]
PHASES = ("cold", "warm", "tick")


@dataclass(frozen=True)
class Run:
    """What one process took."""

    wall_s: float
    cpu_s: float
    peak_mb: float
    code: int


class Web:
    """The news web, served by a process of its own."""

    def __init__(self, feeds: int) -> None:
        from tests.crawl_support import free_port

        self.port = free_port()
        self.size = ["--sources", str(feeds * 27 // 25 + 8), "--per-source", "25"]
        self._server: subprocess.Popen[bytes] | None = None

    def __enter__(self) -> "Web":
        command = [sys.executable, "tests/miniweb.py", "serve", "--port", str(self.port), "--warm"]
        self._server = subprocess.Popen(
            [*command, *self.size], stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, cwd=ROOT
        )
        assert self._server.stdout is not None
        self._server.stdout.readline()
        return self

    def __exit__(self, *_: object) -> None:
        assert self._server is not None
        self._server.kill()
        self._server.wait()

    def ask(self, path: str) -> Any:
        """Return what the web says of itself."""
        with urllib.request.urlopen(f"http://127.0.0.1:{self.port}{path}", timeout=120) as answer:
            return json.load(answer)


def python() -> dict[str, str]:
    """Return an environment for Python, where compiled modules are kept as on a user's machine."""
    left_out = ("AGGREGATOR", "PYTHONDONTWRITEBYTECODE")
    kept = {name: value for name, value in os.environ.items() if not name.startswith(left_out)}
    return {**kept, "PYTHONPYCACHEPREFIX": str(Path(tempfile.gettempdir()) / "polls-pycache")}


def measured(command: list[str], env: dict[str, str]) -> Run:
    """Run a command and return what it took."""
    began = time.perf_counter()
    process = subprocess.Popen(
        command, env=env, cwd=ROOT, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
    )
    _, status, used = os.wait4(process.pid, 0)
    process.returncode = os.waitstatus_to_exitcode(status)
    wall_s = time.perf_counter() - began
    cpu_s = used.ru_utime + used.ru_stime
    return Run(wall_s, cpu_s, used.ru_maxrss / 1024, process.returncode)


# ------------------------------------------------------------------ who polls


class Ours:
    """``aggregator crawl --all``; the store is the queue, or articles where feeds are whole."""

    def __init__(
        self, folder: Path, feeds: list[str], *, articles: bool = False, robots: bool = False
    ) -> None:
        self.folder = folder
        sources = folder / "sources"
        sources.mkdir(parents=True)
        for number, url in enumerate(feeds):
            text = (
                f"id: mw{number:03d}\nname: مصدر {number}\nhomepage: {url.rpartition('/')[0]}/\n"
                f"country: EG\ntimezone: UTC\nlanguage: ar\n"
                f"full_text: {'feed' if articles else 'page'}\n"
                f"robots: {'obey' if robots else 'ignore'}\n"
                f"seeds:\n  - {{kind: feed, url: '{url}'}}\n"
            )
            (sources / f"mw{number:03d}.yaml").write_text(text, encoding="utf-8")
        self.env = {
            **python(),
            "AGGREGATOR_DATA": str(folder / "data"),
            "AGGREGATOR_SOURCES": str(sources),
            "AGGREGATOR_ALLOW_NETWORKS": "127.1.0.0/16",
            "AGGREGATOR_DELAY_S": "0",
            "AGGREGATOR_MAX_CRAWL_DELAY_S": "0",
        }

    def command(self) -> list[str]:
        """Return what to run."""
        return [sys.executable, "-m", "aggregator", "crawl", "--all", "--limit", "0", "--json"]

    def entries(self) -> Iterator[str]:
        """Yield the addresses of the stored entries."""
        with sqlite3.connect(self.folder / "data/aggregator.db") as store:
            yield from (url for (url,) in store.execute("SELECT url FROM sightings"))


class Newsboat:
    """``newsboat -x reload`` with ten threads, as its documentation says for many feeds."""

    def __init__(self, folder: Path, feeds: list[str]) -> None:
        self.folder = folder
        folder.mkdir(parents=True)
        (folder / "urls").write_text("".join(f"{url}\n" for url in feeds))
        (folder / "config").write_text("reload-threads 10\n")
        self.env = {**os.environ, "HOME": str(folder)}

    def command(self) -> list[str]:
        """Return what to run."""
        paths = {name: str(self.folder / name) for name in ("urls", "cache.db", "config")}
        return [
            *("newsboat", "-u", paths["urls"], "-c", paths["cache.db"], "-C", paths["config"]),
            *("-x", "reload"),
        ]

    def entries(self) -> Iterator[str]:
        """Yield the addresses of the stored entries."""
        with sqlite3.connect(self.folder / "cache.db") as store:
            yield from (url for (url,) in store.execute("SELECT url FROM rss_item"))


class Loop:
    """A plain script: requests, feedparser, SQLite."""

    def __init__(self, folder: Path, feeds: list[str]) -> None:
        self.folder = folder
        folder.mkdir(parents=True)
        (folder / "urls").write_text("\n".join(feeds))
        self.env = python()

    def command(self) -> list[str]:
        """Return what to run."""
        return [sys.executable, "-m", "bench.polls", "--loop", str(self.folder)]

    def entries(self) -> Iterator[str]:
        """Yield the addresses of the stored entries."""
        with sqlite3.connect(self.folder / "loop.db") as store:
            yield from (url for (url,) in store.execute("SELECT link FROM entries"))


def loop(folder: Path) -> None:
    """Poll as a user's script does."""
    import feedparser
    import requests

    store = sqlite3.connect(folder / "loop.db")
    store.execute("CREATE TABLE IF NOT EXISTS feeds (url PRIMARY KEY, etag, modified)")
    store.execute(
        "CREATE TABLE IF NOT EXISTS entries "
        "(feed, id, link, title, summary, published, PRIMARY KEY (feed, id))"
    )
    known = {url: rest for url, *rest in store.execute("SELECT * FROM feeds")}
    session = requests.Session()
    for url in (folder / "urls").read_text().split():
        etag, modified = known.get(url, (None, None))
        headers = {"If-None-Match": etag, "If-Modified-Since": modified}
        answer = session.get(url, headers=headers, timeout=25)
        if answer.status_code != 200:
            continue
        parsed = feedparser.parse(answer.content, response_headers=dict(answer.headers))
        rows = [
            (url, each.get("id") or each.get("link"), each.get("link"), each.get("title"),
             each.get("summary"), each.get("published"))
            for each in parsed.entries
        ]  # fmt: skip
        store.executemany("INSERT OR REPLACE INTO entries VALUES (?, ?, ?, ?, ?, ?)", rows)
        seen = (url, answer.headers.get("etag"), answer.headers.get("last-modified"))
        store.execute("INSERT OR REPLACE INTO feeds VALUES (?, ?, ?)", seen)
    store.commit()


# ------------------------------------------------------------------ truth


def shown(truth: dict[str, Any], hosts: set[str]) -> dict[int, set[str]]:
    """Return, of the articles that the polled feeds show, all their addresses."""
    return {
        article["id"]: {article["url"], *article["aliases"]}
        for article in truth["articles"]
        if article["in_feed"] and article["host"] in hosts
    }


def compared(entries: Iterator[str], articles: dict[int, set[str]]) -> tuple[int, int]:
    """Return how many shown articles are missing from a store, and how many entries are wrong."""
    whose = {_key(url): number for number, urls in articles.items() for url in urls}
    found = [whose.get(_key(url)) for url in entries]
    return len(articles.keys() - set(found)), found.count(None)


def _key(url: str) -> str:
    """Return an address without the trackers that the web puts on it."""
    head, mark, query = url.partition("?")
    kept = "&".join(part for part in query.split("&") if part and not part.startswith("utm_"))
    return head + (f"?{kept}" if mark and kept else "")


def round_of(
    makers: dict[str, Callable[[Path, list[str]], Any]],
    count: int,
    found: dict[tuple[str, str], list[Run]],
    faults: dict[str, tuple[int, int]],
) -> None:
    """Run everybody's three polls in turns over a new web."""
    folder = Path(tempfile.mkdtemp(prefix="polls-"))
    with Web(count) as web:
        feeds = [each["feed"] for each in web.ask("/_sources") if each["feed_type"] != "none"]
        feeds = feeds[:count]
        hosts = {urlsplit(url).hostname or "" for url in feeds}
        pollers = {name: make(folder / name, feeds) for name, make in makers.items()}
        articles = shown(web.ask("/_truth"), hosts)
        for phase in PHASES:
            if phase == "tick":
                web.ask("/_tick?n=1")
                for number, urls in shown(web.ask("/_truth"), hosts).items():
                    articles.setdefault(number, set()).update(urls)
            for name, poller in pollers.items():
                run = measured(poller.command(), poller.env)
                found.setdefault((name, phase), []).append(run)
        for name, poller in pollers.items():
            faults[name] = compared(poller.entries(), articles)
    shutil.rmtree(folder)


def main() -> None:
    """Print the table."""
    ask = argparse.ArgumentParser(description=__doc__)
    ask.add_argument("--feeds", type=int, default=200)
    ask.add_argument("--rounds", type=int, default=3)
    ask.add_argument("--articles", action="store_true", help="add a row with whole feeds stored")
    ask.add_argument("--robots", action="store_true", help="obey robots.txt (one more request)")
    ask.add_argument("--only", help="names of those who poll, parted by commas")
    ask.add_argument("--loop", type=Path, help=argparse.SUPPRESS)
    ask.add_argument("--memory", type=int, metavar="PAGES", help="peak of a crawl, pages a source")
    ask.add_argument("--profile", type=Path, help="folder for cProfile files of our three polls")
    options = ask.parse_args()
    if options.loop:
        loop(options.loop)
        return
    makers: dict[str, Callable[[Path, list[str]], Any]] = {
        "ours": lambda folder, feeds: Ours(folder, feeds, robots=options.robots),
        "feedparser loop": Loop,
    }
    if shutil.which("newsboat"):
        makers["newsboat"] = Newsboat
    if options.articles:
        makers["ours, with articles"] = lambda folder, feeds: Ours(folder, feeds, articles=True)
    if options.only:
        makers = {name: makers[name] for name in options.only.split(",")}
    if options.profile:
        profile(options.profile, options.feeds)
        return
    if options.memory:
        memory(options.feeds, options.memory)
        return
    found: dict[tuple[str, str], list[Run]] = {}
    faults: dict[str, tuple[int, int]] = {}
    round_of(makers, 5, {}, {})  # so that compiled modules are there
    for number in range(options.rounds):
        order = list(makers.items())
        turned = dict(order[number % len(order) :] + order[: number % len(order)])
        round_of(turned, options.feeds, found, faults)
    report(list(makers), found, faults)


def report(
    names: list[str], found: dict[tuple[str, str], list[Run]], faults: dict[str, tuple[int, int]]
) -> None:
    """Print medians as a table."""
    print("| who | wall s cold / warm / tick | CPU s | peak MB | missing, wrong |")
    print("|---|---|---|---|---|")
    for name in names:
        runs = [found[name, phase] for phase in PHASES]
        wall = " / ".join(f"{statistics.median(r.wall_s for r in each):.2f}" for each in runs)
        cpu = " / ".join(f"{statistics.median(r.cpu_s for r in each):.2f}" for each in runs)
        peak = max(r.peak_mb for each in runs for r in each)
        codes = {r.code for each in runs for r in each} - {0}
        end = f"; exit codes {codes}" if codes else ""
        print(
            f"| {name} | {wall} | {cpu} | {peak:.0f} | {faults[name][0]}, {faults[name][1]}{end} |"
        )


def memory(count: int, pages: int) -> None:
    """Print the peak of a crawl with everything on: so many new articles of each source."""
    with Web(count) as web, tempfile.TemporaryDirectory() as place:
        feeds = [each["feed"] for each in web.ask("/_sources") if each["feed_type"] != "none"]
        ours = Ours(Path(place) / "ours", feeds[:count])
        command = [str(pages) if word == "0" else word for word in ours.command()]
        run = measured(command, ours.env)
        with sqlite3.connect(Path(place) / "ours/data/aggregator.db") as store:
            (stored,) = store.execute("SELECT count(*) FROM articles").fetchone()
    print(f"{count} sources, {stored} articles: peak {run.peak_mb:.0f} MB, {run.cpu_s:.1f} s CPU")


def profile(folder: Path, count: int) -> None:
    """Write profiles of our three polls: ``python -m pstats FOLDER/cold``."""
    folder.mkdir(parents=True, exist_ok=True)
    with Web(count) as web, tempfile.TemporaryDirectory() as place:
        feeds = [each["feed"] for each in web.ask("/_sources") if each["feed_type"] != "none"]
        ours = Ours(Path(place) / "ours", feeds[:count])
        for phase in PHASES:
            if phase == "tick":
                web.ask("/_tick?n=1")
            command = ours.command()
            command[1:1] = ["-m", "cProfile", "-o", str(folder / phase)]
            print(phase, measured(command, ours.env))


if __name__ == "__main__":
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    main()
