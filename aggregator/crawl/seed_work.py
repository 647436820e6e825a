"""What a seed's document announces, each entry with its key: one function for both places.

As with pages (``page_work.py``): the crawl's own process does it, or a worker beside it.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from aggregator import announcing
from aggregator.errors import ParseError
from aggregator.seeds.parsed import ParsedSeed
from aggregator.types import Page, Seed, Source


@dataclass(frozen=True, slots=True, kw_only=True)
class SeedDone:
    """What is in a seed's document; ``announced``: its entries that can be articles, in order."""

    parsed: ParsedSeed
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
        announced = announcing.keyed(parsed.entries, self.source, self.seed.kind)
        return SeedDone(parsed=parsed, announced=announced)
