"""What a page states for machines: JSON-LD, ``meta``, microdata, ``time`` and the address."""

import re
from collections.abc import Iterator, Mapping
from datetime import datetime
from typing import Any

from aggregator.extract import json_ld
from aggregator.extract.dates.claim import Claim, Home, Role, read
from aggregator.extract.document import Document

#: JSON-LD and microdata: property → role
_PROPERTIES: Mapping[str, Role] = {
    "datepublished": "published", "datecreated": "unsure", "datemodified": "updated",
    "pubdate": "published", "datepublish": "published", "published": "published",
    "updated": "updated", "modified": "updated",
}  # fmt: skip
#: meta names; the surest first
_META: Mapping[str, Role] = {
    **dict.fromkeys(
        (
            "article:published_time", "article:published", "og:article:published_time",
            "og:published_time", "og:article:published", "og:pubdate", "og:publish_date",
            "article:published_date", "datepublished", "date_published", "date-published",
            "published_time", "published_at", "published_date", "published-date", "publisheddate",
            "published", "publish_date", "publish-date", "publishdate", "publishtime",
            "publish_time", "publication_date", "publication-date", "publicationdate",
            "originalpublicationdate", "article_date_original", "article:publish_date",
            "pubdate", "pub_date", "pub-date", "pdate", "ptime", "displaydate", "display_date",
            "parsely-pub-date", "sailthru.date", "cxenseparse:recs:publishtime",
            "cxenseparse:publishtime", "bt:pubdate", "shareaholic:article_published_time",
            "rnews:datepublished", "prism.publicationdate", "citation_publication_date",
            "citation_online_date", "citation_date", "dc.date.issued", "dcterms.issued",
            "dc.date.published", "dc.issued", "dcterms:issued", "date.issued",
            "date.available", "release:date", "release_date", "first_published", "firstpublished",
            "firstcreate", "vr:published_time", "article.published", "gsa_date", "news_date",
            "newsdate", "artikel_datum", "dateposted", "post_date", "issued", "article:post_date",
        ),
        "published",
    ),
    **dict.fromkeys(
        (
            "date", "dc.date", "dcterms.date", "dc.date.created", "dcterms.created",
            "dcterms:created", "dc:date", "dc.created", "date.created", "datecreated",
            "creation_date", "created", "article.created", "timestamp", "time", "article:date",
            "article_date", "content_date",
        ),
        "unsure",
    ),
    **dict.fromkeys(
        (
            "article:modified_time", "og:updated_time", "og:modified_time", "datemodified",
            "date_modified", "article:modified", "article:updated_time", "article:updated",
            "modified_time", "modified", "last-modified", "last_modified", "lastmodified",
            "lastmod",
            "lastupdate", "last_update", "last-updated", "updated", "updated_time", "updated_at",
            "revised", "dc.date.modified", "dcterms.modified", "dcterms:modified", "date.modified",
            "date.updated", "article_date_updated", "bt:moddate", "article_updatetime", "moddate",
            "dc.modified", "rnews:datemodified",
        ),
        "updated",
    ),
}  # fmt: skip
#: objects of JSON-LD that stand for the page itself
_PAGES = frozenset(("webpage", "itempage", "collectionpage", "aboutpage", "medicalwebpage"))
_VIDEOS = frozenset(("videoobject", "audioobject", "podcastepisode"))
_ADDRESS = re.compile(
    r"(?<![0-9])((?:19|20)[0-9]{2})([/_-])([01]?[0-9])\2([0-3]?[0-9])(?![0-9])"
    r"|(?<![0-9])((?:19|20)[0-9]{2})([01][0-9])([0-3][0-9])(?![0-9])"
    r"|(?<![0-9])(?:1)?((?:20)[0-9]{2})([01][0-9])([0-3][0-9])[0-9]{6,9}(?![0-9])"
)
#: names of the publication in data that scripts carry along
_IN_SCRIPT = re.compile(
    r"""["'](?:date_?published|(?:first_?)?published?_?(?:at|on|date|time)|publication_?date)["']
    \s?[:=]\s?["']([0-9]{4}-[0-9]{2}-[0-9]{2}[^"']{0,30})["']""",
    re.IGNORECASE | re.VERBOSE,
)
#: the same in a call that prints it: showDate("2020/04/17 01:43:09")
_SHOWN_BY_SCRIPT = re.compile(
    r"""\b\w{0,20}[dD]ate\w{0,20}\(\s?["']([12][0-9]{3}[-/][0-9]{1,2}[-/][0-9]{1,2}[^"']{0,30})["']"""
)
_MOST_SCRIPT = 1_000_000
#: an offset from UTC as America has them, and the clock before it: scripts have few of the first
_AMERICAN = re.compile(r"-0([3-9]):?00\b")
_CLOCK, _LONGEST_CLOCK = re.compile(r"[0-9]{2}:[0-9]{2}(?:\.[0-9]{1,6})?\s?$"), 13


def claims(doc: Document, home: Home, now: datetime | None) -> Iterator[Claim]:
    """Yield what the page's machine-readable parts state, surest first within each kind."""
    yield from _json_ld(doc, home, now)
    yield from _meta(doc, home, now)
    yield from _microdata(doc, home, now)


