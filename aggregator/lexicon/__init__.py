"""The word lists of news: topics, places, names, acts, common words, numerals, in three languages.

The files beside this module hold natural forms; they are folded and stemmed when read. A word whose
stem is that of a common word (العقبة and عقب) is known by its full form only.
"""

from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import cache
from importlib.resources import files

from aggregator.arabic import fold, stop_words

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


def bare(word: str) -> str:
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
    yield bare(word)
    for lead in _ARTICLE:
        if word.startswith(lead) and len(word) - len(lead) >= 2:
            yield bare(word[len(lead) :])
    for lead in _LEADS:
        if word.startswith(lead) and len(word) - len(lead) >= 3:
            yield bare(word[len(lead) :])


def stem(word: str) -> str:
    """Return the stem of a folded word; the word lists win over guessed clitics."""
    if word.isascii() or len(word) < 4:
        return bare(word)
    known = lexicon().stems
    for candidate in _candidates(word):
        if candidate in known:
            return candidate
    for lead in _ARTICLE:
        if word.startswith(lead) and len(word) - len(lead) >= 3:
            return _endless(word[len(lead) :])
    if word[0] == "و" and len(word) >= 6:
        word = word[1:]
    return _endless(word)


@dataclass(slots=True)
class Lexicon:
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
    #: full folded forms, clitics and all, of words whose stem means something else
    exact: dict[str, tuple[str, ...]] = field(default_factory=dict)
    common_forms: set[str] = field(default_factory=set)
    #: stems that every text uses often, and what they weigh
    background: dict[str, float] = field(default_factory=dict)

    def keys(self, folded: str, own: str) -> tuple[str, ...]:
        """Return what a word means, from its full form and its stem."""
        return self.exact.get(folded) or self.meanings.get(own, ())


_CONCEPT_WEIGHT = {"1": 1.0, "2": 2.2, "3": 3.6}
_COUNTRY_WEIGHT = 1.4
_PLACE_WEIGHT = 2.8
_NAME_WEIGHT = 2.4

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
    return tuple(bare(word) for word in fold(item.replace("_", " "), "search").split())


def _tied(form: str) -> list[str]:
    """Return a folded form with the clitics it is met with; endings stay (ألف is not ألفين)."""
    if form.isascii():
        return [form]
    return [lead + form for lead in ("", "و", "ب", "ل", "ال", "وال", "بال")]


def without_article(form: str) -> str:
    """Return a folded Arabic word without its article."""
    return form[2:] if form.startswith("ال") and len(form) >= 5 else form


def _with_clitics(form: str) -> list[str]:
    if form.isascii():
        return [form]
    if form.startswith("ال"):
        rest = form[2:]
        return [form, *(lead + rest for lead in ("وال", "بال", "فال", "كال", "لل", "ولل", "وبال"))]
    leads = ("", "و", "ب", "ل", "ف", "وب", "ول", "ال", "وال", "بال", "لل")
    return [lead + form for lead in leads]


class _Reader:
    """Fills a lexicon from the files."""

    def __init__(self) -> None:
        self.made = Lexicon()

    def mean(self, item: str, *keys: str) -> None:
        """Let ``item`` mean ``keys`` beside what it means already."""
        stems = _forms(item)
        made = self.made
        if not stems:
            return
        if len(stems) > 1:
            made.stems.update(stems)
            made.phrases.setdefault(stems[0], []).append((stems, keys))
            return
        own = stems[0]
        old = made.meanings.get(own, ())
        if keys[0][0] != "a" and self._means_else(own, old, keys[0][0]):
            self._mean_exactly(fold(item, "search"), keys)
            return
        made.stems.add(own)
        made.meanings[own] = (*old, *(key for key in keys if key not in old))

    def _means_else(self, own: str, old: tuple[str, ...], kind: str) -> bool:
        """Whether a stem means something else first: a common word, or a topic for a place."""
        made = self.made
        if own in made.common or own in stop() or own in made.numerals:
            return True
        return kind in "gp" and any(key[0] == "c" for key in old)

    def _mean_exactly(self, form: str, keys: tuple[str, ...]) -> None:
        made = self.made
        if without_article(form) in made.common_forms or form in stop():
            return
        forms = [form, form + "ه", form + "ين", form + "ون"] if form.endswith("ي") else [form]
        for each in forms:
            for tied in _with_clitics(each):
                old = made.exact.get(tied, ())
                made.exact[tied] = (*old, *(key for key in keys if key not in old))

    def read(self) -> Lexicon:
        """Return the word lists of the package."""
        made = self.made
        for (words,) in _lines("common.tsv"):
            made.common.update(form for item in words.split() for form in _forms(item))
            made.common_forms.update(
                without_article(form) for form in fold(words.replace("_", " "), "search").split()
            )
        made.stems |= made.common
        self._numbers_and_days()
        for name, weight, words in _lines("concepts.tsv"):
            self._entry("c:" + name, _CONCEPT_WEIGHT[weight], words)
        self._places()
        for name, words in _lines("names.tsv"):
            self._entry("n:" + name, _NAME_WEIGHT, words)
        for name, others, words in _lines("phases.tsv"):
            made.acts["a:" + name] = frozenset("a:" + other for other in others.split(","))
            self._entry("a:" + name, 0.0, words)
        for weight, words in _lines("background.tsv"):
            made.background.update(dict.fromkeys(words.split(), float(weight)))
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
def lexicon() -> Lexicon:
    """Return the word lists, read once."""
    return _Reader().read()


@cache
def stop() -> frozenset[str]:
    """Return the folded function words of the three languages."""
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
