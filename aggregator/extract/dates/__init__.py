"""The dates of a page: when it was published, and when it was last changed, on evidence.

Claims are collected from the source's selectors, JSON-LD, meta, microdata, the feed's entry, what
the page prints, and its address; they are compared, disagreement is noted, and a change never
passes as a publication. No honest date: None. No network, no clock, never an exception.
"""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import UTC, datetime, time, timedelta
from urllib.parse import urlsplit

from aggregator.arabic import direction
from aggregator.arabic.dates import zones
from aggregator.extract import selectors as rules
from aggregator.extract.dates import machine as machine_
from aggregator.extract.dates.claim import Claim, Home, Role, home, read
from aggregator.extract.dates.printed import Printed, find_printed
from aggregator.extract.dates.weigh import SAME, weigh
from aggregator.extract.document import Document
from aggregator.language import detect
from aggregator.types import Entry, Moment, Source

__all__ = ["FoundDates", "find_dates"]

#: places that are about the page itself, not about a comment or a teaser inside
_SURE = ("json-ld datePublished", "meta article:published", "json-ld page datePublished")
#: the clock of UTC up to which it is still yesterday somewhere in America
_AMERICAN_EVENING = 8
_AMERICA = (None, "US", "CA")
#: a printed clock and a machine's differ by so much at most
_MINUTES = timedelta(minutes=10)
#: languages that templates declare whatever the text is in
_TEMPLATES = ("en", "fr")


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
    title: str | None = None,
    selectors: Iterable[str] = (),
    updated_selectors: Iterable[str] = (),
) -> FoundDates:
    """Return the dates of a page.

    Args:
        doc: the page.
        source: whose page it is: zone, country and order of printed dates.
        entry: its announcement in a feed or sitemap.
        now: aware; relative words count from it, later dates are none.
        title: the article's, where it is known better than from the head of the page.
        selectors: the source's own, for the publication.
        updated_selectors: the same for the last change.
    """
    try:
        host = urlsplit(doc.url).hostname or ""
    except ValueError:
        host = ""
    where = home(source, host, _spoken(doc, title))
    own = [
        *_selected(doc, selectors, "published", where, now),
        *_selected(doc, updated_selectors, "updated", where, now),
    ]
    stated = list(machine_.claims(doc, where, now))
    announced = _announced(entry)
    address = machine_.from_address(doc.url, where, now)
    shown: list[Printed] = []
    if not _settled(own, stated, where):
        shown = find_printed(doc, where, now, title)
    found = weigh(own, stated, announced, shown, address)
    if found.published is None and (script := machine_.from_scripts(doc, where, now)):
        found = weigh(own, [*stated, script], announced, shown, address)
    published = _moment(found.published, where, shown)
    if published and found.published and not shown and where.country in _AMERICA:
        published = _evening(doc, published, found.published, where)
    return FoundDates(
        published,
        _moment(found.updated, where, ()),
        found.notes,
    )


def _spoken(doc: Document, title: str | None) -> str | None:
    """Return the language by which numbers are ordered: the title's, where its letters tell it.

    Templates of English sites call all they make English. Latin letters tell too little in so few
    words.
    """
    said = doc.language
    if title and (said or "en")[:2] in _TEMPLATES and direction(title) == "rtl":
        return detect(title)
    return said


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
    """Whether printed dates need not be read: the evidence is sure, and so is its day."""
    if any(claim.role == "published" for claim in own):
        return True
    claims = [claim for claim in stated if claim.role == "published"]
    if not any(claim.name.startswith(_SURE) for claim in claims):
        return False
    if any(abs(claim.day - claims[0].day) > SAME for claim in claims):
        return False
    return not _day_in_doubt(claims[0], where)


def _day_in_doubt(claim: Claim, where: Home) -> bool:
    """Whether a moment in UTC may lie on another day where the page is from."""
    if claim.value.utcoffset() or not claim.zoned or claim.precision in ("day", "month"):
        return False
    if where.country is not None:
        return _local(claim.value, where).date() != claim.day
    return claim.value.hour < _AMERICAN_EVENING


def _local(value: datetime, where: Home) -> datetime:
    zone = zones.home_zone(where.timezone if where.sure else None, where.country)
    there = value.astimezone(zone)
    return zones.at(there.date(), there.time(), zone) if there.utcoffset() else value


def _moment(claim: Claim | None, where: Home, shown: Iterable[Printed]) -> Moment | None:
    """Return the claim as a moment, in the zone in which its day is the one that people saw."""
    if claim is None:
        return None
    if claim.precision in ("day", "month"):
        return claim.moment()
    if not claim.zoned:
        if not where.sure:  # no zone is known: the clock would name a wrong moment
            start = datetime.combine(claim.day, time(), UTC)
            claim = replace(claim, value=start, precision="day")
        return claim.moment()
    return claim.moment() if claim.value.utcoffset() else _from_utc(claim, where, shown)


def _from_utc(claim: Claim, where: Home, shown: Iterable[Printed]) -> Moment:
    """Return a moment that is stated in UTC with the offset of the place, where that is known."""
    local = _local(claim.value, where)
    if where.sure and local.utcoffset() and local.time() == time():
        return replace(claim, value=local, precision="day").moment()  # a bare day, sent as UTC
    seen = next((each.claim for each in shown if each.claim.role == "published"), None)
    if seen is None or seen.day == claim.day or abs(seen.day - claim.day) > SAME:
        return claim.moment()
    if local.date() == seen.day:
        return replace(claim, value=local).moment()
    if (offset := _printed_offset(claim.value, seen)) is not None:
        return replace(claim, value=claim.value.astimezone(zones.offset(offset))).moment()
    if where.country in _AMERICA and seen.day < claim.day:
        # an evening in America: the zones that most of its papers print
        for name in ("America/New_York", "America/Los_Angeles"):
            local = _local(claim.value, replace(where, country=None, timezone=name, sure=True))
            if local.date() == seen.day:
                return replace(claim, value=local).moment()
    return claim.moment()


def _evening(doc: Document, published: Moment, claim: Claim, where: Home) -> Moment:
    """Return the moment with the offset of the page's other times, if the day hangs on it."""
    if not published.value.utcoffset() and _day_in_doubt(claim, where):
        minutes = machine_.american_offset(doc)
        if minutes is not None:
            return replace(published, value=published.value.astimezone(zones.offset(minutes)))
    return published


def _printed_offset(value: datetime, seen: Claim) -> int | None:
    """Return the minutes from UTC that make a moment the printed clock, if there are such."""
    if seen.precision not in ("minute", "second"):
        return None
    there = seen.value.utcoffset()
    if seen.zoned and there is not None:
        return round(there.total_seconds() / 60) if abs(seen.value - value) <= _MINUTES else None
    minutes = (seen.value.replace(tzinfo=UTC) - value).total_seconds() / 60
    nearest = round(minutes / 30) * 30
    return nearest if abs(minutes - nearest) <= 10 and -720 <= nearest <= 840 else None
