"""What happens to the answer of a seed: its entries become requests for pages, or drafts.

Every entry that is taken stands in the queue before its page is asked for, in the same transaction
as the seed's validators.
"""

import hashlib
import logging
from collections.abc import Generator, Iterator, Mapping, Sequence
from dataclasses import replace
from typing import Any

from aggregator import announcing
from aggregator.challenges import obstacle
from aggregator.crawl import seed_rows
from aggregator.crawl.asking import Asking
from aggregator.crawl.seed_work import NotASeed, SeedDone, SeedWork
from aggregator.crawl.session import Session
from aggregator.crawl.tasks import Task, outcome
from aggregator.draft import Draft
from aggregator.faults import describe, kind_of_status
from aggregator.identity import STRONG, WEAK, Alias, aliases, title_key
from aggregator.store import articles, queue
from aggregator.types import Article, Entry, Page, Seed, Source

log = logging.getLogger(__name__)

#: Sitemaps that an index may lead to, newest first.
MOST_SITEMAPS = 5
#: How deep sitemap indexes, and how far back paged listings, are followed.
MOST_DEPTH = 3


class SeedReader:
    """Reads the seeds of one run."""

    def __init__(self, session: Session, asking: Asking) -> None:
        self._session = session
        self._asking = asking

    def work(self, task: Task, page: Page) -> SeedWork | None:
        """Return what is to be known to read a document; None where it says nothing new."""
        if page.status != 200 or _is_known(task, _digest(page)):
            return None
        return self._work(task, page)

    def _work(self, task: Task, page: Page) -> SeedWork:
        return SeedWork(page=page, seed=task.seed, source=task.source, now=self._session.now())

    def read(
        self,
        task: Task,
        page: Page,
        meta: Mapping[str, Any],
        done: SeedDone | NotASeed | None = None,
    ) -> Iterator[Task | Draft]:
        """Yield what a seed's answer leads to; ``done`` is what a worker read in it."""
        self._session.count(task.source.id, "polls")
        if page.status == 304:
            self._session.count(task.source.id, "not_modified")
            self._log(task, page, meta, entries=0, new_entries=0)
            seed_rows.polled(self._session, task, page, meta, {})
            return
        if fault := _fault(task, page):
            self._fail(task, page, meta, *fault)
            return
        digest = _digest(page)
        if task.state and _is_known(task, digest):
            self._log(task, page, meta, entries=len(task.state.keys), new_entries=0)
            seed_rows.polled(self._session, task, page, meta, {})
            return
        done = done or self._work(task, page).done()
        if isinstance(done, NotASeed):
            self._fail(task, page, meta, "not_a_feed", done.why)
            return
        new = yield from self._entries(task, page, meta, done, digest)
        paged = task.seed.kind == "listing" and new < done.entries
        if task.depth < MOST_DEPTH and not paged:  # older pages only while all of it is unknown
            for url in done.parsed.next_urls[:MOST_SITEMAPS]:
                yield replace(task, url=url, depth=task.depth + 1, validators=None)

    def failed(self, task: Task, error: BaseException, kind: str) -> None:
        """Write that a seed gave no answer."""
        wait_s = getattr(error, "retry_after_s", None)
        seed_rows.failed(self._session, task, kind, str(error), wait_s=wait_s)

    def _fail(self, task: Task, page: Page, meta: Mapping[str, Any], kind: str, why: str) -> None:
        self._log(task, page, meta, kind=kind, error=why)
        seed_rows.failed(self._session, task, kind, why, page=page)

    def _entries(
        self, task: Task, page: Page, meta: Mapping[str, Any], done: SeedDone, digest: str
    ) -> Generator[Task | Draft, None, int]:
        """Yield pages and drafts of the entries; return how many were never seen."""
        connection, now = self._session.writer.connection, self._session.now()
        source, seed, announced = task.source, task.seed, done.announced
        seen = queue.sightings(connection, source.id, seed.url, [a.key for a in announced])
        previous = task.state.keys if task.state and task.depth == 0 else ()
        plan = announcing.plan(announced, seen, previous=previous)
        known = self._known(source, seed, plan.take, seen)
        queue.put(
            connection,
            source.id,
            seed.url,
            [announcing.row(each) for each in plan.take],
            now,
        )
        self._log(task, page, meta, entries=len(announced), new_entries=plan.new)
        values = {"body_hash": digest, "keys": list(plan.keys), "hub": done.parsed.hub}
        seed_rows.polled(self._session, task, page, meta, values, done=done, new=plan.new)
        yield from self._taken(task, plan, known)
        yield from self._asking.checks(task, plan.vanished)
        return plan.new

    def _taken(
        self, task: Task, plan: announcing.Plan, known: Mapping[str, int]
    ) -> Iterator[Task | Draft]:
        """Yield the draft or the page of each entry that is taken."""
        if self._asking.is_done and not known and not any(each.whole for each in plan.take):
            return  # they wait in the queue
        connection, source, seed = self._session.writer.connection, task.source, task.seed
        queued = queue.sightings(connection, source.id, seed.url, [a.key for a in plan.take])
        present = frozenset(plan.keys)
        for each in plan.take:
            sighting = queued[each.key]
            shared = each.guid in plan.shared_guids
            draft = self._whole(task, each, sighting.pk, present, shared)
            if draft is not None:
                yield draft
                continue
            if (pk := known.get(each.key)) is not None:
                # another seed brought it already, and says when it moves
                queue.settle(connection, sighting.pk, "stored", article_pk=pk)
                continue
            page_task = self._asking.page(
                source,
                seed,
                sighting.pk,
                each.entry,
                key=each.key,
                present=present,
                shared_guid=shared,
            )
            if page_task:
                yield page_task

    def _known(
        self,
        source: Source,
        seed: Seed,
        taken: Sequence[announcing.Announced],
        seen: Mapping[str, queue.Sighting],
    ) -> dict[str, int]:
        """Return the articles that entries new to this seed already have, by entry key."""
        fresh = [each for each in taken if each.key not in seen]
        names = [Alias(STRONG, "", each.key) for each in fresh]
        found = articles.find(self._session.writer.connection, names)
        known = {alias.key: pk for alias, pk in found.items()}
        return known | self._renumbered(source, seed, [a for a in fresh if a.key not in known])

    def _renumbered(
        self, source: Source, seed: Seed, unknown: Sequence[announcing.Announced]
    ) -> dict[str, int]:
        """Return the articles of entries that only got new names, which they keep from now on."""
        connection = self._session.writer.connection
        if len(unknown) < announcing.RENUMBERED or not articles.has_names(connection, source.id):
            return {}
        by_title = {
            Alias(WEAK, source.id, key): each
            for each in unknown
            if (key := _title_of(each.entry)) is not None
        }
        found = articles.find(connection, by_title)
        if not announcing.is_renumbering(len(unknown), len(found)):
            return {}
        log.warning("%s: %s: renumbered: %d entries", source.id, seed.url, len(found))
        for alias, pk in found.items():
            entry = by_title[alias].entry
            named = Article(url=entry.url or source.homepage)
            names = aliases(named, source, entry=entry, seed_url=seed.url)
            articles.add_aliases(connection, pk, names, self._session.now())
        return {by_title[alias].key: pk for alias, pk in found.items()}

    def _whole(
        self,
        task: Task,
        announced: announcing.Announced,
        sighting: int,
        present: frozenset[str],
        shared: bool,
    ) -> Draft | None:
        """Return the draft of an entry that holds the whole text."""
        if not announced.whole:
            return None
        from aggregator.extract.from_entry import from_entry  # and with it all of extraction

        entry = announced.entry
        article = from_entry(entry, task.source)
        letters = sum(map(len, article.paragraphs))
        if not announcing.is_whole(entry, task.source, letters=letters):
            return None
        told = replace(task, entry=entry, sighting=sighting, present=present, shared_guid=shared)
        return told.draft(article, self._session)

    def _log(self, task: Task, page: Page, meta: Mapping[str, Any], **what: Any) -> None:
        self._session.log(outcome(task, page, meta, self._session, **what))
        if what.get("kind"):
            log.info("%s: %s: %s: %s", task.source.id, task.url, what["kind"], what["error"])


def _digest(page: Page) -> str:
    return hashlib.blake2b(page.body, digest_size=16).hexdigest()


def _is_known(task: Task, digest: str) -> bool:
    """Whether the last poll brought the very same document."""
    return task.depth == 0 and task.state is not None and task.state.body_hash == digest


def _fault(task: Task, page: Page) -> tuple[str, str] | None:
    """Return kind and words of what is wrong with an answer, before it is read."""
    barred = obstacle(page.status, page.headers, page.body)
    if barred and task.seed.kind != "listing":
        return barred, describe(barred)
    if page.status != 200:
        return kind_of_status(page.status) or "broken", f"HTTP {page.status}"
    return None


def _title_of(entry: Entry) -> str | None:
    return title_key(entry.title, entry.published.value if entry.published else None)
