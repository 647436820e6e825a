"""What a seed's document announces, each entry with its key: one function for both places.

As with pages (``page_work.py``): the crawl's own process does it, or a worker beside it.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from aggregator import announcing
from aggregator.errors import ParseError
from aggregator.seeds.parsed import ParsedSeed
from aggregator.types import Page, Seed, Source


@dataclass(frozen=True, slots=True, kw_only=True)
class SeedDone:
    """What is in a seed's document.

    Attributes:
        parsed: what it says of itself, without its entries.
        entries: how many there are.
        newest: when the newest of them was published, where they say it.
        announced: those that can be articles, in order.
    """

    parsed: ParsedSeed
    entries: int
    newest: datetime | None
    announced: Sequence[announcing.Announced]


@dataclass(frozen=True, slots=True)
class NotASeed:
    """Why a document is not what its seed promises."""

    why: str


@dataclass(frozen=True, slots=True, kw_only=True)
class SeedWork:
    """One document of a seed to read; ``now`` is when it came, aware."""

    page: Page
    seed: Seed
    source: Source
    now: datetime

    def done(self) -> SeedDone | NotASeed:
        """Return what is in it."""
        from aggregator import seeds  # most polls bring nothing to parse

        try:
            parsed = seeds.parse(self.page, self.seed, source=self.source, now=self.now)
        except ParseError as error:
            return NotASeed(str(error))
        times = (entry.published.value for entry in parsed.entries if entry.published)
        return SeedDone(
            parsed=replace(parsed, entries=()),
            entries=len(parsed.entries),
            newest=max(times, default=None),
            announced=announcing.keyed(parsed.entries, self.source, self.seed.kind),
        )
