"""JSON Feed 1 and 1.1 (jsonfeed.org), and JSON that is nearly one."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

import orjson

from aggregator.seeds.elements import number, person
from aggregator.seeds.moments import moment
from aggregator.seeds.parsed import MAX_ENTRIES, ParsedSeed, unreadable
from aggregator.seeds.pictures import MAX_IMAGES, is_picture
from aggregator.seeds.texts import MAX_SUMMARY, literal, plain, whole_addresses
from aggregator.types import Entry, Image, Moment, Source
from aggregator.urls import absolute


def read(data: bytes, *, source: Source, now: datetime, base: str) -> ParsedSeed:
    """Return what a JSON Feed says; ``date_published`` is taken in any form that feeds use.

    Raises:
        ParseError: no JSON, or no object with a list of items.
    """
    try:
        feed = orjson.loads(data)
    except orjson.JSONDecodeError as error:
        raise unreadable(base, f"JSON cannot be read ({error})") from error
    if isinstance(feed, list) and all(isinstance(item, dict) for item in feed):
        feed = {"items": feed}
    items = feed.get("items") if isinstance(feed, dict) else None
    if not isinstance(items, list):
        raise unreadable(base, "JSON without a list of items instead of a feed")
    language = _text(feed, "language")
    shown_in = language or source.language
    base = absolute(base, _text(feed, "feed_url")) or base
    return ParsedSeed(
        entries=tuple(
            _entry(item, position, source, now, base, shown_in)
            for position, item in enumerate(items[:MAX_ENTRIES])
            if isinstance(item, dict)
        ),
        format="json",
        title=literal(_text(feed, "title"), shown_in),
        description=literal(_text(feed, "description"), shown_in),
        home_url=absolute(base, _text(feed, "home_page_url")),
        language=language,
        authors=_authors(feed),
        hub=next((url for hub in _dicts(feed, "hubs") if (url := _text(hub, "url"))), None),
        self_url=absolute(base, _text(feed, "feed_url")),
    )


def _entry(
    item: Mapping[str, Any],
    position: int,
    source: Source,
    now: datetime,
    base: str,
    language: str,
) -> Entry:
    guid = item.get("id")
    guid = str(guid).strip() if isinstance(guid, str | int | float) else None
    address = _text(item, "url") or _text(item, "external_url")
    if address is None and guid and guid.startswith(("http://", "https://")):
        address = guid
    html = _text(item, "content_html")
    text = _text(item, "content_text")
    if html is None and text:
        html = "".join(f"<p>{_escaped(part)}</p>" for part in text.split("\n") if part.strip())
    summary = literal(_text(item, "summary"), language)
    if summary is None and html is None:
        summary = plain(_text(item, "description"), language)
    return Entry(
        url=absolute(base, address),
        guid=guid or None,
        title=plain(_text(item, "title"), language),
        summary=summary[:MAX_SUMMARY] if summary else None,
        html=whole_addresses(html, base) if html else None,
        published=_moment(item, "date_published", source, now),
        updated=_moment(item, "date_modified", source, now),
        authors=_authors(item),
        categories=tuple(
            shown
            for tag in _list(item, "tags")
            if isinstance(tag, str) and (shown := plain(tag[:300], language))
        ),
        images=_images(item, base),
        language=_text(item, "language"),
        position=position,
    )


def _moment(item: Mapping[str, Any], name: str, source: Source, now: datetime) -> Moment | None:
    return moment(_text(item, name), source=source, now=now, origin="feed")


def _text(part: Mapping[str, Any], name: str) -> str | None:
    value = part.get(name)
    return (value.strip() or None) if isinstance(value, str) else None


def _list(part: Mapping[str, Any], name: str) -> list[Any]:
    value = part.get(name)
    return value if isinstance(value, list) else []


def _dicts(part: Mapping[str, Any], name: str) -> list[Mapping[str, Any]]:
    return [value for value in _list(part, name) if isinstance(value, dict)]


def _authors(part: Mapping[str, Any]) -> tuple[str, ...]:
    people = _dicts(part, "authors")
    if not people and isinstance(part.get("author"), dict):
        people = [part["author"]]
    names = (person(name) for each in people if (name := _text(each, "name")))
    return tuple(dict.fromkeys(shown for name in names if (shown := literal(name))))


def _images(item: Mapping[str, Any], base: str) -> tuple[Image, ...]:
    found: dict[str, Image] = {}
    attached = [
        part
        for part in _dicts(item, "attachments")
        if is_picture(_text(part, "url") or "", _text(part, "mime_type"))
    ]
    named = [{"url": item.get("image")}, {"url": item.get("banner_image")}]
    for part in [*named, *attached]:
        url = absolute(base, _text(part, "url"))
        if url and url not in found and len(found) < MAX_IMAGES:
            found[url] = Image(url=url, width=number(_text(part, "width")))
    return tuple(found.values())


def _escaped(text: str) -> str:
    return text.strip().replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")
