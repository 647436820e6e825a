"""From an address to a draft of its source, page by page.

:func:`explore` asks for one page after the other and is told what came; it knows no network, so
whoever drives it decides how pages are fetched. At most :data:`MOST_PAGES`, none that robots.txt
forbids.
"""

from collections.abc import Callable, Generator
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any, Final

from aggregator import country, robots, seeds
from aggregator.autodiscover import addresses, candidates, facts
from aggregator.autodiscover.draft import Certainty, Draft, Fact
from aggregator.errors import ParseError
from aggregator.seeds import ParsedSeed, documents, links, listing
from aggregator.types import Entry, Page, Seed, SeedKind, Source
from aggregator.urls import absolute, canonical, display_url, host, matches_any, same_site

#: Returns the page at an address, None where there is none to be had.
Fetch = Callable[[str], Page | None]
Exploration = Generator[str, Page | None, Draft]

MOST_PAGES: Final = 40
MOST_FEEDS: Final = 8
#: Feeds whose newest entry is older, in days, are left out.
STALE_DAYS: Final = 120
_MOST_TRIES: Final = 12
_MOST_MAPS: Final = 8


@dataclass(slots=True)
class _Site:
    """What is known so far."""

    page: Page
    root: Any
    now: datetime
    agent: str
    reader: Source
    rules: robots.Robots = robots.ALLOW_ALL
    asked: set[str] = field(default_factory=set)
    seeds: list[tuple[Seed, ParsedSeed, str]] = field(default_factory=list)
    covered: set[str] = field(default_factory=set)
    notes: list[str] = field(default_factory=list)
    tries: int = 0

    def may_ask(self, url: str) -> bool:
        """Return whether an address is worth a request: not asked yet, allowed, few enough."""
        key = url.partition("#")[0]
        if key in self.asked or len(self.asked) >= MOST_PAGES:
            return False
        if host(url) == host(self.page.url) and not self.rules.allows(url):
            self.notes.append(f"robots.txt forbids {url}")
            return False
        self.asked.add(key)
        return True

    def read(self, page: Page, kind: SeedKind) -> ParsedSeed | None:
        """Return what a page announces, read as this kind of seed."""
        seed = Seed(kind=kind, url=page.url)
        try:
            return seeds.parse(page, seed, source=self.reader, now=self.now)
        except ParseError:
            return None


def discover(url: str, fetch: Fetch, *, now: datetime, agent: str = "aggregator") -> Draft:
    """Return the draft of the source at an address.

    Args:
        url: a home page, or a feed of the site.
        fetch: gives pages; called one at a time.
        now: the caller's clock.
        agent: our product token, by which robots.txt knows us.

    Raises:
        ParseError: there is no page, or it is no site that announces anything.
    """
    exploration = explore(url, now=now, agent=agent)
    try:
        wanted = next(exploration)
        while True:
            wanted = exploration.send(fetch(wanted))
    except StopIteration as end:
        draft: Draft = end.value
        return draft


def explore(url: str, *, now: datetime, agent: str = "aggregator") -> Exploration:
    """Ask for pages and return the draft; see :func:`discover`."""
    start = absolute("", url) or absolute("", f"https://{url}")
    if start is None:
        raise ParseError("site cannot be explored", url, "no web address")
    site = yield from _opened(start, now, agent)
    yield from _robots(site)
    yield from _feeds(site)
    yield from _sitemaps(site)
    _listing(site)
    if not any(seed.enabled for seed, _, _ in site.seeds):
        why = "no feed, no sitemap, and the home page links to no article"
        raise ParseError("site announces nothing", start, why)
    return (yield from _draft(site))


def _opened(start: str, now: datetime, agent: str) -> Generator[str, Page | None, _Site]:
    page = yield start
    if page is None or page.status != 200:
        why = f"HTTP {page.status}" if page else "it cannot be fetched"
        raise ParseError("site cannot be explored", start, why)
    reader = _reader(page.url)
    feed = _as_feed(page, reader, now)
    given = None
    if feed is not None:
        given = page
        home = feed.home_url or facts.home_of(page.url)
        page = yield home
        if page is None or page.status != 200:
            page = Page(url=home, body=b"<html><body></body></html>")
        reader = _reader(page.url)
    root = listing.tree(documents.read(page, reader).data)
    if root is None:
        raise ParseError("site cannot be explored", page.url, "no HTML")
    site = _Site(page=page, root=root, now=now, agent=agent, reader=reader)
    site.asked |= {start, page.url}
    if given is not None and feed is not None:
        _keep_feed(site, given, feed, None, "the address that was given")
    return site


