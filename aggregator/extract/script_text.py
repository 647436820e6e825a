"""The text of a page that its script writes: out of the data that it carries for it.

Pages of Next.js, Nuxt and their like may hold no text to see, only the state from which a browser
makes it: JSON with the article in it, and others beside. The article is the object that has the
page's title; its text is the longest that it holds. Never an exception; work is bounded.
"""

import json
import re
from collections.abc import Iterable, Iterator, Mapping
from itertools import islice
from typing import Any

from aggregator.extract.values import key

#: what is looked at: values of a state and titles among them, objects with the page's title, and
#: what an article's text is made of
MOST_NODES, MOST_TITLES, MOST_TITLED, MOST_PARTS = 50_000, 1_000, 10, 2_000
#: shorter texts are teasers
LEAST_LETTERS = 150

_STATE = re.compile(rb"\s*+(?:(?:window|self|globalThis)\.[\w.$]{1,60}\s*+=\s*+)?(?=[{\[])")
_TITLES = ("title", "headline", "name", "heading", "pageTitle")
_READ = json.JSONDecoder()


def carried_text(scripts: Iterable[bytes], title: str | None) -> str:
    """Return the HTML of the text that scripts carry under a title; empty where they do not.

    >>> state = b'{"props": {"post": {"title": "A", "body": "<p>' + b"word " * 40 + b'</p>"}}}'
    >>> carried_text([state], "A")[:12]
    '<p>word word'
    """
    wanted = key(title[:500]) if title else ""
    if not wanted:
        return ""
    nodes = (node for state in map(_parsed, scripts) for node in _objects(state))
    titles = islice(((node, title) for node in nodes for title in _titles(node)), MOST_TITLES)
    titled = islice((node for node, title in titles if key(title) == wanted), MOST_TITLED)
    best = max(map(_longest, titled), key=len, default="")
    return best if len(best) >= LEAST_LETTERS else ""


def _parsed(script: bytes) -> Any:
    start = _STATE.match(script)
    if start is None or len(script) < LEAST_LETTERS:
        return None
    try:
        return _READ.raw_decode(script[start.end() :].decode("utf-8", "replace"))[0]
    except (ValueError, RecursionError):
        return None


def _objects(state: Any) -> Iterator[Mapping[str, Any]]:
    stack = [state]
    for _ in range(MOST_NODES):
        if not stack:
            break
        current = stack.pop()
        if isinstance(current, dict):
            yield current
            stack += current.values()
        elif isinstance(current, list):
            stack += current


def _titles(node: Mapping[str, Any]) -> Iterator[str]:
    for name in _TITLES:
        value = node.get(name)
        if isinstance(value, dict):
            value = value.get("rendered")
        if isinstance(value, str) and len(value) < 1_000:
            yield value


def _longest(node: Mapping[str, Any]) -> str:
    """Return the longest text among an object's values; lists are texts of several blocks."""
    best = ""
    for value in node.values():
        if isinstance(value, dict):
            value = max((each for each in value.values() if _is_text(each)), key=len, default="")
        elif isinstance(value, list):
            value = "".join(f"<p>{text}</p>" for text in _blocks(value))
        if _is_text(value) and len(value) > len(best):
            best = value
    return best


def _blocks(parts: list[Any]) -> Iterator[str]:
    """Yield the texts of a list of blocks, those of inner lists in their places.

    A block with a title of several words is another article.
    """
    stack = list(reversed(parts[:MOST_PARTS]))
    for _ in range(MOST_PARTS):
        if not stack:
            break
        current = stack.pop()
        if isinstance(current, str):
            if _is_text(current):
                yield current
        elif isinstance(current, list):
            stack.extend(reversed(current[:MOST_PARTS]))
        elif isinstance(current, dict) and not any(" " in title for title in _titles(current)):
            stack.extend(reversed(current.values()))


def _is_text(value: Any) -> bool:
    return isinstance(value, str) and value.count(" ") >= 3 and not value.startswith(("{", "["))
