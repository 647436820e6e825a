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
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from functools import cache
from importlib.resources import files
from itertools import pairwise
from zlib import crc32

from aggregator.arabic import fold, stop_words

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


_ARTICLE = ("وبال", "فبال", "وال", "فال", "بال", "كال", "ولل", "فلل", "لل", "ال")
_LEADS = ("وب", "ول", "وس", "و", "ف", "ب", "ل", "ك")
_PLURALS = ("يات", "ات", "ين", "ون", "ان", "تين", "تان", "هما", "ها", "هم", "وا")
_LATIN_ENDS = ("ments", "ment", "ings", "ing", "ies", "es", "ed", "s", "e")


def _endless(word: str) -> str:
    """Return an Arabic word without endings of number, gender, origin and possession."""
    for _ in range(2):
        for end in _PLURALS:
            if word.endswith(end) and len(word) - len(end) >= 4:
                word = word[: -len(end)]
                break
        if len(word) >= 5 and word.endswith("يه"):
            word = word[:-2]
        elif len(word) >= 4 and word[-1] in "يه":
            word = word[:-1]
    return word


def _bare(word: str) -> str:
    """Return a folded word without article and endings, never shorter than three letters."""
    if word.isascii():
        for end in _LATIN_ENDS:
            if word.endswith(end) and len(word) - len(end) >= 4:
                return word[: -len(end)]
        return word
    if word.startswith("ال") and len(word) >= 5:
        word = word[2:]
    return _endless(word)


def _candidates(word: str) -> Iterator[str]:
    yield _bare(word)
    for lead in _ARTICLE:
        if word.startswith(lead) and len(word) - len(lead) >= 2:
            yield _bare(word[len(lead) :])
    for lead in _LEADS:
        if word.startswith(lead) and len(word) - len(lead) >= 3:
            yield _bare(word[len(lead) :])


def stem(word: str) -> str:
    """Return the stem of a folded word; the word lists win over guessed clitics."""
    if word.isascii() or len(word) < 4:
        return _bare(word)
    known = _lexicon().stems
    for candidate in _candidates(word):
        if candidate in known:
            return candidate
    for lead in _ARTICLE:
        if word.startswith(lead) and len(word) - len(lead) >= 3:
            return _endless(word[len(lead) :])
    if word[0] == "و" and len(word) >= 6:
        word = word[1:]
    return _endless(word)


# ----------------------------------------------------------------------- word lists


@dataclass(slots=True)
class _Lexicon:
    """The word lists, by stem; ``phrases`` by their first stem, longest first."""

    meanings: dict[str, tuple[str, ...]] = field(default_factory=dict)
    phrases: dict[str, list[tuple[tuple[str, ...], tuple[str, ...]]]] = field(default_factory=dict)
    weights: dict[str, float] = field(default_factory=dict)
    country: dict[str, str] = field(default_factory=dict)
    common: set[str] = field(default_factory=set)
    acts: dict[str, frozenset[str]] = field(default_factory=dict)
    numerals: dict[str, float] = field(default_factory=dict)
    days: set[str] = field(default_factory=set)
    stems: set[str] = field(default_factory=set)


_CONCEPT_WEIGHT = {"1": 1.0, "2": 2.2, "3": 3.6}
_COUNTRY_WEIGHT = 1.4
_PLACE_WEIGHT = 2.8
_NAME_WEIGHT = 2.4
_WORD_WEIGHT = 2.6
_COMMON_WEIGHT = 0.25

_UNITS = (
    "صفر",
    "واحد واحدة",
    "اثنان اثنين اثنا اثني اثنتان اثنتين اثنتا اثنتي",
    "ثلاث ثلاثة",
    "أربع أربعة",
    "خمس خمسة",
    "ست ستة",
    "سبع سبعة",
    "ثمان ثماني ثمانية",
    "تسع تسعة",
)
_TENS = "عشرين ثلاثين أربعين خمسين ستين سبعين ثمانين تسعين"
_HUNDREDS = "مئة مئتين ثلاثمئة أربعمئة خمسمئة ستمئة سبعمئة ثمانمئة تسعمئة"
_DAY_NAMES = (
    "الأحد الاثنين الإثنين الثلاثاء الأربعاء الخميس الجمعة السبت "
    "يناير فبراير مارس أبريل إبريل مايو يونيو يوليو أغسطس سبتمبر أكتوبر نوفمبر ديسمبر "
    "شباط آذار نيسان أيار حزيران تموز آب أيلول تشرين كانون "
    "جانفي فيفري أفريل ماي جوان جويلية أوت نونبر دجنبر شتنبر يوليوز غشت "
    "monday tuesday wednesday thursday friday saturday sunday january february march april june "
    "july august september october november december lundi mardi mercredi jeudi vendredi samedi "
    "dimanche janvier février mars avril mai juin juillet août septembre octobre novembre décembre"
)


