"""Which language a text in Arabic script is written in, by its letters and commonest words.

Enough to decide whether U+06CC is a misplaced ya or Persian, and to tell Arabic, Persian, Urdu,
Sorani, Pashto, Sindhi and Uyghur apart without a model. Common words lie in data/common-*.txt.
"""

import re
from functools import cache
from importlib.resources import files

#: Languages of the script that write ya and kaf as U+06CC and U+06A9 and use the non-joiner.
OTHER_LANGUAGES = frozenset(
    {"fa", "ur", "ckb", "ps", "sd", "ug", "pnb", "ks", "az", "azb", "mzn", "glk", "lrc", "ku", "uz"}
)
_LETTERS = {
    "ur": "ٹڈڑںےۓ",
    "ckb": "ڕڵۆێە",
    "ps": "ښږځڅډړټڼۍې",
    "sd": "ٿڀٺڃڄڇڏڌڊڻٽڦڳڱ",
    "ug": "ۇۈۋې",
}
#: A letter that Arabic and Persian words never hold, not even by a wrong keyboard.
OTHER_LETTERS = re.compile(f"[{''.join(_LETTERS.values())}]")
_WORDS = re.compile(
    "[\u0620-\u063f\u0641-\u065f\u066e-\u06d3\u06d5\u06fa-\u06ff\u0750-\u077f\u200c]+"
)
_IGNORED = re.compile("[\u064b-\u065f\u0670\u06d6-\u06ed\u0640]")
#: A longer text says no more than its beginning.
_ENOUGH = 2000
#: The article, bare and behind a conjunction or preposition.
_ARTICLES = ("ال", "وال", "فال", "بال", "كال", "لل", "ولل", "وبال")
_ARABIC_ONLY = re.compile("[ةأإؤى]")
#: Written out in Arabic where a word would be misread; hardly ever elsewhere.
_HARAKAT = re.compile("[\u064b-\u0652]")
_PERSIAN_LETTERS = re.compile("[پچژگ]")


@cache
def common_words(language: str) -> frozenset[str]:
    """Return the commonest words of a language as ``script_language`` compares them."""
    path = files("aggregator.arabic").joinpath("data", f"common-{language}.txt")
    lines = path.read_text(encoding="utf-8").splitlines()
    return frozenset(
        _comparable(word) for line in lines if not line.startswith("#") for word in line.split()
    )


@cache
def _whose() -> dict[str, tuple[str, ...]]:
    """Return the languages that each common word is of."""
    whose: dict[str, tuple[str, ...]] = {}
    for language in ("ar", "fa", *_LETTERS):
        for word in common_words(language):
            whose[word] = (*whose.get(word, ()), language)
    return whose


def _comparable(text: str) -> str:
    return _IGNORED.sub("", text).replace("\u06cc", "\u064a").replace("\u06a9", "\u0643")


def script_language(text: str) -> str | None:
    """Return ``ar``, ``fa``, ``ur``, ``ckb``, ``ps``, ``sd`` or ``ug``; None if nothing decides."""
    points = script_points(text)
    first, second = sorted(points.values(), reverse=True)[:2]
    return max(points, key=lambda language: points[language]) if first > second else None


def script_points(text: str) -> dict[str, float]:
    """Return how much of ``text`` speaks for each language, about one point a telling word."""
    raw = text[:_ENOUGH]
    text = _comparable(raw)
    words = _WORDS.findall(text)
    points = dict.fromkeys(("ar", "fa", *_LETTERS), 0.0)
    for languages in filter(None, map(_whose().get, words)):
        for language in languages:
            points[language] += 1
    if OTHER_LETTERS.search(text):
        for language, letters in _LETTERS.items():
            points[language] += sum(map(text.count, letters))
    articles = [word for word in words if len(word) > 4 and word.startswith(_ARTICLES)]
    points["ar"] += 1.5 * sum(not _PERSIAN_LETTERS.search(word) for word in articles)
    points["ar"] += 0.5 * len(_ARABIC_ONLY.findall(raw)) + 0.4 * len(_HARAKAT.findall(raw))
    points["fa"] += 0.5 * len(_PERSIAN_LETTERS.findall(text)) + 2 * len(
        _PERSIAN_NON_JOINER.findall(text)
    )
    return points


#: The prefix of Persian verbs and the endings that it sets off; «ال\u200cحكومة» is no such thing.
_PERSIAN_NON_JOINER = re.compile(
    "\\bن?مي\u200c|\u200c(?:ها|هاي|هايي|اي|اند|ام|ايم|تر|ترين|شان|مان|كننده|شده)\\b"
)
