"""Articles, their names and their former states: read and write, no decisions."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import orjson
from sqlalchemy import (
    Connection,
    and_,
    bindparam,
    delete,
    func,
    insert,
    or_,
    select,
    update,
)

from aggregator import record as codec
from aggregator.arabic import fold
from aggregator.identity import Alias, Known, words
from aggregator.query import facets, search_words
from aggregator.store import schema
from aggregator.store.prepared import Listed, Prepared, ask
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
    if connection.dialect.name == "sqlite":
        rows = _FIND.rows(connection, by_key)
    else:
        rows = ask(connection, _FIND_ALL, [list(column) for column in zip(*by_key, strict=True)])
    return {name: pk for scope, key, pk in rows for name in by_key[scope, key]}


def _with_names(_dialect: str, size: int) -> Any:
    # SQLite reads the whole table for (scope, key) IN (VALUES …)
    table = schema.aliases
    same = [
        and_(table.c.scope == bindparam(f"s{at}"), table.c.key == bindparam(f"k{at}"))
        for at in range(size)
    ]
    return select(table.c.scope, table.c.key, table.c.article_pk).where(or_(*same))


#: PostgreSQL plans this once, whatever the number of names.
_FIND_ALL = (
    "SELECT scope, key, article_pk FROM aliases "
    "JOIN unnest(?::text[], ?::text[]) AS asked(scope, key) USING (scope, key)"
)
_FIND = Listed(_with_names, lambda at, name: {f"s{at}": name[0], f"k{at}": name[1]})


def add_aliases(connection: Connection, pk: int, names: Iterable[Alias], now: datetime) -> None:
    """Give an article more names; a name that another one has stays with the other."""
    rows = [{"scope": n.scope, "key": n.key, "article_pk": pk, "at": now} for n in names]
    _ADD_ALIASES.run(connection, *rows)


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
    return upsert(connection.dialect.name, table).on_conflict_do_nothing()


def upsert(dialect: str, table: Any) -> Any:
    """Return an INSERT that can say what is to happen on a conflict."""
    if dialect == "sqlite":
        from sqlalchemy.dialects import sqlite

        return sqlite.insert(table)
    from sqlalchemy.dialects import postgresql

    return postgresql.insert(table)


_ADD_ALIASES = Prepared(
    lambda dialect: upsert(dialect, schema.aliases).on_conflict_do_nothing(),
    ("scope", "key", "article_pk", "at"),
)


def get(connection: Connection, pks: Iterable[int]) -> dict[int, Stored]:
    """Return the articles with these keys; purged ones are left out."""
    return {
        pk: Stored(
            pk=pk,
            record=codec.load(record),
            state=state,
            content_hash=content_hash,
            revised=datetime.fromisoformat(revised),
            copy_of=copy_of,
        )
        for pk, record, state, content_hash, revised, copy_of in _GET.rows(connection, pks)
    }


def _in(column: Any, size: int) -> Any:
    return column.in_([bindparam(f"v{at}", type_=column.type) for at in range(size)])


_A = schema.articles.c
_GET = Listed(
    lambda _, size: select(
        _A.pk, _A.record, _A.state, _A.content_hash, _A.revised, _A.copy_of
    ).where(_in(_A.pk, size), _A.record.is_not(None))
)


def objects(connection: Connection, pks: Iterable[int]) -> dict[int, dict[str, Any]]:
    """Return the records of living articles as JSON objects, for those who need few fields."""
    return {pk: orjson.loads(record) for pk, record in _OBJECTS.rows(connection, pks)}


_OBJECTS = Listed(
    lambda _, size: select(_A.pk, _A.record).where(_in(_A.pk, size), _A.state == "live")
)


def rewrite(connection: Connection, pk: int, record: Mapping[str, Any]) -> None:
    """Write what :func:`objects` returned, with other relations; columns stay as they are."""
    _REWRITE.run(connection, {"article": pk, "record": orjson.dumps(record)})


_REWRITE = Prepared(
    lambda _: (
        update(schema.articles)
        .where(_A.pk == bindparam("article"))
        .values(record=bindparam("record"))
    )
)


def known(connection: Connection, pks: Iterable[int]) -> dict[int, Known]:
    """Return what identity compares: also tombstones, which have no words any more."""
    found = {}
    for row in _KNOWN.rows(connection, dict.fromkeys(pks)):
        pk, source_id, url, title, published, state, record = row
        paragraphs = orjson.loads(record)["paragraphs"] if record else ()
        found[pk] = Known(
            pk=pk,
            source_id=source_id,
            url=url,
            title=title,
            published=datetime.fromisoformat(published) if published else None,
            words=words(title, paragraphs),
            deleted=state != "live",
        )
    return found


_KNOWN = Listed(
    lambda _, size: select(
        _A.pk, _A.source_id, _A.url, _A.title, _A.published, _A.state, _A.record
    ).where(_in(_A.pk, size))
)


def state_of(connection: Connection, pk: int) -> str | None:
    """Return ``live``, ``deleted`` or ``purged``; None for an unknown key."""
    rows = _STATE.rows(connection, {"article": pk})
    return rows[0][0] if rows else None


_STATE = Prepared(lambda _: select(_A.state).where(_A.pk == bindparam("article")))


def add(
    connection: Connection,
    record: Record,
    *,
    now: datetime,
    content_hash: str,
    copy_of: int | None = None,
) -> int:
    """Store a new article and return its key; its number comes with the commit."""
    values = {
        **_columns(record, now=now, content_hash=content_hash),
        "id": record.id,
        "first_seen": record.first_seen,
        "revised": now,
        "state": "live",
        "copy_of": copy_of,
        "seq": 0,
    }
    pk: int = _ADD.rows(connection, values)[0][0]
    _index(connection, pk, record, known_before=False)
    return pk


_ADD = Prepared(
    lambda _: insert(schema.articles).returning(_A.pk),
    [column.name for column in schema.articles.c if column.name != "pk"],
)


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
    values = {"record": codec.dumps(record), "cluster": record.cluster, "copy_of": copy_of}
    _PATCH.run(connection, {"article": pk} | values)


_PATCH = Prepared(
    lambda _: (
        update(schema.articles)
        .where(_A.pk == bindparam("article"))
        .values(
            record=bindparam("record"), cluster=bindparam("cluster"), copy_of=bindparam("copy_of")
        )
    )
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
    _ADD_TEXT.run(
        connection,
        {
            "pk": pk,
            "title": " ".join(search_words(record.title)),
            "body": " ".join(search_words(body)),
            "facets": facets(record.source.id, record.source.country, record.language),
        },
    )
    tags = {fold(word, "search")[:200]: word for word in record.keywords}
    rows = [{"key": key, "article_pk": pk, "keyword": word} for key, word in tags.items() if key]
    _ADD_KEYWORDS.run(connection, *rows)


_ADD_TEXT = Prepared(
    lambda _: insert(schema.search_texts), [column.name for column in schema.search_texts.c]
)
_ADD_KEYWORDS = Prepared(
    lambda _: insert(schema.keywords), [column.name for column in schema.keywords.c]
)


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
    _TOUCH.run(connection, *({"article": pk, "seen": at} for pk, at in seen.items()))


_TOUCH = Prepared(
    lambda _: (
        update(schema.articles)
        .where(_A.pk == bindparam("article"))
        .values(last_seen=bindparam("seen"))
    )
)


def has_names(connection: Connection, scope: str) -> bool:
    """Return whether any article has a name within a source."""
    return bool(ask(connection, "SELECT 1 FROM aliases WHERE scope = ? LIMIT 1", [scope]))


def count(connection: Connection) -> int:
    """Return about how many articles there are: the newest key, which costs nothing to read."""
    return _COUNT.rows(connection, {})[0][0] or 0


_COUNT = Prepared(lambda _: select(func.max(_A.pk)))
