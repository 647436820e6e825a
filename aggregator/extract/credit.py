"""The agency that a text credits, from the places where texts do so.

That is the dateline («القاهرة - رويترز», ``PARIS (AFP) -``), brackets at the beginning or end, a
line of its own, or the byline. What an agency is quoted as saying inside a text is no credit. The
name comes back in the script of the text. Agencies and their forms are data (``agencies.tsv``).
"""

import re
from collections.abc import Iterable, Sequence
from functools import cache
from importlib import resources
from typing import NamedTuple

from aggregator.arabic import direction

#: how far into the first paragraph a dateline reaches, and back from the end a closing bracket
HEAD, TAIL = 160, 80

_OPEN, _CLOSE = r"[(\[/«（]", r"[)\]/»）]"
_LINE_START = (
    r"(?:المصدر|مصدر الخبر|نقلا عن|المصادر|منبع|Source|Sources|Quelle|Credit|By|©|\(c\))"
    r"\s*[:：]?\s*"
)


class _Agencies(NamedTuple):
    enclosed: re.Pattern[str]
    dateline: re.Pattern[str]
    slashed: re.Pattern[str]
    alone: re.Pattern[str]
    names: dict[str, tuple[str, str]]


def find_credit(paragraphs: Sequence[str], bylines: Iterable[str] = ()) -> str | None:
    """Return the agency that a text credits; None where it credits none.

    >>> find_credit(["القاهرة (رويترز) - قال مسؤولون …"])
    'رويترز'
    >>> find_credit(["PARIS (AFP) - Officials said"])
    'AFP'
    """
    agencies = _agencies()
    found = _in_text(paragraphs, agencies)
    if found is None:
        found = next(
            (
                _agency(match, agencies)
                for line in bylines
                if (match := agencies.alone.fullmatch(line[:120].strip()))
            ),
            None,
        )
    if found is None:
        return None
    arabic, latin = agencies.names[found]
    sample = " ".join(paragraphs[:2])[:1000] or next(iter(bylines), "")
    return arabic if direction(sample) == "rtl" else latin


def _in_text(paragraphs: Sequence[str], agencies: _Agencies) -> str | None:
    for text in (*paragraphs[:2], *paragraphs[-2:]):
        if len(text) <= 120 and (match := agencies.alone.fullmatch(text.strip())):
            return _agency(match, agencies)
    for text in paragraphs[:2]:
        head = text[:HEAD]
        found = (
            agencies.dateline.match(head)
            or agencies.enclosed.search(head)
            or agencies.slashed.match(head)
        )
        if found:
            return _agency(found, agencies)
    for text in paragraphs[-2:]:
        tail = text[-TAIL:].rstrip(" .،\u200f\u200e")
        for match in agencies.enclosed.finditer(tail):
            if match.end() >= len(tail) - 1:
                return _agency(match, agencies)
    return None


def _agency(match: re.Match[str], agencies: _Agencies) -> str:
    return next(name for name in agencies.names if match.groupdict().get(name))


@cache
def _agencies() -> _Agencies:
    text = resources.files("aggregator.extract").joinpath("data/agencies.tsv").read_text("utf-8")
    names: dict[str, tuple[str, str]] = {}
    every: list[str] = []
    sure: list[str] = []
    for line in text.splitlines():
        if line.startswith("#") or line.count("\t") != 3:
            continue
        name, arabic, latin, forms = line.split("\t")
        names[name] = (arabic, latin)
        split = forms.split("|")
        every.append(f"(?P<{name}>{_either(split)})")
        if plain := [form for form in split if not form.startswith("!")]:
            sure.append(f"(?P<{name}>{_either(plain)})")
    any_name, sure_name = "|".join(every), "|".join(sure)
    more = r"(?:\s*[+،,/و-]\s*[^()\[\]/\n]{0,40})?"
    return _Agencies(
        enclosed=re.compile(rf"{_OPEN}\s*(?:وكالة\s+)?(?:{any_name}){more}\s*{_CLOSE}"),
        dateline=re.compile(
            rf"^\s*(?:[^\W\d_][^\n:()\[\]/–—-]{{0,40}}?\s*[-–—:/،,]\s*)?(?:{sure_name}){more}\s*[-–—:/]"
        ),
        slashed=re.compile(
            rf"^\s*[^\W\d_][^\n:()\[\]–—-]{{0,60}}?/\s*(?:وكالة\s+)?(?:{sure_name})\s+\w"
        ),
        alone=re.compile(
            rf"(?:{_LINE_START})?{_OPEN}?\s*(?:{any_name}){more}\s*{_CLOSE}?\s*(?:\d{{4}})?\.?"
        ),
        names=names,
    )


def _either(forms: Iterable[str]) -> str:
    forms = sorted((form.lstrip("!") for form in forms), key=len, reverse=True)
    return "|".join(_pattern(form) for form in forms)


def _pattern(form: str) -> str:
    letters = form.split(" ")
    if len(letters) > 1 and all(len(letter) == 1 for letter in letters):
        return r"(?:\s?\.\s?|\s)".join(map(re.escape, letters)) + r"\.?"
    return re.escape(form)
