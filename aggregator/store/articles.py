"""Articles, their names and their former states: read and write, no decisions."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import orjson
from sqlalchemy import Connection, bindparam, delete, func, insert, select, tuple_, update

from aggregator import record as codec
from aggregator.arabic import fold
from aggregator.identity import Alias, Known, words
from aggregator.query import search_words
from aggregator.store import schema
from aggregator.types import Record

#: Body letters that go into the full-text index: PostgreSQL's tsvector ends at 1 MB.
INDEXED_LETTERS = 100_000


@dataclass(frozen=True, slots=True, kw_only=True)
class Stored:
    """An article of the store with its inner key."""

    pk: int
    record: Record
    state: str
    content_hash: str
    revised: datetime
    copy_of: int | None = None


def find(connection: Connection, names: Iterable[Alias]) -> dict[Alias, int]:
    """Return, of these names, those that an article has."""
    by_key: dict[tuple[str, str], list[Alias]] = {}
    for name in names:
        by_key.setdefault((name.scope, name.key), []).append(name)
    if not by_key:
        return {}
    table = schema.aliases
    rows = connection.execute(
        select(table.c.scope, table.c.key, table.c.article_pk).where(
            tuple_(table.c.scope, table.c.key).in_(list(by_key))
        )
    )
    return {name: pk for scope, key, pk in rows for name in by_key[scope, key]}


def add_aliases(connection: Connection, pk: int, names: Iterable[Alias], now: datetime) -> None:
    """Give an article more names; a name that another one has stays with the other."""
    rows = [{"scope": n.scope, "key": n.key, "article_pk": pk, "at": now} for n in names]
    if rows:
        connection.execute(ignore_conflicts(connection, schema.aliases), rows)


def move_aliases(connection: Connection, pk: int, names: Iterable[Alias], now: datetime) -> None:
    """Give an article names that until now were another one's."""
    rows = [{"s": n.scope, "k": n.key, "article_pk": pk, "at": now} for n in names]
    if rows:
        table = schema.aliases
        connection.execute(
            update(table)
            .where(table.c.scope == bindparam("s"), table.c.key == bindparam("k"))
            .values(article_pk=bindparam("article_pk"), at=bindparam("at")),
            rows,
        )


def ignore_conflicts(connection: Connection, table: Any) -> Any:
    """Return an INSERT that passes over rows which are there already."""
    if connection.dialect.name == "sqlite":
        from sqlalchemy.dialects.sqlite import insert as dialect_insert

        return dialect_insert(table).on_conflict_do_nothing()
    from sqlalchemy.dialects.postgresql import insert as pg_insert

    return pg_insert(table).on_conflict_do_nothing()


def get(connection: Connection, pks: Iterable[int]) -> dict[int, Stored]:
    """Return the articles with these keys; purged ones are left out."""
    table = schema.articles
    found: dict[int, Stored] = {}
    wanted = list(pks)
    for start in range(0, len(wanted), 500):
        rows = connection.execute(
            select(
                table.c.pk,
                table.c.record,
                table.c.state,
                table.c.content_hash,
                table.c.revised,
                table.c.copy_of,
            ).where(table.c.pk.in_(wanted[start : start + 500]), table.c.record.is_not(None))
        )
        for row in rows:
            found[row.pk] = Stored(
                pk=row.pk,
                record=codec.load(row.record),
                state=row.state,
                content_hash=row.content_hash,
                revised=row.revised,
                copy_of=row.copy_of,
            )
    return found


def known(connection: Connection, pks: Iterable[int]) -> dict[int, Known]:
    """Return what identity compares: also tombstones, which have no words any more."""
    wanted = list(dict.fromkeys(pks))
    table = schema.articles
    rows = connection.execute(
        select(
            table.c.pk,
            table.c.source_id,
            table.c.url,
            table.c.title,
            table.c.published,
            table.c.state,
            table.c.record,
        ).where(table.c.pk.in_(wanted))
    )
    found = {}
    for row in rows:
        paragraphs = orjson.loads(row.record)["paragraphs"] if row.record else ()
        found[row.pk] = Known(
            pk=row.pk,
            source_id=row.source_id,
            url=row.url,
            title=row.title,
            published=row.published,
            words=words(row.title, paragraphs),
            deleted=row.state != "live",
        )
    return found


def state_of(connection: Connection, pk: int) -> str | None:
    """Return ``live``, ``deleted`` or ``purged``; None for an unknown key."""
    table = schema.articles
    return connection.execute(select(table.c.state).where(table.c.pk == pk)).scalar()


