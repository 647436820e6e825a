"""What a page says, and all else about it that needs no writing: one function for both places.

The crawl's own process does it, or a worker beside it (``aggregator.crawl.workers``), which does
not know the crawl: what it needs stands in :class:`Work`, what it found in :class:`Done`.
"""

from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING

from aggregator.draft import Draft, Ready
from aggregator.types import Entry, Page, Source

if TYPE_CHECKING:
    from aggregator.extract.joining import Gathering  # polls that bring no pages need it not


@dataclass(frozen=True, slots=True, kw_only=True)
class Work:
    """One page to read.

    Attributes:
        gathering: the article that this page may complete; None: it is an article's first page.
        now: when the page came, aware.
    """

    page: Page
    source: Source
    entry: Entry | None = None
    gathering: "Gathering | None" = None
    now: datetime

    def done(self) -> "Done":
        """Return what a worker finds in it; see :func:`prepared`."""
        return prepared(self)


@dataclass(frozen=True, slots=True, kw_only=True)
class Done:
    """What a page led to.

    Attributes:
        gathering: the article as it stands after this page, and what else is wanted for it.
        ready: of the whole article; None: not worked out.
    """

    gathering: "Gathering"
    ready: Ready | None = None


def read(work: Work) -> "Gathering":
    """Return the article as it stands after this page, and what else is wanted for it."""
    from aggregator.extract import article as extraction
    from aggregator.extract import joining, parse

    page = work.page
    doc = parse(
        page.body,
        url=page.url,
        charset=page.headers.get("content-type"),
        source=work.source,
    )
    if work.gathering is not None:
        return joining.go_on(work.gathering, doc, extraction.read(doc, now=work.now))
    redirects = (*page.redirects, *((page.requested,) if page.requested else ()))
    article = extraction.read(doc, entry=work.entry, now=work.now, redirects=redirects)
    return joining.begin(doc, article)


def prepared(work: Work) -> Done:
    """Return what :func:`read` does, and of a whole article what ``ingest.ready`` does."""
    from aggregator import ingest

    gathering = read(work)
    if gathering.wanted:
        return Done(gathering=gathering)
    draft = Draft(article=gathering.article, source=work.source, seen=work.now)
    return Done(gathering=gathering, ready=ingest.ready(draft))
