"""The commonest lines of all, read without the grammar: weekday, day, month, year, time.

It only saves time: what it reads, the grammar reads alike (a test compares them), and whatever has
another shape it leaves to the grammar.
"""

import re
from datetime import date

from aggregator.arabic.dates.clock import make_clock
from aggregator.arabic.dates.context import Clock
from aggregator.arabic.dates.text import Token

#: w weekday, n number of one or two digits, m month, y number of four, a half of the day, s sign
_SHAPE = re.compile(r"(?:ws?)?nms?y(?:s?n:n(?::n)?a?)?")
_SIGNS = {",": "s", "-": "s", "|": "s", ":": ":"}
Plain = tuple[date, Clock | None]


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


def read_plain(line: list[Token]) -> Plain | None:
    """Return day and time of a line of the plain shape, or None: not so plain, or no such day."""
    if not 3 <= len(line) <= 14:
        return None
    shape = "".join(map(_letter, line))
    if not _SHAPE.fullmatch(shape):
        return None
    month = shape.index("m")
    year = shape.index("y")
    if not 1900 <= line[year].number <= 2100:
        return None
    try:
        day = date(line[year].number, line[month].means["month"][0].number, line[month - 1].number)
    except ValueError:
        return None
    if ":" not in shape:
        return day, None
    clock = _clock(line, shape, shape.index(":"))
    return (day, clock) if clock else None


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
