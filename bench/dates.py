"""Dates: golden lines, pages of the corpus, and microseconds a line, htmldate beside us.

Run ``python -m bench.dates``. The corpus lies where AGGREGATOR_CORPUS says, else in
``../shared/corpus``; a page counts as right if the day equals the truth's, as wrong if a day is
given and it is another one. ``--wrong`` prints the pages that are not right, ``--no-peer`` leaves
htmldate out.
"""

import argparse
import gzip
import importlib.util
import json
import os
import re
import time
import timeit
import unicodedata
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

CORPORA = ("articles", "dates")
#: pages that are no articles
LEFT_OUT = "wcxb-other"
LINES = (
    "2025-11-07T14:35:12+03:00",
    "Fri, 07 Nov 2025 14:35:12 +0300",
    "7 نوفمبر 2025",
    "الجمعة، 07 نوفمبر 2025 02:35 م",
    "07/11/2025 - 14:35",
    "منذ ساعتين",
    "الجمعة 16 جمادى الأولى 1447 هـ - 7 نوفمبر 2025",
    "نشر في: الجمعة 7 نوفمبر 2025 - 2:35 م | آخر تحديث: السبت 8 نوفمبر 2025 - 3:00 ص",
)
NOW = datetime(2025, 11, 24, 9, tzinfo=UTC)
_DAY = re.compile(r"(\d{4})-(\d{1,2})-(\d{1,2})")


@dataclass(slots=True)
class Figures:
    """Shares over the pages whose truth has a day, and the time of one page."""

    pages: int = 0
    days: int = 0
    others: int = 0
    seconds: float = 0.0
    misses: list[str] = field(default_factory=list)

    @property
    def right(self) -> float:
        """Share of pages with the truth's day."""
        return self.days / self.pages

    @property
    def wrong(self) -> float:
        """Share of pages with another day."""
        return self.others / self.pages

    def count(self, name: str, truth: str, got: str | None, seconds: float) -> None:
        """Take in one page."""
        self.pages += 1
        self.seconds += seconds
        self.days += got == truth
        self.others += got is not None and got != truth
        if got != truth:
            self.misses.append(f"{name}: {truth}, not {got}")


def corpus_folder() -> Path | None:
    """Return the folder of the corpus; None where this machine has none."""
    given = os.environ.get("AGGREGATOR_CORPUS")
    folder = Path(given) if given else Path(__file__).parents[2] / "shared" / "corpus"
    return folder if (folder / "dates" / "truth.jsonl").is_file() else None


def day_of(value: object) -> str | None:
    found = _DAY.search(str(value or ""))
    return f"{found[1]}-{int(found[2]):02}-{int(found[3]):02}" if found else None


def pages(folder: Path, name: str) -> Iterator[tuple[str, bytes, str, str]]:
    """Yield id, bytes, address and day of the pages whose truth has a day."""
    for line in (folder / name / "truth.jsonl").read_text("utf-8").splitlines():
        truth = json.loads(line)
        day = day_of(truth.get("published"))
        if day is None or truth["set"] == LEFT_OUT:
            continue
        path = folder / name / f"{truth['id']}.html.gz"
        if not path.exists():
            path = path.with_name(unicodedata.normalize("NFD", path.name))
        page = gzip.decompress(path.read_bytes())
        yield truth["id"], page, truth.get("url") or "https://unknown.example/", day


def ours(page: bytes, url: str) -> tuple[str | None, float]:
    from aggregator.extract import extract
    from aggregator.extract.dates import find_dates
    from aggregator.extract.document import parse

    title = extract(page, url=url).title  # what stands beside it is found by it
    doc = parse(page, url=url)
    begun = time.process_time()
    found = find_dates(doc, title=title)
    seconds = time.process_time() - begun
    return found.published.value.isoformat()[:10] if found.published else None, seconds


def theirs(page: bytes, url: str) -> tuple[str | None, float]:
    from htmldate import find_date
    from lxml import html

    try:
        tree = html.document_fromstring(page.decode("utf-8", "replace"))
    except ValueError:
        tree = html.document_fromstring(page)
    begun = time.process_time()
    found = find_date(tree, url=url, original_date=True)
    return found, time.process_time() - begun


def measure_pages(folder: Path, name: str, peer: bool) -> dict[str, Figures]:
    """Return the figures of one corpus, each page read by both one after the other."""
    runners: dict[str, Callable[[bytes, str], tuple[str | None, float]]] = {"ours": ours}
    if peer:
        runners["htmldate"] = theirs
    figures = {who: Figures() for who in runners}
    for title, page, url, day in pages(folder, name):
        for who, run in runners.items():
            figures[who].count(title, day, *run(page, url))
    return figures


def golden_share(path: Path) -> tuple[float, int]:
    """Return the share of right golden lines and their number, by the rule of the test."""
    from aggregator.arabic import parse_date
    from tests.test_dates import same

    cases: list[dict[str, Any]] = [
        json.loads(line) for line in path.read_text("utf-8").splitlines()
    ]
    right = 0
    for case in cases:
        got = parse_date(
            case["text"],
            country=case["country"],
            timezone=case["timezone"],
            now=datetime.fromisoformat(case["now"]),
            order=case.get("order"),
            role=case.get("role", "published"),
        )
        wanted = [case["expected"], *case.get("accepted", [])]
        right += any(same(got, want, case.get("tolerance_s", 0)) for want in wanted)
    return right / len(cases), len(cases)


def line_times() -> Iterator[tuple[float, str]]:
    """Yield the least microseconds of a line over some rounds, and the line."""
    from aggregator.arabic import parse_date

    for text in LINES:

        def once(text: str = text) -> object:
            return parse_date(text, country="EG", timezone="Africa/Cairo", now=NOW)

        once()
        yield min(timeit.repeat(once, timer=time.process_time, number=1000, repeat=7)) * 1000, text


def main() -> None:
    options = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    options.add_argument("--wrong", action="store_true", help="print the pages that are not right")
    options.add_argument("--no-peer", action="store_true", help="leave htmldate out")
    asked = options.parse_args()
    root = Path(__file__).parents[1]
    share, number = golden_share(root / "tests" / "data" / "golden" / "dates.jsonl")
    print(f"golden lines  {share:.3f} of {number}")
    for micros, text in line_times():
        print(f"{micros:8.1f} µs  {text}")
    folder = corpus_folder()
    if folder is None:
        print("no corpus here: AGGREGATOR_CORPUS names its folder")
        return
    peer = not asked.no_peer and importlib.util.find_spec("htmldate") is not None
    print("pages      who           n  right  wrong  ms/page (from the parsed tree to the day)")
    for name in CORPORA:
        for who, figures in measure_pages(folder, name, peer).items():
            print(
                f"{name:10} {who:10} {figures.pages:4} {figures.right:6.3f} {figures.wrong:6.3f}"
                f" {figures.seconds / figures.pages * 1000:8.2f}"
            )
            if asked.wrong and who == "ours":
                print("  " + "\n  ".join(figures.misses))


if __name__ == "__main__":
    main()
