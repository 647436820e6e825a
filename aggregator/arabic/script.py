"""Which language a text in Arabic script is written in, by its letters and commonest words.

Good enough to decide whether U+06CC is a misplaced ya or Persian, and to tell Arabic, Persian, Urdu,
Sorani, Pashto, Sindhi and Uyghur apart without a model. ``None`` means the text does not say.
"""

import re
from collections.abc import Iterable
from functools import cache
from importlib.resources import files

_WORD = re.compile(
    "[\u0620-\u065f\u066e-\u06d3\u06d5\u06ee-\u06ef\u06fa-\u06ff\u0750-\u077f\u200c]+"
)
_MARKS = re.compile("[\u0640\u064b-\u065f\u0670\u06d6-\u06ed]")
#: A text longer than this says no more than its beginning.
_ENOUGH = 4000
#: Letters that one language has and the others of this list do not use in common words.
_LETTERS = {
    "ur": "ٹڈڑںےۓ",
    "ckb": "ڕڵۆێ",
    "ps": "ښږځڅډړټڼۍې",
    "sd": "ٿڀٺڃڄڇڏڌڊڻٽڦڳڱ",
    "ug": "ۇۈۋ",
}
_ARTICLE = re.compile("^(?:[وف]?(?:[بك]?ال|لل)|[وف]ال)[\u0620-\u064a]{2,}")
_ARABIC_ONLY = re.compile("[ةأإؤىًٌٍ]")


@cache
def common_words(language: str) -> frozenset[str]:
    """Return the commonest words of a language, folded; empty where we have no list."""
    path = files("aggregator.arabic").joinpath("data", f"common-{language}.txt")
    if not path.is_file():
        return frozenset()
    lines = path.read_text(encoding="utf-8").splitlines()
    return frozenset(
        _key(word) for line in lines if not line.startswith("#") for word in line.split()
    )


def _key(word: str) -> str:
    return _MARKS.sub("", word).replace("\u06cc", "\u064a").replace("\u06a9", "\u0643")


def script_language(text: str) -> str | None:
    """Return ``ar``, ``fa``, ``ur``, ``ckb``, ``ps``, ``sd`` or ``ug``; None if nothing decides."""
    return _strongest(_WORD.findall(text[:_ENOUGH]))


def _strongest(words: Iterable[str]) -> str | None:
    points = dict.fromkeys(("ar", "fa", *_LETTERS), 0.0)
    for raw in words:
        _weigh(raw, points)
    best = max(points, key=lambda language: points[language])
    others = sorted(points.values())
    return best if others[-1] > others[-2] else None


def _weigh(raw: str, points: dict[str, float]) -> None:
    word = _key(raw)
    for language, letters in _LETTERS.items():
        points[language] += sum(1.0 for letter in set(word) if letter in letters)
    if "ە" in word:
        points["ckb"] += 1.0
    if "ە" in word and ("ۇ" in word or "ې" in word):
        points["ug"] += 1.0
    if _ARTICLE.match(word):
        points["ar"] += 1.5
    elif _ARABIC_ONLY.search(raw):
        points["ar"] += 0.7
    if "\u200c" in raw.strip("\u200c"):
        points["fa"] += 0.7
    if any(letter in word for letter in "پچژگ"):
        points["fa"] += 0.5
        points["ur"] += 0.3
        points["ckb"] += 0.3
    for language in points:
        if word.replace("\u200c", "") in common_words(language):
            points[language] += 1.0
