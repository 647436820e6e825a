"""Values of feed elements: text, markup, addresses, people. One element in, one value out.

Elements are lxml's; names come from :mod:`aggregator.seeds.names`. Nothing here raises on odd
content.
"""

import base64
import re
from collections.abc import Iterator
from contextlib import suppress
from html import escape
from typing import Any, Final

from lxml import etree

from aggregator.seeds.names import name_of
from aggregator.urls import absolute

#: An element and the name that it goes by.
Fields = dict[str, list[Any]]

XML_BASE: Final = "{http://www.w3.org/XML/1998/namespace}base"
XML_LANG: Final = "{http://www.w3.org/XML/1998/namespace}lang"

_PERSON: Final = re.compile(r"\s*<?([^\s<>()]+@[^\s<>()]+)>?\s*\(([^()]{1,200})\)\s*")
_NAMED_MAIL: Final = re.compile(
    r"([^<>]{1,200}?)\s*[<(]\s*(?:mailto:)?[^\s<>()]+@[^\s<>()]+[>)]\s*"
)
_XMLNS: Final = re.compile(r' xmlns(?::[\w.-]{1,40})?="[^"<>]*"')
_XHTML_TYPES: Final = ("xhtml", "application/xhtml+xml")
_MARKUP_TYPES: Final = ("html", "text/html", *_XHTML_TYPES)


def fields_of(element: Any, own: str) -> Fields:
    """Return the children of an element by name, in order."""
    fields: Fields = {}
    for child in element:
        tag = child.tag
        if type(tag) is str:
            fields.setdefault(name_of(tag, own), []).append(child)
    return fields


def text_of(element: Any) -> str:
    """Return the text of an element and all inside it, trimmed."""
    if len(element) == 0:
        return (element.text or "").strip()
    return "".join(_texts(element)).strip()


def _texts(element: Any) -> Iterator[str]:
    for part in element.iter():
        if type(part.tag) is str:
            yield part.text or ""
        if part is not element:
            yield part.tail or ""


def first_text(fields: Fields, *names: str) -> str | None:
    """Return the first text that is not empty, in the order of the names."""
    for name in names:
        for element in fields.get(name, ()):
            text = text_of(element)
            if text:
                return text
    return None


def inner_markup(element: Any) -> str:
    """Return what stands inside an element as HTML: its text, escaped or in CDATA, or its tags."""
    if len(element) == 0:
        return (element.text or "").strip()
    if not any(type(child.tag) is str for child in element):
        return text_of(element)
    parts = [escape(element.text or "", quote=False)]
    for child in element:
        if type(child.tag) is str:
            parts.append(_serialised(child))
        parts.append(escape(child.tail or "", quote=False))
    return "".join(parts).strip()


def _serialised(element: Any) -> str:
    """Return an element as HTML without namespaces."""
    for part in element.iter():
        if type(part.tag) is str and part.tag.startswith("{"):
            # A recovered name may be none that lxml lets us write.
            with suppress(ValueError):
                part.tag = part.tag.rpartition("}")[2].rpartition(":")[2]
        for key in [key for key in part.attrib if key.startswith("{")]:
            value = part.attrib.pop(key)
            if key == XML_LANG:
                part.set("lang", value)
    etree.cleanup_namespaces(element)
    tail, element.tail = element.tail, None
    try:
        text = str(etree.tostring(element, encoding="unicode", method="html"))
        return _XMLNS.sub("", text) if "xmlns" in text else text
    finally:
        element.tail = tail


def construct(element: Any) -> tuple[str, bool]:
    """Return an Atom text construct and whether it is HTML (RFC 4287 §3.1; Atom 0.3 modes)."""
    kind = (element.get("type") or "").strip().lower()
    mode = (element.get("mode") or "").strip().lower()
    if mode == "base64" or (kind and _is_binary(kind)):
        return _from_base64(text_of(element)), True
    if kind in _XHTML_TYPES or any(type(part.tag) is str for part in element):
        inner = _only_div(element)
        if len(inner) == 0 and kind not in {"html", "text/html"}:
            return escape((inner.text or "").strip(), quote=False), True
        return inner_markup(inner), True
    return text_of(element), kind in _MARKUP_TYPES or mode == "escaped"


def _only_div(element: Any) -> Any:
    """Return the div that only carries the namespace, or the element itself."""
    parts = [part for part in element if type(part.tag) is str]
    if (
        len(parts) == 1
        and name_of(parts[0].tag).endswith(":div")
        and not (parts[0].tail or "").strip()
    ):
        return parts[0]
    return element


def _is_binary(kind: str) -> bool:
    if kind in {"text", "html", "xhtml"} or kind.startswith("text/"):
        return False
    return not kind.endswith(("+xml", "/xml"))


def _from_base64(text: str) -> str:
    try:
        return base64.b64decode(text).decode().strip()
    except ValueError:  # no base64, or no text inside
        return text


def base_of(element: Any, base: str) -> str:
    """Return the base address that holds inside an element, given the document's (XML Base)."""
    stated: list[str] = []
    while element is not None:
        if value := element.get(XML_BASE):
            stated.append(value)
        element = element.getparent()
    for value in reversed(stated):
        base = absolute(base, value) or base
    return base


def language_of(element: Any) -> str | None:
    """Return the ``xml:lang`` of an element or of what encloses it."""
    while element is not None:
        value = element.get(XML_LANG)
        if value is not None:
            return value.strip() or None
        element = element.getparent()
    return None


def person(text: str) -> str | None:
    """Return the name in ``mail (Name)``, ``Name <mail>`` or plain; a bare address as it is.

    >>> person("desk@akhbar.example (ليلى حداد)")
    'ليلى حداد'
    """
    text = text[:300].strip()
    match = _PERSON.fullmatch(text)
    if match:
        return match[2].strip() or match[1]
    match = _NAMED_MAIL.fullmatch(text)
    return (match[1].strip() if match and match[1].strip() else text) or None


def number(text: str | None) -> int | None:
    """Return a number of pixels or minutes, None where it is none."""
    if not text or len(text) > 12:
        return None
    digits = text.strip().removesuffix("px")
    return int(digits) if digits.isascii() and digits.isdigit() and int(digits) else None
