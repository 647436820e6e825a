"""The tables of month names, words and zones, and the tokens of a line as they mean them.

The tables are the ``months_*.tsv`` and ``dates_*.tsv`` files of ``aggregator/arabic/data``, one
phrase per language and region; they are read once, at the first date.
"""

from collections.abc import Iterator, Mapping
from functools import cache
from importlib import resources
from typing import Any, Literal, NamedTuple

from aggregator.arabic.dates.text import Token, fold_line, split

Calendar = Literal["gregorian", "hijri", "solar", "libya"]
Means = Mapping[str, Any]
_NOTHING: Means = {}
_CALENDARS: tuple[tuple[str, Calendar], ...] = (
    ("months_gregorian.tsv", "gregorian"),
    ("months_hijri.tsv", "hijri"),
    ("months_solar.tsv", "solar"),
    ("months_libya.tsv", "libya"),
)
_NUMERIC = {"weekday", "day", "number", "part", "and_part", "hourword", "dayword", "era_year"}


class Month(NamedTuple):
    """A month of a calendar; ``only``: the countries whose sources mean it (None: all)."""

    number: int
    calendar: Calendar
    only: frozenset[str] | None


class Country(NamedTuple):
    """Zone of the capital, and the order of day and month (None: both are common)."""

    zone: str
    order: str | None


class Phrase(NamedTuple):
    """What a word means alone, and with which words after it it means something else."""

    alone: Means
    longer: tuple[tuple[tuple[str, ...], Means], ...]


def _rows(name: str) -> Iterator[list[str]]:
    text = resources.files("aggregator.arabic").joinpath("data", name).read_text("utf-8")
    for line in text.splitlines():
        if line and not line.startswith("#"):
            yield line.split("\t")


def _words(form: str) -> tuple[str, ...]:
    return tuple(piece for _, piece in split(fold_line(form).lower()))


class _Builder:
    """Collects meanings per phrase; the first value of a kind stays, months are all kept."""

    def __init__(self) -> None:
        self.means: dict[tuple[str, ...], dict[str, Any]] = {}

    def add(self, forms: str, kind: str, value: Any) -> None:
        for form in forms.split("|"):
            means = self.means.setdefault(_words(form), {})
            if kind != "month":
                means.setdefault(kind, value)
            elif value not in (known := means.get("month", ())):
                # a month of some countries only is asked first
                means["month"] = (value, *known) if value.only else (*known, value)

    def phrases(self) -> dict[str, Phrase]:
        longer: dict[str, list[tuple[tuple[str, ...], Means]]] = {}
        for words, means in self.means.items():
            longer.setdefault(words[0], [])
            if len(words) > 1:
                longer[words[0]].append((words[1:], means))
        return {
            first: Phrase(
                self.means.get((first,), _NOTHING),
                tuple(sorted(tails, key=lambda tail: -len(tail[0]))),
            )
            for first, tails in longer.items()
        }


def _by_country(kind: str) -> list[str]:
    """Return ``kind@IL`` and ``kind@IE`` of ``kind@IL,IE``: what a name means in these only."""
    name, _, only = kind.partition("@")
    return [f"{name}@{country}" for country in only.split(",")] if only else [name]


@cache
def _phrases() -> dict[str, Phrase]:
    builder = _Builder()
    for name, calendar in _CALENDARS:
        for number, where, forms in _rows(name):
            countries = where.partition("@")[2]
            only = frozenset(countries.split(",")) if countries else None
            builder.add(forms, "month", Month(int(number), calendar, only))
    for kind, value, where, forms in _rows("dates_words.tsv"):
        builder.add(forms, kind, int(value) if kind in _NUMERIC else value)
        if (kind, where) == ("role", "ar"):  # "added on … and changed on …"
            joined = "|".join(f"و{form}" for form in forms.split("|"))
            builder.add(joined, "and_role", value)
    for kind, value, forms in _rows("dates_zones.tsv"):
        if not kind.startswith("place"):
            offset = value.lstrip("-").isdigit()
            for name in _by_country(f"zone_{kind}"):
                builder.add(forms, name, int(value) if offset else value)
    return builder.phrases()


def month_names() -> Iterator[tuple[str, tuple[Month, ...]]]:
    """Yield the folded names of one word, each with the months that it may mean."""
    for name, phrase in _phrases().items():
        if "month" in phrase.alone:
            yield name, phrase.alone["month"]


@cache
def _places() -> dict[str, Phrase]:
    builder = _Builder()
    for kind, value, forms in _rows("dates_zones.tsv"):
        if kind.startswith("place"):
            for name in _by_country(kind):
                builder.add(forms, name, value)
    return builder.phrases()


@cache
def countries() -> Mapping[str, Country]:
    """Return what each country says about its printed dates, by ISO 3166 code."""
    return {
        code: Country(zone, None if order == "?" else order)
        for code, zone, order in _rows("dates_countries.tsv")
    }


def tokens(text: str) -> list[Token]:
    """Return the tokens of a printed line, longest phrases first."""
    phrases = _phrases()
    line = fold_line(text)
    pieces = split(line)
    small = line.lower()
    words = [piece for _, piece in pieces]
    if small != line:
        words = [word.lower() for word in words]
    made: list[Token] = []
    at, end = 0, len(pieces)
    while at < end:
        gap, piece = pieces[at]
        word = words[at]
        if word not in phrases:
            made.append(Token(piece, word, gap != "", _NOTHING))
        else:
            phrase = phrases[word]
            means, length = phrase.alone, 1
            if phrase.longer:
                means, length = _longest(phrase, words, at)
            if length > 1:
                piece = " ".join(words[at : at + length])
            made.append(Token(piece, word, gap != "", means))
            at += length - 1
        at += 1
    return made


def _longest(phrase: Phrase, words: list[str], at: int) -> tuple[Means, int]:
    for tail, means in phrase.longer:
        if tuple(words[at + 1 : at + 1 + len(tail)]) == tail:
            return means, len(tail) + 1
    return phrase.alone, 1


def place(line: list[Token], at: int, country: str) -> tuple[str, int] | None:
    """Return the zone of the place named at ``at`` and the number of its tokens, or None.

    ``country`` is the source's: in Oman عمان is no city of Jordan.
    """
    words = [token.word if " " not in token.text else token.text for token in line[at : at + 4]]
    words = [part for word in words for part in word.split()]
    if not words or not (phrase := _places().get(words[0])):
        return None
    means, length = _longest(phrase, words, 0)
    if "place" not in means:
        return None
    used = 0
    for count in range(1, 5):
        used += len(line[at + count - 1].text.split())
        if used >= length:
            return means.get(f"place@{country}", means["place"]), count
    return None
