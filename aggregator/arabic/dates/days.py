"""Read a printed day at one place of a line: words, numbers, East Asian marks, digits in a row."""

from datetime import date

from aggregator.arabic.dates import calendars
from aggregator.arabic.dates.context import Context, Day
from aggregator.arabic.dates.lexicon import Calendar, Month
from aggregator.arabic.dates.text import Token

Found = tuple[Day, int] | None
NO_SUCH_DAY = Day()
_BETWEEN = frozenset(",./-_'\"\\")
_AROUND_YEAR = _BETWEEN | frozenset("()")
_SEPARATORS = frozenset("/-.\\_")


def read_day(line: list[Token], at: int, free: int, context: Context) -> Found:
    """Return the day printed at token ``at`` and the token after it, or None.

    Args:
        line: the tokens.
        at: where to look.
        free: tokens from here on belong to nothing read before.
        context: country and order.
    """
    token = line[at]
    if token.number >= 0:
        return _from_number(line, at, free, context)
    if "month" in token.means:
        return _month_first(line, at, context)
    if "dayword" in token.means:
        return _day_first(line, at, token.means["dayword"], free, context)
    if "era_year" in token.means:
        return _marked(line, at + 1, context, token.means["era_year"] - 1)
    return None


def _from_number(line: list[Token], at: int, free: int, context: Context) -> Found:
    token = line[at]
    following = line[at + 1] if at + 1 < len(line) else None
    if following is not None:
        if following.word in _SEPARATORS and (found := _numeric(line, at, context)):
            return found
        if "mark" in following.means:
            return _marked(line, at, context, 0)
        if token.width <= 2:
            return _day_first(line, at, token.number, free, context)
        if token.width == 4:
            return _year_first(line, at, context)
    return _digits(line, at) if token.width >= 8 else None


# Words


def _skip(line: list[Token], at: int, signs: frozenset[str], most: int = 3) -> int:
    """Return the index after at most ``most`` signs and words that stand inside a date."""
    for _ in range(most):
        if at < len(line) and (line[at].word in signs or "filler" in line[at].means):
            if "month" in line[at].means or "year" in line[at].means.get("mark", ""):
                break
            at += 1
        else:
            break
    return at


def _suffix(line: list[Token], at: int) -> int:
    """Return the index after an ordinal's ending (7th, 1er, 7-го) that clings to a number."""
    if at < len(line) and not line[at].gap:
        token = line[at]
        plain = not token.means or "filler" in token.means
        if plain and token.text.isalpha() and len(token.text) <= 3 and "month" not in token.means:
            return at + 1
    return at


def _months(line: list[Token], at: int, context: Context) -> tuple[tuple[Month, ...], int] | None:
    """Return the months that the name at ``at`` may mean and the token after a double name.

    No month at all is left of two names of different months.
    """
    if at >= len(line) or "month" not in line[at].means:
        return None
    months = _here(line[at].means["month"], context)
    if not months:
        return None
    after = at + 1
    other = after
    while other < len(line) and other < after + 2 and line[other].word in "/(-,|.":
        other += 1
    if other == after or other >= len(line) or "month" not in line[other].means:
        return months, after
    second = _here(line[other].means["month"], context)
    numbers = {(month.number, month.calendar) for month in second}
    both = tuple(month for month in months if (month.number, month.calendar) in numbers)
    after = other + 1
    if after < len(line) and line[after].word == ")":
        after += 1
    return both, after


def _here(months: tuple[Month, ...], context: Context) -> tuple[Month, ...]:
    fitting = [month for month in months if not month.only or context.country in month.only]
    special = [month for month in fitting if month.only]
    return tuple(special or fitting)


def _day_first(line: list[Token], at: int, number: int, free: int, context: Context) -> Found:
    if not 1 <= number <= 99 or _part_of_number(line, at):
        return None
    named = _months(line, _skip(line, _suffix(line, at + 1), _BETWEEN), context)
    if named is None:
        return None
    months, after = named
    if not months or number > 31 or _second_of_range(line, at, free):
        return NO_SUCH_DAY, after
    if year := _year(line, after, context):
        value, end, weak = year
        return _resolve(line, months, number, value, end, weak, context)
    return _without_year(months, number, after)


def _part_of_number(line: list[Token], at: int) -> bool:
    return (
        at >= 2 and not line[at].gap and not line[at - 1].gap
        and line[at - 1].word in ".,/:" and line[at - 2].number >= 0
    )  # fmt: skip


def _second_of_range(line: list[Token], at: int, free: int) -> bool:
    """Whether a day of a month stands before this one: 7-9 November."""
    if at - 2 < free:
        return False
    sign, first = line[at - 1], line[at - 2]
    joins = sign.word in ("-", "و", "~", "&", "/") or "range" in sign.means
    return joins and 1 <= first.number <= 31 and first.width <= 2


