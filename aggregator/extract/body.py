"""The body of an article, out of any news page.

A source's own selectors come first. Without them, or where they find nothing, the page is cut into
blocks (``blocks.py``), each is measured (``features.py``) and judged by the trees of ``model.py``,
and the set of blocks is kept that promises the best balance of missed and foreign text.

Pure: the shared tree is only read. Never an exception, linear in the page, bounded by the limits of
``blocks.py``.
"""

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple

from aggregator.arabic import display
from aggregator.extract import markup, model
from aggregator.extract import selectors as rules
from aggregator.extract.blocks import IN_HEADING, Block, Blocks, Context, segment
from aggregator.extract.document import Document
from aggregator.extract.features import Measured, measure
from aggregator.extract.furniture import KINDS, furniture
from aggregator.extract.hints import BITS
from aggregator.extract.opening import is_menu, is_opening_line, is_sentence
from aggregator.types import Image

#: where less text than this is found outside of ``nav`` and ``footer``, it is sought inside as well
FEW_CHARS = 400
#: a body of fewer characters may be only a teaser
THIN_CHARS = 300
#: a block of so many characters, not in links, is running text
LONG_CHARS = 120
#: a block of fewer characters that is all link stands for a section or a menu
SHORT_LINK = 30
#: a shorter block may well stand on a page several times; a longer one in so many places is a
#: teaser (one that a text itself repeats stands in one place)
TEASER, MOST_OFTEN = 30, 3
#: how far above it the lines of its head stand
OPENING_BLOCKS = 8

_COMMENT = BITS["comment"]
_FOREIGN = (
    BITS["related"] | BITS["share"] | BITS["comment"] | BITS["newsletter"] | BITS["tags"]
    | BITS["nav"]
)  # fmt: skip
_NAMED = frozenset(
    KINDS.index(kind) for kind in ("also", "share", "subscribe", "tags", "ad", "skip", "comment")
)
_ALSO = KINDS.index("also")
_SMALL = frozenset((KINDS.index("share"), KINDS.index("rights")))


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
    """

    paragraphs: tuple[str, ...] = ()
    html: str = ""
    images: tuple[Image, ...] = ()
    origin: str = "generic"
    sure: float = 0.0
    density: float = 0.0
    share: float = 0.0
    linked: float = 0.0


EMPTY = Body()


class Reading(NamedTuple):
    """A page cut into blocks and measured, and the article's title, blanks folded."""

    page: Blocks
    measured: Measured
    title: str


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
    chosen, sure = choose(likelihoods(reading), reading.measured.sizes, barred(reading))
    kept = [reading.page.blocks[i] for i in chosen]
    return _finish(doc, kept, reading, origin="generic", sure=sure)


def thin(body: Body) -> bool:
    """Whether the body may be only a teaser, so that another version is worth a request."""
    return sum(map(len, body.paragraphs)) < THIN_CHARS


def read_page(doc: Document, title: str | None, cut: frozenset[Any] = frozenset()) -> Reading:
    """Return the page's blocks with their measures."""
    root = next(doc.root.iterchildren("body"), doc.root)
    page = segment(root, cut=cut)
    if sum(len(block.text) - block.link for block in page.blocks) < FEW_CHARS:
        page = segment(root, cut=cut, skip=frozenset())
    return Reading(page, measure(page), " ".join((title or "").split()))


def likelihoods(reading: Reading) -> list[float]:
    """Return for each block how likely it belongs to the body, 0 to 1."""
    found = [0.0] * len(reading.page.blocks)
    measured = reading.measured
    for number, p in zip(measured.candidates, model.probabilities(measured.rows), strict=True):
        found[number] = p
    return found


def barred(reading: Reading) -> list[bool]:
    """Return which blocks are none of the body, whatever they look like."""
    title = reading.title.lower()
    others = other_articles(reading)
    start_of_text = _start_of_text(reading)
    places = {
        (block.text, id(block.context.parent))
        for block in reading.page.blocks
        if len(block.text) >= TEASER
    }
    often = Counter(text for text, _ in places)
    found = []
    for block, kind in zip(reading.page.blocks, reading.measured.kinds, strict=True):
        text = block.text
        address = text.startswith(("http://", "https://", "www.")) and " " not in text
        repeated = block.context.flags & IN_HEADING and len(text) < 400 and text.lower() == title
        furniture_said = (
            (kind == _ALSO and (len(text) < TEASER or block.link > 0.2 * len(text)))
            or (kind in _SMALL and len(text) < 80)
            or often[text] >= MOST_OFTEN
        )
        foreign = block.context.inner & _COMMENT or any(
            start <= block.index < end for start, end in others
        )
        before = start_of_text - OPENING_BLOCKS <= block.index < start_of_text and (
            (block.link > 0.6 * len(text) and (is_menu(text) or len(text) < SHORT_LINK))
            or is_opening_line(text, reading.title)
        )
        found.append(bool(address or repeated or furniture_said or foreign or before))
    return found


def _start_of_text(reading: Reading) -> int:
    """Return the index of the first block that is surely running text."""
    return next(
        (
            block.index
            for block in reading.page.blocks
            if (len(block.text) >= LONG_CHARS or is_sentence(block.text))
            and block.link < 0.3 * len(block.text)
        ),
        0,
    )


def other_articles(reading: Reading) -> list[tuple[int, int]]:
    """Return the ranges of blocks in which the page goes on with other articles.

    Some pages append the next article to the one that was asked for. Theirs are the branches of
    the tree made by the same template as the likely body's, with a headline of the same kind of
    their own; the one with the page's title is the article.
    """
    contexts, blocks = reading.page.contexts, reading.page.blocks
    body = reading.measured.body
    twins = [c for c in contexts if c.twin and c.parent is not None and not c.parent.twin]
    if not twins:
        return []
    depths = {context.depth for context in twins}
    own: Context | None = body
    while own is not None and own.depth not in depths:
        own = own.parent
    title = _title_block(reading)
    if own is None or title is None:
        return []
    branches = [own, *(c for c in twins if c.depth == own.depth)]
    if not any(c.start <= title.index < c.end for c in branches):
        return []
    key = title.context.key
    return [
        (c.start, c.end)
        for c in branches
        if not c.start <= title.index < c.end
        and any(block.context.key == key for block in blocks[c.start : c.end])
    ]


def _title_block(reading: Reading) -> Block | None:
    """Return the block that shows the title, or else the first ``h1``."""
    title = reading.title.lower()
    first: Block | None = None
    for block in reading.page.blocks:
        if block.context.flags & IN_HEADING and len(block.text) < 400:
            if title and block.text.lower() == title:
                return block
            if first is None and block.context.tag == "h1":
                first = block
    return first


def choose(
    likely: Sequence[float], sizes: Sequence[float], bars: Sequence[bool]
) -> tuple[list[int], float]:
    """Return the blocks to keep and the balance (F1) that they promise.

    A set of blocks has the best expected F1 if it holds exactly those that are likelier than half
    of that F1; so the threshold is sought by repetition.
    """
    weighed = [
        (p * 0.1 if bar else p, size) for p, size, bar in zip(likely, sizes, bars, strict=True)
    ]
    expected = sum(p * size for p, size in weighed)
    threshold, promise = 0.45, 0.0
    for _ in range(8):
        right = whole = 0.0
        for p, size in weighed:
            if p > threshold:
                right += p * size
                whole += size
        promise = 2 * right / (whole + expected) if whole else 0.0
        threshold = min(0.5, max(0.2, promise / 2))
    return [i for i, (p, _) in enumerate(weighed) if p > threshold], promise


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
