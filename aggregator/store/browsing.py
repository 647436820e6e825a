"""What pages of the web need of the store: lists without texts, counts over time, archives.

Lines leave the record where it is, so that a front page costs the same at any size of the store.
"""

from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import NamedTuple

from sqlalchemy import Connection, func, select

from aggregator import record as codec
from aggregator.store import schema
from aggregator.store.reading import Row, conditions, living
from aggregator.types import Event, Filter, Record

#: Values that one IN may have, for SQLite's sake.
_MANY = 500


class Line(NamedTuple):
    """An article as lists show it; times are UTC."""

    pk: int
    id: str
    source_id: str
    country: str
    language: str
    url: str
    title: str
    published: datetime | None
    first_seen: datetime
    cluster: str | None
    copy_of: int | None
    version: int

    @property
    def when(self) -> datetime:
        """When it came out, as far as is known."""
        return self.published or self.first_seen


_LINE = tuple(schema.articles.c[name] for name in Line._fields)


def lines(
    connection: Connection, wanted: Filter, *, limit: int, before: int | None = None
) -> list[Line]:
    """Return living articles, the last to arrive first; ``before`` is the ``pk`` to go on from."""
    table = schema.articles
    query = select(*_LINE).where(table.c.state == "live", *conditions(connection, wanted))
    if before is not None:
        query = query.where(table.c.pk < before)
    rows = connection.execute(query.order_by(table.c.pk.desc()).limit(limit))
    return [Line._make(row) for row in rows]


def lines_of_events(connection: Connection, clusters: Iterable[str]) -> list[Line]:
    """Return all living articles of the events, in the order of arrival."""
    table, names = schema.articles, sorted(set(clusters))
    found: list[Line] = []
    for start in range(0, len(names), _MANY):
        rows = connection.execute(
            select(*_LINE).where(
                table.c.state == "live", table.c.cluster.in_(names[start : start + _MANY])
            )
        )
        found += [Line._make(row) for row in rows]
    return sorted(found, key=lambda line: line.pk)


def lines_of_ids(connection: Connection, ids: Iterable[str]) -> dict[str, Line]:
    """Return the living ones of these articles by id."""
    table, names = schema.articles, sorted(set(ids))
    found: dict[str, Line] = {}
    for start in range(0, len(names), _MANY):
        rows = connection.execute(
            select(*_LINE).where(
                table.c.state == "live", table.c.id.in_(names[start : start + _MANY])
            )
        )
        found |= {row.id: Line._make(row) for row in rows}
    return found


def records(
    connection: Connection, pks: Sequence[int], *, living: bool = False
) -> dict[int, Record]:
    """Return the records of these articles by ``pk``, or of the living ones."""
    table = schema.articles
    found: dict[int, Record] = {}
    for start in range(0, len(pks), _MANY):
        query = select(table.c.pk, table.c.record).where(table.c.pk.in_(pks[start : start + _MANY]))
        rows = connection.execute(query.where(table.c.state == "live") if living else query)
        found |= {row.pk: codec.load(row.record) for row in rows if row.record}
    return found


def living_count(connection: Connection) -> int:
    """Return how many living articles there are."""
    table = schema.articles
    query = select(func.count()).select_from(table).where(table.c.state == "live")
    return int(connection.execute(query).scalar_one())


def arrivals(
    connection: Connection, since: datetime, *, source_id: str | None = None
) -> dict[str, int]:
    """Return how many articles arrived on each day (UTC, ISO 8601) since a time."""
    table = schema.articles
    day = func.substr(table.c.first_seen, 1, 10, type_=schema.articles.c.id.type)
    query = select(day, func.count()).where(table.c.first_seen >= since)
    if source_id is not None:
        query = query.where(table.c.source_id == source_id)
    return dict(connection.execute(query.group_by(day)).all())


def outcomes(connection: Connection, since: datetime) -> dict[str, int]:
    """Return how many requests since a time ended how; ``ok`` is all well."""
    table = schema.fetches
    kind = func.coalesce(table.c.kind, "ok")
    rows = connection.execute(select(kind, func.count()).where(table.c.at >= since).group_by(kind))
    return dict(rows.all())


