"""A service that runs for weeks, in minutes: does anything grow that should not?

    python -m bench.soak [--sources 200] [--ticks 500] [--rate 0.02] [--minutes 40] [--draw FILE]

The real service (``aggregator run`` without its command line: spider, pipelines, store, health,
rhythm) over a small news web on loopback, at full speed: a tick is an hour of the news web's clock,
and the service is told that the hour has passed as soon as it has nothing more to do. Each source
has its own rhythm, but none waits longer than six hours. Every few ticks are written down: resident
memory and open files of this process, size of the store, how long after their publication articles
were first seen, and the processor's time of a poll. Ends by itself after so many minutes; what was
measured until then counts.
"""

import argparse
import asyncio
import gc
import ipaddress
import json
import statistics
import tempfile
import time
import urllib.request
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import psutil
from sqlalchemy import func, select

from aggregator.config import Config
from aggregator.crawl import run
from aggregator.crawl.session import Session
from aggregator.store import schema
from aggregator.store.checks import problems
from aggregator.store.engine import Store
from aggregator.types import Seed, Source

#: The news web's clock at its first tick.
EPOCH = datetime(2025, 11, 10, 8, tzinfo=UTC)
EVERY = 5


@dataclass(frozen=True, slots=True, kw_only=True)
class Sample:
    """What was seen at one tick; sizes in megabytes, lag in hours of the news web's clock."""

    tick: int
    polls: int
    articles: int
    memory: float
    mapped: float
    store: float
    files: int
    lag: float
    cpu_ms: float


class Soak:
    """Holds the clock, moves the news web along, and writes down what it sees."""

    def __init__(self, arguments: argparse.Namespace, folder: Path, port: int) -> None:
        self.arguments, self.folder, self.port = arguments, folder, port
        self.tick = 0
        self.samples: list[Sample] = []
        self._process = psutil.Process()
        self._began = time.monotonic()
        self._last = (0, 0.0, EPOCH)  # polls, processor's seconds, and the news web's time
        config = Config(
            data=folder,
            allow_networks=(ipaddress.ip_network("127.1.0.0/16"),),
            delay_s=0.0,
            max_crawl_delay_s=0.0,
            poll_max_s=6 * 3600.0,
            timeout_s=120.0,  # a machine that is busy with other things is no slow server
            retries=0,  # waiting before a second try is no work
        )
        self.store = Store.open(config.database_url)
        self.session = Session(
            config=config,
            sources={each.id: each for each in self._sources()},
            store=self.store,
            now=lambda: EPOCH + timedelta(hours=self.tick),
            service=True,
            sleep=self.sleep,
        )

    def ask(self, path: str) -> Any:
        """Return what the news web's control answers."""
        with urllib.request.urlopen(f"http://127.0.0.1:{self.port}{path}", timeout=60) as answer:
            return json.load(answer)

    def _sources(self) -> list[Source]:
        found = []
        for about in self.ask("/_sources"):
            seed = Seed(kind="feed", url=about["feed"] or about["home"] + "sitemap.xml")
            if about["feed_type"] == "none":
                has_map = about["sitemap"] != "none"
                kind = "sitemap" if has_map else "listing"
                seed = Seed(kind=kind, url=about["home"] + ("sitemap.xml" if has_map else ""))
            found.append(
                Source(
                    id=f"mw{about['i']:03d}",
                    name=about["name"],
                    homepage=about["home"],
                    country="EG",
                    timezone="UTC",
                    language=about["lang"],
                    seeds=(seed,),
                )
            )
        return found

    async def sleep(self, _seconds: float) -> None:
        """Let the service finish what it has, then let an hour pass."""
        while self.session.busy:
            await asyncio.sleep(0.01)
        self.session.commit()
        if self.tick % EVERY == 0:
            self._sample()
        over = time.monotonic() - self._began > self.arguments.minutes * 60
        if over or self.tick >= self.arguments.ticks:
            self.session.stopping.set()
            return
        self.tick += 1
        await asyncio.to_thread(self.ask, f"/_tick?to={self.tick}")

    def _sample(self) -> None:
        fetches, articles = schema.fetches, schema.articles
        polls_before, cpu_before, seen_before = self._last
        now = self.session.now()
        with self.store.read() as connection:
            polls = connection.execute(
                select(func.count()).where(fetches.c.role == "seed")
            ).scalar_one()
            count = connection.execute(select(func.count()).select_from(articles)).scalar_one()
            rows = connection.execute(
                select(articles.c.published, articles.c.first_seen).where(
                    articles.c.first_seen > seen_before, articles.c.published > EPOCH
                )
            ).all()
        lags = [(row.first_seen - row.published) / timedelta(hours=1) for row in rows]
        cpu = sum(self._process.cpu_times()[:2])
        gc.collect()  # what waits for the collector is no leak
        files = [self.folder / name for name in ("aggregator.db", "aggregator.db-wal")]
        sample = Sample(
            tick=self.tick,
            polls=polls,
            articles=count,
            memory=_resident("RssAnon"),
            mapped=_resident("RssFile"),
            store=sum(each.stat().st_size for each in files if each.exists()) / 1e6,
            files=self._process.num_fds(),
            lag=statistics.mean(lags) if lags else 0.0,
            cpu_ms=(cpu - cpu_before) * 1000 / max(polls - polls_before, 1),
        )
        self._last = (polls, sum(self._process.cpu_times()[:2]), now)
        self.samples.append(sample)
        print(
            f"tick {sample.tick:3}  {sample.polls:6} polls  {sample.articles:6} articles  "
            f"{sample.memory:6.1f} MB + {sample.mapped:5.1f} mapped  store {sample.store:6.1f} MB  "
            f"{sample.files} files  lag {sample.lag:.2f} h  {sample.cpu_ms:.1f} ms a poll",
            flush=True,
        )

    def run(self) -> list[Sample]:
        """Run to the end; return what was seen."""
        try:
            run.run(self.session, [], due=True)
        finally:
            self.session.close()
        for line in problems(self.store):
            print(f"the store is damaged: {line}")
        self.store.close()
        return self.samples


