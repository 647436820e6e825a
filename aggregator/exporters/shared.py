"""What the feed formats have in common: which times, texts and types an entry shows."""

import re
from collections.abc import Generator, Iterable, Iterator
from datetime import UTC, datetime
from itertools import chain, islice
from typing import Final
from urllib.parse import quote, urlsplit

from aggregator.arabic import isolate
from aggregator.record import timestamp
from aggregator.safe_xml import attribute
from aggregator.sanitize import from_paragraphs
from aggregator.types import Change, Record

#: Entries that are looked at before the first byte, to say in the head when the newest is of.
LOOKAHEAD: Final = 1000
#: For a document without entries: no time is known, and the clock is not asked.
NEVER: Final = datetime(1970, 1, 1, tzinfo=UTC)

_DAYS: Final = ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun")
_MONTHS: Final = (
    *("Jan", "Feb", "Mar", "Apr", "May", "Jun"),
    *("Jul", "Aug", "Sep", "Oct", "Nov", "Dec"),
)
_IMAGE_TYPES: Final = {
    "png": "image/png",
    "gif": "image/gif",
    "webp": "image/webp",
    "avif": "image/avif",
    "svg": "image/svg+xml",
    "bmp": "image/bmp",
}
_SUFFIX: Final = re.compile(r"\.([a-z]{3,4})$")


def published(record: Record) -> datetime:
    """Return the time a feed shows: the source's, else when we first saw it; never restamped."""
    return record.published or record.first_seen


def updated(change: Change, record: Record) -> datetime:
    """Return when the article last really changed; its first sight, if it never did."""
    if change.revised is not None:
        return change.revised
    return record.first_seen if record.version == 1 else change.at


def rfc822(moment: datetime) -> str:
    """Return the time as RSS wants it (RFC 822 with four digits of the year), names in English.

    >>> rfc822(datetime(2025, 11, 7, 14, 15, tzinfo=UTC))
    'Fri, 07 Nov 2025 14:15:00 +0000'
    """
    day, month = _DAYS[moment.weekday()], _MONTHS[moment.month - 1]
    return (
        f"{day}, {moment.day:02} {month} {moment.year:04} "
        f"{moment.hour:02}:{moment.minute:02}:{moment.second:02} {moment:%z}"
    )


def rfc3339(moment: datetime) -> str:
    """Return the time as Atom and JSON Feed want it, to the second."""
    return timestamp(moment.replace(microsecond=0) if moment.microsecond else moment)


def title(record: Record) -> str:
    """Return the title with its runs of the other direction isolated (U+2068 … U+2069)."""
    return isolate(record.title, record.direction)


def summary(record: Record) -> str | None:
    """Return the plain text of the summary, of the first paragraph where there is none."""
    return record.summary or (record.paragraphs[0] if record.paragraphs else None)


def body(record: Record) -> str:
    """Return the whole text as HTML that says its own language and direction, empty if none."""
    html = record.html or from_paragraphs(record.paragraphs)
    if not html:
        return ""
    return f'<div dir="{record.direction}" lang="{attribute(record.language)}">{html}</div>'


def tags(record: Record) -> tuple[str, ...]:
    """Return the source's own categories, then our keywords, each once."""
    return tuple(dict.fromkeys(record.categories + record.keywords))


def image_type(url: str) -> str:
    """Return the media type that the address tells of; most pictures that tell nothing are JPEG."""
    try:
        path = urlsplit(url).path
    except ValueError:
        path = ""
    suffix = _SUFFIX.search(path[-8:].lower())
    return _IMAGE_TYPES.get(suffix[1], "image/jpeg") if suffix else "image/jpeg"


def uri(url: str) -> str:
    """Return the address in ASCII (RFC 3986), for formats that know no IRI.

    >>> uri("https://a.example/خبر?x=1&y=%D9%85")
    'https://a.example/%D8%AE%D8%A8%D8%B1?x=1&y=%D9%85'
    """
    if url.isascii():
        return url
    parts = urlsplit(url)
    host = parts.netloc
    if not host.isascii():
        try:
            host = host.encode("idna").decode("ascii")
        except UnicodeError:
            return quote(url, safe="%/:=&?~#+!$,;'@()*[]")
        url = url.replace(parts.netloc, host, 1)
    return quote(url, safe="%/:=&?~#+!$,;'@()*[]")


#: What a writer yields, and in the end how many entries it wrote (``files.replace`` asks for it).
Document = Generator[bytes, None, int]


def articles(changes: Iterable[Change]) -> Iterator[tuple[Change, Record]]:
    """Yield the changes that have an article; feeds do not tell of deletions."""
    for change in changes:
        if change.record is not None:
            yield change, change.record


def newest(
    changes: Iterable[Change],
) -> tuple[datetime | None, Iterator[tuple[Change, Record]]]:
    """Return when the newest entry was updated, and the entries.

    None where there are too many to look at first: the writer then says it behind them.
    """
    entries = articles(changes)
    head = list(islice(entries, LOOKAHEAD + 1))
    if len(head) > LOOKAHEAD:
        return None, chain(head, entries)
    return max((updated(*each) for each in head), default=NEVER), iter(head)
