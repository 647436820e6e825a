"""Reads the store for others: records by filter, the log from a cursor, versions.

Everything is streamed; memory does not grow with the number of rows.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import orjson
from sqlalchemy import Connection, Select, and_, bindparam, func, literal_column, select, text

from aggregator import query as queries
from aggregator import record as codec
from aggregator.arabic import fold
from aggregator.store import schema
from aggregator.store.prepared import Prepared
from aggregator.types import Change, Event, Filter
from aggregator.urls import canonical

#: Rows fetched at a time.
CHUNK = 500


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """A line of the log with its record as JSON, not decoded."""

    seq: int
    event: Event
    at: datetime
    id: str
    changed: tuple[str, ...]
    record_json: bytes | None
    reason: str | None
    revised: datetime | None = None
    pk: int = 0

    def line(self) -> bytes:
        """Return the line of JSON Lines, line feed included."""
        return codec.line(
            seq=self.seq,
            event=self.event,
            changed=self.changed,
            at=self.at,
            id=self.id,
            record_json=self.record_json,
            reason=self.reason,
        )

    def change(self) -> Change:
        """Return the decoded change."""
        record = codec.load(self.record_json) if self.record_json else None
        return Change(
            seq=self.seq,
            event=self.event,
            at=self.at,
            id=self.id,
            changed=self.changed,
            record=record,
            reason=self.reason,
            revised=self.revised,
        )


def last_seq(connection: Connection) -> int:
    """Return the number of the newest change, 0 in an empty store."""
    table = schema.counters
    query = select(table.c.value).where(table.c.name == "changes")
    return int(connection.execute(query).scalar_one())


def conditions(connection: Connection, wanted: Filter) -> list[Any]:
    """Return the conditions on ``articles`` that a filter sets."""
    table = schema.articles
    found: list[Any] = []
    if wanted.sources:
        found.append(table.c.source_id.in_(wanted.sources))
    if wanted.country:
        found.append(table.c.country == wanted.country.upper())
    if wanted.language:
        found.append(table.c.language == wanted.language)
    if wanted.cluster:
        found.append(table.c.cluster == wanted.cluster)
    if wanted.ids:
        found.append(table.c.id.in_(wanted.ids))
    if wanted.keyword:
        key = fold(wanted.keyword, "search")[:200]
        words = schema.keywords
        found.append(table.c.pk.in_(select(words.c.article_pk).where(words.c.key == key)))
    if wanted.query is not None:
        asked = queries.parse(wanted.query)
        found.append(table.c.pk.in_(_matching(connection, asked)) if asked else text("1 = 0"))
    return found


def _matching(connection: Connection, asked: queries.Query) -> Select[Any]:
    if connection.dialect.name == "sqlite":
        return (
            select(literal_column("rowid"))
            .select_from(text("search"))
            .where(text("search MATCH :asked").bindparams(asked=asked.fts5()))
        )
    texts = schema.search_texts
    return select(texts.c.pk).where(
        text("words @@ to_tsquery('simple', :asked)").bindparams(asked=asked.tsquery())
    )


def living(
    connection: Connection, wanted: Filter, *, limit: int | None = None, newest: bool = False
) -> Iterator[Row]:
    """Yield the newest state of each living article: in the order of the log, or newest first."""
    table, log = schema.articles, schema.changes
    order: tuple[Any, ...] = (table.c.seq,)
    if newest:  # numbers rise as articles arrive; only within a source is the time an index
        by_time = (table.c.first_seen.desc(),) if wanted.sources else ()
        order = (*by_time, table.c.pk.desc())
    query = (
        select(
            table.c.seq,
            log.c.event,
            log.c.changed,
            log.c.at,
            table.c.id,
            table.c.record,
            table.c.revised,
            table.c.pk,
        )
        .join(log, log.c.seq == table.c.seq)
        .where(table.c.state == "live", *conditions(connection, wanted))
        .order_by(*order)
    )
    if limit is not None:
        query = query.limit(limit)
    for row in connection.execute(query.execution_options(yield_per=CHUNK)):
        yield Row(
            seq=row.seq,
            event=row.event,
            at=row.at,
            id=row.id,
            changed=tuple(orjson.loads(row.changed)) if row.changed != "[]" else (),
            record_json=row.record,
            reason=None,
            revised=row.revised,
            pk=row.pk,
        )


def newest(
    connection: Connection, wanted: Filter, *, limit: int, events: bool = False
) -> list[Row]:
    """Return the articles that arrived last: late ones with an old date are not missed.

    With ``events`` one for each event: the one that came first.
    """
    if not events:
        return list(living(connection, wanted, limit=limit, newest=True))
    found = list(living(connection, wanted, limit=limit * 8, newest=True))
    return list(one_per_event(reversed(found)))[-limit:]


def one_per_event(rows: Iterable[Row]) -> Iterator[Row]:
    """Yield the first row of each event, and all that belong to none."""
    seen: set[str] = set()
    for row in rows:
        cluster = orjson.loads(row.record_json)["cluster"] if row.record_json else None
        if cluster is None or cluster not in seen:
            yield row
        if cluster is not None:
            seen.add(cluster)


def changes(
    connection: Connection, since: int, wanted: Filter | None = None, *, limit: int | None = None
) -> Iterator[Row]:
    """Yield every change after ``since`` in order, edits and deletions included."""
    log, table, old = schema.changes, schema.articles, schema.versions
    query = (
        select(
            log.c.seq,
            log.c.event,
            log.c.changed,
            log.c.at,
            log.c.article_id,
            log.c.reason,
            func.coalesce(old.c.record, table.c.record).label("record"),
            table.c.revised,
            table.c.pk,
        )
        .join(table, table.c.pk == log.c.article_pk)
        .outerjoin(old, and_(old.c.article_pk == log.c.article_pk, old.c.version == log.c.version))
        .where(log.c.seq > since)
        .order_by(log.c.seq)
    )
    if wanted:
        query = query.where(*conditions(connection, wanted))
    if limit is not None:
        query = query.limit(limit)
    for row in connection.execute(query.execution_options(yield_per=CHUNK)):
        gone = row.event == "deleted" or row.record is None
        yield Row(
            seq=row.seq,
            event="deleted" if gone else row.event,
            at=row.at,
            id=row.article_id,
            changed=tuple(orjson.loads(row.changed)) if not gone and row.changed != "[]" else (),
            record_json=None if gone else row.record,
            reason=(row.reason or "retention") if gone else None,
            revised=row.revised,
            pk=row.pk,
        )


def find_article(connection: Connection, name: str) -> Row | None:
    """Return the newest state of an article by its id, or by any address it was ever known by."""
    table, names = schema.articles, schema.aliases
    condition = table.c.id == name
    if name.startswith(("http://", "https://")):
        condition = table.c.pk.in_(
            select(names.c.article_pk).where(names.c.scope == "", names.c.key == canonical(name))
        )
    seq = connection.execute(select(table.c.seq).where(condition)).scalar()
    if seq is None:
        return None
    # read to the end: a half-read cursor of PostgreSQL stays open
    found = list(changes(connection, seq - 1, limit=1))
    return found[0] if found else None


@dataclass(frozen=True, slots=True, kw_only=True)
class Version:
    """A superseded state; ``kind`` and ``changed`` say what the next one changed."""

    version: int
    at: datetime
    kind: str
    changed: tuple[str, ...]
    record_json: bytes


def versions(connection: Connection, pk: int) -> list[Version]:
    """Return the superseded states of an article, oldest first."""
    table = schema.versions
    rows = connection.execute(
        select(table).where(table.c.article_pk == pk).order_by(table.c.version)
    )
    return [
        Version(
            version=row.version,
            at=row.at,
            kind=row.kind,
            changed=tuple(orjson.loads(row.changed)),
            record_json=row.record,
        )
        for row in rows
    ]


def top_keywords(
    connection: Connection, *, least: int = 3, limit: int = 200
) -> list[tuple[str, int]]:
    """Return keywords worth a feed of their own with how many living articles have them."""
    table = schema.keywords
    rows = connection.execute(
        select(func.min(table.c.keyword), func.count().label("n"))
        .group_by(table.c.key)
        .having(func.count() >= least)
        .order_by(func.count().desc(), table.c.key)
        .limit(limit)
    )
    return [(keyword, count) for keyword, count in rows]


def posts(connection: Connection, source_id: str, since: datetime) -> list[datetime]:
    """Return when a source posted since a time: publication, or first sight where it is unknown."""
    rows = _POSTS.rows(connection, {"source": source_id, "since": since})
    return [datetime.fromisoformat(published or first_seen) for published, first_seen in rows]


_POSTS = Prepared(
    lambda _: (
        select(schema.articles.c.published, schema.articles.c.first_seen)
        .where(
            schema.articles.c.source_id == bindparam("source"),
            schema.articles.c.first_seen >= bindparam("since"),
        )
        .order_by(schema.articles.c.first_seen.desc())
        .limit(1000)
    )
)


def source_ids(connection: Connection) -> list[str]:
    """Return the ids of all sources that have articles."""
    table = schema.articles
    rows = connection.execute(select(table.c.source_id).distinct().order_by(table.c.source_id))
    return [row.source_id for row in rows]