def last_deletion(connection: Connection, since_seq: int = 0) -> datetime | None:
    """Return when an article was last deleted, looking at changes after a number."""
    log = schema.changes
    query = select(func.max(log.c.at)).where(log.c.seq > since_seq, log.c.event == "deleted")
    return connection.execute(query).scalar()


def change_of(connection: Connection, article_id: str) -> tuple[Event, datetime, str | None] | None:
    """Return what last happened to an article, when, and why it was deleted."""
    log = schema.changes
    row = connection.execute(
        select(log.c.event, log.c.at, log.c.reason)
        .where(log.c.article_id == article_id)
        .order_by(log.c.seq.desc())
        .limit(1)
    ).first()
    return None if row is None else (row.event, row.at, row.reason)


def changed_articles(connection: Connection, since: int, until: int) -> list[tuple[int, str]]:
    """Return (pk, id) of each article that changed after a number, up to another, each once."""
    log = schema.changes
    rows = connection.execute(
        select(log.c.article_pk, log.c.article_id)
        .where(log.c.seq > since, log.c.seq <= until)
        .distinct()
        .order_by(log.c.article_pk)
    )
    return [(pk, name) for pk, name in rows]


def block(connection: Connection, wanted: Filter, number: int, size: int) -> list[Row]:
    """Return a block of the archive of a filter: articles by number of arrival, oldest first.

    Block ``n`` holds the articles that arrived as numbers ``n·size`` to ``(n + 1)·size - 1`` of the
    whole store, whatever the filter, so that it never moves.
    """
    table = schema.articles
    low, high = number * size, (number + 1) * size
    picked = connection.execute(
        select(table.c.id)
        .where(
            table.c.pk >= low,
            table.c.pk < high,
            table.c.state == "live",
            *conditions(connection, wanted),
        )
        .order_by(table.c.pk)
    )
    ids = [row.id for row in picked]
    found: list[Row] = []
    for start in range(0, len(ids), _MANY):
        found += living(connection, Filter(ids=tuple(ids[start : start + _MANY])))
    return sorted(found, key=lambda row: row.pk)


def block_before(connection: Connection, wanted: Filter, pk: int, size: int) -> int | None:
    """Return the number of the newest block with an article that arrived before ``pk``."""
    table = schema.articles
    newest = connection.execute(
        select(table.c.pk)
        .where(table.c.pk < pk, table.c.state == "live", *conditions(connection, wanted))
        .order_by(table.c.pk.desc())
        .limit(1)
    ).scalar()
    return None if newest is None else int(newest) // size


def block_after(connection: Connection, wanted: Filter, pk: int, size: int) -> int | None:
    """Return the number of the oldest block with an article that arrived as ``pk`` or later."""
    table = schema.articles
    oldest = connection.execute(
        select(table.c.pk)
        .where(table.c.pk >= pk, table.c.state == "live", *conditions(connection, wanted))
        .order_by(table.c.pk)
        .limit(1)
    ).scalar()
    return None if oldest is None else int(oldest) // size


def newest_pk(connection: Connection) -> int:
    """Return the number of the article that arrived last, 0 in an empty store."""
    return int(connection.execute(select(func.max(schema.articles.c.pk))).scalar() or 0)


def languages(connection: Connection, looked_at: int = 2000) -> list[str]:
    """Return the languages of the newest articles, the commonest first."""
    table = schema.articles
    newest = (
        select(table.c.language)
        .where(table.c.state == "live")
        .order_by(table.c.pk.desc())
        .limit(looked_at)
        .subquery()
    )
    rows = connection.execute(
        select(newest.c.language, func.count())
        .group_by(newest.c.language)
        .order_by(func.count().desc(), newest.c.language)
    )
    return [name for name, _ in rows]


def countries(connection: Connection) -> list[str]:
    """Return the countries that living articles are of."""
    table = schema.articles
    rows = connection.execute(select(table.c.country).where(table.c.state == "live").distinct())
    return sorted(name for (name,) in rows if name)
