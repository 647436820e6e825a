"""What a seed's document says: its entries, and what it says of itself."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Final

from aggregator.errors import ParseError
from aggregator.types import Entry, Moment

#: Entries that are kept of one document, the newest.
MAX_ENTRIES: Final = 10_000


@dataclass(frozen=True, slots=True, kw_only=True)
class ParsedSeed:
    """The document of a seed, read.

    Attributes:
        entries: in the document's order, except in sitemaps, which have none: newest first.
        format: ``rss``, ``rdf``, ``atom``, ``json``, ``cdf``, ``sitemap``, ``sitemapindex``,
            ``text`` or ``html``.
        language: BCP 47 as stated, not judged.
        ttl_s: seconds for which the document says it may be kept.
        update_period_s: seconds between two changes, as ``sy:`` states them.
        hub: a WebSub hub; its topic is ``self_url``.
        self_url: where the document says it is served.
        next_urls: further documents that belong to this seed, the most promising first.
        next_changed: when these last changed, where the document says it.
        notes: what was odd, one phrase each.
    """

    entries: tuple[Entry, ...] = ()
    format: str
    title: str | None = None
    description: str | None = None
    id: str | None = None
    home_url: str | None = None
    language: str | None = None
    authors: tuple[str, ...] = ()
    updated: Moment | None = None
    ttl_s: int | None = None
    update_period_s: int | None = None
    hub: str | None = None
    self_url: str | None = None
    next_urls: tuple[str, ...] = ()
    next_changed: Mapping[str, datetime] = field(default_factory=dict)
    notes: tuple[str, ...] = ()


def unreadable(url: str, why: str) -> ParseError:
    """Return the error for a document that is not what its seed promises."""
    return ParseError("seed cannot be read", url, why)
