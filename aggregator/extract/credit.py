"""The agency that a text credits, from the places where texts do so.

That is the dateline («القاهرة - رويترز», ``PARIS (AFP) -``), brackets at the beginning or end, a
line of its own, or the byline. What an agency is quoted as saying inside a text is no credit. The
name comes back in the script of the text. Agencies and their forms are data (``agencies.tsv``), and
so are the places from which they write (``datelines.tsv``).
"""

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from functools import cache
from html import unescape
from importlib import resources
from typing import NamedTuple

from aggregator.arabic import direction

#: how far into the first paragraph a dateline reaches, and back from the end a closing bracket
HEAD, TAIL = 160, 80

_OPEN, _CLOSE = r"[(\[/«（]", r"[)\]/»）]"
_DASH = r"[-–—ـ:/،,|]"
_LABEL = r"(?:المصدر|مصدر الخبر|نقلا عن|نقلاً عن|المصادر|منبع|Sources?|Quellen?|Credit)\s*[:：]?\s*"
_RIGHTS = r"(?:Copyright|©|\([cC]\))\s*(?:©\s*)?(?:\d{4}\s*)?(?:by\s+)?(?:the\s+)?"
_WITH = (
    r"(?:[Aa]vec|[Ww]ith|[Mm]it|[Cc]on|[Vv]on|[Ff]rom|[Vv]ia|[Bb]y|[Pp]ar|مع)\s+"
    r"(?:(?:inputs|input|files|material|reporting)\s+from\s+)?(?:the\s+|l[’'])?"
)
_AFTER = (
    r"(?:\s*\d{4})?"
    r"(?:\W{1,3}(?:All rights reserved|Alle Rechte vorbehalten|Tous droits)[^\n]{0,60})?\.?"
)
#: more names behind the first: رويترز، أ ف ب
_MORE = r"(?:\s*[+،,/و-]\s*[^()\[\]/\n]{0,40})?"
#: the same in a line of its own, where a dash may part a place from its reporter: قنا - محمد علي
_MORE_NAMES = r"(?:\s*[+،,/و]\s*[^()\[\]/\n]{0,40})?"
#: the words of a date between the place and the agency
_DAY = r"(?P<day>(?:\s+\w[^\s():/]{0,20}){0,14}?)"
_LETTER = re.compile(r"[^\W\d_]")
#: a place as English datelines print it
_CAPITALS = re.compile(r"[A-Z][A-Z .'’-]{2,30}(?:,[^()]{0,30})?")
#: words of a bracket's place that is in no list
_MOST_WORDS = 2
_SQUEEZED = re.compile(r"[\s.]+")
#: how a desk ends its text: "انتهى", "انتهای پیام/", "// انتهى // 15:22 ت مـ 0127"
_END = re.compile(r"\W*(?:انتهى|انتهت|انتهای پیام|پایان پیام)(?:[\W\d_]|\b[تمص]ـ?(?!\w))*")
#: the letters of those who wrote and passed it, parted by slashes: "م.ل /ف.ع", "كمو/ص ك/ب ق"
_LETTERS = r"[\u0621-\u064a]{1,3}(?:[ .]{1,2}[\u0621-\u064a]{1,2}){0,3}[ .]{0,2}"
#: who else worked on it: "متابعة: كرم العلي"
_WORKED = re.compile(
    r"\W*(?:متابعة|تحرير|إعداد|اعداد|ترجمة|كتابة|رصد)\s?[:/]\s?[^\W\d_]+(?: [^\W\d_]+){0,3}\W*"
)
_INITIALS = re.compile(rf"[\s=\-–—_ـ*]*{_LETTERS}(?:/ ?{_LETTERS}){{1,3}}[\s=\-–—_ـ*]*")
#: longer lines are none of these
_MOST_SIGNED = 60


class _Agencies(NamedTuple):
    """The patterns, each with the agency's form in the group ``name``, and the tables."""

    enclosed: re.Pattern[str]
    dateline: re.Pattern[str]
    slashed: re.Pattern[str]
    placed: re.Pattern[str]
    leading: re.Pattern[str]
    alone: re.Pattern[str]
    joined: re.Pattern[str]
    names: Mapping[str, tuple[str, str]]
    ids: Mapping[str, str]
    unsure: frozenset[str]
    places: Mapping[str, frozenset[str]]


_FIRST = re.compile(r"\s*<p\b[^>]*>((?:(?!</p>).)*)</p>", re.DOTALL)
_LAST = re.compile(r"<p\b[^>]*>((?:(?!</?p\b).)*)</p>\s*\Z", re.DOTALL)
_TAG = re.compile(r"<[^>]*>")


