"""Put together what belongs together in a line: day, clock, zone, weekday and role."""

from dataclasses import dataclass
from itertools import pairwise

from aggregator.arabic.dates.context import Ago, Clock, Day, Item, Role
from aggregator.arabic.dates.scan import harmless
from aggregator.arabic.dates.text import Token

#: unexplained words that may stand between a label and its date, and where a name is expected
_WORDS_AFTER_LABEL = 3
_WORDS_OF_A_NAME = 8
_STRONG = frozenset("|,;()[]")
#: what is said of the first of two dates holds for the second: "between 1 May and 5 May"
_AND = ("و", "and", "et", "und", "y", "e", "ve")


@dataclass(slots=True)
class Stamp:
    """One moment that a line names; tokens ``start`` up to ``end`` hold its day.

    Attributes:
        denied: a word right before it says that it is no date of publication.
        zone: as the line says it: IANA name or minutes; ``unknown``: named, but not known to us.
    """

    start: int
    end: int
    what: Day | Ago
    role: Role | None = None
    clock: Clock | None = None
    zone: str | int | None = None
    weekday: int | None = None
    denied: bool = False


class Line:
    """A scanned line: which tokens are explained, and by what."""

    def __init__(self, tokens: list[Token], items: list[Item]) -> None:
        self.tokens = tokens
        self.items = items
        self.covered = bytearray(len(tokens))
        for item in items:
            if item.kind in ("day", "time", "ago", "zone", "count"):
                self.covered[item.start : item.end] = b"\x01" * (item.end - item.start)
                if item.kind == "day" and item.value.year_token >= 0:
                    self.covered[item.value.year_token] = 1

    def explained(self, at: int) -> bool:
        """Whether the token is part of something found, a sign, or a word of date lines."""
        return bool(self.covered[at]) or harmless(self.tokens[at])

    def unexplained(self, start: int, end: int) -> int:
        """Return the number of tokens in between that are not explained."""
        return sum(not self.explained(at) for at in range(start, end))

    def bare(self, start: int, end: int) -> bool:
        """Whether only signs and harmless words stand in between, nothing that was found."""
        return all(not self.covered[at] and self.explained(at) for at in range(start, end))

    def fills(self, stamp: Stamp, strict: bool) -> bool:
        """Whether the stamp fills its part of the line (the whole line if ``strict``)."""
        return self._fills_left(stamp.start - 1, strict) and self._fills_right(stamp.end, strict)

    def _strong(self, at: int, strict: bool) -> bool:
        word = self.tokens[at].word
        if word == "|":
            return True
        if strict or self.covered[at]:
            return False
        return word in _STRONG or (
            word == "-" and self.tokens[at].gap
            and (at + 1 >= len(self.tokens) or self.tokens[at + 1].gap)
        )  # fmt: skip

    def _fills_left(self, at: int, strict: bool) -> bool:
        names = 0
        while at >= 0 and not self._strong(at, strict):
            if "by" in self.tokens[at].means and not self.covered[at]:
                return names <= _WORDS_OF_A_NAME
            names += not self.explained(at)
            at -= 1
        return names == 0

    def _fills_right(self, at: int, strict: bool) -> bool:
        while at < len(self.tokens) and not self._strong(at, strict):
            if not self.covered[at] and not {"by", "role"}.isdisjoint(self.tokens[at].means):
                return True
            if not self.explained(at):
                return False
            at += 1
        return True


def stamps(tokens: list[Token], items: list[Item]) -> tuple[Line, list[Stamp]]:
    """Return the line and its stamps in order."""
    line = Line(tokens, items)
    found = _merge(
        line,
        [Stamp(item.start, item.end, item.value) for item in items if item.kind in ("day", "ago")],
    )
    for index, stamp in enumerate(found):
        before = found[index - 1].end if index else 0
        after = found[index + 1].start if index + 1 < len(found) else len(tokens)
        stamp.weekday = _weekday(line, stamp, before, after)
    _deny(line, found)
    _clocks(line, found)
    found = _roles(line, found)
    return line, found


def _merge(line: Line, found: list[Stamp]) -> list[Stamp]:
    """Make one of a day printed in two calendars; the Gregorian counts."""
    merged: list[Stamp] = []
    for stamp in found:
        before = merged[-1] if merged else None
        if (
            before is not None
            and isinstance(before.what, Day) and isinstance(stamp.what, Day)
            and (before.what.era == "gregorian") != (stamp.what.era == "gregorian")
            and not any(
                item.kind == "role" and before.end <= item.start < stamp.start
                and line.tokens[item.start].means.get("filler") is None
                for item in line.items
            )
            and _joined(line, before.end, stamp.start)
        ):  # fmt: skip
            if stamp.what.era == "gregorian":
                before.what = stamp.what
            before.end = stamp.end
            continue
        merged.append(stamp)
    return merged


def _joined(line: Line, start: int, end: int) -> bool:
    return end - start <= 8 and line.unexplained(start, end) == 0


def _weekday(line: Line, stamp: Stamp, before: int, after: int) -> int | None:
    """Return the weekday that stands beside a day, or inside a date in two calendars."""
    inside = range(stamp.start, stamp.end)
    left = range(stamp.start - 1, max(before, stamp.start - 5) - 1, -1)
    right = range(stamp.end, min(after, stamp.end + 4))
    for places in (left, right, inside):
        for at in places:
            token = line.tokens[at]
            if "weekday" in token.means and not (line.covered[at] and places is not inside):
                if _is_weekday(line, at):
                    return int(token.means["weekday"])
            elif places is not inside and not line.explained(at):
                break
    return None


