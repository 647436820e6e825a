"""Lets old articles go, by age or count, and leaves tombstones: what was purged never comes back.

Runs in small transactions beside a crawl; space is given back to the disk page by page, so that
nobody waits for a VACUUM.
"""

import contextlib
import sqlite3
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from sqlalchemy import delete, select, text

from aggregator.store import articles, reading, schema
from aggregator.store.crawling import forget_fetches
from aggregator.store.engine import Store, named_errors
from aggregator.store.neighbours import SqlNeighbours
from aggregator.store.writer import Writer

#: Articles of one transaction.
BATCH = 200
#: Pages given back at once.
PAGES = 1000
#: How long outcomes of requests, and entries that no seed shows any more, are remembered.
FETCHES = timedelta(days=60)
SIGHTINGS = timedelta(days=120)
#: How long an article is compared with arrivals; copies and events are of the same weeks.
INDEX = timedelta(days=90)
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC).toordinal()


@dataclass(frozen=True, slots=True, kw_only=True)
class Limits:
    """What is kept; 0 means no limit.

    Attributes:
        days: age by our first sight.
        articles: of each source, the newest.
        megabytes: of records, of each source, the newest.
    """

    days: float = 0
    articles: int = 0
    megabytes: float = 0


def prune(store: Store, limits: Limits, now: datetime) -> int:
    """Purge what is beyond the limits and return how many articles that was.

    Raises:
        StoreError: the store failed; what was purged before is purged.
    """
    return step(store, limits, now)[0]


def step(
    store: Store, limits: Limits, now: datetime, *, batches: int | None = None
) -> tuple[int, bool]:
    """Purge what is beyond the limits; return how many articles that was, and whether it is all.

    Args:
        store: opened.
        limits: what stays.
        now: the caller's clock.
        batches: most transactions of :data:`BATCH` articles; None: until it is done.

    Raises:
        StoreError: the store failed; what was purged before is purged.
    """
    count = 0
    with Writer(store) as writer:
        for number, batch in enumerate(_batches(writer, limits, now)):
            if number == batches:
                return count, False
            count += purge(writer, batch, reason="retention")
            writer.commit(now)
        forget_fetches(writer.connection, now - FETCHES)
        table = schema.sightings
        writer.connection.execute(
            delete(table).where(table.c.last_at < now - SIGHTINGS, table.c.state != "pending")
        )
        writer.commit(now)
        index = SqlNeighbours(writer.connection)
        while index.prune((now - INDEX).toordinal() - _EPOCH):
            writer.commit(now)
    if store.is_sqlite:
        _give_back(store, batches)
    return count, True


def _give_back(store: Store, batches: int | None) -> None:
    """Give free pages back to the disk, in short transactions of their own.

    A script, since ``execute`` takes one step of the pragma only, which is one page.
    """
    with named_errors(store.url), contextlib.closing(store.engine.raw_connection()) as raw:
        connection = raw.driver_connection
        if not isinstance(connection, sqlite3.Connection):
            return
        free, number = _free_pages(connection), 0
        while free and number != batches:
            connection.executescript(f"PRAGMA incremental_vacuum({PAGES})")
            left = _free_pages(connection)
            if left >= free:
                return
            free, number = left, number + 1


def _free_pages(connection: sqlite3.Connection) -> int:
    return int(connection.execute("PRAGMA freelist_count").fetchone()[0])


def purge(writer: Writer, pks: list[int], *, reason: str) -> int:
    """Purge articles in the open transaction; a tombstone of each stays."""
    found = articles.get(writer.connection, pks)
    index = SqlNeighbours(writer.connection)
    for pk, stored in found.items():
        articles.delete_article(writer.connection, pk, state="purged")
        index.purge(pk)
        if stored.state == "live":
            writer.note(
                pk, stored.record.id, "deleted", version=stored.record.version, reason=reason
            )
    return len(found)


def _batches(writer: Writer, limits: Limits, now: datetime) -> Iterator[list[int]]:
    seen: set[int] = set()
    while batch := [pk for pk in _beyond(writer, limits, now) if pk not in seen][:BATCH]:
        seen.update(batch)
        yield batch


def _beyond(writer: Writer, limits: Limits, now: datetime) -> list[int]:
    table = schema.articles
    kept = (table.c.state != "purged", table.c.record.is_not(None))
    found: dict[int, None] = {}
    if limits.days:
        old = now - timedelta(days=limits.days)
        rows = writer.connection.execute(
            select(table.c.pk).where(*kept, table.c.first_seen < old).limit(BATCH)
        )
        found.update(dict.fromkeys(row.pk for row in rows))
    if limits.articles or limits.megabytes:
        for source_id in reading.source_ids(writer.connection):
            found.update(dict.fromkeys(_beyond_of_source(writer, source_id, limits)))
            if len(found) >= BATCH:
                break
    return list(found)


def _beyond_of_source(writer: Writer, source_id: str, limits: Limits) -> list[int]:
    rows = writer.connection.execute(
        text(
            "SELECT pk FROM (SELECT pk, row_number() OVER w AS nth, "
            "sum(length(record)) OVER w AS size FROM articles "
            "WHERE source_id = :source AND record IS NOT NULL "
            "WINDOW w AS (ORDER BY first_seen DESC, pk DESC)) newest "
            "WHERE (:most > 0 AND nth > :most) OR (:bytes > 0 AND size > :bytes) LIMIT :batch"
        ),
        {
            "source": source_id,
            "most": limits.articles,
            "bytes": round(limits.megabytes * 1_000_000),
            "batch": BATCH,
        },
    )
    return [row.pk for row in rows]
