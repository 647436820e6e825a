"""Which blocks of a page are none of its body, whatever the trees say of them.

Furniture that says its name, headlines and lines of the opening, addresses, what stands on the
page again and again, comments, the next articles of a page that goes on with them, captions of
galleries.
"""

import re
from collections import Counter
from collections.abc import Sequence

from aggregator.extract.cards import lists_of_cards
from aggregator.extract.furniture import KINDS, furniture, is_call
from aggregator.extract.hints import BITS
from aggregator.extract.judging import Reading
from aggregator.extract.opening import OPENING_BLOCKS, is_menu, is_opening_line, is_sentence
from aggregator.extract.pieces import IN_HEADING, Block, Context

#: a block of so many characters, not in links, is running text
LONG_CHARS = 120
#: a block of which more is link says nothing of its own
ALL_LINK = 0.8
#: a block of fewer characters that is all link stands for a section or a menu
SHORT_LINK = 30
#: a shorter block may well stand on a page several times; a longer one in so many places is a
#: teaser (one that a text itself repeats stands in one place)
TEASER, MOST_OFTEN = 30, 3
#: a gallery has so many pictures ("3/4" alone may stand in any text), and an article beside it so
#: many paragraphs
LEAST_PICTURES, LEAST_TOLD = 4, 3
#: a text beside lists of cards is so long for each character of theirs: updates of a live blog are
#: the text itself
BESIDE = 0.7

_COMMENT = BITS["comment"]
_ALSO = KINDS.index("also")
_AD = KINDS.index("ad")
_SMALL = frozenset((KINDS.index("share"), KINDS.index("rights")))
_COMMENTS = KINDS.index("comment")
_COMMENTS_LABEL = re.compile(
    r"\W*(?:\d+\W+)?(?:comments?|التعليقات|تعليقات(?: القراء| الزوار)?|آراء القراء|kommentare|"
    r"leserkommentare|commentaires|comentarios|نظرات(?: کاربران)?|yorumlar|תגובות|تبصرے)"
    r"(?:\W+\d+)?\W*",
    re.IGNORECASE,
)
_NEXT = re.compile(
    r"\W*(?:(?:الخبر|المقال|الموضوع) التالي|next (?:article|story)|article suivant|"
    r"nächster artikel|siguiente (?:artículo|noticia)|sonraki haber|خبر بعدی|הכתבה הבאה)\W*$",
    re.IGNORECASE,
)
_COUNTER = re.compile(r"(\d{1,3})\s?/\s?(\d{1,3})\b(?!\s?[/.-]\s?\d)")


def barred(reading: Reading) -> list[bool]:
    """Return which blocks are none of the body, whatever they look like."""
    title = reading.title.lower()
    looks = other_articles, _appended, _comments, _beside, _announced
    others = frozenset(
        i for look in looks for start, end in look(reading) for i in range(start, end)
    )
    start_of_text = _start_of_text(reading)
    shown = _foreign_galleries(reading)
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
            or (len(block.runs) > 1 and block.link > 0.2 * len(text) and _is_labelled(block))
            or is_call(text)
            or (kind == _AD and (" " not in text or (len(text) < 50 and text.isupper())))
            or (kind in _SMALL and len(text) < 80)
            or often[text] >= MOST_OFTEN
        )
        foreign = block.context.inner & _COMMENT or block.index in others
        before = start_of_text - OPENING_BLOCKS <= block.index < start_of_text and (
            (block.link > 0.6 * len(text) and (is_menu(text) or len(text) < SHORT_LINK))
            or is_opening_line(text, reading.title)
        )
        in_gallery = block.index in shown
        found.append(bool(address or repeated or furniture_said or foreign or before or in_gallery))
    return found


def _is_labelled(block: Block) -> bool:
    """Return whether a label to which a link clings says what it is: ``Lesen Sie auch<a …>``."""
    label, link, _ = block.runs[0]
    return link is None and len(label) < TEASER and furniture(label) == _ALSO


