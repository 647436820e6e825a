"""What crawls remember: seeds and their validators, sightings (also the queue), fetches, fills."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from functools import cache
from typing import Any

import orjson
from sqlalchemy import Connection, bindparam, delete, func, insert, select

from aggregator.store import schema
from aggregator.store.articles import upsert
from aggregator.store.prepared import Prepared
from aggregator.types import Source


@dataclass(frozen=True, slots=True, kw_only=True)
class SeedState:
    """What is known of a seed from its polls; all None before the first."""

    url: str
    etag: str | None = None
    last_modified: str | None = None
    body_hash: str | None = None
    moved_to: str | None = None
    hub: str | None = None
    polled_at: datetime | None = None
    next_at: datetime | None = None
    hints: Mapping[str, Any] | None = None
    #: keys of the entries that the last good poll showed, in order
    keys: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Fetch:
    """The outcome of one request; ``kind`` is None where all is well."""

    source_id: str
    role: str
    url: str
    at: datetime
    status: int | None = None
    size_bytes: int | None = None
    ms: int | None = None
    kind: str | None = None
    error: str | None = None
    entries: int | None = None
    new_entries: int | None = None


def seed_states(connection: Connection, source_id: str) -> dict[str, SeedState]:
    """Return the state of each seed of a source that was ever polled, by its address."""
    return {
        url: SeedState(
            url=url,
            etag=etag,
            last_modified=last_modified,
            body_hash=body_hash,
            moved_to=moved_to,
            hub=hub,
            polled_at=_time(polled_at),
            next_at=_time(next_at),
            hints=orjson.loads(hints) if hints else None,
            keys=tuple(orjson.loads(keys)) if keys else (),
        )
        for (
            *(url, etag, last_modified, body_hash, moved_to, hub, polled_at, next_at, hints, keys),
        ) in _SEEDS.rows(connection, {"source": source_id})
    }


def _time(text: str | None) -> datetime | None:
    return datetime.fromisoformat(text) if text else None


_SEED = (
    *("url", "etag", "last_modified", "body_hash", "moved_to", "hub", "polled_at", "next_at"),
    *("hints", "keys"),
)
_SEEDS = Prepared(
    lambda _: select(*(schema.seeds.c[name] for name in _SEED)).where(
        schema.seeds.c.source_id == bindparam("source")
    )
)


def save_seed(
    connection: Connection, source_id: str, url: str, kind: str, values: Mapping[str, Any]
) -> None:
    """Write some columns of a seed's row, which is made if need be."""
    written = dict(values)
    for name in ("hints", "keys"):
        if written.get(name) is not None:
            written[name] = orjson.dumps(written[name]).decode()
    row = {"source_id": source_id, "url": url, "kind": kind, **written}
    _saved(tuple(sorted(written))).run(connection, row)


@cache
def _saved(names: tuple[str, ...]) -> Prepared:
    """Return what writes these columns of a seed; polls have three or four such sets."""
    key = ("source_id", "url")

    def build(dialect: str) -> Any:
        asked = upsert(dialect, schema.seeds)
        if not names:
            return asked.on_conflict_do_nothing()
        renewed = {name: asked.excluded[name] for name in names}
        return asked.on_conflict_do_update(index_elements=list(key), set_=renewed)

    return Prepared(build, (*key, "kind", *names))


def poll_times(
    connection: Connection,
) -> dict[str, list[tuple[datetime | None, datetime | None]]]:
    """Return, by source, when each of its seeds was polled and when it is to be polled again."""
    table = schema.seeds
    found: dict[str, list[tuple[datetime | None, datetime | None]]] = {}
    for row in connection.execute(select(table.c.source_id, table.c.polled_at, table.c.next_at)):
        found.setdefault(row.source_id, []).append((row.polled_at, row.next_at))
    return found


def log_fetches(connection: Connection, fetches: Iterable[Fetch]) -> None:
    """Append outcomes of requests."""
    rows = [
        {
            "source_id": each.source_id,
            "role": each.role,
            "url": each.url,
            "at": each.at,
            "status": each.status,
            "bytes": each.size_bytes,
            "ms": each.ms,
            "kind": each.kind,
            "error": each.error,
            "entries": each.entries,
            "new_entries": each.new_entries,
        }
        for each in fetches
    ]
    _LOG.run(connection, *rows)


_LOG = Prepared(
    lambda _: insert(schema.fetches),
    [column.name for column in schema.fetches.c if column.name != "pk"],
)


