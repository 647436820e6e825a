"""Words and sentences, clitics off, stop words: one cutting of text for search and keywords.

Words come out search-folded (``fold``). Clitics are what Arabic ties to the front of a word: و and
ف (and), ب ل ك (by, to, like), ال (the). The article goes wherever a word is left behind it; a
single letter goes only before words of a list (data/clitics-ar.tsv), since و is a root letter of
وزير and ب of بنك: better one form too many than two words in one.
"""

import re
from collections.abc import Iterator
from functools import cache, lru_cache
from importlib.resources import files

from aggregator.arabic.fold import fold

#: Letters and digits, and the vowel signs without which words of South Asia fall apart.
_WORD = re.compile(
    "(?:[^\\W_]|[\u0300-\u036f\u0900-\u0dff\u0e31-\u0e4e\u0f18-\u0f84\u102b-\u103e\u17b4-\u17d3])+"
)
_WITH_ARTICLE = re.compile("(?:[وف]?(?:[بك]?ال|لل))(?=.{3})")
_BEFORE_NUMBER = re.compile("[وف]?[بلك]?(?:ال)?(?=[0-9])")
_SINGLE = re.compile("(?:[وف][بلك]?|[بلك])(?=.{2})")


def words(text: str) -> list[str]:
    """Return the search-folded words of ``text`` in order.

    >>> words("قال: «الأسعار» ارتفعت 3.5%")
    ['قال', 'الاسعار', 'ارتفعت', '3', '5']
    """
    return list(_words(text))


def _words(text: str) -> Iterator[str]:
    folded = fold(text, "search")
    # A whole text of letters and digits is told ten times as fast as word by word.
    return iter(folded.split() if folded.replace(" ", "").isalnum() else _WORD.findall(folded))


@lru_cache(maxsize=65536)
def strip_clitics(word: str) -> str:
    """Return a search-folded word without the clitics at its front, as far as that is safe.

    >>> strip_clitics("والحكومه"), strip_clitics("للحكومه"), strip_clitics("وزير")
    ('حكومه', 'حكومه', 'وزير')
    """
    if word[:1] not in _FIRST or word in _clitics("kept"):
        return word
    if number := _BEFORE_NUMBER.match(word):
        return word[number.end() :]
    if word.removeprefix("و")[1:] in _clitics("stem") and word.removeprefix("و")[:2] == "لل":
        return word.removeprefix("و")[1:]  # للبنان is of لبنان, no article in it
    if article := _WITH_ARTICLE.match(word):
        return word[article.end() :]
    single = _SINGLE.match(word)
    if single is None:
        return word
    for end in range(single.end(), 0, -1):
        rest = word[end:]
        if rest in _clitics("stem"):
            return rest if rest in _clitics("kept") else _WITH_ARTICLE.sub("", rest, count=1)
    return word


_FIRST = frozenset("وفبلكا")


@cache
def _clitics(kind: str) -> frozenset[str]:
    path = files("aggregator.arabic").joinpath("data", "clitics-ar.tsv")
    rows = (line.partition("\t") for line in path.read_text(encoding="utf-8").splitlines())
    return frozenset(word for key, _, text in rows if key == kind for word in _words(text))


@cache
def stop_words(language: str) -> frozenset[str]:
    """Return the search-folded stop words of a BCP 47 language; empty where we have no list."""
    name = language.partition("-")[0].lower()
    path = files("aggregator.arabic").joinpath("data", f"stop-{name}.txt")
    if not (name.isalpha() and path.is_file()):
        return frozenset()
    lines = path.read_text(encoding="utf-8").splitlines()
    return frozenset(word for line in lines if not line.startswith("#") for word in _words(line))


def content_words(text: str, language: str = "ar") -> list[str]:
    """Return the words of ``text`` that say something: folded, clitics off, no stop words."""
    stop = stop_words(language)
    kept = ((word, strip_clitics(word)) for word in _words(text) if word not in stop)
    return [bare for _, bare in kept if bare not in stop]


#: Ends of sentences; a dot after a single letter (د. أحمد) or title (Mr.), after the number of a
#: line, between digits or of two (..) is none.
_SENTENCE_END = re.compile(
    "(?:[.](?![.\\w])(?<![.\\s][.])(?<!\\b[^\\W\\d][.])(?<!^\\d[.])"
    "(?<!\\b[MDS][rt][.])(?<!\\bM[rm][se][.])(?<!\\bProf[.])"
    "|[!?\u061f\u06d4\u0964\u3002]+|\u2026|[.]{3,})"
    "[\"'\u00bb\u201d\u2019)\\]]*(?=\\s|$)|\n+",
    re.MULTILINE,
)


def sentences(text: str) -> list[str]:
    """Return the sentences of ``text`` with their end signs, trimmed, none empty.

    >>> sentences("وصل د. أحمد إلى القاهرة. هل يبقى؟ نعم")
    ['وصل د. أحمد إلى القاهرة.', 'هل يبقى؟', 'نعم']
    """
    found, start = [], 0
    for end in _SENTENCE_END.finditer(text):
        found.append(text[start : end.end()].strip())
        start = end.end()
    found.append(text[start:].strip())
    return [sentence for sentence in found if sentence]