def _without_year(months: tuple[Month, ...], number: int, end: int) -> Found:
    for month in months:
        if month.calendar == "gregorian":
            if date_or_none := calendars.day("gregorian", 2024, month.number, number):
                del date_or_none
                return Day(yearless=(month.number, number), weak=True), end
            return NO_SUCH_DAY, end
    return None


def _year(line: list[Token], at: int, context: Context) -> tuple[int, int, bool] | None:
    """Return year, the token after it and whether it is doubtful (two digits), or None."""
    place = _skip(line, at, _AROUND_YEAR)
    if place >= len(line):
        return None
    token = line[place]
    following = line[place + 1] if place + 1 < len(line) else None
    if token.width == 4:
        return token.number, place + 1, False
    if token.width == 2 and context.now is not None:
        clock = following is not None and (
            following.word == ":" or "meridiem" in following.means or "clockmark" in following.means
        )
        year = two_digits(token.number, context)
        if year and not clock:
            return year, place + 1, True
    return None


def two_digits(number: int, context: Context) -> int | None:
    """Return the year that two digits mean: up to next year, or 1970 to 1999."""
    now = context.now
    if now is None:
        return None
    if number <= now.year % 100 + 1:
        return now.year // 100 * 100 + number
    return now.year // 100 * 100 - 100 + number if number >= 70 else None


def _resolve(
    line: list[Token],
    months: tuple[Month, ...],
    number: int,
    year: int,
    end: int,
    weak: bool,
    context: Context,
) -> Found:
    """Choose the month of the calendar that the year belongs to, and make the day."""
    era, end = _era(line, end, year)
    for month in months:
        placed = _place(month, year, era, line, context)
        if placed is None:
            continue
        calendar, counted = placed
        found = calendars.day(calendar, counted, month.number, number)
        if found is None:
            return NO_SUCH_DAY, end
        return Day(readings=(("", found),), weak=weak, era=calendar), end
    return None


def _place(
    month: Month, year: int, era: str | None, line: list[Token], context: Context
) -> tuple[Calendar, int] | None:
    """Return calendar and year if ``year`` may be one of this month's calendar."""
    if month.calendar == "libya":
        if era == "l":
            return "gregorian", year + calendars.LIBYAN
        return ("gregorian", year) if era == "c" or context.country == "LY" else None
    if (
        month.calendar == "gregorian"
        and 2400 < year < 2650
        and (era == "b" or _thai(line, context))
    ):
        return "gregorian", year - calendars.BUDDHIST
    first, last = calendars.YEARS[month.calendar]
    return (month.calendar, year) if first <= year <= last else None


def _thai(line: list[Token], context: Context) -> bool:
    return context.country == "TH" or any("\u0e00" <= token.word[0] <= "\u0e7f" for token in line)


def _era(line: list[Token], at: int, year: int) -> tuple[str | None, int]:
    """Return the era named after a year, if it can be this year's, and the token after it."""
    place = at
    while place < len(line) and place < at + 2 and line[place].word in "().,":
        place += 1
    if place >= len(line) or "era" not in line[place].means:
        return None, at
    era: str = line[place].means["era"]
    fits = {
        "g": 1900 <= year <= 2100, "c": 1900 <= year <= 2100, "h": 1343 <= year <= 1500,
        "s": 1300 <= year <= 1479, "l": 1300 <= year <= 1500, "b": 2400 < year < 2650,
    }[era]  # fmt: skip
    if not fits:
        return None, at
    place += 1
    if place < len(line) and line[place].word in ".)" and not line[place].gap:
        place += 1
    return era, place


def _month_first(line: list[Token], at: int, context: Context) -> Found:
    named = _months(line, at, context)
    if named is None or not named[0]:
        return None
    months, after = named
    place = _skip(line, after, _BETWEEN)
    if place >= len(line) or line[place].number < 0:
        return None
    token = line[place]
    following = line[place + 1] if place + 1 < len(line) else None
    if token.width == 4:
        return _month_alone(line, months, token.number, place + 1, context)
    if token.width > 2 or not 1 <= token.number or (following and following.word == ":"):
        return None
    end = _suffix(line, place + 1)
    if year := _year(line, end, context):
        value, end, weak = year
        if token.number > 31:
            return NO_SUCH_DAY, end
        return _resolve(line, months, token.number, value, end, weak, context)
    if apart := _year_after_clock(line, end):
        found = _resolve(line, months, token.number, line[apart].number, apart + 1, False, context)
        if found is not None and found[0].readings:
            found[0].year_token = apart
            return found[0], end
    return _without_year(months, token.number, end)


def _year_after_clock(line: list[Token], at: int) -> int | None:
    """Return the index of the year in ``Nov 07 14:35:12 AST 2025``, or None."""
    if not (at + 3 < len(line) and line[at].number >= 0 and line[at + 1].word == ":"):
        return None
    for place in range(at + 3, min(at + 9, len(line))):
        token = line[place]
        if token.width == 4 and line[place - 1].word not in "+-:":
            return place
        if token.number < 0 and token.word not in ":+-" and not token.text.isalpha():
            return None
    return None


