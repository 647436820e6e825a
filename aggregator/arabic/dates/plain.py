"""The commonest lines of all, read without the grammar: weekday, day, month, year, time.

It only saves time: what it reads, the grammar reads alike (a test compares them), and whatever has
another shape it leaves to the grammar.
"""

import re
from datetime import date
from typing import NamedTuple

from aggregator.arabic.dates.clock import make_clock
from aggregator.arabic.dates.context import Clock, Context, Day
from aggregator.arabic.dates.numeric import numeric
from aggregator.arabic.dates.text import Token

#: w weekday, n number of one or two digits, m month, y number of four, a half of the day, s sign
_SHAPE = re.compile(r"(?:w[s-]?)?(?:nm[s-]?y|n/n/y|n-n-y|y/n/n|y-n-n)(?:[s-]?n:n(?::n)?a?)?")
_SIGNS = {",": "s", "-": "-", "|": "s", ":": ":", "/": "/"}


class Plain(NamedTuple):
    """What a plain line says; ``day`` may still have two readings."""

    day: Day
    weekday: int | None
    clock: Clock | None


def _letter(token: Token) -> str:
    if token.number >= 0:
        return "n" if token.width <= 2 else "y" if token.width == 4 else "x"
    means = token.means
    if not means:
        return _SIGNS.get(token.word, "x")
    if "month" in means:
        month = means["month"]
        single = len(month) == 1 and len(means) == 1
        return "m" if single and month[0].calendar == "gregorian" and not month[0].only else "x"
    if "weekday" in means:
        return "w"
    return "a" if "meridiem" in means else "x"


def read_plain(line: list[Token], context: Context) -> Plain | None:
    """Return day and time of a line of the plain shape, or None: not so plain, or no such day."""
    if not 3 <= len(line) <= 14:
        return None
    shape = "".join(map(_letter, line))
    if not _SHAPE.fullmatch(shape):
        return None
    if "m" in shape:
        day = _with_month(line, shape.index("m"), shape.index("y"))
    else:
        start = min(shape.index("n"), shape.index("y"))
        found = numeric(line, start, context)
        day = found[0] if found and found[1] == start + 5 else None
    if day is None:
        return None
    clock = None
    if ":" in shape:
        clock = _clock(line, shape, shape.index(":"))
        if clock is None:
            return None
    return Plain(day, line[0].means["weekday"] if shape[0] == "w" else None, clock)


def _with_month(line: list[Token], month: int, year: int) -> Day | None:
    try:
        day = date(line[year].number, line[month].means["month"][0].number, line[month - 1].number)
    except ValueError:
        return None
    return Day(readings=(("", day),)) if 1900 <= day.year <= 2100 else None


def _clock(line: list[Token], shape: str, colon: int) -> Clock | None:
    hour, minute = line[colon - 1], line[colon + 1]
    if minute.width != 2 or minute.number > 59 or hour.number > 23:
        return None
    second = line[colon + 3] if shape[colon + 2 : colon + 4] == ":n" else None
    if second is not None and (second.width != 2 or second.number > 59):
        return None
    half = line[-1].means["meridiem"] if shape[-1] == "a" else None
    return make_clock(
        hour.number,
        minute.number,
        second.number if second else 0,
        "second" if second else "minute",
        half,
    )