def _reader(url: str) -> Source:
    """Return a source that is good enough to read seeds with."""
    code = country.by_domain(url) or country.UNKNOWN
    return Source(
        id=country.source_id(url),
        name=host(url),
        homepage=facts.home_of(url),
        country=code,
        language="ar",
        timezone=country.timezone_of(code) or "UTC",
        seeds=(),
    )


def _as_feed(page: Page, reader: Source, now: datetime) -> ParsedSeed | None:
    try:
        return seeds.parse(page, Seed(kind="feed", url=page.url), source=reader, now=now)
    except ParseError:
        return None


def _robots(site: _Site) -> Generator[str, Page | None, None]:
    page = yield facts.home_of(site.page.url) + "robots.txt"
    if page is not None and page.status == 200:
        site.rules = robots.parse(page.body, site.agent)


def _feeds(site: _Site) -> Generator[str, Page | None, None]:
    base = listing.base_of(site.root, site.page)
    declared, linked = candidates.feed_links(site.root, base)
    for url, title in declared.items():
        yield from _try_feed(site, url, title, "declared by the home page")
    for url, title in linked.items():
        yield from _try_feed(site, url, title, "linked from the home page")
    for place in candidates.FEED_PLACES:
        guess = absolute(facts.home_of(site.page.url), place)
        if guess and not site.seeds:
            yield from _try_feed(site, guess, None, "a place where feeds often lie")


def _try_feed(
    site: _Site, url: str, title: str | None, how: str, *, deeper: bool = True
) -> Generator[str, Page | None, None]:
    if len(site.seeds) >= MOST_FEEDS or site.tries >= _MOST_TRIES or not site.may_ask(url):
        return
    page = yield url
    if page is None or page.status != 200:
        site.tries += 1
        return
    feed = site.read(page, "feed")
    if feed is not None:
        _keep_feed(site, page, feed, title, how)
        return
    site.tries += 1
    root = listing.tree(page.body) if deeper and b"<html" in page.body[:2000].lower() else None
    if root is None:
        return
    # A page about feeds lists them.
    declared, linked = candidates.feed_links(root, page.url)
    for inner, name in [*declared.items(), *linked.items()][:MOST_FEEDS]:
        yield from _try_feed(site, inner, name, f"listed on {url}", deeper=False)


def _keep_feed(site: _Site, page: Page, feed: ParsedSeed, title: str | None, how: str) -> None:
    asked = page.requested or page.url
    keys = {canonical(entry.url) for entry in feed.entries if entry.url}
    if not keys:
        site.notes.append(f"feed without entries: {asked}")
        return
    if len(keys & site.covered) >= 0.9 * len(keys):
        site.notes.append(f"feed says nothing that others do not say: {asked}")
        return
    if _age_days(feed, site.now) > STALE_DAYS:
        site.notes.append(f"feed is stale since {_newest(feed)}: {asked}")
        return
    site.covered |= keys
    name = feed.title if feed.title and site.seeds else None
    site.seeds.append((Seed(kind="feed", url=page.url, title=name or None), feed, how))


def _newest(feed: ParsedSeed) -> datetime | None:
    dates = [moment.value for e in feed.entries if (moment := e.published or e.updated)]
    return max(dates, default=None)


def _age_days(feed: ParsedSeed, now: datetime) -> float:
    newest = _newest(feed)
    return (now - newest).total_seconds() / 86400 if newest else 0.0


def _sitemaps(site: _Site) -> Generator[str, Page | None, None]:
    places = [*site.rules.sitemaps]
    if not places:
        home = facts.home_of(site.page.url)
        places = [url for place in candidates.SITEMAP_PLACES if (url := absolute(home, place))]
    have_feed = bool(site.seeds)
    looked_at = 0
    waiting = [(url, url) for url in dict.fromkeys(places)]
    best: tuple[int, Seed, ParsedSeed, str] | None = None
    while waiting and looked_at < _MOST_MAPS:
        url, top = waiting.pop(0)
        if not same_site(url, site.page.url) or not site.may_ask(url):
            continue
        page = yield url
        looked_at += 1
        parsed = site.read(page, "sitemap") if page is not None and page.status == 200 else None
        if parsed is None:
            continue
        if parsed.next_urls:
            waiting[:0] = [(child, top) for child in parsed.next_urls[:2]]
            continue
        rank = _rank(parsed, url)
        if rank and (best is None or rank > best[0]):
            how = "named by robots.txt" if top in site.rules.sitemaps else "where maps often lie"
            # News maps are polled themselves; of others the index, which leads to the newest.
            seed = Seed(kind="sitemap", url=url if rank > 2 else top, enabled=True)
            best = rank, seed, parsed, how
    if best is None:
        return
    rank, seed, parsed, how = best
    if rank <= 2 and have_feed:
        site.notes.append(f"a sitemap without news data, not needed beside feeds: {seed.url}")
        return
    site.seeds.append((seed, parsed, how))


