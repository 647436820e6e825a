"""The pieces a text is cut into before phrases are sought: one word each, with what it may do.

Every language brings its pieces in the same shape, so that counting and choosing know none.
"""

from collections.abc import Sequence
from dataclasses import dataclass

#: How a piece stands before the next word: the phrase goes on, may end, ends.
GOES_ON, MAY_END, ENDS = 0, 1, 2


@dataclass(slots=True)
class Piece:
    """One word of a text.

    Attributes:
        start: where the word begins in the text, behind what is glued to its front.
        end: where it ends.
        line: 0 for the title, then the number of the paragraph.
        word: what it is compared by at the front of a phrase.
        inner: what it is compared by inside a phrase, glued letters and all.
        front: letters to show before it (the article that للـ swallows).
        lead: glued conjunction or preposition.
        joined: whether it may stand in one phrase with the piece before it.
        opens: whether a phrase may begin here, as far as the words before tell.
        closes: ``GOES_ON``, ``MAY_END`` or ``ENDS``.
        first: whether such a word may begin a phrase.
        last: whether it may end one.
        single: whether it says something alone.
        weight: 1 for a plain word, more for a name, less for a general word.
        light: a word in front of what the phrase is about (deverbal noun, person's title).
        turns: begins an apposition: the name behind "the French president".
        definite: carries an article.
        heads: begins the names of bodies, places or events.
        describes: can describe the definite word before it, as far as its form tells.
    """

    start: int
    end: int
    line: int
    word: str
    inner: str
    front: str = ""
    lead: str = ""
    joined: bool = False
    opens: bool = True
    closes: int = ENDS
    first: bool = True
    last: bool = True
    single: bool = True
    weight: float = 1.0
    light: bool = False
    turns: bool = False
    definite: bool = False
    heads: bool = False
    describes: bool = False


Key = tuple[str, ...]


def key_at(pieces: Sequence[Piece], at: int, size: int) -> Key:
    """Return what the phrase of ``size`` pieces at ``at`` is compared by."""
    return (pieces[at].word, *[piece.inner for piece in pieces[at + 1 : at + size]])


def shown(text: str, pieces: Sequence[Piece], at: int, size: int) -> str:
    """Return the phrase as the text writes it, without what is glued to its front."""
    first = pieces[at]
    if size == 1:
        return first.front + text[first.start : first.end]
    return first.front + " ".join(text[first.start : pieces[at + size - 1].end].split())
