"""Display form: mend what is broken in a text and change nothing its writer chose.

Mended: presentation forms, text in visual order, controls and invisible signs, blanks, tatweel that
only stretches a word, Farsi letters in Arabic text. Kept: letters, hamza, harakat, digits and
punctuation as written; tatweel where spelling asks for it; joiners in emoji; the letters and
non-joiners of Persian, Urdu and their kin.
"""

import re
import unicodedata

from aggregator.arabic.forms import FORMS, plain_letters, reading_order
from aggregator.arabic.marks import (
    BLANKS,
    DROPPED,
    JOINERS,
    clear,
    single_blanks,
    without_non_joiner,
)
from aggregator.arabic.ranges import outside
from aggregator.arabic.script import OTHER_LANGUAGES, OTHER_LETTERS, script_language

_TATWEEL = "\u0640"
#: Ya, kaf and the non-joiner as Persian writes them: right or wrong by the language of the text.
_PERSIAN = "یک\u200c"
#: Letters of Urdu and Sindhi that a wrong keyboard puts into Arabic words.
_STRAY = str.maketrans("ھہۃڪ", "ههةك")
_ODD = re.compile(outside(f"{BLANKS}{DROPPED}{JOINERS}{FORMS}{_TATWEEL}یکھہۃڪ"))
_FORM = re.compile(f"[{FORMS}]")


def mend(text: str, language: str | None = None) -> str:
    """Return the display form of ``text``.

    Args:
        text: any string.
        language: BCP 47; Persian and its kin keep their letters. None: judged by the text.
    """
    if _ODD.search(text):
        text = _mend_odd(text, language)
    if "\u0649\u0654" in text:
        text = text.replace("\u0649\u0654", "\u0626")
    return single_blanks(reading_order(unicodedata.normalize("NFC", text)))


def _mend_odd(text: str, language: str | None) -> str:
    odd = set(_ODD.findall(text))
    if any(_FORM.match(sign) for sign in odd):
        text = plain_letters(text)
        odd = set(_ODD.findall(text))
    text = unicodedata.normalize("NFC", clear(text, odd))
    if _TATWEEL in text:
        text = _TATWEELS.sub(_kept_tatweel, text)
        if "\u200c" in odd:  # a tatweel may have stood between it and a letter
            text = clear(text, {"\u200c"})
    if any(letter in odd for letter in "ھہۃڪ") and not OTHER_LETTERS.search(text):
        text = text.translate(_STRAY)
    if any(letter in odd for letter in _PERSIAN) and not _is_other_language(text, language):
        text = without_non_joiner(text).replace("ی", "ي").replace("ک", "ك")
    return text


def _is_other_language(text: str, language: str | None) -> bool:
    if language is not None and language.split("-")[0].lower() in OTHER_LANGUAGES:
        return True
    return script_language(text) in OTHER_LANGUAGES


_LETTER = "\u0620-\u063f\u0641-\u065f\u066e-\u06d3\u06d5-\u06ef\u06fa-\u06ff\u0750-\u077f"
_TATWEELS = re.compile(f"{_TATWEEL}[{_TATWEEL}\u200c]*")
#: One letter, or the article with what may stand before it: لـ«…», بـ20, الـ20, هـ.
_PREFIX = re.compile(f"(?<![{_LETTER}])(?:[\u0621-\u064a]|[وف]?[بكل]?ال|[وف]?لل|[وف][بكلا])$")
_IS_LETTER = re.compile(f"[{_LETTER}]")


def _kept_tatweel(run: re.Match[str]) -> str:
    """Return what a run of tatweel leaves: one where spelling asks for it, else nothing."""
    text, start, end = run.string, run.start(), run.end()
    before, after = text[max(0, start - 6) : start], text[end : end + 1]
    if after and _IS_LETTER.match(after):
        # Alone before a mark it carries it: ـُ.
        alone = not before or not _IS_LETTER.match(before[-1])
        return _TATWEEL if alone and unicodedata.combining(after) else ""
    if _PREFIX.search(before):
        return _TATWEEL
    # A single one between blanks is a dash of old keyboards; a longer one is an ornament.
    alone = not before or before[-1] == " "
    return _TATWEEL if alone and end - start == 1 else ""
