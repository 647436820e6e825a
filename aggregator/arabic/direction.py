"""The base direction of a text, and isolates around runs of the other direction."""

import re
from typing import Literal

Direction = Literal["rtl", "ltr"]

_RTL = "\u0590-\u08ff\ufb1d-\ufdff\ufe70-\ufefc\U00010800-\U00010fff\U0001e800-\U0001eeff"
_RTL_WORD = re.compile(
    f"[{_RTL}]*[\u05d0-\u05f2\u0620-\u065f\u066e-\u06d5\u06ee\u06ef\u06fa-\u08ff\ufb1d-\ufdff\ufe70-\ufefc][{_RTL}]*"
)
_LTR_WORD = re.compile(f"[^\\W\\d_{_RTL}]+")


def direction(text: str, default: Direction | None = None) -> Direction:
    """Return the base direction of ``text`` by its sentence, not by its first letter.

    Args:
        text: plain text.
        default: the answer for a text without letters; None: by its digits and signs.
    """
    rtl = len(_RTL_WORD.findall(text))
    ltr = sum(1.0 if word.islower() else 0.4 for word in _LTR_WORD.findall(text))
    if rtl or ltr:
        return "rtl" if rtl >= ltr else "ltr"
    if default is not None:
        return default
    return "rtl" if any(c.isdigit() for c in text) else "ltr"


def isolate(text: str, base_direction: Direction) -> str:
    """Return ``text`` with runs of the other direction between U+2068 and U+2069."""
    word = _LTR_WORD if base_direction == "rtl" else _RTL_WORD
    run = re.compile(f"(?:{word.pattern})(?:[ .,'’&+\\-/]*(?:{word.pattern}|[0-9]+))*")
    return run.sub(lambda found: f"\u2068{found.group()}\u2069", text)
