"""Items that say nothing or the same: what 50,000 of them cost, and what the store makes of them.

    python -m bench.hostile_items [--items 50000] [--kinds same,empty,word,ahead,alike]

same: one text at 50,000 addresses; empty: a title of its own and no text; word: titles of one word
out of seven, no text; ahead: dates from 1970 to 2099; alike: bulletins that differ in their numbers
only. Every item goes through the whole path into a store of its own in SQLite, a transaction for a
hundred. Cost is processor time of an arrival in the first and in the last tenth: what grows with
the store shows there.
"""

import argparse
import resource
import tempfile
import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from sqlalchemy import text

from aggregator import ingest
from aggregator.draft import Draft
from aggregator.store.engine import Store
from aggregator.store.writer import Writer
from aggregator.types import Article, Seed, Source
from tests.fakes import paragraphs as news

NOW = datetime(2026, 3, 1, 12, tzinfo=UTC)
BATCH = 100
SOURCE = Source(
    id="hostile",
    name="مصدر",
    homepage="https://hostile.example/",
    country="EG",
    language="ar",
    seeds=(Seed(kind="feed", url="https://hostile.example/rss"),),
)
WORDS = ("عاجل", "صور", "فيديو", "بيان", "تابع", "الآن", "حصري")
TEXT = (
    (
        "أعلنت إدارة الميناء وصول أول سفينة حاويات إلى الرصيف الجديد صباح اليوم بعد أعمال توسعة "
        "استغرقت عامين، وقال مدير الميناء إن الرصيف يستقبل السفن العملاقة."
    ),
    "وحضر الاستقبال عدد من المسؤولين ورجال الأعمال، ووزعت هدايا تذكارية على طاقم السفينة.",
)
BULLETIN = "".join(
    (
        "سجل سعر القنطار {0} جنيها في سوق {1} وسعر الأردب {2} جنيها، وبلغت الكميات {3} طنا ",
        "منها {4} طنا من الصنف الأول، وتوقع التجار ثبات الأسعار في الأيام المقبلة مع تحسن الطقس.",
    )
)


def same(number: int) -> dict[str, Any]:
    return {"title": "وصول أول سفينة إلى الرصيف الجديد", "paragraphs": TEXT}


def empty(number: int) -> dict[str, Any]:
    return {"title": f"افتتاح معرض المنتجات رقم {number} في القاعة {number % 13}"}


def word(number: int) -> dict[str, Any]:
    return {"title": WORDS[number % len(WORDS)]}


def ahead(number: int) -> dict[str, Any]:
    published = datetime(1970 + number * 7 % 130, 1 + number % 12, 1 + number % 28, tzinfo=UTC)
    return {"title": f"خبر من يوم آخر {number}", "published": published, "paragraphs": news(number)}


def alike(number: int) -> dict[str, Any]:
    values = (number % 97 + 3, number % 11, number % 89 + 7, number % 83 + 5, number % 31)
    return {
        "title": f"أسعار الحبوب في نشرة {number}",
        "paragraphs": (BULLETIN.format(*values), f"نشرة رقم {number}."),
        "published": NOW - timedelta(hours=number % 200),
    }


KINDS: dict[str, Callable[[int], dict[str, Any]]] = {
    each.__name__: each for each in (same, empty, word, ahead, alike)
}


def draft(number: int, values: dict[str, Any]) -> Draft:
    usual = {
        "published": NOW - timedelta(minutes=number % 1000),
        "published_precision": "minute",
        "published_origin": "feed",
        "language": "ar",
        "direction": "rtl",
    }
    article = Article(**{**usual, "url": f"https://hostile.example/{number}", **values})
    return Draft(article=article, source=SOURCE, seen=NOW)


@dataclass
class Found:
    """What a run cost and left: milliseconds an item in the first and last tenth, rows."""

    first: float
    last: float
    refused: int
    rows: dict[str, int]


def run(store: Store, make: Callable[[int], dict[str, Any]], items: int) -> Found:
    """Put items into a store."""
    tenth = max(1, items // 10)
    spent: list[float] = []
    refused = 0
    with Writer(store) as writer:
        for start in range(0, items, tenth):
            begun = time.process_time()
            for number in range(start, min(items, start + tenth)):
                clean, _ = ingest.clean(draft(number, make(number)))
                if clean is None:
                    refused += 1
                else:
                    ingest.ingest(clean, writer)
                if number % BATCH == BATCH - 1:
                    writer.commit(NOW)
            writer.commit(NOW)
            spent.append((time.process_time() - begun) * 1000 / tenth)
    queries = {
        "articles": "SELECT count(*) FROM articles",
        "copies": "SELECT count(*) FROM articles WHERE copy_of IS NOT NULL",
        "clusters": "SELECT count(DISTINCT cluster) FROM prints",
        "anchors": "SELECT count(*) FROM print_anchors",
        "keys": "SELECT count(*) FROM print_keys",
        "changes": "SELECT count(*) FROM changes",
    }
    with store.read() as connection:
        rows = {name: connection.scalar(text(query)) or 0 for name, query in queries.items()}
    return Found(spent[0], spent[-1], refused, rows)


def main() -> None:
    ask = argparse.ArgumentParser(description=__doc__)
    ask.add_argument("--items", type=int, default=50_000)
    ask.add_argument("--kinds", default=",".join(KINDS))
    asked = ask.parse_args()
    for name in asked.kinds.split(","):
        with tempfile.TemporaryDirectory() as folder:
            path = Path(folder) / "store.sqlite"
            store = Store.open(f"sqlite:///{path}")
            begun = time.process_time()
            found = run(store, KINDS[name], asked.items)
            store.close()
            size = path.stat().st_size / 2**20
        peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
        rows = " ".join(f"{key} {value}" for key, value in found.rows.items())
        print(
            f"{name:6} {asked.items} items: {found.first:.2f} → {found.last:.2f} ms an item, "
            f"{time.process_time() - begun:.0f} s, peak {peak:.0f} MB, file {size:.0f} MB, "
            f"refused {found.refused}; {rows}",
            flush=True,
        )


if __name__ == "__main__":
    main()
