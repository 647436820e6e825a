"""What happens to each answer of a crawl: seeds become tasks, pages become drafts.

Knows Scrapy's responses, the store and the core functions; decides nothing itself. Every request
ends as a row of ``fetches``; every entry that is taken stands in the queue before its page is asked
for, in the same transaction as the seed's validators.
"""

import hashlib
import logging
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from scrapy.http import Response

from aggregator import announcing, extract, ingest, seeds
from aggregator.challenges import obstacle
from aggregator.crawl import rhythm
from aggregator.crawl.due import not_due
from aggregator.crawl.session import Session
from aggregator.draft import Draft
from aggregator.errors import ParseError
from aggregator.extract.from_entry import from_entry
from aggregator.faults import describe, kind_of_status
from aggregator.identity import STRONG, WEAK, Alias, aliases, title_key
from aggregator.polling import PollOutcome
from aggregator.store import articles, crawling
from aggregator.types import Article, Entry, Page, Seed, Source
from aggregator.urls import canonical, host

log = logging.getLogger(__name__)

#: A page that failed this often is given up; what its entry said is stored instead.
MOST_ATTEMPTS = 4
#: Sitemaps that an index may lead to, newest first.
MOST_SITEMAPS = 5
#: How deep sitemap indexes, and how far back paged listings, are followed.
MOST_DEPTH = 3
#: Status codes that say an article is no more.
GONE = {404, 410}
#: Times of a source's delay after which a queued page may be asked for again.
_SEED_PRIORITY = 10


@dataclass(frozen=True, slots=True, kw_only=True)
class Task:
    """One request to make.

    Attributes:
        role: ``seed`` or ``page``.
        check: the page is asked for only to see whether its article is still there.
        depth: how many sitemap indexes led here.
    """

    role: str
    url: str
    source: Source
    seed: Seed
    sighting: int | None = None
    attempts: int = 0
    entry: Entry | None = None
    present: frozenset[str] = frozenset()
    shared_guid: bool = False
    check: bool = False
    depth: int = 0
    validators: Mapping[str, str] | None = None

    @property
    def priority(self) -> int:
        """Seeds go before pages."""
        return _SEED_PRIORITY if self.role == "seed" else 0

    @property
    def slot(self) -> str:
        """The budget this request draws from: one a host, over all sources."""
        return host(self.url)


def page_of(response: Response, session: Session) -> Page:
    """Return a Scrapy response as the core knows it."""
    headers = {
        name.decode("latin-1").lower(): b", ".join(values).decode("latin-1")
        for name, values in response.headers.items()
    }
    hops = tuple(response.meta.get("redirect_urls", ()))
    return Page(
        url=response.url,
        body=response.body,
        status=response.status,
        headers=headers,
        requested=hops[0] if hops else response.url,
        redirects=hops,
        fetched=session.now(),
    )


def _title_of(entry: Entry) -> str | None:
    return title_key(entry.title, entry.published.value if entry.published else None)


