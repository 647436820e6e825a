"""Fold text so that spellings of one thing compare equal, in three levels.

``display`` mends what is broken and changes nothing a writer chose. ``identity`` is for hashing:
display without harakat, tatweel, digit style, Latin case and punctuation; letters stay different.
``search`` is loose: the forms of alef, hamza on its seats, ى/ي, ة/ه and Latin accents fall
together. Each level is idempotent and looser than the one before. Signs between digits count
(1.5 is not 15, 3-1 is not 31), word borders stay. No dictionary, no transliteration, clitics stay.
"""

from typing import Literal

from aggregator.arabic.mend import mend
from aggregator.arabic.quick import quickly_reduced
from aggregator.arabic.reduce import reduced

Level = Literal["display", "identity", "search"]


def fold(text: str, level: Level) -> str:
    """Return ``text`` folded to ``level``.

    Args:
        text: any string; hostile ones cost no more than linear time.
        level: ``display``, ``identity`` or ``search``.

    Raises:
        ValueError: another level.

    >>> fold("الـقـاهـرة ، ٢٠٢٥", "display")
    'القاهرة، ٢٠٢٥'
    >>> fold("الـقـاهـرة ، ٢٠٢٥", "identity")
    'القاهرة 2025'
    >>> fold("الـقـاهـرة ، ٢٠٢٥", "search")
    'القاهره 2025'
    """
    if level == "display":
        return mend(text)
    if level not in ("identity", "search"):
        raise ValueError(f"no such level: {level}")
    loose = level == "search"
    quick = quickly_reduced(text, loose=loose)
    return reduced(mend(text), loose=loose) if quick is None else quick
