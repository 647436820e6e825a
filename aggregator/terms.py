"""What an article speaks of: folded words, and weighted terms that hold over languages.

``read`` turns text into :class:`Word` objects, each word form worked out once and kept in a bounded
table. ``terms`` names what stands in a text: topics (``c:``), countries (``g:``), places (``p:``),
people and bodies (``n:``), figures (``#``) and all other words (``w:``). Topics, places and names
come from the word lists in ``lexicon/`` and have one key for all languages, so a French and an
Arabic report of one event share them. Everything else is told by the text alone.

Limits: the lists hold what news often speaks of, not all there is; unknown names count as words.
No network, no clock. Time is linear in the text, and only its first part is read.
"""

import math
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from functools import lru_cache
from itertools import chain, pairwise
from operator import itemgetter
from zlib import crc32

from aggregator.arabic import fold
from aggregator.lexicon import lexicon, stem, stop
from aggregator.sounds import spelled

#: Words of a text that are looked at for copies; longer texts are judged by their first part.
MOST_WORDS = 1500
#: Words that are looked at for terms: what an event is stands in front.
TERM_WORDS = 300
#: Word forms kept worked out; the table is emptied when full.
_TABLE_SIZE = 200_000
_LONGEST_WORD = 40

_GLUED = re.compile(
    "[\u0e00-\u0eff\u1000-\u109f\u1780-\u17ff\u3040-\u30ff\u3400-\u9fff\uf900-\ufaff]"
)
_FIGURE = re.compile(r"[0-9][0-9.,:/-]*")
_THOUSANDS = re.compile(r"[0-9]{1,3}(,[0-9]{3})+")
_TIED_FIGURE = re.compile("[وفبلكا]{1,4}-?(?=[0-9])")
_SPLIT_SIGNS = str.maketrans(dict.fromkeys("%$€£+", " "))


@dataclass(frozen=True, slots=True)
class Word:
    """One word of a text.

    Attributes:
        stem: folded, without clitics and endings.
        code: 32 bit, the same on every machine and for ever.
        value: what a numeral means, in digits or words; None for other words.
        day: names a weekday or month.
        keys: the terms that the word alone stands for.
        opens: whether a phrase of the word lists begins with it.
    """

    stem: str
    code: int
    value: float | None = None
    day: bool = False
    keys: tuple[str, ...] = ()
    opens: bool = False


# ----------------------------------------------------------------------- words

_table: dict[str, tuple[Word, ...]] = {}


def _word(folded: str) -> Word:
    folded = folded[:_LONGEST_WORD]
    if _FIGURE.fullmatch(folded):
        return _figure(folded)
    own = stem(folded)
    lists = lexicon()
    value, day = lists.numerals.get(folded), folded in lists.days
    keys = lists.keys(folded, own)
    plain = not keys and value is None and not day and len(own) > 2
    if plain and own not in stop() and folded not in stop() and own not in lists.common:
        keys = ("w:" + (own if own in lists.background else spelled(own)),)
    return Word(own, crc32(own.encode()), value, day, keys, own in lists.phrases)


def _figure(folded: str) -> Word:
    """Return the word for digits: 1,250 is 1250; a time, date or range is told by its parts."""
    plain = folded.replace(",", "") if _THOUSANDS.fullmatch(folded) else folded
    try:
        value = float(plain.replace(",", "."))
    except ValueError:
        value = math.fsum(float(part) for part in re.findall("[0-9]+", plain)[:4]) + 1e-3
    return Word(plain, crc32(plain.encode()), value)


def _work_out(raw: str) -> tuple[Word, ...]:
    raw = raw[: 4 * _LONGEST_WORD].encode("utf-8", "replace").decode()  # no lone surrogates
    parts = fold(raw, "search").translate(_SPLIT_SIGNS).split()
    found: list[str] = []
    for part in parts:
        if part[-1].isdigit() and (tied := _TIED_FIGURE.match(part)):
            part = part[tied.end() :]
        if _GLUED.search(part) and len(part) > 2:
            found += [a + b for a, b in pairwise(part)]
        else:
            found.append(part)
    return tuple(_word(part) for part in found)


def read(text: str, most: int = MOST_WORDS) -> list[Word]:
    """Return at least the first ``most`` words of ``text``, if it has them, and few more."""
    if len(_table) > _TABLE_SIZE:
        _table.clear()
    raws = text.split(maxsplit=most)[:most]
    found = list(map(_table.get, raws))
    if None in found:
        for at, raw in enumerate(raws):
            if found[at] is None:
                raw = raw[: 4 * _LONGEST_WORD]
                found[at] = _table[raw] = _work_out(raw)
    return list(chain.from_iterable(filter(None, found)))


def figures(words: Iterable[Word]) -> list[float]:
    """Return the numbers of a text in order, spelled ones worked out (مئة وسبعة وثلاثين is 137)."""
    found: list[float] = []
    total = part = 0.0
    state = ""  # "" none is open, "9" digits were read last, "w" a word
    last = -1
    for at, word in enumerate(words):
        value = word.value
        if value is None:
            continue
        if state and (at > last + 1 or _starts_anew(part, value, word, state)):
            found.append(total + part)
            total = part = 0.0
        last = at
        state = "9" if word.stem[:1].isdigit() else "w"
        if value in _SCALES:
            total, part = total + (part or 1) * value, 0.0
        elif value == 100 and 2 < part < 10:
            part *= 100
        else:
            part += value
    if state:
        found.append(total + part)
    return found


