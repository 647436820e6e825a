"""The door: from a printed line to its moment."""

from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta, tzinfo

from aggregator.arabic.dates import zones
from aggregator.arabic.dates.context import Ago, Clock, Context, Day, Order, Role
from aggregator.arabic.dates.lexicon import countries, tokens
from aggregator.arabic.dates.plain import read_plain
from aggregator.arabic.dates.scan import scan
from aggregator.arabic.dates.stamps import Line, Stamp, stamps
from aggregator.arabic.dates.standards import read_standard
from aggregator.types import Precision

#: how far in the future a printed date may lie: zones and clocks that are wrong, no more
FUTURE = timedelta(hours=36)
#: the same for an amount of time before now
_SOON = timedelta(hours=1)
#: stamps of empty database fields
_EMPTY = {(1970, 1, 1), (1969, 12, 31), (1900, 1, 1), (1899, 12, 30), (1899, 12, 31)}


@dataclass(frozen=True, slots=True)
class ParsedDate:
    """A printed date: an aware value with the offset that held then, and how much was said.

    ``value`` shows the start of the day or month where the precision is no finer.
    """

    value: datetime
    precision: Precision


def parse_date(
    text: str,
    *,
    country: str | None = None,
    timezone: str | None = None,
    now: datetime | None = None,
    order: Order | None = None,
    role: Role = "published",
) -> ParsedDate | None:
    """Return the moment that ``text`` states, or None rather than a doubtful one.

    Args:
        text: one line around a date; only its first 4,096 characters are read.
        country: ISO 3166 code of the source: order of day and month, meaning of names and zones.
        timezone: IANA name of the source's zone, for texts that name none.
        now: aware; relative words count from it, and later dates are refused. None: no relative
            words, no dates without a year, and no check.
        order: ``dmy``, ``mdy`` or ``ymd``, where the source is known to print so.
        role: which date to take from a line with labels or with two dates.
    """
    return _parse(text, country, timezone, now, order, (role,))[0]


def parse_roles(
    text: str,
    *,
    country: str | None = None,
    timezone: str | None = None,
    now: datetime | None = None,
    order: Order | None = None,
) -> tuple[ParsedDate | None, ParsedDate | None]:
    """Return what :func:`parse_date` gives for ``published`` and for ``updated``, read once."""
    found = _parse(text, country, timezone, now, order, ("published", "updated"))
    return found[0], found[1]


def _parse(
    text: str,
    country: str | None,
    timezone: str | None,
    now: datetime | None,
    order: Order | None,
    roles: tuple[Role, ...],
) -> list[ParsedDate | None]:
    """Return the date of each role."""
    if not isinstance(text, str) or not text:
        return [None for _ in roles]
    zone = zones.home_zone(timezone, country)
    local = now.astimezone(zone) if now is not None and now.tzinfo is not None else None
    if standard := read_standard(text.strip() if len(text) < 64 else text):
        where = standard.zone or zone
        return [_judged(standard.value, where, standard.precision, local, FUTURE)] * len(roles)
    code = country.upper() if country else ""
    known = countries().get(code)
    usual = known.order if known else None
    context = Context(code, order, usual, zone, local)  # type: ignore[arg-type]
    line_tokens = tokens(text)
    if plain := read_plain(line_tokens, context):
        day = _day(plain.day, plain.weekday, context)
        found_date = _on(day, plain.clock, None, context, FUTURE) if day else None
        return [found_date] * len(roles)
    items = scan(line_tokens, context)
    if not any(item.kind in ("day", "ago") for item in items):
        return [None for _ in roles]
    line, found = stamps(line_tokens, items)
    return [_choose(line, found, role, context) for role in roles]


def _choose(line: Line, found: list[Stamp], role: Role, context: Context) -> ParsedDate | None:
    """Return the date of the wanted role: labelled so, else without a label."""
    labelled = [stamp for stamp in found if stamp.role == role]
    if labelled:
        return _first(line, labelled, context)
    if role == "updated" and any(stamp.role for stamp in found):
        return None
    plain = [stamp for stamp in found if stamp.role is None]
    return _first(line, plain if role == "published" else list(reversed(plain)), context)


def _first(line: Line, found: list[Stamp], context: Context) -> ParsedDate | None:
    """Return the first that counts; whole dates before doubtful ones and relative words."""
    for rank in (0, 1, 2):
        for stamp in found:
            if _rank(stamp) == rank and not stamp.denied:
                value = _value(line, stamp, context)
                if value is not None:
                    return value
    return None


