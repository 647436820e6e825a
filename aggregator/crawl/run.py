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
from aggregator.crawl import asked, slim_settings
from aggregator.crawl import session as sessions
from aggregator.crawl.session import Session
from aggregator.crawl.stopping import stop
from aggregator.crawl.watch import watch
from aggregator.errors import StoreError
from aggregator.store.engine import named_errors

log = logging.getLogger(__name__)

#: Seconds between two looks whether a crawl is to end, and until it is broken off.
_LOOK_S = 0.2
#: Seconds between two looks whether others have to wait for an open transaction.
_BREATH_S = 0.5
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
    if session.stopping.is_set():
        return "shutdown"
    settings = scrapy_settings(session.config)
    for name, value in (more or {}).items():
        merged = {**settings.getdict(name), **value} if isinstance(value, Mapping) else value
        settings.set(name, merged, priority="cmdline")
    runner = AsyncCrawlerRunner(settings)
    crawler = runner.create_crawler("news")
    sessions.attach(crawler, session)
    errors = _Errors(crawler, session)
    task = runner.crawl(crawler, sources=",".join(ids), limit=limit, due=due)
    ending = _Ending(crawler, session, task)
    with _signals(ending):
        with _watched(ending, until), _breathing(session, errors), ending.broken_off():
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
        self.note(failure.value, item.article.url)

    def _spider_error(self, failure: Any, response: Any) -> None:
        self.note(failure.value, getattr(response, "url", "start"))

    def note(self, error: BaseException, url: str) -> None:
        """Name an error; one of the store ends the crawl."""
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


class _Ending:
    """Ends a crawl that is under way: cleanly, or after some patience by breaking it off."""

    def __init__(self, crawler: Crawler, session: Session, task: "asyncio.Future[None]") -> None:
        self.session = session
        self._crawler, self._task = crawler, task
        self._loop = asyncio.get_running_loop()
        self._ending: asyncio.Task[None] | None = None
        self._broken_off = False

    def begin(self) -> None:
        """Begin to end it; asked again, it goes on ending."""
        if self._ending is None:
            log.info("asked to stop: ending the crawl")
            self.session.stopping.set()
            self._ending = self._loop.create_task(self._end())

    async def _end(self) -> None:
        end = self._loop.time() + _PATIENCE_S
        while not self._is_running() and not self._task.done() and self._loop.time() < end:
            await asyncio.sleep(0.02)  # Scrapy cannot be stopped while it starts
        if self._task.done():
            return
        if self._is_running():
            _stop(self._crawler)
        await asyncio.sleep(end - self._loop.time())
        self._broken_off = True
        self._task.cancel()

    def _is_running(self) -> bool:
        return self._crawler._engine is not None and self._crawler._engine.running

    @contextlib.contextmanager
    def broken_off(self) -> Iterator[None]:
        """Let a crawl that was broken off end like any other."""
        try:
            yield
        except asyncio.CancelledError:
            if not self._broken_off:
                raise
            log.warning("the crawl did not end by itself")
        finally:
            if self._ending is not None:
                self._ending.cancel()


@contextlib.contextmanager
def _breathing(session: Session, errors: _Errors) -> Iterator[None]:
    """Let others write while the crawl waits for slow hosts: no transaction stays open for long."""

    async def breathe() -> None:
        while errors.fatal is None:
            await asyncio.sleep(_BREATH_S)
            try:
                session.breathe()
            except StoreError as error:
                errors.note(error, "commit")

    breathing = asyncio.get_running_loop().create_task(breathe())
    try:
        yield
    finally:
        breathing.cancel()


@contextlib.contextmanager
def _watched(ending: _Ending, until: Callable[[], bool] | None) -> Iterator[None]:
    """End the crawl when ``until`` says so."""
    if until is None:
        yield
        return

    async def look() -> None:
        while not until():
            await asyncio.sleep(_LOOK_S)
        ending.begin()

    looking = asyncio.get_running_loop().create_task(look())
    try:
        yield
    finally:
        looking.cancel()


@contextlib.contextmanager
def _signals(ending: _Ending) -> Iterator[None]:
    """Let SIGTERM and SIGINT end the crawl; only the main thread can."""
    session = ending.session
    if threading.current_thread() is not threading.main_thread():
        yield
        return
    loop = asyncio.get_running_loop()
    before = {each: signal.getsignal(each) for each in asked.ALL}
    for each in asked.ENDING:
        loop.add_signal_handler(each, ending.begin)
    loop.add_signal_handler(signal.SIGHUP, session.reload)
    if session.stopping.is_set():  # it came just before
        ending.begin()
    try:
        yield
    finally:
        for each, handler in before.items():
            loop.remove_signal_handler(each)
            signal.signal(each, handler)
