"""Pictures that an entry names beside its text: media:*, enclosures, itunes, plain elements."""

import re
from collections.abc import Iterator
from typing import Any, Final

from aggregator.seeds.elements import Fields, number, text_of
from aggregator.seeds.names import name_of
from aggregator.types import Image
from aggregator.urls import absolute

#: Most pictures of one entry.
MAX_IMAGES: Final = 20
_ENDING: Final = re.compile(r"\.(?:jpe?g|png|gif|webp|avif|bmp)(?:[?#]|$)", re.IGNORECASE)
_PLAIN: Final = ("image", "img", "thumb", "thumbnail", "enclosureimage", "featuredimage", "photo")
_NAMES: Final = frozenset(
    {
        *("media:group", "media:content", "media:thumbnail", "enclosure", "itunes:image"),
        *("itunes:link", *_PLAIN),
    }
)


def is_picture(url: str, kind: str | None, medium: str | None = None) -> bool:
    """Return whether an enclosure or media element is a picture."""
    if medium:
        return medium.lower() == "image"
    if kind and kind.strip() not in {"application/octet-stream", ""}:
        return kind.strip().lower().startswith("image/")
    return bool(_ENDING.search(url))


def pictures(fields: Fields, base: str) -> tuple[Image, ...]:
    """Return the pictures that the elements of an entry name, each once, full ones first."""
    if _NAMES.isdisjoint(fields) and not _linked(fields):
        return ()
    found: dict[str, Image] = {}
    for href, width, height, alt in _named(fields):
        url = absolute(base, href)
        if url and url not in found and len(found) < MAX_IMAGES:
            found[url] = Image(url=url, width=number(width), height=number(height), alt=alt)
    return tuple(found.values())


_Named = tuple[str | None, str | None, str | None, str | None]


def _named(fields: Fields) -> Iterator[_Named]:
    groups = fields.get("media:group", ())
    media = [*fields.get("media:content", ()), *(part for group in groups for part in group)]
    for element in media:
        url = element.get("url") or ""
        is_content = _is(element, "media:content")
        if is_content and is_picture(url, element.get("type"), element.get("medium")):
            yield url, element.get("width"), element.get("height"), _described(element)
    yield from _enclosed(fields)
    thumbnails = [*fields.get("media:thumbnail", ()), *media, *(p for e in media for p in e)]
    for element in thumbnails:
        if _is(element, "media:thumbnail"):
            yield element.get("url"), element.get("width"), element.get("height"), None
    yield from _plain(fields)


def _linked(fields: Fields) -> list[Any]:
    links = [*fields.get("atom:link", ()), *fields.get("link", ())]
    return [element for element in links if element.get("rel") == "enclosure"]


def _enclosed(fields: Fields) -> Iterator[_Named]:
    for element in (*fields.get("enclosure", ()), *_linked(fields)):
        url = element.get("url") or element.get("href") or ""
        if is_picture(url, element.get("type")):
            yield url, element.get("width"), element.get("height"), None


def _plain(fields: Fields) -> Iterator[_Named]:
    links = [link for link in fields.get("itunes:link", ()) if link.get("rel") == "image"]
    for element in (*fields.get("itunes:image", ()), *links):
        yield element.get("href") or element.get("url"), None, None, None
    for name in _PLAIN:
        for element in fields.get(name, ()):
            inner = next((part for part in element if _is(part, "url")), None)
            url = element.get("url") or element.get("href") or element.get("src")
            url = url or text_of(element if inner is None else inner)
            if "/" in url and not any(letter.isspace() for letter in url):
                yield url, None, None, None


def _is(element: Any, name: str) -> bool:
    return type(element.tag) is str and name_of(element.tag) == name


def _described(element: Any) -> str | None:
    for part in element:
        if _is(part, "media:description") or _is(part, "media:title"):
            text = text_of(part)
            if text and "<" not in text:
                return text[:500]
    return None
