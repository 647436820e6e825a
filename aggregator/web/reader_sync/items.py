"""An article as apps take it: as JSON, or as an Atom entry."""

from datetime import datetime
from typing import Any

from aggregator import sanitize
from aggregator.exporters import shared
from aggregator.safe_xml import attribute, escape, legal_utf8
from aggregator.store.readers import Follow, Mark
from aggregator.types import Record
from aggregator.web.reader_sync import ids

ATOM = "application/atom+xml; charset=utf-8"


def is_read(pk: int, mark: Mark | None, follow: Follow | None) -> bool:
    """Whether an article counts as read: by what was said of it, else by how far its source was."""
    if mark is not None and mark.is_read is not None:
        return mark.is_read
    return follow is not None and pk <= follow.read_until


def categories(pk: int, mark: Mark | None, follow: Follow | None) -> list[str]:
    """Return the tags of an article."""
    found = [f"{ids.STATES}reading-list"]
    found.append(f"{ids.STATES}{'read' if is_read(pk, mark, follow) else 'kept-unread'}")
    if mark is not None and mark.is_starred:
        found.append(f"{ids.STATES}starred")
    if follow is not None and follow.label:
        found.append(f"{ids.LABELS}{follow.label}")
    return found


def body(record: Record) -> str:
    """Return the text as HTML, cleaned once more: apps show it without asking."""
    html = sanitize.clean(record.html) if record.html else ""
    html = html or sanitize.from_paragraphs(record.paragraphs)
    return f"{shared.wrapper(record.direction, record.language)}{html}</div>" if html else ""


def as_json(pk: int, record: Record, mark: Mark | None, follow: Follow | None) -> dict[str, Any]:
    """Return an article as JSON; a time in milli- or microseconds is text there."""
    arrived = _micros(record.first_seen)
    found: dict[str, Any] = {
        "id": ids.long_id(pk),
        "crawlTimeMsec": str(arrived // 1000),
        "timestampUsec": str(arrived),
        "published": _micros(shared.published(record)) // 1_000_000,
        "updated": _micros(record.updated or shared.published(record)) // 1_000_000,
        "title": record.title,
        "author": "، ".join(record.authors)
        if record.direction == "rtl"
        else ", ".join(record.authors),
        "canonical": [{"href": record.url}],
        "alternate": [{"href": record.url, "type": "text/html"}],
        "categories": categories(pk, mark, follow),
        "origin": {
            "streamId": f"{ids.FEEDS}{record.source.id}",
            "title": (follow.title if follow else None) or record.source.name,
            "htmlUrl": record.source.homepage,
        },
        "summary": {"content": body(record), "direction": record.direction},
    }
    if record.images:
        url = record.images[0].url
        found["enclosure"] = [{"href": url, "type": shared.image_type(url)}]
    return found


def as_atom(pk: int, record: Record, mark: Mark | None, follow: Follow | None) -> bytes:
    """Return an article as an Atom entry; its states stand in categories, as the Reader's did."""
    tags = "".join(
        f'<category term="{attribute(each)}" scheme="http://www.google.com/reader/" '
        f'label="{attribute(each.rpartition("/")[2])}"/>\n'
        for each in categories(pk, mark, follow)
    )
    names = record.authors or (record.source.name,)
    parts = [
        f'<entry xml:lang="{attribute(record.language)}">\n<id>{ids.long_id(pk)}</id>\n{tags}',
        f'<title type="text">{escape(shared.title(record))}</title>\n',
        f'<link rel="alternate" href="{attribute(record.url)}" type="text/html"/>\n',
        f"<published>{shared.rfc3339(shared.published(record))}</published>\n",
        f"<updated>{shared.rfc3339(record.updated or shared.published(record))}</updated>\n",
        *(f"<author><name>{escape(name)}</name></author>\n" for name in names),
        f'<content type="html">{shared.markup(body(record))}</content>\n',
        f"<source><id>{escape(ids.FEEDS + record.source.id)}</id>",
        f"<title>{escape(record.source.name)}</title></source>\n</entry>\n",
    ]
    return legal_utf8("".join(parts))


def atom_head(stream: str, title: str, updated: datetime, continuation: str | None) -> bytes:
    """Return the start of an Atom document."""
    more = f"<gr:continuation>{escape(continuation)}</gr:continuation>\n" if continuation else ""
    return legal_utf8(
        '<?xml version="1.0" encoding="utf-8"?>\n<feed xmlns="http://www.w3.org/2005/Atom" '
        'xmlns:gr="http://www.google.com/schemas/reader/atom/">\n'
        f"<id>tag:google.com,2005:reader/{escape(stream)}</id>\n<title>{escape(title)}</title>\n"
        f"<updated>{shared.rfc3339(updated)}</updated>\n{more}"
    )


def _micros(moment: datetime) -> int:
    return int(moment.timestamp()) * 1_000_000 + moment.microsecond