def find_credit(paragraphs: Sequence[str], bylines: Iterable[str] = ()) -> str | None:
    """Return the agency that a text credits; None where it credits none.

    >>> find_credit(["القاهرة (رويترز) - قال مسؤولون …"])
    'رويترز'
    >>> find_credit(["PARIS (AFP) - Officials said"])
    'AFP'
    """
    agencies = _agencies()
    bylines = tuple(bylines)
    found = _in_text(paragraphs, agencies)
    if found is None:
        lines = (agencies.alone.fullmatch(line[:120].strip()) for line in bylines)
        found = next((_id(match, agencies) for match in lines if match), None)
    if found is None:
        return None
    arabic, latin = agencies.names[found]
    sample = " ".join(paragraphs[:2])[:1000] or next(iter(bylines), "")
    return arabic if direction(sample) == "rtl" else latin


def is_credit_line(text: str) -> bool:
    """Return whether a paragraph is nothing but a credit, with a place and a date beside it.

    Such a line is no part of the text: «الرياض - واس», «(رويترز)», ``Source: AFP``.

    >>> is_credit_line("دمشق-سانا"), is_credit_line("دمشق-سانا: بحث الوزير التعاون.")
    (True, False)
    """
    if len(text) > 2 * HEAD:
        return False
    text = " ".join(text.split())
    if not text or len(text) > HEAD:
        return False
    agencies = _agencies()
    if _alone(text, agencies):
        return True
    if (found := _dateline(text, agencies)) and not _LETTER.search(text, found.end()):
        return True
    found = agencies.enclosed.search(text)
    if found is None or _LETTER.search(text, found.end()):
        return False
    place = text[: found.start()].strip(" -–—،,:")
    return (
        len(place.split()) <= _MOST_WORDS
        or _CAPITALS.fullmatch(place) is not None
        or (place.split(" ", 1)[0] in agencies.places["*"] and any(map(str.isdigit, place)))
    )


def is_signature(text: str) -> bool:
    """Return whether a last paragraph is only how a desk ends and signs its text.

    >>> is_signature("// انتهى // 15:22 ت مـ"), is_signature("م.ل /ف.ع")
    (True, True)
    >>> is_signature("انتهى العرض")
    False
    """
    return len(text) <= _MOST_SIGNED and any(
        pattern.fullmatch(text) for pattern in (_END, _INITIALS, _WORKED)
    )


def without_credit_lines(
    paragraphs: tuple[str, ...], html: str, *, credited: bool = True
) -> tuple[tuple[str, ...], str]:
    """Return a text without first and last paragraphs that are nothing but a credit.

    Args:
        paragraphs: of the text.
        html: the same; its paragraphs go along where they say the same.
        credited: the text names an agency; otherwise only a desk's signature is looked for.
    """
    while credited and len(paragraphs) > 1 and is_credit_line(paragraphs[0]):
        html = _without(html, _FIRST.match(html), paragraphs[0])
        paragraphs = paragraphs[1:]
    while len(paragraphs) > 1 and (
        is_signature(paragraphs[-1]) or (credited and is_credit_line(paragraphs[-1]))
    ):
        html = _without(html, _LAST.search(html, max(0, len(html) - 1000)), paragraphs[-1])
        paragraphs = paragraphs[:-1]
    return paragraphs, html


def _without(html: str, found: re.Match[str] | None, text: str) -> str:
    if found is None or "".join(unescape(_TAG.sub("", found[1])).split()) != "".join(text.split()):
        return html
    return html[: found.start()] + html[found.end() :]


def _in_text(paragraphs: Sequence[str], agencies: _Agencies) -> str | None:
    for text in (*paragraphs[:2], *paragraphs[-2:]):
        if len(text) <= 120 and (match := _alone(text.strip(), agencies)):
            return _id(match, agencies)
    for text in paragraphs[:2]:
        if match := _dateline(text, agencies) or agencies.enclosed.search(text[:HEAD]):
            return _id(match, agencies)
    for text in paragraphs[-2:]:
        tail = text[-TAIL:].rstrip(" .،\u200f\u200e")
        for match in agencies.enclosed.finditer(tail):
            if match.end() >= len(tail) - 1:
                return _id(match, agencies)
    return None


def _alone(text: str, agencies: _Agencies) -> re.Match[str] | None:
    return agencies.alone.fullmatch(text) or agencies.joined.fullmatch(text)


def _dateline(text: str, agencies: _Agencies) -> re.Match[str] | None:
    head = text[:HEAD]
    found = agencies.placed.match(head)
    if found and _is_from_there(found, agencies):
        return found
    return (
        agencies.dateline.match(head)
        or agencies.slashed.match(head)
        or agencies.leading.match(head)
    )


