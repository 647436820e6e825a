"""What of a source's maps lies in a period: which of its sitemaps, pages and entries to ask for.

Pure. What says nothing of its time is taken: a page too much is a small fault, a lost one is not.
"""

import calendar
import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from typing import Final

from aggregator.types import Entry

#: A day, or a month, in an address: 2025/11/07, 2025-11-07, 20251107, 2025/11, 2025-11.
_DAY: Final = re.compile(
    r"(?<!\d)((?:19|20)\d\d)([-_/.]?)(0?[1-9]|1[0-2])(?:\2(0?[1-9]|[12]\d|3[01]))?(?!\d)"
)


@dataclass(frozen=True, slots=True)
class Period:
    """From the first day to the last, both included, in UTC with a day's play for the zones.

    Attributes:
        first: day.
        last: day.
    """

    first: date
    last: date

    @property
    def begin(self) -> datetime:
        """The first moment that counts."""
        return datetime.combine(self.first, datetime.min.time(), UTC) - timedelta(hours=14)

    @property
    def end(self) -> datetime:
        """The first moment that does not count any more."""
        after = datetime.combine(self.last + timedelta(days=1), datetime.min.time(), UTC)
        return after + timedelta(hours=12)

    def holds(self, moment: datetime) -> bool:
        """Return whether a time lies in the period."""
        return self.begin <= moment < self.end


def days_in(address: str) -> tuple[date, date] | None:
    """Return the first and last day that the path of an address names; None: it names none.

    >>> days_in("https://a.example/2025/11/07/story")
    (datetime.date(2025, 11, 7), datetime.date(2025, 11, 7))
    >>> days_in("https://a.example/sitemap-2025-02.xml")
    (datetime.date(2025, 2, 1), datetime.date(2025, 2, 28))
    """
    path = address.partition("//")[2].partition("/")[2]
    for found in _DAY.finditer(path):
        year, separator, month, day = found.groups()
        if not separator and (day is None or len(month) < 2 or len(day) < 2):
            continue  # 202511 may be a number
        try:
            if day:
                named = date(int(year), int(month), int(day))
                return named, named
            last = calendar.monthrange(int(year), int(month))[1]
            return date(int(year), int(month), 1), date(int(year), int(month), last)
        except ValueError:
            continue
    return None


def maps(urls: Iterable[str], changed: Mapping[str, datetime], period: Period) -> Iterator[str]:
    """Yield those of the maps that an index names which may hold something of the period.

    Args:
        urls: of the maps.
        changed: when maps last changed, where the index says it: nothing newer is in them.
        period: wanted.
    """
    for url in urls:
        if url in changed and changed[url] < period.begin:
            continue
        named = days_in(url)
        if named and (named[1] < period.first or named[0] > period.last):
            continue
        yield url


def within(entries: Iterable[Entry], period: Period) -> list[Entry]:
    """Return the entries of the period, and those that say nothing of their time."""
    return [entry for entry in entries if _is_within(entry, period)]


def _is_within(entry: Entry, period: Period) -> bool:
    if entry.published:
        return period.holds(entry.published.value)
    named = days_in(entry.url) if entry.url else None
    if named:
        return named[0] <= period.last and named[1] >= period.first
    if entry.updated:  # it is not newer than that
        return period.holds(entry.updated.value)
    return True


def is_past(entries: Iterable[Entry], period: Period) -> bool:
    """Return whether a page of a listing lies wholly before the period: the next ones do too."""
    times = [entry.published.value for entry in entries if entry.published]
    return bool(times) and max(times) < period.begin
