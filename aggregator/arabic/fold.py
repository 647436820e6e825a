"""Fold text so that spellings of one thing compare equal, in three levels.

``display`` mends what is broken and changes nothing a writer chose. ``identity`` is for hashing:
display without harakat, tatweel, digit style, Latin case and punctuation; letters stay different.
``search`` is loose: the forms of alef, hamza on its seats, ى/ي, ة/ه and Latin accents fall
together. Each level is idempotent and looser than the one before. Signs between digits count
(1.5 is not 15), word borders stay.
"""

import re
import unicodedata
from typing import Literal

from aggregator.arabic.forms import logical_order, plain_letters
from aggregator.arabic.marks import tidy
from aggregator.arabic.script import script_language

Level = Literal["display", "identity", "search"]

#: Letters of other languages of the script, as they are found in Arabic by a wrong keyboard.
_FOREIGN = str.maketrans("یکھہەۃےڪې", "يكهههةيكي")
_HAS_FOREIGN = re.compile("[یکھہەۃےڪې\u200c]")

_LETTER = "\u0620-\u063f\u0641-\u065f\u066e-\u06d3\u06d5\u06ee\u06ef\u06fa-\u06ff"
_TATWEEL_RUN = re.compile("\u0640{2,}")
#: A tatweel that ends a one-letter prefix or the article, before what is no letter: لـ«…», الـ20.
_TATWEEL = re.compile("\u0640+")
_KEPT_AFTER = re.compile(
    "(?:^|[^\u0620-\u065f\u066e-\u06ff])(?:[وف]?[بكل]?ال|[وف]?لل|[وف]?[\u0620-\u064a])$"
)
_MARK = re.compile(
    "[\u0610-\u061a\u064b-\u065f\u0670\u06d6-\u06dc\u06df-\u06e4\u06e7\u06e8\u06ea-\u06ed\u08d3-\u08ff\u0591-\u05bd\u05bf\u05c1\u05c2\u05c4\u05c5\u05c7]+"
)


def mend(text: str, language: str | None = None) -> str:
    """Return the display form of ``text``; ``language`` None: judged by the text itself."""
    text = logical_order(text)
    text = plain_letters(text)
    text = tidy(text, keep_non_joiner=True)
    if "\u0640" in text:
        text = _tatweel(text)
    if _HAS_FOREIGN.search(text) and not _keeps_foreign(text, language):
        text = tidy(text).translate(_FOREIGN)
    return unicodedata.normalize("NFC", text)


def _keeps_foreign(text: str, language: str | None) -> bool:
    if language is not None and language.split("-")[0].lower() in _FARSI_LETTERS:
        return True
    return script_language(text) in _FARSI_LETTERS


_FARSI_LETTERS = frozenset(
    {"fa", "ur", "ckb", "ps", "sd", "ug", "pnb", "ks", "az", "mzn", "glk", "ku"}
)


def _tatweel(text: str) -> str:
    def one(run: re.Match[str]) -> str:
        start, end = run.span()
        after = text[end : end + 1]
        if after and re.match(f"[{_LETTER}]", after):
            return ""
        if _KEPT_AFTER.search(text[max(0, start - 5) : start]):
            return "\u0640"
        if start == 0 or text[start - 1] == " ":
            return "\u0640" if end - start == 1 else ""
        return ""

    return tidy(_TATWEEL.sub(one, text), keep_non_joiner=True)


_DIGITS = {0x660 + i: str(i) for i in range(10)} | {0x6F0 + i: str(i) for i in range(10)}
_SIGNS = re.compile(r"(?<=[0-9])([.,:/]|-)(?=[0-9])")
_PUNCT = re.compile(r"[^\w\s%$€£+\ue000-\ue0ff]|_")


def identity(text: str) -> str:
    """Return the identity form."""
    text = mend(text)
    text = _MARK.sub("", text).replace("\u0640", "").replace("\u200c", "")
    text = text.casefold().translate(_DIGITS)
    text = text.replace("ی", "ي").replace("ک", "ك").replace("\u066c", ",").replace("\u066b", ".")
    text = text.replace("\u066a", "%").replace("\u060c", ",").replace("–", "-").replace("—", "-")
    text = _SIGNS.sub(lambda sign: chr(0xE000 + ord(sign[1])), text)
    text = _PUNCT.sub(lambda sign: sign.group() if ord(sign.group()) > 0x2190 else " ", text)
    text = re.sub("[\ue000-\ue0ff]", lambda sign: chr(ord(sign.group()) - 0xE000), text)
    return unicodedata.normalize("NFC", " ".join(text.split()))


_LOOSE = str.maketrans("أإآٱؤئىةھہەۃے", "ااااءءيههههه" + "ي")


def search(text: str) -> str:
    """Return the search form."""
    text = identity(text).translate(_LOOSE)
    if not text.isascii() and re.search("[\xc0-\u024f\u1e00-\u1eff]", text):
        text = "".join(
            c for c in unicodedata.normalize("NFD", text) if not "\u0300" <= c <= "\u036f"
        )
        text = unicodedata.normalize("NFC", text)
    return text


_LEVELS = {"display": mend, "identity": identity, "search": search}


def fold(text: str, level: Level) -> str:
    """Return ``text`` folded to ``level``: ``display``, ``identity`` or ``search``."""
    return _LEVELS[level](text)
