"""What happens to the answer of a page: it becomes a draft, or its entry waits for another try."""

import logging
from collections.abc import Iterator, Mapping
from typing import Any

from aggregator import extract, ingest
from aggregator.challenges import obstacle
from aggregator.crawl.session import Session
from aggregator.crawl.tasks import Task, outcome
from aggregator.draft import Draft
from aggregator.extract.from_entry import from_entry
from aggregator.faults import describe, kind_of_status
from aggregator.identity import STRONG, Alias
from aggregator.store import articles, crawling
from aggregator.types import Page
from aggregator.urls import canonical

log = logging.getLogger(__name__)

#: A page that failed this often is given up; what its entry said is stored instead.
MOST_ATTEMPTS = 4
#: Status codes that say an article is no more.
GONE = {404, 410}


class PageReader:
    """Reads the pages of one run."""

    def __init__(self, session: Session) -> None:
        self._session = session

    def read(self, task: Task, page: Page, meta: Mapping[str, Any]) -> Iterator[Task | Draft]:
        """Yield what a page's answer leads to."""
        if page.status in GONE:
            self._log(task, page, meta, f"http_{page.status}", f"HTTP {page.status}")
            self._gone(task)
            return
        if fault := _fault(page):
            self._log(task, page, meta, *fault)
            yield from self.failed(task, fault[1])
            return
        self._log(task, page, meta)
        self._session.keep(page, task.source)
        article = extract.extract(
            page.body,
            url=page.url,
            source=task.source,
            entry=task.entry,
            headers=page.headers,
            now=self._session.now(),
            redirects=(*page.redirects, *((page.requested,) if page.requested else ())),
        )
        yield task.draft(article, self._session)

    def failed(self, task: Task, reason: str) -> Iterator[Task | Draft]:
        """Keep the entry in the queue; after the last attempt yield what the entry itself says."""
        if task.check or task.sighting is None:
            return
        connection = self._session.writer.connection
        self._session.count(task.source.id, "failed")
        if task.attempts + 1 < MOST_ATTEMPTS:
            crawling.postpone(connection, task.sighting, reason[:300])
            self._session.stored()
            return
        entry = task.entry
        if entry and entry.url and entry.title and (entry.summary or entry.html):
            yield task.draft(from_entry(entry, task.source, teaser=True), self._session)
            return
        crawling.settle(connection, task.sighting, "failed", reason=reason[:300])
        self._session.fail(f"{task.source.id}: {task.url}: {reason}")
        self._session.stored()

    def _gone(self, task: Task) -> None:
        writer = self._session.writer
        if task.sighting is not None:
            state = "gone" if task.check else "failed"
            crawling.settle(writer.connection, task.sighting, state, reason="gone")
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