def _rank(parsed: ParsedSeed, url: str) -> int:
    """Return how good a map is for news: 3 with news data, 2 with dates, 1 without, 0 none."""
    if not parsed.entries:
        return 0
    if any(entry.published and entry.title for entry in parsed.entries):
        return 3
    articles = sum(links.path_score(e.url) >= 2 for e in parsed.entries[:50] if e.url)
    if articles < min(5, len(parsed.entries)) and "news" not in url:
        return 0
    return 2 if any(entry.updated for entry in parsed.entries) else 1


def _listing(site: _Site) -> None:
    found = site.read(site.page, "listing")
    if found is None or len(found.entries) < 3:
        return
    base = listing.base_of(site.root, site.page)
    urls = frozenset(canonical(entry.url) for entry in found.entries if entry.url)
    selector = candidates.links_selector(site.root, base, urls)
    needed = not site.seeds
    seed = Seed(kind="listing", url=site.page.url, links=selector, enabled=needed)
    site.seeds.append((seed, found, "links of the home page, by their shape"))


def _draft(site: _Site) -> Exploration:
    entries = _own_entries(site)
    urls = [entry.url for entry in entries if entry.url]
    signs = facts.Signs(
        page=site.page,
        root=site.root,
        feed_titles=tuple(p.title for s, p, _ in site.seeds if p.title and s.kind == "feed"),
        feed_languages=tuple(p.language for _, p, _ in site.seeds if p.language),
        entries=tuple(entries),
    )
    spoken = facts.language_of(signs)
    land = facts.country_of(signs)
    zone = facts.timezone_of(land.value, land.certainty)
    name = facts.name_of(signs, spoken.value)
    kind = facts.kind_of(name.value)
    charset = facts.charset_of(signs)
    articles, identities = addresses.patterns(list(dict.fromkeys(map(display_url, urls))))
    source = Source(
        id=site.reader.id,
        name=name.value,
        homepage=site.page.url,
        country=land.value,
        timezone=zone.value,
        language=spoken.value,
        kind=kind.value,
        seeds=tuple(_unnamed(seed, name.value) for seed, _, _ in site.seeds),
        article_patterns=articles,
        identity_patterns=identities,
        hosts=facts.hosts_of(site.page, urls),
        charset=charset.value if charset else None,
        evidence="medium",
    )
    article = yield from _article(site, urls, articles)
    said = [name, land, zone, spoken, kind, *([charset] if charset else [])]
    said += [_seed_fact(*each) for each in site.seeds]
    said += _pattern_facts(urls, articles, identities)
    return Draft(source=source, facts=tuple(said), article=article, notes=tuple(site.notes))


def _own_entries(site: _Site) -> list[Entry]:
    """Return the entries of all seeds that lead to the site itself; if none do, all."""
    entries = [entry for _, parsed, _ in site.seeds for entry in parsed.entries]
    own = [entry for entry in entries if entry.url and same_site(entry.url, site.page.url)]
    return own or entries


def _unnamed(seed: Seed, name: str) -> Seed:
    return replace(seed, title=None) if seed.title == name else seed


def _article(
    site: _Site, urls: list[str], articles: tuple[str, ...]
) -> Generator[str, Page | None, Page | None]:
    """Ask for the page of one article."""
    for url in urls[:3]:
        if articles and not matches_any(url, articles):
            continue
        if site.may_ask(url):
            page = yield url
            if page is not None and page.status == 200 and page.body:
                return page
    return None


def _seed_fact(seed: Seed, parsed: ParsedSeed, how: str) -> Fact:
    count = len(parsed.entries)
    kind = f"{seed.kind} ({parsed.format}) with {count} entries, {how}"
    sure = seed.kind != "listing"
    return Fact(field=seed.url, value=kind, certainty="sure" if sure else "likely", why=how)


def _pattern_facts(
    urls: list[str], articles: tuple[str, ...], identities: tuple[str, ...]
) -> list[Fact]:
    count = len(set(urls))
    certainty: Certainty = "sure" if count >= 4 * addresses.ENOUGH else "likely"
    keys = {"article_patterns": articles, "identity_patterns": identities}
    return [
        Fact(field=key, value=" ".join(values), certainty=certainty, why=f"{count} addresses")
        for key, values in keys.items()
        if values
    ]
