"""Read days in numbers: 7/11/2025, 2025-11-07, 20251107, and with East Asian marks."""

from dataclasses import replace
from datetime import date

from aggregator.arabic.dates import calendars
from aggregator.arabic.dates.context import Context, Day
from aggregator.arabic.dates.lexicon import Calendar
from aggregator.arabic.dates.text import Token
from aggregator.arabic.dates.years import NO_SUCH_DAY, Found, era_after, is_buddhist, two_digits

#: signs that part the numbers of a date
SEPARATORS = frozenset("/-.\\_|")


def numeric(line: list[Token], at: int, context: Context) -> Found:
    """Read three numbers parted by one sign: 7/11/2025, 2025-11-07, 7. 11. 2025."""
    if at + 4 >= len(line):
        return _year_and_month(line, at)
    sign = line[at + 1].word
    first, second, third = line[at], line[at + 2], line[at + 4]
    if line[at + 3].word != sign or second.number < 0 or third.number < 0:
        return _year_and_month(line, at)
    widths = (first.width, second.width, third.width)
    if second.width > 2 or _clings(line, at, sign):
        return None
    end = at + 5
    if sign == "|" and third.width != 4:
        return None
    if first.width == 4 and third.width <= 2:
        day = _year_leads(first.number, second.number, third.number, line, end, context)
    elif third.width == 4 and first.width <= 2:
        day = _year_ends(first.number, second.number, third.number, line, end, context)
        if day is not None and sign == "|":  # columns, unless nothing else stands there
            day = replace(day, weak=True)
    elif max(widths) == 2 and 2 in (first.width, third.width):
        day = _short(first.number, second.number, third.number, sign, context)
    else:
        return None
    if day is None:
        return None
    _, end = era_after(line, end, _year_of(first, third))
    return day, end


def _year_of(first: Token, third: Token) -> int:
    return first.number if first.width == 4 else third.number


def _clings(line: list[Token], at: int, sign: str) -> bool:
    """Whether more digits or letters cling to the numbers: addresses, phones, versions."""
    if at and not line[at].gap:
        before = line[at - 1]
        if before.word in SEPARATORS or before.word in "+:#$=":
            behind = line[at - 2] if at > 1 and not before.gap else None
            if before.word in "+#$=" or (behind is not None and behind.number >= 0):
                return True
        elif before.text.isascii() and before.text.isalnum():
            return True
    after = at + 5
    if after + 1 >= len(line) or line[after].gap or line[after + 1].gap:
        return False
    if line[after].word not in SEPARATORS and line[after].word != ":":
        return False
    if line[after + 1].number < 0:
        return False
    clock = after + 2 < len(line) and line[after + 2].word == ":"
    return not clock and (line[after].word == sign or line[after].word in ":.")


def _counted(
    year: int, line: list[Token], end: int, context: Context
) -> tuple[Calendar, int] | None:
    """Return the calendar of a bare year, by its size, its era and the country."""
    era, _ = era_after(line, end, year)
    if 1900 <= year <= 2100:
        return "gregorian", year
    if is_buddhist(year, era, line, context):
        return "gregorian", year - calendars.BUDDHIST
    if era == "s" or (era != "h" and context.country in ("IR", "AF") and 1300 <= year < 1430):
        return "solar", year
    if era == "h" or 1421 <= year <= 1500:
        return "hijri", year
    return None


def _year_leads(
    year: int, month: int, number: int, line: list[Token], end: int, context: Context
) -> Day | None:
    counted = _counted(year, line, end, context)
    if counted is None:
        return NO_SUCH_DAY
    found = calendars.day(*counted, month, number)
    return Day(readings=(("", found),), era=counted[0]) if found else NO_SUCH_DAY


def _year_ends(
    first: int, second: int, year: int, line: list[Token], end: int, context: Context
) -> Day | None:
    counted = _counted(year, line, end, context)
    if counted is None:
        return NO_SUCH_DAY
    calendar, year = counted
    readings = [("dmy", calendars.day(calendar, year, second, first))]
    dots = line[end - 2].word == "." and context.usual is None and context.order is None
    if calendar == "gregorian" and not (dots and readings[0][1]):  # month first has slashes
        readings.append(("mdy", calendars.day(calendar, year, first, second)))
    return Day(readings=_distinct(readings), era=calendar)


def _short(first: int, second: int, third: int, sign: str, context: Context) -> Day | None:
    """Read a date with a two-digit year; doubtful, so it must fill its line.

    Nobody parts by dots and begins with a short year, so 25.04.24 has one reading.
    """
    readings: list[tuple[str, date | None]] = []
    if context.order != "ymd" and (year := two_digits(third, context)):
        readings.append(("dmy", calendars.day("gregorian", year, second, first)))
        readings.append(("mdy", calendars.day("gregorian", year, first, second)))
    if (leading := two_digits(first, context)) and (
        context.order == "ymd"
        or (context.order is None and sign != "." and _fresh(leading, context))
    ):
        readings.append(("ymd", calendars.day("gregorian", leading, second, third)))
    if not readings:
        return None
    return Day(readings=_distinct(readings), weak=True)


def _fresh(year: int, context: Context) -> bool:
    return context.now is not None and abs(context.now.year - year) <= 1


def _distinct(readings: list[tuple[str, date | None]]) -> tuple[tuple[str, date], ...]:
    found: dict[date, str] = {}
    for order, day in readings:
        if day is not None:
            found.setdefault(day, order)
    return tuple((order, day) for day, order in found.items())


def _year_and_month(line: list[Token], at: int) -> Found:
    """Read 2025-11 and 11/2025 where they stand alone."""
    if at + 2 >= len(line) or len(line) > 3:
        return None
    first, second = line[at], line[at + 2]
    year, month = (first, second) if first.width == 4 else (second, first)
    if year.width != 4 or month.width != 2 or not 1900 <= year.number <= 2100:
        return None
    found = calendars.day("gregorian", year.number, month.number, 1)
    return (Day(readings=(("", found),), precision="month", weak=True), at + 3) if found else None


def digits_in_a_row(line: list[Token], at: int) -> Found:
    """Read 20251107, the day of an address or of a machine's stamp."""
    token = line[at]
    if token.width not in (8, 12, 14) or not token.text.startswith(("19", "20")):
        return None
    text = token.text
    found = calendars.day("gregorian", int(text[:4]), int(text[4:6]), int(text[6:8]))
    return (Day(readings=(("", found),), weak=True), at + 1) if found else None


def marked(line: list[Token], at: int, context: Context, add: int) -> Found:
    """Read numbers with a mark after each: 2025年11月7日, 2025년 11월 7일, 11月7日."""
    parts: dict[str, int] = {}
    while at + 1 < len(line) and line[at].number >= 0 and line[at].width <= 4:
        mark = line[at + 1].means.get("mark")
        if mark is None or mark in parts or (mark == "y" and parts):
            break
        parts[mark] = line[at].number
        at += 2
    if "m" not in parts:
        return None
    number = parts.get("d", 1)
    if "y" not in parts:
        if "d" not in parts or not calendars.day("gregorian", 2024, parts["m"], number):
            return None
        return Day(yearless=(parts["m"], number), weak=True), at
    year = parts["y"] + add
    if parts["y"] < 100 and not add:
        year = two_digits(parts["y"], context) or 0
    found = calendars.day("gregorian", year, parts["m"], number)
    if found is None:
        return NO_SUCH_DAY, at
    if "d" in parts:
        return Day(readings=(("", found),)), at
    return Day(readings=(("", found),), precision="month", weak=True), at
