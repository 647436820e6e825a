"""Where sources announce: feeds, sitemaps and listings read into entries.

One module per seed kind, each with ``parse(page, seed, *, source, now)``; :func:`parse` picks it.
Pure: bytes in, entries out; no network, no clock.
"""

from dataclasses import replace
from datetime import datetime
from importlib import import_module

from aggregator.seeds import link_header
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
    links = page.headers.get("link")
    if not links or seed.kind != "feed":
        return parsed
    hub, topic = (link_header.related(links, name, page.url) for name in ("hub", "self"))
    if hub is None:
        return parsed
    # W3C WebSub §4: what the header says comes before what the document says
    return replace(parsed, hub=hub, self_url=topic or parsed.self_url)
