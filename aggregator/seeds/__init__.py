"""Where sources announce: feeds, sitemaps and listings read into entries.

One module per seed kind, each with ``parse(page, seed, *, source, now)``; :func:`parse` picks it.
Pure: bytes in, entries out; no network, no clock.
"""

from datetime import datetime
from importlib import import_module

from aggregator.seeds.parsed import MAX_ENTRIES, ParsedSeed
from aggregator.types import Page, Seed, Source

__all__ = ["MAX_ENTRIES", "ParsedSeed", "parse"]


def parse(page: Page, seed: Seed, *, source: Source, now: datetime) -> ParsedSeed:
    """Return what the document of a seed announces, read as the seed's kind.

    Args:
        page: as fetched, status 200.
        seed: its ``kind`` is the name of the module that reads it.
        source: whose seed it is.
        now: aware; the caller's clock.

    Raises:
        ParseError: the document is not what the seed promises; the cause says what it is.
    """
    reader = import_module(f"aggregator.seeds.{seed.kind}")
    parsed: ParsedSeed = reader.parse(page, seed, source=source, now=now)
    return parsed
