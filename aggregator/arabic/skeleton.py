"""The consonants of a name, so that its Arabic and its Latin spelling meet: هسبريس, Hespress.

Coarse on purpose: letters that transliterations exchange are one, vowels and breathings vanish, the
article goes, spelled letters (بي بي سي) become letters. Good for "is this the same short name",
not for words of a text.
"""

import re
from functools import lru_cache

_ARTICLE_ARABIC = re.compile("^ال(?=.{2})")
_ARTICLE_LATIN = re.compile("^(?:al|el)(?=.{3})")
_DIGRAPHS = (
    ("tsch", "s"),
    ("sch", "s"),
    ("sh", "s"),
    ("ch", "s"),
    ("th", "t"),
    ("dh", "t"),
    ("kh", "k"),
    ("gh", "k"),
    ("ph", "f"),
    ("ck", "k"),
    ("x", "ks"),
    ("ce", "s"),
    ("ci", "s"),
    ("cy", "s"),
)
_CLASSES = {
    "b": "bpبپ",
    "f": "fvفڤ",
    "t": "tdطتثدذض",
    "s": "szصسزشظ",
    "k": "kcqgjجغقكخگچ",
    "l": "lل",
    "m": "mم",
    "n": "nن",
    "r": "rر",
}
_CLASS_OF = {letter: kind for kind, letters in _CLASSES.items() for letter in letters}
#: Names of Latin letters as Arabic spells them, search-folded.
_LETTER_NAMES = (
    "ايه:a بي:b سي:c دي:d اي:e اف:f جي:g اتش:h جيه:j كي:k ال:l ام:m ان:n او:o كيو:q ار:r اس:s تي:t"
    " يو:u في:v دبليو:w اكس:x واي:y زد:z"
)
_SPELLED = dict(pair.split(":") for pair in _LETTER_NAMES.split())
#: Number words in names that Latin writes in digits: Youm7.
_NUMBERS = {"سابع": "7", "السابع": "7", "عشرين": "20", "عشرون": "20"}


def spelled_letters(words: tuple[str, ...]) -> str | None:
    """Return the Latin letters that folded words spell (بي بي سي: bbc), None if they do not."""
    if len(words) < 2 or not all(word in _SPELLED for word in words):
        return None
    return "".join(_SPELLED[word] for word in words)


@lru_cache(maxsize=1024)
def skeleton(words: tuple[str, ...]) -> str:
    """Return the classes of the consonants of search-folded words, doubles once; digits stay."""
    return "".join(_classes(_NUMBERS.get(word, word)) for word in words)


def _classes(word: str) -> str:
    if word.isascii():
        word = _ARTICLE_LATIN.sub("", word) if word not in {"al", "el"} else ""
        for letters, plain in _DIGRAPHS:
            word = word.replace(letters, plain)
    else:
        word = _ARTICLE_ARABIC.sub("", word)
    kinds = (char if char.isdigit() else _CLASS_OF.get(char, "") for char in word)
    return re.sub(r"([a-z])\1+", r"\1", "".join(kinds))
