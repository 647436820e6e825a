"""Read a printed day at one place of a line, in whatever form stands there."""

from aggregator.arabic.dates.context import Context
from aggregator.arabic.dates.named import day_first, month_first, year_first
from aggregator.arabic.dates.numeric import SEPARATORS, digits_in_a_row, marked, numeric
from aggregator.arabic.dates.text import Token
from aggregator.arabic.dates.years import Found


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
        return month_first(line, at, context)
    if "dayword" in token.means:
        return day_first(line, at, token.means["dayword"], free, context)
    if "era_year" in token.means:
        return marked(line, at + 1, context, token.means["era_year"] - 1)
    return None


def _from_number(line: list[Token], at: int, free: int, context: Context) -> Found:
    token = line[at]
    following = line[at + 1] if at + 1 < len(line) else None
    if following is not None:
        if following.word in SEPARATORS and (found := numeric(line, at, context)):
            return found
        if "mark" in following.means:
            return marked(line, at, context, 0)
        if token.width <= 2:
            return day_first(line, at, token.number, free, context)
        if token.width == 4:
            return year_first(line, at, context)
    return digits_in_a_row(line, at) if token.width >= 8 else None
