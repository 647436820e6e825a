"""Cards: boxes that hold a linked headline and a summary below it.

A list of articles with their summaries reads like a text of many short paragraphs; what tells it
apart is that each paragraph has a headline of its own, which leads elsewhere.
"""

from collections.abc import Sequence

from aggregator.extract.pieces import Block, Blocks, Context

#: fewer boxes are no list
LEAST_CARDS = 5
#: a list beside a text has so many, and hardly anything else
LEAST_BESIDE, PURE = 3, 0.8
#: a shorter text is no summary
LEAST_SUMMARY = 60
#: a box of more blocks is a section; a shorter link is no headline
MOST_BLOCKS, LEAST_HEADLINE = 8, 15


def share_in_cards(page: Blocks, kept: Sequence[Block]) -> float:
    """Return the share of the kept text that stands in the commonest kind of card, 0 to 1."""
    if len(kept) < LEAST_CARDS:
        return 0.0
    cards: dict[int, bool] = {}
    sizes: dict[tuple[str, str], int] = {}
    boxes: dict[tuple[str, str], set[int]] = {}
    for block in kept:
        card = _card(page, block, cards)
        if card is not None:
            boxes.setdefault(card.key, set()).add(id(card))
            sizes[card.key] = sizes.get(card.key, 0) + len(block.text)
    most = max((sizes[key] for key, found in boxes.items() if len(found) >= LEAST_CARDS), default=0)
    return most / sum(len(block.text) for block in kept)


def _card(page: Blocks, block: Block, cards: dict[int, bool]) -> Context | None:
    """Return the box with a linked headline in which the block stands, one or two levels up."""
    box = block.context.parent
    for _ in range(2):
        if box is None or box.end - box.start > MOST_BLOCKS:
            return None
        known = cards.get(id(box))
        if known is None:
            known = cards[id(box)] = any(
                len(each.text) >= LEAST_HEADLINE and each.link >= 0.9 * len(each.text)
                for each in page.blocks[box.start : box.end]
            )
        if known:
            return box
        box = box.parent
    return None


def lists_of_cards(page: Blocks) -> list[Context]:
    """Return the boxes that hold cards and hardly anything else."""
    lists: dict[int, Context] = {}
    held: dict[int, int] = {}
    counts: dict[int, int] = {}
    last = -1
    for block in page.blocks:
        if block.index < last or len(block.text) < LEAST_HEADLINE:
            continue
        if block.link < 0.9 * len(block.text):
            continue
        card = block.context
        if card.end - card.start < 2 and card.parent is not None:
            card = card.parent
        size = card.end - card.start
        if not (2 <= size <= MOST_BLOCKS // 2 and _sums_up(page.blocks[card.start : card.end])):
            continue
        last = card.end
        above = card.parent
        while above is not None and above.end - above.start == size:
            above = above.parent
        if above is not None:
            lists[id(above)] = above
            held[id(above)] = held.get(id(above), 0) + size
            counts[id(above)] = counts.get(id(above), 0) + 1
    return [
        context
        for name, context in lists.items()
        if counts[name] >= LEAST_BESIDE and held[name] >= PURE * (context.end - context.start)
    ]


def _sums_up(blocks: Sequence[Block]) -> bool:
    return any(
        len(block.text) >= LEAST_SUMMARY and block.link < 0.5 * len(block.text) for block in blocks
    )
