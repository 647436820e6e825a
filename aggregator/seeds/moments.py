"""Dates of feeds and sitemaps: RFC 822, ISO 8601 and W3C forms at once, all else by words.

A date without a zone is the source's local time. No date rather than a wrong one: what does not
exist, lies before the web or in the future is None. RFC 5322 §3.3 and §4.3, RFC 3339, ISO 8601.
"""

import re
from datetime import UTC, date, datetime, timedelta, timezone, tzinfo
from functools import lru_cache
from zoneinfo import ZoneInfo

from aggregator.arabic import parse_date
from aggregator.types import Moment, Precision, Source

_MONTHS = {
    name: number
    for number, name in enumerate(
        ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec"), 1
    )
}
_CLOCK = r"(\d{1,2}):(\d{2})(?::(\d{2})(?:[.,]\d{1,9})?)?"
_ZONE = r"\s*\(?([+-]\d{2}:?\d{2}|[+-]\d{2}|[A-Za-z]{1,5}(?:[+-]\d{1,2}(?::?\d{2})?)?)?\)?"
_RFC_822 = re.compile(
    rf"\s*(?:[A-Za-z]{{2,9}}\.?\s*,?\s*)?(\d{{1,2}})[\s-]+([A-Za-z]{{3,9}})\.?,?[\s-]+(\d{{4}}|\d{{2}})"
    rf"(?:,?\s+{_CLOCK}{_ZONE}(?:\s*\([A-Za-z ]{{1,40}}\))?)?\s*"
)
_MONTH_FIRST = re.compile(
    rf"\s*(?:[A-Za-z]{{2,9}}\.?\s*,?\s*)?([A-Za-z]{{3,9}})\.?\s+(\d{{1,2}}),?\s+(?:(\d{{4}}),?\s+)?"
    rf"{_CLOCK}{_ZONE}(?:\s+(\d{{4}}))?\s*"
)
_ISO = re.compile(
    r"\s*(\d{4})(?:-(\d{1,2})(?:-(\d{1,2})(?:[Tt]?\s*"
    rf"(\d{{1,2}}):?(\d{{2}})(?::?(\d{{2}})(?:[.,]\d{{1,9}})?)?{_ZONE})?)?)?\s*"
)
_COMPACT = re.compile(
    rf"\s*(\d{{4}})(\d{{2}})(\d{{2}})(?:[Tt](\d{{2}}):?(\d{{2}})(?::?(\d{{2}}))?{_ZONE})?\s*"
)
#: hours east of Greenwich; AST is Arabia's in Arabia (see ``_zone_named``)
_HOURS = {
    0.0: "z ut utc gmt wet",
    1.0: "bst west cet mez",
    2.0: "cest mesz eet",
    3.0: "eest msk trt",
    3.5: "irst",
    4.0: "gst",
    4.5: "irdt",
    5.0: "pkt",
    9.0: "jst",
    10.0: "aest",
    11.0: "aedt",
    -3.0: "adt",
    -4.0: "edt ast",
    -5.0: "est cdt",
    -6.0: "cst mdt",
    -7.0: "mst pdt",
    -8.0: "pst",
}
_NAMED = {name: hours for hours, names in _HOURS.items() for name in names.split()}
_DOT_NET = re.compile(r"\d{1,2}/\d{1,2}/\d{4} \d{1,2}:\d{2}:\d{2} [AP]M")
_UNIX = re.compile(r"(\d{10})(?:\d{3})?")
_DIGIT = re.compile(r"\d")
_ARABIA = frozenset({"SA", "KW", "QA", "BH", "YE", "IQ", "JO", "SY"})
_EARLIEST = datetime(1990, 1, 1, tzinfo=UTC)
_AHEAD = timedelta(days=2)


