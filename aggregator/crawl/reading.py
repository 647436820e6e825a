"""What happens to each answer of a crawl: seeds become tasks, pages become drafts.

Knows Scrapy's responses, the store and the core functions; decides nothing itself. Every request
ends as a row of ``fetches``.
"""

import asyncio
import logging
from collections.abc import Iterator, Mapping
from functools import cached_property
from typing import TYPE_CHECKING, Any

from scrapy.http import Response

from aggregator.crawl.asking import Asking
from aggregator.crawl.beside import most
from aggregator.crawl.due import not_due
from aggregator.crawl.page_work import Done
from aggregator.crawl.seed_reading import SeedReader
from aggregator.crawl.seed_work import NotASeed, SeedDone
from aggregator.crawl.session import BATCH_S, Session
from aggregator.crawl.tasks import Task, outcome, page_of
from aggregator.crawl.workers import Workers
from aggregator.draft import Draft
from aggregator.errors import StoreError
from aggregator.store import crawling
from aggregator.types import Source

if TYPE_CHECKING:
    from aggregator.crawl.backfill import MapReader
    from aggregator.crawl.page_reading import PageReader

log = logging.getLogger(__name__)

#: Documents with something new that are read before workers are asked to read others.
_FEW = 8


class Reader:
    """Turns answers into tasks and drafts; one for each run.

    Args:
        session: of the run.
        limit: most new pages of a source.
        only_due: leave out seeds whose time has not come.
    """

    def __init__(
        self, session: Session, *, limit: int | None = None, only_due: bool = False
    ) -> None:
        self._session = session
        self._only_due = only_due
        self._asking = Asking(session, limit)
        self._seeds = SeedReader(session, self._asking)
        self._maps = self._map_reader()
        self._workers = Workers(most(session), early=session.beside)
        self._waiting_pages = self._waiting_seeds = self._sources_left = self._news = 0
        self._timer: asyncio.TimerHandle | None = None
        self._error: StoreError | None = None

    @cached_property
    def _pages(self) -> "PageReader":
        """What reads pages, and with it all that articles need: most polls bring none."""
        from aggregator.crawl.page_reading import PageReader

        return PageReader(self._session)

    def _map_reader(self) -> "MapReader | None":
        if not self._session.period:
            return None
        from aggregator.crawl.backfill import MapReader

        return MapReader(self._session, self._asking, self._session.period)

    def begin(self, source: Source, *, left: int = 1) -> Iterator[Task]:
        """Yield the seeds of a source and the pages that earlier runs owe.

        Args:
            source: whose turn it is.
            left: how many sources have their turn from here on, with this one.
        """
        self._sources_left = left
        for task in self._begin(source):
            self._session.busy[source.id] += 1
            self._await(task, 1)
            yield task

    def _begin(self, source: Source) -> Iterator[Task]:
        if self._maps is not None:
            yield from self._asking.owed(source)
            yield from self._maps.begin(source)
            return
        states = crawling.seed_states(self._session.writer.connection, source.id)
        resting = not_due(self._session, source.id) if self._only_due else frozenset()
        for seed in source.seeds:
            if not seed.enabled or seed.url in resting:
                continue
            state = states.get(seed.url)
            validators = {}
            if state and state.etag:
                validators["etag"] = state.etag
            if state and state.last_modified:
                validators["last_modified"] = state.last_modified
            yield Task(
                role="seed",
                url=(state.moved_to if state else None) or seed.url,
                source=source,
                seed=seed,
                validators=validators or None,
                state=state,
            )
        yield from self._asking.owed(source)

    async def beforehand(self, task: Task, response: Response) -> Done | SeedDone | NotASeed | None:
        """Return what a worker read in an answer; None: :meth:`arrived` is to read it.

        Raises:
            FetchError: it could not be read.
        """
        if response.status != 200 or task.role == "map":
            return None
        page = page_of(response, self._session)
        if task.role == "page":
            work = self._pages.work(task, page)
            return await self._workers.read(work, waiting=self._waiting_pages)
        document = self._seeds.work(task, page)
        if document is None:
            return None
        self._news += 1
        if self._news <= _FEW and not self._workers.are_ready:
            return None  # where few seeds have news no worker is worth its start
        waiting = self._waiting_seeds + self._sources_left
        return await self._workers.read(document, waiting=waiting)

    def arrived(
        self,
        task: Task,
        response: Response,
        done: Done | SeedDone | NotASeed | None = None,
    ) -> Iterator[Task | Draft]:
        """Yield what an answer leads to; ``done`` is what :meth:`beforehand` returned."""
        if self._error is not None:
            raise self._error
        page = page_of(response, self._session)
        if task.role == "page":
            read = done if isinstance(done, Done) else None
            outcomes = self._pages.read(task, page, response.meta, read)
        elif task.role == "map" and self._maps is not None:
            outcomes = self._maps.read(task, page, response.meta)
        else:
            announced = done if isinstance(done, SeedDone | NotASeed) else None
            outcomes = self._seeds.read(task, page, response.meta, announced)
        yield from self._counted(task, outcomes)
        self._commit_soon()

    def failed(
        self, task: Task, error: BaseException, meta: Mapping[str, Any]
    ) -> Iterator[Task | Draft]:
        """Record a request without an answer; yield the entry's draft if the page is given up."""
        yield from self._counted(task, self._failed(task, error, meta))
        self._commit_soon()

    def close(self) -> None:
        """End what waits; who runs the crawl commits the last of it."""
        self._workers.close()
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None

    def _commit_soon(self) -> None:
        """Make what came lasting also where nothing else comes for long.

        Until then it holds the store's one write lock.
        """
        if self._timer is None:
            self._timer = asyncio.get_running_loop().call_later(BATCH_S, self._commit)

    def _commit(self) -> None:
        self._timer = None
        try:
            self._session.commit()
        except StoreError as error:
            self._session.fail(str(error))
            self._error = error  # the next answer ends the crawl

    def _failed(
        self, task: Task, error: BaseException, meta: Mapping[str, Any]
    ) -> Iterator[Task | Draft]:
        kind = getattr(error, "kind", None) or "broken"
        words = str(error) or type(error).__name__
        self._session.log(outcome(task, None, meta, self._session, kind=kind, error=words))
        log.info("%s: %s: %s: %s", task.source.id, task.url, kind, words)
        if task.role == "seed":
            self._seeds.failed(task, error, kind)
        elif task.role == "map" and self._maps is not None:
            if kind != "stopped":
                self._maps.failed(task, words)
        elif kind != "stopped":  # nobody's fault: the entry stays in the queue as it was
            yield from self._pages.failed(task, kind, f"{kind}: {error}")

    def _counted(self, task: Task, outcomes: Iterator[Task | Draft]) -> Iterator[Task | Draft]:
        """Pass on what a task led to, and take it off the count of what is on its way."""
        busy = self._session.busy
        is_whole = True
        for each in outcomes:
            if isinstance(each, Task):
                busy[each.source.id] += 1
                self._await(each, 1)
                is_whole = is_whole and each.gathering is None
            yield each
        if is_whole:
            self._asking.done([task.url, *(task.gathering.pages if task.gathering else ())])
        self._await(task, -1)
        busy[task.source.id] -= 1
        if not busy[task.source.id]:
            del busy[task.source.id]

    def _await(self, task: Task, one: int) -> None:
        """Count what is on its way."""
        self._waiting_pages += one * (task.role == "page")
        self._waiting_seeds += one * (task.role == "seed")