def _numerals() -> Iterator[tuple[str, float]]:
    for value, forms in enumerate(_UNITS):
        for form in forms.split():
            yield form, value
    yield from (("عشر", 10), ("عشرة", 10), ("نصف", 0.5), ("مائة", 100), ("مائتين", 200))
    for index, form in enumerate(_TENS.split()):
        yield form, (index + 2) * 10
        yield form.removesuffix("ين") + "ون", (index + 2) * 10
    for index, form in enumerate(_HUNDREDS.split()):
        yield form, (index + 1) * 100
        yield form.replace("مئ", "مائ"), (index + 1) * 100
    yield from (("مئتا", 200), ("ألف", 1e3), ("ألفا", 1e3), ("آلاف", 1e3), ("ألفين", 2e3))
    yield from (("ألفي", 2e3), ("مليون", 1e6), ("مليونا", 1e6), ("ملايين", 1e6), ("مليونين", 2e6))
    yield from (("مليار", 1e9), ("مليارات", 1e9), ("مليارا", 1e9), ("thousand", 1e3))
    yield from (("million", 1e6), ("millions", 1e6), ("billion", 1e9), ("milliard", 1e9))
    yield from (("milliards", 1e9), ("mille", 1e3))
    english = "two three four five six seven eight nine ten eleven twelve thirteen fourteen fifteen"
    yield from ((word, value) for value, word in enumerate(english.split(), 2))
    french = "deux trois quatre cinq six sept huit neuf dix onze douze treize quatorze quinze"
    yield from ((word, value) for value, word in enumerate(french.split(), 2))
    yield from (("sixteen", 16), ("twenty", 20), ("thirty", 30), ("forty", 40), ("fifty", 50))
    yield from (("seize", 16), ("vingt", 20), ("trente", 30), ("quarante", 40), ("hundred", 100))


def _lines(name: str) -> Iterator[list[str]]:
    text = files("aggregator").joinpath("lexicon", name).read_text(encoding="utf-8")
    for line in text.splitlines():
        if line and not line.startswith("#"):
            yield line.split("\t")


def _forms(item: str) -> tuple[str, ...]:
    return tuple(_bare(word) for word in fold(item.replace("_", " "), "search").split())


def _tied(form: str) -> list[str]:
    """Return a folded form with the clitics it is met with; endings stay (ألف is not ألفين)."""
    if form.isascii():
        return [form]
    return [lead + form for lead in ("", "و", "ب", "ل", "ال", "وال", "بال")]


class _Reader:
    """Fills a lexicon from the files."""

    def __init__(self) -> None:
        self.made = _Lexicon()

    def mean(self, item: str, *keys: str) -> None:
        """Let ``item`` mean ``keys`` beside what it means already."""
        stems = _forms(item)
        made = self.made
        if not stems:
            return
        made.stems.update(stems)
        if len(stems) == 1:
            old = made.meanings.get(stems[0], ())
            made.meanings[stems[0]] = (*old, *(key for key in keys if key not in old))
            return
        made.phrases.setdefault(stems[0], []).append((stems, keys))

    def read(self) -> _Lexicon:
        """Return the word lists of the package."""
        made = self.made
        for name, weight, words in _lines("concepts.tsv"):
            self._entry("c:" + name, _CONCEPT_WEIGHT[weight], words)
        self._places()
        for name, words in _lines("names.tsv"):
            self._entry("n:" + name, _NAME_WEIGHT, words)
        for name, others, words in _lines("phases.tsv"):
            made.acts["a:" + name] = frozenset("a:" + other for other in others.split(","))
            self._entry("a:" + name, 0.0, words)
        for (words,) in _lines("common.tsv"):
            made.common.update(form for item in words.split() for form in _forms(item))
        made.stems |= made.common
        self._numbers_and_days()
        for found in made.phrases.values():
            found.sort(key=lambda phrase: -len(phrase[0]))
        return made

    def _entry(self, key: str, weight: float, words: str) -> None:
        self.made.weights[key] = weight
        for item in words.split():
            self.mean(item, key)

    def _numbers_and_days(self) -> None:
        for form, value in _numerals():
            self.made.numerals |= dict.fromkeys(_tied(fold(form, "search")), value)
        for form in _DAY_NAMES.split():
            self.made.days.update(_tied(fold(form, "search")))

    def _places(self) -> None:
        for code, own, *rest in _lines("places.tsv"):
            country = "g:" + code
            self.made.weights[country] = _COUNTRY_WEIGHT
            for item in own.split():
                self.mean(item, country)
            for variants in " ".join(rest).split():
                names = variants.split("/")
                place = "p:" + "_".join(_forms(names[0]))
                self.made.weights[place] = _PLACE_WEIGHT
                self.made.country[place] = country
                for item in names:
                    self.mean(item, place, country)


@cache
def _lexicon() -> _Lexicon:
    return _Reader().read()


@cache
def _stop() -> frozenset[str]:
    english = (
        "the a an of to in on at by for with from and or but not is are was were be been being has "
        "have had it its this that these those as who which whose what when where how than then "
        "they them their he his him she her we our you your i will would can could may might must "
        "should no so if out up into just one all some any both each s t"
    )
    french = (
        "le la les un une des du de d l et ou mais ne pas est sont était être été a ont avait au "
        "aux en dans par pour avec sans ce cet cette ces qui que qu quoi dont où il elle ils elles "
        "on nous vous son sa ses leur leurs se s n y comme si lui tout tous toute toutes"
    )
    own = fold(english + " " + french, "search").split()
    return frozenset(own) | stop_words("ar") | stop_words("en") | stop_words("fr")


