"""What is measured of each block of a page: the row of numbers on which ``model.py`` decides.

A row says what the block is (size, links, punctuation, tag), what stands around it (words in class
and id, the blocks before and after) and where it stands to the part of the page that holds most of
the running text. No word of a language counts, save the phrases of ``furniture.tsv``. The order of
``NAMES`` is the order of a row; a change of either needs a new training (``bench/train_body.py``).
"""

from collections.abc import Sequence
from typing import Any, NamedTuple

from aggregator.extract.furniture import furniture
from aggregator.extract.hints import BITS
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
)

_POINTS, _FAR_POINTS = ".,;:!?", "،؛؟。、！？；…।"
_ENDS = tuple(".!?…؟。！？।\"”»'’)]")
_TAG_ORDER = (
    "p", "div", "li", "td", "h1", "h2", "h3", "h4", "h5", "h6", "blockquote", "section",
    "article", "figcaption", "dd", "dt", "span", "body", "pre", "address", "header", "footer",
    "aside", "th", "main", "a",
)  # fmt: skip
_TAG_NUMBERS = {tag: float(number) for number, tag in enumerate(_TAG_ORDER, 1)}
_FLAGS = (
    IN_ARTICLE, IN_MAIN, IN_ASIDE, IN_HEADER, IN_FORM, IN_FIGURE, IN_CAPTION, IN_LIST, IN_QUOTE,
    IN_TABLE, IN_BODY_PROP, IN_HIDDEN, IN_HEADING, IN_P,
)  # fmt: skip
_NEAR = (
    "thing", "matter", "body", "main", "title", "lead", "caption", "credit", "byline", "date",
    "related", "share", "comment", "newsletter", "header", "sidebar", "ad", "tags", "paywall",
    "media", "hidden", "card", "box", "quote", "correction",
)  # fmt: skip
_INNER = (
    "thing", "matter", "body", "lead", "caption", "byline", "date", "related", "share", "comment",
    "newsletter", "header", "sidebar", "ad", "tags", "media", "hidden", "card", "box", "quote",
)  # fmt: skip
_NEAR_BITS = tuple(BITS[name] for name in _NEAR)
_INNER_BITS = tuple(BITS[name] for name in _INNER)
_DOUBTFUL = (
    BITS["comment"] | BITS["cookie"] | BITS["footer"] | BITS["nav"] | BITS["related"]
    | BITS["hidden"] | BITS["newsletter"] | BITS["sidebar"]
)  # fmt: skip
_OUTSIDE = IN_NAV | IN_FOOTER | IN_FORM
_MEDIA_TAGS = frozenset(("img", "picture", "noscript", "video", "iframe"))
#: a page with less running text is measured as a whole
FEW_GOOD = 600
#: what counts as short, in characters, and as far from running text, in blocks
SHORT, FAR = 60, 12
#: longer texts are no furniture
LONG = 400
#: scripts without blanks say more with a character; a block of them counts so much longer
_WIDE = 2.2

NAMES = (
    "size", "plain", "density", "punctuation", "rate", "kind", "links", "bold", "ends",
    "broken", "tag", "depth", "below", "meeting", "position", "h1",
    "has_h1", "from_first", "to_last", "share_first", "own_good", "own_total", "up_good",
    "up_density", "up2_good", "up2_density", "own_blocks", "up_blocks", "body_good", "body_total",
    "prev_size", "prev_density", "prev_kind", "prev_good", "next_size", "next_density",
    "next_kind", "next_good", "prev2_size", "prev2_density", "prev2_good", "next2_size",
    "next2_density", "next2_good", "like_count", "like_good", "like_rate", "repeated", "own_index",
    "own_left", "up_index", "up_left",
    "link_end", "like_next", "like_prev", "next_tag", "prev_tag", "media_before", "media_after",
    "twin", "h1s", "h1s_since", "after", "before", "furniture",
    *(f"flag_{number}" for number in range(len(_FLAGS))),
    *(f"near_{name}" for name in _NEAR),
    *(f"inner_{name}" for name in _INNER),
)  # fmt: skip


