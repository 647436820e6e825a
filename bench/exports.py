"""Exports: articles a second beside bare orjson and feedgen, and memory as the store grows.

    python -m bench.exports             speed, medians of five rounds in turns
    python -m bench.exports memory [FORMAT…]   peak memory at 10,000, 100,000, 1,000,000 articles

Articles are about 4 kB of Arabic. feedgen is measured where it can be imported; install it into a
folder of its own and name that in PYTHONPATH. Memory is that of a fresh process that writes to
/dev/null.
"""

import json
import random
import resource
import statistics
import subprocess
import sys
import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta, timezone
from pathlib import Path
from typing import Any

import orjson

from aggregator import exporters, record
from aggregator.types import Change, Feed, Image, Record, Related, SourceRef

FEED = Feed(
    id="urn:uuid:0",
    title="كل الأخبار",
    home_url="https://news.example/",
    self_url="https://news.example/feeds/all.rss",
    language="ar",
)
TEXT = (
    "أعلنت وزارة الثقافة افتتاح مكتبة عامة جديدة في مدينة أسوان وقالت إن المكتبة تضم عشرة آلاف "
    "وأضاف المدير أن العمل بدأ قبل عامين بدعم من OpenAI و Google وأن الأسعار لن ترتفع هذا العام"
)
WORDS = TEXT.split(" ")
START = datetime(2025, 1, 1, tzinfo=UTC)
ROUNDS, ROWS, FEED_ROWS = 5, 10_000, 2000
FORMATS = ("jsonl", "rss", "atom", "json", "text", "ninjs", "schema_org", "parquet")
SIZES = (10_000, 100_000, 1_000_000)


def article(number: int, dice: random.Random) -> Record:
    """Return an article of about 4 kB."""
    paragraphs = tuple(" ".join(dice.choices(WORDS, k=35)) + "." for _ in range(5))
    source = SourceRef(
        id="alwafd",
        name="بوابة الوفد",
        homepage="https://alwafd.news/",
        country="EG",
        language="ar",
    )
    moment = datetime(2025, 11, 1, 8, tzinfo=timezone(timedelta(hours=2)))
    return Record(
        id=f"urn:uuid:00000000-0000-5000-8000-{number:012}",
        url=f"https://alwafd.news/{number}",
        title=" ".join(dice.choices(WORDS if number % 10 == 0 else WORDS[:15], k=9)),
        published=moment + timedelta(minutes=number),
        published_precision="minute",
        published_origin="page",
        first_seen=moment.astimezone(UTC) + timedelta(minutes=number + 5),
        paragraphs=paragraphs,
        html="".join(f"<p>{text}</p>" for text in paragraphs),
        summary=paragraphs[0][:120],
        source=source,
        authors=("منى سالم",),
        categories=("ثقافة",),
        keywords=("أسوان", "مكتبة عامة"),
        related=(Related(id="urn:uuid:1", url="https://x.example/1", title="خبر", source="س"),),
        images=(Image(url=f"https://alwafd.news/{number}.jpg", width=800, height=600, alt="صورة"),),
        language="ar",
        direction="rtl",
        origins={"title": "selector", "paragraphs": "selector"},
    )


def changes(count: int) -> Iterator[Change]:
    """Yield so many changes; texts repeat after a thousand, ids do not."""
    dice = random.Random(7)
    texts = [article(number, dice) for number in range(min(count, 1000))]
    stored = [record.dumps(text) for text in texts]
    texts = [record.load(data) for data in stored]
    for number in range(count):
        of = replace(
            texts[number % len(texts)],
            id=f"urn:uuid:00000000-0000-5000-8000-{number:012}",
            first_seen=START + timedelta(minutes=number),
        )
        yield Change(seq=number + 1, event="new", at=of.first_seen, id=of.id, record=of)


def rate(work: Callable[[], int]) -> float:
    """Return how many a second of processor time; other work on the machine counts less so."""
    started = time.process_time()
    count = work()
    return count / (time.process_time() - started)


def in_turns(works: dict[str, Callable[[], int]]) -> dict[str, float]:
    """Return the median rate of each, measured in turns."""
    rates: dict[str, list[float]] = {name: [] for name in works}
    for _ in range(ROUNDS):
        for name, work in works.items():
            rates[name].append(rate(work))
    return {name: statistics.median(each) for name, each in rates.items()}


def to_file(chunks: Iterator[bytes]) -> None:
    """Write to a file that takes everything."""
    with Path("/dev/null").open("wb") as out:
        out.writelines(chunks)


