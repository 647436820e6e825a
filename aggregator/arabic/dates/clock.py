"""Read a printed time of day at one place of a line."""

from typing import Literal

from aggregator.arabic.dates.context import Clock
from aggregator.arabic.dates.text import Token

Found = tuple[Clock, int] | None
ClockPrecision = Literal["hour", "minute", "second"]
#: marks that stand between hour and minutes (14h35, 14س35); with a blank, "5 h" may be how long
_CLINGING = ("h", "س", "سا")
#: words and colons between the first word for the clock and the time: "time: at 5"
_MOST_WORDS = 4


def read_time(line: list[Token], at: int) -> Found:
    """Return the time printed at token ``at`` and the token after it, or None."""
    token = line[at]
    if token.number >= 0:
        return _numbers(line, at, None, False)
    means = token.means
    if "clock" in means and at + 1 < len(line):
        return _after_word(line, at + 1)
    if "hourword" in means:
        return _in_words(line, at)
    if "meridiem" in means and at + 1 < len(line) and line[at + 1].number >= 0:
        return _numbers(line, at + 1, means["meridiem"], False)
    return None


def _after_word(line: list[Token], at: int) -> Found:
    """Read a time after a word like ``at``, which makes doubtful forms certain."""
    last = min(len(line) - 1, at + _MOST_WORDS)
    while at < last and (line[at].word == ":" or "clock" in line[at].means):
        at += 1
    token = line[at]
    if token.number >= 0:
        return _numbers(line, at, None, True)
    if "hourword" in token.means:
        return _in_words(line, at)
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
        dotted = sign.word == "." and not minute.gap and not _is_date(line, at, half)
        if dotted and (half or named or _clock_goes_on(line, at + 3) or _ends(line, at + 3)):
            return _with_minutes(line, at, half)
    if sign is not None and "clockmark" in sign.means and sign.means["clockmark"] == "h":
        return _marked(line, at, half, named)
    return _hour_alone(line, at, half, named)


def _is_date(line: list[Token], at: int, half: str | None) -> bool:
    """Whether a second dot and a year follow: German "am 07.11.2025" is no time of day."""
    if at + 4 >= len(line) or line[at + 3].word != ".":
        return False
    return line[at + 4].width == 4 or (half is not None and line[at + 4].width == 2)


def _clings_left(line: list[Token], at: int) -> bool:
    return (
        at >= 2 and not line[at].gap and not line[at - 1].gap
        and line[at - 1].word in ":." and line[at - 2].number >= 0
    )  # fmt: skip


def _clock_goes_on(line: list[Token], at: int) -> bool:
    """Whether a half of the day, a mark or a zone follows, as only behind a time: 14.35 GMT."""
    if at >= len(line):
        return False
    means = line[at].means
    zone = ("zone_base" in means and line[at].word != "z") or (
        "zone_abbr" in means and line[at].text.isupper()
    )
    return zone or "meridiem" in means or means.get("clockmark") == "h"


def _ends(line: list[Token], at: int) -> bool:
    """Whether nothing follows, and a whole dotted date stands before: 7.11.2025 14.35."""
    return (
        at >= len(line) and at >= 8
        and line[at - 4].width == 4 and line[at - 5].word == "." and line[at - 3].gap
    )  # fmt: skip


def _with_minutes(line: list[Token], at: int, half: str | None) -> Found:
    hour, minute = line[at].number, line[at + 2].number
    end = at + 3
    second = 0
    precision: ClockPrecision = "minute"
    if (
        end + 1 < len(line) and line[end].word == line[at + 1].word
        and line[end + 1].width in (1, 2) and line[end + 1].number < 61
        and not line[end + 1].gap
    ):  # fmt: skip
        second, precision, end = min(line[end + 1].number, 59), "second", end + 2
        if end + 1 < len(line) and line[end].word in ".," and not line[end].gap:
            end += 2 if line[end + 1].text.isdigit() and not line[end + 1].gap else 0
    if end < len(line) and line[end].means.get("clockmark") == "h":
        end += 1
    half, end = _half(line, end, half)
    made = make_clock(hour, minute, second, precision, half)
    return (made, end) if made else None


