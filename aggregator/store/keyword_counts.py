"""How common a keyword is in a store: read at each arrival, so at a cost that does not grow."""

from collections.abc import Sequence
from typing import Any

from sqlalchemy import Connection, bindparam, func, literal_column, select, union_all

from aggregator.store import schema
from aggregator.store.articles import count
from aggregator.store.prepared import Listed

#: Of a keyword so many newest articles are counted; how far back they go tells of the others.
COUNTED = 256


def keyword_counts(connection: Connection, phrases: Sequence[str]) -> dict[str, int]:
    """Return in about how many living articles each phrase is a keyword; absent ones have none.

    Exact up to :data:`COUNTED`; beyond, as many as if all times had been as its newest articles
    tell, so that a word of every article costs no more than a rare one.
    """
    rows = _KEYWORD_COUNTS.rows(connection, {phrase[:200] for phrase in phrases})
    counts = {key: number for key, number, _ in rows if number}
    if any(number == COUNTED for number in counts.values()):
        newest = count(connection)
        for key, number, oldest in rows:
            if number == COUNTED:
                counts[key] = max(COUNTED, COUNTED * newest // (newest - oldest + 1))
    return counts


def _counted(_dialect: str, size: int) -> Any:
    table = schema.keywords
    each = []
    for at in range(size):
        key = bindparam(f"v{at}", type_=table.c.key.type)
        some = select(table.c.article_pk).where(table.c.key == key)
        part = some.order_by(table.c.article_pk.desc()).limit(literal_column(str(COUNTED)))
        newest = part.subquery(f"q{at}")
        each.append(select(key, func.count(), func.min(newest.c.article_pk)).select_from(newest))
    return union_all(*each)


_KEYWORD_COUNTS = Listed(_counted)