class Reader:
    """Turns answers into tasks and drafts; one for each run."""

    def __init__(
        self, session: Session, *, limit: int | None = None, only_due: bool = False
    ) -> None:
        self.session = session
        self.limit = limit
        self.only_due = only_due
        self._taken: Counter[str] = Counter()
        self._fresh = 0
        self._asked: set[str] = set()

    # -- the beginning of a source

    def begin(self, source: Source) -> Iterator[Task]:
        """Yield the seeds of a source and the pages that earlier runs owe."""
        for task in self._begin(source):
            self.session.busy[source.id] += 1
            yield task

    def _begin(self, source: Source) -> Iterator[Task]:
        connection = self.session.writer.connection
        states = crawling.seed_states(connection, source.id)
        resting = not_due(self.session, source.id) if self.only_due else frozenset()
        for seed in source.seeds:
            if not seed.enabled or seed.url in resting:
                continue
            state = states.get(seed.url)
            validators = {}
            if state and state.etag:
                validators["etag"] = state.etag
            if state and state.last_modified:
                validators["last_modified"] = state.last_modified
            url = (state.moved_to if state else None) or seed.url
            yield Task(
                role="seed", url=url, source=source, seed=seed, validators=validators or None
            )
        by_url = {seed.url: seed for seed in source.seeds}
        for owed in crawling.pending(connection, source.id):
            seed = by_url.get(owed.seed_url, source.seeds[0])
            task = self._page_task(
                source, seed, owed.pk, announcing.load_entry(owed.entry), attempts=owed.attempts
            )
            if task:
                yield task

    def _page_task(
        self,
        source: Source,
        seed: Seed,
        sighting: int,
        entry: Entry | None,
        *,
        attempts: int = 0,
        present: frozenset[str] = frozenset(),
        shared_guid: bool = False,
    ) -> Task | None:
        if entry is None or not entry.url:
            return None
        key = canonical(entry.url)
        if key in self._asked:  # another seed's entry, or AMP form, brings this page in this run
            crawling.settle(self.session.writer.connection, sighting, "stored")
            return None
        if self.limit is not None and self._taken[source.id] >= self.limit:
            return None
        self._asked.add(key)
        self._taken[source.id] += 1
        return Task(
            role="page",
            url=entry.url,
            source=source,
            seed=seed,
            sighting=sighting,
            attempts=attempts,
            entry=entry,
            present=present,
            shared_guid=shared_guid,
        )

    # -- answers

    def arrived(self, task: Task, response: Response) -> Iterator[Task | Draft]:
        """Yield what an answer leads to."""
        page = page_of(response, self.session)
        read = self._seed if task.role == "seed" else self._page
        yield from self._counted(task, read(task, page, response.meta))

    def failed(
        self, task: Task, error: BaseException, meta: Mapping[str, Any]
    ) -> Iterator[Task | Draft]:
        """Record a request without an answer; yield the entry's draft if the page is given up."""
        yield from self._counted(task, self._failed(task, error, meta))

    def _counted(self, task: Task, outcomes: Iterator[Task | Draft]) -> Iterator[Task | Draft]:
        """Pass on what a task led to, and take it off the count of what is on its way."""
        for outcome in outcomes:
            if isinstance(outcome, Task):
                self.session.busy[outcome.source.id] += 1
            yield outcome
        self._asked.discard(canonical(task.url))
        self.session.busy[task.source.id] -= 1
        if not self.session.busy[task.source.id]:
            del self.session.busy[task.source.id]

    def _failed(
        self, task: Task, error: BaseException, meta: Mapping[str, Any]
    ) -> Iterator[Task | Draft]:
        kind = getattr(error, "kind", None) or "broken"
        self._log(task, None, meta, kind=kind, error=str(error) or type(error).__name__)
        if task.role == "seed":
            wait_s = getattr(error, "retry_after_s", None)
            self._seed_failed(task, kind, str(error), wait_s=wait_s)
        elif kind != "stopped":  # nobody's fault: the entry stays in the queue as it was
            yield from self._page_failed(task, f"{kind}: {error}")

    # -- seeds

    def _seed(self, task: Task, page: Page, meta: Mapping[str, Any]) -> Iterator[Task | Draft]:
        self.session.count(task.source.id, "polls")
        if page.status == 304:
            self.session.count(task.source.id, "not_modified")
            self._log(task, page, meta, entries=0, new_entries=0)
            self._seed_polled(task, page, meta, {})
            return
        barred = obstacle(page.status, page.headers, page.body)
        if barred and task.seed.kind != "listing":
            self._log(task, page, meta, kind=barred, error=describe(barred))
            self._seed_failed(task, barred, describe(barred), page=page)
            return
        if page.status != 200:
            kind = kind_of_status(page.status) or "broken"
            self._log(task, page, meta, kind=kind, error=f"HTTP {page.status}")
            self._seed_failed(task, kind, f"HTTP {page.status}", page=page)
            return
        digest = hashlib.blake2b(page.body, digest_size=16).hexdigest()
        state = crawling.seed_states(self.session.writer.connection, task.source.id).get(
            task.seed.url
        )
        if task.depth == 0 and state and state.body_hash == digest:
            self._log(task, page, meta, entries=len(state.keys), new_entries=0)
            self._seed_polled(task, page, meta, {})
            return
        try:
            parsed = seeds.parse(page, task.seed, source=task.source, now=self.session.now())
        except ParseError as error:
            self._log(task, page, meta, kind="not_a_feed", error=str(error))
            self._seed_failed(task, "not_a_feed", str(error), page=page)
            return
        before = self._fresh
        yield from self._entries(task, page, meta, parsed, state, digest)
        paged = task.seed.kind == "listing" and self._fresh - before < len(parsed.entries)
        if task.depth < MOST_DEPTH and not paged:  # older pages only while all of it is unknown
            for url in parsed.next_urls[:MOST_SITEMAPS]:
                yield replace(task, url=url, depth=task.depth + 1, validators=None)

    def _entries(
        self,
        task: Task,
        page: Page,
        meta: Mapping[str, Any],
        parsed: Any,
        state: crawling.SeedState | None,
        digest: str,
    ) -> Iterator[Task | Draft]:
        connection, now = self.session.writer.connection, self.session.now()
        source, seed = task.source, task.seed
        announced = announcing.keyed(parsed.entries, source, seed.kind)
        seen = crawling.sightings(connection, source.id, seed.url, [a.key for a in announced])
        previous = state.keys if state and task.depth == 0 else ()
        plan = announcing.plan(announced, seen, previous=previous)
        known = articles.find(
            connection,
            [Alias(STRONG, "", each.key) for each in plan.take if each.key not in seen],
        )
        known_pks = {alias.key: pk for alias, pk in known.items()}
        unknown = [a for a in plan.take if a.key not in seen and a.key not in known_pks]
        known_pks |= self._renumbered(source, seed, unknown)
        crawling.queue(
            connection,
            source.id,
            seed.url,
            [
                {
                    "entry_key": each.key,
                    "url": each.entry.url,
                    "guid": each.entry.guid,
                    "announced": each.says,
                    "entry": announcing.dump_entry(each.entry),
                }
                for each in plan.take
            ],
            now,
        )
        self._fresh += plan.new
        self._log(task, page, meta, entries=len(announced), new_entries=plan.new)
        values = {"body_hash": digest, "keys": list(plan.keys), "hub": parsed.hub}
        self._seed_polled(task, page, meta, values, parsed=parsed, new=plan.new)
        self.session.commit()
        queued = crawling.sightings(connection, source.id, seed.url, [a.key for a in plan.take])
        present = frozenset(plan.keys)
        for each in plan.take:
            sighting = queued[each.key]
            shared = each.entry.guid in plan.shared_guids
            draft = self._whole(task, each.entry, sighting.pk, present, shared)
            if draft is not None:
                yield draft
                continue
            if (pk := known_pks.get(each.key)) is not None:
                # another seed brought it already, and says when it moves
                crawling.settle(connection, sighting.pk, "stored", article_pk=pk)
                continue
            page_task = self._page_task(
                source, seed, sighting.pk, each.entry, present=present, shared_guid=shared
            )
            if page_task:
                yield page_task
        yield from self._checks(task, plan.vanished)

    def _renumbered(
        self, source: Source, seed: Seed, unknown: Sequence[announcing.Announced]
    ) -> dict[str, int]:
        """Return the articles of entries that only got new names, which they keep from now on."""
        by_title = {
            Alias(WEAK, source.id, key): each
            for each in unknown
            if (key := _title_of(each.entry)) is not None
        }
        if len(unknown) < announcing.RENUMBERED:
            return {}
        connection = self.session.writer.connection
        found = articles.find(connection, by_title)
        if not announcing.is_renumbering(len(unknown), len(found)):
            return {}
        log.warning("%s: %s: renumbered: %d entries", source.id, seed.url, len(found))
        for alias, pk in found.items():
            entry = by_title[alias].entry
            named = Article(url=entry.url or source.homepage)
            names = aliases(named, source, entry=entry, seed_url=seed.url)
            articles.add_aliases(connection, pk, names, self.session.now())
        return {by_title[alias].key: pk for alias, pk in found.items()}

    def _whole(
        self, task: Task, entry: Entry, sighting: int, present: frozenset[str], shared: bool
    ) -> Draft | None:
        """Return the draft of an entry that holds the whole text."""
        if not entry.html or not entry.url:
            return None
        article = from_entry(entry, task.source)
        letters = sum(map(len, article.paragraphs))
        if not announcing.is_whole(entry, task.source, letters=letters):
            return None
        return Draft(
            article=article,
            source=task.source,
            seen=self.session.now(),
            entry=entry,
            seed_url=task.seed.url,
            present=present,
            shared_guid=shared,
            sighting=sighting,
        )

    def _checks(self, task: Task, vanished: tuple[str, ...]) -> Iterator[Task]:
        """Yield requests for pages whose entries vanished: their articles may be gone."""
        if not vanished:
            return
        connection = self.session.writer.connection
        seen = crawling.sightings(connection, task.source.id, task.seed.url, vanished)
        for sighting in seen.values():
            if sighting.state != "stored" or not sighting.url:
                continue
            if (key := canonical(sighting.url)) not in self._asked:
                self._asked.add(key)
                yield Task(
                    role="page",
                    url=sighting.url,
                    source=task.source,
                    seed=task.seed,
                    sighting=sighting.pk,
                    check=True,
                )

    def _seed_polled(
        self,
        task: Task,
        page: Page,
        meta: Mapping[str, Any],
        values: Mapping[str, Any],
        *,
        parsed: Any = None,
        new: int = 0,
    ) -> None:
        """Write what a good poll told of its seed; sitemaps below an index have no row."""
        if task.depth:
            return
        now = self.session.now()
        newest = (
            [entry.published.value for entry in parsed.entries if entry.published] if parsed else []
        )
        outcome = PollOutcome(
            at=now,
            ok=True,
            entries=len(parsed.entries) if parsed else None,
            new_entries=new,
            newest_published=max(newest, default=None),
        )
        next_at = rhythm.next_at(
            self.session, task.source, task.seed, outcome, page=page, parsed=parsed
        )
        written: dict[str, Any] = {**values, "polled_at": now, "next_at": next_at}
        if page.status == 200:
            written["etag"] = page.headers.get("etag")
            written["last_modified"] = page.headers.get("last-modified")
            moved = rhythm.moved_to(page, tuple(meta.get("redirect_statuses", ())))
            written["moved_to"] = moved or (task.url if task.url != task.seed.url else None)
        self._save_seed(task, written)

    def _seed_failed(
        self,
        task: Task,
        kind: str,
        why: str,
        *,
        page: Page | None = None,
        wait_s: float | None = None,
    ) -> None:
        self.session.count(task.source.id, "seed_failed")
        if kind == "stopped":
            return
        where = "" if task.url in why else f"{task.url}: "
        self.session.fail(f"{task.source.id}: {where}{why}")
        if task.depth:
            return
        now = self.session.now()
        outcome = PollOutcome(at=now, ok=False, kind=kind)
        next_at = rhythm.next_at(
            self.session, task.source, task.seed, outcome, page=page, retry_after_s=wait_s
        )
        self._save_seed(task, {"polled_at": now, "next_at": next_at})

    def _save_seed(self, task: Task, values: Mapping[str, Any]) -> None:
        crawling.save_seed(
            self.session.writer.connection, task.source.id, task.seed.url, task.seed.kind, values
        )
        self.session.stored()

    # -- pages

    def _page(self, task: Task, page: Page, meta: Mapping[str, Any]) -> Iterator[Task | Draft]:
        if page.status in GONE:
            self._log(task, page, meta, kind=f"http_{page.status}", error=f"HTTP {page.status}")
            self._page_gone(task)
            return
        if barred := obstacle(page.status, page.headers, page.body):
            self._log(task, page, meta, kind=barred, error=describe(barred))
            yield from self._page_failed(task, describe(barred))
            return
        if page.status != 200:
            kind = kind_of_status(page.status) or "broken"
            self._log(task, page, meta, kind=kind, error=f"HTTP {page.status}")
            yield from self._page_failed(task, f"HTTP {page.status}")
            return
        self._log(task, page, meta)
        self.session.keep(page, task.source)
        yield self._draft(task, page)

    def _draft(self, task: Task, page: Page) -> Draft:
        now = self.session.now()
        article = extract.extract(
            page.body,
            url=page.url,
            source=task.source,
            entry=task.entry,
            headers=page.headers,
            now=now,
            redirects=(*page.redirects, *((page.requested,) if page.requested else ())),
        )
        return Draft(
            article=article,
            source=task.source,
            seen=now,
            entry=task.entry,
            seed_url=task.seed.url,
            present=task.present,
            shared_guid=task.shared_guid,
            sighting=task.sighting,
        )

    def _page_gone(self, task: Task) -> None:
        writer = self.session.writer
        if task.sighting is not None:
            state = "gone" if task.check else "failed"
            crawling.settle(writer.connection, task.sighting, state, reason="gone")
        names = [Alias(STRONG, "", canonical(task.url))]
        pks = set(articles.find(writer.connection, names).values())
        for pk, known in articles.known(writer.connection, pks).items():
            if canonical(known.url) != canonical(task.url):
                continue  # only its old address is gone: it lives at another one
            if ingest.remove(pk, writer, reason="gone"):
                self.session.count(task.source.id, "deleted")
        self.session.stored()

    def _page_failed(self, task: Task, reason: str) -> Iterator[Draft]:
        """Keep the entry in the queue; after the last attempt yield what the entry itself says."""
        if task.check or task.sighting is None:
            return
        connection = self.session.writer.connection
        self.session.count(task.source.id, "failed")
        if task.attempts + 1 < MOST_ATTEMPTS:
            crawling.postpone(connection, task.sighting, reason[:300])
            self.session.stored()
            return
        entry = task.entry
        if entry and entry.url and entry.title and (entry.summary or entry.html):
            yield Draft(
                article=from_entry(entry, task.source, teaser=True),
                source=task.source,
                seen=self.session.now(),
                entry=entry,
                seed_url=task.seed.url,
                present=task.present,
                shared_guid=task.shared_guid,
                sighting=task.sighting,
            )
            return
        crawling.settle(connection, task.sighting, "failed", reason=reason[:300])
        self.session.fail(f"{task.source.id}: {task.url}: {reason}")
        self.session.stored()

    # -- the log

    def _log(
        self,
        task: Task,
        page: Page | None,
        meta: Mapping[str, Any],
        *,
        kind: str | None = None,
        error: str | None = None,
        entries: int | None = None,
        new_entries: int | None = None,
    ) -> None:
        latency = meta.get("download_latency")
        self.session.log(
            crawling.Fetch(
                source_id=task.source.id,
                role=task.role,
                url=task.seed.url if task.role == "seed" and not task.depth else task.url,
                at=self.session.now(),
                status=page.status if page else None,
                size_bytes=len(page.body) if page else None,
                ms=round(latency * 1000) if latency is not None else None,
                kind=kind,
                error=error[:500] if error else None,
                entries=entries,
                new_entries=new_entries,
            )
        )
        if kind:
            log.info("%s: %s: %s: %s", task.source.id, task.url, kind, error)
