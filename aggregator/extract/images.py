"""The pictures of an article, the lead first; lazy ones and those of ``srcset`` made whole.

Logos, avatars, pixels and placeholders are not pictures of an article. The same picture in other
sizes counts once, the first mention wins.
"""

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from typing import Any

from lxml import html

from aggregator.extract.document import Document
from aggregator.extract.values import plain
from aggregator.types import Entry, Image
from aggregator.urls import absolute

MOST_IMAGES = 30

#: where lazy pages keep the address; the first that holds one wins over ``src``
_LAZY = (
    "data-src",
    "data-original",
    "data-lazy-src",
    "data-lazy",
    "data-url",
    "data-image",
    "data-img-url",
    "data-original-src",
    "data-full-url",
    "data-large_image",
    "data-hi-res-src",
    "data-echo",
    "data-srcset-src",
)
_SRCSETS = ("srcset", "data-srcset", "data-lazy-srcset", "data-original-set")
_SET_ITEM = re.compile(r"(\S*[^\s,])(?:\s+([\d.]{1,12})([wxh])?)?\s*(?:,|$)")
_NO_PICTURE = re.compile(
    r"(?:^|[/_.-])(?:logos?|sprites?|pixel|blank|spacer|avatars?|gravatar|favicon|icons?|emoji|"
    r"placeholder|loading|loader|spinner|transparent|dummy|no-?image|1x1|default[_-]?(?:image|img|"
    r"thumb|photo|share|social|og)|(?:share|social|og)[_-]default|captcha)"
    r"(?:[/_.-]|\d{0,4}\.(?:png|gif|jpe?g|webp|svg)|$)|"
    r"(?://[^/]+|/(?:themes?|assets?|static|images?|img|public|dist))/(?:og|share|social|fb)"
    r"(?:[-_](?:image|img|share|logo))?\.(?:png|jpe?g|webp)(?:\?|$)|"
    r"doubleclick|/ads?/|feedburner|\.svg(?:$|\?)|scorecardresearch|facebook\.com/tr",
    re.IGNORECASE,
)
_SIZE = re.compile(r"[-_](\d{2,4})x(\d{2,4})(?=\.\w{3,4}$)|[-_]scaled(?=\.\w{3,4}$)")
_SIZE_NAMES = re.compile(
    r"(?:^|&)(?:w|h|width|height|q|quality|fit|crop|resize|size|auto|format|fm|dpr|ixlib|strip|ssl)"
    r"=[^&]*",
    re.IGNORECASE,
)
_NUMBER = re.compile(r"\s*(\d{1,5})(?:\.\d+)?(?:px)?\s*$")


def find_images(
    doc: Document,
    *,
    node: Mapping[str, Any] | None,
    language: str,
    entry: Entry | None = None,
    selected: Sequence[Any] = (),
    body: Iterable[Image] = (),
) -> tuple[tuple[Image, ...], str | None]:
    """Return the pictures, the lead first, and where the lead came from.

    Args:
        doc: the page.
        node: its JSON-LD article.
        language: of the descriptions.
        entry: its announcement.
        selected: what the source's selectors found: elements or addresses.
        body: pictures inside the text, in order.
    """
    places: list[tuple[str, Iterable[Image]]] = [
        ("selector", _selected(selected, doc, language)),
        ("json_ld", _json_ld((node or {}).get("image"), doc, language)),
        ("open_graph", _open_graph(doc, language)),
        ("generic", body),
        ("microdata", _selected(doc.itemprops.get("image", ())[:1], doc, language)),
        ("feed", entry.images if entry else ()),
    ]
    found: dict[str, Image] = {}
    lead: str | None = None
    for origin, images in places:
        for image in images:
            if len(found) >= MOST_IMAGES:
                break
            if not is_picture(image):
                continue
            name = same_picture(image.url)
            lead = lead or origin
            found[name] = _merged(found.get(name), image)
    return tuple(found.values()), lead


def is_picture(image: Image) -> bool:
    """Whether an image may belong to a text, by its address and size."""
    if any(0 < size < 40 for size in (image.width or 0, image.height or 0)):
        return False
    return not _NO_PICTURE.search(image.url[:2000])


def same_picture(url: str) -> str:
    """Return a key that is equal for other sizes of the same picture."""
    path, _, query = url.partition("?")
    path = _SIZE.sub("", path.partition("://")[2])
    query = _SIZE_NAMES.sub("", query).strip("&")
    return (f"{path}?{query}" if query else path).lower()


def from_element(element: Any, base_url: str, language: str = "ar") -> Image | None:
    """Return the picture that an ``img``, ``picture``, ``amp-img``, link or meta element shows."""
    if element.tag in {"picture", "figure", "a", "div", "span"}:
        inner = next(element.iter("img", "amp-img"), None)
        address = None if inner is not None else (element.get("href") or element.get("data-src"))
        if inner is None:
            return _image(absolute(base_url, address), None, None, None)
        element = inner
    address = _best_address(element)
    if not address and (noscript := _noscript(element)) is not None:
        element, address = noscript, _best_address(noscript)
    alt = plain(element.get("alt") or element.get("title"), language, 500) or None
    return _image(
        absolute(base_url, address),
        _number(element.get("width")),
        _number(element.get("height")),
        alt,
    )


