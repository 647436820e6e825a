"""Events: B-cubed F1 on written reports, and what one arrival costs in a small and a large store.

    python -m bench.clusters                      # quality, and cost at 10,000 and 100,000
    python -m bench.clusters --sizes 10000,1000000

Quality: reports of known events over sources, days and languages, with events of the same actors
and short news of the same days between them (``tests/data/events``). Beside ours, single-pass
TF-IDF at the threshold that is best for it on the same data. Cost: copies, cluster and related of
one arrival in SQLite, milliseconds of the processor; the large store repeats the small one with
other texts over the same thirty days.
"""

import argparse
import math
import statistics
import sys
import tempfile
import time
from collections import Counter
from dataclasses import replace
from datetime import datetime, timedelta
from itertools import chain
from pathlib import Path
from typing import Any

from sqlalchemy import Connection, create_engine, text

from aggregator.affinity import length
from aggregator.clusters import cluster
from aggregator.neighbours import MemoryNeighbours, Stored, stored
from aggregator.similarity import fingerprint
from aggregator.store import neighbours as sql
from aggregator.store import prints as tables
from aggregator.terms import prior, read
from tests.event_cases import Report, arrive, arrive_all, reports

HERE = Path(__file__).parent.parent
sys.path.insert(0, str(HERE / "tests"))
from miniweb import texts  # noqa: E402 (its folder is no package of ours)


def bcubed(events: list[str], labels: list[str]) -> tuple[float, float, float]:
    """Return B-cubed precision, recall and F1."""
    by_label, by_event, both = (
        Counter(labels),
        Counter(events),
        Counter(zip(labels, events, strict=True)),
    )
    pairs = list(zip(labels, events, strict=True))
    precision = sum(both[pair] / by_label[pair[0]] for pair in pairs) / len(pairs)
    recall = sum(both[pair] / by_event[pair[1]] for pair in pairs) / len(pairs)
    return precision, recall, 2 * precision * recall / (precision + recall)


def tfidf(found: list[Report]) -> tuple[float, list[str]]:
    """Return the best F1 of single-pass TF-IDF over all thresholds, and its labels."""
    bags = [Counter(w.stem for w in read("\n".join([r.title, *r.paragraphs]))) for r in found]
    df = Counter(stem for bag in bags for stem in bag)
    when = [report.published.timestamp() for report in found if report.published]
    vectors = [{s: n * math.log(len(bags) / df[s]) for s, n in bag.items()} for bag in bags]
    norms = [math.sqrt(sum(v * v for v in vector.values())) or 1.0 for vector in vectors]
    order = sorted(range(len(found)), key=lambda at: when[at])
    best: tuple[float, list[str]] = (0.0, [])
    for step in range(2, 40):
        labels = [""] * len(found)
        for done, at in enumerate(order):
            near = [
                (
                    sum(v * vectors[o].get(s, 0) for s, v in vectors[at].items())
                    / norms[at]
                    / norms[o],
                    o,
                )
                for o in order[:done]
                if abs(when[at] - when[o]) <= 7 * 86400
            ]
            top = max(near, default=(0.0, 0))
            labels[at] = labels[top[1]] if top[0] >= step / 50 else found[at].id
        score = bcubed([report.event for report in found], labels)[2]
        best = max(best, (score, labels), key=lambda pair: pair[0])
    return best


def quality() -> None:
    sets = {
        "tuned": ("tuned", "crowd-tuned"),
        "heldout": ("heldout", "crowd-heldout"),
        "fresh": ("fresh",),
        "world-a": ("world-a",),
        "world-b": ("world-b",),
    }
    for name, files in [*sets.items(), ("all", tuple(chain.from_iterable(sets.values())))]:
        found = reports(*files)
        events = [report.event for report in found]
        print(f"{name}: {len(set(events))} events, {len(found)} reports; B-cubed P / R / F1")
        for what, labels in (
            ("all known", cluster(found)),
            ("at arrival", arrive_all(found, MemoryNeighbours())[0]),
        ):
            print(f"  ours, {what:<12} " + " / ".join(f"{x:.3f}" for x in bcubed(events, labels)))
        print(f"  TF-IDF, best threshold          {tfidf(found)[0]:.3f}")


