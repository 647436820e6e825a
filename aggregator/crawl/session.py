"""What one crawl run shares: configuration, catalogue, store, clock, and the open transaction.

The spider and the pipelines of a crawler find it by :func:`of`. Commits come every few articles or
seconds; a crash loses only what came after the last one, and the queue brings that back.
"""

import asyncio
import contextlib
import logging
import os
import time
from collections import Counter
from collections.abc import Awaitable, Callable, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any
from weakref import WeakKeyDictionary

from aggregator import catalogue
from aggregator.backfilling import Period
from aggregator.config import Config
from aggregator.draft import Draft
from aggregator.errors import CatalogueError, StoreError
from aggregator.store.crawling import Fetch, count_fills, log_fetches
from aggregator.store.engine import Store, named_errors
from aggregator.store.writer import Writer
from aggregator.types import Page, Source
from aggregator.watching import FIELDS

if TYPE_CHECKING:
    import subprocess

    from aggregator.archive import Archive

log = logging.getLogger(__name__)

#: Articles, and seconds, after which the open transaction is committed.
BATCH = 50
BATCH_S = 1.0

_SESSIONS: WeakKeyDictionary[Any, "Session"] = WeakKeyDictionary()


def utc_now() -> datetime:
    """Return the time; the one clock of a crawl."""
    return datetime.now(UTC)