_SCALES = frozenset({1e3, 1e6, 1e9})


def _starts_anew(part: float, value: float, word: Word, state: str) -> bool:
    """Whether a numeral cannot belong to the number that is being read."""
    if word.stem[:1].isdigit():
        return True
    if value in _SCALES:
        return False
    return state == "9" or (part % 10 > 0 and 0 < value < 10) or (part >= 10 and value >= part)


# ----------------------------------------------------------------------- terms


_first = itemgetter(0)


@dataclass(frozen=True, slots=True)
class Terms:
    """What an article speaks of.

    Attributes:
        salience: term → how much it stands out, 1 to about 4.
        acts: what is done about the matter in title and first sentence (``phases.tsv``).
        kinds: the first letters of all terms.
    """

    salience: Mapping[str, float]
    acts: frozenset[str] = frozenset()
    kinds: frozenset[str] = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "kinds", frozenset(map(_first, self.salience)))


NO_TERMS = Terms({})


#: Figures stand out as a word of the first lines does.
_FIGURE_LOUD = 1.5
#: Of words in no list: mostly names that no list knows.
_WORD_WEIGHT, _COMMON_WEIGHT = 2.9, 0.25


@lru_cache(maxsize=200_000)
def prior(term: str) -> float:
    """Return the weight of a term before anything is known of the store."""
    weight = lexicon().weights.get(term)
    if weight is not None:
        return weight
    if term[0] == "#":
        return _figure_weight(float(term[1:]))
    own, lists = term[2:], lexicon()
    return _COMMON_WEIGHT if own in lists.common else lists.background.get(own, _WORD_WEIGHT)


def _figure_weight(value: float) -> float:
    if value != int(value):
        return 2.6
    if 1950 <= value <= 2100:
        return 0.4
    if value <= 12:
        return 0.4
    digits = f"{value:.0f}".rstrip("0")
    return min(3.0, 1.0 + 0.8 * (len(digits) - 1)) if value > 20 else 0.9


#: Articles that the word lists' own weights count for.
_PRIOR = 100
#: What stands in a few of few articles is rare there; in many articles more is asked.
_FEW, _UNSEEN, _RARE = 3, 1.1, 4.5


def weigh(term: str, df: int, documents: int) -> float:
    """Return the weight of a term that ``df`` of ``documents`` articles hold.

    The lists' own weight counts like a small store of its own, so that the first articles are
    judged sanely; what stands everywhere sinks to nearly nothing, what is rare rises by a third.
    """
    every = math.log(documents + _PRIOR)
    seldom = every - math.log(df + _UNSEEN)
    usual = min(_RARE, every - math.log(_FEW + _UNSEEN))
    return prior(term) * min(1.3, max(0.1, seldom / usual) ** 2)


def country_of(place: str) -> str | None:
    """Return the country term of a place term."""
    return lexicon().country.get(place)


def exclude(a: frozenset[str], b: frozenset[str]) -> bool:
    """Whether the acts of two reports cannot be one happening."""
    acts = lexicon().acts
    if a & b:
        return False
    return any(acts[one] & b for one in a) or any(acts[one] & a for one in b)


#: Topics that are told anew each day.
_ROUTINE = (
    *("c:gold", "c:exchange_rate", "c:weather", "c:stocks", "c:crypto", "c:horoscope"),
    *("c:prayer_times", "c:daily_prices"),
)
#: How loud a term of the title is.
IN_TITLE = 2.0


def routine(a: Terms, b: Terms) -> bool:
    """Whether both titles tell what is told anew each day, like prices and weather."""
    ours, theirs = a.salience, b.salience
    return any(
        ours.get(term, 0.0) >= IN_TITLE and theirs.get(term, 0.0) >= IN_TITLE for term in _ROUTINE
    )


def _phrase(words: list[Word], at: int) -> tuple[tuple[str, ...], int]:
    """Return the terms of the longest known phrase that begins at ``at``, and its length."""
    for phrase, keys in lexicon().phrases[words[at].stem]:
        if len(phrase) <= len(words) - at and all(
            words[at + step].stem == own for step, own in enumerate(phrase)
        ):
            return keys, len(phrase)
    return (), 0


def terms(title: list[Word], body: list[Word]) -> Terms:
    """Return what an article speaks of, from the words of its title and its body."""
    front = len(title)
    words = title + body[:TERM_WORDS]
    loud: dict[str, float] = {}
    counts: dict[str, int] = {}
    acts: set[str] = set()
    covered = 0
    for at, word in enumerate(words):
        keys = word.keys
        if at < covered:  # inside a phrase: the White House is no town of that name
            keys = tuple(key for key in keys if key[0] in "cag")
        elif word.opens:
            more, size = _phrase(words, at)
            if size:
                covered = at + size
                keys = tuple(key for key in keys if key[0] != "w") + more
        for key in keys:
            if key in counts:
                counts[key] += 1
            else:
                counts[key] = 1
                loud[key] = (
                    IN_TITLE
                    if at < front
                    else 1.4
                    if at < front + 45
                    else 1.0
                    if at < front + 120
                    else 0.6
                )
                if key[0] == "a" and at < front + 14:
                    acts.add(key)
    salience = {
        key: height if counts[key] == 1 else height + 0.35 * math.log2(counts[key])
        for key, height in loud.items()
        if key[0] != "a"
    }
    for value in figures(words):
        if value > 2:
            salience[f"#{value:g}"] = _FIGURE_LOUD
    return Terms(salience, frozenset(acts))
