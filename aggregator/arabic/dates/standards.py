"""Dates of machines: ISO 8601 and its W3C profile, whole and in plain digits."""

import re
from datetime import UTC, date, datetime, timedelta, tzinfo
from typing import NamedTuple

from aggregator.arabic.dates.zones import offset
from aggregator.types import Precision

_ISO = re.compile(
    r"""(?P<year>[0-9]{4})
    (?:-(?P<month>[0-9]{2})(?:-(?P<day>[0-9]{2}))?
      |-W(?P<week>[0-9]{2})(?:-(?P<weekday>[1-7]))?
      |-(?P<ordinal>[0-9]{3})
      |(?P<month2>[0-9]{2})(?P<day2>[0-9]{2}))
    (?:[Tt ]\s?(?P<hour>[0-9]{2})
      (?::?(?P<minute>[0-9]{2})(?::?(?P<second>[0-9]{2})(?:[.,][0-9]{1,9})?)?)?
      \ ?(?P<zone>[Zz]|UTC|GMT|[+-][0-9]{2}(?::?[0-9]{2})?)?(?:\[[A-Za-z_/+-]{1,40}\])?)?""",
    re.VERBOSE,
)
_MAIL = re.compile(
    r"""(?:[A-Z][a-z]{2},?\ )?(?P<day>[0-9]{1,2})\ (?P<month>[A-Z][a-z]{2})\ (?P<year>[0-9]{4})
    \ (?P<hour>[0-9]{2}):(?P<minute>[0-9]{2})(?::(?P<second>[0-9]{2}))?
    \ (?P<zone>GMT|UTC|UT|Z|[+-][0-9]{4})""",
    re.VERBOSE,
)
_MONTHS = {
    name: number
    for number, name in enumerate(
        ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"), 1
    )
}


class Standard(NamedTuple):
    """A machine's date: local time, its precision, and its zone if it is said."""

    value: datetime
    precision: Precision
    zone: tzinfo | None


def read_standard(text: str) -> Standard | None:
    """Return the date that is the whole of ``text``, or None: no such form, no such day.

    Reads ISO 8601 (W3CDTF, basic form, week and ordinal dates) and the date of mail and RSS
    (RFC 822 and 5322) where it is written as the standard says.
    """
    if found := _ISO.fullmatch(text):
        return _iso(found)
    if found := _MAIL.fullmatch(text):
        month = _MONTHS.get(found["month"])
        day = _date(int(found["year"]), month, int(found["day"])) if month else None
        return _with_time(found, day) if day else None
    return None


def _iso(found: re.Match[str]) -> Standard | None:
    day = _day(found)
    if day is None:
        return None
    if found["hour"] is not None:
        return _with_time(found, day) if found["day"] or not found["month"] else None
    if found["day"] or found["day2"] or found["ordinal"] or found["weekday"]:
        return Standard(_start(day), "day", None)
    return None if found["week"] else Standard(_start(day), "month", None)


def _start(day: date) -> datetime:
    return datetime(day.year, day.month, day.day)  # noqa: DTZ001 - local time of a zone said elsewhere


def _with_time(found: re.Match[str], day: date) -> Standard | None:
    hour, minute, second = (int(found[name] or 0) for name in ("hour", "minute", "second"))
    if hour == 24 and not minute and not second:
        hour, day = 0, day + timedelta(days=1)
    if hour > 23 or minute > 59 or second > 60:
        return None
    precision: Precision = "second" if found["second"] else "minute" if found["minute"] else "hour"
    value = datetime(day.year, day.month, day.day, hour, minute, min(second, 59))  # noqa: DTZ001
    return Standard(value, precision, _zone(found["zone"]))


def _day(found: re.Match[str]) -> date | None:
    year = int(found["year"])
    if found["week"]:
        try:
            return date.fromisocalendar(year, int(found["week"]), int(found["weekday"] or 1))
        except ValueError:
            return None
    if found["ordinal"]:
        first = _date(year, 1, 1)
        day = first + timedelta(days=int(found["ordinal"]) - 1) if first else None
        return day if day and day.year == year else None
    month, number = found["month"] or found["month2"], found["day"] or found["day2"] or 1
    return _date(year, int(month), int(number))


def _date(year: int, month: int, number: int) -> date | None:
    if not 1900 <= year <= 2100:
        return None
    try:
        return date(year, month, number)
    except ValueError:
        return None


def _zone(text: str | None) -> tzinfo | None:
    if text is None:
        return None
    if text.upper() in ("Z", "UTC", "UT", "GMT"):
        return UTC
    digits = text[1:].replace(":", "")
    hours, minutes = int(digits[:2]), int(digits[2:] or 0)
    if hours > 14 or minutes > 59:
        return None
    return offset((hours * 60 + minutes) * (-1 if text[0] == "-" else 1))