def _month_alone(
    line: list[Token], months: tuple[Month, ...], year: int, end: int, context: Context
) -> Found:
    found = _resolve(line, months, 1, year, end, True, context)
    if found is None or found[0].era != "gregorian" or not found[0].readings:
        return found and (NO_SUCH_DAY, found[1])
    found[0].precision = "month"
    return found


def _year_first(line: list[Token], at: int, context: Context) -> Found:
    """Read ``2025 November 7``, ``2025. gada 7. novembris`` and ``2025 November``."""
    year = line[at].number
    place = _skip(line, at + 1, _BETWEEN)
    if place >= len(line):
        return None
    if place > at + 1 and 1 <= line[place].number <= 31 and line[place].width <= 2:
        named = _months(line, _skip(line, place + 1, _BETWEEN), context)
        if named and named[0] and not _year(line, named[1], context):
            return _resolve(line, named[0], line[place].number, year, named[1], False, context)
        return None
    named = _months(line, place, context)
    if not named or not named[0]:
        return None
    months, after = named
    place = _skip(line, after, _BETWEEN)
    if place < len(line) and 1 <= line[place].number <= 31 and line[place].width <= 2:
        following = line[place + 1].word if place + 1 < len(line) else ""
        later = _year(line, _suffix(line, place + 1), context)
        if following != ":" and not (later and not later[2]):
            end = _suffix(line, place + 1)
            return _resolve(line, months, line[place].number, year, end, False, context)
        return None
    return _month_alone(line, months, year, after, context)


# Numbers


def _numeric(line: list[Token], at: int, context: Context) -> Found:
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
    if first.width == 4 and third.width <= 2:
        day = _year_leads(first.number, second.number, third.number, line, end, context)
    elif third.width == 4 and first.width <= 2:
        day = _year_ends(first.number, second.number, third.number, line, end, context)
    elif max(widths) <= 2 and min(first.width, third.width) == 2:
        day = _short(first.number, second.number, third.number, context)
    else:
        return None
    if day is None:
        return None
    _, end = _era(line, end, _year_of(first, third))
    return day, end


def _year_of(first: Token, third: Token) -> int:
    return first.number if first.width == 4 else third.number


def _clings(line: list[Token], at: int, sign: str) -> bool:
    """Whether more digits or letters cling to the numbers: addresses, phones, versions."""
    if at and not line[at].gap:
        before = line[at - 1]
        if before.word in _SEPARATORS or before.word in "+:#$=":
            behind = line[at - 2] if at > 1 and not before.gap else None
            if before.word in "+#$=" or (behind is not None and behind.number >= 0):
                return True
        elif before.text.isascii() and before.text.isalnum():
            return True
    after = at + 5
    if after + 1 >= len(line) or line[after].gap or line[after + 1].gap:
        return False
    if line[after].word not in _SEPARATORS and line[after].word not in ":":
        return False
    if line[after + 1].number < 0:
        return False
    clock = after + 2 < len(line) and line[after + 2].word == ":"
    return not clock and (line[after].word == sign or line[after].word in ":.")


def _counted(
    year: int, line: list[Token], end: int, context: Context
) -> tuple[Calendar, int] | None:
    """Return the calendar of a bare year, by its size, its era and the country."""
    era, _ = _era(line, end, year)
    if 1900 <= year <= 2100:
        return "gregorian", year
    if era == "b" or (2400 < year < 2650 and _thai(line, context)):
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
    if calendar == "gregorian":
        readings.append(("mdy", calendars.day(calendar, year, first, second)))
    return Day(readings=_distinct(readings), era=calendar)


def _short(first: int, second: int, third: int, context: Context) -> Day | None:
    """Read a date with a two-digit year; doubtful, so it must fill its line."""
    readings: list[tuple[str, date | None]] = []
    if context.order != "ymd" and (year := two_digits(third, context)):
        readings.append(("dmy", calendars.day("gregorian", year, second, first)))
        readings.append(("mdy", calendars.day("gregorian", year, first, second)))
    if (leading := two_digits(first, context)) and (
        context.order == "ymd" or (context.order is None and _fresh(leading, context))
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


def _digits(line: list[Token], at: int) -> Found:
    """Read 20251107, the day of an address or of a machine's stamp."""
    token = line[at]
    if token.width not in (8, 12, 14) or not token.text.startswith(("19", "20")):
        return None
    text = token.text
    found = calendars.day("gregorian", int(text[:4]), int(text[4:6]), int(text[6:8]))
    return (Day(readings=(("", found),), weak=True), at + 1) if found else None


# East Asian marks


def _marked(line: list[Token], at: int, context: Context, add: int) -> Found:
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
