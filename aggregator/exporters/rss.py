"""RSS 2.0 with the content, atom, dc and media modules.

Sources: the RSS 2.0 specification and the RSS Advisory Board's profile; RSS 1.0 content module;
Media RSS 1.5.1; RFC 4287 (self link), RFC 5005 (archives), W3C WebSub (hub).
"""

import re
from collections.abc import Iterable
from datetime import datetime
from typing import Final

from aggregator.exporters import shared
from aggregator.safe_xml import attribute, escape, legal_utf8
from aggregator.types import Change, Feed, Image, Record

CONTENT_TYPE = "application/rss+xml; charset=utf-8"
SUFFIX = ".rss"

_OPEN: Final = (
    '<?xml version="1.0" encoding="utf-8"?>\n'
    '<rss version="2.0" xmlns:content="http://purl.org/rss/1.0/modules/content/"'
    ' xmlns:atom="http://www.w3.org/2005/Atom" xmlns:dc="http://purl.org/dc/elements/1.1/"'
    ' xmlns:media="http://search.yahoo.com/mrss/">\n<channel>\n'
)
_CLOSE: Final = b"</channel>\n</rss>\n"
# Readers take a title that looks like this for HTML, so it is written as HTML.
_LIKE_HTML: Final = re.compile(r"<[a-zA-Z/!]|&(?:#[0-9]|#x[0-9a-fA-F]|[a-zA-Z])[0-9a-zA-Z]*;")


def write(feed: Feed, changes: Iterable[Change]) -> shared.Document:
    """Yield the feed: its head, then an item a piece, in the order given."""
    newest, entries = shared.newest(changes)
    yield legal_utf8(_OPEN + _channel(feed) + (_built(newest) if newest else ""))
    latest, count = shared.NEVER, 0
    for change, record in entries:
        when = shared.updated(change, record)
        latest, count = max(latest, when), count + 1
        yield legal_utf8(_item(record, when))
    if newest is None:
        yield legal_utf8(_built(latest))
    yield _CLOSE
    return count


def _built(moment: datetime) -> str:
    # The time of the newest change, not of writing: unchanged feeds stay the same bytes.
    return f"<lastBuildDate>{shared.rfc822(moment)}</lastBuildDate>\n"


def _channel(feed: Feed) -> str:
    parts = [
        f"<title>{_html_safe(feed.title)}</title>\n",
        f"<link>{escape(shared.uri(feed.home_url))}</link>\n",
        f"<description>{_html_safe(feed.description or feed.title)}</description>\n",
    ]
    if feed.language:
        parts.append(f"<language>{escape(feed.language)}</language>\n")
    if feed.self_url:
        parts.append(_link("self", feed.self_url, ' type="application/rss+xml"'))
    if feed.hub_url:
        parts.append(_link("hub", feed.hub_url))
    if feed.previous:
        parts.append(_link("prev-archive", feed.previous))
    if feed.icon:
        parts.append(
            f"<image><url>{escape(shared.uri(feed.icon))}</url>"
            f"<title>{_html_safe(feed.title)}</title>"
            f"<link>{escape(shared.uri(feed.home_url))}</link></image>\n"
        )
    return "".join(parts)


def _link(rel: str, url: str, rest: str = "") -> str:
    return f'<atom:link rel="{rel}" href="{attribute(shared.uri(url))}"{rest}/>\n'


def _html_safe(text: str) -> str:
    return escape(escape(text) if _LIKE_HTML.search(text) else text)


def _item(record: Record, updated: datetime) -> str:
    parts = [
        f"<item>\n<title>{_html_safe(shared.title(record))}</title>\n",
        f"<link>{escape(shared.uri(record.url))}</link>\n",
        f'<guid isPermaLink="false">{escape(record.id)}</guid>\n',
        f"<pubDate>{shared.rfc822(shared.published(record))}</pubDate>\n",
    ]
    if record.version > 1:
        parts.append(f"<atom:updated>{shared.rfc3339(updated)}</atom:updated>\n")
    parts += [f"<dc:creator>{escape(name)}</dc:creator>\n" for name in record.authors]
    parts.append(f"<dc:language>{escape(record.language)}</dc:language>\n")
    parts += [f"<category>{escape(tag)}</category>\n" for tag in shared.tags(record)]
    if summary := shared.summary(record):
        parts.append(f"<description>{escape(escape(summary))}</description>\n")
    if body := shared.body(record):
        parts.append(f"<content:encoded>{escape(body)}</content:encoded>\n")
    if record.images:
        parts.append(_enclosure(record.images[0]))
        parts += map(_media, record.images)
    source = record.source
    if source.homepage:
        url = attribute(shared.uri(source.homepage))
        parts.append(f'<source url="{url}">{escape(source.name)}</source>\n')
    parts.append("</item>\n")
    return "".join(parts)


def _enclosure(image: Image) -> str:
    # No one tells the length of a picture; 0 is what the profile asks for where it is unknown.
    url, type_ = attribute(shared.uri(image.url)), shared.image_type(image.url)
    return f'<enclosure url="{url}" length="0" type="{type_}"/>\n'


def _media(image: Image) -> str:
    url, type_ = attribute(shared.uri(image.url)), shared.image_type(image.url)
    size = "".join(
        f' {name}="{value}"'
        for name, value in (("width", image.width), ("height", image.height))
        if value
    )
    start = f'<media:content url="{url}" medium="image" type="{type_}"{size}'
    if not image.alt:
        return f"{start}/>\n"
    alt = f'<media:description type="plain">{escape(image.alt)}</media:description>'
    return f"{start}>{alt}</media:content>\n"