def json_lines() -> dict[str, float]:
    """JSON Lines from stored records, from objects, and orjson over the same rows as dicts."""
    rows = list(changes(ROWS))
    stored = [
        (change.seq, change.event, change.changed, change.at, record.dumps(change.record))
        for change in rows
        if change.record
    ]
    plain = [orjson.loads(record.dump_change(change)) for change in rows]

    def bare() -> int:
        to_file(orjson.dumps(row, option=orjson.OPT_APPEND_NEWLINE) for row in plain)
        return len(plain)

    def ours() -> int:
        to_file(
            record.line(seq=seq, event=event, changed=changed, at=at, record_json=data)
            for seq, event, changed, at, data in stored
        )
        return len(stored)

    def objects() -> int:
        to_file(exporters.exporter("jsonl").write(FEED, rows))
        return len(rows)

    names = ("bare orjson loop over dicts", "jsonl, stored records", "jsonl, objects")
    return in_turns(dict(zip(names, (bare, ours, objects), strict=True)))


def feeds() -> dict[str, float]:
    """The feed formats from objects, RSS from stored bytes, and feedgen with the same content."""
    rows = list(changes(FEED_ROWS))
    stored = [record.dumps(change.record) for change in rows if change.record]

    def ours(name: str) -> Callable[[], int]:
        def work() -> int:
            to_file(exporters.exporter(name).write(FEED, rows))
            return len(rows)

        return work

    def from_stored(write: Callable[[Iterator[Change]], object]) -> Callable[[], int]:
        def work() -> int:
            write(
                Change(seq=n, event="new", at=START, id="", record=record.load(data))
                for n, data in enumerate(stored, 1)
            )
            return len(stored)

        return work

    works = {name: ours(name) for name in FORMATS[1:]}
    works["rss, stored records"] = from_stored(
        lambda loaded: to_file(exporters.exporter("rss").write(FEED, loaded))
    )
    try:
        import feedgen.feed  # noqa: F401
    except ImportError:
        print("feedgen cannot be imported: not measured", file=sys.stderr)
    else:
        ready = [orjson.loads(data) for data in stored]
        for data in ready:
            data["published"] = datetime.fromisoformat(data["published"])
        works["feedgen rss"] = lambda: with_feedgen(ready)
        works["feedgen rss, stored records"] = lambda: with_feedgen(map(orjson.loads, stored))
    return in_turns(works)


def with_feedgen(articles: Iterable[dict[str, Any]]) -> int:
    """Write the same items with feedgen; dates are datetimes or text, it takes both."""
    from feedgen.feed import FeedGenerator

    feed = FeedGenerator()
    feed.load_extension("dc")
    feed.load_extension("media")
    feed.title(FEED.title)
    feed.link(href=FEED.home_url)
    feed.description(FEED.title)
    feed.language("ar")
    count = 0
    for of in articles:
        count += 1
        item = feed.add_entry(order="append")
        item.title(of["title"])
        item.link(href=of["url"])
        item.guid(of["id"], permalink=False)
        item.pubDate(of["published"])
        item.description(of["summary"])
        item.content(f'<div dir="rtl" lang="ar">{of["html"]}</div>', type="CDATA")
        item.dc.dc_creator(list(of["authors"]))
        item.dc.dc_language(of["language"])
        for tag in [*of["categories"], *of["keywords"]]:
            item.category(term=tag)
        image = of["images"][0]
        item.enclosure(image["url"], "0", "image/jpeg")
        item.media.content(url=image["url"], medium="image", type="image/jpeg", width="800")
        item.source(of["source"]["homepage"], of["source"]["name"])
    to_file(iter([feed.rss_str(pretty=False)]))
    return count


def speed() -> None:
    """Print rates and ratios."""
    lines = json_lines()
    bare = lines["bare orjson loop over dicts"]
    for name, value in lines.items():
        print(f"{name:32} {value:10,.0f} articles/s   {value / bare:6.2f} x bare orjson")
    found = feeds()
    for name, value in found.items():
        kind = ", stored records" if "stored" in name else ""
        peer = found.get(f"feedgen rss{kind}")
        against = f"   {value / peer:6.1f} x feedgen{kind}" if peer else ""
        print(f"{name:32} {value:10,.0f} articles/s{against}")


def memory(formats: Sequence[str] = ()) -> None:
    """Print the peak memory of a fresh process for each format and size."""
    for name in formats or FORMATS:
        peaks = []
        for size in SIZES:
            command = [sys.executable, "-m", "bench.exports", "one", name, str(size)]
            done = subprocess.run(command, capture_output=True, text=True, check=True)
            peaks.append(json.loads(done.stdout)["peak_mb"])
        print(
            f"{name:12}",
            "  ".join(f"{n:9,}: {mb:6.1f} MB" for n, mb in zip(SIZES, peaks, strict=True)),
            flush=True,
        )


def one(name: str, size: int) -> None:
    """Write one format and print this process's peak memory."""
    to_file(exporters.exporter(name).write(FEED, changes(size)))
    print(json.dumps({"peak_mb": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024}))


if __name__ == "__main__":
    match sys.argv[1:]:
        case ["memory", *formats]:
            memory(formats)
        case ["one", format_, size]:
            one(format_, int(size))
        case _:
            speed()
