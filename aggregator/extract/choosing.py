"""Which of a page's judged blocks are its body.

The set of blocks with the best expected balance of missed and foreign text; then what a reader
would miss in it: tables around which the text runs, and short blocks between two kept ones of which
the trees are in doubt. Measured by host (``bench/train_body.py``): text F1 0.962 without, 0.966
with these and with galleries barred.
"""

from collections.abc import Sequence
from itertools import pairwise

from aggregator.extract.barring import barred
from aggregator.extract.judging import Reading, likelihoods
from aggregator.extract.pieces import IN_CAPTION, IN_FIGURE, Block, Context

#: a table is found again by kept blocks so near before and after it, and by few links
NEAR, MOST_LINKS = 3, 0.3
#: a gap is at most so many blocks, each at most so long and at least so likely
GAP, MOST_CHARS, DOUBT = 3, 200, 0.3
#: a list is kept whole from so many kept items on
LEAST_ITEMS = 3
#: a block of so many characters that comes again elsewhere is a copy, and so much of a text in
#: copies is a text twice
COPY, COPIED = 60, 0.25


def chosen(reading: Reading) -> tuple[list[int], float]:
    """Return the blocks of the body, in order, and the balance (F1) that they promise."""
    likely = likelihoods(reading)
    return settled(reading, likely, barred(reading))


def settled(
    reading: Reading, likely: Sequence[float], bars: Sequence[bool]
) -> tuple[list[int], float]:
    """Do as :func:`chosen` with likelihoods from elsewhere."""
    kept, promise = choose(likely, reading.measured.sizes, bars)
    with_tables = {*kept, *_tables(reading, set(kept), bars)}
    whole = with_tables | _gaps(reading, sorted(with_tables), likely, bars)
    return _once(reading, sorted(whole | _items(reading, whole, bars))), promise


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


def _once(reading: Reading, kept: Sequence[int]) -> list[int]:
    """Return the blocks without their copies, where a page holds its text twice for two screens.

    A text itself may well repeat a line or a step of a recipe.
    """
    first: dict[str, Context | None] = {}
    copies: set[int] = set()
    whole = copied = 0
    for i in kept:
        block = reading.page.blocks[i]
        whole += len(block.text)
        parent = block.context.parent
        if len(block.text) >= COPY and first.setdefault(block.text, parent) is not parent:
            copies.add(i)
            copied += len(block.text)
    return [i for i in kept if i not in copies] if copied > COPIED * whole else list(kept)


def _tables(reading: Reading, kept: set[int], bars: Sequence[bool]) -> set[int]:
    """Return the blocks of tables with kept text of one parent before and after them."""
    found: set[int] = set()
    for table in reading.page.contexts:
        parent = table.parent
        if table.tag != "table" or parent is None or table.links >= MOST_LINKS * table.total:
            continue
        before = range(max(parent.start, table.start - NEAR), table.start)
        after = range(table.end, min(parent.end, table.end + NEAR))
        if not kept.isdisjoint(before) and not kept.isdisjoint(after):
            found.update(i for i in range(table.start, table.end) if not bars[i])
    return found


def _items(reading: Reading, kept: set[int], bars: Sequence[bool]) -> set[int]:
    """Return the items left over of lists of which most items are kept: none is picked out."""
    blocks = reading.page.blocks
    lists: dict[int, list[Block]] = {}
    for i in kept:
        if blocks[i].context.tag == "li":
            lists.setdefault(id(blocks[i].context.parent), []).append(blocks[i])
    found: set[int] = set()
    for own in lists.values():
        parent = own[0].context.parent
        if parent is None or len(own) < LEAST_ITEMS:
            continue
        beside = [block for block in blocks[parent.start : parent.end] if block.index not in kept]
        if len(beside) < len(own) and not any(bars[block.index] or block.link for block in beside):
            found.update(block.index for block in beside)
    return found


def _gaps(
    reading: Reading, kept: Sequence[int], likely: Sequence[float], bars: Sequence[bool]
) -> set[int]:
    """Return the doubtful blocks between two kept ones of which one is their sibling."""
    blocks = reading.page.blocks
    found: set[int] = set()
    for first, last in pairwise(kept):
        if not 1 < last - first <= GAP + 1:
            continue
        parents = blocks[first].context.parent, blocks[last].context.parent
        for i in range(first + 1, last):
            context = blocks[i].context
            if (
                likely[i] >= DOUBT
                and not bars[i]
                and len(blocks[i].text) <= MOST_CHARS
                and not context.flags & (IN_CAPTION | IN_FIGURE)
                and any(context.parent is parent for parent in parents)
            ):
                found.add(i)
    return found
