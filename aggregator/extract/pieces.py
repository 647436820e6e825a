"""What a page is cut into: blocks of text, what stands above them, pictures between them."""

from typing import Any, NamedTuple

# what stands above a block, one bit each
(
    IN_ARTICLE,
    IN_MAIN,
    IN_ASIDE,
    IN_NAV,
    IN_HEADER,
    IN_FOOTER,
    IN_FORM,
    IN_FIGURE,
    IN_CAPTION,
    IN_LIST,
    IN_QUOTE,
    IN_TABLE,
    IN_BODY_PROP,
    IN_HIDDEN,
    IN_HEADING,
    IN_P,
) = (1 << n for n in range(16))


class Context:
    """A block-level element that stands above some text.

    Attributes:
        flags: ``IN_*`` bits of this element and all above it.
        mask: hint bits (``hints.py``) of its own class and id.
        above: hint bits of it and all above it.
        key: tag and class, equal for what one template makes; only a tag where no class says more.
        total, links, good: characters below it in all, in links, and in what looks like running
            text (set by ``features.py``).
        below, meeting, inner, twin: where it stands to the likely body (set by ``features.py``):
            levels below the lowest ancestor that it shares with it, levels from there to the body,
            hint bits from it up to there, and 1 or 2 where that way repeats the body's own.
        start, end: blocks ``[start, end)`` are below it.
    """

    __slots__ = (
        "above", "below", "depth", "element", "end", "flags", "good", "inner", "key", "links",
        "mask", "meeting", "parent", "start", "tag", "total", "twin",
    )  # fmt: skip

    total: float
    good: float
    links: float
    below: int
    inner: int
    meeting: int
    twin: int

    def __init__(
        self, element: Any, tag: str, parent: "Context | None", mask: int, flags: int, start: int
    ) -> None:
        self.element = element
        self.tag = tag
        self.parent = parent
        self.mask = mask
        self.start = start
        self.end = start
        self.key: tuple[str, str] = (tag, "")
        if parent is None:
            self.flags, self.above, self.depth = flags, mask, 0
        else:
            self.flags = parent.flags | flags
            self.above = parent.above | mask
            self.depth = parent.depth + 1


class Block:
    r"""One paragraph's worth of text.

    Attributes:
        text: white space folded; single line breaks kept as ``\n``.
        link: how many of its characters are inside links, ``links``: inside how many links.
        bold: how many are inside ``b``, ``strong``, ``em`` or ``i``.
        marks: hint bits of the inline elements inside it.
        runs: ``(text, link element or None, style bits)`` for the writer of HTML.
        broken: True where ``<br>`` and no tag is the border before it.
    """

    __slots__ = (
        "bold", "broken", "context", "index", "link", "links", "marks", "runs", "text",
    )  # fmt: skip

    def __init__(self, context: Context, text: str, index: int) -> None:
        self.context = context
        self.text = text
        self.index = index
        self.link = self.bold = self.links = 0
        self.marks = 0
        self.broken = False
        self.runs: list[tuple[str, Any, int]] = []


class Medium(NamedTuple):
    """A picture, player or frame, and the block before which it stands."""

    element: Any
    context: Context
    before: int


class Blocks(NamedTuple):
    """What one walk over a page found, in document order."""

    blocks: list[Block]
    contexts: list[Context]
    media: list[Medium]
