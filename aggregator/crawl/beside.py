"""How many processes read pages and seeds beside a crawl, and whether they start before it does."""

import contextlib
import os
from collections.abc import Collection

from aggregator.crawl.session import Session
from aggregator.crawl.worker_process import spawn
from aggregator.crawl.workers import WORTH
from aggregator.store import crawling


def most(session: Session) -> int:
    """Return how many workers a crawl may have beside it."""
    if session.may_ask is not None:
        return 0  # a cluster has its own workers
    processes = session.config.processes or len(os.sched_getaffinity(0))
    return processes - 1


def start_early(session: Session, ids: Collection[str]) -> None:
    """Start the workers now if there is much to read for certain: seeds that nobody ever read.

    They get ready while this process imports what a crawl is made of.
    """
    known = crawling.poll_times(session.writer.connection)
    if sum(name not in known for name in ids) < WORTH:
        return
    with contextlib.suppress(OSError):  # the crawl tries again, and says that it cannot
        for _ in range(most(session)):
            session.beside.append(spawn())
