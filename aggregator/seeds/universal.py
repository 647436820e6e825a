"""Feeds of any age and state through feedparser: what the fast way does not take.

Broken XML, CDF, roots of no known family. The result has the same meaning field by field as that
of :mod:`aggregator.seeds.xml_feed`; a test holds both against each other. feedparser gets the
bytes from us, without document type, and never an address.
"""

from collections.abc import Iterable, Mapping
from datetime import datetime
from io import BytesIO
from typing import Any, Final

from aggregator.seeds.elements import number, person
from aggregator.seeds.moments import moment
from aggregator.seeds.parsed import MAX_ENTRIES, ParsedSeed
from aggregator.seeds.pictures import MAX_IMAGES, is_picture
from aggregator.seeds.texts import MAX_SUMMARY, literal, plain, whole_addresses
from aggregator.types import Entry, Image, Moment, Source
from aggregator.urls import absolute

#: What feedparser is given at most: it takes some 70 microseconds for a tag.
MAX_BYTES: Final = 4_000_000
MAX_TAGS: Final = 25_000
_PUBLISHED: Final = ("published", "created")
_PERIODS: Final = {
    "hourly": 3600,
    "daily": 86400,
    "weekly": 604800,
    "monthly": 2592000,
    "yearly": 31536000,
}


def read(
    data: bytes, *, source: Source, now: datetime, base: str, is_channel: bool = False
) -> ParsedSeed | None:
    """Return what feedparser reads, None where it finds no feed, or has too much to read.

    Args:
        data: UTF-8, without document type.
        source: its zone and language fill the gaps.
        now: the caller's clock.
        base: the document's own address.
        is_channel: the root alone says that it is a feed, be it ever so empty (CDF).
    """
    if len(data) > MAX_BYTES or data.count(b"<") > MAX_TAGS:
        return None
    import feedparser

    # Without a base it leaves ids as they are; links are made whole by us.
    headers = {"content-type": "application/xml; charset=utf-8"}
    parsed = feedparser.parse(BytesIO(data), response_headers=headers, sanitize_html=False)
    version = str(parsed.get("version") or "")
    if not version and not parsed.entries and not (is_channel and parsed.feed):
        return None
    feed = parsed.feed
    language = feed.get("language") or None
    shown_in = language or source.language
    entries = tuple(
        _entry(entry, position, source, now, base, shown_in, is_rdf=_format(version) == "rdf")
        for position, entry in enumerate(parsed.entries[:MAX_ENTRIES])
    )
    period = _PERIODS.get(str(feed.get("sy_updateperiod") or "").lower())
    frequency = number(feed.get("sy_updatefrequency")) or 1
    ttl = number(feed.get("ttl"))
    links = feed.get("links") or ()
    return ParsedSeed(
        entries=entries,
        format=_format(version),
        title=_shown(feed, "title", shown_in),
        description=_shown(feed, "subtitle", shown_in),
        id=feed.get("id") or None,
        home_url=absolute(base, feed.get("link")),
        language=language,
        authors=_people(feed),
        updated=_moment(feed, ("updated", "published"), source, now),
        ttl_s=ttl * 60 if ttl else None,
        update_period_s=period // frequency if period else None,
        hub=_related(links, "hub", base),
        self_url=_related(links, "self", base),
        notes=("read by feedparser",),
    )


def _format(version: str) -> str:
    for name in ("atom", "rdf", "cdf"):
        if version.startswith(name):
            return name
    return "rdf" if version in {"rss090", "rss10", "rss11"} else "rss"


def _related(links: Iterable[Mapping[str, Any]], relation: str, base: str) -> str | None:
    found = (link.get("href") for link in links if link.get("rel") == relation)
    return absolute(base, next(found, None))


def _entry(
    entry: Any,
    position: int,
    source: Source,
    now: datetime,
    base: str,
    language: str,
    *,
    is_rdf: bool,
) -> Entry:
    content = next((part for part in entry.get("content") or () if part.get("value")), None)
    # Where there is only a content, feedparser repeats it as the summary, without a detail.
    summary = _shown(entry, "summary", language) if entry.get("summary_detail") else None
    teaser = entry.get("summary_detail") or {}
    body = content or teaser
    html = whole_addresses(_html(body), body.get("base") or base) or None
    if content is None and summary and len(summary) > MAX_SUMMARY:
        summary = None
    return Entry(
        url=absolute(base, entry.get("feedburner_origlink")) or _link(entry, base, is_rdf=is_rdf),
        guid=entry.get("id") or None,
        title=_shown(entry, "title", language),
        summary=summary,
        html=html,
        published=_moment(entry, _PUBLISHED, source, now) or _dublin_core(entry, source, now),
        updated=_moment(entry, ("updated",), source, now) if "updated" in entry else None,
        authors=_people(entry),
        categories=_categories(entry, language),
        images=_images(entry, base),
        language=entry.get("language") or None,
        position=position,
    )


def _link(entry: Any, base: str, *, is_rdf: bool) -> str | None:
    link, guid = entry.get("link"), entry.get("id")
    # feedparser takes any guid for a link where there is no other.
    if link and link == guid and not link.lower().startswith(("http://", "https://")):
        return None
    about = guid if is_rdf else None
    return absolute(base, link or about)


def _dublin_core(entry: Any, source: Source, now: datetime) -> Moment | None:
    return _moment(entry, ("date",), source, now) if "date" in entry else None


def _moment(part: Any, names: tuple[str, ...], source: Source, now: datetime) -> Moment | None:
    for name in names:
        # Not part[name]: asked for "updated", feedparser answers with "published" and a warning.
        text = dict.get(part, name)
        found = moment(text, source=source, now=now, origin="feed") if text else None
        if found:
            return found
    return None


def _shown(part: Any, name: str, language: str) -> str | None:
    detail = part.get(f"{name}_detail") or {}
    text = detail.get("value") or part.get(name)
    if detail.get("type") == "text/plain" and part.get("atom"):
        return literal(text, language)
    return plain(text, language)


def _html(detail: Mapping[str, Any]) -> str:
    text = str(detail.get("value") or "")
    if detail.get("type") == "text/plain":
        return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")
    return text


def _people(part: Any) -> tuple[str, ...]:
    found: dict[str, None] = {}
    for author in part.get("authors") or ():
        text = author.get("name") or author.get("email")
        if text and (shown := plain(person(str(text)))):
            found[shown] = None
    return tuple(found)


def _categories(entry: Any, language: str) -> tuple[str, ...]:
    found: dict[str, None] = {}
    for tag in entry.get("tags") or ():
        text = tag.get("label") or tag.get("term")
        if text and (shown := plain(str(text)[:300], language)):
            found[shown] = None
    return tuple(found)


def _images(entry: Any, base: str) -> tuple[Image, ...]:
    links = [link for link in entry.get("links") or () if link.get("rel") == "enclosure"]
    parts = [
        *(part for part in entry.get("media_content") or ()),
        *(dict(link, url=link.get("href")) for link in links),
    ]
    parts = [
        part
        for part in parts
        if is_picture(str(part.get("url") or ""), part.get("type"), part.get("medium"))
    ]
    parts += entry.get("media_thumbnail") or ()
    parts += [{"url": (entry.get("image") or {}).get("href")}]
    found: dict[str, Image] = {}
    for part in parts:
        url = absolute(base, part.get("url"))
        if url and url not in found and len(found) < MAX_IMAGES:
            found[url] = Image(
                url=url, width=number(part.get("width")), height=number(part.get("height"))
            )
    return tuple(found.values())
