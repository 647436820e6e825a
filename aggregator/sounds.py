"""The consonants by which a name is known, however its vowels and foreign letters are written.

Tokayev and توكاييف are both ``tkf``; سينديرغي, سنديرجي and Sindirgi are ``sndrg``. Rough by intent:
for words that no list knows, which are names more often than not.
"""

import re
from functools import lru_cache

_LATIN_PAIRS = (
    ("tch", "ts"), ("sch", "s"), ("sh", "s"), ("kh", "k"), ("gh", "g"), ("ph", "f"), ("th", "t"),
    ("dj", "g"), ("ck", "k"), ("qu", "k"), ("ce", "se"), ("ci", "si"),
)  # fmt: skip
_LATIN = str.maketrans("pvjcqxz", "bfgkkss", "aeiouyhw'’-")
_ARABIC = str.maketrans(
    "بپتطدضكقخغجگفڤلرنمسصثشزذظچ", "bbttddkkkgggfflrnmsssssss" + "t", "اوايىهةءحعآؤئإأ"
)
_ARABIC_LETTER = re.compile("[\u0620-\u064a]")
_DOUBLED = re.compile(r"(.)\1+")


@lru_cache(maxsize=50_000)
def skeletons(word: str) -> tuple[str, ...]:
    """Return the consonants by which a name is known in Arabic and Latin letters; empty if few."""
    if _ARABIC_LETTER.search(word):
        forms = [word.replace("تش", "ts").translate(_ARABIC)]
    elif word.isascii():
        for pair, sound in _LATIN_PAIRS:
            word = word.replace(pair, sound)
        forms = [word.replace("ch", sound).translate(_LATIN) for sound in ("s", "ts", "k")]
    else:
        return ()
    bare = {_DOUBLED.sub(r"\1", form) for form in forms}
    return tuple(sorted(form for form in bare if len(form) >= 3))


#: Stands before the consonants of a word, so that they are not taken for a word.
SPELLED = "~"
_LONG_ENOUGH, _TELLING = 5, 4


def spelled(word: str) -> str:
    """Return what stands for an unknown stem: its consonants if they tell enough, else itself."""
    if len(word) < _LONG_ENOUGH or not _ARABIC_LETTER.match(word):
        return word
    form = max(skeletons(word), key=len, default="")
    return SPELLED + form if len(form) >= _TELLING else word
