"""Sitemaps: urlset and index, plain or gzip, Google News, lists of addresses, feeds in their place.

Read as a stream: of a million addresses only the newest are ever held. sitemaps.org protocol 0.9,
Google News and image extensions.
"""

import heapq
import re
from collections import deque
from collections.abc import Iterable, Iterator
from datetime import datetime
from functools import lru_cache
from typing import Any, Final

from aggregator import safe_xml
from aggregator.errors import ParseError
from aggregator.seeds import documents, feed
from aggregator.seeds.moments import moment
from aggregator.seeds.parsed import ParsedSeed, unreadable
from aggregator.seeds.texts import plain
from aggregator.types import Entry, Image, Moment, Page, Seed, Source
from aggregator.urls import absolute

#: Addresses that are kept of one sitemap, the newest; a Google News sitemap has no more.
NEWEST: Final = 1_000
_MOST_CHILDREN: Final = 10_000
_MOST_IMAGES: Final = 10
_WANTED: Final = "a sitemap"
_NUMBERS: Final = re.compile(r"\d+")
_ARTICLE_NUMBER: Final = re.compile(r"\d{4,15}")
_MORE: Final = frozenset({"news", "image", "publication_date"})
_DATE_IN_NAME: Final = re.compile(r"(?<!\d)((?:19|20)\d\d)[-_/.]?(0[1-9]|1[0-2])?(?!\d{5})")
#: Words in the name of a child sitemap: wanted first, wanted last.
_NEWS_WORDS: Final = ("news", "latest", "recent", "today", "breaking", "article", "post", "story")
_OTHER_WORDS: Final = (
    *("image", "video", "categor", "tag", "author", "page-sitemap", "pages", "section", "static"),
    *("product", "topic", "archive", "photo", "gallery", "user", "writer", "taxonom", "event"),
)


def parse(
    page: Page, seed: Seed, *, source: Source, now: datetime, most: int = NEWEST
) -> ParsedSeed:
    """Return the newest addresses of a sitemap, or the maps that an index names.

    Entries stand newest first; where no dates are given, in the document's order, or from its end
    where the numbers in the addresses grow. ``next_urls`` are the maps of an index: news before
    others, newest first.

    Args:
        page: the body may still be gzip.
        seed: where it was asked for.
        source: its zone and language fill the gaps.
        now: aware; the caller's clock.
        most: addresses that are kept, the newest.

    Raises:
        ParseError: empty, HTML, or nothing that lists addresses.
    """
    document = documents.read(page, source)
    if document.kind in {"rss", "rdf", "feed", "json"}:
        return feed.from_document(document, page, source=source, now=now)
    if document.kind == "text":
        return _list(document, page, most)
    if document.kind not in {"urlset", "sitemapindex"}:
        raise unreadable(page.url, documents.refusal(document, _WANTED))
    try:
        if document.kind == "sitemapindex":
            return _index(document, page, source, now)
        return _urlset(document, page, source, now, most)
    except ParseError as error:
        raise unreadable(page.url, str(error.cause or error.message)) from error


def _index(document: documents.Document, page: Page, source: Source, now: datetime) -> ParsedSeed:
    children: dict[str, datetime | None] = {}
    for element in safe_xml.iterate(document.data, "sitemap"):
        parts = _parts(element)
        url = absolute(page.url, _text(parts, "loc"))
        if url and url not in children and url != page.url:
            changed = _moment(_text(parts, "lastmod"), source, now)
            children[url] = changed.value if changed else None
        if len(children) >= _MOST_CHILDREN:
            break
    order = sorted(children, key=lambda url: _promise(url, children[url]), reverse=True)
    dated = {url: changed for url, changed in children.items() if changed}
    return ParsedSeed(
        format="sitemapindex", next_urls=tuple(order), next_changed=dated, notes=document.notes
    )


def _promise(url: str, changed: datetime | None) -> tuple[int, float, tuple[int, ...]]:
    """Return how early a child map is worth reading; greater is earlier."""
    name = url.rpartition("//")[2].partition("/")[2].lower()
    wanted = any(word in name for word in _NEWS_WORDS) - any(word in name for word in _OTHER_WORDS)
    named = _DATE_IN_NAME.search(name)
    numbers = tuple(int(number[:9]) for number in _NUMBERS.findall(name)[:6])
    if named:
        numbers = (int(named[1]), int(named[2] or 0), *numbers)
    return wanted, changed.timestamp() if changed else 0.0, numbers


