"""Feeds: RSS, RDF, Atom and JSON Feed, sound or broken.

Sound XML, and XML whose well-known faults can be mended, goes one fast way; of what is broken
beyond that both readers take what they can and the one that finds more entries is believed.
Entities are never expanded, nothing is fetched.
"""

from datetime import datetime
from typing import Any

from aggregator import safe_xml
from aggregator.errors import ParseError
from aggregator.seeds import documents, json_feed, universal, xml_feed
from aggregator.seeds.documents import Document
from aggregator.seeds.parsed import ParsedSeed, unreadable
from aggregator.seeds.site_suffix import without_site
from aggregator.types import Page, Seed, Source
from aggregator.urls import absolute

_FAMILIES = frozenset({"rss", "rdf", "feed"})
_WANTED = "a feed"


def parse(page: Page, seed: Seed, *, source: Source, now: datetime) -> ParsedSeed:
    """Return what a feed announces.

    Args:
        page: as fetched; its Content-Location, if it has one, is the base of relative addresses.
        seed: where it was asked for.
        source: its zone, country, language and charset fill the gaps.
        now: aware; the caller's clock, for relative and impossible dates.

    Raises:
        ParseError: empty, HTML (a login or challenge page is called so), or no feed.
    """
    parsed = from_document(documents.read(page, source), page, source=source, now=now)
    return without_site(parsed, source)


def from_document(document: Document, page: Page, *, source: Source, now: datetime) -> ParsedSeed:
    """Return what a document that was already looked at announces; see :func:`parse`."""
    base = absolute(page.url, page.headers.get("content-location")) or page.url
    if document.kind == "json":
        return json_feed.read(document.data, source=source, now=now, base=base)
    if document.kind in {"html", "text"}:
        raise unreadable(page.url, documents.refusal(document, _WANTED))
    if document.kind in _FAMILIES:
        return _family(document, page, source, now, base)
    data, is_channel = _undeclared(document.data), document.kind == "channel"
    found = universal.read(data, source=source, now=now, base=base, is_channel=is_channel)
    if found is None:
        raise unreadable(page.url, documents.refusal(document, _WANTED))
    return found


def _family(document: Document, page: Page, source: Source, now: datetime, base: str) -> ParsedSeed:
    data, notes = document.data, document.notes
    root = _sound(data)
    if root is None:
        data = safe_xml.mended(data)
        root = _sound(data)
        notes = (*notes, "XML was mended" if root is not None else "XML is broken")
    if root is not None:
        return _noted(_tree(root, data, source, now, base), notes)
    found = [_recovered(data, source, now, base)]
    found.append(universal.read(_undeclared(data), source=source, now=now, base=base))
    readings = [each for each in found if each is not None]
    if not readings:
        raise unreadable(page.url, "XML is broken before its first element")
    return _noted(max(readings, key=_worth), notes)


def _worth(parsed: ParsedSeed) -> tuple[int, int]:
    known = sum((each.url is not None) + (each.title is not None) for each in parsed.entries)
    return len(parsed.entries), known


def _sound(data: bytes) -> Any:
    try:
        return safe_xml.parse(data, recover=False)
    except ParseError:
        return None


def _recovered(data: bytes, source: Source, now: datetime, base: str) -> ParsedSeed | None:
    try:
        return _tree(safe_xml.parse(data), data, source, now, base)
    except ParseError:
        return None


def _tree(root: Any, data: bytes, source: Source, now: datetime, base: str) -> ParsedSeed:
    has_bases = b"xml:base" in data
    return xml_feed.read(root, source=source, now=now, base=base, has_bases=has_bases)


def _undeclared(data: bytes) -> bytes:
    """Return a document without its document type, as far as it can be found."""
    try:
        return safe_xml.without_doctype(data)
    except ParseError:
        return b""


def _noted(parsed: ParsedSeed, notes: tuple[str, ...]) -> ParsedSeed:
    if not notes:
        return parsed
    from dataclasses import replace

    return replace(parsed, notes=(*notes, *parsed.notes))
