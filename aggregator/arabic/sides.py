"""The base direction of a text, and isolates around runs of the other direction.

The first strong letter, as UAX #9 takes it, is wrong for «iPhone 17 يصل إلى أسواق الخليج». Here the
language of the sentence decides: Latin names in an Arabic sentence keep their capitals, an English
sentence that quotes Arabic has small words (the, de, in) of its own.
"""

import re
from typing import Literal

Direction = Literal["rtl", "ltr"]

#: Letters of the scripts that run from right to left, without signs and digits: Hebrew, Arabic,
#: Syriac, Thaana, N'Ko, their presentation forms, and the blocks beyond the basic plane.
_RTL_LETTERS = (
    "\u05d0-\u05f2\u0620-\u064a\u066e-\u06d3\u06d5\u06e5\u06e6\u06ee\u06ef\u06fa-\u06ff\u0700-\u07bf"
    "\u07ca-\u07ea\u0800-\u0815\u0840-\u0858\u0860-\u088e\u08a0-\u08c9\ufb1d-\ufb4f\ufb50-\ufdfc"
    "\ufe70-\ufefc\U00010800-\U00010fff\U0001e800-\U0001eeff"
)
_RTL_MARKS = (
    "\u0591-\u05c7\u0610-\u061a\u0640\u064b-\u065f\u0670\u06d6-\u06ed\u08d3-\u08ff\u200c\u200d"
)
_RTL_WORD = re.compile(f"[{_RTL_LETTERS}][{_RTL_LETTERS}{_RTL_MARKS}]*")
_LTR_WORD = re.compile(f"[^\\W\\d_{_RTL_LETTERS}]+(?:['\u2019][^\\W\\d_{_RTL_LETTERS}]+)*")
#: Signs that only right-to-left text has: Arabic punctuation and digits.
_RTL_SIGN = re.compile("[\u060c\u061b\u061f\u066a-\u066d\u06d4\u0660-\u0669\u06f0-\u06f9]")
#: Signs from which nothing follows; any other sign or digit stands as well in Arabic.
_SILENT = re.compile(r"[\s.,;:!?…\-–—'\"()\[\]|/\\*_]*")
#: Addresses are in no language. They end where Arabic begins: it is often glued to them.
_ADDRESS = re.compile(r"(?:https?://|\bwww\.)[!-~]+|[\w.+-]{1,64}@[\w-]+\.[a-z.]+", re.ASCII)
#: How much a capitalised Latin word, likely a name, counts beside a word of a sentence.
_NAME = 0.35
#: Small words of the languages that quote Arabic, whatever their case.
_SMALL_WORDS = (
    "the of and in on to for is are was at by with from as a an it its that this how what why who"
    " le la les de des du et en un une dans au aux sur pour par est ce cette qui que"
    " der die das und im von zu mit el los las y del con il di e per o do da em no na"
)
_FUNCTION = frozenset(_SMALL_WORDS.split())
_LONGEST = 4000


def direction(text: str, default: Direction | None = None) -> Direction:
    """Return the base direction of ``text`` by its sentence, not by its first letter.

    Args:
        text: plain text; direction marks in it are not obeyed.
        default: the answer for a text without letters, say that of its source. None: ``rtl`` if
            there is more than silent punctuation.

    >>> direction("OpenAI تطلق نموذجا جديدا")
    'rtl'
    """
    text = text[:_LONGEST]
    rtl, ltr = _RTL_WORD.search(text), _LTR_WORD.search(text)
    if rtl and ltr:
        if "://" in text or "www." in text or "@" in text:
            text = _ADDRESS.sub(" ", text)
        words = list(_RTL_WORD.finditer(text)), list(_LTR_WORD.finditer(text))
        return "rtl" if not words[1] or _is_rtl_sentence(*words) else "ltr"
    if rtl or ltr:
        return "rtl" if rtl else "ltr"
    if _RTL_SIGN.search(text):
        return "rtl"
    if default is not None:
        return default
    return "ltr" if _SILENT.fullmatch(text) else "rtl"


def _is_rtl_sentence(rtl: list[re.Match[str]], ltr: list[re.Match[str]]) -> bool:
    """Whether a text of both directions is a right-to-left one that holds foreign names."""
    spoken = sum(word[0].islower() or word[0].lower() in _FUNCTION for word in ltr)
    if spoken:
        return len(rtl) >= spoken + _NAME * (len(ltr) - spoken)
    # Names alone: the sentence is theirs only if it begins and ends with them.
    enclosed = ltr[0].start() < rtl[0].start() and rtl[-1].start() < ltr[-1].start()
    return not enclosed or len(rtl) >= len(ltr)


_GLUE = "[ .,'\u2019&+/:@#_-]"
_DIGITS = "0-9"
#: Runs as they read: words of the other direction with the numbers and signs between them, and the
#: signs that belong to a name (C++, OPEC+, $5).
_RUNS = {
    "rtl": re.compile(
        f"[$€£#@]?(?:(?<![{_DIGITS}.,:-])[{_DIGITS}][{_DIGITS}.,:-]{{0,12}}{_GLUE}?)?{_LTR_WORD.pattern}"
        f"(?:{_GLUE}{{0,2}}(?:{_LTR_WORD.pattern}|[{_DIGITS}]+))*[+%]*"
    ),
    "ltr": re.compile(
        f"{_RTL_WORD.pattern}(?:[ .,\u060c:_-]{{1,2}}(?:{_RTL_WORD.pattern}|[{_DIGITS}]+))*"
    ),
}
_FIRST_STRONG_ISOLATE, _POP = "\u2068", "\u2069"
_MARKS = re.compile("[\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069]")


def isolate(text: str, base_direction: Direction) -> str:
    """Return ``text`` with each run of the other direction between FSI and PDI.

    For formats that cannot say the direction of a piece (titles of feeds). Marks already in the
    text are dropped: the isolates are balanced and nothing in a title can reach beyond it.

    Source: UAX #9, 2.4.2 and section 6.
    """
    text = _MARKS.sub("", text)
    runs = _RUNS[base_direction]
    return runs.sub(lambda run: f"{_FIRST_STRONG_ISOLATE}{run.group()}{_POP}", text)
