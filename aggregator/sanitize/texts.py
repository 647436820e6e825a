"""Plain text out of HTML, and HTML out of plain text."""

import re
from collections.abc import Iterable
from html import escape, unescape
from typing import Final

from aggregator.safe_xml import legal
from aggregator.types import Direction

_ANY_TAG: Final = re.compile(r"<[^<>]*+>")


def from_paragraphs(texts: Iterable[str], direction: Direction | None = None) -> str:
    """Return plain paragraphs as HTML, each with its ``dir`` where one is given.

    >>> from_paragraphs(["5 < 6"], "ltr")
    '<p dir="ltr">5 &lt; 6</p>'
    """
    start = f'<p dir="{direction}">' if direction else "<p>"
    return "".join(f"{start}{escape(legal(text), quote=False)}</p>" for text in texts)


def rough_lines(html: str) -> tuple[str, ...]:
    """Return the text of HTML that no parser is to see, scripts left out; every tag ends a line."""
    lowered = html.lower()
    for name in ("script", "style"):
        kept, position = [], 0
        while (start := lowered.find(f"<{name}", position)) >= 0:
            kept.append(html[position:start])
            end = lowered.find(f"</{name}", start)
            position = end if end >= 0 else len(html)
        html = "".join(kept) + html[position:]
        lowered = html.lower()
    return lines_of(_ANY_TAG.sub("\n", html))


def lines_of(text: str) -> tuple[str, ...]:
    """Return the lines of text with references, blanks collapsed, none empty."""
    lines = (" ".join(unescape(line).split()) for line in text.split("\n"))
    return tuple(legal(line) for line in lines if line)


def without_tags(html: str) -> str:
    """Return what stands between the tags of clean HTML."""
    return _ANY_TAG.sub("", html)