def _rank(stamp: Stamp) -> int:
    if isinstance(stamp.what, Ago):
        return 1
    return 2 if stamp.what.weak else 0


def _value(line: Line, stamp: Stamp, context: Context) -> ParsedDate | None:
    what = stamp.what
    if isinstance(what, Ago):
        if not (stamp.role or line.fills(stamp, what.strict)):
            return None
        return _counted_back(what, stamp, context)
    if what.weak and not line.fills(stamp, False):
        return None
    day = _day(what, stamp.weekday, context)
    if day is None:
        return None
    if what.precision == "month":
        return _judged(
            datetime.combine(day, time()), _zone(stamp.zone, context), "month", context.now, FUTURE
        )
    return _on(day, stamp.clock, stamp.zone, context, FUTURE)


def _on(
    day: date, clock: Clock | None, said: str | int | None, context: Context, future: timedelta
) -> ParsedDate | None:
    zone = _zone(said, context)
    if clock is None or said == "unknown":
        return _judged(datetime.combine(day, time()), zone, "day", context.now, future)
    value = datetime.combine(day, time(clock.hour, clock.minute, clock.second))
    return _judged(value, zone, clock.precision, context.now, future)


def _zone(said: str | int | None, context: Context) -> tzinfo:
    if said is None or said in ("local", "unknown"):
        return context.zone
    if isinstance(said, int):
        return zones.offset(said)
    return zones.zone(said) or context.zone


def _day(what: Day, weekday: int | None, context: Context) -> date | None:
    if what.yearless is not None:
        return _nearest(what.yearless, weekday, context)
    readings = what.readings
    if len(readings) <= 1:
        return readings[0][1] if readings else None
    if weekday is not None:
        fitting = [day for _, day in readings if day.weekday() == weekday]
        if len(fitting) == 1:
            return fitting[0]
    if context.order is not None:
        return next((day for order, day in readings if order == context.order), None)
    possible = [(order, day) for order, day in readings if not _is_future(day, context)]
    if len(possible) == 1:
        return possible[0][1]
    if any(order == "ymd" for order, _ in possible):
        return None
    return next((day for order, day in possible if order == context.usual), None)


def _is_future(day: date, context: Context) -> bool:
    return context.now is not None and day > (context.now + FUTURE).date()


def _nearest(yearless: tuple[int, int], weekday: int | None, context: Context) -> date | None:
    """Return the last such day up to now; a weekday must agree."""
    if context.now is None:
        return None
    month, number = yearless
    for year in (context.now.year + 1, context.now.year, context.now.year - 1):
        try:
            day = date(year, month, number)
        except ValueError:
            continue
        if not _is_future(day, context):
            return day if weekday is None or day.weekday() == weekday else None
    return None


def _counted_back(ago: Ago, stamp: Stamp, context: Context) -> ParsedDate | None:
    now = context.now
    if now is None or ago.precision is None:
        return None
    if ago.weekday is not None:
        back = (now.weekday() - ago.weekday - 1) % 7 + 1
        return _on(now.date() - timedelta(days=back), stamp.clock, stamp.zone, context, _SOON)
    if ago.months:
        months = now.year * 12 + now.month - 1 - ago.months
        first = datetime(months // 12, months % 12 + 1, 1)  # noqa: DTZ001
        return _judged(first, context.zone, "month", now, _SOON)
    if ago.precision == "day":
        day = now.date() - timedelta(days=ago.days)
        if stamp.weekday not in (None, day.weekday()):  # an old page: "today, Friday"
            return None
        return _on(day, stamp.clock, stamp.zone, context, FUTURE)
    then = (now.astimezone(UTC) - timedelta(days=ago.days, seconds=ago.seconds)).astimezone(
        context.zone
    )
    cut = {"hour": then.replace(minute=0, second=0), "minute": then.replace(second=0)}
    value = cut.get(ago.precision, then).replace(microsecond=0, tzinfo=None)
    return _judged(value, context.zone, ago.precision, now, _SOON)


def _judged(
    value: datetime, zone: tzinfo, precision: Precision, now: datetime | None, future: timedelta
) -> ParsedDate | None:
    """Return the date unless it is an empty field's or lies in the future."""
    if (value.year, value.month, value.day) in _EMPTY or value.year < 1900:
        return None
    moment = zones.at(value.date(), value.time(), zone)
    if now is not None and moment > now + future:
        return None
    return ParsedDate(moment, precision)
