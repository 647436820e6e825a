"""A page as a reader sees it: lines of text between block elements, and which is the headline."""

import re
from dataclasses import dataclass
from typing import Any

from aggregator.extract.document import Document
from aggregator.extract.values import key

_BLOCKS = frozenset(
    ("p", "div", "li", "td", "th", "section", "article", "header", "footer", "aside", "nav", "h1",
     "h2", "h3", "h4", "h5", "h6", "ul", "ol", "table", "tbody", "tr", "br", "dd", "dt", "dl",
     "figure", "figcaption", "blockquote", "address", "form", "main", "center", "hr",
     "details", "summary", "fieldset", "body", "pre")
)  # fmt: skip
_SKIPPED = frozenset(
    ("script", "style", "noscript", "template", "select", "option", "textarea", "button", "svg",
     "iframe", "object", "head", "title", "video", "audio", "canvas", "map", "datalist",
     "pre", "code")
)  # fmt: skip
_LEVELS = {"h1": 0, "h2": 1, "h3": 2}
_DIGIT = re.compile(r"\d")
#: lines that are made at most; a longer page has its headline well before
_MOST_LINES = 6000
#: letters by which a heading must agree with the title of the page
_LEAST_ALIKE = 8


@dataclass(slots=True)
class Line:
    """Text between two block elements.

    Attributes:
        element: the one that holds the first digit of the line, else its first text.
        times: the ``time`` elements inside.
        level: 0 to 2 inside ``h1`` to ``h3``, else -1.
    """

    text: str
    element: Any
    times: tuple[Any, ...]
    level: int


class _Maker:
    """Collects pieces of text into lines."""

    def __init__(self) -> None:
        self.lines: list[Line] = []
        self.level = -1
        self._pieces: list[tuple[str, Any]] = []
        self._times: list[Any] = []

    def add(self, text: str, holder: Any) -> None:
        if self._pieces:
            last, first = self._pieces[-1][0][-1], text[0]
            if (last.isdigit() and first.isalnum()) or (first.isdigit() and last.isalnum()):
                text = " " + text  # "November 21, 2025" beside a counter
        self._pieces.append((text, holder))

    def time(self, element: Any) -> None:
        self._times.append(element)
        self._pieces.append((" ", element))  # "By Jane DoeJanuary 14, 2026"

    def end(self) -> None:
        pieces = self._pieces
        if not pieces:
            return
        joined = pieces[0][0] if len(pieces) == 1 else "".join([piece for piece, _ in pieces])
        text = " ".join(joined.split())
        if text or self._times:
            self.lines.append(Line(text, _holder(pieces), tuple(self._times), self.level))
        self._pieces = []
        self._times = []


def _holder(pieces: list[tuple[str, Any]]) -> Any:
    if len(pieces) > 1:
        for piece, holder in pieces:
            if _DIGIT.search(piece):
                return holder
    return pieces[0][1]


def lines(doc: Document) -> list[Line]:
    """Return the lines of the body, in document order."""
    body = doc.root.find("body")
    made = _Maker()
    # an element is on the stack once to be opened, and once more, as its end, if it has children
    stack: list[tuple[Any, bool]] = [(doc.root if body is None else body, False)]
    while stack and len(made.lines) < _MOST_LINES:
        element, closing = stack.pop()
        tag = element.tag
        if not closing and _open(element, tag, made) and len(element):
            stack.append((element, True))
            stack.extend([(child, False) for child in reversed(element)])
            continue
        if tag in _BLOCKS:
            made.end()
            if tag in _LEVELS:
                made.level = -1
        if tail := element.tail:
            made.add(tail, element.getparent())
    made.end()
    return made.lines


def _open(element: Any, tag: Any, made: _Maker) -> bool:
    """Take in an element's beginning; False: what is inside does not count."""
    if tag in _BLOCKS:
        made.end()
        if tag in _LEVELS:
            made.level = _LEVELS[tag]
    elif tag in _SKIPPED or not isinstance(tag, str):
        return False
    elif tag == "time":
        made.time(element)
    if text := element.text:
        made.add(text, element)
    return True


def headline(doc: Document, found: list[Line]) -> int | None:
    """Return the index of the headline's line: a heading that says what the page's title says."""
    titles = [key(t) for t in (doc.first("og:title", "twitter:title"), doc.title_tag) if t]
    best: tuple[int, int, int] | None = None
    for index, line in enumerate(found):
        level = line.level
        if level < 0 or not line.text:
            continue
        own = key(line.text)
        alike = len(own) >= _LEAST_ALIKE and any(own in each or each in own for each in titles)
        # of two that are alike the longer: the name of the site is in the page's title as well
        rank = (level, -len(own), index) if alike else (level + len(_LEVELS), 0, index)
        if best is None or rank < best:
            best = rank
    if best is not None and best[0] <= len(_LEVELS):
        return best[2]  # a heading like the title, else the first h1
    for index, line in enumerate(found):
        own = key(line.text)
        if len(own) > _LEAST_ALIKE and any(each.startswith(own) for each in titles):
            return index
    return None
