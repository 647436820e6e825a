"""What a line is read against, and what is read in it."""

from dataclasses import dataclass
from datetime import date, datetime, tzinfo
from typing import Any, Literal

Order = Literal["dmy", "mdy", "ymd"]
Role = Literal["published", "updated"]


@dataclass(frozen=True, slots=True)
class Context:
    """The caller's knowledge about a line.

    Attributes:
        country: ISO 3166 code in capitals, or "".
        order: what the source says about day, month and year.
        usual: what the country says; None where it is unknown or has two.
        zone: of the source.
        now: in that zone; None where the caller has no clock.
    """

    country: str
    order: Order | None
    usual: Order | None
    zone: tzinfo
    now: datetime | None


@dataclass(slots=True)
class Item:
    """Something read in a line: tokens ``start`` up to ``end``.

    Attributes:
        kind: ``day``, ``time``, ``ago``, ``zone``, ``count``, ``role``, ``by``, ``not`` or
            ``range``.
        value: a :class:`Day`, :class:`Clock`, :class:`Ago`, or the meaning of the word.
    """

    kind: str
    start: int
    end: int
    value: Any


@dataclass(slots=True)
class Day:
    """A printed day or month.

    Attributes:
        readings: the dates it may mean, each with the order that gives it (``""``: any order);
            empty: looks like a date, but there is no such day.
        yearless: month and day of a date without a year.
        weak: counts only where the line holds nothing else.
        era: the calendar that it was printed in.
        year_token: index of a year that stands apart (after the clock), or -1.
    """

    readings: tuple[tuple[str, date], ...] = ()
    precision: Literal["day", "month"] = "day"
    yearless: tuple[int, int] | None = None
    weak: bool = False
    era: str = "gregorian"
    year_token: int = -1


@dataclass(slots=True)
class Clock:
    """A printed time of day, and its zone if it is said."""

    hour: int
    minute: int = 0
    second: int = 0
    precision: Literal["hour", "minute", "second"] = "minute"


@dataclass(slots=True)
class Ago:
    """A relative time: so many seconds, days or months before now.

    Attributes:
        strict: a word of everyday speech (today), not a stamp (2 hours ago).
        weekday: the last such day, in place of an amount.
    """

    seconds: int = 0
    days: int = 0
    months: int = 0
    precision: Literal["second", "minute", "hour", "day", "month"] | None = "day"
    strict: bool = False
    weekday: int | None = None
