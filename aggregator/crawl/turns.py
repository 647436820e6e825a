"""Which sources a crawl asks when: once, or again and again as they become due.

The service is one crawl that never ends: one budget a host, one cache of robots.txt, one place that
waits. What is due stands in the store, so that a restart loses no rhythm.
"""

from collections.abc import AsyncIterator, Sequence
from typing import Final

from aggregator.crawl.due import due, next_due
from aggregator.crawl.session import Session
from aggregator.crawl.upkeep import upkeep
from aggregator.crawl.watch import watch
from aggregator.types import Source

#: Longest sleep between two looks at what is due, and shortest.
LONGEST_S: Final = 30.0
SHORTEST_S: Final = 1.0


async def once(session: Session, ids: Sequence[str]) -> AsyncIterator[list[Source]]:
    """Yield the named sources (none named: all enabled ones), one time."""
    yield session.chosen(ids)


async def again_and_again(session: Session, ids: Sequence[str]) -> AsyncIterator[list[Source]]:
    """Yield what is due, whenever something is, until the session is asked to stop.

    A changed catalogue counts from the next turn on.
    """
    while not session.stopping.is_set():
        names = [source.id for source in session.chosen(ids)]
        ready = due(session, names)
        if ready:
            yield [session.sources[name] for name in ready]
        session.commit()
        asked, session.tally = list(session.tally), {}
        await watch(session, asked)
        upkeep(session)
        following = next_due(session, names)
        wait_s = LONGEST_S if following is None else (following - session.now()).total_seconds()
        with_limits = min(max(wait_s, SHORTEST_S), LONGEST_S)
        session.commit()  # what was read opened a transaction, and others want to write
        await session.rest(with_limits)
