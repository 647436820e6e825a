"""The queue of a crawl: what each seed announced, and what of it is still to be fetched.

It survives every stop: an entry stands here before its page is asked for, and until it is settled.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, bindparam, func, null, select, update

from aggregator.store import schema
from aggregator.store.articles import upsert
from aggregator.store.prepared import Listed, Prepared


@dataclass(frozen=True, slots=True, kw_only=True)
class Sighting:
    """An entry as last announced by one seed; see the table for the states."""

    pk: int
    seed_url: str
    entry_key: str
    url: str | None
    announced: str
    state: str
    attempts: int
    entry: str | None
    article_pk: int | None


def owing(connection: Connection) -> frozenset[str]:
    """Return the sources that have entries in the queue."""
    table = schema.sightings
    rows = connection.execute(
        select(table.c.source_id).where(table.c.state == "pending").distinct()
    )
    return frozenset(row.source_id for row in rows)


def sightings(
    connection: Connection, source_id: str, seed_url: str, keys: Sequence[str]
) -> dict[str, Sighting]:
    """Return what is known of the entries with these keys of one seed."""
    rows = _SIGHTED.rows(connection, keys, {"source": source_id, "seed": seed_url})
    return {row[_KEY]: Sighting(**dict(zip(_SIGHTING_NAMES, row, strict=True))) for row in rows}


_SIGHTING_NAMES = (
    "pk",
    "seed_url",
    "entry_key",
    "url",
    "announced",
    "state",
    "attempts",
    "entry",
    "article_pk",
)
_KEY = _SIGHTING_NAMES.index("entry_key")
_SIGHTING = tuple(schema.sightings.c[name] for name in _SIGHTING_NAMES)
_SIGHTED = Listed(
    lambda _, size: select(*_SIGHTING).where(
        schema.sightings.c.source_id == bindparam("source"),
        schema.sightings.c.seed_url == bindparam("seed"),
        schema.sightings.c.entry_key.in_([bindparam(f"v{at}") for at in range(size)]),
    )
)


def pending(connection: Connection, source_id: str, limit: int = 10_000) -> list[Sighting]:
    """Return the entries whose pages are still to be fetched, oldest first."""
    rows = connection.execute(_PENDING, {"source": source_id, "most": limit})
    return [Sighting(**row._mapping) for row in rows]


_PENDING = (
    select(*_SIGHTING)
    .where(
        schema.sightings.c.source_id == bindparam("source"), schema.sightings.c.state == "pending"
    )
    .order_by(schema.sightings.c.pk)
    .limit(bindparam("most"))
)


def put(
    connection: Connection,
    source_id: str,
    seed_url: str,
    rows: Iterable[Mapping[str, Any]],
    now: datetime,
) -> None:
    """Put entries (``entry_key url guid announced entry``) into the queue, or back into it."""
    common = {
        "source_id": source_id,
        "seed_url": seed_url,
        "first_at": now,
        "last_at": now,
        "state": "pending",
        "attempts": 0,
    }
    _QUEUE.run(connection, *rows, common=common)


_QUEUED = (
    *("source_id", "seed_url", "entry_key", "url", "guid", "announced", "first_at", "last_at"),
    *("state", "attempts", "entry"),
)


def _queue(dialect: str) -> Any:
    asked = upsert(dialect, schema.sightings)
    renewed = ("state", "attempts", "last_at", "announced", "url", "entry")
    return asked.on_conflict_do_update(
        index_elements=["source_id", "seed_url", "entry_key"],
        set_={name: asked.excluded[name] for name in renewed},
    )


_QUEUE = Prepared(_queue, _QUEUED)


def settle(
    connection: Connection,
    pk: int,
    state: str,
    *,
    article_pk: int | None = None,
    reason: str | None = None,
) -> None:
    """Take an entry off the queue: ``stored``, ``rejected``, ``failed`` or ``gone``."""
    values = {"sighting": pk, "state": state, "reason": reason, "article": article_pk}
    _SETTLE.run(connection, values)


_SETTLE = Prepared(
    lambda _: (
        update(schema.sightings)
        .where(schema.sightings.c.pk == bindparam("sighting"))
        .values(
            state=bindparam("state"),
            reason=bindparam("reason"),
            entry=null(),
            article_pk=func.coalesce(
                bindparam("article", type_=schema.Key), schema.sightings.c.article_pk
            ),
        )
    )
)


def postpone(connection: Connection, pk: int, reason: str) -> None:
    """Leave an entry in the queue after a failed attempt."""
    table = schema.sightings
    connection.execute(
        update(table).where(table.c.pk == pk).values(attempts=table.c.attempts + 1, reason=reason)
    )
