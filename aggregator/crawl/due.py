"""Which sources are due: read from the store, so that a restart loses no rhythm."""

from collections.abc import Sequence
from datetime import datetime

from aggregator.crawl.session import Session
from aggregator.polling import Bounds, due_at
from aggregator.store import crawling, queue


def next_due(session: Session, ids: Sequence[str]) -> datetime | None:
    """Return when the first of these sources is due; None where none was ever polled."""
    now, bounds = session.now(), Bounds.of(session.config)
    wanted = set(ids)
    times = [
        due_at(polled, following, now, bounds)
        for name, found in crawling.poll_times(session.writer.connection).items()
        if name in wanted
        for polled, following in found
    ]
    return min(times, default=None)


def due(session: Session, ids: Sequence[str]) -> list[str]:
    """Return the sources of ``ids`` that have a due seed or owe pages, the longest due first.

    Sources that the run is still busy with are left out.
    """
    now, bounds = session.now(), Bounds.of(session.config)
    connection = session.writer.connection
    planned = {
        name: min(due_at(polled, following, now, bounds) for polled, following in times)
        for name, times in crawling.poll_times(connection).items()
    }
    owing = queue.owing(connection)
    chosen = [
        name
        for name in ids
        if name not in session.busy and (name in owing or planned.get(name, now) <= now)
    ]
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
