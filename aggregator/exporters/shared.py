"""What the feed formats have in common: which times, texts and types an entry shows."""

import re
from collections.abc import Callable, Generator, Iterable, Iterator
from datetime import UTC, date, datetime, timedelta
from functools import lru_cache
from itertools import chain, islice
from typing import Final
from urllib.parse import quote, urlsplit

from aggregator.arabic import isolate
from aggregator.record import timestamp
from aggregator.safe_xml import attribute, escape
from aggregator.sanitize import from_paragraphs
from aggregator.types import Change, Direction, Feed, Image, Record

#: Entries that are looked at before the first byte, to say in the head when the newest is of.
LOOKAHEAD: Final = 1000
#: Says that a document is a page of the archive, which will not change (RFC 5005, section 4).
_ARCHIVE: Final = '<fh:archive xmlns:fh="http://purl.org/syndication/history/1.0"/>\n'
#: For a document without entries: no time is known, and the clock is not asked.
NEVER: Final = datetime(1970, 1, 1, tzinfo=UTC)

# Titles in which there is nothing to isolate and nothing to escape: most.
_PLAIN: Final = {
    "rtl": re.compile(
        r"[ -%'-;=?@\[-`{-~\u00ab\u00bb\u060c-\u061b\u061f-\u06ff\u2013\u2014\u2026]*"
    ),
    "ltr": re.compile(r"[ -%'-;=?-~\u00a0-\u024f\u2013\u2014\u2018-\u201f\u2026]*"),
}
_TWO: Final = tuple(f"{number:02}" for number in range(60))
_IMAGE_TYPES: Final = {
    "png": "image/png",
    "gif": "image/gif",
    "webp": "image/webp",
    "avif": "image/avif",
    "svg": "image/svg+xml",
    "bmp": "image/bmp",
}


def around(feed: Feed, link: Callable[[str, str], str]) -> list[str]:
    """Return the links to hubs and to the documents before and after (WebSub, RFC 5005).

    Args:
        feed: the head.
        link: returns the element of a link by relation and address.
    """
    parts = [link("hub", hub) for hub in feed.hubs]
    if feed.previous:
        parts.append(link("prev-archive", feed.previous))
    if feed.following:
        parts.append(link("next-archive", feed.following))
    if feed.current:
        parts.append(link("current", feed.current) + _ARCHIVE)
    return parts


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
    hour, minute, second = _TWO[moment.hour], _TWO[moment.minute], _TWO[moment.second]
    day, zone = _day(moment.toordinal()), _offset(moment.utcoffset())
    return f"{day} {hour}:{minute}:{second} {zone}"


@lru_cache(maxsize=4096)
def _day(ordinal: int) -> str:
    # ctime() is English and 24 characters wide in every locale: "Fri Nov  7 00:00:00 2025".
    text = date.fromordinal(ordinal).ctime()
    return f"{text[:3]}, {text[8:10].replace(' ', '0')} {text[4:7]} {text[20:]}"


@lru_cache(maxsize=256)
def _offset(offset: timedelta | None) -> str:
    minutes = 0 if offset is None else int(offset.total_seconds() // 60)
    sign, minutes = ("-", -minutes) if minutes < 0 else ("+", minutes)
    return f"{sign}{minutes // 60:02}{minutes % 60:02}"


def rfc3339(moment: datetime) -> str:
    """Return the time as Atom and JSON Feed want it, to the second."""
    return timestamp(moment.replace(microsecond=0) if moment.microsecond else moment)


def title(record: Record) -> str:
    """Return the title with its runs of the other direction isolated (U+2068 … U+2069)."""
    text, base = record.title, record.direction
    return text if is_plain(text, base) else isolate(text, base)


def is_plain(text: str, base: Direction) -> bool:
    """Whether nothing in the text runs the other way or needs an escape in XML."""
    return _PLAIN[base].fullmatch(text) is not None


def summary(record: Record) -> str | None:
    """Return the plain text of the summary, of the first paragraph where there is none."""
    return record.summary or (record.paragraphs[0] if record.paragraphs else None)


def body(record: Record) -> str:
    """Return the whole text as HTML that says its own language and direction, empty if none."""
    html = record.html or from_paragraphs(record.paragraphs)
    return f"{wrapper(record.direction, record.language)}{html}</div>" if html else ""


@lru_cache(maxsize=512)
def wrapper(direction: Direction, language: str) -> str:
    """Return the start of the element that a text stands in."""
    return f'<div dir="{direction}" lang="{attribute(language)}">'


def needs_escapes(html: str) -> bool:
    """Whether the HTML may not stand in CDATA: something in it could end that early.

    A lone bracket is reason enough: characters between two of them may yet be taken out. A
    carriage return would come back as a line feed.
    """
    return "]" in html or "\r" in html


def markup(html: str) -> str:
    """Return the HTML as element content: as CDATA where that is safe."""
    return escape(html) if needs_escapes(html) else f"<![CDATA[{html}]]>"


def tags(record: Record) -> tuple[str, ...]:
    """Return the source's own categories, then our keywords, each once."""
    return tuple(dict.fromkeys(record.categories + record.keywords))


def image_type(url: str) -> str:
    """Return the media type that the address tells of; most pictures that tell nothing are JPEG."""
    if url.endswith((".jpg", ".jpeg")):
        return "image/jpeg"
    path = url.partition("?")[0].partition("#")[0]
    return _IMAGE_TYPES.get(path[-5:].rpartition(".")[2].lower(), "image/jpeg")


def media(image: Image, url: str, type_: str) -> str:
    """Return the picture as Media RSS 1.5.1 has it; its address is given as an attribute has it."""
    width, height, alt = image.width, image.height, image.alt
    if width and height:
        size = f' width="{width}" height="{height}"'
    elif width or height:
        size = f' width="{width}"' if width else f' height="{height}"'
    else:
        size = ""
    start = f'<media:content url="{url}" medium="image" type="{type_}"{size}'
    if not alt:
        return f"{start}/>\n"
    return (
        f'{start}><media:description type="plain">{escape(alt)}</media:description>'
        "</media:content>\n"
    )


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
