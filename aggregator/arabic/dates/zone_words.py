"""Read the zone that a line names: بتوقيت غرينتش, GMT+3, +0300, EST, Cairo time."""

from aggregator.arabic.dates.lexicon import place
from aggregator.arabic.dates.text import Token

#: IANA name, ``local`` or minutes from UTC
Zone = str | int
#: what may stand between a time and its zone: "14:35 (GMT)"
_BEFORE_ZONE = frozenset("(,-|[")


def read_zone(
    line: list[Token], at: int, after_time: bool, country: str
) -> tuple[Zone, int] | None:
    """Return the zone named at token ``at`` (IANA name or minutes) and the token after it, or None.

    Args:
        line: the tokens.
        at: where to look.
        after_time: a time stands right before, so that short names and offsets count.
        country: of the source; some names mean another zone there.
    """
    token = line[at]
    means = token.means
    if "zone_base" in means:
        if token.word == "z" and (token.gap or not after_time):
            return None
        return _with_offset(line, at + 1, means["zone_base"])
    if "zone_prefix" in means and at + 1 < len(line):
        if named := place(line, at + 1, country):
            return named[0], at + 1 + named[1]
        return None
    if "zone_zone" in means:
        return means["zone_zone"], at + 1
    return _beside_time(line, at, country) if after_time else None


def _beside_time(line: list[Token], at: int, country: str) -> tuple[Zone, int] | None:
    """Read what names a zone only beside a time: EST, +0300, Cairo time."""
    token = line[at]
    means = token.means
    if "zone_abbr" in means and token.text.isupper():
        return means.get(f"zone_abbr@{country}", means["zone_abbr"]), at + 1
    if token.word in "+-":
        return _before_base(line, at)
    if (named := place(line, at, country)) and at + named[1] < len(line):
        end = at + named[1]
        if "zone_suffix" in line[end].means:
            return named[0], end + 1
    return None


def skip_to_zone(line: list[Token], at: int) -> int:
    """Return the index after signs that may stand between a time and its zone."""
    for _ in range(2):
        if at + 1 < len(line) and line[at].word in _BEFORE_ZONE and line[at + 1].number < 0:
            at += 1
    return at


def _before_base(line: list[Token], at: int) -> tuple[Zone, int] | None:
    """Read an offset with or without its base behind it: +0300, +03:00 GMT, +3 غرينتش."""
    based = at + 2 < len(line) and "zone_base" in line[at + 2].means
    found = _offset(line, at, based)
    if found is None:
        return None
    minutes, end = found
    return minutes, end + (end < len(line) and "zone_base" in line[end].means)


def _with_offset(line: list[Token], at: int, base: int) -> tuple[Zone, int]:
    """Read what may follow GMT: +3, +03:00, +0300, and a name in brackets."""
    if at + 1 < len(line) and line[at].word in "+-" and (found := _offset(line, at, True)):
        return found
    return base, at


def _offset(line: list[Token], at: int, after_base: bool) -> tuple[Zone, int] | None:
    """Read +0300, +03:00, -05:00 and, after GMT, +3."""
    if at + 1 >= len(line) or line[at + 1].number < 0:
        return None
    sign = -1 if line[at].word == "-" else 1
    number = line[at + 1]
    if number.gap and (sign < 0 or not after_base):
        return None
    if at + 2 < len(line) and "month" in line[at + 2].means:
        return None
    if number.width == 4:
        hours, minutes, end = number.number // 100, number.number % 100, at + 2
    elif number.width <= 2:
        hours, minutes, end = number.number, 0, at + 2
        colon = end + 1 < len(line) and line[end].word == ":" and line[end + 1].width == 2
        if colon and not line[end].gap:
            minutes, end = line[end + 1].number, end + 2
        elif not after_base and (sign < 0 or number.width == 1) and line[at].gap:
            return None
    else:
        return None
    if hours > 14 or minutes not in (0, 15, 30, 45):
        return None
    return sign * (hours * 60 + minutes), end
