"""Find everything in a line that bears on its date, in one pass from left to right."""

from aggregator.arabic.dates.clock import read_time
from aggregator.arabic.dates.context import Context, Item
from aggregator.arabic.dates.counts import read_count
from aggregator.arabic.dates.days import read_day
from aggregator.arabic.dates.relative import read_ago
from aggregator.arabic.dates.text import Token
from aggregator.arabic.dates.zone_words import read_zone, skip_to_zone

#: a line with more dates and labels than this is no date line; the rest is not read
_MOST_ITEMS = 64
_DAY = {"month", "dayword", "era_year"}
_TIME = {"meridiem", "hourword", "clock"}
_AGO = {"ago", "now", "number", "pair", "part", "day", "unit", "weekday"}
_ZONE = {"zone_base", "zone_prefix", "zone_zone"}
_WORDS = ("role", "by", "not", "range")
#: kinds of words that a bare date line may hold
_HARMLESS = {
    "weekday", "filler", "era", "role", "clock", "meridiem", "by", "zone_base", "counter",
}  # fmt: skip
#: prepositions that say "in the time of"; a place must follow
_IN_TIME_OF = ("بتوقيت", "به وقت")


def scan(line: list[Token], context: Context) -> list[Item]:
    """Return what was found, in order; items do not overlap, save words with two roles."""
    items: list[Item] = []
    at = free = 0
    while at < len(line) and len(items) < _MOST_ITEMS:
        token = line[at]
        means = token.means
        if token.number < 0 and not means:
            at += 1
            continue
        item = _value(line, at, free, context)
        if item is not None:
            items.append(item)
            at = free = item.end
            if item.kind == "time":
                at = free = _zone_after(line, at, items, context.country)
            continue
        items.extend(Item(kind, at, at + 1, means[kind]) for kind in _WORDS if kind in means)
        if "and_role" in means and any(item.kind == "role" for item in items):
            items.append(Item("role", at, at + 1, means["and_role"]))
        at += 1
    return items


def _value(line: list[Token], at: int, free: int, context: Context) -> Item | None:
    token = line[at]
    means = token.means
    is_number = token.number >= 0
    counted = is_number and at + 1 < len(line) and "unit" in line[at + 1].means
    if counted and (ago := read_ago(line, at)):  # before "3d ago" is a day of August in Spanish
        return Item("ago", at, ago[1], ago[0])
    if (is_number or not _DAY.isdisjoint(means)) and (day := read_day(line, at, free, context)):
        return Item("day", at, day[1], day[0])
    if (is_number or not _TIME.isdisjoint(means)) and (time := read_time(line, at)):
        return Item("time", at, time[1], time[0])
    if not _AGO.isdisjoint(means) and (ago := read_ago(line, at)):
        return Item("ago", at, ago[1], ago[0])
    if (is_number or "counter" in means) and (end := read_count(line, at)):
        return Item("count", at, end, None)
    if not _ZONE.isdisjoint(means) and (zone := read_zone(line, at, False, context.country)):
        return Item("zone", at, zone[1], zone[0])
    return None


def _zone_after(line: list[Token], at: int, items: list[Item], country: str) -> int:
    """Add the zone that stands behind a time and return the token after it."""
    place = skip_to_zone(line, at)
    if place >= len(line):
        return at
    if found := read_zone(line, place, True, country):
        zone, end = found
        items.append(Item("zone", place, end, zone))
        return end
    if line[place].text.startswith(_IN_TIME_OF) and place + 1 < len(line):
        items.append(Item("zone", place, place + 2, None))
        return place + 2
    return at


def harmless(token: Token) -> bool:
    """Whether a bare date line may hold this token."""
    return not token.text[0].isalnum() or not _HARMLESS.isdisjoint(token.means)
