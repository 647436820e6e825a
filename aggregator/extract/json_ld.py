"""JSON-LD as it stands in real pages: graphs, arrays, lists of types, and JSON that is broken.

Promise: ``nodes`` never raises, never recurses without bound and does work linear in its input,
which it cuts at ``MAX_BYTES``. It gives plain dictionaries; no context is resolved, for news pages
use schema.org names whatever their context says. Names of types are compared without their prefix
(``schema:NewsArticle``, ``https://schema.org/NewsArticle``) and without regard to case.
"""

import contextlib
import html
import json
import re
from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from aggregator.extract import lenient_json
from aggregator.urls import canonical

#: All JSON-LD of a page together, in characters; news pages have some 2 to 40 kB.
MAX_BYTES = 5_000_000
#: Deepest nesting that we follow.
MAX_DEPTH = 60
MAX_NODES = 2_000
#: Broken scripts of a page, together, are repaired up to so many letters.
MAX_REPAIR = 400_000

#: Types that tell of the page's own text, surest first.
ARTICLE_TYPES = (
    "newsarticle",
    "reportagenewsarticle",
    "analysisnewsarticle",
    "opinionnewsarticle",
    "reviewnewsarticle",
    "backgroundnewsarticle",
    "askpublicnewsarticle",
    "liveblogposting",
    "blogposting",
    "satiricalarticle",
    "advertisercontentarticle",
    "scholarlyarticle",
    "techarticle",
    "report",
    "socialmediaposting",
    "discussionforumposting",
    "article",
)

_WRAP = re.compile(r"^\s*(?:<!--|//\s*<!\[CDATA\[|/\*\s*<!\[CDATA\[\s*\*/|<!\[CDATA\[)")
_WRAP_END = re.compile(r"(?:-->|//\s*\]\]>|/\*\s*\]\]>\s*\*/|\]\]>)\s*;?\s*$")


def nodes(texts: Iterable[str]) -> tuple[tuple[Mapping[str, Any], ...], tuple[str, ...]]:
    """Return all objects of the scripts, flattened, in document order, and notes on repairs.

    An object comes before those inside it; each keeps its inner objects as they were written.
    """
    found: list[Mapping[str, Any]] = []
    notes: list[str] = []
    left, repairs_left = MAX_BYTES, MAX_REPAIR
    for text in texts:
        if not text.strip():
            continue
        if len(text) > left:
            notes.append("json-ld too large")
            break
        left -= len(text)
        value, repaired = load(text, most=repairs_left)
        if repaired:
            repairs_left -= len(text)
            notes.append("json-ld broken" if value is None else "json-ld repaired")
        for node in _flatten(value):
            found.append(node)
            if len(found) >= MAX_NODES:
                return tuple(found), (*dict.fromkeys(notes), "json-ld cut")
    return tuple(found), tuple(dict.fromkeys(notes))


def load(text: str, most: int = MAX_REPAIR) -> tuple[Any, bool]:
    """Return the value of one script and whether it had to be repaired; None where hopeless.

    Broken ones of more than ``most`` letters are hopeless.
    """
    with contextlib.suppress(ValueError, RecursionError):
        return json.loads(text), False
    if len(text) > most:
        return None, True
    found = lenient_json.values(_unwrapped(text))
    if any(isinstance(each, dict | list) for each in found):
        return found, True
    return None, True


def types_of(node: Mapping[str, Any]) -> tuple[str, ...]:
    """Return the types of an object, lower case, without prefix: ``("newsarticle",)``."""
    raw = node.get("@type", node.get("type"))
    names = raw if isinstance(raw, list) else [raw]
    return tuple(
        re.split(r"[/#:]", name.strip())[-1].lower() for name in names if isinstance(name, str)
    )


def is_article(node: Mapping[str, Any]) -> bool:
    """Whether an object describes a text of the press, a blog or a forum."""
    return any(name in ARTICLE_TYPES for name in types_of(node))


def _unwrapped(text: str) -> str:
    """Take off HTML comments, CDATA marks, entities escaped as a whole, a semicolon at the end."""
    text = _WRAP_END.sub("", _WRAP.sub("", text.strip().lstrip("\ufeff"))).strip().rstrip(";")
    if '"' not in text and "&quot;" in text:
        text = html.unescape(text)
    return text


def _flatten(value: Any) -> Iterator[Mapping[str, Any]]:
    """Walk the objects of a value in document order, no deeper than ``MAX_DEPTH``."""
    stack: list[tuple[Any, int]] = [(value, 0)]
    while stack:
        current, depth = stack.pop()
        if isinstance(current, dict):
            yield current
            inner: Iterable[Any] = current.values()
        elif isinstance(current, list):
            inner = current
        else:
            continue
        if depth < MAX_DEPTH:
            stack.extend(
                (each, depth + 1) for each in reversed(list(inner)) if isinstance(each, dict | list)
            )


def main(found: Iterable[Mapping[str, Any]], url: str) -> Mapping[str, Any] | None:
    """Return the object that describes the page's own article; None where there is none.

    One that names this address wins, else the first with a headline; teasers of other articles
    come later in a page or have other addresses.
    """
    articles = [node for node in found if is_article(node)]
    own = canonical(url)
    for node in articles:
        if any(canonical(address) == own for address in addresses_of(node)):
            return node
    for node in articles:
        if isinstance(node.get("headline"), str) or node.get("articleBody"):
            return node
    return articles[0] if articles else None


def addresses_of(node: Mapping[str, Any]) -> list[str]:
    """Return the addresses that an object has for itself."""
    found = []
    for name in ("url", "mainEntityOfPage", "@id"):
        value = node.get(name)
        if isinstance(value, Mapping):
            value = value.get("@id") or value.get("url")
        if isinstance(value, str) and value.startswith(("http://", "https://")):
            found.append(value)
    return found
