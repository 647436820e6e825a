"""Figures of a store for Prometheus, in its text format (exposition format 0.0.4).

Those that ``serve`` shows under ``/metrics`` have the same names there. All are read from the
store, so that a run of a minute under cron can tell of the day behind it.
"""

from collections.abc import Iterable, Iterator, Mapping
from datetime import datetime, timedelta
from pathlib import Path

from sqlalchemy import Connection, func, select

from aggregator.store import crawling, queue, reading, schema
from aggregator.store.engine import Store
from aggregator.types import Source
from aggregator.watching import FIELDS, health_of

#: How far back outcomes and lags are counted.
SPAN = timedelta(days=1)
Labels = tuple[tuple[str, str], ...]


def text(store: Store, sources: Mapping[str, Source], now: datetime) -> str:
    """Return the figures of a store.

    Raises:
        StoreError: it cannot be read.
    """
    with store.read() as connection:
        found = [
            *_articles(connection),
            *_sources(connection, sources, now),
            *_fetches(connection, now - SPAN),
            *_lag(connection, now - SPAN),
            *_fills(connection, (now - SPAN).date().isoformat()),
            *_queue(connection),
        ]
    return "".join([*found, *_size(store)])


def family(name: str, kind: str, words: str, values: Mapping[Labels, float]) -> str:
    """Return one metric with all its labels; nothing where there are no values."""
    if not values:
        return ""
    lines = [f"# HELP {name} {words}", f"# TYPE {name} {kind}"]
    for labels, value in sorted(values.items()):
        told = ",".join(f'{label}="{_safe(text)}"' for label, text in labels)
        shown = f"{value:.6g}" if isinstance(value, float) else str(value)
        lines.append(f"{name}{{{told}}} {shown}" if told else f"{name} {shown}")
    return "\n".join(lines) + "\n"


def _safe(label: str) -> str:
    return label.replace("\\", "\\\\").replace('"', '\\"').replace("\n", "\\n")


def _by(label: str, values: Iterable[tuple[str, float]]) -> dict[Labels, float]:
    return {((label, name),): value for name, value in values}


def _articles(connection: Connection) -> Iterator[str]:
    counts = crawling.source_counts(connection)
    last, living = reading.last_seq(connection), sum(counts.values())
    yield family("aggregator_changes_total", "counter", "Number of the newest change.", {(): last})
    yield family("aggregator_articles", "gauge", "Living articles.", {(): living})
    words = "Living articles by source."
    yield family("aggregator_source_articles", "gauge", words, _by("source", counts.items()))


def _sources(connection: Connection, sources: Mapping[str, Source], now: datetime) -> Iterator[str]:
    polled = crawling.poll_times(connection)
    states: dict[str, int] = {}
    for name, source in sources.items():
        state = health_of(connection, source, now).state if name in polled else "unknown"
        states[state] = states.get(state, 0) + 1
    words = "Sources by how they fare."
    yield family("aggregator_sources", "gauge", words, _by("state", states.items()))


def _fetches(connection: Connection, since: datetime) -> Iterator[str]:
    table = schema.fetches
    recent = table.c.at > since
    rows = connection.execute(
        select(table.c.role, table.c.kind, func.count())
        .where(recent)
        .group_by(table.c.role, table.c.kind)
    ).all()
    values: dict[Labels, float] = {
        (("role", role), ("kind", kind or "ok")): count for role, kind, count in rows
    }
    yield family("aggregator_fetches", "gauge", "Requests of the last day by outcome.", values)
    polls = sum(count for role, _, count in rows if role == "seed")
    if polls:
        unchanged = connection.execute(
            select(func.count()).where(recent, table.c.role == "seed", table.c.status == 304)
        ).scalar_one()
        words = "Share of the last day's polls that were answered 304."
        yield family("aggregator_not_modified_share", "gauge", words, {(): unchanged / polls})


def _lag(connection: Connection, since: datetime) -> Iterator[str]:
    table = schema.articles
    rows = connection.execute(
        select(table.c.published, table.c.first_seen).where(
            table.c.first_seen > since, table.c.published > since
        )
    )
    lags = sorted(max((row.first_seen - row.published).total_seconds(), 0.0) for row in rows)
    if lags:
        words = "Seconds from publication to first sight, articles of the last day."
        shares = (("0.5", 0.5), ("0.95", 0.95))
        found = [(name, lags[round(share * (len(lags) - 1))]) for name, share in shares]
        yield family("aggregator_lag_seconds", "gauge", words, _by("quantile", found))


def _fills(connection: Connection, since_day: str) -> Iterator[str]:
    table = schema.fills
    rows = connection.execute(
        select(table.c.field, func.sum(table.c.filled), func.sum(table.c.total))
        .where(table.c.day >= since_day, table.c.field.in_(FIELDS))
        .group_by(table.c.field)
    )
    found = [(field, float(filled) / float(total)) for field, filled, total in rows if total]
    words = "Share of articles, today and yesterday, in which a field is filled."
    yield family("aggregator_fill_share", "gauge", words, _by("field", found))


def _queue(connection: Connection) -> Iterator[str]:
    table = schema.sightings
    waiting = connection.execute(
        select(func.count()).where(table.c.state == "pending")
    ).scalar_one()
    yield family("aggregator_queue_entries", "gauge", "Pages to fetch.", {(): waiting})
    owing = len(queue.owing(connection))
    yield family("aggregator_sources_owing", "gauge", "Sources with pages to fetch.", {(): owing})


def _size(store: Store) -> Iterator[str]:
    database = store.engine.url.database
    if not store.is_sqlite or not database or not Path(database).exists():
        return
    logs = (path for path in (Path(database), Path(f"{database}-wal")) if path.exists())
    size = sum(path.stat().st_size for path in logs)
    yield family("aggregator_store_bytes", "gauge", "Size of the store's files.", {(): size})
