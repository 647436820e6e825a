"""Walks back through a source's maps: sitemaps and paged listings, for a period that is over.

What they name goes into the same queue as what feeds announce, and its pages are fetched by the
same crawl, at the same pace. Stopped, the queue goes on with the next crawl, and the same backfill
again asks only for what is not there.
"""

import logging
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from typing import Any, Final
from urllib.parse import urljoin

from aggregator import announcing, backfilling, robots, seeds
from aggregator.backfilling import Period
from aggregator.crawl.asking import Asking
from aggregator.crawl.session import Session
from aggregator.crawl.tasks import Task, outcome
from aggregator.draft import Draft
from aggregator.errors import ParseError
from aggregator.identity import STRONG, Alias
from aggregator.seeds import sitemap
from aggregator.seeds.parsed import ParsedSeed
from aggregator.store import articles, queue
from aggregator.types import Entry, Page, Seed, Source
from aggregator.urls import canonical

log = logging.getLogger(__name__)

#: Maps of one source in one run: sitemaps, and pages of its listings.
MOST_MAPS: Final = 2_000
#: How deep indexes of sitemaps lead.
MOST_DEPTH: Final = 3
#: Addresses of one sitemap; the protocol allows no more.
MOST_ENTRIES: Final = 50_000


class MapReader:
    """Reads the maps of one run.

    Args:
        session: of the run.
        asking: grants the pages.
        period: what is wanted.
    """

    def __init__(self, session: Session, asking: Asking, period: Period) -> None:
        self._session, self._asking, self._period = session, asking, period
        self._seen: set[str] = set()
        self._asked: Counter[str] = Counter()

    def begin(self, source: Source) -> Iterator[Task]:
        """Yield the maps of a source, those of its robots.txt too."""
        for seed in source.seeds:
            if seed.enabled and seed.kind in {"sitemap", "listing"}:
                yield from self._map(source, seed, seed.url)
        where = urljoin(source.homepage, "/robots.txt")
        yield from self._map(source, Seed(kind="sitemap", url=where), where)

    def read(self, task: Task, page: Page, meta: Mapping[str, Any]) -> Iterator[Task | Draft]:
        """Yield what the answer of a map leads to."""
        if page.status != 200:
            if not task.seed.url.endswith("/robots.txt"):
                self.failed(task, f"HTTP {page.status}")
            self._log(task, page, meta, kind=f"http_{page.status}", error=f"HTTP {page.status}")
            return
        if task.depth == 0 and task.seed.url.endswith("/robots.txt"):
            self._log(task, page, meta)
            for url in robots.parse(page.body, "aggregator").sitemaps:
                yield from self._map(task.source, replace(task.seed, url=url), url, 1)
            return
        try:
            parsed = self._parse(task, page)
        except ParseError as error:
            self._log(task, page, meta, kind="not_a_feed", error=str(error))
            self.failed(task, str(error))
            return
        found = backfilling.within(parsed.entries, self._period)
        taken = self._queue(task, found)
        self._log(task, page, meta, entries=len(parsed.entries), new_entries=len(taken))
        self._session.commit()
        for each, sighting in taken:
            page_task = self._asking.page(
                task.source, task.seed, sighting, each.entry, key=each.key
            )
            if page_task:
                yield page_task
        yield from self._next(task, parsed)

    def failed(self, task: Task, why: str) -> None:
        """Name a map that cannot be read; the others go on."""
        where = "" if task.url in why else f"{task.url}: "
        self._session.count(task.source.id, "seed_failed")
        self._session.fail(f"{task.source.id}: {where}{why}")

    def _parse(self, task: Task, page: Page) -> ParsedSeed:
        now = self._session.now()
        if task.seed.kind == "sitemap":
            return sitemap.parse(page, task.seed, source=task.source, now=now, most=MOST_ENTRIES)
        return seeds.parse(page, task.seed, source=task.source, now=now)

    def _next(self, task: Task, parsed: ParsedSeed) -> Iterator[Task]:
        if task.seed.kind == "sitemap":
            if task.depth < MOST_DEPTH:
                for url in backfilling.maps(parsed.next_urls, parsed.next_changed, self._period):
                    yield from self._map(task.source, task.seed, url, task.depth + 1)
        elif not backfilling.is_past(parsed.entries, self._period):
            for url in parsed.next_urls[:1]:
                yield from self._map(task.source, task.seed, url, task.depth + 1)

    def _map(self, source: Source, seed: Seed, url: str, depth: int = 0) -> Iterator[Task]:
        key = canonical(url)
        if key in self._seen:
            return
        if self._asked[source.id] >= MOST_MAPS:
            log.warning("%s: more than %d maps: %s is left out", source.id, MOST_MAPS, url)
            return
        self._seen.add(key)
        self._asked[source.id] += 1
        self._session.count(source.id, "polls")
        yield Task(role="map", url=url, source=source, seed=seed, depth=depth)

    def _queue(self, task: Task, entries: list[Entry]) -> list[tuple[announcing.Announced, int]]:
        """Queue the entries whose articles the store does not have; return them with their keys."""
        connection, source = self._session.writer.connection, task.source
        announced = announcing.keyed(entries, source, task.seed.kind)
        have = {
            alias.key
            for some in _parts(announced)
            for alias in articles.find(connection, [Alias(STRONG, "", each.key) for each in some])
        }
        keys = [each.key for each in announced if each.key not in have]
        seen = queue.sightings(connection, source.id, task.seed.url, keys)
        fresh = [
            each
            for each in announced
            if each.key not in have and (each.key not in seen or seen[each.key].state == "pending")
        ]
        rows = [announcing.row(each) for each in fresh]
        queue.put(connection, source.id, task.seed.url, rows, self._session.now())
        queued = queue.sightings(connection, source.id, task.seed.url, [each.key for each in fresh])
        return [(each, queued[each.key].pk) for each in fresh]

    def _log(self, task: Task, page: Page, meta: Mapping[str, Any], **what: Any) -> None:
        self._session.log(outcome(task, page, meta, self._session, **what))


def _parts(announced: Sequence[announcing.Announced]) -> Iterator[Sequence[announcing.Announced]]:
    for start in range(0, len(announced), 500):
        yield announced[start : start + 500]
