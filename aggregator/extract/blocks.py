"""Cut a page into blocks of text, each with what its surroundings say.

A block is what a reader sees as one paragraph: the text between two borders, where a border is a
block-level tag or ``<br><br>``. The tree is only read, never changed; the walk does not recurse,
visits at most ``MAX_ELEMENTS`` elements and keeps at most ``MAX_CHARS`` characters, so that a
hostile page costs no more than a long one. No network, no clock.
"""

from collections.abc import Iterator
from typing import Any, NamedTuple

from aggregator.extract.hints import HIDDEN_STYLE, hint_mask

MAX_ELEMENTS = 60_000
MAX_CHARS = 3_000_000

_BLOCK_TAGS = frozenset(
    "address article aside blockquote body caption center dd details dialog dir div dl dt fieldset"
    " figcaption figure footer form frameset h1 h2 h3 h4 h5 h6 header hgroup hr html legend li main"
    " menu nav noframes ol optgroup option p pre section summary table tbody td tfoot th thead tr"
    " ul".split()
)
#: never text of the page
_SKIP_TAGS = frozenset(
    "script style noscript template svg math head iframe object embed applet audio video canvas map"
    " select datalist button input textarea frame link meta progress meter colgroup img picture"
    " source track area base".split()
)
#: not text, but part of a body all the same
_MEDIA_TAGS = frozenset("img picture iframe video audio embed object noscript".split())
#: style bits of a run
BOLD, ITALIC, SUPER, SUB, CODE = 1, 2, 4, 8, 16
_STYLES = {
    "b": BOLD, "strong": BOLD, "em": ITALIC, "i": ITALIC, "cite": ITALIC, "sup": SUPER,
    "sub": SUB, "code": CODE, "tt": CODE, "kbd": CODE,
}  # fmt: skip
#: stands for ``<br>`` in what is gathered; white space to ``str.split``
_BREAK = "\u2028"
#: a line of so many characters before ``<br>`` is a paragraph of its own
_LONG_LINE = 80
_HEADINGS = frozenset(("h1", "h2", "h3", "h4", "h5", "h6"))

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

_TAG_FLAGS = {
    "article": IN_ARTICLE,
    "main": IN_MAIN,
    "aside": IN_ASIDE,
    "nav": IN_NAV,
    "menu": IN_NAV,
    "header": IN_HEADER,
    "footer": IN_FOOTER,
    "form": IN_FORM,
    "fieldset": IN_FORM,
    "figure": IN_FIGURE,
    "figcaption": IN_CAPTION,
    "li": IN_LIST,
    "dd": IN_LIST,
    "dt": IN_LIST,
    "blockquote": IN_QUOTE,
    "td": IN_TABLE,
    "th": IN_TABLE,
    "caption": IN_TABLE,
    "p": IN_P,
    **dict.fromkeys(_HEADINGS, IN_HEADING),
}
_ROLE_FLAGS = {
    "main": IN_MAIN,
    "article": IN_ARTICLE,
    "complementary": IN_ASIDE,
    "navigation": IN_NAV,
    "banner": IN_HEADER,
    "contentinfo": IN_FOOTER,
    "heading": IN_HEADING,
    "form": IN_FORM,
    "search": IN_FORM,
    "dialog": IN_HIDDEN,
    "menu": IN_NAV,
}


class Context:
    """A block-level element that stands above some text.

    Attributes:
        flags: ``IN_*`` bits of this element and all above it.
        mask: hint bits (``hints.py``) of its own class and id.
        above: hint bits of it and all above it.
        total, good: characters below it in all, and in blocks that look like running text.
        start, end: blocks ``[start, end)`` are below it.
    """

    __slots__ = (
        "above", "depth", "element", "end", "flags", "good", "inner", "key", "links", "mask",
        "on_path", "order", "parent", "rel", "start", "tag", "total",
    )  # fmt: skip

    def __init__(
        self, element: Any, tag: str, parent: "Context | None", mask: int, flags: int, start: int
    ) -> None:
        self.element = element
        self.tag = tag
        self.parent = parent
        self.mask = mask
        self.start = start
        self.end = start
        self.order = 0
        self.total = self.good = self.links = 0
        self.inner = 0
        self.rel = 0
        self.on_path = False
        self.key = ""
        if parent is None:
            self.flags, self.above, self.depth = flags, mask, 0
        else:
            self.flags = parent.flags | flags
            self.above = parent.above | mask
            self.depth = parent.depth + 1