@dataclass
class Session:
    """The shared state of one run.

    Attributes:
        tally: source id → outcome (``new``, ``edited``, ``unchanged``, ``rejected``, ``failed``,
            ``deleted``, ``polls``, ``not_modified``, ``seed_failed``) → count.
        failures: one line for each thing that failed, for the end of the run; a service, which
            has no end, logs them instead.
        busy: sources with requests on their way, and how many.
        owned: made for a crawler that came without one; it ends with the spider.
        shared: others write to the store as well: nothing may stay uncommitted for long.
        together: a burst of drafts is on its way into the store, and committed at its end.
        may_ask: tells whether a host may be asked now; the leases of a cluster.
        sleep: waits so many seconds between two turns of a service, or until it is to stop; who
            gives another clock gives another sleep with it.
        beside: processes for the crawl's workers that were started before it.
        period: walk back through the sources' maps for it, instead of polling their seeds.
        stopping: set when the run is asked to end.
    """

    config: Config
    sources: Mapping[str, Source]
    store: Store
    now: Callable[[], datetime] = utc_now
    tally: dict[str, Counter[str]] = field(default_factory=dict)
    failures: list[str] = field(default_factory=list)
    progress: Callable[[str, str], None] | None = None
    service: bool = False
    owned: bool = False
    shared: bool = False
    together: bool = False
    may_ask: Callable[[str], bool] | None = None
    sleep: Callable[[float], Awaitable[None]] | None = None
    period: Period | None = None
    busy: Counter[str] = field(default_factory=Counter)
    beside: list["subprocess.Popen[bytes]"] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.stopping = asyncio.Event()
        self.writer = Writer(self.store)
        self._fetches: list[Fetch] = []
        self._fills: dict[tuple[str, str], Counter[str]] = {}
        self._archive: Archive | None = None
        self._waiting = 0
        self._committed = time.monotonic()

    @classmethod
    def from_environment(cls) -> "Session":
        """Return a session as ``scrapy crawl`` needs it, without the command line's help."""
        config = Config.load(os.environ)
        return cls(
            config=config,
            sources=catalogue.load(config.sources),
            store=Store.open(config.database_url),
            owned=True,
        )

    def count(self, source_id: str, outcome: str) -> None:
        """Add to the tally."""
        self.tally.setdefault(source_id, Counter())[outcome] += 1
        if self.progress:
            self.progress(source_id, outcome)

    async def rest(self, seconds: float) -> None:
        """Wait so long, or until the run is asked to end."""
        if self.sleep is not None:
            await self.sleep(seconds)
            return
        with contextlib.suppress(TimeoutError):
            await asyncio.wait_for(self.stopping.wait(), seconds)

    def fail(self, line: str) -> None:
        """Note a failure that the end of the run names."""
        if self.service:
            log.warning("%s", line)
        else:
            self.failures.append(line)

    def log(self, fetch: Fetch) -> None:
        """Log a request; written with the next commit."""
        self._fetches.append(fetch)

    def filled(self, draft: Draft) -> None:
        """Count which fields a draft has, for the fill rates of its source's day."""
        day = draft.seen.date().isoformat()
        count = self._fills.setdefault((draft.source.id, day), Counter())
        count["total"] += 1
        count.update(name for name in FIELDS if getattr(draft.article, name))

    def keep(self, page: Page, source: Source) -> None:
        """Write a page into the archive, if its source wants that."""
        if not source.archive:
            return
        if self._archive is None:
            from aggregator.archive import Archive

            self._archive = Archive(self.config.data / "archive")
        self._archive.write(page, source.id, self.now())

    def reload(self) -> None:
        """Read the catalogue anew; a damaged one is named and the old one stays."""
        try:
            self.sources = catalogue.load(self.config.sources)
        except CatalogueError as error:
            log.error("sources not read anew: %s", error)  # noqa: TRY400 (no traceback wanted)

    def stored(self) -> None:
        """Count an article of the open transaction and commit if it is time."""
        self._waiting += 1
        if self.together:
            return
        is_old = time.monotonic() - self._committed > BATCH_S
        if self.shared or self._waiting >= BATCH or is_old:
            self.commit()

    def polled(self) -> None:
        """Commit if it is time: what a poll told is small, and asked for again if it is lost."""
        is_old = time.monotonic() - self._committed > BATCH_S
        if not self.together and (self.shared or is_old):
            self.commit()

    def breathe(self) -> None:
        """Commit what has been open for a while: SQLite has one writer, and others wait for it."""
        is_old = time.monotonic() - self._committed > BATCH_S
        if self.store.is_sqlite and is_old and self.writer.connection.in_transaction():
            self.commit()

    def commit(self) -> None:
        """Make everything so far lasting.

        Raises:
            StoreError: it could not be; the transaction is given up, the queue brings it back.
        """
        try:
            with named_errors(self.store.url):
                self._write_counts()
            self.writer.commit(self.now())
        except StoreError:
            self.writer.rollback()
            raise
        self._fetches.clear()  # not before they are there to stay
        self._fills.clear()
        self._waiting = 0
        self._committed = time.monotonic()

    def _write_counts(self) -> None:
        """Write what was only counted so far: requests and the fill of fields."""
        log_fetches(self.writer.connection, self._fetches)
        for (source_id, day), count in self._fills.items():
            filled = {name: count[name] for name in FIELDS}
            count_fills(self.writer.connection, source_id, day, filled, count["total"])

    def close(self, *, keep: bool = True) -> None:
        """Commit, unless told otherwise, and let go of the store's connection."""
        try:
            if keep:
                self.commit()
        finally:
            for process in self.beside:  # nobody took them
                process.kill()
                process.wait()
            self.writer.close()
            if self._archive is not None:
                self._archive.close()

    def end(self) -> None:
        """End a session that nobody else ends; name its failures in the log."""
        if not self.owned:
            return
        for line in self.failures:
            log.warning("%s", line)
        self.close()
        self.store.close()

    def chosen(self, ids: Iterable[str]) -> list[Source]:
        """Return the named sources; none named: all enabled ones."""
        names = list(ids)
        if names:
            return catalogue.choose(self.sources, names)
        return [source for source in self.sources.values() if source.enabled]


def attach(crawler: Any, session: Session) -> None:
    """Give a crawler its session before it starts."""
    _SESSIONS[crawler] = session


def of(crawler: Any) -> Session:
    """Return the session of a crawler, made from the environment if it has none."""
    if crawler not in _SESSIONS:
        _SESSIONS[crawler] = Session.from_environment()
    return _SESSIONS[crawler]
