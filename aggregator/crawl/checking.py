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

#: Fields that a good page has, in the order in which they are told.
FIELDS = ("title", "published", "paragraphs", "authors", "images", "summary", "categories")


@dataclass(frozen=True, slots=True)
class Finding:
    """One step: whether it is well, what was looked at, what was seen."""

    ok: bool
    step: str
    said: str


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
    except OSError as error:
        yield Finding(False, "name", f"{name}: {error.strerror}")
        return
    yield Finding(True, "name", f"{name}: {', '.join(addresses[:3])}")
    rules = yield from _robots(source, fetch)
    entries: list[tuple[Seed, Entry]] = []
    for seed in source.seeds:
        if not seed.enabled:
            continue
        if rules and not rules.allows(seed.url) and source.robots == "obey":
            yield Finding(False, "seed", f"{seed.url}: robots.txt forbids it")
            continue
        entries += yield from _seed(source, seed, fetch, now)
    for seed, entry in entries:
        if entry.url and (rules is None or source.robots == "ignore" or rules.allows(entry.url)):
            yield from _page(source, seed, entry, fetch, now)
            return
    yield Finding(False, "page", "no entry leads to a page")


def _robots(
    source: Source, fetch: Callable[[str], Page]
) -> Generator[Finding, None, robots.Robots | None]:
    url = absolute(source.homepage, "/robots.txt") or source.homepage
    try:
        page = fetch(url)
    except FetchError as error:
        yield Finding(False, "robots", str(error))
        return None
    if page.status != 200:
        yield Finding(page.status < 500, "robots", f"{url}: HTTP {page.status}: all is allowed")
        return None
    rules = robots.parse(page.body, "aggregator")
    wait = f", one request every {rules.crawl_delay_s:g} s" if rules.crawl_delay_s else ""
    ok = rules.allows(source.homepage)
    yield Finding(ok, "robots", f"{url}: {'lets us in' if ok else 'keeps us out'}{wait}")
    return rules


def _seed(
    source: Source, seed: Seed, fetch: Callable[[str], Page], now: datetime
) -> Generator[Finding, None, list[tuple[Seed, Entry]]]:
    try:
        page = fetch(seed.url)
    except FetchError as error:
        yield Finding(False, "seed", str(error))
        return []
    barred = challenges.obstacle(page.status, page.headers, page.body)
    fault = barred or kind_of_status(page.status)
    if fault:
        yield Finding(False, "seed", f"{seed.url}: {describe(fault)}")
        return []
    try:
        parsed = seeds.parse(page, seed, source=source, now=now)
    except AggregatorError as error:
        yield Finding(False, "seed", str(error))
        return []
    found = announcing.keyed(parsed.entries, source, seed.kind)
    dates = [each.entry.published.value for each in found if each.entry.published]
    newest = f", newest {max(dates):%Y-%m-%d %H:%M}" if dates else ""
    moved = f", moved to {page.url}" if page.redirects else ""
    yield Finding(bool(found), "seed", f"{seed.url}: {len(found)} entries{newest}{moved}")
    return [(seed, each.entry) for each in found]


def _page(
    source: Source, seed: Seed, entry: Entry, fetch: Callable[[str], Page], now: datetime
) -> Iterator[Finding]:
    del seed
    url = entry.url or source.homepage
    try:
        page = fetch(url)
    except FetchError as error:
        yield Finding(False, "page", str(error))
        return
    barred = challenges.obstacle(page.status, page.headers, page.body)
    fault = barred or kind_of_status(page.status)
    if fault:
        yield Finding(False, "page", f"{url}: {describe(fault)}")
        return
    article = extract.extract(
        page.body, url=page.url, source=source, entry=entry, headers=page.headers, now=now
    )
    verdict = article.verdict
    why = "; ".join(verdict.reasons[:2])
    yield Finding(verdict.is_article, "page", f"{url}: {verdict.kind}{': ' + why if why else ''}")
    for field in FIELDS:
        value = getattr(article, field)
        shown = " ".join(str(value[0] if isinstance(value, tuple) and value else value).split())
        origin = article.origins.get(field) or ""
        count = f" ({len(value)})" if isinstance(value, tuple) and value else ""
        said = f"{shown[:70] if value else 'nothing'}{count} {origin if value else ''}"
        yield Finding(bool(value), field, said.strip())
