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
#: letters of a line that are looked at
_LONGEST = 20_000
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

    __slots__ = ("blank", "level", "lines", "pieces", "times")

    def __init__(self) -> None:
        self.lines: list[Line] = []
        self.level = -1
        self.pieces: list[tuple[str, Any]] = []
        self.times: list[Any] = []
        #: holds the blanks before the first piece, as an indented heading does
        self.blank: Any = None

    def time(self, element: Any) -> None:
        self.times.append(element)
        self.pieces.append((" ", element))  # "By Jane DoeJanuary 14, 2026"

    def end(self) -> None:
        """Make a line of the pieces so far, of which there is at least one."""
        pieces = self.pieces
        text = pieces[0][0] if len(pieces) == 1 else _joined(pieces)
        text = " ".join(text[:_LONGEST].split())
        if text or self.times:
            holder = _holder(pieces, self.blank)
            self.lines.append(Line(text, holder, tuple(self.times), self.level))
        self.pieces = []
        self.times = []

    def block(self, tag: str, opened: bool) -> None:
        """Take in the beginning or the end of a block."""
        if self.pieces:
            self.end()
        self.blank = None
        if tag in _LEVELS:
            self.level = _LEVELS[tag] if opened else -1


def _joined(pieces: list[tuple[str, Any]]) -> str:
    made = pieces[0][0]
    parts = [made]
    for text, _ in pieces[1:]:
        last, first = made[-1], text[0]
        if (last.isdigit() and first.isalnum()) or (first.isdigit() and last.isalnum()):
            parts.append(" ")  # "November 21, 2025" beside a counter
        parts.append(text)
        made = text
    return "".join(parts)


def _holder(pieces: list[tuple[str, Any]], blank: Any) -> Any:
    for piece, holder in pieces:
        if _DIGIT.search(piece):
            return holder
    return pieces[0][1] if blank is None else blank


#: on the stack over an element whose children have been taken in
_END: Any = None


def lines(doc: Document) -> list[Line]:
    """Return the lines of the body, in document order."""
    body = doc.root.find("body")
    made = _Maker()
    stack: list[Any] = [doc.root if body is None else body]
    while stack and len(made.lines) < _MOST_LINES:
        element = stack.pop()
        closing = element is _END
        if closing:
            element = stack.pop()
        tag = element.tag
        if not closing and _open(element, tag, made) and len(element):
            stack += (element, _END)
            stack += element[::-1]
            continue
        if tag in _BLOCKS:
            made.block(tag, opened=False)
        tail = element.tail
        if tail:
            if made.pieces or not tail.isspace():
                made.pieces.append((tail, element.getparent()))
            elif made.blank is None:
                made.blank = element.getparent()
    if made.pieces:
        made.end()
    return made.lines


def _open(element: Any, tag: Any, made: _Maker) -> bool:
    """Take in an element's beginning; False: what is inside does not count."""
    if tag in _BLOCKS:
        made.block(tag, opened=True)
        if tag == "nav":
            return False
    elif tag in _SKIPPED or not isinstance(tag, str):
        return False
    elif tag == "time":
        made.time(element)
    text = element.text
    if text:
        if made.pieces or not text.isspace():
            made.pieces.append((text, element))
        elif made.blank is None:
            made.blank = element
    return True


def headline(doc: Document, found: list[Line], title: str | None = None) -> int | None:
    """Return the index of the headline's line: a heading that says what the page's title says."""
    said = (title, doc.first("og:title", "twitter:title"), doc.title_tag)
    titles = [key(t) for t in said if t]
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
    # the article's own title first: the head may name the site, and so do lines of every page
    for wanted in (titles[:1], titles[1:]) if title else (titles,):
        for index, line in enumerate(found):
            own = key(line.text)
            if len(own) > _LEAST_ALIKE and any(each.startswith(own) for each in wanted):
                return index
    return None
