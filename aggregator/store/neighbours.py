"""The index of what was told lately, in the database: ``neighbours.Neighbours`` on a connection.

Fingerprints lie in one row each; two narrow tables lead from anchors (copies) and keys (events) to
them, newest days first. A lookup reads a bounded number of rows of each anchor or key, so it costs
the same in a large store. A text that is there word for word already gets a fingerprint and nothing
else: 50,000 equal items are 50,000 rows, not millions. ``prune`` forgets what left all windows.

Nothing here commits; the caller's transaction holds. Works on SQLite and PostgreSQL.
"""

import math
from array import array
from collections import Counter
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import replace
from functools import lru_cache, partial
from hashlib import blake2b
from typing import Any

import orjson
from sqlalchemy import (
    BigInteger,
    Column,
    Connection,
    Float,
    Index,
    Integer,
    LargeBinary,
    Row,
    String,
    Table,
    delete,
    func,
    insert,
    or_,
    select,
    update,
)

from aggregator.neighbours import (
    COPY_DAYS,
    MEMBERS,
    PER_ANCHOR,
    PER_KEY,
    TWINS,
    Stored,
    keys,
    rank_hits,
    rank_twins,
)
from aggregator.similarity import Fingerprint, packed, unpacked
from aggregator.store.articles import upsert
from aggregator.store.schema import Key, metadata
from aggregator.terms import Terms, weigh

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

#: Terms are counted in one of this many articles, four for one: a guess is all that is needed.
_SAMPLE = 4
#: Counted articles from which counts are halved, so that they follow the times.
_MOST_COUNTED = 400_000
_MOST_SOURCE, _MOST_CREDIT = 300, 100


@lru_cache(maxsize=100_000)
def _hash(key: str) -> int:
    digest = blake2b(key.encode("utf-8", "surrogatepass"), digest_size=8).digest()
    return int.from_bytes(digest, "little") >> 1 or 1


