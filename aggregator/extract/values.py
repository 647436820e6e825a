"""What the readers of single fields share: a value with its origin, and raw text made plain.

Raw text of pages is hostile: it is cut before it is worked on, tags and doubled escapes go, and
what remains is display text on one line.
"""

import re
from collections.abc import Iterable, Mapping
from functools import lru_cache
from typing import Any, NamedTuple

from aggregator.arabic import display, fold

MOST_TEXT = 20_000

_TAGS = re.compile(r"<(?:[a-zA-Z][^<>]{0,2000}|/[a-zA-Z][^<>]{0,200}|!--[^<>]{0,2000}--|br)>")
_ESCAPED_TAG = re.compile(r"&(?:amp;)?lt;/?[a-zA-Z]")


class Found(NamedTuple):
    """A text with where it came from: ``selector``, ``json_ld``, ``open_graph`` and so on."""

    value: str
    origin: str


def plain(raw: object, language: str, limit: int = MOST_TEXT) -> str:
    """Return raw text of a page as display text on one line; empty where nothing is left."""
    if not isinstance(raw, str) or not raw:
        return ""
    text = raw[:MOST_TEXT]
    if "&" in text and _ESCAPED_TAG.search(text):
        text = text.replace("&amp;lt;", "<").replace("&lt;", "<").replace("&gt;", ">")
        text = text.replace("&amp;gt;", ">")
    if "<" in text:
        text = _TAGS.sub(" ", text)
    shown = display(text, language).text or ""
    shown = " ".join(shown.split())
    return shown if len(shown) <= limit else shown[:limit].rsplit(" ", 1)[0]


@lru_cache(maxsize=4096)
def key(text: str) -> str:
    """Return the letters and digits of a text, folded: equal for equal words."""
    return "".join(filter(str.isalnum, fold(text, "search").casefold()))


def strings(value: Any, names: Iterable[str] = ("name", "@value", "headline")) -> list[str]:
    """Return the texts in a JSON-LD value: a string, a list of them, objects with a name."""
    found: list[str] = []
    stack = [value]
    while stack and len(found) < 100:
        current = stack.pop()
        if isinstance(current, str):
            found.append(current)
        elif isinstance(current, list):
            stack.extend(reversed(current[:100]))
        elif isinstance(current, Mapping):
            stack.extend(current[name] for name in names if name in current)
    return found
