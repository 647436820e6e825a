"""A source's own selectors: CSS, or XPath where one begins with ``/`` or ``(``.

``::text`` and ``::attr(name)`` at the end of a CSS selector choose the element's own text or an
attribute, as Scrapy has it. A selector that is none finds nothing here; the catalogue's reader
names such faults to whoever wrote them (see :func:`fault`).
"""

import re
from collections.abc import Callable, Iterable
from functools import lru_cache
from typing import Any

from lxml import cssselect, etree

from aggregator.extract.document import Document, text_of

MOST_NODES = 2_000

_ENDING = re.compile(r"::(?:text|attr\(\s*([\w:-]+)\s*\))\s*$")


def nodes(doc: Document, selectors: Iterable[str]) -> list[Any]:
    """Return what the first selector that finds anything finds: elements or strings."""
    for selector in selectors:
        find = _compiled(selector)
        found = find(doc.root) if find else []
        if found:
            return list(found[:MOST_NODES])
    return []


def texts(doc: Document, selectors: Iterable[str]) -> list[str]:
    """Return the texts of what the first selector that finds any text finds.

    An element that carries its value in an attribute (``<time datetime>``, ``<meta content>``)
    gives its text where it has one, else that value.
    """
    for selector in selectors:
        found = [value for node in nodes(doc, (selector,)) if (value := _value(node))]
        if found:
            return found
    return []


def fault(selector: str) -> str | None:
    """Return why a selector cannot be used, None where it can."""
    try:
        _compile(selector)
    except (cssselect.SelectorError, etree.XPathError, ValueError, RecursionError) as error:
        return str(error) or type(error).__name__
    return None


def _value(node: Any) -> str:
    if isinstance(node, str):
        return node.strip()
    if not isinstance(node.tag, str):
        return ""
    return text_of(node) or (node.get("content") or node.get("datetime") or "").strip()


@lru_cache(maxsize=2048)
def _compiled(selector: str) -> Callable[[Any], list[Any]] | None:
    try:
        return _compile(selector)
    except (cssselect.SelectorError, etree.XPathError, ValueError, RecursionError):
        return None


def _compile(selector: str) -> Callable[[Any], list[Any]]:
    selector = selector.strip()
    if selector.startswith(("/", "(")):
        return _guarded(etree.XPath(selector))
    ending = _ENDING.search(selector)
    path = cssselect.CSSSelector(selector[: ending.start()] if ending else selector).path
    if ending:
        path = f"({path})/@{ending[1]}" if ending[1] else f"({path})/text()"
    return _guarded(etree.XPath(path))


def _guarded(xpath: Any) -> Callable[[Any], list[Any]]:
    def find(root: Any) -> list[Any]:
        try:
            found = xpath(root)
        except etree.XPathError:
            return []
        if isinstance(found, list):
            return found
        return [str(found)] if found else []

    return find
