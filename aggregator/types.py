"""The core types, one for each moment of an article's path.

    Source (who) → Seed (where it announces) → Entry (the announcement) → Page (bytes as fetched)
    → Article (what we know, with the origin of each field) → Record (what the store keeps and
    everyone sees) → Change (a numbered line of the log)

All are frozen; collections are tuples; datetimes are aware; ``None`` means unknown and an empty
string never stands for it. Names follow Atom (entry, updated, summary) and schema.org.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Literal

Precision = Literal["second", "minute", "hour", "day", "month"]
SeedKind = Literal["feed", "sitemap", "listing"]
Event = Literal["new", "edited", "deleted"]
Direction = Literal["rtl", "ltr"]
#: What a page is. Only ``article`` is stored.
PageKind = Literal["article", "listing", "forum", "product", "login", "error", "empty", "other"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Moment:
    """A date as far as it is known, and who says so.

    Attributes:
        value: aware; shows the start of the day or month where the precision is no finer.
        precision: how much of ``value`` is knowledge.
        origin: ``feed``, ``sitemap``, ``json_ld``, ``meta``, ``page`` or ``url``.
    """

    value: datetime
    precision: Precision
    origin: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Image:
    """A picture of an article; ``url`` is absolute http(s), sizes in pixels."""

    url: str
    width: int | None = None
    height: int | None = None
    alt: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Seed:
    """An address where a source announces its articles.

    Attributes:
        links: for listings, the selector (CSS, or XPath if it begins with ``/``) of the links.
        title: the section's name, if it has one.
        evidence: how many independent public projects were seen to use this address; 0 unknown.
    """

    kind: SeedKind
    url: str
    links: str | None = None
    title: str | None = None
    evidence: int = 0
    enabled: bool = True


@dataclass(frozen=True, slots=True, kw_only=True)
class Source:
    """One news source, as its file in the catalogue says (``catalogue.py`` has the schema).

    Attributes:
        id: lower case ASCII, unique in the catalogue, file name of its YAML.
        name: in the source's own script.
        country: ISO 3166-1 alpha-2, upper case.
        language: BCP 47, of most of its articles.
        timezone: IANA name, for printed dates that have none.
        selectors: field → selectors in order of trust. Fields: title, date, updated, body, author,
            image, summary, categories, remove (what to cut out of the body). CSS, or XPath if the
            selector begins with ``/`` or ``(``.
        article_patterns: an address is an article's if one of these (RE2) matches; empty: any.
        identity_patterns: RE2 with one group, the number or key that is the article's identity
            over all hosts and slugs of this source; empty: the whole canonical address.
        hosts: all hosts that serve this source, beside the home page's.
        charset: what its pages are really in, where they lie or say nothing.
        headers: extra request headers.
        delay_s: seconds between two requests to a host; None: the program's default.
        robots: ``ignore`` only for sites one owns or tests.
        full_text: ``feed`` where the feed holds the whole text, ``page`` where it never does,
            None: judged entry by entry.
        date_order: ``dmy`` or ``mdy``; None: by country.
        archive: keep fetched pages as WARC.
        evidence: ``high``, ``medium`` or ``low``: how well its addresses are proven.
        rules: name of the rule set it shares with sources of one content management system.
        tested: its rules are tried on a stored page of its own, or of its rule set, in the tests.
        verified: day on which a live crawl was last seen to work, ISO 8601; None: never by us.
    """

    id: str
    name: str
    homepage: str
    country: str
    language: str
    seeds: tuple[Seed, ...]
    name_en: str | None = None
    timezone: str = "UTC"
    kind: str = "newspaper"
    selectors: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    article_patterns: tuple[str, ...] = ()
    identity_patterns: tuple[str, ...] = ()
    hosts: tuple[str, ...] = ()
    charset: str | None = None
    headers: Mapping[str, str] = field(default_factory=dict)
    cookies: bool = False
    delay_s: float | None = None
    concurrency: int = 1
    robots: Literal["obey", "ignore"] = "obey"
    full_text: Literal["feed", "page"] | None = None
    date_order: Literal["dmy", "mdy"] | None = None
    archive: bool = False
    enabled: bool = True
    evidence: Literal["high", "medium", "low"] = "low"
    verified: str | None = None
    rules: str | None = None
    notes: tuple[str, ...] = ()
    tested: bool = False
    path: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """An announcement of an article in a feed, sitemap or listing.

    Attributes:
        url: absolute, as announced (trackers and all); None where the feed gives none.
        guid: as announced, not an address of ours; None where there is none.
        title, summary: plain display text.
        html: the body, if the seed carries one; may be the whole text or a teaser.
        position: 0 is the first of the seed.
    """

    url: str | None
    guid: str | None = None
    title: str | None = None
    summary: str | None = None
    html: str | None = None
    published: Moment | None = None
    updated: Moment | None = None
    authors: tuple[str, ...] = ()
    categories: tuple[str, ...] = ()
    images: tuple[Image, ...] = ()
    language: str | None = None
    position: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Page:
    """Bytes and headers as fetched, after content decoding (gzip, br …), before charset decoding.

    Attributes:
        url: the final address, after redirects.
        requested: the address asked for; ``redirects`` are the ones in between, in order.
        headers: names in lower case.
    """

    url: str
    body: bytes
    status: int = 200
    headers: Mapping[str, str] = field(default_factory=dict)
    requested: str | None = None
    redirects: tuple[str, ...] = ()
    fetched: datetime | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Verdict:
    """What a page is, and the signs that say so (one short phrase each)."""

    kind: PageKind
    reasons: tuple[str, ...] = ()

    @property
    def is_article(self) -> bool:
        """Whether the page is to be stored."""
        return self.kind == "article"


ARTICLE = Verdict(kind="article")


@dataclass(frozen=True, slots=True, kw_only=True)
class Article:
    """What one page says, each field with its origin; not yet known to the store.

    Attributes:
        url: shown to people: the source's own canonical link, scheme and host as served.
        addresses: every other address the page gives for itself (canonical, AMP, og:url, short
            link, redirects), absolute.
        published: aware, with the source's offset; see :class:`Moment`.
        paragraphs, html: the body, plain and allow-listed; empty where there is none.
        origins: field → where it came from.
        notes: what was repaired or found to disagree, one phrase each.
        verdict: what kind of page it is.
    """

    url: str
    title: str | None = None
    published: datetime | None = None
    published_precision: Precision | None = None
    published_origin: str | None = None
    updated: datetime | None = None
    paragraphs: tuple[str, ...] = ()
    html: str = ""
    summary: str | None = None
    authors: tuple[str, ...] = ()
    categories: tuple[str, ...] = ()
    images: tuple[Image, ...] = ()
    language: str | None = None
    direction: Direction = "ltr"
    credit: str | None = None
    free_access: bool | None = None
    addresses: tuple[str, ...] = ()
    origins: Mapping[str, str] = field(default_factory=dict)
    notes: tuple[str, ...] = ()
    verdict: Verdict = ARTICLE


@dataclass(frozen=True, slots=True, kw_only=True)
class SourceRef:
    """The part of a source that travels with each record."""

    id: str
    name: str
    homepage: str
    country: str
    language: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Related:
    """Another article on the same matter, as a reader of this one needs it.

    ``source`` is the other source's name; None where only a text card told of it.
    """

    id: str
    url: str
    title: str
    source: str | None = None
    paragraphs: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class CopyRef:
    """A copy of this article elsewhere; ``source`` is the other source's id."""

    id: str
    source: str
    url: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Record:
    """An article as the store keeps it: the contract's record without the change header.

    The order of the fields is the order of the keys in JSON Lines (``record.py``). Datetimes keep
    the offset that the source gave; ``first_seen`` is UTC.
    """

    id: str
    url: str
    title: str
    published: datetime | None = None
    published_precision: Precision | None = None
    published_origin: str | None = None
    updated: datetime | None = None
    first_seen: datetime
    paragraphs: tuple[str, ...] = ()
    html: str = ""
    summary: str | None = None
    source: SourceRef
    authors: tuple[str, ...] = ()
    categories: tuple[str, ...] = ()
    keywords: tuple[str, ...] = ()
    related: tuple[Related, ...] = ()
    images: tuple[Image, ...] = ()
    language: str
    direction: Direction
    credit: str | None = None
    copy_of: str | None = None
    also_in: tuple[CopyRef, ...] = ()
    cluster: str | None = None
    version: int = 1
    free_access: bool | None = None
    origins: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class Change:
    """One numbered line of the log.

    Attributes:
        seq: 1, 2, 3 … over the whole store, no gaps, never reused.
        at: when it was recorded, UTC.
        changed: for ``edited``, the fields that changed, in record order.
        record: the article after the change; None for ``deleted``.
        reason: for ``deleted``: ``gone``, ``retention``, ``request``.
        revised: when the record's present version was made (a real change of the article), which
            feeds show as ``updated``; not written to JSON Lines. None: ``record.first_seen`` for
            version 1, else ``at``.
    """

    seq: int
    event: Event
    at: datetime
    id: str
    changed: tuple[str, ...] = ()
    record: Record | None = None
    reason: str | None = None
    revised: datetime | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Feed:
    """What a feed document says of itself, whatever its format.

    Attributes:
        id: an IRI that never changes.
        self_url: where this document is served; None where that is not known.
        home_url: the page for people.
        hub_url: a WebSub hub, if there is one; ``more_hubs`` are others.
        previous: archive page before this one (RFC 5005), None at the end.
        following: of an archive page, the one after it, None for the newest.
        current: of an archive page, the feed itself; None for the feed itself.
    """

    id: str
    title: str
    home_url: str
    self_url: str | None = None
    description: str | None = None
    language: str | None = None
    hub_url: str | None = None
    more_hubs: tuple[str, ...] = ()
    previous: str | None = None
    following: str | None = None
    current: str | None = None
    icon: str | None = None

    @property
    def hubs(self) -> tuple[str, ...]:
        """All hubs."""
        return ((self.hub_url,) if self.hub_url else ()) + self.more_hubs


@dataclass(frozen=True, slots=True, kw_only=True)
class Filter:
    """Which articles; an empty filter is all of them. Every part that is set must hold."""

    sources: tuple[str, ...] = ()
    country: str | None = None
    language: str | None = None
    keyword: str | None = None
    query: str | None = None
    cluster: str | None = None
    ids: tuple[str, ...] = ()

    def __bool__(self) -> bool:
        return self != Filter()