def largest(srcset: str) -> str | None:
    """Return the address of the largest candidate of a ``srcset``."""
    best, best_size = None, -1.0
    for match in _SET_ITEM.finditer(srcset[:20_000]):
        try:
            size = float(match[2] or 1)
        except ValueError:
            size = 1.0
        if match[3] == "x":
            size *= 1000
        if size > best_size and not match[1].startswith("data:"):
            best, best_size = match[1], size
    return best


def _best_address(element: Any) -> str | None:
    lazy = next((element.get(name) for name in _LAZY if _is_address(element.get(name))), None)
    sets = [element.get(name) for name in _SRCSETS if element.get(name)]
    # libxml2 puts what follows a ``source`` into it
    around = (each for each in element.iterancestors() if each.tag != "source")
    picture = next(around, None)
    if picture is not None and picture.tag == "picture":
        for each in picture.iter("source"):
            sets += [each.get(name) for name in _SRCSETS if each.get(name)]
    plain_address = element.get("src") or element.get("content") or element.get("href")
    if lazy:
        return str(lazy)
    if plain_address and _is_address(plain_address) and not _NO_PICTURE.search(plain_address):
        return str(plain_address)
    for each in sets:
        if address := largest(each):
            return address
    return str(plain_address) if _is_address(plain_address) else None


def _is_address(value: str | None) -> bool:
    return bool(value) and not str(value).lstrip()[:11].lower().startswith(
        ("data:", "javascript:", "about:", "blob:", "{", "[")
    )


def _noscript(element: Any) -> Any:
    """Return the ``img`` in the ``noscript`` that stands beside a lazy one."""
    for beside in (element.getnext(), element.getprevious()):
        if beside is None or beside.tag != "noscript":
            continue
        inner = next(beside.iter("img"), None)
        if inner is not None:
            return inner
        text = (beside.text or "")[:5000]
        if "<img" in text:
            return next(html.fragment_fromstring(text, create_parent="div").iter("img"), None)
    return None


def _selected(nodes: Sequence[Any], doc: Document, language: str) -> Iterator[Image]:
    for node in nodes[:MOST_IMAGES]:
        if isinstance(node, str):
            image = _image(doc.absolute(node), None, None, None)
        else:
            image = from_element(node, doc.base_url, language)
        if image:
            yield image


def _json_ld(value: Any, doc: Document, language: str) -> Iterator[Image]:
    known: dict[str, Mapping[str, Any]] | None = None
    listed = value if isinstance(value, list) else [value]
    for each in listed[:MOST_IMAGES]:
        if isinstance(each, Mapping) and not (each.get("url") or each.get("contentUrl")):
            if known is None:
                known = {
                    node["@id"]: node for node in doc.json_ld if isinstance(node.get("@id"), str)
                }
            name = each.get("@id")
            each = known.get(name, each) if isinstance(name, str) else each
        if isinstance(each, str):
            image = _image(doc.absolute(each), None, None, None)
        elif isinstance(each, Mapping):
            image = _of_object(each, doc, language)
        else:
            continue
        if image:
            yield image


def _of_object(value: Mapping[str, Any], doc: Document, language: str) -> Image | None:
    address = value.get("url") or value.get("contentUrl")
    if isinstance(address, list):
        address = next(iter(address), None)
    if isinstance(address, Mapping):
        address = address.get("@id") or address.get("url")
    if not isinstance(address, str):
        return None
    alt = plain(value.get("caption") or value.get("name"), language, 500) or None
    return _image(
        doc.absolute(address), _number(value.get("width")), _number(value.get("height")), alt
    )


def _open_graph(doc: Document, language: str) -> Iterator[Image]:
    main = doc.first("og:image:secure_url", "og:image", "og:image:url")
    if main:
        yield from _given(
            _image(
                doc.absolute(main),
                _number(doc.first("og:image:width")),
                _number(doc.first("og:image:height")),
                plain(doc.first("og:image:alt"), language, 500) or None,
            )
        )
    for name in ("og:image", "twitter:image", "twitter:image:src", "parsely-image-url", "image"):
        for address in doc.meta.get(name, ())[:MOST_IMAGES]:
            yield from _given(_image(doc.absolute(address), None, None, None))


def _given(image: Image | None) -> Iterator[Image]:
    if image:
        yield image


def _image(url: str | None, width: int | None, height: int | None, alt: str | None) -> Image | None:
    return Image(url=url, width=width, height=height, alt=alt) if url else None


def _merged(old: Image | None, new: Image) -> Image:
    if old is None:
        return new
    return replace(
        old,
        width=old.width or (new.width if not old.height else None),
        height=old.height or (new.height if not old.width else None),
        alt=old.alt or new.alt,
    )


def _number(value: Any) -> int | None:
    if isinstance(value, Mapping):
        value = value.get("value")
    if isinstance(value, bool):
        return None
    if isinstance(value, int | float):
        return int(value) if 0 < value < 100_000 else None
    match = _NUMBER.match(value) if isinstance(value, str) else None
    return (int(match[1]) or None) if match else None