class _Sign(NamedTuple):
    """What is seen of a block alone."""

    size: float
    density: float
    punctuation: int
    kind: int
    good: float


class Measured(NamedTuple):
    """The rows of a page's blocks.

    Attributes:
        rows: one for each of ``candidates``.
        candidates: the blocks that may belong to a body, by number; the others are menus.
        sizes: of all blocks, in characters.
        kinds: what all blocks say they are, as ``furniture`` numbers it.
        body: the part of the page that holds most of the running text.
    """

    rows: list[list[float]]
    candidates: list[int]
    sizes: list[float]
    kinds: list[int]
    body: Context


_NOTHING = _Sign(0.0, 0.0, 0, 0, 0.0)
_flag_rows: dict[int, list[float]] = {}
_near_rows: dict[tuple[int, int, int], list[float]] = {}
_inner_rows: dict[int, list[float]] = {}


def measure(page: Blocks) -> Measured:
    """Return the rows of all blocks of a page, in order."""
    blocks, contexts = page.blocks, page.contexts
    scale = _WIDE if _is_wide(blocks) else 1.0
    signs = [_sign(block, scale) for block in blocks]
    sums = _add_up(contexts, signs)
    body = likely_body(contexts, 0.5)
    relate(contexts, body)
    candidates = _candidates(blocks, signs)
    rows = _rows(page, signs, body, sums, candidates)
    sizes, kinds = [sign.size for sign in signs], [sign.kind for sign in signs]
    return Measured(rows, candidates, sizes, kinds, body)


def _candidates(blocks: Sequence[Block], signs: Sequence[_Sign]) -> list[int]:
    """Return the blocks that are worth measuring.

    Out go short links with no running text three levels around, and short texts far from any, where
    the page has running text at all: a third of a page's blocks, and one in 500 of its body's.
    """
    good = [i for i, sign in enumerate(signs) if sign.good > 0]
    if sum(signs[i].good for i in good) < FEW_GOOD:
        return list(range(len(blocks)))
    near = [False] * len(blocks)
    for i in good:
        near[max(0, i - FAR) : i + FAR + 1] = [True] * (
            min(len(near), i + FAR + 1) - max(0, i - FAR)
        )
    found = []
    for i, block in enumerate(blocks):
        sign = signs[i]
        if sign.size < SHORT:
            parent = block.context.parent or block.context
            if parent.good <= 0 and not near[i]:
                continue
            above = parent.parent or parent
            if sign.density > 0.9 and above.good <= 0:
                continue
        found.append(i)
    return found


def _is_wide(blocks: Sequence[Block]) -> bool:
    wide = long = 0
    for block in blocks:
        text = block.text
        if len(text) > 20:
            long += 1
            wide += not text.isascii() and len(text.encode("utf-8", "ignore")) > 2.4 * len(text)
    return wide * 2 > long


def _sign(block: Block, scale: float) -> _Sign:
    text = block.text
    size = len(text) * scale
    link = min(block.link * scale, size)
    density = link / size
    punctuation = sum(map(text.count, _POINTS))
    if not text.isascii():
        punctuation += sum(map(text.count, _FAR_POINTS))
    kind = furniture(text) if len(text) < LONG else 0
    plain = size - link
    good = 0.0
    flags = block.context.flags
    if plain >= 60 and density < 0.5 and not flags & _OUTSIDE:
        good = min(plain, 1000.0)
        if flags & (IN_ASIDE | IN_HIDDEN | IN_CAPTION):
            good *= 0.3
        if block.context.above & _DOUBTFUL:
            good *= 0.5
        if kind:
            good *= 0.4
        if not punctuation:
            good *= 0.5
    return _Sign(size, density, punctuation, kind, good)


