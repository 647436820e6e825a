"""Which process does a job that only one may do: rows that expire, on every database.

Times are the database's own clock (seconds since 1970). The owner of a lease that has run out is
dead or out of reach; what it did must be safe to be done again. A lease that ends further ahead
than any could comes from a clock that was set back, and counts for nothing.
"""

import os
import secrets
import socket

from sqlalchemy import Column, Connection, Float, String, Table, text

from aggregator.store import schema

jobs = Table(
    "jobs",
    schema.metadata,
    Column("name", String(40), primary_key=True),
    Column("owner", String(100), nullable=False),
    Column("expires", Float(53), nullable=False),
)

_CLOCK = {
    "sqlite": "((julianday('now') - 2440587.5) * 86400.0)",
    "postgresql": "(extract(epoch FROM clock_timestamp())::float8)",
}
#: Seconds that no lease is longer than.
_LONGEST_S = 2 * 3600.0
_TAKE = (
    "INSERT INTO jobs (name, owner, expires) VALUES (:name, :owner, {now} + :seconds) "
    "ON CONFLICT (name) DO UPDATE SET owner = excluded.owner, expires = excluded.expires "
    "WHERE jobs.expires <= {now} OR jobs.expires > {now} + :longest "
    "OR jobs.owner = excluded.owner RETURNING name"
)


def me() -> str:
    """Return a name that no other process, and no other part of this one, has."""
    return f"{socket.gethostname()[:60]}:{os.getpid()}:{secrets.token_hex(8)}"


def take(connection: Connection, name: str, owner: str, seconds: float) -> bool:
    """Take a job, or hold it longer; return whether it is the owner's now."""
    statement = _TAKE.format(now=_CLOCK[connection.dialect.name])
    values = {"name": name, "owner": owner, "seconds": seconds, "longest": _LONGEST_S}
    return connection.execute(text(statement), values).first() is not None


def drop(connection: Connection, name: str, owner: str) -> None:
    """Let go of a job, if it is the owner's."""
    statement = text("DELETE FROM jobs WHERE name = :name AND owner = :owner")
    connection.execute(statement, {"name": name, "owner": owner})


def holder(connection: Connection, name: str) -> str | None:
    """Return who holds a job: host and process."""
    statement = text("SELECT owner FROM jobs WHERE name = :name")
    found: str | None = connection.execute(statement, {"name": name}).scalar()
    if found is None:
        return None
    host, pid, _ = found.rsplit(":", 2)
    return f"process {pid} on {host}"


def known_key(connection: Connection, name: str) -> bytes | None:
    """Return the store's key of this name; None where it was not needed yet."""
    table = schema.signing_keys
    found = connection.execute(table.select().where(table.c.name == name)).first()
    return None if found is None else bytes(found.key)


def signing_key(connection: Connection, name: str) -> bytes:
    """Return the store's key of this name, 32 random bytes, made if need be (needs to write)."""
    from aggregator.store.articles import ignore_conflicts

    table = schema.signing_keys
    row = {"name": name, "key": secrets.token_bytes(32)}
    connection.execute(ignore_conflicts(connection, table), [row])
    found = connection.execute(table.select().where(table.c.name == name)).one()
    return bytes(found.key)
