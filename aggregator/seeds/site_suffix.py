"""The name of the site off titles of a feed that puts it behind each of them.

What most titles end with is the site's, if the feed, its source or its address is called so; what
all of some titles end with is so too, whatever it is. Where a few end alike, nothing is taken off.
"""

import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import replace
from typing import Final

from aggregator.arabic import split_site
from aggregator.seeds.parsed import ParsedSeed
from aggregator.types import Entry, Source
from aggregator.urls import host

#: the last separator of a title and what stands behind it; a longer end is no name
_END: Final = re.compile(r"(?:\s[-–—•·«»:]+\s|\s?[|｜]+\s?)([^|｜]{2,40})$")
_LONGEST_END: Final = 50
#: so many different titles that end alike need no name to be known
_FEWEST: Final = 5
_ANY: Final = "title of some words"


def without_site(parsed: ParsedSeed, source: Source) -> ParsedSeed:
    """Return a feed whose titles end where their words do."""
    ends = [_end(entry.title) for entry in parsed.entries if entry.title]
    counted = Counter(filter(None, ends)).most_common(1)
    if not counted or 2 * counted[0][1] < len(ends):
        return parsed
    end, times = counted[0]
    if not (_is_known(end, parsed, source) or (times == len(ends) and _are_many(parsed.entries))):
        return parsed
    entries = tuple(_shortened(entry, end) for entry in parsed.entries)
    return replace(parsed, entries=entries)


def _end(title: str | None) -> str | None:
    """Return what stands behind the last separator of a title, the nearest one to the end."""
    if not title:
        return None
    tail = title[-_LONGEST_END:]
    found = None
    while match := _END.search(tail):
        found = match[1].strip()
        tail = match[1]
    return found


def _is_known(end: str, parsed: ParsedSeed, source: Source) -> bool:
    names = [source.name, source.name_en, host(source.homepage).removeprefix("www.")]
    if sum(entry.title is not None for entry in parsed.entries) > 1:  # one is no habit of a feed
        names += [parsed.title, _end(parsed.title)]
    return any(split_site(f"{_ANY} | {end}", name)[1] == end for name in names if name)


def _are_many(entries: Sequence[Entry]) -> bool:
    return len({entry.title for entry in entries if entry.title}) >= _FEWEST


def _shortened(entry: Entry, end: str) -> Entry:
    if not entry.title or not entry.title.endswith(end):
        return entry
    title, name = split_site(entry.title, end)
    return replace(entry, title=title) if name and title else entry