def fill(connection: Connection, size: int, base: int) -> None:
    """Repeat the first ``base`` articles up to ``size``: other texts, a third of keys the same."""
    for table, key in (
        ("print_anchors", "article_pk"),
        ("print_keys", "article_pk"),
        ("prints", "pk"),
    ):
        kept = f"CREATE TEMP TABLE base_{table} AS SELECT * FROM {table} WHERE {key} < {base}"
        connection.execute(text(kept))  # to look for them among all each time would be quadratic
    for times in range(1, size // base):
        bound = {"k": times, "step": times * base, "shift": times % 30}
        for table, column, keep in (
            ("print_anchors", "anchor", "0"),
            ("print_keys", "hash", "{c} % 3 = 0"),
        ):
            kept = keep.format(c=column)
            connection.execute(
                text(
                    f"INSERT INTO {table} SELECT CASE WHEN {kept} THEN {column} "
                    f"ELSE ({column} + :k * 1000003000003) & 4611686018427387903 END, "
                    f"day - :shift, article_pk + :step FROM base_{table} ORDER BY 1, 2, 3"
                ),
                bound,
            )
        columns = [
            c.name for c in tables.prints.columns if c.name not in {"pk", "day", "exact", "root"}
        ]
        names = ", ".join(f'"{name}"' for name in columns)
        connection.execute(
            text(
                f"INSERT INTO prints (pk, day, exact, root, cluster, {names}) "
                f"SELECT pk + :step, day - :shift, "
                f"exact + :k, root + :step, cluster || '-' || :k, {names} "
                "FROM base_prints"
            ),
            bound,
        )


def cost(sizes: list[int]) -> None:
    base = 10_000
    made: list[dict[str, Any]] = list(texts(base + 400))
    start = datetime.fromisoformat("2025-11-20T00:00:00+00:00")
    entries: list[Stored] = []
    for at, one in enumerate(made):
        published = start - timedelta(minutes=4 * (base - at))
        print_ = fingerprint(one["title"], one["text"].split("\n")[:2], "ar", published)
        entry = stored(at, print_, seen=published.timestamp(), source=f"s{one['source']}")
        entries.append(replace(entry, cluster=f"c{at}", lengths=length(print_, prior)))
    medians = []
    for size in sizes:
        with tempfile.TemporaryDirectory() as folder:
            engine = create_engine(f"sqlite:///{folder}/index.db")
            tables.metadata.create_all(
                engine, tables=[tables.prints, tables.anchors, tables.places, tables.counts]
            )
            with engine.begin() as connection:
                connection.execute(text("PRAGMA cache_size = -65536"))
                index = sql.SqlNeighbours(connection)
                for at in range(0, base, 500):
                    index.add(entries[at : at + 500])
                fill(connection, size, base)
            with engine.begin() as connection:
                connection.execute(text("PRAGMA cache_size = -65536"))
                index = sql.SqlNeighbours(connection)
                spent = []
                for at, entry in enumerate(entries[base : base + 400]):
                    began = time.process_time()
                    arrive(replace(entry, pk=10**9 + at), index, label=f"n{at}")
                    spent.append(1000 * (time.process_time() - began))
                bytes_ = Path(f"{folder}/index.db").stat().st_size
            engine.dispose()
        warm = spent[100:]
        medians.append(statistics.median(warm))
        print(
            f"{size:>9,} stored: median {medians[-1]:.2f} ms, mean {statistics.mean(warm):.2f}, "
            f"p95 {sorted(warm)[int(0.95 * len(warm))]:.2f}; {bytes_ / size:.0f} bytes an article"
        )
    if len(medians) > 1:
        print(f"largest / smallest: {medians[-1] / medians[0]:.2f}")


def main() -> None:
    ask = argparse.ArgumentParser(description=__doc__)
    ask.add_argument("--sizes", default="10000,100000", help="stored articles, by commas")
    ask.add_argument("--only", choices=("quality", "cost"))
    options = ask.parse_args()
    if options.only != "cost":
        quality()
    if options.only != "quality":
        cost([int(size) for size in options.sizes.split(",")])


if __name__ == "__main__":
    main()
