"""The tables of the index, and an indexed article as a row of them.

Fingerprints lie in one row each; two narrow tables lead from anchors (copies) and keys (events) to
them, newest days first; a fourth counts terms.
"""

import math
from array import array
from functools import lru_cache
from hashlib import blake2b
from typing import Any

import orjson
from sqlalchemy import BigInteger, Column, Float, Index, Integer, LargeBinary, String, Table

from aggregator.neighbours import Stored
from aggregator.similarity import Fingerprint, packed, unpacked
from aggregator.store.prepared import Row
from aggregator.store.schema import Key, metadata
from aggregator.terms import Terms

#: One row an article. ``exact`` is set for the one of equal texts that the index leads to,
#: ``cluster`` for originals only: copies are where their original is.
prints = Table(
    "prints",
    metadata,
    Column("pk", Key, primary_key=True, autoincrement=False),
    Column("day", Integer, nullable=False),
    #: the later of published and first seen, days since 1970: when it leaves all windows
    Column("fresh", Integer, nullable=False),
    Column("seen", Float(53), nullable=False),
    Column("at", Float(53)),
    Column("source", String(300), nullable=False),
    Column("credit", String(100)),
    Column("language", String(35), nullable=False),
    Column("cluster", String(45)),
    Column("root", Key),
    Column("exact", BigInteger),
    Column("title", BigInteger, nullable=False),
    Column("codes", LargeBinary, nullable=False),
    Column("anchors", LargeBinary, nullable=False),
    Column("detail", LargeBinary, nullable=False),
    Column("related", LargeBinary, nullable=False),
    Index(None, "exact"),
    Index(None, "cluster", "pk"),
    Index(None, "root"),
    Index(None, "fresh"),
)


def _postings(name: str, column: str) -> Table:
    return Table(
        name,
        metadata,
        Column(column, BigInteger, primary_key=True),
        Column("day", Integer, primary_key=True),
        Column("article_pk", Key, primary_key=True),
        sqlite_with_rowid=False,
    )


anchors = _postings("print_anchors", "anchor")
places = _postings("print_keys", "hash")

#: In how many articles a term stands, by its hash; 0 counts the articles.
counts = Table(
    "term_counts",
    metadata,
    Column("term", BigInteger, primary_key=True, autoincrement=False),
    Column("documents", Integer, nullable=False),
    sqlite_with_rowid=False,
)

#: The columns of ``prints``, as rows have them.
COLUMNS = tuple(column.name for column in prints.c)

_MOST_SOURCE, _MOST_CREDIT = 300, 100


@lru_cache(maxsize=100_000)
def code(key: str) -> int:
    """Return the number by which a term or key is looked up."""
    digest = blake2b(key.encode("utf-8", "surrogatepass"), digest_size=8).digest()
    return int.from_bytes(digest, "little") >> 1 or 1


def row_of(entry: Stored, *, listed: bool) -> Row:
    """Return an article's row; ``listed`` ones are those that their very text leads to."""
    print_ = entry.print
    detail = {
        "figures": print_.figures,
        "days": print_.days,
        "terms": dict(print_.terms.salience),
        "acts": sorted(print_.terms.acts),
        "lengths": entry.lengths,
        "exact": print_.exact,
    }
    return (
        entry.pk,
        entry.day,
        max(entry.day, math.floor(entry.seen / 86400)),
        entry.seen,
        print_.at,
        entry.source[:_MOST_SOURCE],
        entry.credit[:_MOST_CREDIT] if entry.credit else None,
        print_.language[:35],
        entry.cluster if entry.root is None else None,
        entry.root,
        print_.exact if listed else None,
        print_.title,
        packed(print_.codes),
        packed(array("I", print_.anchors)),
        orjson.dumps(detail),
        related_bytes(entry.related),
    )


def entry_of(row: Row) -> Stored:
    """Return the article of a row."""
    pk, day, _, seen, at, source, credit, language, cluster, root, _, title, *blobs = row
    codes, anchors_, detail, related = blobs
    print_, lengths = _read(codes, anchors_, detail, language, at, title)
    return Stored(
        pk=pk,
        print=print_,
        day=day,
        seen=seen,
        source=source,
        credit=credit,
        cluster=cluster,
        root=root,
        lengths=lengths,
        related=related_of(related),
    )


def related_bytes(related: Any) -> bytes:
    """Return keys and scores of related articles as they are stored."""
    return orjson.dumps(list(related))


def related_of(data: bytes) -> tuple[tuple[int, float], ...]:
    """Return what :func:`related_bytes` wrote."""
    return tuple((pk, score) for pk, score in orjson.loads(data))


@lru_cache(maxsize=1024)
def _read(
    codes: bytes, anchors_: bytes, detail: bytes, language: str, at: float | None, title: int
) -> tuple[Fingerprint, tuple[float, float] | None]:
    """Return the part of an entry that is costly to read: the news of a day is compared often."""
    told = orjson.loads(detail)
    print_ = Fingerprint(
        codes=unpacked(codes),
        exact=told["exact"],
        anchors=tuple(unpacked(anchors_)),
        figures=tuple(told["figures"]),
        days=tuple(told["days"]),
        terms=Terms(told["terms"], frozenset(told["acts"])),
        language=language,
        at=at,
        title=title,
    )
    lengths = told["lengths"]
    return print_, None if lengths is None else (lengths[0], lengths[1])
