"""Read days whose month is a word: 7 نوفمبر 2025, November 7, 2025, 2025 November 7, Nov 2025."""

from aggregator.arabic.dates import calendars
from aggregator.arabic.dates.context import Context, Day
from aggregator.arabic.dates.lexicon import Calendar, Month
from aggregator.arabic.dates.spelling import misspelt
from aggregator.arabic.dates.text import Token
from aggregator.arabic.dates.years import NO_SUCH_DAY, Found, era_after, is_buddhist, two_digits

_BETWEEN = frozenset(",./-_'\"\\")
_AROUND_YEAR = _BETWEEN | frozenset("()")
#: what opens and what ends an agency's mark
_MARK = {"/": "/", "(": ")"}


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
    while other < len(line) and other < after + 2 and line[other].word in '/(-,|."':
        other += 1
    if other == after or other >= len(line) or "month" not in line[other].means:
        return months, after
    second = _here(line[other].means["month"], context)
    numbers = {_same(month) for month in second}
    both = tuple(month for month in months if _same(month) in numbers)
    after = other + 1
    if after < len(line) and line[after].word in (")", '"'):
        after += 1
    return both, after


def _misspelt(line: list[Token], at: int) -> tuple[tuple[Month, ...], int] | None:
    """Return the month that a word nearly names and the token after it; a year must follow."""
    if at + 1 >= len(line) or line[at].means or not line[at].text.isalpha():
        return None
    year = _skip(line, at + 1, _AROUND_YEAR)
    if year >= len(line) or line[year].width != 4 or not 1900 <= line[year].number <= 2100:
        return None
    month = misspelt(line[at].word)
    return ((month,), at + 1) if month else None


def _same(month: Month) -> tuple[int, bool]:
    """Return what two names of one month share: the Libyan ones are Gregorian months."""
    return month.number, month.calendar in ("gregorian", "libya")


def _here(months: tuple[Month, ...], context: Context) -> tuple[Month, ...]:
    fitting = [month for month in months if not month.only or context.country in month.only]
    special = [month for month in fitting if month.only]
    return tuple(special or fitting)


def day_first(line: list[Token], at: int, number: int, free: int, context: Context) -> Found:
    """Read ``7 نوفمبر 2025``; ``number`` is the day, which may stand there in words."""
    if not 1 <= number <= 99 or _part_of_number(line, at):
        return None
    place = _skip(line, _suffix(line, at + 1), _BETWEEN)
    named = _months(line, place, context) or _misspelt(line, place)
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
            if calendars.day("gregorian", 2024, month.number, number):  # a leap year
                return Day(yearless=(month.number, number), weak=True), end
            return NO_SUCH_DAY, end
    return None


def _year(line: list[Token], at: int, context: Context) -> tuple[int, int, bool] | None:
    """Return year, the token after it and whether it is doubtful (two digits), or None."""
    place = _after_agency(line, at) or _skip(line, at, _AROUND_YEAR)
    if place >= len(line):
        return None
    token = line[place]
    following = line[place + 1] if place + 1 < len(line) else None
    if token.width == 4:
        return token.number, place + 1, False
    if token.width == 2:
        clock = following is not None and (
            following.word == ":" or "meridiem" in following.means or "clockmark" in following.means
        )
        year = two_digits(token.number, context)
        if year and not clock:
            return year, place + 1, True
    return None


def _after_agency(line: list[Token], at: int) -> int | None:
    """Return the index of the year behind an agency's mark: 16 نوفمبر /كونا/ 2025."""
    if at + 3 >= len(line) or line[at].word not in _MARK:
        return None
    name, end, year = line[at + 1 : at + 4]
    marked = end.word == _MARK[line[at].word] and name.text.isalpha() and not name.means
    return at + 3 if marked and year.width == 4 else None


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
    era, end = era_after(line, end, year)
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
    if month.calendar == "gregorian" and is_buddhist(year, era, line, context):
        return "gregorian", year - calendars.BUDDHIST
    first, last = calendars.YEARS[month.calendar]
    return (month.calendar, year) if first <= year <= last else None


def month_first(line: list[Token], at: int, context: Context) -> Found:
    """Read ``November 7, 2025``, ``Nov 07 14:35:12 AST 2025`` and ``November 2025``."""
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
    if token.width > 2 or not token.number >= 1 or (following and following.word == ":"):
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


def year_first(line: list[Token], at: int, context: Context) -> Found:
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