def _urlset(
    document: documents.Document, page: Page, source: Source, now: datetime, most: int
) -> ParsedSeed:
    found = _entries(safe_xml.iterate(document.data, "url"), page, source, now)
    # The newest by date, then by place: of two without date the one that stands first.
    newest: list[tuple[float, int, Entry]] = []
    tail: deque[Entry] = deque(maxlen=most)
    count, dated, first = 0, 0, None
    for count, entry in enumerate(found, 1):
        date = _date_of(entry)
        dated += date is not None
        first = first or entry
        item = (date.value.timestamp() if date else 0.0, -count, entry)
        if len(newest) < most:
            heapq.heappush(newest, item)
        else:
            heapq.heappushpop(newest, item)
        if not dated:
            tail.append(entry)
    entries = [entry for _, _, entry in sorted(newest, key=lambda item: item[:2], reverse=True)]
    if not dated and first and tail and _number(first) < _number(tail[-1]):
        entries = list(tail)[::-1]
    notes = document.notes if count <= most else (*document.notes, f"newest of {count}")
    return ParsedSeed(entries=_placed(entries), format="sitemap", notes=notes)


def _entries(elements: Iterable[Any], page: Page, source: Source, now: datetime) -> Iterator[Entry]:
    for element in elements:
        parts = _parts(element)
        url = absolute(page.url, _text(parts, "loc"))
        if url is None:
            continue
        updated = _moment(_text(parts, "lastmod"), source, now)
        if _MORE.isdisjoint(parts):
            yield Entry(url=url, updated=updated)
            continue
        about = _parts(parts["news"][0]) if "news" in parts else {}
        names = _parts(about["publication"][0]) if "publication" in about else {}
        language = _text(names, "language") or _text(about, "language")
        shown_in = language or source.language
        date = _text(about, "publication_date") or _text(parts, "publication_date")
        yield Entry(
            url=url,
            title=plain(_text(about, "title"), shown_in),
            published=_moment(date, source, now),
            updated=updated,
            categories=_keywords(_text(about, "keywords"), shown_in),
            images=_images(parts.get("image", ()), page.url),
            language=language,
        )


def _date_of(entry: Entry) -> Moment | None:
    return entry.published or entry.updated


def _moment(text: str | None, source: Source, now: datetime) -> Moment | None:
    return moment(text, source=source, now=now, origin="sitemap")


def _placed(entries: Iterable[Entry]) -> tuple[Entry, ...]:
    from dataclasses import replace

    return tuple(replace(entry, position=place) for place, entry in enumerate(entries))


def _number(entry: Entry) -> int:
    numbers = _ARTICLE_NUMBER.findall(entry.url or "")
    return int(numbers[-1]) if numbers else 0


@lru_cache(maxsize=1024)
def _local(tag: str) -> str:
    return tag.rpartition("}")[2].rpartition(":")[2].lower()


def _parts(element: Any) -> dict[str, list[Any]]:
    """Return the children of an element by local name."""
    parts: dict[str, list[Any]] = {}
    for part in element:
        tag = part.tag
        if type(tag) is str:
            parts.setdefault(_local(tag), []).append(part)
    return parts


def _text(parts: dict[str, list[Any]], name: str) -> str | None:
    for part in parts.get(name, ()):
        text = part.text
        if text and (text := text.strip()):
            return str(text)
    return None


def _keywords(text: str | None, language: str) -> tuple[str, ...]:
    if not text:
        return ()
    words = text[:2000].replace("،", ",").split(",")
    shown = (plain(word, language) for word in words)
    return tuple(dict.fromkeys(word for word in shown if word))[:30]


def _images(elements: Iterable[Any], base: str) -> tuple[Image, ...]:
    found: dict[str, Image] = {}
    for element in elements:
        parts = _parts(element)
        url = absolute(base, _text(parts, "loc"))
        if url and url not in found and len(found) < _MOST_IMAGES:
            alt = plain(_text(parts, "caption") or _text(parts, "title"))
            found[url] = Image(url=url, alt=alt)
    return tuple(found.values())


def _list(document: documents.Document, page: Page, most: int) -> ParsedSeed:
    """Return the addresses of a text sitemap: one a line and nothing else."""
    lines = document.data.decode("utf-8", "replace").splitlines()
    lines = [line.strip() for line in lines if line.strip()]
    urls = [line for line in lines if line.startswith(("http://", "https://")) and " " not in line]
    if not urls or len(urls) < 0.9 * len(lines):
        raise unreadable(page.url, documents.refusal(document, _WANTED))
    good = dict.fromkeys(url for line in urls if (url := absolute(page.url, line)))
    entries = [Entry(url=url) for url in good]
    if _number(entries[0]) < _number(entries[-1]):
        entries.reverse()
    return ParsedSeed(entries=_placed(entries[:most]), format="text", notes=document.notes)
