"""Lists of articles as a reader's app asks for them: by source and state, from a time, in pages.

Articles stand by number of arrival. What is read follows from ``readers.Follow.read_until`` and the
marks, which count more.
"""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Literal, NamedTuple

from sqlalchemy import Connection, and_, false, func, not_, or_, select, true

from aggregator.store import schema
from aggregator.store.readers import MANY, Follow, marks

State = Literal["read", "unread", "starred"]


class Item(NamedTuple):
    """An article as lists of an app name it."""

    pk: int
    source_id: str
    first_seen: datetime


@dataclass(frozen=True, kw_only=True)
class Wanted:
    """What an app asks for.

    Attributes:
        sources: only these; None: all that are followed, and what is starred of any.
        having: states that an item must have.
        lacking: states that it must not have.
        oldest: arrived at this time or later.
        newest: arrived at this time or earlier.
        after: the number that the page before ended with.
        is_ascending: oldest first.
    """

    sources: frozenset[str] | None = None
    having: frozenset[State] = frozenset()
    lacking: frozenset[State] = frozenset()
    oldest: datetime | None = None
    newest: datetime | None = None
    after: int | None = None
    is_ascending: bool = False


def items(
    connection: Connection,
    reader_pk: int,
    follows: Mapping[str, Follow],
    wanted: Wanted,
    limit: int,
) -> list[Item]:
    """Return a page of what an app asks for."""
    table = schema.articles
    query = select(table.c.pk, table.c.source_id, table.c.first_seen).where(
        *_conditions(reader_pk, follows, wanted)
    )
    if wanted.after is not None:
        further = table.c.pk > wanted.after if wanted.is_ascending else table.c.pk < wanted.after
        query = query.where(further)
    order = table.c.pk.asc() if wanted.is_ascending else table.c.pk.desc()
    return [Item._make(row) for row in connection.execute(query.order_by(order).limit(limit))]


def count(
    connection: Connection, reader_pk: int, follows: Mapping[str, Follow], wanted: Wanted
) -> dict[str, tuple[int, datetime]]:
    """Return by source how many there are, and when the newest arrived."""
    table = schema.articles
    rows = connection.execute(
        select(table.c.source_id, func.count(), func.max(table.c.first_seen))
        .where(*_conditions(reader_pk, follows, wanted))
        .group_by(table.c.source_id)
    )
    return {name: (number, newest) for name, number, newest in rows}


def existing(connection: Connection, pks: Collection[int]) -> list[int]:
    """Return those of the numbers that are articles."""
    names, table, found = list(pks), schema.articles, list[int]()
    for start in range(0, len(names), MANY):
        rows = connection.execute(
            select(table.c.pk).where(table.c.pk.in_(names[start : start + MANY]))
        )
        found += rows.scalars().all()
    return found


def _conditions(reader_pk: int, follows: Mapping[str, Follow], wanted: Wanted) -> list[Any]:
    table = schema.articles
    sources = follows.keys() if wanted.sources is None else wanted.sources
    found = [table.c.state == "live"]
    anywhere = wanted.sources is None and "starred" in wanted.having
    if not anywhere:
        found.append(table.c.source_id.in_(sorted(sources)))
    if wanted.oldest is not None:
        found.append(table.c.first_seen >= wanted.oldest)
    if wanted.newest is not None:
        found.append(table.c.first_seen <= wanted.newest)
    known = {name: follows[name] for name in sources if name in follows}
    found += [_state(reader_pk, known, name) for name in sorted(wanted.having)]
    found += [not_(_state(reader_pk, known, name)) for name in sorted(wanted.lacking)]
    if not anywhere and ("unread" in wanted.having or "read" in wanted.lacking):
        # what is read lies below all that was read up to, so that few rows are looked at
        least = min((each.read_until for each in known.values()), default=0)
        found.append(or_(table.c.pk > least, _said(reader_pk, is_read=False)))
    return found


def _state(reader_pk: int, follows: Mapping[str, Follow], state: State) -> Any:
    if state == "starred":
        return _said(reader_pk, is_starred=True)
    read = or_(
        _said(reader_pk, is_read=True),
        and_(_reached(follows.values()), not_(_said(reader_pk, is_read=False))),
    )
    return read if state == "read" else not_(read)


def _reached(follows: Collection[Follow]) -> Any:
    """Whether an article lies below the number up to which its source was read."""
    table = schema.articles
    by_number: dict[int, list[str]] = {}
    for each in follows:
        by_number.setdefault(each.read_until, []).append(each.source_id)
    parts = [
        and_(table.c.pk <= number, table.c.source_id.in_(sorted(names)))
        for number, names in sorted(by_number.items())
        if number
    ]
    return or_(*parts) if parts else false()


def _said(reader_pk: int, **values: bool) -> Any:
    name, value = next(iter(values.items()))
    return schema.articles.c.pk.in_(
        select(marks.c.article_pk).where(
            marks.c.reader_pk == reader_pk, marks.c[name].is_(true() if value else false())
        )
    )
