"""The word lists of keywords, folded: classes of Arabic words, stop words, names of places."""

from collections.abc import Iterator
from functools import cache
from importlib.resources import files

from aggregator.arabic import fold, stop_words


def _rows(package: str, *path: str) -> Iterator[list[str]]:
    text = files(package).joinpath(*path).read_text(encoding="utf-8")
    for line in text.splitlines():
        if line and not line.startswith("#"):
            yield line.split("\t")


def _folded(item: str) -> str:
    return fold(item.replace("_", " "), "search")


@cache
def arabic(name: str) -> frozenset[str]:
    """Return one class of ``data/ar.tsv``, folded; phrases keep their blanks."""
    rows = _rows("aggregator.keywords", "data", "ar.tsv")
    return frozenset(_folded(item) for key, words in rows if key == name for item in words.split())


def _language(language: str) -> str:
    return language.partition("-")[0].lower()


@cache
def _listed(file: str) -> dict[str, frozenset[str]]:
    found: dict[str, set[str]] = {}
    for key, words in _rows("aggregator.keywords", "data", file):
        found.setdefault(key, set()).update(
            part for item in words.split() for part in _folded(item).split()
        )
    return {key: frozenset(words) for key, words in found.items()}


@cache
def stops(language: str) -> frozenset[str]:
    """Return the words that end a phrase in a BCP 47 language; empty where there is no list."""
    name = _language(language)
    return stop_words(name) | _listed("stop.tsv").get(name, frozenset())


@cache
def joins(language: str) -> frozenset[str]:
    """Return the small words that may stand inside a name: of, de, von."""
    return _listed("joins.tsv").get(_language(language), frozenset())


@cache
def openers(language: str) -> frozenset[str]:
    """Return words of no matter that begin names when written with a capital: New York."""
    return _listed("joins.tsv").get(_language(language) + "+", frozenset())


@cache
def names() -> frozenset[str]:
    """Return the names of countries, places, people and bodies of the common word lists."""
    found = {
        _folded(item)
        for _, words in _rows("aggregator", "lexicon", "names.tsv")
        for item in words.split()
    }
    for _, own, *rest in _rows("aggregator", "lexicon", "places.tsv"):
        items = own.split()
        found.update(_folded(item) for at, item in enumerate(items) if at == 0 or _is_name(item))
        found.update(
            _folded(item) for variants in " ".join(rest).split() for item in variants.split("/")
        )
    return frozenset(name for name in found if len(name) > 2)


def _is_name(own: str) -> bool:
    """Whether one of a country's words is its name, not its people's."""
    return own[0] > "\u0600" and not own.endswith(("ي", "ية", "يين", "اربة"))
