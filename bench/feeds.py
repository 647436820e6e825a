"""Feeds: what we read of a corpus beside feedparser, and how fast; one run, one process.

    .venv/bin/python -m bench.feeds [--corpus FOLDER] [--wrong] [--seconds 5]

Prints, for feedparser's own assertions on title, link, id, dates, summary, content and author, how
many hold for feedparser and for us; for every set how many entries both read; and the speed of
both on the same feeds.
"""

import argparse
import base64
import gzip
import io
import json
import os
import time
import warnings
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from aggregator import seeds
from aggregator.errors import ParseError
from aggregator.seeds.parsed import ParsedSeed
from aggregator.seeds.texts import _shown_before
from aggregator.types import Page, Seed, Source
from bench.feed_assertions import NotOursError, Ours, holds_for_feedparser

NOW = datetime(2026, 11, 24, tzinfo=UTC)
#: feedparser's tests are served from here.
BASE = "http://127.0.0.1:8097/"
SOURCE = Source(
    id="bench", name="bench", homepage=BASE, country="US", language="en", seeds=(), timezone="UTC"
)
SEED = Seed(kind="feed", url=BASE)


@dataclass(frozen=True)
class Case:
    """A feed of the corpus."""

    id: str
    body: bytes
    expect: str | None
    headers: dict[str, str] = field(default_factory=dict)

    @property
    def page(self) -> Page:
        """The feed as if fetched."""
        return Page(url=BASE + self.id, body=self.body, headers=self.headers)


def corpus() -> Path:
    """Return the folder of the corpus, which need not exist."""
    given = os.environ.get("AGGREGATOR_CORPUS")
    return Path(given) if given else Path(__file__).resolve().parents[2] / "shared/corpus"


def cases(folder: Path, name: str) -> Iterator[Case]:
    """Yield the feeds of one set."""
    with gzip.open(folder / "feeds" / f"{name}.jsonl.gz", "rt", encoding="utf-8") as lines:
        for line in lines:
            row = json.loads(line)
            headers = {}
            for header in row.get("headers") or ():
                key, _, value = header.partition(":")
                headers[key.strip().lower()] = value.strip()
            yield Case(row["id"], base64.b64decode(row["b64"]), row.get("expect"), headers)


def ours(case: Case) -> ParsedSeed | None:
    """Return our reading, None where we refuse the document."""
    try:
        return seeds.parse(case.page, SEED, source=SOURCE, now=NOW)
    except ParseError:
        return None


def theirs(case: Case) -> Any:
    """Return feedparser's reading, called as its documentation says."""
    import feedparser

    headers = {"content-location": BASE + case.id, **case.headers}
    headers.setdefault("content-type", "application/xml")
    return feedparser.parse(io.BytesIO(case.body), response_headers=headers)


@dataclass
class Score:
    """How the assertions went."""

    judged: int = 0
    feedparser: int = 0
    ours: int = 0
    wrong: list[str] = field(default_factory=list)
    lost: list[str] = field(default_factory=list)


def assertions(folder: Path) -> Score:
    """Return how many of feedparser's assertions hold for it and for us."""
    score = Score()
    for case in cases(folder, "feedparser"):
        if not case.expect:
            continue
        parsed = ours(case)
        try:
            good = Ours(parsed or ParsedSeed(format="none"), SOURCE, NOW).holds(case.expect)
        except (NotOursError, SyntaxError):
            continue
        result = theirs(case)
        passes = holds_for_feedparser(case.expect, result)
        score.judged += 1
        score.feedparser += passes
        score.ours += good
        if not good:
            score.wrong.append(f"{case.id}: {case.expect}")
            if passes:
                score.lost.append(case.id)
    return score


def entries(folder: Path, name: str) -> tuple[int, int, list[str]]:
    """Return entries read by us and by feedparser, and the feeds of which we read fewer."""
    mine = peer = 0
    fewer = []
    for case in cases(folder, name):
        parsed = ours(case)
        count = len(parsed.entries) if parsed else 0
        other = len(theirs(case).entries)
        mine += count
        peer += other
        if count < other:
            fewer.append(case.id)
    return mine, peer, fewer


def speed(some: list[Case], seconds: float) -> tuple[float, float, int]:
    """Return feeds a second, ours and feedparser's, interleaved, and the number of entries."""
    spent = {"ours": 0.0, "theirs": 0.0}
    rounds = 0
    count = sum(len(parsed.entries) for case in some if (parsed := ours(case)))
    end = time.perf_counter() + seconds
    while time.perf_counter() < end or not rounds:
        rounds += 1
        _shown_before.cache_clear()  # as on the first poll
        for name, read in (("ours", ours), ("theirs", theirs)):
            begin = time.perf_counter()
            for case in some:
                read(case)
            spent[name] += time.perf_counter() - begin
    total = rounds * len(some)
    return total / spent["ours"], total / spent["theirs"], count


def miniweb_feeds() -> list[Case]:
    """Return the feeds of a small news web, in Arabic mostly, if its file is here."""
    from tests.miniweb import World

    world = World(sources=60, per_source=25, port=8900).build(0)
    found = []
    for source in world.sources:
        if source.feed != "none":
            _, kind, body, *_ = world.get(source.host, source.feed_path)
            found.append(Case(f"miniweb-{source.i}", body, None, {"content-type": kind}))
    return found


def main() -> None:
    """Print the figures."""
    ask = argparse.ArgumentParser(description=__doc__)
    ask.add_argument("--corpus", type=Path, default=corpus())
    ask.add_argument("--wrong", action="store_true", help="name each assertion that fails for us")
    ask.add_argument("--seconds", type=float, default=5.0, help="for each measurement of speed")
    options = ask.parse_args()
    warnings.simplefilter("ignore")
    if not (options.corpus / "feeds").is_dir():
        print(f"no corpus in {options.corpus}: assertions and entries left out")
    else:
        score = assertions(options.corpus)
        print(f"assertions judged {score.judged}: feedparser {score.feedparser}, ours {score.ours}")
        print(f"hold for feedparser but not for us: {len(score.lost)}")
        for line in score.wrong if options.wrong else ():
            print("  ", line)
        for name in ("feedparser", "feedvalidator", "gofeed", "miniflux"):
            mine, peer, fewer = entries(options.corpus, name)
            print(f"entries of {name}: ours {mine}, feedparser {peer}; fewer in {fewer or 'none'}")
        large = [case for case in cases(options.corpus, "miniflux") if len(case.body) > 5000]
        _print_speed("corpus, large feeds", large, options.seconds)
    _print_speed("miniweb", miniweb_feeds(), options.seconds)


def _print_speed(name: str, some: list[Case], seconds: float) -> None:
    mine, peer, count = speed(some, seconds)
    each = count / len(some)
    print(
        f"speed on {name}: ours {mine:.0f} feeds/s ({mine * each:.0f} entries/s), feedparser "
        f"{peer:.0f} ({peer * each:.0f} entries/s), {mine / peer:.1f} times as fast"
    )


if __name__ == "__main__":
    main()