class SqlNeighbours:
    """The index on a connection, inside the caller's transaction."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection
        self.documents = 0
        self._upsert = partial(upsert, connection.dialect.name)

    # ------------------------------------------------------------------- reading

    def alike(self, print_: Fingerprint, day: int) -> list[Stored]:
        """Return articles that may have the same text, best first."""
        if not print_.exact:
            return []
        twin = self._rows(_TWIN, [print_.exact, day - COPY_DAYS, day + COPY_DAYS])
        if twin:
            return twin
        found = self._find(anchors, print_.anchors, day, COPY_DAYS)
        return self.get(rank_twins(found, len(print_.anchors)))

    def near(self, print_: Fingerprint, day: int, window_days: int) -> list[Stored]:
        """Return originals that may tell of the same matter, best first."""
        own = [_hash(key) for key in keys(print_)]
        return self.get(rank_hits(self._find(places, own, day, window_days)))

    def _find(self, table: Table, values: Sequence[int], day: int, window: int) -> list[list[int]]:
        """Return the newest articles of each anchor or key."""
        found: list[list[int]] = [[] for _ in values]
        if not values:
            return found
        most = PER_ANCHOR if table is anchors else PER_KEY
        statement = _lookup(table.name, table.primary_key.columns.keys()[0], len(values), most)
        low, high = day - window, day + window
        for at, pk in self._ask(statement, [each for one in values for each in (one, low, high)]):
            found[at].append(pk)
        return found

    def members(self, cluster: str) -> list[Stored]:
        """Return the newest originals of a cluster."""
        return self._rows(_MEMBERS, [cluster])

    def get(self, pks: Iterable[int]) -> list[Stored]:
        """Return indexed articles in the order of their keys in ``pks``."""
        wanted = list(pks)
        if not wanted:
            return []
        found = {one.pk: one for one in self._rows(_by("prints", "pk", len(wanted)), wanted)}
        return [found[pk] for pk in wanted if pk in found]

    def copies(self, root: int) -> list[Stored]:
        """Return some copies of an original."""
        return self._rows(_COPIES, [root])

    def copied(self, root: int, most: int) -> int:
        """Return how many copies an original has, counted up to ``most``."""
        return int(self._ask(_COPIED, [root, most])[0][0])

    def _rows(self, query: str, values: Sequence[Any]) -> list[Stored]:
        return [_stored(row) for row in self._ask(query, values)]

    def _ask(self, query: str, values: Sequence[Any]) -> Sequence[Any]:
        """Ask the driver itself: an arrival asks ten times, and each time would be compiled."""
        if self._connection.dialect.paramstyle != "qmark":
            query = query.replace("?", "%s")
        return self._connection.exec_driver_sql(query, tuple(values)).all()

    def weights(self, terms: Iterable[str]) -> Mapping[str, float]:
        """Return the weights of terms."""
        hashes = {term: _hash(term) for term in terms}
        asked = [0, *hashes.values()]
        rows = self._ask(_by("term_counts", "term", len(asked)), asked)
        known: dict[int, int] = dict(tuple(row) for row in rows)
        self.documents = known.get(0, 0)
        return {
            term: weigh(term, known.get(code, 0), self.documents) for term, code in hashes.items()
        }

    # ------------------------------------------------------------------- writing

    def add(self, entries: Sequence[Stored]) -> None:
        """Index articles; known ones are indexed anew."""
        if not entries:
            return
        pks = [entry.pk for entry in entries]
        for (pk,) in self._ask(_by("prints", "pk", len(pks), "pk"), pks):
            self.purge(pk)
        listed = self._unlisted_texts(entries)
        self._connection.execute(
            insert(prints), [_row(entry, listed=entry.pk in listed) for entry in entries]
        )
        self._list([entry for entry in entries if entry.pk in listed or not entry.print.exact])
        self._count(entries)

    def _unlisted_texts(self, entries: Sequence[Stored]) -> set[int]:
        """Return the keys of those articles whose very text nothing in the index has."""
        taken = self._taken({entry.print.exact for entry in entries if entry.print.exact})
        fresh: set[int] = set()
        for entry in entries:
            if entry.print.exact and entry.print.exact not in taken:
                taken.add(entry.print.exact)
                fresh.add(entry.pk)
        return fresh

    def _taken(self, texts: Collection[int]) -> set[int]:
        """Return which texts the index has."""
        if not texts:
            return set()
        query = _by("prints", "exact", len(texts), "exact")
        return {row[0] for row in self._ask(query, list(texts))}

    def _list(self, entries: Sequence[Stored]) -> None:
        rows = [
            {"anchor": anchor, "day": entry.day, "article_pk": entry.pk}
            for entry in entries
            for anchor in entry.print.anchors
        ]
        if rows:
            self._connection.execute(insert(anchors), rows)
        rows = [
            {"hash": code, "day": entry.day, "article_pk": entry.pk}
            for entry in entries
            if entry.root is None
            for code in {_hash(key) for key in keys(entry.print)}
        ]
        if rows:
            self._connection.execute(insert(places), rows)

    def _count(self, entries: Sequence[Stored]) -> None:
        found: Counter[int] = Counter()
        for entry in entries:
            if entry.pk % _SAMPLE == 0 and entry.root is None:
                found.update({_hash(term): _SAMPLE for term in entry.print.terms.salience})
                found[0] += _SAMPLE
        if not found:
            return
        statement = self._upsert(counts)
        self._connection.execute(
            statement.on_conflict_do_update(
                index_elements=[counts.c.term],
                set_={"documents": counts.c.documents + statement.excluded.documents},
            ),
            [{"term": term, "documents": number} for term, number in sorted(found.items())],
        )

    def relate(self, pk: int, related: Sequence[tuple[int, float]]) -> None:
        """Write the related articles of an article."""
        self._connection.execute(
            update(prints).where(prints.c.pk == pk).values(related=orjson.dumps(list(related)))
        )

    def assign(self, pk: int, cluster: str) -> None:
        """Write the event of an original."""
        self._connection.execute(
            update(prints).where(prints.c.pk == pk, prints.c.root.is_(None)).values(cluster=cluster)
        )

    def merge(self, winner: str, losers: Sequence[str]) -> list[int]:
        """Make clusters one; return the keys of all articles that have another label now."""
        lost = prints.c.cluster.in_(list(losers))
        moved = list(self._connection.scalars(select(prints.c.pk).where(lost)))
        self._connection.execute(update(prints).where(lost).values(cluster=winner))
        return moved + self._copies(moved)

    def _copies(self, roots: Sequence[int]) -> list[int]:
        found: list[int] = []
        for at in range(0, len(roots), 500):
            query = select(prints.c.pk).where(prints.c.root.in_(roots[at : at + 500]))
            found += self._connection.scalars(query.order_by(prints.c.pk))
        return found

    def reroot(self, root: int, olds: Sequence[int]) -> list[int]:
        """Make ``root`` the original of ``olds`` and their copies; return all that changed."""
        theirs = list(olds)
        belong = or_(prints.c.pk.in_(theirs), prints.c.root.in_(theirs))
        query = select(prints.c.pk).where(belong, prints.c.pk != root).order_by(prints.c.pk)
        moved = list(self._connection.scalars(query))
        for one in self.get(theirs):
            self._drop(places, [_hash(key) for key in keys(one.print)], one)
        self._connection.execute(
            update(prints).where(belong, prints.c.pk != root).values(root=root, cluster=None)
        )
        return moved

    def purge(self, pk: int) -> None:
        """Forget an article; one of its copies takes its place in the index."""
        row = self._connection.execute(select(prints).where(prints.c.pk == pk)).first()
        if row is None:
            return
        old = _stored(row)
        self._unlist(old)
        self._connection.execute(delete(prints).where(prints.c.pk == pk))
        heir = self._rows(_COPIES, [pk])
        if heir:
            self._inherit(heir[0], old)

    def _inherit(self, heir: Stored, old: Stored) -> None:
        self._unlist(heir)
        new = replace(heir, root=None, cluster=old.cluster)
        taken = self._taken([new.print.exact])
        self._connection.execute(
            update(prints)
            .where(prints.c.pk == new.pk)
            .values(root=None, cluster=old.cluster, exact=None if taken else new.print.exact)
        )
        self._list([new])
        self._connection.execute(update(prints).where(prints.c.root == old.pk).values(root=new.pk))

    def _unlist(self, entry: Stored) -> None:
        self._drop(anchors, entry.print.anchors, entry)
        self._drop(places, [_hash(key) for key in keys(entry.print)], entry)

    def _drop(self, table: Table, values: Sequence[int], entry: Stored) -> None:
        if values:
            column = table.primary_key.columns.values()[0]
            self._connection.execute(
                delete(table).where(
                    column.in_(list(values)),
                    table.c.day == entry.day,
                    table.c.article_pk == entry.pk,
                )
            )

    def prune(self, before_day: int, most: int = 2000) -> int:
        """Forget up to ``most`` articles that were published and seen before a day.

        Returns:
            How many were forgotten; call again while it equals ``most``.
        """
        query = select(prints.c.pk).where(prints.c.fresh < before_day).limit(most)
        old = list(self._connection.scalars(query))
        for at in range(0, len(old), 200):
            part = old[at : at + 200]
            for one in self.get(part):
                self._unlist(one)
            self._connection.execute(delete(prints).where(prints.c.pk.in_(part)))
        self._fade()
        return len(old)

    def _fade(self) -> None:
        counted = self._connection.scalar(select(counts.c.documents).where(counts.c.term == 0))
        if counted is not None and counted > _MOST_COUNTED:
            self._connection.execute(update(counts).values(documents=counts.c.documents / 2))
            self._connection.execute(delete(counts).where(counts.c.documents < 1))

    def size(self) -> int:
        """Return how many articles are indexed."""
        return self._connection.scalar(select(func.count()).select_from(prints)) or 0


def purge(connection: Connection, pk: int) -> None:
    """Forget an article in the index; one of its copies takes its place."""
    SqlNeighbours(connection).purge(pk)


_COLUMNS = ", ".join(f'"{column.name}"' for column in prints.c)
_SELECT = "SELECT {columns} FROM {table} WHERE {where}"
_TWIN, _MEMBERS, _COPIES = (
    _SELECT.format(columns=_COLUMNS, table="prints", where=where)
    for where in (
        "exact = ? AND day BETWEEN ? AND ? LIMIT 1",
        f"cluster = ? ORDER BY pk DESC LIMIT {MEMBERS}",
        f"root = ? ORDER BY pk LIMIT {TWINS}",
    )
)
_COPIED = "SELECT count(*) FROM (SELECT 1 FROM prints WHERE root = ? LIMIT ?) AS counted"


@lru_cache(maxsize=1024)
def _by(table: str, column: str, number: int, shown: str = "") -> str:
    """Return the query for rows whose column is one of ``number`` values."""
    columns = shown or (_COLUMNS if table == "prints" else "*")
    marks = ", ".join("?" * number)
    return _SELECT.format(columns=columns, table=table, where=f"{column} IN ({marks})")


@lru_cache(maxsize=128)
def _lookup(table: str, column: str, number: int, most: int) -> str:
    """Return one statement that reads the ``most`` newest entries of each of ``number`` keys."""
    one = (
        "SELECT * FROM (SELECT {at} AS at, article_pk FROM {table} WHERE {column} = ? "
        "AND day BETWEEN ? AND ? ORDER BY day DESC, article_pk DESC LIMIT {most}) AS q{at}"
    )
    return " UNION ALL ".join(
        one.format(at=at, table=table, column=column, most=most) for at in range(number)
    )


def _row(entry: Stored, *, listed: bool) -> dict[str, Any]:
    print_ = entry.print
    detail = {
        "figures": print_.figures,
        "days": print_.days,
        "terms": dict(print_.terms.salience),
        "acts": sorted(print_.terms.acts),
        "lengths": entry.lengths,
        "exact": print_.exact,
    }
    return {
        "pk": entry.pk,
        "day": entry.day,
        "fresh": max(entry.day, math.floor(entry.seen / 86400)),
        "seen": entry.seen,
        "at": print_.at,
        "source": entry.source[:_MOST_SOURCE],
        "credit": entry.credit[:_MOST_CREDIT] if entry.credit else None,
        "language": print_.language[:35],
        "cluster": entry.cluster if entry.root is None else None,
        "root": entry.root,
        "exact": print_.exact if listed else None,
        "title": print_.title,
        "codes": packed(print_.codes),
        "anchors": packed(array("I", print_.anchors)),
        "detail": orjson.dumps(detail),
        "related": orjson.dumps(entry.related),
    }


def _stored(row: Row[Any]) -> Stored:
    detail = orjson.loads(row.detail)
    print_ = Fingerprint(
        codes=unpacked(row.codes),
        exact=detail["exact"],
        anchors=tuple(unpacked(row.anchors)),
        figures=tuple(detail["figures"]),
        days=tuple(detail["days"]),
        terms=Terms(detail["terms"], frozenset(detail["acts"])),
        language=row.language,
        at=row.at,
        title=row.title,
    )
    lengths = detail["lengths"]
    return Stored(
        pk=row.pk,
        print=print_,
        day=row.day,
        seen=row.seen,
        source=row.source,
        credit=row.credit,
        cluster=row.cluster,
        root=row.root,
        lengths=None if lengths is None else (lengths[0], lengths[1]),
        related=tuple((pk, score) for pk, score in orjson.loads(row.related)),
    )
