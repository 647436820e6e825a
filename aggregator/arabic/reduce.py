"""The tables behind the identity and search levels: what each sign is reduced to.

Letters, digits, signs between digits, percent, plus, currency and emoji stay. Punctuation and
ornaments become a blank; harakat and joiners vanish; digits become ASCII; capitals become small.
``loose`` also takes accents off Latin letters.
"""

import re
import unicodedata
from collections.abc import Callable
from functools import cache

from aggregator.arabic.ranges import outside

_DIGIT = "0-9\u0660-\u0669\u06f0-\u06f9"
_SIGN = re.compile(
    f"[{_DIGIT}](?: ?[\u2010-\u2015\u2212-] ?|[.,:/\u060c\u066b\u066c])(?=[{_DIGIT}])"
)
#: Signs between digits that differ in style only.
SIGN_STYLES = {"\u060c": ",", "\u066b": ".", "\u066c": ","} | dict.fromkeys(
    "\u2010\u2011\u2012\u2013\u2014\u2015\u2212", "-"
)
#: Where signs between digits wait while punctuation goes; free, since mending drops private use.
_WAITING = 0xE000
#: First of the ten digits in each script that has its own.
_ZEROS = (
    "\u0660\u06f0\u07c0\u0966\u09e6\u0a66\u0ae6\u0b66\u0be6\u0c66\u0ce6\u0d66\u0e50\u0ed0\u0f20"
    "\u1040\u17e0\u1810\uff10"
)
#: Every character that may be reduced. Wider than need be in places: the table decides.
_REDUCIBLE = (
    "!-/:-`{-\xbf\xd7\xf7\u02b0-\u02ff\u055a-\u055f\u0589\u058a\u0591-\u05c7\u05f3\u05f4"
    "\u0600-\u061f\u0640\u064b-\u066d\u0670\u06a9\u06cc\u06d4\u06d6-\u06ed\u0700-\u070d"
    "\u0890-\u089f\u08ca-\u08ff\u0964\u0965\u200c\u200d\u2000-\u2bff\u2e00-\u2e7f\u3001-\u303f"
    "\u30fb\ue000-\ue0ff\ufd3e\ufd3f\ufdfa-\ufdfd\ufe0f-\ufe6f\uff01-\uff65\U0001d400-\U0001d7ff"
    "\U0001f3fb-\U0001f3ff\U0001ee00-\U0001eeff\U000e0020-\U000e007f"
    # capitals, and small letters that case folding writes otherwise
    "\xc0-\xdf\u0100-\u024f\u0345\u0370-\u03ab\u03c2\u03cf-\u03ff\u0400-\u042f\u0460-\u052f"
    "\u0531-\u0556\u0587\u1e00-\u1fff"
) + "".join(f"{zero}-{chr(ord(zero) + 9)}" for zero in _ZEROS)
_STRICT_RUN = re.compile(f"{outside(_REDUCIBLE)}+ ?")
_LOOSE_RUN = re.compile(
    outside(_REDUCIBLE + "\xe0-\xff\u0250-\u02af\u0300-\u036fٱٲٳٵٶٸٴۓېۍےۑھہەۀۂۃڪں") + "+ ?"
)
_BLANKS = re.compile("  +")
_PERCENT_BLANK = re.compile("(?<=[0-9]) (?=%)")
#: The usual harakat: cheaper one by one than as a pattern where a text is full of them.
_HARAKAT = "\u064b\u064c\u064d\u064e\u064f\u0650\u0651\u0652"


def reduced(text: str, *, loose: bool) -> str:
    """Return the display form ``text`` reduced to letters, digits and what counts beside them."""
    text = _SIGN.sub(_set_aside, text)
    if text.count("\u064e") * 64 > len(text):
        for mark in _HARAKAT:
            text = text.replace(mark, "")
    runs, memo = (_LOOSE_RUN, _LOOSE) if loose else (_STRICT_RUN, _STRICT)
    text = runs.sub(lambda run: memo[run[0]], text)
    while "  " in text:  # twice at most: runs come out with single blanks
        text = text.replace("  ", " ")
    text = text.strip(" ")
    if " %" in text:
        text = _PERCENT_BLANK.sub("", text)
    text = unicodedata.normalize("NFC", text)
    if loose:
        for spelling, letter in _LOOSE_LETTERS.items():
            text = text.replace(spelling, letter)
    return text


def reduced_sign(sign: str, *, loose: bool) -> str:
    """Return what one sign, not between digits, is reduced to; empty where it vanishes."""
    if not loose:
        return _plain_sign(sign)
    return _LOOSE_LETTERS.get(sign) or _bare_sign(sign)


