"""Moves a store to another database, row by row: resumable, and checked by counts and hashes.

Rows that are there already are passed over, so that a move that was stopped goes on where it was.
The target must be empty or the same move's; the source is only read.
"""

import hashlib
from collections.abc import Callable, Iterator
from typing import Any

from sqlalchemy import ColumnElement, Connection, String, Table, func, select, text, tuple_

from aggregator.errors import StoreError
from aggregator.store import schema
from aggregator.store.articles import ignore_conflicts
from aggregator.store.engine import Store
from aggregator.store.writer import Writer

BATCH = 500


def copy(
    source: Store, target: Store, progress: Callable[[str, int, int], None] | None = None
) -> dict[str, int]:
    """Copy all tables; return table → rows.

    Args:
        source: opened, of this version.
        target: opened; empty, or where this move was stopped.
        progress: called with table, rows done, rows in all.

    Raises:
        StoreError: the target holds another store, or differs from the source at the end, as when
            another process writes to it.
    """
    tables = [table for table in schema.metadata.sorted_tables if table.name != "counters"]
    with source.read() as reading, Writer(target) as writer:
        _check_target(reading, writer.connection, tables, target)
        counts = {}
        for table in tables:
            whole = reading.execute(select(func.count()).select_from(table)).scalar_one()
            done = 0
            for batch in _batches(reading, table):
                writer.connection.execute(ignore_conflicts(writer.connection, table), batch)
                writer.connection.commit()
                done += len(batch)
                if progress:
                    progress(table.name, done, whole)
            counts[table.name] = whole
        _finish(reading, writer.connection)
        writer.connection.commit()
        for table in tables:
            _verify(reading, writer.connection, table, target)
    return counts


def _check_target(
    reading: Connection, writing: Connection, tables: list[Table], target: Store
) -> None:
    """Refuse a target with a table that is not the beginning of the source's.

    Batches go over in the order of keys, so a stopped move leaves beginnings: as many rows as the
    source has up to the last of them, and that one equal. A store of its own, though it opens with
    the same article, has other times and counts.
    """
    for table in tables:
        keys = list(table.primary_key.columns)
        backwards = [_by_code_point(key, writing).desc() for key in keys]
        last = writing.execute(select(table).order_by(*backwards).limit(1)).first()
        if last is None:
            continue
        at = tuple_(*(last._mapping[key.name] for key in keys))
        same = reading.execute(select(table).where(tuple_(*keys) == at)).first()
        count = select(func.count()).select_from(table)
        begun = reading.execute(count.where(tuple_(*keys) <= at)).scalar_one()
        if (
            same is None
            or tuple(same) != tuple(last)
            or begun != writing.execute(count).scalar_one()
        ):
            raise StoreError(
                "the target holds another store",
                f"{target.url}: {table.name}",
                "give an empty database",
            )


def _by_code_point(column: ColumnElement[Any], connection: Connection) -> ColumnElement[Any]:
    """Return a column that sorts as in SQLite, whatever the language of a PostgreSQL database."""
    if connection.dialect.name == "postgresql" and isinstance(column.type, String):
        return column.collate("C")
    return column


def _batches(reading: Connection, table: Table) -> Iterator[list[dict[str, Any]]]:
    keys = list(table.primary_key.columns)
    after: tuple[Any, ...] | None = None
    while True:
        query = select(table).order_by(*keys).limit(BATCH)
        if after is not None:
            query = query.where(tuple_(*keys) > tuple_(*after))
        rows = [dict(row._mapping) for row in reading.execute(query)]
        if not rows:
            return
        yield rows
        after = tuple(rows[-1][key.name] for key in keys)


def _finish(reading: Connection, writing: Connection) -> None:
    """Set the counter of changes, and PostgreSQL's own counters of keys."""
    counters = schema.counters
    for name, value in reading.execute(select(counters.c.name, counters.c.value)):
        writing.execute(counters.update().where(counters.c.name == name).values(value=value))
    if writing.dialect.name == "sqlite":
        return
    for table in schema.metadata.sorted_tables:
        if "pk" in table.c and table.c.pk.primary_key and len(table.primary_key.columns) == 1:
            name = writing.execute(
                text("SELECT pg_get_serial_sequence(:table, 'pk')"), {"table": table.name}
            ).scalar()
            if name:
                last = writing.execute(select(func.coalesce(func.max(table.c.pk), 1))).scalar_one()
                writing.execute(text("SELECT setval(:name, :last)"), {"name": name, "last": last})


def _verify(reading: Connection, writing: Connection, table: Table, target: Store) -> None:
    ours, theirs = _digest(reading, table), _digest(writing, table)
    if ours != theirs:
        raise StoreError(
            "the copy differs", f"{target.url}: {table.name}", "give an empty database"
        )


def _digest(connection: Connection, table: Table) -> tuple[int, int]:
    """Return count of all rows and the sum of their hashes.

    A sum, since the order of text keys follows the language of a PostgreSQL database.
    """
    total = count = 0
    for batch in _batches(connection, table):
        for row in batch:
            count += 1
            form = repr(list(row.values())).encode("utf-8", "surrogatepass")
            total += int.from_bytes(hashlib.blake2b(form, digest_size=16).digest())
    return count, total
