"""Explains one source from the network up: name, robots, seeds, entries, page, fields."""

import socket
from collections.abc import Callable, Generator, Iterator
from dataclasses import dataclass
from datetime import datetime

from aggregator import announcing, challenges, extract, robots, seeds
from aggregator.errors import AggregatorError, FetchError
from aggregator.faults import describe, kind_of_status
from aggregator.types import Entry, Page, Seed, Source
from aggregator.urls import absolute, host
from aggregator.wording import Message

#: Fields that a good page has, in the order in which they are told.
FIELDS = ("title", "published", "paragraphs", "authors", "images", "summary", "categories")


@dataclass(frozen=True, slots=True)
class Finding:
    """One step: whether it is well, what was looked at, what was seen (``wording`` tells it)."""

    ok: bool
    step: str
    said: str


def _at(where: object, what: str) -> Message:
    return Message("{where}: {what}", where=where, what=what)


def _error(error: AggregatorError) -> Message:
    """Return an error whose own words can be told in another language."""
    rest = str(error).removeprefix(error.message).lstrip(": ")
    said = Message(error.message)
    return Message("{what}: {where}", what=said, where=rest) if rest else said


def check(source: Source, fetch: Callable[[str], Page], now: datetime) -> Iterator[Finding]:
    """Yield what is found, step by step; stops where nothing further can be seen.

    Args:
        source: of the catalogue.
        fetch: returns the page at an address or raises FetchError (``Fetcher.get``).
        now: the caller's clock.
    """
    name = host(source.homepage).rpartition(":")[0] or host(source.homepage)
    try:
        addresses = sorted({str(each[4][0]) for each in socket.getaddrinfo(name, None)})
    except OSError:
        yield Finding(False, "name", _at(name, describe("dns")))
        return
    yield Finding(True, "name", f"{name}: {', '.join(addresses[:3])}")
    rules = yield from _robots(source, fetch)
    entries: list[tuple[Seed, Entry]] = []
    for seed in source.seeds:
        if not seed.enabled:
            continue
        if rules and not rules.allows(seed.url) and source.robots == "obey":
            yield Finding(False, "seed", _at(seed.url, describe("robots")))
            continue
        entries += yield from _seed(source, seed, fetch, now)
    for seed, entry in entries:
        if entry.url and (rules is None or source.robots == "ignore" or rules.allows(entry.url)):
            yield from _page(source, seed, entry, fetch, now)
            return
    yield Finding(False, "page", Message("no entry leads to a page"))


def _robots(
    source: Source, fetch: Callable[[str], Page]
) -> Generator[Finding, None, robots.Robots | None]:
    url = absolute(source.homepage, "/robots.txt") or source.homepage
    try:
        page = fetch(url)
    except FetchError as error:
        yield Finding(False, "robots", _error(error))
        return None
    if page.status != 200:
        means = "all is allowed" if page.status < 500 else "nothing may be fetched for now"
        what = Message("HTTP {status}: {means}", status=page.status, means=Message(means))
        yield Finding(page.status < 500, "robots", _at(url, what))
        return None
    rules = robots.parse(page.body, "aggregator")
    ok = rules.allows(source.homepage)
    said = Message("lets us in" if ok else "keeps us out")
    if rules.crawl_delay_s:
        wait = Message("one request every {seconds} s", seconds=f"{rules.crawl_delay_s:g}")
        said = Message("{one}, {other}", one=said, other=wait)
    yield Finding(ok, "robots", _at(url, said))
    return rules


def _seed(
    source: Source, seed: Seed, fetch: Callable[[str], Page], now: datetime
) -> Generator[Finding, None, list[tuple[Seed, Entry]]]:
    try:
        page = fetch(seed.url)
    except FetchError as error:
        yield Finding(False, "seed", _error(error))
        return []
    barred = challenges.obstacle(page.status, page.headers, page.body)
    fault = barred or kind_of_status(page.status)
    if fault:
        yield Finding(False, "seed", _at(seed.url, describe(fault)))
        return []
    try:
        parsed = seeds.parse(page, seed, source=source, now=now)
    except AggregatorError as error:
        yield Finding(False, "seed", _error(error))
        return []
    found = announcing.keyed(parsed.entries, source, seed.kind)
    dates = [each.entry.published.value for each in found if each.entry.published]
    said = Message("entries: {count}", count=len(found))
    if dates:
        newest = Message("newest {when}", when=f"{max(dates):%Y-%m-%d %H:%M}")
        said = Message("{one}, {other}", one=said, other=newest)
    if page.redirects:
        moved = Message("moved to {target}", target=page.url)
        said = Message("{one}, {other}", one=said, other=moved)
    yield Finding(bool(found), "seed", _at(seed.url, said))
    return [(seed, each.entry) for each in found]


def _page(
    source: Source, seed: Seed, entry: Entry, fetch: Callable[[str], Page], now: datetime
) -> Iterator[Finding]:
    del seed
    url = entry.url or source.homepage
    try:
        page = fetch(url)
    except FetchError as error:
        yield Finding(False, "page", _error(error))
        return
    barred = challenges.obstacle(page.status, page.headers, page.body)
    fault = barred or kind_of_status(page.status)
    if fault:
        yield Finding(False, "page", _at(url, describe(fault)))
        return
    article = extract.extract(
        page.body, url=page.url, source=source, entry=entry, headers=page.headers, now=now
    )
    verdict = article.verdict
    said = Message(verdict.kind)
    if verdict.reasons:
        said = Message("{what}: {where}", what=said, where="; ".join(verdict.reasons[:2]))
    yield Finding(verdict.is_article, "page", _at(url, said))
    for field in FIELDS:
        value = getattr(article, field)
        shown = " ".join(str(value[0] if isinstance(value, tuple) and value else value).split())
        origin = article.origins.get(field) or ""
        count = f" ({len(value)})" if isinstance(value, tuple) and value else ""
        seen = f"{shown[:70]}{count} {origin}".strip()
        yield Finding(bool(value), field, seen if value else Message("nothing"))
