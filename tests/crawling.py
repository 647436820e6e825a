"""Runs real crawls for tests, in this process, and reads back what they stored."""

from collections.abc import Iterable
from datetime import UTC, datetime

from aggregator.config import Config
from aggregator.crawl import run
from aggregator.crawl.session import Session
from aggregator.store import reading
from aggregator.store.engine import Store
from aggregator.types import Change, Filter, Record, Source

NOW = datetime(2025, 11, 10, 12, tzinfo=UTC)


def crawl(
    config: Config,
    store: Store,
    sources: Iterable[Source],
    *,
    now: datetime = NOW,
    limit: int | None = None,
) -> Session:
    """Crawl the sources once; the session is closed, its tally and failures can be read."""
    chosen = {source.id: source for source in sources}
    session = Session(config=config, sources=chosen, store=store, now=lambda: now)
    try:
        run.run(session, list(chosen), limit=limit)
    finally:
        session.close()
    return session


def records(store: Store) -> list[Record]:
    """Return the living articles in order of arrival."""
    with store.read() as connection:
        changes = [row.change() for row in reading.living(connection, Filter())]
    return [change.record for change in changes if change.record]


def log(store: Store, since: int = 0) -> list[Change]:
    """Return the changes after a number."""
    with store.read() as connection:
        return [row.change() for row in reading.changes(connection, since)]