def _add_up(contexts: Sequence[Context], signs: Sequence[_Sign]) -> tuple[float, float]:
    """Fill in what each context holds; return the page's good and total."""
    good, total, links = [0.0], [0.0], [0.0]
    for sign in signs:
        good.append(good[-1] + sign.good)
        total.append(total[-1] + sign.size)
        links.append(links[-1] + sign.size * sign.density)
    for context in contexts:
        start, end = context.start, context.end
        context.good = good[end] - good[start]
        context.total = total[end] - total[start]
        context.links = links[end] - links[start]
    return good[-1] or 1.0, total[-1] or 1.0


def likely_body(contexts: Sequence[Context], share: float) -> Context:
    """Return the lowest context to which each step down keeps ``share`` of the running text."""
    best: dict[int, Context] = {}
    for context in contexts[1:]:
        parent = id(context.parent)
        rival = best.get(parent)
        if rival is None or context.good > rival.good:
            best[parent] = context
    current = contexts[0]
    while True:
        below = best.get(id(current))
        if below is None or below.good <= 0 or below.good < share * current.good:
            return current
        current = below


def relate(contexts: Sequence[Context], body: Context) -> None:
    """Say of each context where it stands to the likely body."""
    height: dict[int, int] = {}
    keys: dict[int, tuple[str, str]] = {}
    step: Context | None = body
    while step is not None:
        height[id(step)] = len(height)
        keys[step.depth] = step.key
        step = step.parent
    for context in contexts:
        parent = context.parent
        levels = height.get(id(context))
        if levels is not None or parent is None:
            context.below = context.inner = context.twin = 0
            context.meeting = levels or 0
            continue
        context.below = parent.below + 1
        context.inner = parent.inner | context.mask
        context.meeting = parent.meeting
        context.twin = parent.twin
        if not context.twin and not parent.below and parent is not body:
            key = context.key
            if keys.get(context.depth) == key and (context.tag == "article" or key[1]):
                context.twin = 1 if context.start >= body.end else 2


def _fixed(block: Block) -> list[float]:
    """Return the part of a row that class names and tags give."""
    context = block.context
    parent = context.parent
    above = parent.parent if parent else None
    flags = context.flags
    flag_row = _flag_rows.get(flags)
    if flag_row is None:
        flag_row = _flag_rows[flags] = [1.0 if flags & bit else 0.0 for bit in _FLAGS]
    own = context.mask | block.marks
    near = (own, parent.mask if parent else 0, above.mask if above else 0)
    near_row = _near_rows.get(near)
    if near_row is None:
        first, second, third = near
        if len(_near_rows) > 20_000:
            _near_rows.clear()
        near_row = _near_rows[near] = [
            3.0 if first & bit else 2.0 if second & bit else 1.0 if third & bit else 0.0
            for bit in _NEAR_BITS
        ]
    inner = context.inner
    inner_row = _inner_rows.get(inner)
    if inner_row is None:
        if len(_inner_rows) > 20_000:
            _inner_rows.clear()
        inner_row = _inner_rows[inner] = [1.0 if inner & bit else 0.0 for bit in _INNER_BITS]
    return flag_row + near_row + inner_row


def _alike(blocks: Sequence[Block], signs: Sequence[_Sign]) -> list[list[float]]:
    """Return for each block count, good and size of those with the same template."""
    groups: dict[tuple[Any, Any], list[float]] = {}
    found = []
    for block, sign in zip(blocks, signs, strict=True):
        context = block.context
        key = (context.key, context.parent.key if context.parent else None)
        group = groups.get(key)
        if group is None:
            group = groups[key] = [0.0, 0.0, 0.0]
        group[0] += 1
        group[1] += sign.good
        group[2] += sign.size
        found.append(group)
    return found


