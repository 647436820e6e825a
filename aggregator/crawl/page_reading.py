"""What happens to the answer of a page: it becomes a draft, or its entry waits for another try.

An article of several pages, or one whose page is thin, is completed first; one draft comes of it.
"""

import logging
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from aggregator import ingest
from aggregator.challenges import obstacle
from aggregator.crawl.page_work import Done, Work, read
from aggregator.crawl.session import Session
from aggregator.crawl.tasks import Task, outcome
from aggregator.draft import Draft
from aggregator.faults import describe, kind_of_status, severity
from aggregator.identity import STRONG, Alias
from aggregator.store import articles, queue
from aggregator.types import Article, Page
from aggregator.urls import canonical

if TYPE_CHECKING:
    from aggregator.extract.joining import Gathering

log = logging.getLogger(__name__)

#: A page that failed this often is given up; what its entry said is stored instead.
MOST_ATTEMPTS = 4
#: Status codes that say an article is no more.
GONE = {404, 410}


class PageReader:
    """Reads the pages of one run."""

    def __init__(self, session: Session) -> None:
        self._session = session

    def read(
        self, task: Task, page: Page, meta: Mapping[str, Any], done: Done | None = None
    ) -> Iterator[Task | Draft]:
        """Yield what a page's answer leads to; ``done`` is what a worker read in it."""
        if page.status in GONE and task.gathering is None:
            self._log(task, page, meta, f"http_{page.status}", f"HTTP {page.status}")
            self._gone(task)
            return
        if fault := _fault(page):
            self._log(task, page, meta, *fault)
            yield from self.failed(task, *fault)
            return
        self._log(task, page, meta)
        gathering = done.gathering if done else read(self.work(task, page))
        pages = (*task.held, page) if task.source.archive else ()
        if gathering.wanted:
            yield replace(task, url=gathering.wanted, gathering=gathering, held=pages)
            return
        self._keep(task, pages)
        draft = task.draft(gathering.article, self._session)
        yield replace(draft, ready=done.ready) if done else draft

    def _keep(self, task: Task, pages: Iterable[Page]) -> None:
        """Put the pages of an article into the archive, one after the other."""
        for each in pages:
            self._session.keep(each, task.source)

    def work(self, task: Task, page: Page) -> Work:
        """Return what is to be known to read a page."""
        return Work(
            page=page,
            source=task.source,
            entry=task.entry,
            gathering=task.gathering,
            now=self._session.now(),
        )

    def failed(self, task: Task, kind: str, reason: str) -> Iterator[Task | Draft]:
        """Keep the entry in the queue; after the last attempt yield what there is.

        That is what the entry itself says, or an article without some further page of it. Where
        a further page will not come (robots.txt, 404), that is not waited for.
        """
        is_last = task.attempts + 1 >= MOST_ATTEMPTS
        if task.gathering is not None and (is_last or not _is_awaited(task.gathering, kind)):
            self._keep(task, task.held)
            yield task.draft(_as_it_is(task.gathering, kind), self._session)
            return
        if task.check or task.sighting is None:
            return
        connection = self._session.writer.connection
        self._session.count(task.source.id, "failed")
        if not is_last:
            queue.postpone(connection, task.sighting, reason[:300])
            self._session.stored()
            return
        from aggregator.extract.from_entry import from_entry

        entry = task.entry
        if entry and entry.url and entry.title and (entry.summary or entry.html):
            yield task.draft(from_entry(entry, task.source, teaser=True), self._session)
            return
        queue.settle(connection, task.sighting, "failed", reason=reason[:300])
        self._session.fail(f"{task.source.id}: {task.url}: {reason}")
        self._session.stored()

    def _gone(self, task: Task) -> None:
        writer = self._session.writer
        if task.sighting is not None:
            state = "gone" if task.check else "failed"
            queue.settle(writer.connection, task.sighting, state, reason="gone")
        names = [Alias(STRONG, "", canonical(task.url))]
        pks = set(articles.find(writer.connection, names).values())
        for pk, known in articles.known(writer.connection, pks).items():
            if canonical(known.url) != canonical(task.url):
                continue  # only its old address is gone: it lives at another one
            if ingest.remove(pk, writer, reason="gone"):
                self._session.count(task.source.id, "deleted")
        self._session.stored()

    def _log(
        self,
        task: Task,
        page: Page,
        meta: Mapping[str, Any],
        kind: str | None = None,
        error: str | None = None,
    ) -> None:
        self._session.log(outcome(task, page, meta, self._session, kind=kind, error=error))
        if kind:
            log.info("%s: %s: %s: %s", task.source.id, task.url, kind, error)


def _fault(page: Page) -> tuple[str, str] | None:
    """Return kind and words of what is wrong with an answer, before it is read."""
    if barred := obstacle(page.status, page.headers, page.body):
        return barred, describe(barred)
    if page.status != 200:
        return kind_of_status(page.status) or "broken", f"HTTP {page.status}"
    return None


def _is_awaited(gathering: "Gathering", kind: str) -> bool:
    """Return whether an article waits for a page of it that did not come."""
    passing = severity(kind) == "temporary" or kind == "http_429"
    return gathering.why == "next" and passing


def _as_it_is(gathering: "Gathering", kind: str) -> Article:
    """Return the article of a gathering whose wanted page does not come."""
    note = f"page not read: {gathering.wanted}: {kind}"
    return replace(gathering.article, notes=(*gathering.article.notes, note))
