"""The dates of a page: when it was published, and when it was last changed, on evidence.

Claims are collected from the source's selectors, JSON-LD, meta, microdata, the feed's entry, what
the page prints, and its address; they are compared, disagreement is noted, and a change never
passes as a publication. No honest date: None. No network, no clock, never an exception.
"""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import UTC, datetime, time, timedelta
from urllib.parse import urlsplit

from aggregator.arabic.dates import zones
from aggregator.extract import selectors as rules
from aggregator.extract.dates import machine as machine_
from aggregator.extract.dates.claim import Claim, Home, Role, home, read
from aggregator.extract.dates.printed import Printed, find_printed
from aggregator.extract.dates.weigh import SAME, weigh
from aggregator.extract.document import Document
from aggregator.types import Entry, Moment, Source

__all__ = ["FoundDates", "find_dates"]


@dataclass(frozen=True, slots=True)
class FoundDates:
    """What a page says of its time; ``notes`` name disagreements, one phrase each."""

    published: Moment | None = None
    updated: Moment | None = None
    notes: tuple[str, ...] = ()


def find_dates(
    doc: Document,
    *,
    source: Source | None = None,
    entry: Entry | None = None,
    now: datetime | None = None,
    selectors: Iterable[str] = (),
    updated_selectors: Iterable[str] = (),
) -> FoundDates:
    """Return the dates of a page.

    Args:
        doc: the page.
        source: whose page it is: zone, country and order of printed dates.
        entry: its announcement in a feed or sitemap.
        now: aware; relative words count from it, later dates are none.
        selectors, updated_selectors: the source's own, for either date.
    """
    try:
        host = urlsplit(doc.url).hostname or ""
    except ValueError:
        host = ""
    where = home(source, host, doc.language)
    own = [
        *_selected(doc, selectors, "published", where, now),
        *_selected(doc, updated_selectors, "updated", where, now),
    ]
    stated = list(machine_.claims(doc, where, now))
    announced = _announced(entry)
    address = machine_.from_address(doc.url, where, now)
    shown: list[Printed] = []
    if not _settled(own, stated, where):
        shown = find_printed(doc, where, now)
    found = weigh(own, stated, announced, shown, address)
    return FoundDates(
        _moment(found.published, where, shown),
        _moment(found.updated, where, ()),
        found.notes,
    )


def _selected(
    doc: Document, selectors: Iterable[str], role: Role, where: Home, now: datetime | None
) -> list[Claim]:
    for node in rules.nodes(doc, selectors)[:5]:
        if isinstance(node, str):
            claim = read(node, role, "page", "selector", where, now)
        else:
            claim = machine_.of_element(node, role, "selector", where, now)
        if claim is not None:
            return [claim]
    return []


def _announced(entry: Entry | None) -> list[Claim]:
    made = []
    if entry is not None:
        roles: tuple[tuple[Role, Moment | None], ...] = (
            ("published", entry.published),
            ("updated", entry.updated),
        )
        for role, moment in roles:
            if moment is not None:
                value, precision, origin = moment.value, moment.precision, moment.origin
                made.append(Claim(role, value, precision, origin, f"{origin} entry", True))
    return made


def _settled(own: list[Claim], stated: list[Claim], where: Home) -> bool:
    """Whether the page need not be read for printed dates: sure evidence, and no doubt of the day."""
    if any(claim.role == "published" for claim in own):
        return True
    claims = [claim for claim in stated if claim.role == "published"]
    if not claims or len({claim.origin for claim in claims}) < 2:
        return False
    if any(abs(claim.day - claims[0].day) > SAME for claim in claims):
        return False
    return not _day_in_doubt(claims[0], where)


def _day_in_doubt(claim: Claim, where: Home) -> bool:
    """Whether a moment in UTC lies on another day where the page is from."""
    if claim.value.utcoffset() or not claim.zoned or claim.precision in ("day", "month"):
        return False
    if where.sure:
        return _local(claim.value, where).date() != claim.day
    return not 12 <= claim.value.hour <= 13


def _local(value: datetime, where: Home) -> datetime:
    zone = zones.home_zone(where.timezone, where.country)
    there = value.astimezone(zone)
    return zones.at(there.date(), there.time(), zone) if there.utcoffset() else value


def _moment(claim: Claim | None, where: Home, shown: Iterable[Printed]) -> Moment | None:
    """Return the claim as a moment, in the zone in which its day is the one that people saw."""
    if claim is None:
        return None
    if not claim.zoned:
        if claim.precision not in ("day", "month") and not where.sure:
            # no zone is known: the clock would name a wrong moment
            start = datetime.combine(claim.day, time(), UTC)
            claim = replace(claim, value=start, precision="day")
        return claim.moment()
    if claim.value.utcoffset() or claim.precision in ("day", "month"):
        return claim.moment()
    local = _local(claim.value, where) if where.sure else claim.value
    if where.sure and local.time() == time() and local != claim.value:
        return replace(claim, value=local, precision="day").moment()  # local midnight: a bare day
    days = [each.claim for each in shown if each.claim.role == "published"]
    if days and days[0].day != claim.day and abs(days[0].day - claim.day) <= SAME:
        if local.date() == days[0].day:
            return replace(claim, value=local).moment()
        if moved := _as_printed(claim.value, days[0]):
            return replace(claim, value=moved).moment()
    return claim.moment()


def _as_printed(value: datetime, seen: Claim) -> datetime | None:
    """Return the moment with the offset that makes it the printed clock, if there is one."""
    if seen.precision not in ("minute", "second") or seen.zoned:
        return None
    printed_clock = seen.value.replace(tzinfo=UTC, second=0)
    minutes = round((printed_clock - value.replace(second=0)).total_seconds() / 60)
    nearest = round(minutes / 30) * 30
    if abs(minutes - nearest) > 10 or not -720 <= nearest <= 840:
        return None
    return value.astimezone(zones.offset(nearest)) if nearest else None
