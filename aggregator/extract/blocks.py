"""Cut a page into blocks of text, each with what its surroundings say.

A block is what a reader sees as one paragraph: the text between two borders, where a border is a
block-level tag or ``<br><br>``. The tree is only read, never changed; the walk does not recurse,
visits at most ``MAX_ELEMENTS`` elements and keeps at most ``MAX_BLOCKS`` blocks and ``MAX_CHARS``
characters, so that a hostile page costs no more than a long one. No network, no clock.
"""

from collections.abc import Iterator
from typing import Any

from aggregator.extract.hints import HIDDEN_STYLE, hint_mask
from aggregator.extract.pieces import (
    IN_ARTICLE,
    IN_ASIDE,
    IN_BODY_PROP,
    IN_CAPTION,
    IN_FIGURE,
    IN_FOOTER,
    IN_FORM,
    IN_HEADER,
    IN_HEADING,
    IN_HIDDEN,
    IN_LIST,
    IN_MAIN,
    IN_NAV,
    IN_P,
    IN_QUOTE,
    IN_TABLE,
    Block,
    Blocks,
    Context,
    Medium,
)


def words(text: str) -> frozenset[str]:
    """Return the words of a text, for tables of names."""
    return frozenset(text.split())


MAX_ELEMENTS = 40_000
MAX_BLOCKS = 2_500
MAX_CHARS = 1_000_000

_BLOCK_TAGS = words(
    "address article aside blockquote body caption center dd details dialog dir div dl dt "
    "fieldset figcaption figure footer form frameset h1 h2 h3 h4 h5 h6 header hgroup hr "
    "html legend li main menu nav noframes ol optgroup option p pre section summary table "
    "tbody td tfoot th thead tr ul"
)
#: never text of the page
_SKIP_TAGS = words(
    "script style noscript template svg math head iframe object embed applet audio video "
    "canvas map select datalist button input textarea frame link meta progress meter "
    "colgroup img picture source track area base"
)
#: the usual ones; every tag that is not known is inline
_INLINE_TAGS = words(
    "a abbr b bdi cite code em font i label mark q s small span strong sub sup time u"
)
#: not text, but part of a body all the same
_MEDIA_TAGS = words("img picture iframe video audio embed object noscript")
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
#: passed over with all their text: no article of the corpus had a word of its body there, save
#: tables of contents
FURNITURE_TAGS = frozenset(("nav", "footer"))
_HEADINGS = words("h1 h2 h3 h4 h5 h6")

_INLINE, _BLOCK, _BREAK_TAG, _PASSED, _MEDIA = range(5)

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


class _Walk:
    """The state of one walk over the tree."""

    __slots__ = (
        "blocks", "breaks", "broken", "chars", "context", "contexts", "line", "line_link", "link",
        "marks", "media", "runs", "style",
    )  # fmt: skip

    def __init__(self, root: Any) -> None:
        self.blocks: list[Block] = []
        tag = root.tag if isinstance(root.tag, str) else "body"
        self.context = Context(root, tag, None, 0, _TAG_FLAGS.get(tag, 0), 0)
        self.contexts = [self.context]
        self.media: list[Medium] = []
        self.runs: list[tuple[str, Any, int]] = []
        self.link: Any = None
        self.style = self.marks = self.breaks = self.chars = self.line = self.line_link = 0
        self.broken = False

    def add(self, text: str) -> None:
        """Take one piece of text into the block that is being gathered; none may begin blank."""
        if not text.isspace():
            size = len(text)
            if size > MAX_CHARS:
                text, size = text[:MAX_CHARS], MAX_CHARS
            self.chars += size
            self.breaks = 0
            self.line += size
            if self.link is not None:
                self.line_link += size
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
        if self.context.tag == "pre":
            raw = raw.replace("\n", _BREAK)
        if _BREAK in raw:
            lines = (" ".join(line.split()) for line in raw.split(_BREAK))
            text = "\n".join(line for line in lines if line)
        else:
            text = " ".join(raw.split())
        if not text:
            return
        block = Block(self.context, text, len(self.blocks))
        block.runs = runs
        block.marks = self.marks
        block.broken = self.broken
        if self.line_link or len(runs) > 1:
            _count(block)
        self.blocks.append(block)

    def enter(self, element: Any, tag: str) -> None:
        """Begin a block-level element."""
        if self.runs:
            self.flush()
        self.breaks = self.marks = 0
        self.broken = False
        self.context = self._open(element, tag)

    def _open(self, element: Any, tag: str) -> Context:  # noqa: C901 - once for each element
        """Return the context of an element that stands below the present one."""
        flags = _TAG_FLAGS.get(tag, 0)
        mask = 0
        name = ""
        for key, value in element.items():
            if key == "class":
                name = value
                mask |= hint_mask(value)
            elif key == "id":
                mask |= hint_mask(value)
            elif key == "style":
                if HIDDEN_STYLE.search(value, 0, 200):
                    flags |= IN_HIDDEN
            elif key == "role":
                flags |= _ROLE_FLAGS.get(value, 0)
            elif key == "itemprop":
                if "articleBody" in value:
                    flags |= IN_BODY_PROP
            elif key == "hidden":
                flags |= IN_HIDDEN
        context = Context(element, tag, self.context, mask, flags, len(self.blocks))
        if name:
            context.key = (tag, name[:200])
        self.contexts.append(context)
        return context

    def leave(self) -> None:
        """End a block-level element."""
        if self.runs:
            self.flush()
        self.marks = 0
        self.broken = False
        context = self.context
        context.end = len(self.blocks)
        if context.parent is not None:
            self.context = context.parent

    def inline(self, element: Any, tag: str) -> None:
        """Begin an inline element."""
        if tag == "a":
            self.link = element
        elif tag in _STYLES:
            self.style |= _STYLES[tag]
        name = element.get("class")
        if name:
            self.marks |= hint_mask(name)

    def leaf(self, element: Any, tag: str) -> None:
        """Take a block-level element that holds nothing, or nothing but text."""
        if self.runs:
            self.flush()
        self.breaks = self.marks = 0
        self.broken = False
        text = element.text
        if not text or text.isspace():
            return
        if tag == "pre" or len(text) > MAX_CHARS or _BREAK in text:
            self.context = self._open(element, tag)
            self.add(text)
            self.leave()
            return
        context = self._open(element, tag)
        block = Block(context, " ".join(text.split()), len(self.blocks))
        block.runs.append((text, self.link, self.style))
        self.chars += len(text)
        if self.link is not None:
            _count(block)
        self.blocks.append(block)
        context.end = len(self.blocks)


