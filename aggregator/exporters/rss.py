"""RSS 2.0 with the content, atom, dc and media modules.

Sources: the RSS 2.0 specification and the RSS Advisory Board's profile; RSS 1.0 content module;
Media RSS 1.5.1; RFC 4287 (self link), RFC 5005 (archives), W3C WebSub (hub).
"""

import re
from collections.abc import Iterable
from datetime import datetime
from functools import lru_cache
from itertools import islice
from typing import Final

from aggregator.exporters import shared
from aggregator.safe_xml import attribute, escape, legal_utf8
from aggregator.sanitize import from_paragraphs
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
#: Items that are put together before they are turned into bytes.
_BATCH: Final = 16
# Readers take a title that looks like this for HTML, so it is written as HTML.
_LIKE_HTML: Final = re.compile(r"<[a-zA-Z/!]|&(?:#[0-9]|#x[0-9a-fA-F]|[a-zA-Z])[0-9a-zA-Z]*;")


def write(feed: Feed, changes: Iterable[Change]) -> shared.Document:
    """Yield the feed: its head, then a few items a piece, in the order given."""
    newest, entries = shared.newest(changes)
    yield legal_utf8(_OPEN + _channel(feed) + (_built(newest) if newest else ""))
    latest, count = shared.NEVER, 0
    while batch := list(islice(entries, _BATCH)):
        yield legal_utf8("".join([_item(*each) for each in batch]))
        count += len(batch)
        if newest is None:
            latest = max(latest, *(shared.updated(*each) for each in batch))
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
    parts += shared.around(feed, _link)
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
    if ("<" in text or "&" in text) and _LIKE_HTML.search(text):
        text = escape(text)
    return escape(text)


def _item(change: Change, record: Record) -> str:
    summary, source = shared.summary(record), record.source
    # One string, put together once: most of the time goes into moving letters about.
    return (
        f"<item>\n<title>{_title(record)}</title>\n"
        f"<link>{escape(shared.uri(record.url))}</link>\n"
        f'<guid isPermaLink="false">{escape(record.id)}</guid>\n'
        f"<pubDate>{shared.rfc822(record.published or record.first_seen)}</pubDate>\n"
        f"{_changed(change, record) if record.version > 1 else ''}"
        f"{_names(record.authors, record.language, record.categories, record.keywords)}"
        f"{_described(summary) if summary else ''}{_encoded(record)}"
        f"{_pictures(record.images) if record.images else ''}"
        f"{_source(source.homepage, source.name) if source.homepage else ''}</item>\n"
    )


def _title(record: Record) -> str:
    title = record.title
    if shared.is_plain(title, record.direction):
        return title
    return _html_safe(shared.title(record))


def _changed(change: Change, record: Record) -> str:
    updated = shared.rfc3339(shared.updated(change, record))
    return f"<atom:updated>{updated}</atom:updated>\n"


def _described(text: str) -> str:
    # Readers take a description for HTML, so plain text is escaped twice.
    if "<" in text or "&" in text or ">" in text or "\r" in text:
        text = escape(escape(text))
    return f"<description>{text}</description>\n"


@lru_cache(maxsize=4096)
def _names(
    authors: tuple[str, ...],
    language: str,
    categories: tuple[str, ...],
    keywords: tuple[str, ...],
) -> str:
    parts = [f"<dc:creator>{escape(name)}</dc:creator>\n" for name in authors]
    parts.append(f"<dc:language>{escape(language)}</dc:language>\n")
    tags = dict.fromkeys(categories + keywords)
    parts += [f"<category>{escape(tag)}</category>\n" for tag in tags]
    return "".join(parts)


def _encoded(record: Record) -> str:
    html = record.html or from_paragraphs(record.paragraphs)
    if not html:
        return ""
    start = shared.wrapper(record.direction, record.language)
    if shared.needs_escapes(html) or "]" in start:
        return f"<content:encoded>{escape(f'{start}{html}</div>')}</content:encoded>\n"
    return f"<content:encoded><![CDATA[{start}{html}</div>]]></content:encoded>\n"


@lru_cache(maxsize=1024)
def _source(homepage: str, name: str) -> str:
    return f'<source url="{attribute(shared.uri(homepage))}">{escape(name)}</source>\n'


def _pictures(images: tuple[Image, ...]) -> str:
    lead = images[0]
    url, type_ = attribute(shared.uri(lead.url)), shared.image_type(lead.url)
    rest = "".join([_media(image) for image in images[1:]]) if len(images) > 1 else ""
    # No one tells the length of a picture; the profile asks for 0 where it is unknown.
    return (
        f'<enclosure url="{url}" length="0" type="{type_}"/>\n'
        f"{shared.media(lead, url, type_)}{rest}"
    )


def _media(image: Image) -> str:
    return shared.media(image, attribute(shared.uri(image.url)), shared.image_type(image.url))