def add(
    connection: Connection,
    record: Record,
    *,
    now: datetime,
    content_hash: str,
    copy_of: int | None = None,
) -> int:
    """Store a new article and return its key; its number comes with the commit."""
    pk: int = connection.execute(
        insert(schema.articles).returning(schema.articles.c.pk),
        {
            **_columns(record, now=now, content_hash=content_hash),
            "id": record.id,
            "first_seen": record.first_seen,
            "last_seen": now,
            "revised": now,
            "state": "live",
            "copy_of": copy_of,
            "seq": 0,
        },
    ).scalar_one()
    _index(connection, pk, record, known_before=False)
    return pk


def change(
    connection: Connection,
    pk: int,
    record: Record,
    *,
    now: datetime,
    content_hash: str,
    revised: bool,
) -> None:
    """Put a new state in place of the old one; ``revised`` moves what feeds call updated."""
    table = schema.articles
    values = _columns(record, now=now, content_hash=content_hash) | {"state": "live"}
    if revised:
        values["revised"] = now
    connection.execute(update(table).where(table.c.pk == pk).values(**values))
    _index(connection, pk, record, known_before=True)


def patch(connection: Connection, pk: int, record: Record, *, copy_of: int | None) -> None:
    """Write the relations of an article (related, copies, cluster): no version, no new text."""
    table = schema.articles
    connection.execute(
        update(table)
        .where(table.c.pk == pk)
        .values(record=codec.dumps(record), cluster=record.cluster, copy_of=copy_of)
    )


def _columns(record: Record, *, now: datetime, content_hash: str) -> dict[str, Any]:
    return {
        "source_id": record.source.id,
        "country": record.source.country,
        "language": record.language,
        "url": record.url,
        "title": record.title,
        "published": record.published,
        "last_seen": now,
        "version": record.version,
        "content_hash": content_hash,
        "cluster": record.cluster,
        "record": codec.dumps(record),
    }


def _index(connection: Connection, pk: int, record: Record, *, known_before: bool) -> None:
    if known_before:
        _unindex(connection, pk)
    body = "\n".join(record.paragraphs)[:INDEXED_LETTERS]
    connection.execute(
        insert(schema.search_texts),
        {
            "pk": pk,
            "title": " ".join(search_words(record.title)),
            "body": " ".join(search_words(body)),
        },
    )
    tags = {fold(word, "search")[:200]: word for word in record.keywords}
    rows = [{"key": key, "article_pk": pk, "keyword": word} for key, word in tags.items() if key]
    if rows:
        connection.execute(insert(schema.keywords), rows)


def _unindex(connection: Connection, pk: int) -> None:
    connection.execute(delete(schema.search_texts).where(schema.search_texts.c.pk == pk))
    connection.execute(delete(schema.keywords).where(schema.keywords.c.article_pk == pk))


def keep_version(
    connection: Connection, pk: int, old: Record, *, at: datetime, kind: str, changed: Sequence[str]
) -> None:
    """Keep a superseded state, with what the next one changed."""
    connection.execute(
        insert(schema.versions),
        {
            "article_pk": pk,
            "version": old.version,
            "at": at,
            "kind": kind,
            "changed": orjson.dumps(list(changed)).decode(),
            "record": codec.dumps(old),
        },
    )


def delete_article(connection: Connection, pk: int, *, state: str) -> None:
    """Mark an article as ``deleted`` (its text stays) or ``purged`` (only a tombstone stays)."""
    table = schema.articles
    values: dict[str, Any] = {"state": state}
    if state == "purged":
        values |= {"record": None, "copy_of": None, "cluster": None}
        connection.execute(delete(schema.versions).where(schema.versions.c.article_pk == pk))
    connection.execute(update(table).where(table.c.pk == pk).values(**values))
    _unindex(connection, pk)


def touch(connection: Connection, seen: Mapping[int, datetime]) -> None:
    """Note when articles were last seen."""
    rows = [{"article": pk, "seen": at} for pk, at in seen.items()]
    if rows:
        table = schema.articles
        connection.execute(
            update(table)
            .where(table.c.pk == bindparam("article"))
            .values(last_seen=bindparam("seen")),
            rows,
        )


def keyword_counts(connection: Connection, phrases: Sequence[str]) -> dict[str, int]:
    """Return how many living articles have each phrase as a keyword; absent ones have none."""
    table = schema.keywords
    keys = {phrase[:200] for phrase in phrases}
    rows = connection.execute(
        select(table.c.key, func.count().label("found"))
        .where(table.c.key.in_(keys))
        .group_by(table.c.key)
    )
    return {row.key: row.found for row in rows}


def count(connection: Connection) -> int:
    """Return about how many articles there are: the newest key, which costs nothing to read."""
    return connection.execute(select(func.max(schema.articles.c.pk))).scalar() or 0
