"""Runs one crawl in this process: one Scrapy crawler for all its sources, without a reactor.

May be called again and again in one process (the demo, the service) and in a worker's thread.
SIGTERM and SIGINT end it cleanly: what is under way is given up, what is stored stays, the queue
keeps the rest.
"""

import asyncio
import contextlib
import logging
import signal
import threading
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any

from scrapy import signals
from scrapy.crawler import AsyncCrawlerRunner, Crawler
from scrapy.settings import Settings
from sqlalchemy.exc import SQLAlchemyError

from aggregator.config import Config
from aggregator.crawl import session as sessions
from aggregator.crawl import slim_settings
from aggregator.crawl.session import Session
from aggregator.crawl.stopping import stop
from aggregator.crawl.watch import watch
from aggregator.errors import StoreError
from aggregator.store.engine import named_errors

log = logging.getLogger(__name__)

#: Seconds between two looks whether a crawl is to end, and until it is broken off.
_LOOK_S = 0.2
_PATIENCE_S = 8.0


def scrapy_settings(config: Config) -> Settings:
    """Return Scrapy's settings for a configuration: the project's, with this one's limits."""
    settings = Settings()
    settings.setmodule("aggregator.settings", priority="project")  # it names the pipelines
    settings.setdict(slim_settings.settings(config), priority="cmdline")
    return settings


async def crawl(
    session: Session,
    ids: Sequence[str],
    *,
    limit: int | None = None,
    due: bool = False,
    more: Mapping[str, Any] | None = None,
    until: Callable[[], bool] | None = None,
) -> str:
    """Crawl the named sources within a running loop; return why the crawl ended.

    The session stays open; it is committed when the crawl is done.

    Args:
        session: open; its clock is the crawl's.
        ids: sources of the session.
        limit: most new pages of a source.
        due: only seeds whose time has come.
        more: further Scrapy settings; those that are tables are added to ours.
        until: asked several times a second; true ends the crawl.

    Raises:
        StoreError: the store failed; the crawl was stopped at once.
    """
    settings = scrapy_settings(session.config)
    for name, value in (more or {}).items():
        merged = {**settings.getdict(name), **value} if isinstance(value, Mapping) else value
        settings.set(name, merged, priority="cmdline")
    runner = AsyncCrawlerRunner(settings)
    crawler = runner.create_crawler("news")
    sessions.attach(crawler, session)
    errors = _Errors(crawler, session)
    task = runner.crawl(crawler, sources=",".join(ids), limit=limit, due=due)
    with _signals(crawler, session), _watched(crawler, session, until, task):
        await task
    if errors.fatal is not None:
        raise errors.fatal
    session.commit()
    await watch(session, list(session.tally))
    stats = crawler.stats.get_stats() if crawler.stats else {}
    return str(stats.get("finish_reason", "finished"))


def run(session: Session, ids: Sequence[str], **options: Any) -> str:
    """Do as :func:`crawl` in a loop of our own (uvloop where it is there)."""
    with asyncio.Runner(loop_factory=_loop_factory()) as runner:
        return runner.run(crawl(session, ids, **options))


def _loop_factory() -> Callable[[], asyncio.AbstractEventLoop]:
    try:
        import uvloop
    except ImportError:
        return asyncio.new_event_loop
    return uvloop.new_event_loop


class _Errors:
    """Stops a crawl whose store fails, and names every error that Scrapy would only log."""

    def __init__(self, crawler: Crawler, session: Session) -> None:
        self.fatal: StoreError | None = None
        self._crawler, self._session = crawler, session
        crawler.signals.connect(self._item_error, signals.item_error)
        crawler.signals.connect(self._spider_error, signals.spider_error)

    def _item_error(self, item: Any, failure: Any) -> None:
        self._note(failure.value, item.article.url)

    def _spider_error(self, failure: Any, response: Any) -> None:
        self._note(failure.value, getattr(response, "url", "start"))

    def _note(self, error: BaseException, url: str) -> None:
        if isinstance(error, SQLAlchemyError):
            error = _named(error, self._session)
        if isinstance(error, StoreError):
            if self.fatal is None:
                self.fatal = error
                self._session.writer.rollback()
                _stop(self._crawler)
            return
        self._session.fail(f"unexpected error: {url}: {type(error).__name__}: {error}")


def _named(error: SQLAlchemyError, session: Session) -> StoreError:
    """Return the store's own error for what the database said."""
    try:
        with named_errors(session.store.url):
            raise error
    except StoreError as named:
        return named


_stopping: set["asyncio.Task[None]"] = set()


def _stop(crawler: Crawler) -> None:
    """Stop a crawler soon; the set keeps the task alive."""
    task = asyncio.get_running_loop().create_task(stop(crawler))
    _stopping.add(task)
    task.add_done_callback(_stopping.discard)


@contextlib.contextmanager
def _watched(
    crawler: Crawler,
    session: Session,
    until: Callable[[], bool] | None,
    task: "asyncio.Future[None]",
) -> Iterator[None]:
    """End the crawl when ``until`` says so."""
    if until is None:
        yield
        return

    async def look() -> None:
        await asyncio.sleep(_LOOK_S)  # Scrapy cannot be stopped while it starts
        while not until():
            await asyncio.sleep(_LOOK_S)
        log.info("asked to stop: ending the crawl")
        session.stopping.set()
        _stop(crawler)
        await asyncio.sleep(_PATIENCE_S)
        task.cancel()

    looking = asyncio.get_running_loop().create_task(look())
    try:
        yield
    except asyncio.CancelledError:
        if not session.stopping.is_set() or not task.cancelled():
            raise
        log.warning("the crawl did not end by itself")
    finally:
        looking.cancel()


@contextlib.contextmanager
def _signals(crawler: Crawler, session: Session) -> Iterator[None]:
    """Let SIGTERM and SIGINT end the crawl; only the main thread can."""
    if threading.current_thread() is not threading.main_thread():
        yield
        return
    loop = asyncio.get_running_loop()

    def leave() -> None:
        log.info("asked to stop: ending the crawl")
        session.stopping.set()
        _stop(crawler)

    for each in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(each, leave)
    loop.add_signal_handler(signal.SIGHUP, session.reload)
    try:
        yield
    finally:
        for each in (signal.SIGTERM, signal.SIGINT, signal.SIGHUP):
            loop.remove_signal_handler(each)