def _foreign_galleries(reading: Reading) -> frozenset[int]:
    """Return the places of galleries beside an article; a story told in pictures is one itself."""
    shown = in_galleries([block.text for block in reading.page.blocks])
    told = sum(
        _is_told(block) for block in reading.page.blocks if shown and block.index not in shown
    )
    if told >= LEAST_TOLD:
        return shown
    counts = (i for i in shown if _COUNTER.fullmatch(reading.page.blocks[i].text))
    return frozenset(counts)


def in_galleries(texts: Sequence[str]) -> frozenset[int]:
    """Return the places of the captions of galleries: from "1/50 …" to what follows "50/50 …".

    A gallery within an article shows other stories' pictures one at a time; its counters rise from
    one to their whole. Days of a month (1/11, 8/11, 15/11) hardly do.
    """
    found: set[int] = set()
    counters = [
        (i, int(match[1]), int(match[2]))
        for i, text in enumerate(texts)
        if (match := _COUNTER.match(text))
    ]
    run: list[tuple[int, int, int]] = []
    for each in [*counters, (len(texts), 0, 0)]:
        if run and each[2] == run[-1][2] and each[1] > run[-1][1]:
            run.append(each)
            continue
        if len(run) >= LEAST_PICTURES and run[0][1] == 1 and run[-1][1] == run[-1][2]:
            found.update(range(run[0][0], min(run[-1][0] + 2, len(texts))))
        run = [each]
    return frozenset(found)


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


def _appended(reading: Reading) -> list[tuple[int, int]]:
    """Return the ranges of articles that follow in the article's own box, without one of theirs.

    Each begins with a headline of the title's template, which a day or byline follows or a label
    ("next article") precedes; sections of a text begin with neither.
    """
    title = _title_block(reading)
    if title is None or title.context.parent is None:
        return []
    blocks = reading.page.blocks
    key, box = title.context.key, title.context.parent
    told = False
    for i in range(title.index + 1, min(box.end, len(blocks))):
        block = blocks[i]
        if block.context.key == key and told and (key[0] == "h1" or (key[0] == "h2" and key[1])):
            labelled = any(_NEXT.match(each.text) for each in blocks[max(0, i - 2) : i])
            if labelled or any(is_opening_line(each.text) for each in blocks[i + 1 : i + 3]):
                return [(i, box.end)]
        told = told or _is_told(block)
    return []


def _is_told(block: Block) -> bool:
    """Return whether a block is a paragraph of running text."""
    return len(block.text) >= LONG_CHARS and block.link < 0.3 * len(block.text)


def _beside(reading: Reading) -> list[tuple[int, int]]:
    """Return the ranges of lists of cards beside a text; where there is less text, they are it."""
    lists = [(context.start, context.end) for context in lists_of_cards(reading.page)]
    if not lists:
        return []
    blocks = reading.page.blocks
    listed = {i for start, end in lists for i in range(start, end)}
    told = [
        len(block.text)
        for block in blocks
        if block.index not in listed
        and (_is_told(block) or (is_sentence(block.text) and not block.link))
    ]
    enough = BESIDE * sum(len(blocks[i].text) - blocks[i].link for i in listed)
    return lists if len(told) >= LEAST_TOLD and sum(told) >= enough else []


def _comments(reading: Reading) -> list[tuple[int, int]]:
    """Return the range of a box behind the text that a label of comments heads."""
    title = _title_block(reading)
    if title is None:
        return []
    told = False
    for i, block in enumerate(reading.page.blocks[title.index + 1 :], title.index + 1):
        box = block.context.parent
        if (
            told
            and reading.measured.kinds[i] == _COMMENTS
            and box is not None
            and box.start >= i - 1
            and _COMMENTS_LABEL.fullmatch(block.text)
        ):
            return [(i, box.end)]
        told = told or _is_told(block)
    return []


def _announced(reading: Reading) -> list[tuple[int, int]]:
    """Return the ranges of links that follow a line "read also", to which they belong."""
    blocks = reading.page.blocks
    found: list[tuple[int, int]] = []
    for block, kind in zip(blocks, reading.measured.kinds, strict=True):
        if kind != _ALSO or len(block.text) >= TEASER or block.link:
            continue
        start = end = block.index + 1
        while end < len(blocks) and blocks[end].link > ALL_LINK * len(blocks[end].text):
            end += 1
        if end > start:
            found.append((start, end))
    return found


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
