"""Words and sentences of folded text, clitics, stop words."""

import re
from functools import cache
from importlib.resources import files

from aggregator.arabic.fold import fold

_WORD = re.compile(r"[^\W_]+")
_SENTENCE_END = re.compile("(?<=[.!?\u061f\u2026\u06d4])[\"'»”)\\]]*\\s+|\n+")
_CLITICS = re.compile("^(?:[وف]?(?:[بك]?ال|لل)|[وفبلك])(?=\\w{3,})")


def words(text: str) -> list[str]:
    """Return the search-folded words of ``text`` in order."""
    return _WORD.findall(fold(text, "search"))


def strip_clitics(word: str) -> str:
    """Return a folded word without the conjunctions, prepositions and article tied to its front."""
    return _CLITICS.sub("", word)


@cache
def stop_words(language: str) -> frozenset[str]:
    """Return the search-folded stop words of a language; empty where we have no list."""
    path = files("aggregator.arabic").joinpath("data", f"stop-{language.split('-')[0]}.txt")
    if not path.is_file():
        return frozenset()
    lines = path.read_text(encoding="utf-8").splitlines()
    return frozenset(word for line in lines if not line.startswith("#") for word in words(line))


def sentences(text: str) -> list[str]:
    """Return the sentences of ``text``, trimmed, none empty."""
    return [part for raw in _SENTENCE_END.split(text) if (part := raw.strip())]


def content_words(text: str, language: str = "ar") -> list[str]:
    """Return the folded words of ``text`` without stop words and without clitics, in order."""
    stop = stop_words(language)
    return [strip_clitics(word) for word in words(text) if word not in stop]
