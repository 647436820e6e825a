"""Extracts again from stored pages: the same path as a crawl, without the network.

Pages are read in the order of the archive, extracted wherever an executor puts the work (processes
here, a cluster, or this very thread), and brought into the store here, in the order of the archive
again. So history stays history: a page that is older than what its article says now is passed over.
"""

from collections import Counter, deque
from collections.abc import Iterable, Iterator, Mapping
from concurrent.futures import Executor, Future
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import islice
from pathlib import Path
from typing import Final

from aggregator import archive, extract, ingest
from aggregator.archive import Position, Stored
from aggregator.draft import Draft
from aggregator.extract import joining
from aggregator.extract.article import read
from aggregator.extract.pages import is_further_page
from aggregator.store import articles
from aggregator.store.writer import Writer
from aggregator.types import Page, Source
from aggregator.urls import host

#: Pages that are extracted together and committed together.
BATCH: Final = 50
#: WARC knows whole seconds, and an article is stored a little later than its page is kept.
_SLACK: Final = timedelta(seconds=60)


@dataclass(frozen=True, slots=True)
class Replayed:
    """What came of one page.

    Attributes:
        outcome: ``new``, ``edited``, ``unchanged``, ``older`` (than what the store knows),
            ``purged``, ``refused: why``, ``failed: why``.
        position: of the page, where it is the last of those that were just committed.
    """

    url: str
    outcome: str
    title: str | None = None
    position: Position | None = None


@dataclass(frozen=True, slots=True)
class _Ready:
    """A page as far as it gets without the store.

    ``is_whole`` is False where the article has further pages that are not at hand.
    """

    url: str
    draft: Draft | None
    why: str
    is_whole: bool = True


def replay(
    paths: Iterable[Path],
    writer: Writer,
    sources: Mapping[str, Source],
    now: datetime,
    *,
    only: str | None = None,
    dry_run: bool = False,
    after: Position | None = None,
    executor: Executor | None = None,
    width: int = 1,
) -> Iterator[Replayed]:
    """Yield what comes of each stored page; with ``dry_run`` nothing is kept.

    Args:
        paths: WARC files, or folders of them.
        writer: commits every :data:`BATCH` pages.
        sources: the catalogue; pages of no source in it are passed over.
        now: when changes are recorded.
        only: id of the one source whose pages count.
        dry_run: roll back instead of committing.
        after: the last page of an earlier run; see :attr:`Replayed.position`.
        executor: where pages are extracted; None: here, one after the other.
        width: how many batches the executor works on at once.

    Raises:
        ImportFileError: a file is no WARC.
        StoreError: the store failed.
    """
    stored = archive.records(paths, after=after)
    wanted = _wanted(stored, sources, only)
    for batch, ready in _extracted(wanted, now, executor, 2 * width):
        done = [_ingest(each, writer) for each in ready]
        if dry_run:
            writer.rollback()
        else:
            writer.commit(now)
        last = len(done) - 1
        for number, each in enumerate(done):
            position = batch[number].position if number == last else None
            yield Replayed(each.url, each.outcome, each.title, position)


def _wanted(
    stored: Iterable[Stored], sources: Mapping[str, Source], only: str | None
) -> Iterator[tuple[Stored, Source]]:
    for each in stored:
        source = source_of(each.page, each.source_id, sources)
        if source is not None and each.page.status == 200 and only in {None, source.id}:
            yield each, source


def _extracted(
    wanted: Iterator[tuple[Stored, Source]], now: datetime, executor: Executor | None, ahead: int
) -> Iterator[tuple[list[Stored], list[_Ready]]]:
    """Yield batches of pages with their drafts, in order; ``ahead``: batches on their way."""
    batches = iter(lambda: list(islice(wanted, BATCH)), [])
    if executor is None:
        for batch in batches:
            yield [stored for stored, _ in batch], prepare(_pages(batch), now)
        return
    waiting: deque[tuple[list[tuple[Stored, Source]], Future[list[_Ready]]]] = deque()
    for batch in batches:
        waiting.append((batch, executor.submit(prepare, _pages(batch), now)))
        if len(waiting) >= ahead:
            yield _result(*waiting.popleft())
    while waiting:
        yield _result(*waiting.popleft())


def _pages(batch: Iterable[tuple[Stored, Source]]) -> list[tuple[Page, Source]]:
    return [(stored.page, source) for stored, source in batch]


def _result(
    batch: list[tuple[Stored, Source]], future: "Future[list[_Ready]]"
) -> tuple[list[Stored], list[_Ready]]:
    """Return what an executor made of a batch; a worker that died takes no page along silently."""
    pages = [stored for stored, _ in batch]
    try:
        return pages, future.result()
    except Exception as error:  # noqa: BLE001 (an executor raises what it likes)
        why = f"failed: {type(error).__name__}: {' '.join(str(error).split())[:200]}"
        return pages, [_Ready(each.page.url, None, why) for each in pages]


def prepare(pages: Iterable[tuple[Page, Source]], now: datetime) -> list[_Ready]:
    """Extract and normalize pages; needs no store, so that any process may do it.

    The pages of one article, which stand together in the archive, are joined as the crawl does.
    """
    rest = deque(pages)
    found = []
    while rest:
        page, source = rest.popleft()
        found += _prepare(page, source, now, rest)
    return found


def _prepare(
    page: Page, source: Source, now: datetime, rest: deque[tuple[Page, Source]]
) -> list[_Ready]:
    """Return what comes of a page and of those after it that belong to its article."""
    seen = page.fetched or now
    doc = _parsed(page, source)
    if is_further_page(doc):
        return [_Ready(page.url, None, "refused: a further page of an article")]
    gathering = joining.begin(doc, read(doc, now=seen, redirects=page.redirects))
    parts = []
    while gathering.wanted and rest and gathering.wanted in _addresses(rest[0][0]):
        part, _ = rest.popleft()
        more = _parsed(part, source)
        gathering = joining.go_on(gathering, more, read(more, now=seen))
        parts.append(_Ready(part.url, None, "unchanged"))  # the first page's outcome is its own
    draft, why = ingest.clean(Draft(article=gathering.article, source=source, seen=seen))
    is_whole = gathering.why != "next"
    draft = ingest.foreseen(draft) if draft else None
    return [_Ready(page.url, draft, f"refused: {why}", is_whole), *parts]


def _parsed(page: Page, source: Source) -> extract.Document:
    charset = page.headers.get("content-type")
    return extract.parse(page.body, url=page.url, charset=charset, source=source)


def _addresses(page: Page) -> tuple[str | None, ...]:
    return page.url, page.requested, *page.redirects


def _ingest(ready: _Ready, writer: Writer) -> Replayed:
    if ready.draft is None:
        return Replayed(ready.url, ready.why)
    draft = ingest.identify(ready.draft, writer)
    if draft.pk is not None and _is_older(draft, draft.pk, writer):
        return Replayed(ready.url, "older")
    if draft.pk is not None and not ready.is_whole:
        return Replayed(ready.url, "refused: its further pages are not at hand")
    draft = ingest.enrich(ingest.deduplicate(draft, writer), writer)
    done = ingest.store(draft, writer)
    return Replayed(ready.url, done.outcome or "unchanged", done.article.title)


def _is_older(draft: Draft, pk: int, writer: Writer) -> bool:
    """Return whether the article was changed, or taken back, after this page was fetched."""
    known = articles.get(writer.connection, [pk]).get(pk)
    if known is None:
        return False
    return known.state == "deleted" or draft.seen < known.revised - _SLACK


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
