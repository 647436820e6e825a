"""Blanks, invisible signs and characters that XML 1.0 forbids.

The steps here leave text that may stand in any XML 1.0 document, on one line, without direction
marks, controls, private-use and zero-width signs. They keep what carries meaning: the joiners
inside emoji and in Indic scripts, the non-joiner between letters of Persian and its kin.
"""

import re
import unicodedata
from collections.abc import Set as AbstractSet

#: Every kind of blank and line end, each shown as one blank.
BLANKS = "\t\n\v\f\r\x85\xa0\u1680\u2000-\u200a\u2028\u2029\u202f\u205f\u3000"
#: Dropped wherever they stand: controls, soft hyphen, direction marks, zero-width signs,
#: surrogates, private use, noncharacters.
DROPPED = (
    "\x00-\x08\x0e-\x1f\x7f-\x84\x86-\x9f\xad\u034f\u061c\u180e\u200b\u200e\u200f\u202a-\u202e"
    "\u2060-\u206f\ud800-\udfff\ue000-\uf8ff\ufdd0-\ufdef\ufe00-\ufe0e\ufeff\ufff0-\ufffc"
    "\ufffe\uffff\U0001fffe\U0001ffff\U0002fffe\U0002ffff\U0003fffe-\U000e001f"
    "\U000e0080-\U000e00ff\U000e01f0-\U0010ffff"
)
#: Joiners, the emoji selector and tag letters: kept or dropped by what stands beside them.
JOINERS = "\u200c\u200d\ufe0f\U000e0020-\U000e007f"

_ARABIC = "\u0620-\u063f\u0641-\u065f\u066e-\u06d3\u06d5-\u06ef\u06fa-\u06ff\u0750-\u077f"
_EMOJI = "\u2190-\u2bff\U0001f000-\U0001faff"
#: Scripts in which both joiners are part of the spelling.
_JOINING = "\u0900-\u0dff\u1000-\u109f\u1780-\u18af"

_BLANK = re.compile(f"[{BLANKS}]")
_DROP = re.compile(f"[{DROPPED}]+")
_IS_JOINER = re.compile(f"[{JOINERS}]")
#: The sign of Hijri years, often shaped with a joiner instead of a tatweel: ه‍ for هـ.
_HIJRI = re.compile(f"(?<![{_ARABIC}\u0640])\u0647\u200d(?![{_ARABIC}\u0640])")
_LOOSE_TAG = re.compile("(?<![\U0001f3f4\U000e0020-\U000e007f])[\U000e0020-\U000e007f]+")
_LOOSE_SELECTOR = re.compile(f"(?<![{_EMOJI}0-9#*\xa9\xae])\ufe0f")
_LOOSE_JOINER = re.compile(
    f"(?<![{_EMOJI}\ufe0f{_JOINING}\U000e007f])\u200d|(?<![{_JOINING}])\u200d(?![{_EMOJI}])"
)
#: A non-joiner that does nothing: it does not stand between two letters of a joined script.
_IDLE_NON_JOINER = re.compile(
    f"(?<![{_ARABIC}{_JOINING}\u200c])\u200c+|\u200c+(?![{_ARABIC}{_JOINING}\u200c])|\u200c+(?=\u200c)"
)
_ARABIC_NON_JOINER = re.compile(f"(?<![{_JOINING}])\u200c+")
_BLANK_BEFORE_SIGN = re.compile(" +(?=[\u060c\u061b\u061f])")
_BLANKS = re.compile("  +")
#: With more different odd signs than this, one pass of a pattern is cheaper than one each.
_FEW = 24


def few_marks(text: str) -> str:
    """Return ``text`` without what exceeds 30 combining marks in a row.

    Bringing marks into their order takes time by the square of their number: a hostile megabyte of
    them takes hours. 30 are what the Stream-Safe Text Format (UAX 15, section 13) allows.
    """
    return text if len(text) <= _FEW_SIGNS else _HEAP.sub(_thinned, text)


#: a text of so many signs is ordered in no time, whatever they are
_FEW_SIGNS, _MOST_MARKS = 2_000, 30
_HEAP = re.compile(r"[^\w\s!-~]{31,}")


def _thinned(heap: re.Match[str]) -> str:
    kept: list[str] = []
    marks = 0
    for sign in heap.group():
        marks = marks + 1 if unicodedata.combining(sign) else 0
        if marks <= _MOST_MARKS:
            kept.append(sign)
    return "".join(kept)


def clear(text: str, odd: AbstractSet[str]) -> str:
    """Return ``text`` with plain blanks and without signs that nobody sees.

    Args:
        text: any string, lone surrogates included.
        odd: the distinct unusual characters of ``text``; more than the ones meant here do no harm.
    """
    if len(odd) > _FEW:
        text = _DROP.sub("", _BLANK.sub(" ", text))
    else:
        for sign in odd:
            if _BLANK.match(sign):
                text = text.replace(sign, " ")
            elif _DROP.match(sign):
                text = text.replace(sign, "")
    if any(_IS_JOINER.match(sign) for sign in odd):
        text = _joiners(text)
    return text


def _joiners(text: str) -> str:
    text = _HIJRI.sub("\u0647\u0640", text)
    text = _LOOSE_TAG.sub("", text)
    text = _IDLE_NON_JOINER.sub("", text)
    text = _LOOSE_SELECTOR.sub("", text)
    return _LOOSE_JOINER.sub("", text)


def without_non_joiner(text: str) -> str:
    """Return ``text`` without U+200C, save where an Indic script spells with it."""
    return _ARABIC_NON_JOINER.sub("", text)


def single_blanks(text: str) -> str:
    """Return ``text`` trimmed, with single blanks, none before ، ؛ ؟."""
    if " \u060c" in text or " \u061b" in text or " \u061f" in text:
        text = _BLANK_BEFORE_SIGN.sub("", text)
    if "  " in text:
        text = _BLANKS.sub(" ", text)
    return text.strip(" ")