def _is_from_there(found: re.Match[str], agencies: _Agencies) -> bool:
    """Whether the agency writes from a place, and stands there as one that does.

    What is also a word or a place must be set off on both sides, or cling to the place by a sign:
    «عمان - بترا تستقبل زوارها» is a sentence.
    """
    name = _id(found, agencies)
    day, dash = found["day"], found["dash"].strip()
    if day and not any(map(str.isdigit, day)):
        return False
    if not (day or dash):
        return False
    if name not in agencies.places or found["place"] not in agencies.places[name]:
        return False
    if _SQUEEZED.sub("", found["name"]) not in agencies.unsure:
        return True
    tight = bool(dash) and found["dash"] == dash
    return bool(found["end"]) or found.end() == len(found.string) or tight


def _id(match: re.Match[str], agencies: _Agencies) -> str:
    return agencies.ids[_SQUEEZED.sub("", match["name"])]


@cache
def places() -> frozenset[str]:
    """Return the places from which agencies are known to write."""
    return _agencies().places["*"]


def _rows(name: str) -> Iterator[list[str]]:
    text = resources.files("aggregator.extract").joinpath("data", name).read_text("utf-8")
    for line in text.splitlines():
        if line and not line.startswith("#"):
            yield line.split("\t")


@cache
def _agencies() -> _Agencies:
    names: dict[str, tuple[str, str]] = {}
    ids: dict[str, str] = {}
    sure: list[str] = []
    unsure: list[str] = []
    for name, arabic, latin, forms in _rows("agencies.tsv"):
        names[name] = (arabic, latin)
        for form in forms.split("|"):
            (unsure if form.startswith("!") else sure).append(form.lstrip("!"))
            ids.setdefault(_SQUEEZED.sub("", form.lstrip("!")), name)
    sure_name = rf"(?P<name>{_either(sure)})(?!\w)"
    any_name = rf"(?P<name>{_either([*sure, *unsure])})(?!\w)"
    places = _places(names)
    place = "|".join(sorted(map(re.escape, places["*"]), key=len, reverse=True))
    start = rf"(?:{_LABEL}|{_RIGHTS}|{_WITH})?"
    return _Agencies(
        enclosed=re.compile(rf"{_OPEN}\s*(?:وكالة\s+|{_WITH})?{any_name}{_MORE}\s*{_CLOSE}"),
        dateline=re.compile(
            rf"^\s*(?:[^\W\d_][^\n:()\[\]/–—-]{{0,40}}?\s*{_DASH}\s*)?{sure_name}{_MORE}"
            rf"\s*(?:[-–—:/.]|$)"
        ),
        slashed=re.compile(
            rf"^\s*[^\W\d_][^\n:()\[\]–—-]{{0,60}}?/\s*(?:وكالة\s+)?{sure_name}\s+\w"
        ),
        placed=re.compile(
            rf"^\s*(?P<place>{place}){_DAY}(?P<dash>\s*{_DASH}\s*|\s+){any_name}"
            rf"(?P<end>\s*[-–—:/.،,|])?"
        ),
        # وطنية - زحلة - أوقفت
        leading=re.compile(rf"^\s*{any_name}\s*[-–—]\s*(?:[^\W\d_]+ ?){{1,3}}[-–—]\s"),
        alone=re.compile(
            rf"(?:[-–—]\s?)?(?:{start}{_OPEN}?\s*|{_OPEN}\s*{start}){any_name}"
            rf"{_MORE_NAMES}\s*{_CLOSE}?{_AFTER}"
        ),
        joined=re.compile(rf"{_LABEL}[^\n:]{{1,40}}?\s*[+،,/]\s*{any_name}{_AFTER}"),
        names=names,
        ids=ids,
        unsure=frozenset(_SQUEEZED.sub("", form) for form in unsure),
        places=places,
    )


def _places(names: Iterable[str]) -> dict[str, frozenset[str]]:
    """Return the places of each agency; of ``*`` all that any agency writes from."""
    places: dict[str, set[str]] = {name: set() for name in names}
    every: set[str] = set()
    for where, text in _rows("datelines.tsv"):
        listed = set(text.split("|"))
        every |= listed
        name, _, but = where.partition(" -")
        for each in places if name == "*" else (name,):
            if each != but:
                places[each] |= listed
    return {"*": frozenset(every)} | {name: frozenset(known) for name, known in places.items()}


def _either(forms: Iterable[str]) -> str:
    return "|".join(_pattern(form) for form in sorted(forms, key=len, reverse=True))


def _pattern(form: str) -> str:
    letters = form.split(" ")
    if len(letters) > 1 and all(len(letter) == 1 for letter in letters):
        return r"(?:\s?\.\s?|\s)".join(map(re.escape, letters)) + r"\.?"
    return re.escape(form)
