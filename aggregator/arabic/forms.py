"""Presentation forms and ligatures to base letters; text in visual order back to reading order.

Old systems and PDF files give Arabic as glyphs (U+FB50–FDFF, U+FE70–FEFC), at times in the order
in which they stand on the page. The decompositions are those of the Unicode database, without the
blank or tatweel that carries a spacing mark there. The honorific signs U+FDFA, U+FDFB and U+FDFD
are signs of their own and stay; ``fold`` takes them apart.
"""

import re
import unicodedata

from aggregator.arabic.pairs import word_bits

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


#: Range of a character class: every presentation form and ligature.
FORMS = "".join(f"{chr(low)}-{chr(high)}" for low, high in _RANGES)
_TABLE = {code: _plain(chr(code)) for low, high in _RANGES for code in range(low, high + 1)}
_FORM_RUN = re.compile(f"[{FORMS}]+")


def plain_letters(text: str) -> str:
    """Return ``text`` in reading order, with base letters for presentation forms and ligatures."""
    text = "\n".join(
        turn_round(line) if _stands_visually(line) else line for line in text.split("\n")
    )
    return _FORM_RUN.sub(lambda run: run.group().translate(_TABLE), text)


def _shapes(*wanted: str) -> str:
    return "".join(
        chr(code)
        for code in range(0xFB50, 0xFEFD)
        if unicodedata.decomposition(chr(code)).partition(" ")[0] in wanted
    )


#: Shapes tied to the letter before (after): at the wrong edge of a word they show the order.
_TIED_BACK = frozenset(_shapes("<final>", "<medial>"))
_TIED_ON = frozenset(_shapes("<initial>", "<medial>"))
_FORM_WORD = re.compile(f"[\u0620-\u06ff{FORMS}]{{2,}}")
_SHAPES_AND_EDGE = frozenset(_shapes("<initial>", "<medial>", "<final>", "<isolated>") + " ")


def _stands_visually(line: str) -> bool:
    """Whether the joins between neighbouring shapes fit only when read from the end."""
    against = along = 0
    for word in _FORM_WORD.findall(line):
        for first, second in zip(f" {word}", f"{word} ", strict=True):
            if {first, second} <= _SHAPES_AND_EDGE:
                against += (first in _TIED_ON) != (second in _TIED_BACK)
                along += (first in _TIED_BACK) != (second in _TIED_ON)
    return against >= 2 and against > 2 * along


_MIRROR = str.maketrans("()[]{}<>«»‹›", ")(][}{><»«›‹")
_NUMBER = "0-9A-Za-z\xc0-\u024f\u0660-\u0669\u06f0-\u06f9"
#: What keeps its own order inside a line set from right to left: numbers and Latin runs.
_LEFT_TO_RIGHT = re.compile(f"[{_NUMBER}](?:[{_NUMBER}.,:/'&@%+\u066a-\u066c_ -]*[{_NUMBER}%])?")


def turn_round(line: str) -> str:
    """Return a line in visual order reversed, its numbers and Latin runs kept as they read."""
    turned = line[::-1].translate(_MIRROR)
    return _LEFT_TO_RIGHT.sub(lambda run: run.group()[::-1], turned)


#: Ta marbuta ends words and the article begins them: the contrary shows that letters are reversed.
_MARKS = "\u0610-\u061a\u064b-\u065f\u0670\u06d6-\u06ed\u200c\u200d"
_TA_INSIDE = re.compile(f"\u0629[{_MARKS}]*[\u0621-\u063a\u0641-\u064a\u06a9\u06cc]")
_ARTICLE, _ARTICLE_TURNED = "\u0627\u0644", "\u0644\u0627"
_WORD = re.compile("[\u0621-\u063a\u0641-\u064a]{2,}")
_ENDS_TURNED = re.compile(f"[^ ][^ ]{_ARTICLE_TURNED} ")
_TA_FIRST = re.compile("(?<![\u0621-\u063a\u0641-\u064a])\u0629")
_A_WORD = f" {_ARTICLE}"
_MARK = re.compile(f"[{_MARKS}]")
#: Folding takes these off or writes them otherwise; the order must not hang on them.
_IGNORED = re.compile(f"[{_MARKS}]+")
#: The beginning of a text is enough to see its order.
_ENOUGH = 1000
#: Bits a pair of letters: prose in the right order stays below the first, the wrong order is worse
#: by the second (measured on the golden texts: 4.0 and 5.9), and by the third in all.
_PROSE_BITS, _MARGIN_BITS, _SUM_BITS = 4.9, 0.8, 14.0
_FEWEST_WORDS, _FEWEST_PAIRS = 2, 12


def reading_order(text: str, *, thorough: bool) -> str:
    """Return ``text`` of base letters turned round where it surely stands in visual order.

    Args:
        text: one line without presentation forms.
        thorough: also look at text whose only sign is the article turned round. Not for folding:
            a letter more or less could then make the same text look sound at one level only.
    """
    return turn_round(text) if stands_reversed(text, thorough=thorough) else text


def stands_reversed(text: str, *, thorough: bool) -> bool:
    """Return whether :func:`reading_order` turns this text round."""
    if not may_be_reversed(text, thorough=thorough):
        return False
    beginning = text[:_ENOUGH]
    return not _surely_along(beginning) and _weighs_backwards(beginning)


def may_be_reversed(text: str, *, thorough: bool) -> bool:
    """Return whether the order of letters is worth a closer look; see :func:`reading_order`."""
    return _TA_INSIDE.search(text) is not None or (
        thorough and text.count(_ARTICLE_TURNED) > text.count(_ARTICLE)
    )


def _surely_along(text: str) -> bool:
    """Whether a glance shows it: so many articles that no sign of the contrary outweighs them."""
    return _MARK.search(text) is None and (
        len(_TA_FIRST.findall(text)) + text.count(_ARTICLE_TURNED) <= 2 * text.count(_A_WORD)
    )


def _weighs_backwards(text: str) -> bool:
    words = _WORD.findall(
        _IGNORED.sub("", text).replace("\u06cc", "\u064a").replace("\u06a9", "\u0643")
    )
    line = f" {' '.join(words)} "
    signs = line.count(" \u0629") + len(_ENDS_TURNED.findall(line))
    counter_signs = line.count("\u0629 ") + line.count(f" {_ARTICLE}")
    pairs = len(line) - 1
    if (
        len(words) < _FEWEST_WORDS
        or pairs < _FEWEST_PAIRS
        or signs < 1
        or signs <= 2 * counter_signs
    ):
        return False
    turned = sum(word_bits(word[::-1]) for word in words)
    gain = sum(word_bits(word) for word in words) - turned
    return turned <= _PROSE_BITS * pairs and gain >= max(_SUM_BITS, _MARGIN_BITS * pairs)
