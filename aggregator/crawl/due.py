"""Which sources are due: read from the store, so that a restart loses no rhythm."""

from collections.abc import Sequence
from datetime import timedelta

from aggregator.crawl.session import Session
from aggregator.store import crawling

#: A poll planned further ahead than this was planned under a wrong clock.
WRONG_CLOCK = timedelta(days=32)


def due(session: Session, ids: Sequence[str]) -> list[str]:
    """Return the sources of ``ids`` whose next poll has come, those never polled first."""
    now = session.now()
    planned = crawling.due_sources(session.writer.connection, now)
    waiting = {
        name: at for name, at in planned.items() if at is not None and now < at < now + WRONG_CLOCK
    }
    return sorted((name for name in ids if name not in waiting), key=lambda name: name in planned)