def _json_ld(doc: Document, home: Home, now: datetime | None) -> Iterator[Claim]:
    main = json_ld.main(doc.json_ld, doc.url)
    if main is not None:
        yield from _object(main, "json-ld", home, now)
    for node in doc.json_ld:
        if node is main:
            continue
        types = set(json_ld.types_of(node))
        if types & _PAGES:
            yield from _object(node, "json-ld page", home, now)
        elif main is None and types & _VIDEOS:
            yield from _object(node, "json-ld video", home, now)


def _object(
    node: Mapping[str, Any], name: str, home: Home, now: datetime | None
) -> Iterator[Claim]:
    for key, value in node.items():
        role = _PROPERTIES.get(key.lower().rpartition(":")[2])
        if role is None and name == "json-ld video" and key == "uploadDate":
            role = "unsure"
        if role is None:
            continue
        for each in value[:3] if isinstance(value, list) else (value,):
            if isinstance(each, Mapping):
                each = each.get("@value")
            if claim := read(each, role, "json_ld", f"{name} {key}", home, now):
                yield claim
                break


def _meta(doc: Document, home: Home, now: datetime | None) -> Iterator[Claim]:
    meta = doc.meta
    for name, role in _META.items():
        for value in meta.get(name, ())[:2]:
            if claim := read(value, role, "meta", f"meta {name}", home, now):
                yield claim
                break


def _microdata(doc: Document, home: Home, now: datetime | None) -> Iterator[Claim]:
    for name, nodes in doc.itemprops.items():
        role = _PROPERTIES.get(name)
        if role is None:
            continue
        seen = 0
        for node in nodes[:20]:
            if node.tag == "meta" and len(nodes) == 1:
                pass
            elif in_foreign_block(node):
                continue
            if claim := of_element(node, role, "microdata", home, now):
                yield claim
                seen += 1
            if seen == 2:
                break


def of_element(node: Any, role: Role, name: str, home: Home, now: datetime | None) -> Claim | None:
    """Return what an element with a date states: its attribute for machines, else its text."""
    for attribute in ("datetime", "content", "data-datetime", "data-date", "title"):
        if value := node.get(attribute):
            origin = "meta" if node.tag == "meta" else "page"
            if claim := read(value, role, origin, name, home, now):
                return claim
    if claim := read("".join(node.itertext()), role, "page", name, home, now):
        return claim
    if node.tag != "time":
        for inner in list(node.iter("time"))[:3]:
            if claim := of_element(inner, role, name, home, now):
                return claim
    return None


def in_foreign_block(node: Any) -> bool:
    """Whether an element stands in a comment, a teaser or another block of another thing."""
    for depth, parent in enumerate(node.iterancestors()):
        if depth > 12:
            break
        if parent.tag in ("nav", "footer", "aside"):
            return True
        kind = (parent.get("itemtype") or "").rpartition("/")[2].lower()
        if kind in ("comment", "usercomments", "review", "answer", "videoobject", "imageobject"):
            return True
        if kind:
            return False
        names = f"{parent.get('class') or ''} {parent.get('id') or ''}".lower()
        if "comment" in names and "comments-" not in names and depth < 6:
            return True
    return False


def from_address(url: str, home: Home, now: datetime | None) -> Claim | None:
    """Return the day that an address names: /2025/11/07/, /2025-11-07-title, /20251107."""
    path = url.partition("//")[2].partition("/")[2].partition("#")[0]
    for found in _ADDRESS.finditer(path):
        parts = [part for part in found.groups() if part and part.isdigit()]
        text = "-".join((parts[0], parts[1].zfill(2), parts[2].zfill(2)))
        if claim := read(text, "published", "url", "address", home, now):
            return claim
    return None


def from_scripts(doc: Document, home: Home, now: datetime | None) -> Claim | None:
    """Return the publication that the page's scripts hold as data, if they name one day only."""
    found: Claim | None = None
    for text in _scripts(doc):
        pattern = _IN_SCRIPT if "ublish" in text else _SHOWN_BY_SCRIPT
        for match in pattern.finditer(text):
            claim = read(match[1], "published", "page", "script", home, now)
            if claim is None:
                continue
            if found is not None and found.day != claim.day:
                return None
            found = found or claim
    return found


def american_offset(doc: Document) -> int | None:
    """Return the minutes from UTC at which the page's scripts tell times, if it is one of America.

    Of a page that states its own moment in UTC only, and prints it by a script, this is what says
    on which day its readers saw it.
    """
    named = {
        -60 * int(match[1])
        for text in _scripts(doc)
        for match in _AMERICAN.finditer(text)
        if _CLOCK.search(text[max(0, match.start() - _LONGEST_CLOCK) : match.start()])
    }
    return named.pop() if len(named) == 1 else None


def _scripts(doc: Document) -> Iterator[str]:
    """Yield the texts of the page's scripts, a million characters at most."""
    left = _MOST_SCRIPT
    for script in doc.scripts:
        if left <= 0:
            break
        yield script[:left].decode("utf-8", "ignore")
        left -= len(script)
