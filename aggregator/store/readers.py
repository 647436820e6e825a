"""People who read in an app: their tokens, the sources they follow, what they have read.

A token is 192 random bits and is kept only as its SHA-256: nothing can be guessed, and who gets
hold of the store cannot sign in with what stands in it.

What is read is kept as two things: how far a source was read (``read_until``, the number of an
article), and marks of single articles, which count more. So "mark all as read" writes one row a
source, at any size of the store.
"""

import hashlib
import secrets
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import (
    Boolean,
    Column,
    Connection,
    Index,
    String,
    Table,
    Text,
    delete,
    func,
    insert,
    select,
    update,
)

from aggregator.store import schema

readers = Table(
    "readers",
    schema.metadata,
    Column("pk", schema.Key, primary_key=True),
    Column("name", String(60), nullable=False, unique=True),
    #: SHA-256 of the token, hexadecimal
    Column("token_hash", String(64), nullable=False, unique=True),
    Column("created", schema.Time, nullable=False),
)

#: Sources that somebody follows.
follows = Table(
    "reader_follows",
    schema.metadata,
    Column("reader_pk", schema.Key, primary_key=True),
    Column("source_id", String(100), primary_key=True),
    #: what the reader calls it; None: as the catalogue does
    Column("title", Text),
    #: folder; None: in none
    Column("label", Text),
    #: articles up to this number are read, unless a mark says otherwise
    Column("read_until", schema.Key, nullable=False),
)

#: What was said of single articles.
marks = Table(
    "reader_marks",
    schema.metadata,
    Column("reader_pk", schema.Key, primary_key=True),
    Column("article_pk", schema.Key, primary_key=True),
    #: None: nothing was said, ``read_until`` decides
    Column("is_read", Boolean),
    Column("is_starred", Boolean, nullable=False, default=False),
    Column("at", schema.Time, nullable=False),
    Index(None, "reader_pk", "is_starred"),
)

TABLES = (readers, follows, marks)
#: Keys that one statement may name, for SQLite's sake.
MANY = 500


@dataclass(frozen=True, slots=True, kw_only=True)
class Reader:
    """Somebody with a token."""

    pk: int
    name: str
    token_hash: str
    created: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Follow:
    """A source that a reader follows."""

    source_id: str
    title: str | None
    label: str | None
    read_until: int


def hashed(token: str) -> str:
    """Return what is kept of a token."""
    return hashlib.sha256(token.encode("utf-8", "replace")).hexdigest()


def new_token() -> str:
    """Return a token that nobody had before."""
    return secrets.token_urlsafe(24)


# ---------------------------------------------------------------- readers


def add(connection: Connection, name: str, token: str, now: datetime) -> int | None:
    """Add a reader; return the key, None where there is one of that name."""
    if find(connection, name) is not None:
        return None
    done = connection.execute(
        insert(readers).values(name=name, token_hash=hashed(token), created=now)
    )
    key = done.inserted_primary_key
    return None if key is None else int(key[0])


def find(connection: Connection, name: str) -> Reader | None:
    """Return a reader by name."""
    row = connection.execute(select(readers).where(readers.c.name == name)).first()
    return None if row is None else Reader(**row._mapping)


def everyone(connection: Connection) -> list[Reader]:
    """Return all readers by name."""
    rows = connection.execute(select(readers).order_by(readers.c.name))
    return [Reader(**row._mapping) for row in rows]


def set_token(connection: Connection, name: str, token: str) -> bool:
    """Give a reader another token; the old one is worth nothing from now on."""
    done = connection.execute(
        update(readers).where(readers.c.name == name).values(token_hash=hashed(token))
    )
    return done.rowcount == 1


def remove(connection: Connection, name: str) -> bool:
    """Forget a reader with all marks; whether there was one."""
    reader = find(connection, name)
    if reader is None:
        return False
    for table in (marks, follows):
        connection.execute(delete(table).where(table.c.reader_pk == reader.pk))
    connection.execute(delete(readers).where(readers.c.pk == reader.pk))
    return True


# ---------------------------------------------------------------- sources


def followed(connection: Connection, reader_pk: int) -> dict[str, Follow]:
    """Return what a reader follows, by source."""
    columns = [follows.c[name] for name in ("source_id", "title", "label", "read_until")]
    rows = connection.execute(
        select(*columns).where(follows.c.reader_pk == reader_pk).order_by(follows.c.source_id)
    )
    return {row.source_id: Follow(**row._mapping) for row in rows}


