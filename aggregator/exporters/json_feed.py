"""JSON Feed 1.1, an item a line.

Source: jsonfeed.org/version/1.1. What it has no word for stands in ``_aggregator``, as its section
on extensions asks.
"""

from collections.abc import Iterable
from typing import Any, Final

import orjson

from aggregator.exporters import shared
from aggregator.safe_xml import legal
from aggregator.types import Change, Feed, Image, Record

CONTENT_TYPE = "application/feed+json; charset=utf-8"
SUFFIX = ".json"

_VERSION: Final = "https://jsonfeed.org/version/1.1"


def write(feed: Feed, changes: Iterable[Change]) -> shared.Document:
    """Yield the feed: its head, then an item a piece, in the order given."""
    yield dumps(_head(feed))[:-1] + b',"items":[\n'
    count = 0
    for change, record in shared.articles(changes):
        yield (b",\n" if count else b"") + dumps(_item(change, record))
        count += 1
    yield b"\n]}\n"
    return count


def dumps(value: Any) -> bytes:
    """Return the JSON of the value, with characters only that XML could carry too."""
    try:
        data = orjson.dumps(value)
    except orjson.JSONEncodeError:  # A lone surrogate.
        return orjson.dumps(_legal(value))
    # Controls come out as escapes; whatever looks like one is looked at again.
    if b"\\u00" in data or b"\\b" in data or b"\\f" in data or b"\xef\xbf" in data:
        return orjson.dumps(_legal(value))
    return data


def _legal(value: Any) -> Any:
    if isinstance(value, str):
        return legal(value)
    if isinstance(value, dict):
        return {key: _legal(item) for key, item in value.items()}
    if isinstance(value, (list, tuple)):
        return [_legal(item) for item in value]
    return value


def filled(**values: Any) -> dict[str, Any]:
    """Return the values that say something: neither None nor empty."""
    return {key: value for key, value in values.items() if value not in (None, "", (), [], {})}


def _head(feed: Feed) -> dict[str, Any]:
    return filled(
        version=_VERSION,
        title=feed.title,
        home_page_url=feed.home_url,
        feed_url=feed.self_url,
        description=feed.description,
        icon=feed.icon,
        language=feed.language,
        next_url=feed.previous,
        hubs=[{"type": "WebSub", "url": hub} for hub in feed.hubs],
    )


def _item(change: Change, record: Record) -> dict[str, Any]:
    lead = record.images[0].url if record.images else None
    item = filled(
        id=record.id,
        url=record.url,
        title=shared.title(record),
        summary=shared.summary(record),
        image=lead,
        date_published=shared.rfc3339(shared.published(record)),
        date_modified=shared.rfc3339(shared.updated(change, record)),
        authors=[{"name": name} for name in record.authors or (record.source.name,) if name],
        tags=shared.tags(record),
        language=record.language,
        attachments=list(map(_attachment, record.images[:1])),
        _aggregator=_extension(record),
    )
    body = shared.body(record)
    # One of the two must be there; an article without text still has its title.
    return item | ({"content_html": body} if body else {"content_text": record.title})


def _attachment(image: Image) -> dict[str, Any]:
    return filled(url=image.url, mime_type=shared.image_type(image.url), title=image.alt)


def _extension(record: Record) -> dict[str, Any]:
    source = record.source
    return filled(
        source=filled(
            id=source.id, name=source.name, homepage=source.homepage, country=source.country
        ),
        direction=record.direction,
        credit=record.credit,
        copy_of=record.copy_of,
        cluster=record.cluster,
        version=record.version,
    )