def _is_weekday(line: Line, at: int) -> bool:
    """Whether a short word is a weekday: two letters want a sign after them."""
    token = line.tokens[at]
    if "month" in token.means and line.covered[at]:
        return False
    if len(token.word) > 2 or not token.word.isascii():
        return True
    return at + 1 < len(line.tokens) and line.tokens[at + 1].word in ".,"


def _deny(line: Line, found: list[Stamp]) -> None:
    for item in line.items:
        if item.kind == "not":
            for stamp in found:
                if stamp.start >= item.end:
                    stamp.denied |= line.bare(item.end, stamp.start) and not any(
                        "role" in line.tokens[at].means for at in range(item.end, stamp.start)
                    )
                    break
    for first, second in pairwise(found):
        between = line.tokens[first.end : second.start]
        if first.denied and len(between) == 1 and between[0].word in _AND:
            second.denied = True
        elif _is_range(line, first, second):
            first.denied = second.denied = True


def _is_range(line: Line, first: Stamp, second: Stamp) -> bool:
    between = range(first.end, second.start)
    if len(between) == 1 and line.tokens[between[0]].word in "-~":
        return isinstance(first.what, Day) and first.what.yearless is not None
    joins = sum("range" in line.tokens[at].means for at in between)
    return (
        bool(joins)
        and len(between) <= 4
        and all(line.explained(at) or "range" in line.tokens[at].means for at in between)
    )


def _clocks(line: Line, found: list[Stamp]) -> None:
    """Give each stamp the time beside it: after it, or before it where the line begins so."""
    times = [item for item in line.items if item.kind == "time"]
    zones = [item for item in line.items if item.kind == "zone"]
    used: set[int] = set()
    leads = bool(times and found and times[0].start < found[0].start) and _near(
        line, times[0].end, found[0].start
    )
    for index, stamp in enumerate(found):
        before = found[index - 1].end if index else 0
        after = found[index + 1].start if index + 1 < len(found) else len(line.tokens)
        sides = (_time_before, _time_after) if leads else (_time_after, _time_before)
        for side in sides:
            item = side(line, times, stamp, before, after, used)
            if item is not None:
                used.add(item.start)
                stamp.clock = item.value
                stamp.zone = _zone_of(line, item, zones)
                break
        if stamp.zone is None:
            stamp.zone = _zone_between(zones, stamp, after, line)
    line.items = [item for item in line.items if not (item.kind == "time" and item.start in used)]


def _time_after(
    line: Line, times: list[Item], stamp: Stamp, before: int, after: int, used: set[int]
) -> Item | None:
    del before
    for item in times:
        if item.start >= stamp.end or (stamp.start < item.start < stamp.end):
            inside = item.start < stamp.end
            if (
                item.start < after
                and item.start not in used
                and (inside or _near(line, stamp.end, item.start))
            ):
                return item
            return None
    return None


def _time_before(
    line: Line, times: list[Item], stamp: Stamp, before: int, after: int, used: set[int]
) -> Item | None:
    del after
    for item in reversed(times):
        if item.end <= stamp.start:
            if (
                item.start >= before
                and item.start not in used
                and _near(line, item.end, stamp.start)
            ):
                return item
            return None
    return None


def _near(line: Line, start: int, end: int) -> bool:
    """Whether a time may belong to a day across these tokens: no label, no strange word."""
    return (
        end - start <= 10
        and line.unexplained(start, end) == 0
        and not any(
            "role" in line.tokens[at].means
            and not line.covered[at]
            and not {"filler", "clock"} & line.tokens[at].means.keys()
            for at in range(start, end)
        )
    )


def _zone_of(line: Line, time: Item, zones: list[Item]) -> str | int | None:
    for zone in zones:
        if 0 <= zone.start - time.end <= 3 and line.bare(time.end, zone.start):
            return "unknown" if zone.value is None else zone.value
    for zone in zones:
        if 0 <= time.start - zone.end <= 2 and line.bare(zone.end, time.start):
            return "unknown" if zone.value is None else zone.value
    return None


def _zone_between(zones: list[Item], stamp: Stamp, after: int, line: Line) -> str | int | None:
    for zone in zones:
        if stamp.end <= zone.start < after and line.unexplained(stamp.end, zone.start) == 0:
            return "unknown" if zone.value is None else zone.value
    return None


def _roles(line: Line, found: list[Stamp]) -> list[Stamp]:
    """Give each label to the stamp after it; one with nothing after it names the stamp before."""
    labels = [item for item in line.items if item.kind == "role"]
    times = [item for item in line.items if item.kind == "time"]
    made: list[Stamp] = []
    for index, label in enumerate(labels):
        limit = labels[index + 1].start if index + 1 < len(labels) else len(line.tokens)
        following = next((s for s in found if label.end <= s.start), None)
        if following is not None and following.start < limit:
            if _label_reaches(line, label.end, following.start):
                following.role = label.value
            continue
        before = next((s for s in reversed(found) if s.end <= label.start), None)
        if before is None:
            continue
        time = next((t for t in times if label.end <= t.start < limit), None)
        if time is not None and line.unexplained(label.end, time.start) == 0:
            zones = [item for item in line.items if item.kind == "zone"]
            zone = _zone_of(line, time, zones)
            made.append(
                Stamp(
                    time.start, time.end, before.what, label.value, time.value, zone, before.weekday
                )
            )
        elif before.role is None and line.unexplained(before.end, label.start) == 0:
            before.role = label.value
    return sorted([*found, *made], key=lambda stamp: stamp.start)


def _label_reaches(line: Line, start: int, end: int) -> bool:
    name = any("by" in line.tokens[at].means for at in range(start, end))
    most = _WORDS_OF_A_NAME if name else _WORDS_AFTER_LABEL
    return line.unexplained(start, end) <= most