class Block:
    """One paragraph's worth of text.

    Attributes:
        text: white space folded; single line breaks kept as ``\\n``.
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


class _Walk:
    """The state of one walk over the tree."""

    __slots__ = (
        "blocks", "breaks", "broken", "chars", "context", "contexts", "line", "link", "line_link",
        "marks", "media", "runs", "style",
    )  # fmt: skip

    def __init__(self, root: Any) -> None:
        self.blocks: list[Block] = []
        self.context = Context(root, "body", None, 0, 0, 0)
        self.contexts = [self.context]
        self.media: list[Medium] = []
        self.runs: list[tuple[str, Any, int]] = []
        self.link: Any = None
        self.style = 0
        self.marks = 0
        self.breaks = 0
        self.broken = False
        self.chars = 0
        self.line = 0
        self.line_link = 0

    def add(self, text: str) -> None:
        """Take one piece of text into the block that is being gathered."""
        if not text.isspace():
            size = len(text)
            self.chars += size
            self.breaks = 0
            self.line += size
            if self.link is not None:
                self.line_link += size
        elif not self.line:
            return
        self.runs.append((text, self.link, self.style))

    def line_break(self) -> None:
        """Take a ``<br>``: the second in a row, or one after a long line, ends the block."""
        self.breaks += 1
        if self.breaks > 1 or self.line >= _LONG_LINE or 0 < self.line == self.line_link:
            self.flush()
            self.broken = True
        elif self.runs:
            self.runs.append((_BREAK, None, 0))

    def flush(self) -> None:
        """End the block that is being gathered."""
        if self.line:
            self._close()
            self.line = self.line_link = 0
        if self.runs:
            self.runs = []
        self.marks = 0
        self.broken = False

    def _close(self) -> None:
        runs = self.runs
        raw = runs[0][0] if len(runs) == 1 else "".join([run[0] for run in runs])
        if _BREAK in raw or "pre" == self.context.tag:
            lines = raw.replace(_BREAK, "\n").split("\n") if "pre" == self.context.tag else raw.split(_BREAK)
            text = "\n".join(filter(None, (" ".join(line.split()) for line in lines)))
        else:
            text = " ".join(raw.split())
        if not text:
            return
        block = Block(self.context, text, len(self.blocks))
        block.runs = runs
        block.marks = self.marks
        block.broken = self.broken
        if self.line_link or len(runs) > 1:
            before = None
            for piece, link, style in runs:
                if link is not None:
                    block.link += len(piece)
                    if link is not before:
                        block.links += 1
                        before = link
                if style:
                    block.bold += len(piece)
        self.blocks.append(block)


def _flags(element: Any, tag: str) -> int:
    """Return the ``IN_*`` bits that the element itself sets."""
    flags = _TAG_FLAGS.get(tag, 0)
    get = element.get
    role = get("role")
    if role:
        flags |= _ROLE_FLAGS.get(role, 0)
    prop = get("itemprop")
    if prop and ("articleBody" in prop or prop == "reviewBody"):
        flags |= IN_BODY_PROP
    style = get("style")
    if (style and HIDDEN_STYLE.search(style)) or get("hidden") is not None:
        flags |= IN_HIDDEN
    return flags


def _name(element: Any) -> str:
    """Return the words of class and id."""
    name: str = element.get("class") or ""
    identity = element.get("id")
    return f"{name} {identity}" if identity else name


def segment(root: Any) -> Blocks:
    """Return the blocks of text below ``root`` (an lxml element) in document order."""
    walk = _Walk(root)
    add = walk.add
    budget = MAX_ELEMENTS
    # (iterator over children, element, is it a block, what to restore)
    stack: list[tuple[Iterator[Any], Any, bool, Any, int]] = []
    children = iter(root)
    element, is_block, link, style = root, True, None, 0
    if root.text:
        add(root.text)
    while True:
        for child in children:
            tag = child.tag
            budget -= 1
            if tag.__class__ is not str:  # comment, processing instruction
                pass
            elif tag == "br":
                walk.line_break()
            elif tag in _SKIP_TAGS:
                if tag in _MEDIA_TAGS:
                    walk.media.append(Medium(child, walk.context, len(walk.blocks) + bool(walk.line)))
            else:
                stack.append((children, element, is_block, link, style))
                link, style = walk.link, walk.style
                element = child
                is_block = tag in _BLOCK_TAGS or "-" in tag
                if is_block:
                    walk.flush()
                    walk.breaks = 0
                    name = _name(child)
                    context = Context(
                        child, tag, walk.context, hint_mask(name) if name else 0,
                        _flags(child, tag), len(walk.blocks),
                    )  # fmt: skip
                    walk.context = context
                    walk.contexts.append(context)
                else:
                    if tag == "a":
                        walk.link = child
                    elif tag in _STYLES:
                        walk.style |= _STYLES[tag]
                    name = _name(child)
                    if name:
                        walk.marks |= hint_mask(name)
                children = iter(child)
                if child.text:
                    add(child.text)
                break
            if child.tail:
                add(child.tail)
        else:
            if is_block:
                walk.flush()
                context = walk.context
                context.end = len(walk.blocks)
                if context.parent is not None:
                    walk.context = context.parent
            walk.link, walk.style = link, style
            if not stack:
                break
            tail = element.tail
            children, element, is_block, link, style = stack.pop()
            if tail:
                add(tail)
            continue
        if budget < 0 or walk.chars > MAX_CHARS:
            _give_up(walk)
            break
    return Blocks(walk.blocks, walk.contexts, walk.media)


def _give_up(walk: _Walk) -> None:
    """Close all that is open where a page is too long to be read to its end."""
    walk.flush()
    context: Context | None = walk.context
    while context is not None:
        context.end = len(walk.blocks)
        context = context.parent
