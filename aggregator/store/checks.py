"""Looks after a store: finds damage, copies it while it is in use."""

import contextlib
import os
import sqlite3
from collections.abc import Iterator
from pathlib import Path

from sqlalchemy import Connection, func, select, text

from aggregator import record as codec
from aggregator.errors import AggregatorError, StoreError
from aggregator.store import reading, schema
from aggregator.store.engine import Store, named_errors


def problems(store: Store) -> Iterator[str]:
    """Yield one line for each thing that is not as it must be."""
    with store.read() as connection:
        if store.is_sqlite:
            for (line,) in connection.execute(text("PRAGMA integrity_check")):
                if line != "ok":
                    yield f"integrity: {line}"
        yield from _numbers(connection)
        yield from _records(connection)


def _numbers(connection: Connection) -> Iterator[str]:
    log = schema.changes
    count, least, most = connection.execute(
        select(func.count(), func.min(log.c.seq), func.max(log.c.seq))
    ).one()
    last = reading.last_seq(connection)
    if count and (least != 1 or most != count):
        yield f"changes: {count} lines, numbered {least} to {most}: there is a gap"
    if (most or 0) != last:
        yield f"changes: the counter is at {last}, the last line is {most or 0}"
    doubled = connection.execute(
        select(func.count())
        .select_from(schema.articles)
        .where(
            schema.articles.c.state == "live",
            ~schema.articles.c.seq.in_(select(log.c.seq)),
        )
    ).scalar_one()
    if doubled:
        yield f"articles: {doubled} have no line in the log"


def _records(connection: Connection) -> Iterator[str]:
    table = schema.articles
    rows = connection.execute(
        select(table.c.id, table.c.record, table.c.state).execution_options(yield_per=500)
    )
    for row in rows:
        if row.record is None:
            if row.state != "purged":
                yield f"articles: {row.id} has lost its record"
            continue
        try:
            record = codec.load(row.record)
        except AggregatorError as error:
            yield f"articles: {row.id}: {error}"
            continue
        if record.id != row.id:
            yield f"articles: {row.id} holds the record of {record.id}"


def backup(store: Store, target: Path) -> None:
    """Copy a SQLite store to another file, whole, while others read and write it.

    Raises:
        StoreError: not SQLite, or the target cannot be written.
    """
    if not store.is_sqlite or not store.engine.url.database:
        raise StoreError("only SQLite stores are copied by us", store.url, "use pg_dump")
    partial = target.with_name(target.name + ".part")
    with named_errors(store.url):
        source = sqlite3.connect(f"file:{store.engine.url.database}?mode=ro", uri=True)
        copy = sqlite3.connect(partial)
        with contextlib.closing(source), contextlib.closing(copy):
            source.backup(copy, pages=1000)
    os.replace(partial, target)  # noqa: PTH105 (atomic, says so)
