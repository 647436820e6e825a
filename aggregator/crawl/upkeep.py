"""Once a day, beside the crawl: lets go of what is beyond the limits of retention.

A marker in the data folder says when it was last done, for the service and for runs under cron
alike. Each step is bounded, so that a crawl never waits long for it; the next turn goes on.
"""

import logging
from datetime import datetime, timedelta
from pathlib import Path
from typing import Final

from aggregator.crawl.session import Session

log = logging.getLogger(__name__)

EVERY: Final = timedelta(days=1)
#: Transactions of one step, and articles that these can purge.
BATCHES: Final = 5


def upkeep(session: Session) -> int:
    """Do a step, if it is time, and return how many articles were purged.

    The session must have nothing open: it is committed first.

    Raises:
        StoreError: the store failed.
    """
    marker = session.config.data / "upkeep"
    now = session.now()
    if session.stopping.is_set() or not _is_time(marker, now):
        return 0
    from aggregator.store.retention import Limits, step

    session.commit()
    config = session.config
    limits = Limits(
        days=config.keep_days, articles=config.keep_articles, megabytes=config.keep_megabytes
    )
    count, is_done = step(session.store, limits, now, batches=BATCHES)
    if count:
        log.info("retention: %d articles purged", count)
    if is_done:
        _mark(marker, now)
    return count


def _is_time(marker: Path, now: datetime) -> bool:
    try:
        last = datetime.fromisoformat(marker.read_text(encoding="ascii").strip())
        return not timedelta(0) <= now - last < EVERY
    except (OSError, ValueError, TypeError):
        return True


def _mark(marker: Path, now: datetime) -> None:
    try:
        marker.parent.mkdir(parents=True, exist_ok=True)
        marker.write_text(now.isoformat() + "\n", encoding="ascii")
    except OSError as error:
        log.warning("not marked as done: %s: %s", marker, error)
