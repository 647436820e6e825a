"""The body of an article, out of any news page.

A source's own selectors come first. Without them, or where they find nothing, the page is cut into
blocks (``blocks.py``), each is measured (``features.py``) and judged by trees (``judging.py``), and
the set of blocks is kept that promises the best balance of missed and foreign text
(``choosing.py``).

Pure: the shared tree is only read. Never an exception, linear in the page, bounded by the limits of
``blocks.py``.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from aggregator.arabic import display
from aggregator.extract import markup
from aggregator.extract import selectors as rules
from aggregator.extract.blocks import segment
from aggregator.extract.cards import share_in_cards
from aggregator.extract.choosing import chosen
from aggregator.extract.document import Document
from aggregator.extract.furniture import KINDS, furniture, is_call
from aggregator.extract.hints import BITS
from aggregator.extract.judging import Reading, read_page
from aggregator.extract.pieces import Block, Blocks
from aggregator.types import Image

#: a body of fewer characters may be only a teaser
THIN_CHARS = 300

_FOREIGN = (
    BITS["related"] | BITS["share"] | BITS["comment"] | BITS["newsletter"] | BITS["tags"]
    | BITS["nav"]
)  # fmt: skip
_NAMED = frozenset(
    KINDS.index(kind) for kind in ("also", "share", "subscribe", "tags", "ad", "skip", "comment")
)
_ALSO = KINDS.index("also")


@dataclass(frozen=True, slots=True)
class Body:
    """The body of an article.

    Attributes:
        paragraphs: plain display text, one each: paragraphs, headings, list items, rows of tables.
        html: the same as allow-listed HTML with absolute addresses.
        images: the pictures inside it, in order.
        origin: ``selector`` or ``generic``.
        sure: 0 to 1, the expected balance (F1) of missed and foreign text.
        density: share of the page's text outside of menus that is in links.
        share: share of the page's text outside of menus that is in the body.
        linked: share of the body's text that is in links.
        carded: share of the body's text in boxes of one template, each with a linked headline.
    """

    paragraphs: tuple[str, ...] = ()
    html: str = ""
    images: tuple[Image, ...] = ()
    origin: str = "generic"
    sure: float = 0.0
    density: float = 0.0
    share: float = 0.0
    linked: float = 0.0
    carded: float = 0.0


EMPTY = Body()


def extract_body(
    doc: Document,
    *,
    selectors: Iterable[str] = (),
    remove: Iterable[str] = (),
    title: str | None = None,
) -> Body:
    """Return the body of the page; an empty one where there is no text.

    Args:
        doc: the page.
        selectors: CSS or XPath in order of trust; the first that finds text wins.
        remove: what to cut out of the body, selected in the same way.
        title: the article's title: its repetition is no paragraph.
    """
    cut = frozenset(
        node for rule in remove for node in rules.nodes(doc, (rule,)) if not isinstance(node, str)
    )
    for rule in selectors:
        kept = _selected(doc, rule, cut, title)
        if kept:
            return _finish(doc, kept, None, origin="selector", sure=1.0)
    reading = read_page(doc, title, cut)
    if not reading.page.blocks:
        return EMPTY
    numbers, sure = chosen(reading)
    kept = [reading.page.blocks[i] for i in numbers]
    return _finish(doc, kept, reading, origin="generic", sure=sure)


def thin(body: Body) -> bool:
    """Whether the body may be only a teaser, so that another version is worth a request."""
    return sum(map(len, body.paragraphs)) < THIN_CHARS


def _selected(doc: Document, rule: str, cut: frozenset[Any], title: str | None) -> list[Block]:
    """Return the blocks below what a source's selector finds, without furniture."""
    kept: list[Block] = []
    taken: set[Any] = set()
    wanted = " ".join((title or "").lower().split())
    for node in rules.nodes(doc, (rule,)):
        if isinstance(node, str) or node in cut:
            continue
        if any(above in taken or above in cut for above in node.iterancestors()):
            continue
        taken.add(node)
        start = len(kept)
        for block in segment(node, cut=cut, skip=frozenset(("nav",))).blocks:
            if not _is_foreign(block) and block.text.lower() != wanted:
                block.index += start
                kept.append(block)
    return kept


def _is_foreign(block: Block) -> bool:
    """Whether a block inside a source's own selection is furniture all the same."""
    text = block.text
    density = block.link / len(text)
    if density > 0.6 and block.context.above & _FOREIGN:
        return True
    if is_call(text):
        return True
    kind = furniture(text)
    if kind == _ALSO:
        return density > 0.3 or len(text) < 120
    return kind in _NAMED and len(text) < 80 and (density > 0.3 or len(text) < 30)


def _finish(
    doc: Document,
    kept: Sequence[Block],
    reading: Reading | None,
    *,
    origin: str,
    sure: float,
) -> Body:
    language = doc.language or (doc.source.language if doc.source else None) or "ar"
    shown = paragraphs(kept, language)
    if not shown:
        return EMPTY
    density = share = 0.0
    page = reading.page if reading else Blocks(list(kept), [], [])
    written = markup.write(page, kept, doc, language)
    if reading:
        root = reading.page.contexts[0]
        density = root.links / (root.total or 1.0)
        share = sum(map(len, shown)) / (root.total or 1.0)
    return Body(
        paragraphs=shown,
        html=written.html,
        images=written.images,
        origin=origin,
        sure=sure,
        density=density,
        share=share,
        linked=sum(block.link for block in kept) / sum(len(block.text) for block in kept),
        carded=share_in_cards(page, kept) if reading else 0.0,
    )


def paragraphs(kept: Sequence[Block], language: str) -> tuple[str, ...]:
    """Return the blocks as plain display text; the cells of a row of a table are one paragraph."""
    found: list[str] = []
    row: Any = None
    cell: Any = None
    for block in kept:
        shown = _display(block, language)
        if not shown:
            continue
        context = block.context
        current = context.parent if context.tag in ("td", "th") and len(block.text) < 200 else None
        if current is not None and current is row and context is not cell and found:
            found[-1] = f"{found[-1]} | {shown[0]}"
            shown = shown[1:]
        row, cell = current, context
        found += shown
    return tuple(found)


def _display(block: Block, language: str) -> list[str]:
    """Return the display text of a block; its lines apart where they are long."""
    text = block.text
    lines = [text]
    if "\n" in text:
        lines = text.split("\n")
        if max(map(len, lines)) < 60:
            lines = [" ".join(lines)]
    return [shown for line in lines if (shown := display(line, language).text)]
