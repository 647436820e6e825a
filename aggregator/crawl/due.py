"""Which sources are due: read from the store, so that a restart loses no rhythm."""

from collections.abc import Sequence

from aggregator.crawl.session import Session
from aggregator.polling import Bounds, due_at
from aggregator.store import crawling


def due(session: Session, ids: Sequence[str]) -> list[str]:
    """Return the sources of ``ids`` that have a due seed or owe pages, the longest due first."""
    now, bounds = session.now(), Bounds.of(session.config)
    connection = session.writer.connection
    planned = {
        name: min(due_at(polled, following, now, bounds) for polled, following in times)
        for name, times in crawling.poll_times(connection).items()
    }
    owing = crawling.owing(connection)
    chosen = [name for name in ids if name in owing or planned.get(name, now) <= now]
    return sorted(chosen, key=lambda name: (planned.get(name, now), name))


def not_due(session: Session, source_id: str) -> frozenset[str]:
    """Return the addresses of a source's seeds that were polled before and are not due now."""
    now, bounds = session.now(), Bounds.of(session.config)
    states = crawling.seed_states(session.writer.connection, source_id)
    return frozenset(
        url
        for url, state in states.items()
        if due_at(state.polled_at, state.next_at, now, bounds) > now
    )
