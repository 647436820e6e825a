"""Fold a printed line for reading dates, and cut it into tokens.

The fold is harsher than :mod:`aggregator.arabic.fold`: it has to make one form of all spellings of
a month, not to keep a text readable. Letters lose hamza forms, accents and harakat, digits of every
script become ASCII, dashes and slashes one sign each. Both the tables and the lines pass it.
"""

import re
import unicodedata
from collections.abc import Mapping
from html import unescape
from typing import Any

#: characters of a line that are looked at; a date further on is not a date line
LIMIT = 4096
#: a longer number is no part of a date
LONGEST_NUMBER = 14

_LATIN_AND_KIN = (
    *range(0x00C0, 0x0250),
    *range(0x0370, 0x0530),
    *range(0x1E00, 0x2000),
)
#: first and last of the characters that are taken out
_DELETED = (
    ("\u0640", "\u0640"),  # tatweel
    ("\u00ad", "\u00ad"), ("\u061c", "\u061c"), ("\u180e", "\u180e"), ("\u200b", "\u200f"),
    ("\u202a", "\u202e"), ("\u2060", "\u206f"), ("\ufeff", "\ufeff"),  # joining, direction
    ("\u0300", "\u036f"),  # accents
    ("\u0591", "\u05bd"), ("\u05bf", "\u05bf"), ("\u05c1", "\u05c2"), ("\u05c4", "\u05c5"),
    ("\u05c7", "\u05c7"),  # niqqud
    ("\u0610", "\u061a"), ("\u064b", "\u065f"), ("\u0670", "\u0670"), ("\u06d6", "\u06dc"),
    ("\u06df", "\u06e8"), ("\u06ea", "\u06ed"),  # harakat
)  # fmt: skip
_ONE_FOR_ONE = {
    "أ": "ا", "إ": "ا", "آ": "ا", "ٱ": "ا", "ى": "ي", "ی": "ي", "ې": "ي", "ێ": "ي", "ۍ": "ي",
    "ے": "ي", "ة": "ه", "ہ": "ه", "ھ": "ه", "ە": "ه", "ۀ": "ه", "ۃ": "ه", "ک": "ك", "ڪ": "ك",
    "ۆ": "و", "ؤ": "و", "ڤ": "ف", "ں": "ن", "ڕ": "ر", "ڵ": "ل",
    "،": ",", "؛": ";", "؍": "/", "٫": ".", "٬": ",", "\u2215": "/", "\u2044": "/", "\u29f8": "/",
    "、": ",", "。": ".", "·": "|", "•": "|", "●": "|", "¦": "|", "│": "|", "┃": "|", "∙": "|",
    "⋅": "|", "・": "|", "»": "|", "«": "|", "›": "|", "‹": "|", "◆": "|", "■": "|", "▪": "|",
    "‐": "-", "‑": "-", "‒": "-", "–": "-", "—": "-", "―": "-", "−": "-", "\u2e3a": "-",
    "’": "'", "‘": "'", "ʼ": "'", "`": "'", "´": "'", "׳": "'", "״": '"', "“": '"', "”": '"',
    "∶": ":", "ı": "i", "ł": "l", "Ł": "L", "ø": "o", "Ø": "O", "đ": "d", "Đ": "D", "ς": "σ",
    "〜": "~", "～": "~",
}  # fmt: skip


def _table() -> Mapping[int, str | int | None]:
    # Letters that stay stand in the table too: a missing key costs translate an exception.
    table: dict[int, str | int | None] = {point: point for point in range(0x780)}
    for point in _LATIN_AND_KIN:
        plain = "".join(
            c for c in unicodedata.normalize("NFD", chr(point)) if not unicodedata.combining(c)
        )
        if len(plain) == 1:
            table[point] = ord(plain)
    for point in range(0x660, 0x20000):
        if (digit := unicodedata.digit(chr(point), None)) is not None:
            table[point] = ord("0") + digit
    for first, last in _DELETED:
        table.update(dict.fromkeys(range(ord(first), ord(last) + 1)))
    table.update({ord(char): ord(other) for char, other in _ONE_FOR_ONE.items()})
    return table


_TABLE = _table()
_MAYBE_GLUED = re.compile(r"[0-9]{4,6}:")
#: a clock glued to the year or day before it, as some templates print
_GLUED = re.compile(
    r"(?<![0-9])((?:19|20)[0-9]{2})([0-9]{1,2}:[0-9]{2})"
    r"|((?:19|20)[0-9]{2}[-/][0-9]{2}[-/][0-9]{2})([0-9]{2}:[0-9]{2})"
)
_HAN = "\u3400-\u9fff"
_WORD = (
    r"[^\s0-9!-@\[-`{-\u00a9\u00ab-\u00b4\u00b6-\u00b9\u00bb-\u00bf\u00d7\u00f7"
    rf"\u2000-\u2bff\u3000-\u303f{_HAN}]+"
)
#: blanks, then a number, a word, a Han sign or a sign; the line must not end in blanks
_PIECE = re.compile(rf"(\s*)([0-9]+|{_WORD}|\S)")


def fold_line(text: str) -> str:
    """Return at most :data:`LIMIT` folded characters of ``text``; case is kept."""
    text = text[:LIMIT]
    if "&" in text and ";" in text:
        text = unescape(text)
    if not text.isascii():
        # Marks go first: NFKC sorts runs of them, which hostile text can make slow.
        text = text.translate(_TABLE)
        if not unicodedata.is_normalized("NFKC", text):
            text = unicodedata.normalize("NFKC", text)[:LIMIT].translate(_TABLE)
    if _MAYBE_GLUED.search(text):
        text = _GLUED.sub(lambda m: f"{m[1] or m[3]} {m[2] or m[4]}", text)
    return text.strip()


def split(line: str) -> list[tuple[str, str]]:
    """Return the pieces of a folded line, each after the blanks before it."""
    found: list[tuple[str, str]] = _PIECE.findall(line)
    return found


class Token:
    """A number, a word or a sign; phrases of the tables are one token.

    Attributes:
        text: folded, in the case of the line.
        word: ``text`` in lower case.
        number: its value, -1 where it is no number.
        width: digits of the number.
        gap: white space stands before it.
        means: kind → value, from the tables.
    """

    __slots__ = ("gap", "means", "number", "text", "width", "word")

    def __init__(self, text: str, word: str, gap: bool, means: Mapping[str, Any]) -> None:
        self.text = text
        self.word = word
        self.gap = gap
        self.means = means
        if text.isdigit() and len(text) <= LONGEST_NUMBER:
            self.number = int(text)
            self.width = len(text)
        else:
            self.number = -1
            self.width = 0

    def __repr__(self) -> str:
        return f"{self.text!r}{dict(self.means) or ''}"
