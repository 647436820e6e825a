"""How near two articles are in what they tell: the one measure behind events and related articles.

Pure: two fingerprints and the weights of terms go in, a few named numbers come out. Reports in two
scripts are compared by what the word lists know in both (topics, places, names), by figures, and by
the consonants of other names (Tokayev and توكاييف are both ``tkf``).
"""

import re
from collections.abc import Callable
from dataclasses import dataclass
from functools import lru_cache

from aggregator.similarity import Fingerprint
from aggregator.terms import country_of, exclude

Weigh = Callable[[str], float]

_SECONDS = 86400
#: Days apart that are assumed where a date is missing.
_UNKNOWN_GAP = 1.0

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


@dataclass(frozen=True, slots=True)
class Affinity:
    """How two articles agree.

    Attributes:
        cosine: 0 to 1, of the weighted terms.
        mass: summed weight of what they share.
        topics, places, names, figures, words: the parts of ``mass``.
        days: days between them; 1 where a date is missing.
        apart: they name places and share not even a country.
        elsewhere: both name narrow places and share none.
        against: what is done excludes that they tell of one happening (postponed, launched).
        foreign: they are written in different scripts.
    """

    cosine: float
    mass: float
    topics: float
    places: float
    names: float
    figures: float
    words: float
    days: float
    apart: bool
    elsewhere: bool
    against: bool
    foreign: bool


def affinity(a: Fingerprint, b: Fingerprint, weigh: Weigh) -> Affinity:
    """Return how near two articles are, ``weigh`` giving the weight of a term."""
    ours, theirs = a.terms.salience, b.terms.salience
    foreign = _script(a) != _script(b)
    parts = dict.fromkeys("cgpn#w", 0.0)
    dot = 0.0
    small, large = (ours, theirs) if len(ours) <= len(theirs) else (theirs, ours)
    for term, loud in small.items():
        other = large.get(term)
        if other is not None:
            weight = weigh(term)
            dot += weight * weight * loud * other
            parts[term[0]] += weight * min(loud, other)
    norm = _norm(ours, weigh, foreign) * _norm(theirs, weigh, foreign)
    if foreign:
        names = _same_sound(ours, theirs)
        parts["n"] += names
        dot += names * names
    places = parts["p"] + parts["g"]
    return Affinity(
        cosine=min(1.0, dot / (norm**0.5)) if norm else 0.0,
        mass=sum(parts.values()),
        topics=parts["c"],
        places=places,
        names=parts["n"],
        figures=parts["#"],
        words=parts["w"],
        days=_UNKNOWN_GAP if a.at is None or b.at is None else abs(a.at - b.at) / _SECONDS,
        apart=not places and _has(ours, "g") and _has(theirs, "g"),
        elsewhere=not parts["p"] and _has(ours, "p") and _has(theirs, "p"),
        against=exclude(a.terms.acts, b.terms.acts),
        foreign=foreign,
    )


def _script(one: Fingerprint) -> bool:
    return one.language.split("-")[0] in {"ar", "fa", "ur", "ckb", "ps"}


def _has(terms: "dict[str, float] | object", kind: str) -> bool:
    return any(term[0] == kind for term in terms)  # type: ignore[attr-defined]


def _norm(terms, weigh: Weigh, foreign: bool) -> float:  # type: ignore[no-untyped-def]
    return sum(
        (weigh(term) * loud) ** 2
        for term, loud in terms.items()
        if not foreign or term[0] != "w"
    ) + (40.0 if foreign else 0.0)


def _same_sound(ours, theirs) -> float:  # type: ignore[no-untyped-def]
    """Return the summed weight of words of two scripts that sound alike."""
    heard: dict[str, float] = {}
    for term, loud in ours.items():
        if term[0] == "w":
            for form in skeletons(term[2:]):
                heard[form] = max(heard.get(form, 0.0), loud)
    total = 0.0
    for term, loud in theirs.items():
        if term[0] == "w":
            hits = [(len(form), heard[form]) for form in skeletons(term[2:]) if form in heard]
            if hits:
                length, other = max(hits)
                total += (1.2 if length == 3 else 2.4) * min(loud, other)
    return total
