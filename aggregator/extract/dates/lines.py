"""A page as a reader sees it: lines of text between block elements, and which is the headline."""

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
_HEADINGS = ("h1", "h2", "h3")
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
    """

    text: str
    element: Any
    times: tuple[Any, ...]


class _Maker:
    """Collects pieces of text into lines."""

    def __init__(self) -> None:
        self.lines: list[Line] = []
        self._pieces: list[str] = []
        self._holders: list[Any] = []
        self._times: list[Any] = []

    def add(self, text: str | None, holder: Any) -> None:
        if not text:
            return
        if self._pieces and self._holders[-1] is not holder:
            last, first = self._pieces[-1][-1], text[0]
            if last.isalnum() and first.isalnum() and (last.isdigit() or first.isdigit()):
                text = " " + text  # "November 21, 2025" beside a counter
        self._pieces.append(text)
        self._holders.append(holder)

    def time(self, element: Any) -> None:
        self._times.append(element)
        if not element.text and not len(element):
            self.add(" ", element)

    def end(self) -> None:
        if not self._pieces:
            return
        text = " ".join("".join(self._pieces).split())
        if text or self._times:
            holder = next(
                (
                    holder
                    for piece, holder in zip(self._pieces, self._holders, strict=True)
                    if any(map(str.isdigit, piece))
                ),
                self._holders[0],
            )
            self.lines.append(Line(text, holder, tuple(self._times)))
        self._pieces.clear()
        self._holders.clear()
        self._times.clear()


def lines(doc: Document) -> list[Line]:
    """Return the lines of the body, in document order."""
    body = doc.root.find("body")
    made = _Maker()
    stack: list[tuple[Any, bool]] = [(doc.root if body is None else body, False)]
    while stack and len(made.lines) < _MOST_LINES:
        element, closing = stack.pop()
        tag = element.tag
        if tag in _BLOCKS:
            made.end()
        if closing:
            made.add(element.tail, element.getparent())
            continue
        stack.append((element, True))
        if not isinstance(tag, str) or tag in _SKIPPED:
            continue
        if tag == "time":
            made.time(element)
        made.add(element.text, element)
        stack.extend((child, False) for child in reversed(element))
    made.end()
    return made.lines


def headline(doc: Document, found: list[Line]) -> int | None:
    """Return the index of the headline's line: a heading that says what the page's title says."""
    titles = [key(t) for t in (doc.first("og:title", "twitter:title"), doc.title_tag) if t]
    best: tuple[int, int] | None = None
    for index, line in enumerate(found):
        level = _level(line.element)
        if level is None:
            continue
        own = key(line.text)
        alike = len(own) >= _LEAST_ALIKE and any(own in each or each in own for each in titles)
        rank = level + (0 if alike else len(_HEADINGS))
        if best is None or rank < best[0]:
            best = (rank, index)
    if best is not None and best[0] <= len(_HEADINGS):
        return best[1]  # a heading like the title, else the first h1
    for index, line in enumerate(found):
        own = key(line.text)
        if len(own) > _LEAST_ALIKE and any(each.startswith(own) for each in titles):
            return index
    return None


def _level(element: Any) -> int | None:
    for depth, each in enumerate((element, *element.iterancestors())):
        if each.tag in _HEADINGS:
            return _HEADINGS.index(each.tag)
        if depth > 3:
            break
    return None