def recent_fetches(
    connection: Connection,
    source_id: str,
    *,
    role: str | None = None,
    url: str | None = None,
    limit: int = 50,
) -> list[Fetch]:
    """Return the newest outcomes of a source, or of one of its addresses, newest first."""
    rows = _fetched(with_role=bool(role), with_url=bool(url)).rows(
        connection, {"source": source_id, "role": role, "address": url, "most": limit}
    )
    return [
        Fetch(
            source_id=source_id,
            role=row_role,
            url=row_url,
            at=datetime.fromisoformat(at),
            status=status,
            size_bytes=size,
            ms=ms,
            kind=kind,
            error=error,
            entries=entries,
            new_entries=new_entries,
        )
        for row_role, row_url, at, status, size, ms, kind, error, entries, new_entries in rows
    ]


_FETCH = ("role", "url", "at", "status", "bytes", "ms", "kind", "error", "entries", "new_entries")


@cache
def _fetched(*, with_role: bool, with_url: bool) -> Prepared:
    table = schema.fetches
    query = select(*(table.c[name] for name in _FETCH)).where(
        table.c.source_id == bindparam("source")
    )
    if with_role:
        query = query.where(table.c.role == bindparam("role"))
    if with_url:
        query = query.where(table.c.url == bindparam("address"))
    query = query.order_by(table.c.pk.desc()).limit(bindparam("most"))
    return Prepared(lambda _: query)


def forget_fetches(connection: Connection, before: datetime) -> int:
    """Drop outcomes older than a time; return how many."""
    table = schema.fetches
    return connection.execute(delete(table).where(table.c.at < before)).rowcount


def count_fills(
    connection: Connection, source_id: str, day: str, filled: Mapping[str, int], total: int
) -> None:
    """Add to the fill rates of a source's day."""
    rows = [
        {"source_id": source_id, "day": day, "field": name, "filled": count, "total": total}
        for name, count in filled.items()
    ]
    _FILL.run(connection, *rows)


def _fill(dialect: str) -> Any:
    table = schema.fills
    statement = upsert(dialect, table)
    added = {
        name: table.c[name] + statement.excluded[name]  # of a row that is there
        for name in ("filled", "total")
    }
    return statement.on_conflict_do_update(index_elements=list(table.primary_key), set_=added)


_FILL = Prepared(_fill, [column.name for column in schema.fills.c])


def fill_rates(
    connection: Connection, source_id: str, days: int = 14
) -> dict[str, dict[str, tuple[int, int]]]:
    """Return day → field → (filled, total), newest day first."""
    rows = _FILLED.rows(connection, {"source": source_id, "most": days * 12})
    found: dict[str, dict[str, tuple[int, int]]] = {}
    for day, name, filled, total in rows:
        found.setdefault(day, {})[name] = (filled, total)
    return found


_FILLED = Prepared(
    lambda _: (
        select(*(schema.fills.c[name] for name in ("day", "field", "filled", "total")))
        .where(schema.fills.c.source_id == bindparam("source"))
        .order_by(schema.fills.c.day.desc())
        .limit(bindparam("most"))
    )
)


def source_state(connection: Connection, source_id: str) -> Mapping[str, Any] | None:
    """Return the stored health of a source: ``state since detail alerted_at``."""
    rows = _STATE.rows(connection, {"source": source_id})
    if not rows:
        return None
    state, since, detail, alerted_at = rows[0]
    times = {"since": _time(since), "alerted_at": _time(alerted_at)}
    return {"state": state, "detail": detail, **times}


def save_source_state(connection: Connection, source_id: str, values: Mapping[str, Any]) -> None:
    """Write the stored health of a source."""
    _KEEP_STATE.run(connection, {"source_id": source_id, **values})


_STATES = ("state", "since", "detail", "alerted_at")
_STATE = Prepared(
    lambda _: select(*(schema.source_states.c[name] for name in _STATES)).where(
        schema.source_states.c.source_id == bindparam("source")
    )
)


def _state(dialect: str) -> Any:
    asked = upsert(dialect, schema.source_states)
    renewed = {name: asked.excluded[name] for name in _STATES}
    return asked.on_conflict_do_update(index_elements=["source_id"], set_=renewed)


_KEEP_STATE = Prepared(_state, ("source_id", *_STATES))


def source_counts(connection: Connection) -> dict[str, int]:
    """Return how many living articles each source has."""
    table = schema.articles
    rows = connection.execute(
        select(table.c.source_id, func.count())
        .where(table.c.state == "live")
        .group_by(table.c.source_id)
    )
    return dict(rows.all())


def forget_source(connection: Connection, source: Source) -> None:
    """Drop what crawls remember of a source; its articles stay."""
    for table in (schema.seeds, schema.sightings, schema.fetches, schema.source_states):
        connection.execute(delete(table).where(table.c.source_id == source.id))
