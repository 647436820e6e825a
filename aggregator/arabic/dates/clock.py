"""Read a printed time of day, and a zone, at one place of a line."""

from aggregator.arabic.dates.context import Clock
from aggregator.arabic.dates.lexicon import place
from aggregator.arabic.dates.text import Token

Found = tuple[Clock, int] | None
Zone = str | int
#: what a zone may be behind: "14:35 (GMT)"
_BEFORE_ZONE = frozenset("(,-|[")
_HALF_DAY = {"am", "pm", "noon", "night", "after_midnight", "midnight"}


def read_time(line: list[Token], at: int) -> Found:
    """Return the time printed at token ``at`` and the token after it, or None."""
    token = line[at]
    if token.number >= 0:
        return _numbers(line, at, None, False)
    means = token.means
    if "clock" in means and at + 1 < len(line):
        return _after_word(line, at + 1)
    if "hourword" in means:
        return _in_words(line, at, False)
    if "meridiem" in means and at + 1 < len(line) and line[at + 1].number >= 0:
        return _numbers(line, at + 1, means["meridiem"], False)
    return None


def _after_word(line: list[Token], at: int) -> Found:
    """Read a time after a word like ``at``, which makes doubtful forms certain."""
    while at < len(line) - 1 and (line[at].word == ":" or "clock" in line[at].means):
        at += 1
    token = line[at]
    if token.number >= 0:
        return _numbers(line, at, None, True)
    if "hourword" in token.means:
        return _in_words(line, at, True)
    if "meridiem" in token.means and at + 1 < len(line) and line[at + 1].number >= 0:
        return _numbers(line, at + 1, token.means["meridiem"], True)
    return None


def _numbers(line: list[Token], at: int, half: str | None, named: bool) -> Found:
    """Read 14:35, 2:35:12 PM, 2.35 م, 14h35, 14時35分, 3 م."""
    hour = line[at]
    if hour.width > 2 or hour.number > 24 or _clings_left(line, at):
        return None
    sign = line[at + 1] if at + 1 < len(line) else None
    minute = line[at + 2] if at + 2 < len(line) else None
    if sign is not None and minute is not None and minute.width == 2 and minute.number < 60:
        if sign.word == ":":
            return _with_minutes(line, at, half)
        dotted = sign.word in "." and not minute.gap
        if dotted and (half or named or _half_follows(line, at + 3) or _ends(line, at + 3)):
            return _with_minutes(line, at, half)
    if sign is not None and "clockmark" in sign.means and sign.means["clockmark"] == "h":
        return _marked(line, at, half)
    return _hour_alone(line, at, half, named)


def _clings_left(line: list[Token], at: int) -> bool:
    return (
        at >= 2 and not line[at].gap and not line[at - 1].gap
        and line[at - 1].word in ":." and line[at - 2].number >= 0
    )  # fmt: skip


def _half_follows(line: list[Token], at: int) -> bool:
    return at < len(line) and (
        "meridiem" in line[at].means or line[at].means.get("clockmark") == "h"
    )


def _ends(line: list[Token], at: int) -> bool:
    """Whether nothing follows, and a whole dotted date stands before: 7.11.2025 14.35."""
    return (
        at >= len(line) and at >= 8
        and line[at - 4].width == 4 and line[at - 5].word == "." and line[at - 3].gap
    )  # fmt: skip


def _with_minutes(line: list[Token], at: int, half: str | None) -> Found:
    hour, minute = line[at].number, line[at + 2].number
    end = at + 3
    second, precision = 0, "minute"
    if (
        end + 1 < len(line) and line[end].word == line[at + 1].word
        and line[end + 1].width == 2 and line[end + 1].number < 61 and not line[end + 1].gap
    ):  # fmt: skip
        second, precision, end = min(line[end + 1].number, 59), "second", end + 2
        if end + 1 < len(line) and line[end].word in ".," and not line[end].gap:
            end += 2 if line[end + 1].text.isdigit() and not line[end + 1].gap else 0
    if end < len(line) and line[end].means.get("clockmark") == "h":
        end += 1
    half, end = _half(line, end, half)
    made = _clock(hour, minute, second, precision, half)
    return (made, end) if made else None


def _marked(line: list[Token], at: int, half: str | None) -> Found:
    """Read the hour with a mark: 14h35, 14 Uhr, 14時35分, 오후 2시 35분."""
    hour, minute, second, precision = line[at].number, 0, 0, "hour"
    mark = line[at + 1]
    end = at + 2
    if mark.word in ("ч", "год", "hrs", "hs") and mark.gap is False and hour > 24:
        return None
    if end < len(line) and line[end].width and line[end].number < 60:
        follow = line[end + 1].means.get("clockmark") if end + 1 < len(line) else None
        tight = line[end].width == 2 and mark.word == "h"
        if follow == "m" or tight or (mark.word in "時时点點" and line[end].width == 2):
            minute, precision, end = line[end].number, "minute", end + 1
            end += follow == "m"
    if (
        precision == "minute" and end + 1 < len(line) and line[end].width
        and line[end].number < 60 and line[end + 1].means.get("clockmark") == "s"
    ):  # fmt: skip
        second, precision, end = line[end].number, "second", end + 2
    if precision == "hour" and half is None and mark.word == "h" and mark.gap:
        return None
    half, end = _half(line, end, half)
    made = _clock(hour, minute, second, precision, half)
    return (made, end) if made else None


