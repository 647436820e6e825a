"""Pages on how sources fare: all of them, one of them, and the dashboard with its charts."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from markupsafe import Markup
from sqlalchemy import Connection

from aggregator import health as judging
from aggregator.arabic import direction
from aggregator.store import browsing, crawling, reading
from aggregator.types import Filter, Source
from aggregator.watching import FIELDS, health_of
from aggregator.web import charts
from aggregator.web.answers import Answer
from aggregator.web.asked import Asked, RefusedError
from aggregator.web.pages import LISTED, feed_links, items, page
from aggregator.web.site import Site
from aggregator.web.texts import Texts, texts

#: Days that charts look back.
DAYS = 28
#: How long a judgement is shown; nothing in the log tells of a new one.
LASTS_S = 20.0
_STATES: tuple[judging.State, ...] = (
    "broken",
    "blocked",
    "changed",
    "moved",
    "quiet",
    "unknown",
    "ok",
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Fared:
    """A source on a list, with how it fares."""

    source: Source
    href: str
    dir: str
    health: judging.Health
    articles: int
    since: str
    why_dir: str = "ltr"


def judged(site: Site, connection: Connection, now: datetime) -> dict[str, judging.Health]:
    """Return how each source of the catalogue fares; one that was never polled costs nothing."""
    polled = crawling.poll_times(connection)
    never = judging.Health(state="unknown", why="never polled")
    return {
        source.id: health_of(connection, source, now) if source.id in polled else never
        for source in site.sources.values()
    }


def fared(site: Site, asked: Asked, connection: Connection, now: datetime) -> list[Fared]:
    """Return all sources with how they fare, those that need a look first."""
    words = texts(asked.lang)
    counts = crawling.source_counts(connection)
    found = [
        Fared(
            source=site.sources[name],
            href=asked.links.source(name),
            dir=direction(site.sources[name].name),
            health=health,
            articles=counts.get(name, 0),
            since=words.when(health.since) if health.since else "",
        )
        for name, health in judged(site, connection, now).items()
    ]
    return sorted(found, key=lambda each: (_STATES.index(each.health.state), -each.articles))


def sources(site: Site, asked: Asked) -> Answer:
    """Return the list of sources by country."""
    with site.store.read() as connection:
        found = fared(site, asked, connection, site.now())
    shown = [each for each in found if each.source.enabled or each.articles]
    countries: dict[str, list[Fared]] = {}
    for each in sorted(shown, key=lambda each: (each.source.country, each.source.name)):
        countries.setdefault(each.source.country, []).append(each)
    return page(
        "sources.html",
        asked,
        here="sources",
        countries=countries,
        count=len(shown),
        lasts_s=LASTS_S,
    )


def health(site: Site, asked: Asked) -> Answer:
    """Return the dashboard."""
    words, now = texts(asked.lang), site.now()
    with site.store.read() as connection:
        found = fared(site, asked, connection, now)
        days = _days(browsing.arrivals(connection, now - timedelta(days=DAYS)), now)
        asked_for = browsing.outcomes(connection, now - timedelta(days=1))
        living = browsing.living_count(connection)
    counts = Counter(each.health.state for each in found)
    known = [each for each in found if each.health.state != "unknown"]
    return page(
        "health.html",
        asked,
        here="health",
        states=[(state, counts[state]) for state in _STATES if counts[state]],
        overall=charts.shares(
            [(state, words(f"state_{state}"), counts[state]) for state in _STATES],
            words("overall"),
        ),
        arrivals=_chart(days, words("per_day")),
        days=days,
        outcomes=sorted(asked_for.items(), key=lambda each: -each[1]),
        answered=charts.shares(
            [
                ("ok" if kind == "ok" else "broken", kind, count)
                for kind, count in sorted(asked_for.items(), key=lambda each: -each[1])
            ],
            words("answered"),
        )
        if asked_for
        else None,
        trouble=[each for each in known if not each.health.is_well],
        fared=known,
        living=living,
        lasts_s=LASTS_S,
    )


def _days(counts: dict[str, int], now: datetime) -> list[tuple[str, int]]:
    days = [(now - timedelta(days=back)).date().isoformat() for back in range(DAYS - 1, -1, -1)]
    return [(day, counts.get(day, 0)) for day in days]


def _chart(pairs: Sequence[tuple[str, int]], title: str) -> Markup:
    return charts.bars([count for _, count in pairs], [name for name, _ in pairs], title)


def source(site: Site, asked: Asked) -> Answer:
    """Return a source: how it fares, its rhythm, how well its fields are filled, its news."""
    name, now = asked.params["id"], site.now()
    before = asked.number("before", 0, 0, 2**53) or None
    found = site.sources.get(name)
    words = texts(asked.lang)
    wanted = Filter(sources=(name,))
    with site.store.read() as connection:
        lines = browsing.lines(connection, wanted, limit=LISTED + 1, before=before)
        if found is None:
            if not lines:
                raise RefusedError(404, "unknown source", name[:60])
            record = browsing.records(connection, [lines[0].pk])[lines[0].pk]
            ref = record.source
            found = Source(
                id=ref.id,
                name=ref.name,
                homepage=ref.homepage,
                country=ref.country,
                language=ref.language,
                seeds=(),
            )
        health = health_of(connection, found, now)
        posts = reading.posts(connection, name, now - timedelta(days=DAYS))
        days = _days(browsing.arrivals(connection, now - timedelta(days=DAYS), source_id=name), now)
        fills = crawling.fill_rates(connection, name)
        polls = crawling.recent_fetches(connection, name, role="seed", limit=10)
    hours = Counter(post.hour for post in posts)
    by_hour = [(f"{hour:02}", hours[hour]) for hour in range(24)]
    more = len(lines) > LISTED and not asked.links.is_static
    return page(
        "source.html",
        asked,
        source=found,
        name_dir=direction(found.name),
        health=health,
        since=words.when(health.since) if health.since else "",
        days=days,
        days_chart=_chart(days, words("per_day")),
        hours=by_hour,
        hours_chart=_chart(by_hour, words("per_hour")),
        fills=_fills(fills, words),
        polls=[(each, words.when(each.at)) for each in polls],
        items=items(site, asked, lines[:LISTED]),
        older=asked.again(before=str(lines[LISTED - 1].pk)) if more else None,
        feeds=feed_links(asked.links, wanted),
        lasts_s=LASTS_S,
    )


def _fills(
    fills: dict[str, dict[str, tuple[int, int]]], words: Texts
) -> list[tuple[str, int, Markup]]:
    """Return (field, per cent, level) over all days that are known."""
    found = []
    for field in FIELDS:
        filled = sum(day[field][0] for day in fills.values() if field in day)
        total = sum(day[field][1] for day in fills.values() if field in day)
        if total:
            share = filled / total
            label = f"{words(f'field_{field}')}: {share:.0%}"
            found.append((words(f"field_{field}"), round(share * 100), charts.level(share, label)))
    return found
