"""What a reader sees: text mended without touching what the writer chose."""

from dataclasses import dataclass

from aggregator.arabic.entities import undo_references
from aggregator.arabic.fold import mend
from aggregator.arabic.mojibake import is_lost, repair


@dataclass(frozen=True, slots=True)
class Display:
    """Display text.

    Attributes:
        text: legal XML 1.0 characters on one line; None where nothing readable is left.
        repaired: whether text decoded with a wrong character set was brought back.
    """

    text: str | None
    repaired: bool


def display(text: str, language: str = "ar") -> Display:
    """Return ``text`` as a reader should see it.

    Args:
        text: a title or a paragraph of plain text.
        language: BCP 47 tag of the text as far as it is known; Farsi letters stay in Persian, Urdu
            and their kin, also where the text alone shows that it is one of them.
    """
    plain = undo_references(text)
    plain, repaired = repair(plain)
    if is_lost(plain):
        return Display(None, repaired=False)
    shown = mend(plain, language)
    return Display(shown or None, repaired)