def _set_aside(found: re.Match[str]) -> str:
    digit, sign = found.group()[0], found.group()[1:].strip(" ")
    return digit + chr(_WAITING + ord(SIGN_STYLES.get(sign, sign)))


class _Memo(dict[str, str]):
    """Runs and what they become; forgets all when full, so that no text can fill the memory."""

    _FULL, _LONG = 4096, 32

    def __init__(self, sign: Callable[[str], str]) -> None:
        super().__init__()
        self._sign = sign

    def __missing__(self, run: str) -> str:
        became = _BLANKS.sub(" ", "".join(map(self._sign, run)))
        if len(run) <= self._LONG:
            if len(self) >= self._FULL:
                self.clear()
            self[run] = became
        return became


#: Signs that one word stands for; the Unicode database spells out the first two.
SPELLED_OUT = {
    "\ufdfa": " صلى الله عليه وسلم ",
    "\ufdfb": " جل جلاله ",
    "\ufdfd": " بسم الله الرحمن الرحيم ",
}
_GIVEN = {
    " ": " ",
    "\u06cc": "\u064a",
    "\u06a9": "\u0643",
    "\u066a": "%",
    "\u2605": " ",
    "\u2606": " ",
    "\xa9": "",
    "\xae": "",
    "\u2122": "",
} | SPELLED_OUT
_STAYS = frozenset("%\u2030+\xb1\xd7\xf7\u2212")
#: Vanish: marks over letters, joiners, letters that only modify (tatweel, ʿ) and Hebrew gershayim.
_NOTHING = frozenset({"Mn", "Me", "Cf", "Lm"})
#: Rows of arrows, boxes and shapes, used as bullets.
_ORNAMENTS = re.compile("[\u2190-\u21ff\u2500-\u25ff\u27f0-\u27ff\u2900-\u297f\u2b00-\u2bff]")
_BLANK_KINDS = frozenset({"Pc", "Pd", "Ps", "Pe", "Pi", "Pf", "Po", "Sk", "Sm", "Zs"})
_STYLED = re.compile(
    "[\ufe10-\ufe19\ufe30-\ufe6f\uff01-\uff65\U0001d400-\U0001d7ff\U0001ee00-\U0001eeff]"
)


@cache  # bounded by the few thousand characters of _REDUCIBLE
def _plain_sign(sign: str) -> str:
    if sign in _GIVEN:
        return _GIVEN[sign]
    if _WAITING <= ord(sign) < _WAITING + 256:
        return chr(ord(sign) - _WAITING)
    if sign in _STAYS:
        return sign
    styled = unicodedata.normalize("NFKC", sign) if _STYLED.match(sign) else sign
    if styled != sign:
        return "".join(map(_plain_sign, styled))
    return _by_kind(sign)


def _by_kind(sign: str) -> str:
    kind = unicodedata.category(sign)
    if kind == "Nd":
        return str(unicodedata.digit(sign))
    if sign in "\u05f3\u05f4" or (kind in _NOTHING and sign != "\u0345"):
        return ""
    if kind in _BLANK_KINDS or _ORNAMENTS.match(sign):
        return " "
    folded = sign.casefold()
    return folded if folded == sign else "".join(map(_folded_letter, folded))


def _folded_letter(letter: str) -> str:
    return "" if letter == "\u02bc" else letter


#: One letter for all its common spellings. Replaced one by one over the whole text: ten times as
#: fast as ``str.translate`` on Arabic (CPython 3.11).
_LOOSE_LETTERS = {"أ": "ا", "إ": "ا", "آ": "ا", "ؤ": "ء", "ئ": "ء", "ى": "ي", "ة": "ه"}
#: The same for rare ones, seen to sign by sign.
_LOOSE_ARABIC = str.maketrans("ٱٲٳٵٶٸٴۓېۍےۑھہەۀۂۃڪں", "ااااءءءءييييههههههكن")
#: Latin letters whose stroke or joining is no accent in the Unicode database.
_STROKES = {"ø": "o", "ł": "l", "đ": "d", "ħ": "h", "ŧ": "t", "ı": "i", "æ": "ae", "œ": "oe"}


@cache
def _bare_sign(sign: str) -> str:
    plain = _plain_sign(sign)
    plain = plain.translate(_LOOSE_ARABIC)
    apart = unicodedata.normalize("NFD", plain)
    if not _LATIN.match(apart):
        return plain
    return "".join(_STROKES.get(c, c) for c in apart if not "\u0300" <= c <= "\u036f")


_LATIN = re.compile("[A-Za-z\xc0-\u02af\u0300-\u036f]")


_STRICT, _LOOSE = _Memo(_plain_sign), _Memo(_bare_sign)
