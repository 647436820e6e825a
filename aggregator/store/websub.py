"""What WebSub has to remember: what hubs know of our log, and where we subscribed."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import orjson
from sqlalchemy import Connection, bindparam, delete, insert, select, update

from aggregator.store import reading, schema
from aggregator.store.articles import ignore_conflicts
from aggregator.store.prepared import Prepared

# ------------------------------------------------------------------ we publish


@dataclass(frozen=True, slots=True, kw_only=True)
class Ping:
    """How far a hub knows the log; see the table."""

    hub: str
    cursor: int
    attempts: int
    next_at: datetime | None


def known_ping(connection: Connection, hub: str) -> Ping | None:
    """Return how far a hub knows the log."""
    table = schema.hub_pings
    query = select(table.c.hub, table.c.cursor, table.c.attempts, table.c.next_at)
    row = connection.execute(query.where(table.c.hub == hub)).first()
    return None if row is None else Ping(**row._mapping)


def add_ping(connection: Connection, hub: str) -> Ping:
    """Return how far a hub that is new knows the log: it has nobody to tell of what was before."""
    cursor = reading.last_seq(connection)
    new = {"hub": hub, "cursor": cursor, "attempts": 0}
    connection.execute(ignore_conflicts(connection, schema.hub_pings), [new])
    return Ping(hub=hub, cursor=cursor, attempts=0, next_at=None)


def settle_ping(connection: Connection, hub: str, values: Mapping[str, Any]) -> None:
    """Write what became of telling a hub."""
    table = schema.hub_pings
    connection.execute(update(table).where(table.c.hub == hub).values(**dict(values)))


def changed(connection: Connection, since: int, until: int) -> list[tuple[str, str, str]]:
    """Return source, country and language of the articles that changed between two numbers."""
    log, table = schema.changes, schema.articles
    rows = connection.execute(
        select(table.c.source_id, table.c.country, table.c.language)
        .join(log, log.c.article_pk == table.c.pk)
        .where(log.c.seq > since, log.c.seq <= until)
        .distinct()
        .order_by(table.c.source_id, table.c.country, table.c.language)
    )
    return [(row.source_id, row.country, row.language) for row in rows]


# ------------------------------------------------------------------ we subscribe


@dataclass(frozen=True, slots=True, kw_only=True)
class Subscription:
    """One of our subscriptions; see the table for the columns."""

    source_id: str
    seed_url: str
    hub: str
    topic: str
    token: str
    secret: str
    state: str
    asked: str | None
    asked_at: datetime | None
    lease_until: datetime | None
    attempts: int
    next_at: datetime
    reason: str | None
    pushed_at: datetime | None
    pushes: int

    def __repr__(self) -> str:  # the token and the secret are secrets
        return f"Subscription({self.source_id}, {self.seed_url}, {self.state})"


def subscriptions(connection: Connection) -> list[Subscription]:
    """Return all subscriptions."""
    table = schema.subscriptions
    query = select(table).order_by(table.c.source_id, table.c.seed_url)
    return [Subscription(**row._mapping) for row in connection.execute(query)]


def by_token(connection: Connection, token: str) -> Subscription | None:
    """Return the subscription whose callback ends like this."""
    table = schema.subscriptions
    row = connection.execute(select(table).where(table.c.token == token)).first()
    return None if row is None else Subscription(**row._mapping)


def save(connection: Connection, source_id: str, seed_url: str, values: Mapping[str, Any]) -> None:
    """Write some columns of a subscription, which is made if need be."""
    table = schema.subscriptions
    found = connection.execute(
        update(table)
        .where(table.c.source_id == source_id, table.c.seed_url == seed_url)
        .values(**dict(values))
    )
    if found.rowcount == 0:
        row = {"source_id": source_id, "seed_url": seed_url, **values}
        connection.execute(insert(table).values(**row))


def forget(connection: Connection, source_id: str, seed_url: str) -> None:
    """Drop a subscription."""
    table = schema.subscriptions
    connection.execute(
        delete(table).where(table.c.source_id == source_id, table.c.seed_url == seed_url)
    )


def hubs_of_seeds(connection: Connection) -> dict[tuple[str, str], tuple[str, str]]:
    """Return source and address of each seed that names a hub → the hub, and what it calls it."""
    table = schema.seeds
    query = select(table.c.source_id, table.c.url, table.c.hub, table.c.hints)
    found = {}
    for row in connection.execute(query.where(table.c.hub.is_not(None))):
        hints = orjson.loads(row.hints) if row.hints else {}
        found[row.source_id, row.url] = (row.hub, hints.get("topic") or row.url)
    return found


def has_work(connection: Connection) -> bool:
    """Return whether a seed names a hub, or a subscription is there to be kept or left."""
    for column in (schema.seeds.c.hub, schema.subscriptions.c.hub):
        query = select(column).where(column.is_not(None)).limit(1)
        if connection.execute(query).first() is not None:
            return True
    return False


def is_pushed(connection: Connection, source_id: str, seed_url: str, now: datetime) -> bool:
    """Return whether a hub tells us of a seed's news."""
    return bool(_PUSHED.rows(connection, {"source": source_id, "seed": seed_url, "now": now}))


#: Asked at each poll, and mostly in vain.
_PUSHED = Prepared(
    lambda _: select(schema.subscriptions.c.state).where(
        schema.subscriptions.c.source_id == bindparam("source"),
        schema.subscriptions.c.seed_url == bindparam("seed"),
        schema.subscriptions.c.state == "active",
        schema.subscriptions.c.lease_until > bindparam("now"),
    )
)


def make_due(connection: Connection, source_id: str, seed_url: str, at: datetime) -> None:
    """Let a seed be polled at a time, if it would be later otherwise."""
    table = schema.seeds
    connection.execute(
        update(table)
        .where(table.c.source_id == source_id, table.c.url == seed_url, table.c.next_at > at)
        .values(next_at=at)
    )


def polled_at(connection: Connection, source_id: str, seed_url: str) -> datetime | None:
    """Return when a seed was last polled."""
    table = schema.seeds
    query = select(table.c.polled_at).where(table.c.source_id == source_id, table.c.url == seed_url)
    found: datetime | None = connection.execute(query).scalar()
    return found