def moment(text: str | None, *, source: Source, now: datetime, origin: str) -> Moment | None:
    """Return the moment that a feed's or sitemap's date names, or None.

    Args:
        text: as it stands in the document; at most 200 characters are looked at.
        source: its time zone, country and order of day and month fill the gaps.
        now: aware; later than two days after it is no date.
        origin: ``feed``, ``sitemap`` or ``page``; only on pages words alone are a date.
    """
    if not text:
        return None
    text = text[:200].strip()
    found = _read(text, source)
    if found is None:
        # A feed that says "now" says nothing; a page may well say "yesterday".
        if _is_machine_form(text) or (origin != "page" and not _DIGIT.search(text)):
            return None
        # What .NET prints where nobody told it the country, whatever the country is.
        order = source.date_order or ("mdy" if _DOT_NET.fullmatch(text) else None)
        parsed = parse_date(
            text, country=source.country, timezone=source.timezone, now=now, order=order
        )
        if parsed is None:
            return None
        found = parsed.value, parsed.precision
    value, precision = found
    if not _EARLIEST <= value <= now + _AHEAD:
        return None
    return Moment(value=value, precision=precision, origin=origin)


def _read(text: str, source: Source) -> tuple[datetime, Precision] | None:
    if match := _RFC_822.fullmatch(text):
        day, name, year, *clock = match.groups()
        month = _MONTHS.get(name[:3].lower())
        return _made((_full_year(year), month, int(day)), clock, source) if month else None
    if match := _ISO.fullmatch(text) or _COMPACT.fullmatch(text):
        year, month_text, day_text, *clock = match.groups()
        if not month_text:
            return None
        made = _made((int(year), int(month_text), int(day_text or 1)), clock, source)
        return (made[0], "month") if made and not day_text else made
    if match := _UNIX.fullmatch(text):
        return datetime.fromtimestamp(int(match[1]), UTC), "second"
    if match := _MONTH_FIRST.fullmatch(text):
        name, day, year, *clock, late_year = match.groups()
        month = _MONTHS.get(name[:3].lower())
        if month and (year or late_year):
            return _made((int(year or late_year), month, int(day)), clock, source)
    return None


def _is_machine_form(text: str) -> bool:
    """Return whether words would only guess at a form that is plain but impossible."""
    return bool(_ISO.fullmatch(text) or _COMPACT.fullmatch(text))


def _made(
    day: tuple[int, int, int], clock: list[str | None], source: Source
) -> tuple[datetime, Precision] | None:
    hour, minute, second, zone = clock
    offset = _offset(zone, source) if zone else None
    if zone and offset is None:
        return None
    where = offset or _zone_of(source.timezone)
    try:
        if hour is None:
            return _at(date(*day), (0, 0, 0), where), "day"
        if hour == "24" and minute == "00":
            return _at(date(*day) + timedelta(days=1), (0, 0, 0), where), "second"
        # A leap second has no place in datetime.
        exact = (int(hour), int(minute or 0), min(int(second or 0), 59))
        return _at(date(*day), exact, where), "second" if second else "minute"
    except (ValueError, OverflowError):
        return None


def _at(day: date, clock: tuple[int, int, int], where: tzinfo) -> datetime:
    return datetime(day.year, day.month, day.day, *clock, tzinfo=where)


def _full_year(text: str) -> int:
    year = int(text)
    return year if len(text) == 4 else year + (2000 if year < 70 else 1900)


@lru_cache(maxsize=1024)
def _zone_named(name: str, arabia: bool) -> tzinfo | None:
    name = name.lower()
    if arabia and name == "ast":
        return timezone(timedelta(hours=3))
    hours = _NAMED.get(name)
    if hours is not None:
        return UTC if not hours else timezone(timedelta(hours=hours))
    match = re.fullmatch(r"(?:gmt|utc)?([+-])(\d{1,2}):?(\d{2})?", name)
    if not match:
        return None
    minutes = int(match[2]) * 60 + int(match[3] or 0)
    if minutes > 15 * 60:
        return None
    return timezone(timedelta(minutes=-minutes if match[1] == "-" else minutes)) if minutes else UTC


def _offset(name: str, source: Source) -> tzinfo | None:
    return _zone_named(name, source.country in _ARABIA)


@lru_cache(maxsize=256)
def _zone_of(name: str) -> tzinfo:
    try:
        return ZoneInfo(name)
    except (ValueError, KeyError, OSError):
        return UTC