def follow(
    connection: Connection, reader_pk: int, source_ids: Iterable[str], since: datetime
) -> None:
    """Follow sources; what arrived before ``since`` counts as read. Those followed stay as is."""
    known = followed(connection, reader_pk)
    new = [name for name in dict.fromkeys(source_ids) if name not in known]
    table = schema.articles
    until: dict[str, int] = {}
    for start in range(0, len(new), MANY):
        rows = connection.execute(
            select(table.c.source_id, func.max(table.c.pk))
            .where(table.c.source_id.in_(new[start : start + MANY]), table.c.first_seen < since)
            .group_by(table.c.source_id)
        )
        until |= dict(rows.all())
    if new:
        connection.execute(
            insert(follows),
            [
                {"reader_pk": reader_pk, "source_id": name, "read_until": until.get(name, 0)}
                for name in new
            ],
        )


def unfollow(connection: Connection, reader_pk: int, source_ids: Iterable[str]) -> None:
    """Follow sources no longer; marks stay, for who comes back."""
    for name in source_ids:
        connection.execute(delete(follows).where(_one(reader_pk, name)))


def describe(
    connection: Connection, reader_pk: int, source_id: str, values: Mapping[str, str | None]
) -> None:
    """Set the title or the label of a followed source."""
    if values:
        connection.execute(update(follows).where(_one(reader_pk, source_id)).values(**values))


def relabel(connection: Connection, reader_pk: int, old: str, new: str | None) -> None:
    """Rename a folder; None takes it away and leaves what was in it."""
    connection.execute(
        update(follows)
        .where(follows.c.reader_pk == reader_pk, follows.c.label == old)
        .values(label=new)
    )


def _one(reader_pk: int, source_id: str) -> Any:
    return (follows.c.reader_pk == reader_pk) & (follows.c.source_id == source_id)


# ---------------------------------------------------------------- marks


@dataclass(frozen=True, slots=True)
class Mark:
    """What was said of an article; ``is_read`` is None where nothing was."""

    is_read: bool | None
    is_starred: bool


def marked(connection: Connection, reader_pk: int, pks: Iterable[int]) -> dict[int, Mark]:
    """Return the marks of these articles."""
    names = list(pks)
    found: dict[int, Mark] = {}
    for start in range(0, len(names), MANY):
        rows = connection.execute(
            select(marks.c.article_pk, marks.c.is_read, marks.c.is_starred).where(
                marks.c.reader_pk == reader_pk,
                marks.c.article_pk.in_(names[start : start + MANY]),
            )
        )
        found |= {row.article_pk: Mark(row.is_read, row.is_starred) for row in rows}
    return found


def mark(
    connection: Connection, reader_pk: int, pks: Iterable[int], now: datetime, **said: bool
) -> None:
    """Say something of articles: ``is_read`` or ``is_starred``; the rest of a mark stays."""
    rows = [
        {"reader_pk": reader_pk, "article_pk": pk, "is_starred": False, "at": now, **said}
        for pk in dict.fromkeys(pks)
    ]
    if not rows:
        return
    insertion = _insert(connection)
    changed = {name: insertion.excluded[name] for name in (*said, "at")}
    statement = insertion.on_conflict_do_update(
        index_elements=["reader_pk", "article_pk"], set_=changed
    )
    for start in range(0, len(rows), MANY):
        connection.execute(statement, rows[start : start + MANY])


def read_all(
    connection: Connection,
    reader_pk: int,
    source_ids: Iterable[str],
    until: datetime,
    now: datetime,
) -> None:
    """Mark all as read that had arrived by a time, of these followed sources."""
    table = schema.articles
    known = followed(connection, reader_pk)
    for name in source_ids:
        arrived = (table.c.source_id == name) & (table.c.first_seen <= until)
        last = connection.execute(select(func.max(table.c.pk)).where(arrived)).scalar()
        if last is None or name not in known:
            continue
        before = known[name].read_until
        if last > before:
            connection.execute(update(follows).where(_one(reader_pk, name)).values(read_until=last))
        connection.execute(
            update(marks)
            .where(
                marks.c.reader_pk == reader_pk,
                marks.c.is_read.is_(False),
                marks.c.article_pk.in_(select(table.c.pk).where(arrived)),
            )
            .values(is_read=None)
        )
        # numbers rise as articles arrive, but those stored at once may be some seconds apart
        later = connection.execute(
            select(table.c.pk).where(
                table.c.source_id == name,
                table.c.pk > before,
                table.c.pk <= last,
                table.c.first_seen > until,
            )
        )
        said = marked(connection, reader_pk, pks := [row.pk for row in later])
        unread = [pk for pk in pks if pk not in said or said[pk].is_read is None]
        mark(connection, reader_pk, unread, now, is_read=False)


def _insert(connection: Connection) -> Any:
    if connection.dialect.name == "sqlite":
        from sqlalchemy.dialects.sqlite import insert as dialect_insert

        return dialect_insert(marks)
    from sqlalchemy.dialects.postgresql import insert as pg_insert

    return pg_insert(marks)
