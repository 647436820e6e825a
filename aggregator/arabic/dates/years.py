"""Years: two digits, the eras named after them, and which calendar a bare year belongs to."""

from aggregator.arabic.dates.context import Context, Day
from aggregator.arabic.dates.text import Token

Found = tuple[Day, int] | None
#: looks like a date, but the calendar has no such day
NO_SUCH_DAY = Day()
#: years that an era may stand behind
_SPANS = {
    "g": range(1900, 2101), "c": range(1900, 2101), "h": range(1343, 1501),
    "s": range(1300, 1480), "l": range(1300, 1501), "b": range(2401, 2650),
}  # fmt: skip


def two_digits(number: int, context: Context) -> int | None:
    """Return the year that two digits mean: up to next year, or 1970 to 1999.

    Without a clock 00 to 68 are of this century, as POSIX has it.
    """
    last = context.now.year % 100 + 1 if context.now else 68
    century = context.now.year // 100 * 100 if context.now else 2000
    if number <= last:
        return century + number
    return century - 100 + number if number >= 70 else None


def is_buddhist(year: int, era: str | None, line: list[Token], context: Context) -> bool:
    """Whether a year is one of the Thai count: by its size, and era, country or letters."""
    if not 2400 < year < 2650:
        return False
    thai = any("\u0e00" <= token.word[0] <= "\u0e7f" for token in line[:40])
    return era == "b" or thai or context.country == "TH"


def era_after(line: list[Token], at: int, year: int) -> tuple[str | None, int]:
    """Return the era named after a year, if it can be this year's, and the token after it."""
    place = at
    while place < len(line) and place < at + 2 and line[place].word in "().,":
        place += 1
    if place >= len(line) or "era" not in line[place].means:
        return None, at
    era: str = line[place].means["era"]
    if year not in _SPANS[era]:
        return None, at
    place += 1
    if place < len(line) and line[place].word in ".)" and not line[place].gap:
        place += 1
    return era, place