def _resident(name: str) -> float:
    """Return a kind of resident memory of this process, in megabytes; Linux only."""
    for line in Path("/proc/self/status").read_text(encoding="ascii").splitlines():
        if line.startswith(name + ":"):
            return int(line.split()[1]) / 1000
    return 0.0


def draw(samples: list[Sample]) -> str:
    """Return the picture: one small chart for each figure over the polls."""
    charts = (
        ("memory", "memory, MB", "resident, of the process itself"),
        ("mapped", "mapped files, MB", "resident pages of the store and of libraries"),
        ("store", "store, MB", "database and its log"),
        ("files", "open files", ""),
        ("lag", "lag, hours", "published to first seen; a tick is an hour"),
        ("cpu_ms", "processor, ms a poll", "with all pages and articles of it"),
    )
    width, height, gap = 760, 110, 46
    whole = len(charts) * (height + gap) + 40
    most_polls = samples[-1].polls or 1
    parts = [
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width} {whole}" role="img">',
        f"<title>{samples[-1].polls} polls over {samples[-1].tick} ticks</title>",
        f'<rect width="{width}" height="{whole}" fill="#fff"/>',
        '<g font-family="sans-serif" font-size="12">',
    ]
    left, right, top = 60, width - 20, 30
    for name, title, note in charts:
        values = [getattr(each, name) for each in samples]
        most = max(values) * 1.1 or 1.0
        points = " ".join(
            f"{left + each.polls / most_polls * (right - left):.1f},"
            f"{top + height - value / most * height:.1f}"
            for each, value in zip(samples, values, strict=True)
        )
        base = top + height
        parts += [
            f'<text x="{left}" y="{top - 6}" font-weight="bold">{title}</text>',
            f'<text x="{right}" y="{top - 6}" text-anchor="end" fill="#555">{note}</text>',
            f'<path d="M{left} {top}V{base}H{right}" fill="none" stroke="#999"/>',
            f'<text x="{left - 6}" y="{top + 10}" text-anchor="end">{most:.4g}</text>',
            f'<text x="{left - 6}" y="{base}" text-anchor="end">0</text>',
            f'<polyline points="{points}" fill="none" stroke="#1a5fb4" stroke-width="1.6"/>',
        ]
        top += height + gap
    end = samples[-1]
    parts.append(
        f'<text x="{left}" y="{top - 18}" fill="#555">polls, 0 to {end.polls} '
        f"({end.tick} ticks, {end.articles} articles)</text></g></svg>"
    )
    return "".join(parts) + "\n"


def growth(samples: list[Sample]) -> str:
    """Return how memory grew once caches were warm, after 5,000 polls, in one line."""
    first = next((each for each in samples if each.polls >= 5000), samples[0])
    last = samples[-1]
    polls = max(last.polls - first.polls, 1)
    grown = last.memory - first.memory
    return (
        f"{first.memory:.1f} MB after {first.polls} polls, {last.memory:.1f} MB after {last.polls}:"
        f" {grown * 10_000 / polls:+.2f} MB for 10,000 polls"
    )


def main() -> None:
    """Soak, print what was seen, and draw it."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--sources", type=int, default=200)
    parser.add_argument("--ticks", type=int, default=500)
    parser.add_argument("--rate", type=float, default=0.02, help="articles a source and tick")
    parser.add_argument("--backlog", type=int, default=2, help="articles a source at first")
    parser.add_argument("--minutes", type=float, default=40.0)
    parser.add_argument("--draw", type=Path, help="SVG to write")
    arguments = parser.parse_args()
    from tests.crawl_support import miniweb

    size = ("--sources", str(arguments.sources), "--per-source", str(arguments.backlog))
    with (
        tempfile.TemporaryDirectory(prefix="soak-") as folder,
        miniweb(*size, "--rate", str(arguments.rate)) as web,
    ):
        samples = Soak(arguments, Path(folder), web.port).run()
    if arguments.draw:
        arguments.draw.write_text(draw(samples), encoding="utf-8")
    print(growth(samples))


if __name__ == "__main__":
    main()
