"""Dates of machines: ISO 8601 and its W3C profile, whole and in plain digits."""

import re
from datetime import date, datetime, timedelta, tzinfo
from typing import NamedTuple

from aggregator.arabic.dates.zones import UTC, offset
from aggregator.types import Precision

_ISO = re.compile(
    r"""(?P<year>[0-9]{4})
    (?:-(?P<month>[0-9]{2})(?:-(?P<day>[0-9]{2}))?
      |-W(?P<week>[0-9]{2})(?:-(?P<weekday>[1-7]))?
      |-(?P<ordinal>[0-9]{3})
      |(?P<month2>[0-9]{2})(?P<day2>[0-9]{2}))
    (?:[Tt ]\s?(?P<hour>[0-9]{2})(?::?(?P<minute>[0-9]{2})(?::?(?P<second>[0-9]{2})(?:[.,][0-9]{1,9})?)?)?
      \ ?(?P<zone>[Zz]|UTC|GMT|[+-][0-9]{2}(?::?[0-9]{2})?)?(?:\[[A-Za-z_/+-]{1,40}\])?)?""",
    re.VERBOSE,
)


class Standard(NamedTuple):
    """A machine's date: local time, its precision, and its zone if it is said."""

    value: datetime
    precision: Precision
    zone: tzinfo | None


def read_standard(text: str) -> Standard | None:
    """Return the date that is the whole of ``text``, or None: no such form, no such day."""
    found = _ISO.fullmatch(text)
    if found is None:
        return None
    day = _day(found)
    if day is None:
        return None
    if found["hour"] is None:
        whole = found["day"] or found["day2"] or found["ordinal"] or found["weekday"]
        if not whole and found["week"]:
            return None
        return Standard(datetime(day.year, day.month, day.day), "day" if whole else "month", None)  # noqa: DTZ001
    if found["month"] and not found["day"]:
        return None
    return _with_time(found, day)


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
    if not 1900 <= year <= 2100:
        return None
    try:
        if found["week"]:
            return date.fromisocalendar(year, int(found["week"]), int(found["weekday"] or 1))
        if found["ordinal"]:
            day = date(year, 1, 1) + timedelta(days=int(found["ordinal"]) - 1)
            return day if day.year == year else None
        month, number = found["month"] or found["month2"], found["day"] or found["day2"] or 1
        return date(year, int(month), int(number))
    except ValueError:
        return None


def _zone(text: str | None) -> tzinfo | None:
    if text is None:
        return None
    if text.upper() in ("Z", "UTC", "GMT"):
        return UTC
    digits = text[1:].replace(":", "")
    hours, minutes = int(digits[:2]), int(digits[2:] or 0)
    if hours > 14 or minutes > 59:
        return None
    return offset((hours * 60 + minutes) * (-1 if text[0] == "-" else 1))