# ----------------------------------------------------------------------- words

_table: dict[str, tuple[Word, ...]] = {}


def _word(folded: str) -> Word:
    folded = folded[:_LONGEST_WORD]
    if _FIGURE.fullmatch(folded):
        return _figure(folded)
    own = stem(folded)
    lexicon = _lexicon()
    value, day = lexicon.numerals.get(folded), folded in lexicon.days
    keys = lexicon.meanings.get(own, ())
    plain = not keys and value is None and not day and len(own) > 2
    if plain and own not in _stop() and folded not in _stop() and own not in lexicon.common:
        keys = ("w:" + own,)
    return Word(own, crc32(own.encode()), value, day, keys, own in lexicon.phrases)


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
    found: list[Word] = []
    for raw in text.split(maxsplit=most)[:most]:
        words = _table.get(raw)
        if words is None:
            words = _table[raw[: 4 * _LONGEST_WORD]] = _work_out(raw)
        found += words
    return found


def figures(words: Iterable[Word]) -> list[float]:
    """Return the numbers of a text in order, spelled ones worked out (مئة وسبعة وثلاثين is 137)."""
    found: list[float] = []
    total = part = 0.0
    state = ""  # "" none is open, "9" digits were read last, "w" a word
    for word in words:
        value = word.value
        if state and (value is None or _starts_anew(part, value, word, state)):
            found.append(total + part)
            total = part = 0.0
            state = ""
        if value is None:
            continue
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


@dataclass(frozen=True, slots=True)
class Terms:
    """What an article speaks of.

    Attributes:
        salience: term → how much it stands out, 1 to about 4.
        acts: what is done about the matter in title and first sentence (``phases.tsv``).
    """

    salience: Mapping[str, float]
    acts: frozenset[str] = frozenset()


def prior(term: str) -> float:
    """Return the weight of a term before anything is known of the store."""
    weight = _lexicon().weights.get(term)
    if weight is not None:
        return weight
    if term[0] == "#":
        return _figure_weight(float(term[1:]))
    return _COMMON_WEIGHT if term[2:] in _lexicon().common else _WORD_WEIGHT


def _figure_weight(value: float) -> float:
    if value != int(value):
        return 2.6
    if 1950 <= value <= 2100:
        return 0.4
    if value <= 12:
        return 0.4
    digits = f"{value:.0f}".rstrip("0")
    return min(3.0, 1.0 + 0.8 * (len(digits) - 1)) if value > 20 else 0.9


def weigh(term: str, df: int, documents: int) -> float:
    """Return the weight of a term that ``df`` of ``documents`` articles hold.

    The lists' own weight counts like a small store of its own, so that the first articles are
    judged sanely; what stands everywhere sinks to a tenth, what is rare rises by a third.
    """
    seldom = math.log((documents + 400) / (df + 400 * math.exp(-4.5)))
    return prior(term) * min(1.3, max(0.1, seldom / 4.5))


def country_of(place: str) -> str | None:
    """Return the country term of a place term."""
    return _lexicon().country.get(place)


def exclude(a: frozenset[str], b: frozenset[str]) -> bool:
    """Whether the acts of two reports cannot be one happening."""
    acts = _lexicon().acts
    if a & b:
        return False
    return any(acts[one] & b for one in a) or any(acts[one] & a for one in b)


def _phrase(words: list[Word], at: int) -> tuple[str, ...]:
    """Return the terms of the longest known phrase that begins at ``at``."""
    for phrase, keys in _lexicon().phrases[words[at].stem]:
        if len(phrase) <= len(words) - at and all(
            words[at + step].stem == own for step, own in enumerate(phrase)
        ):
            return keys
    return ()


def terms(title: list[Word], body: list[Word]) -> Terms:
    """Return what an article speaks of, from the words of its title and its body."""
    front = len(title)
    words = title + body[:TERM_WORDS]
    loud: dict[str, float] = {}
    counts: dict[str, int] = {}
    acts: set[str] = set()
    for at, word in enumerate(words):
        keys = word.keys
        if word.opens and (more := _phrase(words, at)):
            keys = tuple(key for key in keys if key[0] != "w") + more
        for key in keys:
            if key in counts:
                counts[key] += 1
            else:
                counts[key] = 1
                loud[key] = 2.0 if at < front else 1.4 if at < front + 45 else 1.0
                if key[0] == "a" and at < front + 14:
                    acts.add(key)
    salience = {
        key: height if counts[key] == 1 else height + 0.35 * math.log2(counts[key])
        for key, height in loud.items()
        if key[0] != "a"
    }
    for value in figures(words):
        if value > 2:
            salience[f"#{value:g}"] = 1.0
    return Terms(salience, frozenset(acts))
