"""How odd a piece of decoded text is: the measure by which charsets and mojibake are judged.

The unit is bits a character outside ASCII: 4 to 5 for words of a language, 8 and more for letters
of two scripts in one word, capitals inside words, accented letters side by side and stray symbols.
ASCII alone says nothing and costs nothing.
"""

import re
import unicodedata
from functools import cache, lru_cache

from aggregator.arabic.pairs import LETTERS, word_bits

#: What is looked at: words with something outside ASCII in them, with their punctuation.
_TOKEN = re.compile(r"[^\s<>&;\"=/]*[^\x00-\x7f][^\s<>&;\"=/]*")
_LETTERS_RUN = re.compile(r"[^\W\d_]+")
_ARABIC_WORD = re.compile(f"[{LETTERS}]+")

#: Frequent and other letters; an alphabet without capitals has shorter odds.
_LETTER_BITS = {"C": (3.6, 5.6), "G": (3.6, 5.6), "H": (3.4, 5.0), "T": (3.8, 5.6)}
_OTHER_LETTER = 5.6
_FREQUENT = {
    "C": frozenset("оеаинтсрвлкмдпу"),
    "G": frozenset("αοιετσνηυρπκμλςάίόέή"),
    "H": frozenset("יוהלאמרבתשנ"),
    "T": frozenset("านรอกเงมยลวดทสต"),
}
_SCRIPTS = {
    "ARABIC": "A",
    "HEBREW": "H",
    "CYRILLIC": "C",
    "GREEK": "G",
    "LATIN": "L",
    "THAI": "T",
    "CJK": "J",
    "HIRAGANA": "K",
    "KATAKANA": "K",
    "HANGUL": "N",
    "HALFWIDTH": "W",
    "KATAKANA-HIRAGANA": "K",
}
#: East Asian letters stand for two bytes or more, and for as many bits.
_EAST_ASIAN = {"J": 9.5, "K": 5.5, "N": 8.5, "W": 9.0}
#: Typographic signs of every language, in windows-125x as in Unicode.
_TYPOGRAPHY = frozenset("\xa0«»“”‘’‚„…–—•·\xa9\xae™€\xb0،؛؟٪\u200c\u200d")
#: Typography that follows a letter beyond ASCII as often as not.
_CLOSING = frozenset("»”’…،؛؟٪\xa0\u200c\u200d")
#: Scripts that one word mixes.
_JAPANESE = frozenset("JK")
#: Letters of Icelandic and Old Norse: in our trade rather Turkish or Arabic read wrongly.
_NORSE = frozenset("ðþÐÞýÝÿ")
_ALIEN, _SYMBOL, _SIGN, _MARK = 14.0, 7.0, 3.0, 5.0
_MIXED, _INNER_CAPITAL, _NEIGHBOUR, _RARE, _LOOSE_MARK = 12.0, 6.0, 5.0, 4.0, 8.0
_LOOSE_SIGN = 3.0


@cache
def _kind(char: str) -> str:
    """Return the script of a letter (o: another), or m mark, t typography, s symbol, x nothing."""
    category = unicodedata.category(char)
    if char in _TYPOGRAPHY:
        return "t"
    if category[0] == "C" or char == "\ufffd":
        return "x"
    if category[0] == "M" or char == "\u0640":
        return "m"
    if category[0] == "L":
        return _SCRIPTS.get(unicodedata.name(char, "").partition(" ")[0], "o")
    return "s"


def oddness(text: str, enough: int = 1500) -> tuple[float, int]:
    """Return the bits that the characters outside ASCII cost, and how many there are.

    Args:
        text: decoded text, markup included.
        enough: look at no more than about this many such characters.
    """
    bits, count = 0.0, 0
    for token in _TOKEN.finditer(text):
        odd, signs = _token_bits(token.group()[:60])
        bits += odd
        count += signs
        if count >= enough:
            break
    return bits, count


#: One text is read in several sets, and words come again.
@lru_cache(maxsize=8192)
def _token_bits(token: str) -> tuple[float, int]:
    bits, signs = 0.0, 0
    before = ""
    for char in token:
        if char > "\x7f":
            signs += 1
            kind = _kind(char)
            bits += _sign_bits(kind)
            if kind == "m" and _kind(before or " ") not in "AHTm":
                bits += _LOOSE_MARK
            elif kind == "t" and before > "\x7f" and char not in _CLOSING:
                bits += _LOOSE_SIGN
        before = char
    for run in _LETTERS_RUN.findall(token):
        if not run.isascii():
            bits += _run_bits(run)
    return bits, signs


def _sign_bits(kind: str) -> float:
    return {"x": _ALIEN, "s": _SYMBOL, "t": _SIGN, "m": _MARK}.get(kind, 0.0)


def _run_bits(run: str) -> float:
    """Return the bits of a run of letters, scripts mixed or not."""
    bits, before, before_kind = 0.0, "", ""
    for index, char in enumerate(run):
        kind = _kind(char)
        if before and kind != before_kind and not {kind, before_kind} <= _JAPANESE:
            bits += _MIXED
        if kind == "L":
            bits += _latin_bits(char, before)
        elif kind in _FREQUENT:
            bits += _LETTER_BITS[kind][char.lower() not in _FREQUENT[kind]]
        elif kind in _EAST_ASIAN:
            bits += _EAST_ASIAN[kind]
        elif kind == "o":
            bits += _OTHER_LETTER
        bits += _case_bits(run, index)
        before, before_kind = char, kind
    return bits + _arabic_bits(run)


def _case_bits(run: str, index: int) -> float:
    """Return the bits for a capital behind a small letter, or a small one behind two capitals."""
    char, before = run[index], run[index - 1 : index]
    if before.islower() and char.isupper():
        return _INNER_CAPITAL
    if char.islower() and before.isupper() and run[index - 2 : index - 1].isupper():
        return _INNER_CAPITAL
    return 0.0


def _arabic_bits(run: str) -> float:
    words = _ARABIC_WORD.findall(run)
    others = sum(_kind(char) == "A" for char in run) - sum(map(len, words))
    return sum(word_bits(word) * len(word) / (len(word) + 1) for word in words) + others * 6.5


def _latin_bits(char: str, before: str) -> float:
    if char <= "\x7f":
        return 0.0
    bits = _MARK + (_RARE if char in _NORSE else 0.0)
    return bits + (_NEIGHBOUR if before > "\x7f" else 0.0)
