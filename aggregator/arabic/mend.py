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
    few_marks,
    single_blanks,
    without_non_joiner,
)
from aggregator.arabic.ranges import outside
from aggregator.arabic.reduce import SPELLED_OUT
from aggregator.arabic.script import OTHER_LANGUAGES, OTHER_LETTERS, script_language

_TATWEEL = "\u0640"
#: Ya, kaf and the non-joiner as Persian writes them: right or wrong by the language of the text.
_PERSIAN = "یک\u200c"
#: Letters of Urdu and Sindhi that a wrong keyboard puts into Arabic words.
_STRAY = str.maketrans("ھہۃڪ", "ههةك")
_ODD = re.compile(outside(f"{BLANKS}{DROPPED}{JOINERS}{FORMS}{_TATWEEL}یکھہۃڪ"))
_FORM = re.compile(f"[{FORMS}]")


def mend(text: str, language: str | None = None, *, thorough: bool = False) -> str:
    """Return the display form of ``text``.

    Args:
        text: any string.
        language: BCP 47; Persian and its kin keep their letters. None: judged by the text.
        thorough: see ``forms.reading_order``.
    """
    text = _in_order(few_marks(text), language)
    turned = reading_order(text, thorough=thorough)
    # Signs have other neighbours then: what is composed or dropped is looked at again.
    return single_blanks(text if turned == text else _in_order(turned, language))


def _in_order(text: str, language: str | None) -> str:
    if _ODD.search(text):
        text = _mend_odd(text, language)
    if "\u0649\u0654" in text:
        text = text.replace("\u0649\u0654", "\u0626")
    return unicodedata.normalize("NFC", text)


def _mend_odd(text: str, language: str | None) -> str:
    odd = set(_ODD.findall(text))
    if any(_FORM.match(sign) for sign in odd):
        text = plain_letters(text)
        odd = set(_ODD.findall(text))
    text = unicodedata.normalize("NFC", clear(text, odd))
    if _TATWEEL in text:
        text = _without_stretching(text)
        if "\u200c" in odd:  # a tatweel may have stood between it and a letter
            text = clear(text, {"\u200c"})
    if any(letter in odd for letter in "ھہۃڪ") and not _spells_with_stray(text, language):
        text = text.translate(_STRAY)
    if any(letter in odd for letter in _PERSIAN) and not _is_other_language(text, language):
        text = without_non_joiner(text).replace("ی", "ي").replace("ک", "ك")
    return text


def _spells_with_stray(text: str, language: str | None) -> bool:
    """Whether these letters are at home in ``text``.

    Judged as the text stands after folding, so that a folded text is judged alike.
    """
    if OTHER_LETTERS.search(text):
        return True
    for sign, spelled in SPELLED_OUT.items():
        text = text.replace(sign, spelled)
    return _is_other_language(_FOLDED_AWAY.sub("", text), language)


_FOLDED_AWAY = re.compile(
    "[\u0610-\u061a\u0640\u064b-\u065f\u0670\u06d6-\u06ed\u08ca-\u08ff\u200c]"
)


def _is_other_language(text: str, language: str | None) -> bool:
    if language is not None and language.split("-")[0].lower() in OTHER_LANGUAGES:
        return True
    return script_language(text) in OTHER_LANGUAGES


_BASE = (
    "\u0620-\u063f\u0641-\u064a\u066e\u066f\u0671-\u06d3\u06d5\u06e5\u06e6\u06ee\u06ef"
    "\u06fa-\u06ff\u0750-\u077f"
)
_MARK = "\u064b-\u065f\u0670\u06d6-\u06e4\u06e7-\u06ed"
_RUN = re.compile(f"{_TATWEEL}[{_TATWEEL}\u200c]*")
_IS_BASE, _IS_MARK = re.compile(f"[{_BASE}]"), re.compile(f"[{_MARK}]")
_MARKS = re.compile(f"[{_MARK}][{_MARK}{_TATWEEL}\u200c]*")
#: One letter, or the article with what may stand before it: لـ«…», بـ20, الـ20, هـ.
_PREFIX = re.compile(f"(?<![{_BASE}{_MARK}])(?:[\u0621-\u064a]|[وف]?[بكل]?ال|[وف]?لل|[وف][بكلا])$")


def _without_stretching(text: str) -> str:
    return _RUN.sub(_kept_tatweel, _RUN.sub(_not_stretching, text))


def _not_stretching(run: re.Match[str]) -> str:
    """Return a run of tatweel unless it stretches a word.

    Before a letter it does; before a mark it does if that belongs to a letter further back.
    """
    text, end = run.string, run.end()
    if _IS_BASE.match(text, end):
        return ""
    before = text[max(0, run.start() - 6) : run.start()]
    owned = _IS_BASE.match(before[-1:]) or _IS_MARK.match(before[-1:])
    marks = _MARKS.match(text, end)
    if not (owned and marks):
        return run.group()
    # لـِ«…» is a prefix with its mark behind the tatweel, unless its word goes on.
    is_prefix = _PREFIX.search(before) and not _IS_BASE.match(text, marks.end())
    return run.group() if is_prefix else ""


def _kept_tatweel(run: re.Match[str]) -> str:
    """Return what a run of tatweel before no letter leaves: one where spelling asks for it."""
    text, start, end = run.string, run.start(), run.end()
    before, after = text[max(0, start - 6) : start], text[end : end + 1]
    if (after and unicodedata.combining(after)) or _PREFIX.search(before):
        return _TATWEEL  # it carries the mark, ـُ, or ends the prefix
    # A single one between blanks is a dash of old keyboards; a longer one is an ornament.
    alone = not before or before[-1] == " "
    return _TATWEEL if alone and end - start == 1 else ""
