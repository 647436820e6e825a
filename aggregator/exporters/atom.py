"""Atom (RFC 4287), with Media RSS for pictures, RFC 5005 for archives and WebSub for hubs."""

from collections.abc import Iterable
from datetime import datetime
from typing import Final

from aggregator.exporters import shared
from aggregator.safe_xml import attribute, escape, legal_utf8
from aggregator.types import Change, Feed, Record

CONTENT_TYPE = "application/atom+xml; charset=utf-8"
SUFFIX = ".atom"

_CLOSE: Final = b"</feed>\n"


def write(feed: Feed, changes: Iterable[Change]) -> shared.Document:
    """Yield the feed: its head, then an entry a piece, in the order given."""
    newest, entries = shared.newest(changes)
    yield legal_utf8(_head(feed) + (_updated(newest) if newest else ""))
    latest, count = shared.NEVER, 0
    for change, record in entries:
        when = shared.updated(change, record)
        latest, count = max(latest, when), count + 1
        yield legal_utf8(_entry(record, when))
    if newest is None:
        yield legal_utf8(_updated(latest))
    yield _CLOSE
    return count


def _updated(moment: datetime) -> str:
    return f"<updated>{shared.rfc3339(moment)}</updated>\n"


def _head(feed: Feed) -> str:
    language = f' xml:lang="{attribute(feed.language)}"' if feed.language else ""
    parts = [
        '<?xml version="1.0" encoding="utf-8"?>\n<feed xmlns="http://www.w3.org/2005/Atom"',
        f' xmlns:media="http://search.yahoo.com/mrss/"{language}>\n',
        f"<id>{escape(feed.id)}</id>\n<title>{escape(feed.title)}</title>\n",
    ]
    if feed.description:
        parts.append(f"<subtitle>{escape(feed.description)}</subtitle>\n")
    parts.append(_link("alternate", feed.home_url, ' type="text/html"'))
    if feed.self_url:
        parts.append(_link("self", feed.self_url, ' type="application/atom+xml"'))
    parts += shared.around(feed, _link)
    if feed.icon:
        parts.append(f"<icon>{escape(feed.icon)}</icon>\n")
    # An author of the feed makes entries valid that have none of their own (section 4.2.1).
    parts.append(f"<author><name>{escape(feed.title)}</name></author>\n")
    parts.append("<generator>aggregator</generator>\n")
    return "".join(parts)


def _link(rel: str, url: str, rest: str = "") -> str:
    return f'<link rel="{rel}" href="{attribute(url)}"{rest}/>\n'


def _entry(record: Record, updated: datetime) -> str:
    parts = [
        f'<entry xml:lang="{attribute(record.language)}">\n<id>{escape(record.id)}</id>\n',
        f'<title type="text">{escape(shared.title(record))}</title>\n',
        _link("alternate", record.url),
        f"<published>{shared.rfc3339(shared.published(record))}</published>\n",
        _updated(updated),
    ]
    names = record.authors or (record.source.name,)
    parts += [f"<author><name>{escape(name)}</name></author>\n" for name in names]
    parts += [f'<category term="{attribute(tag)}"/>\n' for tag in shared.tags(record)]
    if summary := shared.summary(record):
        parts.append(f'<summary type="text">{escape(summary)}</summary>\n')
    if body := shared.body(record):
        parts.append(f'<content type="html">{shared.markup(body)}</content>\n')
    if record.images:
        url = record.images[0].url
        parts.append(_link("enclosure", url, f' type="{shared.image_type(url)}"'))
        parts += (
            shared.media(image, attribute(image.url), shared.image_type(image.url))
            for image in record.images
        )
    parts.append(_source(record))
    parts.append("</entry>\n")
    return "".join(parts)


def _source(record: Record) -> str:
    source = record.source
    where = ""
    if source.homepage:
        where = f"<id>{escape(source.homepage)}</id>{_link('alternate', source.homepage).strip()}"
    return f"<source>{where}<title>{escape(source.name)}</title></source>\n"
