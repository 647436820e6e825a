"""Full-text search: the newest that match, those with all words in the title first, then the best.

Of a word that is in every article nobody wants the best of all times: the newest ``RANKED`` with it
in the title and the newest ``RANKED`` with it anywhere are compared, and by us, so that both
databases find the same. Filters hold before that choice is made, not after it.
"""

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

from sqlalchemy import Connection, Select, column, func, select, text
from sqlalchemy import table as named

from aggregator import query as queries
from aggregator.query import Query, facet
from aggregator.store import schema
from aggregator.store.reading import Row, conditions
from aggregator.types import Filter

#: Matches that are compared, of the title and of the text; more if more are asked for.
RANKED = 60
#: Letters of a text that are looked at to compare it.
_LOOKED_AT = 20_000
#: Keys that one statement may name, for SQLite's sake.
_MANY = 500


def search(
    connection: Connection, asked: str, wanted: Filter | None = None, *, limit: int = 20
) -> list[Row]:
    """Return the best matches of a query, best first; of equally good ones the newest."""
    parsed = queries.parse(asked)
    if not parsed:
        return []
    matching = _sqlite if connection.dialect.name == "sqlite" else _postgresql
    found: dict[int, None] = {}
    for titles in (True, False):
        query = matching(connection, parsed, wanted or Filter(), titles=titles)
        found |= dict.fromkeys(connection.execute(query.limit(max(RANKED, limit))).scalars().all())
    return _rows(connection, _best(connection, parsed, list(found))[:limit])


def _sqlite(
    connection: Connection, asked: Query, wanted: Filter, *, titles: bool
) -> Select[tuple[Any]]:
    """Return the newest matches; source, country and language are words of the index itself."""
    parts = [asked.fts5(titles=titles)]
    for kind, values in (
        ("s", wanted.sources),
        ("c", (wanted.country.upper(),) if wanted.country else ()),
        ("l", (wanted.language,) if wanted.language else ()),
    ):
        if values:
            words = " OR ".join(f'"{facet(kind, value)}"' for value in values)
            parts.append(f"facets : ({words})")
    index = named("search", column("rowid"))
    match = text("search MATCH :asked").bindparams(asked=" AND ".join(f"({p})" for p in parts))
    query = select(index.c.rowid).where(match).order_by(index.c.rowid.desc())
    rest = conditions(connection, replace(wanted, sources=(), country=None, language=None))
    if rest:
        query = query.where(index.c.rowid.in_(select(schema.articles.c.pk).where(*rest)))
    return query


def _postgresql(
    connection: Connection, asked: Query, wanted: Filter, *, titles: bool
) -> Select[tuple[Any]]:
    texts, table = schema.search_texts, schema.articles
    match = text("search_texts.words @@ to_tsquery('simple', :asked)")
    query = (
        select(texts.c.pk)
        .where(match.bindparams(asked=asked.tsquery(titles=titles)))
        .order_by(texts.c.pk.desc())
    )
    rest = conditions(connection, wanted)
    if rest:
        query = query.join(table, table.c.pk == texts.c.pk).where(*rest)
    return query


def _best(connection: Connection, asked: Query, pks: Sequence[int]) -> list[int]:
    """Return the matches, best first."""
    table = schema.search_texts
    scores: dict[int, float] = {}
    for start in range(0, len(pks), _MANY):
        rows = connection.execute(
            select(table.c.pk, table.c.title, func.substr(table.c.body, 1, _LOOKED_AT)).where(
                table.c.pk.in_(pks[start : start + _MANY])
            )
        )
        scores |= {pk: asked.score(title, body) for pk, title, body in rows.all()}
    return sorted(scores, key=lambda pk: (-scores[pk], -pk))


def _rows(connection: Connection, pks: Sequence[int]) -> list[Row]:
    """Return the living ones of these articles, in this order."""
    table, log = schema.articles, schema.changes
    found: dict[int, Row] = {}
    for start in range(0, len(pks), _MANY):
        rows = connection.execute(
            select(
                table.c.seq,
                log.c.event,
                log.c.at,
                table.c.id,
                table.c.record,
                table.c.revised,
                table.c.pk,
            )
            .join(log, log.c.seq == table.c.seq)
            .where(table.c.state == "live", table.c.pk.in_(pks[start : start + _MANY]))
        )
        for row in rows.all():
            found[row.pk] = Row(
                seq=row.seq,
                event=row.event,
                at=row.at,
                id=row.id,
                changed=(),
                record_json=row.record,
                reason=None,
                revised=row.revised,
                pk=row.pk,
            )
    return [found[pk] for pk in pks if pk in found]
