"""A unit of work: everything about an article is written in one transaction, many articles each.

Numbers of the log are taken at the end, just before the commit, under the counter's row lock: they
have no gaps, and a reader never meets a number before all smaller ones are there, however many
processes write.
"""

from collections.abc import Callable, Collection, Iterable
from dataclasses import dataclass
from datetime import datetime

import orjson
from sqlalchemy import Connection, bindparam, insert, text, update
from sqlalchemy.exc import SQLAlchemyError

from aggregator.store import schema
from aggregator.store.engine import Store, named_errors
from aggregator.store.prepared import Prepared
from aggregator.types import Event

#: The number is ours alone ("aggr" in ASCII); stores in other schemas of a database have their own.
_CLAIM = text("SELECT pg_advisory_xact_lock(1634166642, hashtext(current_schema()))")
_SET_SEQ = Prepared(
    lambda _: (
        update(schema.articles)
        .where(schema.articles.c.pk == bindparam("article"))
        .values(seq=bindparam("number"))
    )
)
_LOG = Prepared(lambda _: insert(schema.changes), [column.name for column in schema.changes.c])


@dataclass(slots=True)
class _Pending:
    article_id: str
    event: Event
    version: int
    changed: dict[str, None]
    reason: str | None


#: Work on articles by their keys.
Later = Callable[["Writer", Collection[int]], None]


class Writer:
    """One open transaction after the other on one connection; use from one thread.

    Several changes of one article within a transaction are one line of the log.
    """

    def __init__(self, store: Store) -> None:
        self.store = store
        self._pending: dict[int, _Pending] = {}
        self._later: dict[Later, dict[int, None]] = {}
        self._claimed = False
        with named_errors(store.url):
            self.connection: Connection = store.engine.connect().execution_options(writing=True)

    def claim(self) -> None:
        """Wait until no other transaction writes articles; it ends with this one.

        What an article is (known, a copy, a part of an event) follows from the others: two
        processes that decide at once, and do not see each other, would store one article twice.
        SQLite has one writer anyhow; PostgreSQL gets a lock that ends with the transaction.
        """
        if self._claimed or self.store.is_sqlite:
            return
        with named_errors(self.store.url):
            self.connection.execute(_CLAIM)
        self._claimed = True

    def note(
        self,
        pk: int,
        article_id: str,
        event: Event,
        *,
        version: int,
        changed: Iterable[str] = (),
        reason: str | None = None,
    ) -> None:
        """Remember that an article changed; :meth:`commit` numbers it."""
        fields = dict.fromkeys(changed)
        earlier = self._pending.get(pk)  # its line stays where it is
        if earlier and earlier.event == "new" and event == "edited":
            event, fields = "new", {}
        elif earlier and earlier.event == "edited" and event == "edited":
            fields = earlier.changed | fields
        elif earlier and earlier.event == "deleted" and event == "edited":
            event, fields = "new", {}
        self._pending[pk] = _Pending(article_id, event, version, fields, reason)

    def later(self, work: Later, pks: Iterable[int]) -> None:
        """Have this work done with these articles once, just before the open transaction ends.

        For what many arrivals of one transaction ask for, of which only the last word counts.
        """
        self._later.setdefault(work, {}).update(dict.fromkeys(pks))

    def commit(self, now: datetime) -> int:
        """Number the changes, make all of it lasting, and return how many there were.

        Raises:
            StoreError: nothing of this transaction was kept.
        """
        with named_errors(self.store.url):
            try:
                for work, pks in self._later.items():
                    work(self, pks)
                count = self._number(now)
                self.connection.commit()
            except SQLAlchemyError:
                self.rollback()
                raise
        self._pending.clear()
        self._later.clear()
        self._claimed = False
        return count

    def _number(self, now: datetime) -> int:
        if not self._pending:
            return 0
        counters = schema.counters
        taken = self.connection.execute(
            update(counters)
            .where(counters.c.name == "changes")
            .values(value=counters.c.value + len(self._pending))
            .returning(counters.c.value)
        ).scalar_one()
        seq = taken - len(self._pending)
        rows, places = [], []
        for pk, pending in self._pending.items():
            seq += 1
            rows.append(
                {
                    "seq": seq,
                    "article_pk": pk,
                    "article_id": pending.article_id,
                    "event": pending.event,
                    "changed": orjson.dumps(list(pending.changed)).decode(),
                    "at": now,
                    "version": pending.version,
                    "reason": pending.reason,
                }
            )
            places.append({"article": pk, "number": seq})
        _LOG.run(self.connection, *rows)
        _SET_SEQ.run(self.connection, *places)
        return len(rows)

    def rollback(self) -> None:
        """Give up the open transaction."""
        self._pending.clear()
        self._later.clear()
        self._claimed = False
        self.connection.rollback()

    def close(self) -> None:
        """Give back the connection; an open transaction is given up."""
        self.rollback()
        self.connection.close()

    def __enter__(self) -> "Writer":
        return self

    def __exit__(self, *_: object) -> None:
        self.close()
