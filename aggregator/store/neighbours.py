"""The index of what was told lately, in the database: ``neighbours.Neighbours`` on a connection.

A lookup reads a bounded number of rows of each anchor or key, so it costs the same in a large
store. A text that is there word for word already gets a fingerprint and nothing else: 50,000 equal
items are 50,000 rows, not millions. ``prune`` forgets what left all windows.

Nothing here commits; the caller's transaction holds. Works on SQLite and PostgreSQL.
"""

from collections import Counter
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import replace
from functools import lru_cache
from typing import Any

from sqlalchemy import Connection, Table, delete, func, or_, select, update

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
from aggregator.similarity import Fingerprint
from aggregator.store.prepared import Row, ask, tell
from aggregator.store.prints import (
    COLUMNS,
    anchors,
    code,
    counts,
    entry_of,
    places,
    prints,
    related_bytes,
    related_of,
    row_of,
)
from aggregator.terms import weigh

#: Terms are counted in one of this many articles, four for one: a guess is all that is needed.
_SAMPLE = 4
#: Counted articles from which counts are halved, so that they follow the times.
_MOST_COUNTED = 400_000


class SqlNeighbours:
    """The index on a connection, inside the caller's transaction."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection
        self._is_sqlite = connection.dialect.name == "sqlite"
        self.documents = 0

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
        own = [code(key) for key in keys(print_)]
        return self.get(rank_hits(self._find(places, own, day, window_days)))

    def _find(self, table: Table, values: Sequence[int], day: int, window: int) -> list[list[int]]:
        """Return the newest articles of each anchor or key."""
        found: list[list[int]] = [[] for _ in values]
        if not values:
            return found
        most = PER_ANCHOR if table is anchors else PER_KEY
        name, column = table.name, table.primary_key.columns.keys()[0]
        low, high = day - window, day + window
        if self._is_sqlite:
            query = _lookup(name, column, len(values), most)
            rows = self._ask(query, [each for one in values for each in (one, low, high)])
        else:
            query = _LATERAL.format(table=name, column=column, most=most)
            rows = self._ask(query, [list(values), low, high])
        for at, pk in rows:
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
        rows = self._one_of("prints", "pk", wanted, _COLUMNS)
        found = {row[0]: entry_of(row) for row in rows}
        return [found[pk] for pk in wanted if pk in found]

    def copies(self, root: int) -> list[Stored]:
        """Return some copies of an original."""
        return self._rows(_COPIES, [root])

    def copied(self, root: int, most: int) -> int:
        """Return how many copies an original has, counted up to ``most``."""
        return int(self._ask(_COPIED, [root, most])[0][0])

    def _rows(self, query: str, values: Sequence[Any]) -> list[Stored]:
        return [entry_of(row) for row in self._ask(query, values)]

    def _ask(self, query: str, values: Sequence[Any]) -> list[Row]:
        return ask(self._connection, query, values)

    def _one_of(self, table: str, column: str, values: Sequence[Any], shown: str) -> list[Row]:
        """Return the rows whose column is one of these values."""
        if not values:
            return []
        if self._is_sqlite:
            return self._ask(_by(table, column, len(values), shown), values)
        return self._ask(
            _SELECT.format(columns=shown, table=table, where=f"{column} = ANY(?)"), [values]
        )

    def _add_rows(self, into: str, types: str, rows: Sequence[Row], more: str = "") -> None:
        """Insert rows; PostgreSQL takes them as columns, in one statement."""
        if not rows:
            return
        if self._is_sqlite:
            marks = ", ".join("?" * len(rows[0]))
            statement = f"INSERT INTO {into} VALUES ({marks}) {more}"  # noqa: S608 (our own words)
            tell(self._connection, statement, rows)
        else:
            lists = ", ".join(f"?::{each}[]" for each in types.split())
            columns = [list(column) for column in zip(*rows, strict=True)]
            statement = f"INSERT INTO {into} SELECT * FROM unnest({lists}) {more}"  # noqa: S608
            tell(self._connection, statement, [columns])

    def weights(self, terms: Iterable[str]) -> Mapping[str, float]:
        """Return the weights of terms."""
        hashes = {term: code(term) for term in terms}
        asked = [0, *hashes.values()]
        known: dict[int, int] = dict(self._one_of("term_counts", "term", asked, "*"))
        self.documents = known.get(0, 0)
        return {
            term: weigh(term, known.get(number, 0), self.documents)
            for term, number in hashes.items()
        }

    # ------------------------------------------------------------------- writing

    def add(self, entries: Sequence[Stored], *, new: bool = False) -> None:
        """Index articles; known ones are indexed anew, unless they are sure to be ``new``."""
        if not entries:
            return
        if not new:
            for (pk,) in self._one_of("prints", "pk", [entry.pk for entry in entries], "pk"):
                self.purge(pk)
        listed = self._unlisted_texts(entries)
        rows = [row_of(entry, listed=entry.pk in listed) for entry in entries]
        tell(self._connection, _ADD, rows)
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
        return {row[0] for row in self._one_of("prints", "exact", list(texts), "exact")}

    def _list(self, entries: Sequence[Stored]) -> None:
        rows = [(one, each.day, each.pk) for each in entries for one in each.print.anchors]
        self._add_rows(_ANCHORS, "bigint integer bigint", rows)
        rows = [
            (one, each.day, each.pk)
            for each in entries
            if each.root is None
            for one in {code(key) for key in keys(each.print)}
        ]
        self._add_rows(_KEYS, "bigint integer bigint", rows)

    def _count(self, entries: Sequence[Stored]) -> None:
        found: Counter[int] = Counter()
        for entry in entries:
            if entry.pk % _SAMPLE == 0 and entry.root is None:
                found.update({code(term): _SAMPLE for term in entry.print.terms.salience})
                found[0] += _SAMPLE
        self._add_rows(_COUNTS, "bigint integer", sorted(found.items()), _ADDED)

    def relate(self, lists: Mapping[int, Sequence[tuple[int, float]]]) -> None:
        """Write the related articles of each of these articles."""
        rows = [(related_bytes(related), pk) for pk, related in lists.items()]
        if self._is_sqlite or not rows:
            tell(self._connection, _RELATE, rows)
        else:
            tell(self._connection, _RELATE_ALL, [[list(each) for each in zip(*rows, strict=True)]])

    def related(self, pks: Collection[int]) -> dict[int, list[int]]:
        """Return the keys of the related articles of each of these, best first."""
        rows = self._one_of("prints", "pk", list(pks), "pk, related")
        return {pk: [each for each, _ in related_of(related)] for pk, related in rows}

    def assign(self, pk: int, cluster: str) -> None:
        """Write the event of an original."""
        tell(self._connection, _ASSIGN, [(cluster, pk)])

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
            self._drop(places, [code(key) for key in keys(one.print)], one)
        self._connection.execute(
            update(prints).where(belong, prints.c.pk != root).values(root=root, cluster=None)
        )
        return moved

    def purge(self, pk: int) -> None:
        """Forget an article; one of its copies takes its place in the index."""
        old = next(iter(self.get([pk])), None)
        if old is None:
            return
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
        self._drop(places, [code(key) for key in keys(entry.print)], entry)

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


_COLUMNS = ", ".join(f'"{name}"' for name in COLUMNS)
_SELECT = "SELECT {columns} FROM {table} WHERE {where}"
_TWIN, _MEMBERS, _COPIES = (
    _SELECT.format(columns=_COLUMNS, table="prints", where=where)
    for where in (
        "exact = ? AND day BETWEEN ? AND ? LIMIT 1",
        f"cluster = ? ORDER BY pk DESC LIMIT {MEMBERS}",
        f"root = ? ORDER BY pk LIMIT {TWINS}",
    )
)
_ADD = f"INSERT INTO prints ({_COLUMNS}) VALUES ({', '.join('?' * len(COLUMNS))})"  # noqa: S608
_ANCHORS = "print_anchors (anchor, day, article_pk)"
_KEYS = "print_keys (hash, day, article_pk)"
_COUNTS = "term_counts (term, documents)"
_ADDED = "ON CONFLICT (term) DO UPDATE SET documents = term_counts.documents + excluded.documents"
_RELATE = "UPDATE prints SET related = ? WHERE pk = ?"
_RELATE_ALL = (
    "UPDATE prints SET related = new.related FROM unnest(?::bytea[], ?::bigint[]) "
    "AS new(related, pk) WHERE prints.pk = new.pk"
)
_ASSIGN = "UPDATE prints SET cluster = ? WHERE pk = ? AND root IS NULL"
_COPIED = "SELECT count(*) FROM (SELECT 1 FROM prints WHERE root = ? LIMIT ?) AS counted"


@lru_cache(maxsize=1024)
def _by(table: str, column: str, number: int, shown: str) -> str:
    """Return the query for rows whose column is one of ``number`` values."""
    marks = ", ".join("?" * number)
    return _SELECT.format(columns=shown, table=table, where=f"{column} IN ({marks})")


#: What :func:`_lookup` asks, in a way that PostgreSQL plans once.
_LATERAL = (
    "SELECT asked.at::integer - 1, newest.article_pk "
    "FROM unnest(?::bigint[]) WITH ORDINALITY AS asked(one, at) CROSS JOIN LATERAL ("
    "SELECT article_pk, day FROM {table} WHERE {column} = asked.one AND day BETWEEN ? AND ? "
    "ORDER BY day DESC, article_pk DESC LIMIT {most}) AS newest "
    "ORDER BY asked.at, newest.day DESC, newest.article_pk DESC"
)


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