def _hour_alone(line: list[Token], at: int, half: str | None, named: bool) -> Found:
    """Read ``3 PM``, ``الساعة 5 مساء``; a bare number only after a word for the clock."""
    end = at + 1
    minute, precision = 0, "hour"
    if end < len(line) and "and_part" in line[end].means:
        minute, precision, end = line[end].means["and_part"], "minute", end + 1
    given = half
    half, end = _half(line, end, half)
    if half is None and not (named and line[at - 1].means.get("clock") and _arabic(line[at - 1])):
        return None
    if half is not None and not 1 <= line[at].number <= 12 and not named:
        return None
    if given is not None and not named and _number_goes_on(line, at):
        return None
    made = _clock(line[at].number, 0, 0, precision, half)
    return (_shift(made, minute), end) if made else None


def _arabic(token: Token) -> bool:
    return token.word.startswith(("الساع", "ساع"))


def _number_goes_on(line: list[Token], at: int) -> bool:
    return at + 1 < len(line) and line[at + 1].word in "/-.:"


def _in_words(line: list[Token], at: int, named: bool) -> Found:
    """Read ``الخامسة مساء``, ``الساعة العاشرة والنصف صباحا``."""
    hour = line[at].means["hourword"]
    end = at + 1
    minute, precision = 0, "hour"
    if end < len(line) and "and_part" in line[end].means:
        minute, precision, end = line[end].means["and_part"], "minute", end + 1
    half, end = _half(line, end, None)
    if half is None:
        return None
    made = _clock(hour, 0, 0, precision, half)
    del named
    return (_shift(made, minute), end) if made else None


def _shift(clock: Clock, minutes: int) -> Clock:
    total = clock.hour * 60 + clock.minute + minutes
    clock.hour, clock.minute = divmod(total % 1440, 60)
    return clock


def _half(line: list[Token], at: int, half: str | None) -> tuple[str | None, int]:
    """Return the half of the day named at ``at`` (after a filler or bracket) and what follows."""
    if half is not None:
        return half, at
    start = at
    if at < len(line) and (line[at].word in "(" or line[at].word in ("في", "من", "الـ")):
        at += 1
    if at < len(line) and "meridiem" in line[at].means:
        meaning: str = line[at].means["meridiem"]
        at += 1
        if at < len(line) and line[at].word == ")":
            at += 1
        return meaning, at
    return None, start


def _clock(hour: int, minute: int, second: int, precision: str, half: str | None) -> Clock | None:
    """Return the time of day; a half of the day that the hour denies is not heard."""
    assert precision in ("hour", "minute", "second")  # noqa: S101
    if hour == 24:
        return None
    if half and hour <= 12:
        hour = _by_half(hour, half)
    return Clock(hour, minute, second, precision)  # type: ignore[arg-type]


def _by_half(hour: int, half: str) -> int:
    if half in ("am", "after_midnight"):
        return hour % 12
    if half == "midnight":
        return 0 if hour == 12 else hour
    if half == "noon":  # from 11 to 3 around noon
        return hour if 10 <= hour <= 12 else hour + 12
    if half == "night":  # from the evening to the small hours
        return hour % 12 if hour == 12 or hour < 5 else hour + 12
    return hour % 12 + 12


# Zones


def read_zone(line: list[Token], at: int, after_time: bool) -> tuple[Zone, int] | None:
    """Return the zone named at token ``at`` (IANA name or minutes) and the token after it, or None.

    Args:
        line: the tokens.
        at: where to look.
        after_time: a time stands right before, so that short names and offsets count.
    """
    token = line[at]
    means = token.means
    if "zone_base" in means:
        if token.word == "z" and (token.gap or not after_time):
            return None
        return _with_offset(line, at + 1, means["zone_base"])
    if "zone_prefix" in means and at + 1 < len(line):
        if named := place(line, at + 1):
            return named[0], at + 1 + named[1]
        return None
    if "zone_zone" in means:
        return means["zone_zone"], at + 1
    if not after_time:
        return None
    if "zone_abbr" in means and token.text.isupper():
        return means["zone_abbr"], at + 1
    if token.word in "+-" and (found := _offset(line, at, False)):
        return found
    if (named := place(line, at)) and at + named[1] < len(line):
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
    if number.gap and not after_base:
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
