"""Webhooks as the store keeps them: who they are, how far each is, what was never taken."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import orjson
from sqlalchemy import Connection, delete, func, insert, or_, select, update

from aggregator.store import schema
from aggregator.types import Filter


@dataclass(frozen=True, slots=True, kw_only=True)
class Webhook:
    """One receiver; see the table for the columns."""

    pk: int
    uid: str
    url: str
    secret: str
    wanted: Filter
    cursor: int
    told: int
    until: int | None
    attempts: int
    next_at: datetime | None
    state: str
    reason: str | None
    created: datetime
    delivered_at: datetime | None

    def __repr__(self) -> str:  # the address may hold a token, the secret is one
        return f"Webhook({self.pk})"


@dataclass(frozen=True, slots=True, kw_only=True)
class DeadLetter:
    """A message that was laid aside."""

    pk: int
    webhook_pk: int
    message_id: str
    body: bytes
    first_seq: int
    last_seq: int
    count: int
    at: datetime
    reason: str | None


def add(
    connection: Connection,
    *,
    uid: str,
    url: str,
    secret: str,
    wanted: Filter,
    cursor: int,
    now: datetime,
) -> int:
    """Store a receiver that gets what comes after ``cursor``; return its number."""
    table = schema.webhooks
    row = {
        "uid": uid,
        "url": url,
        "secret": secret,
        "filter": orjson.dumps(wanted).decode(),
        "cursor": cursor,
        "told": cursor,
        "attempts": 0,
        "state": "on",
        "created": now,
    }
    key = connection.execute(insert(table).values(**row)).inserted_primary_key
    assert key is not None  # noqa: S101 (a single row was inserted)
    return int(key[0])


def remove(connection: Connection, pk: int) -> bool:
    """Forget a receiver and its dead letters; return whether there was one."""
    letters, table = schema.dead_letters, schema.webhooks
    connection.execute(delete(letters).where(letters.c.webhook_pk == pk))
    return connection.execute(delete(table).where(table.c.pk == pk)).rowcount > 0


def webhooks(connection: Connection, pk: int | None = None) -> list[Webhook]:
    """Return all receivers in the order in which they were added, or one."""
    table = schema.webhooks
    query = select(table).order_by(table.c.pk)
    if pk is not None:
        query = query.where(table.c.pk == pk)
    return [_webhook(row._mapping) for row in connection.execute(query)]


def _webhook(row: Mapping[Any, Any]) -> Webhook:
    values = dict(row)
    parts = orjson.loads(values.pop("filter"))
    for name in ("sources", "ids"):
        parts[name] = tuple(parts.get(name) or ())
    return Webhook(wanted=Filter(**parts), **values)


def due(connection: Connection, now: datetime) -> list[Webhook]:
    """Return the receivers that are on and not waiting for their next try."""
    table = schema.webhooks
    query = select(table).where(
        table.c.state == "on", or_(table.c.next_at.is_(None), table.c.next_at <= now)
    )
    return [_webhook(row._mapping) for row in connection.execute(query.order_by(table.c.pk))]


def is_any_on(connection: Connection) -> bool:
    """Return whether anybody is to be told anything."""
    table = schema.webhooks
    query = select(table.c.pk).where(table.c.state == "on").limit(1)
    return connection.execute(query).first() is not None


def settle(connection: Connection, hook: Webhook, values: Mapping[str, Any]) -> bool:
    """Write what became of a message, unless another process moved the cursor meanwhile.

    Returns:
        Whether it was written; a receiver that was removed is none of our business any more.
    """
    table = schema.webhooks
    changed = connection.execute(
        update(table)
        .where(table.c.pk == hook.pk, table.c.cursor == hook.cursor)
        .values(**dict(values))
    )
    return changed.rowcount > 0


def switch_on(connection: Connection, pk: int) -> None:
    """Let a receiver be told again, at once."""
    table = schema.webhooks
    connection.execute(
        update(table)
        .where(table.c.pk == pk)
        .values(state="on", attempts=0, next_at=None, reason=None)
    )


def bury(connection: Connection, letter: Mapping[str, Any]) -> None:
    """Keep a message that was not taken (all columns but the key)."""
    connection.execute(insert(schema.dead_letters).values(**dict(letter)))


def dead_letters(connection: Connection, webhook_pk: int | None = None) -> list[DeadLetter]:
    """Return what was laid aside, oldest first."""
    table = schema.dead_letters
    query = select(table).order_by(table.c.pk)
    if webhook_pk is not None:
        query = query.where(table.c.webhook_pk == webhook_pk)
    return [DeadLetter(**row._mapping) for row in connection.execute(query)]


def dead_counts(connection: Connection) -> dict[int, int]:
    """Return receiver → dead letters."""
    table = schema.dead_letters
    query = select(table.c.webhook_pk, func.count()).group_by(table.c.webhook_pk)
    return {row.webhook_pk: row[1] for row in connection.execute(query)}


def behind(connection: Connection, newest: int) -> dict[str, int]:
    """Return receiver → how many numbers of the log it was not told of; those that are on."""
    table = schema.webhooks
    query = select(table.c.pk, table.c.cursor).where(table.c.state == "on").order_by(table.c.pk)
    return {str(row.pk): max(newest - row.cursor, 0) for row in connection.execute(query)}


def revive(connection: Connection, pk: int) -> None:
    """Drop a dead letter, which was taken at last."""
    table = schema.dead_letters
    connection.execute(delete(table).where(table.c.pk == pk))
