"""Presentation forms and ligatures to base letters; text in visual order back to logical order.

Old systems and PDF files give Arabic as glyphs (U+FB50–FDFF, U+FE70–FEFC), at times in the order
in which they stand on the page. The decompositions are those of the Unicode database, without the
blank or tatweel that carries a spacing mark there. The honorific signs U+FDFA, U+FDFB and U+FDFD
are signs of their own and stay; :func:`fold` takes them apart.
"""

import re
import unicodedata

#: Latin, Armenian and Hebrew ligatures, then the Arabic blocks without the honorific signs.
_RANGES = (
    (0xFB00, 0xFB06),
    (0xFB13, 0xFB17),
    (0xFB1D, 0xFB4F),
    (0xFB50, 0xFBB1),
    (0xFBD3, 0xFD3D),
    (0xFD50, 0xFDC7),
    (0xFDF0, 0xFDF9),
    (0xFDFC, 0xFDFC),
    (0xFE70, 0xFEFC),
)


def _plain(char: str) -> str:
    whole = unicodedata.normalize("NFKC", char)
    if len(whole) > 1 and whole[0] in " \u0640" and unicodedata.combining(whole[1]):
        return whole[1:]
    return whole


_TABLE = {code: _plain(chr(code)) for low, high in _RANGES for code in range(low, high + 1)}
_CLASS = "".join(f"{chr(low)}-{chr(high)}" for low, high in _RANGES)
_FORM = re.compile(f"[{_CLASS}]")
_FORM_RUN = re.compile(f"[{_CLASS}]+")


def has_forms(text: str) -> bool:
    """Whether ``text`` holds a presentation form or ligature."""
    return _FORM.search(text) is not None


def plain_letters(text: str) -> str:
    """Return ``text`` with base letters for presentation forms and ligatures."""
    if not has_forms(text):
        return text
    return _FORM_RUN.sub(lambda run: run.group().translate(_TABLE), text)


def _shape(code: int) -> str:
    tag = unicodedata.decomposition(chr(code)).partition(" ")[0]
    return tag if tag in ("<initial>", "<medial>", "<final>", "<isolated>") else ""


def _shapes(*wanted: str) -> str:
    return "".join(chr(c) for c in range(0xFB50, 0xFEFD) if _shape(c) in wanted)


#: Letters that are tied to the one before (after): at the wrong edge of a word they show the order.
_TIED_BACK = _shapes("<final>", "<medial>")
_TIED_ON = _shapes("<initial>", "<medial>")
_FORM_WORD = re.compile("[\u0620-\u06ff\ufb50-\ufdff\ufe70-\ufefc]+")
_MIRROR = str.maketrans("()[]{}<>«»‹›", ")(][}{><»«›‹")
#: What keeps its own order inside a line set from right to left: numbers and Latin runs.
_LEFT_TO_RIGHT = re.compile(
    "[0-9A-Za-z\u00c0-\u024f\u0660-\u0669\u06f0-\u06f9%]"
    "(?:[0-9A-Za-z\u00c0-\u024f\u0660-\u0669\u06f0-\u06f9.,:/'&@%+\u066b\u066c -]*"
    "[0-9A-Za-z\u00c0-\u024f\u0660-\u0669\u06f0-\u06f9%])?"
)


def logical_order(text: str) -> str:
    """Return ``text`` in reading order; turned round only where the glyph shapes prove it is not."""
    if not has_forms(text):
        return text
    return "\n".join(turn_round(line) if _is_visual(line) else line for line in text.split("\n"))


def _is_visual(line: str) -> bool:
    against = with_ = 0
    for word in _FORM_WORD.findall(line):
        if len(word) < 2:
            continue
        against += (word[0] in _TIED_BACK) + (word[-1] in _TIED_ON)
        with_ += (word[0] in _TIED_ON) + (word[-1] in _TIED_BACK)
    return against > with_ and against >= 2


def turn_round(line: str) -> str:
    """Reverse a line in visual order, keeping numbers and Latin runs as they read."""
    turned = line[::-1].translate(_MIRROR)
    return _LEFT_TO_RIGHT.sub(lambda run: run.group()[::-1], turned)