def _marked(line: list[Token], at: int, half: str | None, named: bool) -> Found:
    """Read the hour with a mark: 14h35, 14 Uhr, 20سا و30د, 14時35分, 오후 2시 35분."""
    hour, minute, second = line[at].number, 0, 0
    precision: ClockPrecision = "hour"
    mark = line[at + 1]
    end = at + 2
    minutes, after = _minutes_said(line, end)
    if minutes is not None:
        minute, precision, end = minutes, "minute", after
    elif end < len(line) and line[end].width and line[end].number < 60:
        follow = line[end + 1].means.get("clockmark") if end + 1 < len(line) else None
        tight = line[end].width == 2 and mark.word in _CLINGING
        if follow == "m" or tight or (mark.word in "時时点點" and line[end].width == 2):
            minute, precision, end = line[end].number, "minute", end + 1
            end += follow == "m"
    if (
        precision == "minute" and end + 1 < len(line) and line[end].width
        and line[end].number < 60 and line[end + 1].means.get("clockmark") == "s"
    ):  # fmt: skip
        second, precision, end = line[end].number, "second", end + 2
    if precision == "hour" and half is None and mark.word in _CLINGING and mark.gap and not named:
        return None
    half, end = _half(line, end, half)
    made = make_clock(hour, minute, second, precision, half)
    return (made, end) if made else None


def _hour_alone(line: list[Token], at: int, half: str | None, named: bool) -> Found:
    """Read ``3 PM``, ``الساعة 5 مساء``; a bare number only after a word for the clock."""
    minute, end = _minutes_said(line, at + 1)
    given = half
    half, end = _half(line, end, half)
    if half is None and not (named and line[at - 1].means.get("clock") and _arabic(line[at - 1])):
        return None
    if half is not None and not 1 <= line[at].number <= 12 and not named:
        return None
    if given is not None and not named and _number_goes_on(line, at):
        return None
    return _on_the_hour(line[at].number, minute, half, end)


def _arabic(token: Token) -> bool:
    return token.word.startswith(("الساع", "ساع"))


def _number_goes_on(line: list[Token], at: int) -> bool:
    return at + 1 < len(line) and line[at + 1].word in "/-.:"


def _in_words(line: list[Token], at: int) -> Found:
    """Read ``الخامسة مساء``, ``الساعة العاشرة والنصف صباحا``."""
    minute, end = _minutes_said(line, at + 1)
    half, end = _half(line, end, None)
    return _on_the_hour(line[at].means["hourword"], minute, half, end) if half else None


def _minutes_said(line: list[Token], at: int) -> tuple[int | None, int]:
    """Return the minutes said behind an hour (والنصف, إلا ربعا, و 20 دقيقة) and what follows."""
    if at < len(line) and "and_part" in line[at].means:
        return line[at].means["and_part"], at + 1
    if at + 2 < len(line) and line[at].word == "و":
        minutes, unit = line[at + 1], line[at + 2]
        if minutes.width and minutes.number < 60 and unit.means.get("unit") == "minute":
            return minutes.number, at + 3
    return None, at


def _on_the_hour(hour: int, minutes: int | None, half: str | None, end: int) -> Found:
    """Return the time so many minutes after the hour, or before it, or the hour itself."""
    made = make_clock(hour, 0, 0, "hour" if minutes is None else "minute", half)
    if made is None:
        return None
    made.hour, made.minute = divmod((made.hour * 60 + (minutes or 0)) % 1440, 60)
    return made, end


def _half(line: list[Token], at: int, half: str | None) -> tuple[str | None, int]:
    """Return the half of the day named at ``at`` (after a filler or bracket) and what follows."""
    if half is not None:
        return half, at
    start = at
    if at < len(line) and line[at].word in ("(", "في", "من"):
        at += 1
    if at < len(line) and "meridiem" in line[at].means:
        meaning: str = line[at].means["meridiem"]
        at += 1
        if at < len(line) and line[at].word == ")":
            at += 1
        return meaning, at
    return None, start


def make_clock(
    hour: int, minute: int, second: int, precision: ClockPrecision, half: str | None
) -> Clock | None:
    """Return the time of day; a half of the day that the hour denies is not heard."""
    if hour > 23:
        return None
    if half and hour <= 12:
        hour = _by_half(hour, half)
    return Clock(hour, minute, second, precision)


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
