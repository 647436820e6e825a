"""Read what pages count beside a date: 15 تعليقا, 1,532 مشاهدة, المشاهدات: 120, 3 comments."""

from aggregator.arabic.dates.numeric import SEPARATORS
from aggregator.arabic.dates.text import Token

#: groups of digits in one number: 1,532,008
_GROUPS = 3
_GOES_ON = SEPARATORS | {":"}


def read_count(line: list[Token], at: int) -> int | None:
    """Return the token after the counter that stands at token ``at``, or None."""
    if "counter" in line[at].means:
        place = at + 1
        if place < len(line) and line[place].word == ":":
            place += 1
        end = _number(line, place)
        return None if end is None or _is_date(line, end) else end
    end = _number(line, at)
    return end + 1 if end and end < len(line) and "counter" in line[end].means else None


def _is_date(line: list[Token], end: int) -> bool:
    """Whether the number before ``end`` begins a date or time: "no comments 7 November 2025"."""
    if end >= len(line):
        return False
    follow = line[end]
    return not {"month", "mark"}.isdisjoint(follow.means) or (
        follow.word in _GOES_ON and end + 1 < len(line) and line[end + 1].number >= 0
    )


def _number(line: list[Token], at: int) -> int | None:
    """Return the token after the number at ``at``, whose digits may stand in groups."""
    if at >= len(line) or line[at].number < 0:
        return None
    end = at + 1
    for _ in range(_GROUPS):
        if end + 1 < len(line) and line[end].word in ",." and line[end + 1].width == 3:
            end += 2
    return end
