"""What a reader sees: text mended without touching what its writer chose."""

from dataclasses import dataclass

from aggregator.arabic.calm import is_calm
from aggregator.arabic.entities import plain_text
from aggregator.arabic.mend import mend
from aggregator.arabic.mojibake import in_turkish, is_lost, repair


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
        text: a title or a paragraph of plain text; references and inline tags escaped once too
            often are undone.
        language: BCP 47 tag of the text as far as it is known; Farsi letters stay in Persian, Urdu
            and their kin, also where the text alone shows that it is one of them.

    >>> display("&amp;quot;أوبك&amp;quot; ترفع الإنتاج ، وتترقب").text
    '"أوبك" ترفع الإنتاج، وتترقب'
    """
    if is_calm(text) and (text.isascii() or not _is_turkish(language)):
        return Display(text, repaired=False)
    return _mended(text, language)


def _mended(text: str, language: str) -> Display:
    given = plain_text(text)
    plain, repaired = repair(given)
    if _is_turkish(language):
        plain = in_turkish(plain)
        repaired = plain != given
    if is_lost(plain):
        return Display(None, repaired=False)
    shown = mend(plain, language, thorough=True)
    return Display(shown or None, repaired and bool(shown))


def _is_turkish(language: str) -> bool:
    return language == "tr" or language.startswith("tr-")