def _count(block: Block) -> None:
    """Count links and their characters, and emphasised ones."""
    before = None
    for piece, link, style in block.runs:
        if link is not None:
            block.link += len(piece)
            if link is not before:
                block.links += 1
                before = link
        if style:
            block.bold += len(piece)


def segment(  # noqa: C901 - one loop over all elements of a page: calls would cost most of it
    root: Any, *, skip: frozenset[str] = FURNITURE_TAGS, cut: frozenset[Any] = frozenset()
) -> Blocks:
    """Return the blocks of text below ``root`` (an lxml element) in document order.

    Args:
        root: the element to read, usually ``body``.
        skip: tags that are passed over with all that is in them.
        cut: elements that are passed over.
    """
    walk = _Walk(root)
    add = walk.add
    kind_of = _KINDS if skip == FURNITURE_TAGS else _Kinds(skip)
    budget = MAX_ELEMENTS
    # what is open above the element: (children left, element, is it a block, link, style)
    stack: list[tuple[Iterator[Any], Any, bool, Any, int]] = []
    children = iter(root)
    element, is_block, link, style = root, True, None, 0
    if root.text and not root.text.isspace():
        add(root.text)
    while budget > 0 and walk.chars < MAX_CHARS and len(walk.blocks) < MAX_BLOCKS:
        for child in children:
            budget -= 1
            if budget < 0:
                break
            kind = kind_of[child.tag]
            if cut and child in cut:
                pass
            elif kind <= _BLOCK:
                tag = child.tag
                if len(child):
                    stack.append((children, element, is_block, link, style))
                    element, link, style = child, walk.link, walk.style
                    is_block = kind == _BLOCK
                    if is_block:
                        walk.enter(child, tag)
                    else:
                        walk.inline(child, tag)
                    children = iter(child)
                    text = child.text
                    if text and (walk.line or not text.isspace()):
                        add(text)
                    break
                if kind == _BLOCK:
                    walk.leaf(child, tag)
                    if len(walk.blocks) >= MAX_BLOCKS or walk.chars >= MAX_CHARS:
                        break
                else:
                    outer = walk.link, walk.style
                    walk.inline(child, tag)
                    text = child.text
                    if text and (walk.line or not text.isspace()):
                        add(text)
                    walk.link, walk.style = outer
            elif kind == _BREAK_TAG:
                walk.line_break()
            elif kind == _MEDIA:
                before = len(walk.blocks) + (walk.line > 0)
                walk.media.append(Medium(child, walk.context, before))
            text = child.tail
            if text and (walk.line or not text.isspace()):
                add(text)
        else:
            if is_block:
                walk.leave()
            walk.link, walk.style = link, style
            if not stack:
                break
            text = element.tail
            children, element, is_block, link, style = stack.pop()
            if text and (walk.line or not text.isspace()):
                add(text)
    _close_all(walk)
    return Blocks(walk.blocks, walk.contexts, walk.media)


class _Kinds(dict[Any, int]):
    """What is done with an element, by its tag; elements of our own invention are blocks."""

    def __init__(self, skip: frozenset[str]) -> None:
        super().__init__(dict.fromkeys(_INLINE_TAGS, _INLINE), br=_BREAK_TAG)
        self.update(dict.fromkeys(_BLOCK_TAGS, _BLOCK))
        self.update(dict.fromkeys(_SKIP_TAGS | skip, _PASSED))
        self.update(dict.fromkeys(_MEDIA_TAGS, _MEDIA))

    def __missing__(self, tag: Any) -> int:
        if not isinstance(tag, str):
            return _PASSED
        return _BLOCK if "-" in tag else _INLINE


_KINDS = _Kinds(FURNITURE_TAGS)


def _close_all(walk: _Walk) -> None:
    """Close what is still open where a page is too long to be read to its end."""
    walk.flush()
    context: Context | None = walk.context
    while context is not None:
        context.end = len(walk.blocks)
        context = context.parent
