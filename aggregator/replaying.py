"""Extracts again from stored pages: the same path as a crawl, without the network."""

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from aggregator import archive, extract, ingest
from aggregator.draft import Draft
from aggregator.store.writer import Writer
from aggregator.types import Page, Source
from aggregator.urls import host

#: Pages of one transaction.
BATCH = 100


@dataclass(frozen=True, slots=True)
class Replayed:
    """What came of one page: ``new``, ``edited``, ``unchanged``, ``purged``, ``refused: why``."""

    url: str
    outcome: str
    title: str | None = None


def replay(
    paths: Iterable[Path],
    writer: Writer,
    sources: Mapping[str, Source],
    now: datetime,
    *,
    only: str | None = None,
    dry_run: bool = False,
) -> Iterator[Replayed]:
    """Yield what comes of each stored page; with ``dry_run`` nothing is kept.

    Raises:
        ParseError: a file is no WARC.
        StoreError: the store failed.
    """
    waiting = 0
    for stored in archive.records(paths):
        source = source_of(stored.page, stored.source_id, sources)
        if source is None or (only and source.id != only) or stored.page.status != 200:
            continue
        yield _replay(stored.page, source, writer, now)
        waiting += 1
        if waiting >= BATCH:
            waiting = 0
            _end(writer, now, dry_run=dry_run)
    _end(writer, now, dry_run=dry_run)


def _end(writer: Writer, now: datetime, *, dry_run: bool) -> None:
    if dry_run:
        writer.rollback()
    else:
        writer.commit(now)


def _replay(page: Page, source: Source, writer: Writer, now: datetime) -> Replayed:
    article = extract.extract(
        page.body,
        url=page.url,
        source=source,
        headers=page.headers,
        now=page.fetched or now,
        redirects=page.redirects,
    )
    draft, why = ingest.clean(Draft(article=article, source=source, seen=page.fetched or now))
    if draft is None:
        return Replayed(page.url, f"refused: {why}")
    done = ingest.ingest(draft, writer)
    return Replayed(page.url, done.outcome or "unchanged", done.article.title)


def source_of(page: Page, source_id: str | None, sources: Mapping[str, Source]) -> Source | None:
    """Return whose page it is: as the archive says, else by its host."""
    if source_id in sources:
        return sources[source_id or ""]
    name = host(page.url)
    for source in sources.values():
        if name in {host(source.homepage), *source.hosts}:
            return source
    return None


def tally(outcomes: Iterable[Replayed]) -> Counter[str]:
    """Return outcome → count."""
    return Counter(each.outcome.partition(":")[0] for each in outcomes)
