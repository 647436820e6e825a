"""What a crawl asks for: one request, what it is for, and its answer as the core knows it."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from scrapy.http import Response

from aggregator.crawl.session import Session
from aggregator.draft import Draft
from aggregator.store.crawling import Fetch, SeedState
from aggregator.types import Article, Entry, Page, Seed, Source
from aggregator.urls import host

if TYPE_CHECKING:
    from aggregator.extract.joining import Gathering  # polls that bring no pages need it not

#: Seeds go before pages, and what is begun before what is not.
_SEED_PRIORITY, _PART_PRIORITY = 10, 5


@dataclass(frozen=True, slots=True, kw_only=True)
class Task:
    """One request to make.

    Attributes:
        role: ``seed``, ``page``, or ``map``: a sitemap or listing that is only walked through.
        sighting: key of the entry in the queue.
        attempts: how often its page was asked for in vain.
        present: canonical addresses that the same seed document announces.
        shared_guid: several entries of that document carry this one's guid.
        check: the page is asked for only to see whether its article is still there.
        depth: how many sitemap indexes or earlier listing pages led here.
        state: what earlier polls told of the seed.
        gathering: the article that this page may complete; its first page was read.
        held: pages of that article, which go into the archive together.
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
    state: SeedState | None = None
    gathering: "Gathering | None" = None
    held: tuple[Page, ...] = ()

    @property
    def priority(self) -> int:
        """Seeds go before pages, and what is begun before what is not."""
        if self.role != "page":
            return _SEED_PRIORITY
        return _PART_PRIORITY if self.gathering else 0

    @property
    def slot(self) -> str:
        """The budget this request draws from: one a host, over all sources."""
        return host(self.url)

    def draft(self, article: Article, session: Session) -> Draft:
        """Return the draft of an article that this task led to."""
        return Draft(
            article=article,
            source=self.source,
            seen=session.now(),
            entry=self.entry,
            seed_url=self.seed.url,
            present=self.present,
            shared_guid=self.shared_guid,
            sighting=self.sighting,
        )


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


def outcome(
    task: Task,
    page: Page | None,
    meta: Mapping[str, Any],
    session: Session,
    *,
    kind: str | None = None,
    error: str | None = None,
    entries: int | None = None,
    new_entries: int | None = None,
) -> Fetch:
    """Return the row of ``fetches`` for what became of a request."""
    latency = meta.get("download_latency")
    return Fetch(
        source_id=task.source.id,
        role=task.role,
        url=task.seed.url if task.role == "seed" and not task.depth else task.url,
        at=session.now(),
        status=page.status if page else None,
        size_bytes=len(page.body) if page else None,
        ms=round(latency * 1000) if latency is not None else None,
        kind=kind,
        error=error[:500] if error else None,
        entries=entries,
        new_entries=new_entries,
    )