def _rows(
    page: Blocks,
    signs: Sequence[_Sign],
    body: Context,
    sums: tuple[float, float],
    candidates: Sequence[int],
) -> list[list[float]]:
    blocks = page.blocks
    count = len(blocks)
    good, total = sums
    groups = _alike(blocks, signs)
    h1 = next((b.index for b in blocks if b.context.tag == "h1"), -1)
    inside = [b.index for b in blocks if not b.context.below and signs[b.index].good > 0]
    if not inside:
        inside = [i for i in range(body.start, body.end) if signs[i].good > 0]
    first, last = (inside[0], inside[-1]) if inside else (0, count)
    span = max(1, last - first)
    seen: dict[str, int] = {}
    media = _media_places(page)
    padded = [_NOTHING, _NOTHING, *signs, _NOTHING, _NOTHING]
    tags = [0.0, *(_TAG_NUMBERS.get(b.context.tag, 0.0) for b in blocks), 0.0]
    keys = [None, *(b.context.key for b in blocks), None]
    body_good, body_total = body.good / good, body.total / total
    rows = []
    h1_upto, furniture_upto = _seen_before(blocks, signs, first)
    for i in candidates:
        block = blocks[i]
        context, sign, group, text = block.context, signs[i], groups[i], block.text
        parent = context.parent or context
        above = parent.parent or parent
        size = sign.size
        before2, before, after, after2 = padded[i], padded[i + 1], padded[i + 3], padded[i + 4]
        h1s = h1_upto[i]
        low = text.lower()
        repeated = seen.get(low, 0)
        seen[low] = repeated + 1
        rows.append([
            size, size * (1 - sign.density), sign.density, sign.punctuation,
            sign.punctuation / size * 100, sign.kind, block.links, block.bold / len(text),
            text.endswith(_ENDS), block.broken, tags[i + 1], context.depth, context.below,
            context.meeting, i / count, i - h1 if h1 >= 0 else 999, h1 >= 0, i - first, last - i,
            (i - first) / span, context.good / good, context.total, parent.good / good,
            parent.links / (parent.total or 1), above.good / good, above.links / (above.total or 1),
            context.end - context.start, parent.end - parent.start, body_good, body_total,
            before.size, before.density, before.kind, before.good,
            after.size, after.density, after.kind, after.good,
            before2.size, before2.density, before2.good, after2.size, after2.density, after2.good,
            group[0], group[1] / good, group[1] / (group[2] or 1),
            repeated, i - context.start, context.end - 1 - i, i - parent.start,
            parent.end - 1 - i, block.runs[-1][1] is not None, keys[i + 2] == keys[i + 1],
            keys[i] == keys[i + 1], tags[i + 2], tags[i], _media(media.get(i), context),
            _media(media.get(i + 1), context), context.twin, h1s,
            h1s - h1_upto[first], max(0, i - body.end), max(0, body.start - i), furniture_upto[i],
            *_fixed(block),
        ])  # fmt: skip
    return rows


def _seen_before(
    blocks: Sequence[Block], signs: Sequence[_Sign], first: int
) -> tuple[list[int], list[int]]:
    """Return for each block how many h1, and how many named pieces of furniture, stand before."""
    h1s, furniture_seen = [0], [0]
    for i, (block, sign) in enumerate(zip(blocks, signs, strict=True)):
        h1s.append(h1s[-1] + (block.context.tag == "h1"))
        named = sign.kind and sign.size < 80 and i > first
        furniture_seen.append(furniture_seen[-1] + bool(named))
    return h1s, furniture_seen


def _media_places(page: Blocks) -> dict[int, list[Context]]:
    places: dict[int, list[Context]] = {}
    for medium in page.media:
        if medium.element.tag in _MEDIA_TAGS:
            places.setdefault(medium.before, []).append(medium.context)
    return places


def _media(contexts: list[Context] | None, context: Context) -> float:
    if not contexts:
        return 0.0
    parent = context.parent
    return 2.0 if any(c is context or c is parent for c in contexts[:20]) else 1.0
