"""The pages: front page of events, event, article, source, keyword, search, health.

Each is a function from what was asked to an answer; reads go through one connection, so that a page
shows one state of the store.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any

from sqlalchemy import Connection

from aggregator import feeds as naming
from aggregator import query as queries
from aggregator.arabic import direction
from aggregator.store import browsing, reading, searching
from aggregator.store.browsing import Line
from aggregator.types import Filter, Record
from aggregator.web import picture_links, views
from aggregator.web.answers import HTML, Answer
from aggregator.web.asked import Asked, RefusedError
from aggregator.web.links import Links, full
from aggregator.web.rendering import render
from aggregator.web.site import Site
from aggregator.web.texts import texts

#: Events on a page, and newest articles that are looked through to find them.
EVENTS, LOOKED_AT = 30, 80
#: How often more articles are looked through, where few events have many.
_BATCHES = 6
#: Articles on lists of a source, a keyword, a search.
LISTED = 40
#: Highest ``before``: more than any store numbers.
_MOST = 2**53
_VARY = ("Accept-Language", "Cookie")
Page = Callable[[Site, Asked], Answer]


def page(
    template: str,
    asked: Asked,
    *,
    status: int = 200,
    modified: datetime | None = None,
    lasts_s: float | None = None,
    **values: Any,
) -> Answer:
    """Return a rendered page."""
    return Answer(
        body=render(template, asked, **values),
        content_type=HTML,
        status=status,
        modified=modified,
        vary=_VARY,
        headers=(("content-language", asked.lang),),
        lasts_s=lasts_s,
    )


def feed_links(links: Links, wanted: Filter) -> tuple[tuple[str, str, str], ...]:
    """Return (name, media type, address) of the feeds of a filter."""
    where = naming.path(wanted)
    if not links.has_feed(where):
        return ()
    return (
        ("RSS", "application/rss+xml", links.feed(where, ".rss")),
        ("Atom", "application/atom+xml", links.feed(where, ".atom")),
        ("JSON", "application/feed+json", links.feed(where, ".json")),
    )


def items(site: Site, asked: Asked, lines: Iterable[Line]) -> list[views.Item]:
    """Return articles of a list."""
    words = texts(asked.lang)
    return [views.item(line, asked.links, words, site.sources) for line in lines]


def front(site: Site, asked: Asked) -> Answer:
    """Return the newest events, one each, the first source named."""
    before = asked.number("before", 0, 0, _MOST) or None
    wanted = asked.filter(site.sources)
    words = texts(asked.lang)
    with site.store.read() as connection:
        found, go_on = _events(connection, wanted, before)
        records = browsing.records(connection, [reports[0].pk for reports in found])
        spoken = site.languages(connection)
    stories = [
        views.story(reports, records.get(reports[0].pk), asked.links, words, site.sources)
        for reports in found
    ]
    return page(
        "front.html",
        asked,
        here="news",
        stories=stories,
        older=asked.again(before=str(go_on)) if go_on and not asked.links.is_static else None,
        newest=asked.again(before=None) if before else None,
        wanted=wanted,
        sources=_used(site),
        spoken=spoken,
        feeds=feed_links(asked.links, wanted),
    )


def _events(
    connection: Connection, wanted: Filter, before: int | None
) -> tuple[list[list[Line]], int | None]:
    """Return the newest events and the number to go on from.

    An event that has a newer report was shown before; the number of its newest one says so.
    """
    shown: list[Line] = []
    members: list[Line] = []
    seen: set[str] = set()
    at = before
    for _ in range(_BATCHES):
        lines = browsing.lines(connection, wanted, limit=LOOKED_AT, before=at)
        chosen = _first_of_each(lines, seen)
        clusters = [line.cluster for line in chosen if line.cluster]
        found = browsing.lines_of_events(connection, clusters)
        newest = {} if wanted or before is None else {line.cluster: line.pk for line in found}
        members += found
        for line in chosen:
            if before is not None and newest.get(line.cluster, 0) >= before:
                continue
            if len(shown) == EVENTS:
                return views.group(shown, members), shown[-1].pk
            shown.append(line)
        if len(lines) < LOOKED_AT:
            return views.group(shown, members), None
        at = lines[-1].pk
    return views.group(shown, members), at


def _first_of_each(lines: Iterable[Line], seen: set[str]) -> list[Line]:
    """Return the first line of each event that was not seen yet, and all that have none."""
    chosen = []
    for line in lines:
        if line.cluster is None or line.cluster not in seen:
            chosen.append(line)
        if line.cluster:
            seen.add(line.cluster)
    return chosen


def _used(site: Site) -> list[tuple[str, str]]:
    """Return (id, name) of the sources that are switched on, by name."""
    return sorted(
        ((source.id, source.name) for source in site.sources.values() if source.enabled),
        key=lambda each: each[1],
    )


def event(site: Site, asked: Asked) -> Answer:
    """Return all reports of an event along a time line."""
    cluster = full(asked.params["id"])
    words = texts(asked.lang)
    with site.store.read() as connection:
        reports = views.in_order(browsing.lines_of_events(connection, [cluster]))
        if not reports:
            raise RefusedError(404, "unknown event", cluster[:80])
        records = browsing.records(connection, [line.pk for line in reports[:200]])
    line_items = [
        views.item(
            line,
            asked.links,
            words,
            site.sources,
            teaser="" if line.copy_of else views.teaser(records.get(line.pk)),
        )
        for line in sorted(reports[:200], key=lambda line: line.when)
    ]
    keywords = _common_words(records.values())
    return page(
        "event.html",
        asked,
        lead=views.item(reports[0], asked.links, words, site.sources),
        items=line_items,
        reports=len(reports),
        sources=len({line.source_id for line in reports}),
        keywords=[(word, asked.links.keyword(word)) for word in keywords],
        feeds=feed_links(asked.links, Filter(cluster=cluster)),
        modified=max(line.first_seen for line in reports),
    )


def _common_words(records: Iterable[Record]) -> list[str]:
    counts: dict[str, int] = {}
    for record in records:
        for word in record.keywords:
            counts[word] = counts.get(word, 0) + 1
    return sorted(counts, key=lambda word: -counts[word])[:10]


@dataclass(frozen=True, slots=True)
class Told:
    """What the store says of an article; the same in all languages of the interface.

    Attributes:
        record: None for what is gone.
        near: copies, the original and related articles by id.
    """

    row: reading.Row
    record: Record | None
    old: Sequence[reading.Version] = ()
    reports: Sequence[Line] = ()
    near: Mapping[str, Line] = field(default_factory=dict)


def told(site: Site, name: str) -> Told:
    """Return what is known of an article.

    Raises:
        RefusedError: nobody ever heard of it.
    """
    with site.store.read() as connection:
        row = reading.find_article(connection, name)
        if row is None:
            raise RefusedError(404, "unknown article", name[:80])
        record = row.change().record
        if record is None:
            return Told(row, None)
        names = [each.id for each in record.also_in] + [each.id for each in record.related]
        names += [record.copy_of] if record.copy_of else []
        return Told(
            row=row,
            record=record,
            old=reading.versions(connection, row.pk) if record.version > 1 else (),
            reports=browsing.lines_of_events(connection, [record.cluster])
            if record.cluster
            else (),
            near=browsing.lines_of_ids(connection, names) if names else {},
        )


def article(site: Site, asked: Asked, known: Told | None = None) -> Answer:
    """Return an article with its versions, copies, event and related articles."""
    known = known or told(site, full(asked.params["id"]))
    row, record, near = known.row, known.record, known.near
    words = texts(asked.lang)
    if record is None:
        reason = words(f"gone_{row.reason or 'gone'}", day=words.day(row.at))
        return page("gone.html", asked, status=410, reason=reason)
    source = site.sources.get(record.source.id)
    picture = picture_links.addresses(site, asked)
    return page(
        "article.html",
        asked,
        record=record,
        title_dir=direction(record.title, record.direction),
        source_dir=direction(record.source.name),
        has_source=source is not None,
        body=views.body(record, picture=picture, label=words("picture")),
        lead_src=picture(record.images[0].url) if picture and record.images else None,
        published=words.when(record.published, record.published_precision)
        if record.published
        else None,
        updated=words.when(record.updated) if record.updated else None,
        first_seen=words.when(record.first_seen),
        steps=views.history(record, known.old, words, record.first_seen) if known.old else [],
        copies=items(site, asked, _picked(near, (each.id for each in record.also_in))),
        original=next(iter(items(site, asked, _picked(near, [record.copy_of or ""]))), None),
        related=[
            (each, asked.links.article(each.id) if each.id in near else each.url)
            for each in record.related
        ],
        reports=items(site, asked, sorted(known.reports, key=lambda line: line.when)[:30])
        if len(known.reports) > 1
        else [],
        event_href=asked.links.event(record.cluster) if record.cluster else None,
        keywords=[(word, asked.links.keyword(word)) for word in record.keywords],
        feeds=feed_links(asked.links, Filter(sources=(record.source.id,))),
        modified=max(row.at, record.first_seen),
    )


def _picked(near: Mapping[str, Line], names: Iterable[str]) -> list[Line]:
    return [near[name] for name in names if name in near]


def keyword(site: Site, asked: Asked) -> Answer:
    """Return the newest articles with a keyword."""
    word = asked.params["name"].strip()
    if not word or len(word) > 200:
        raise RefusedError(404, "unknown keyword", word[:60])
    before = asked.number("before", 0, 0, _MOST) or None
    wanted = Filter(keyword=word)
    with site.store.read() as connection:
        lines = browsing.lines(connection, wanted, limit=LISTED + 1, before=before)
        if not lines and before is None:
            raise RefusedError(404, "no article has this keyword", word[:60])
        records = browsing.records(connection, [line.pk for line in lines])
    beside = [each for each in _common_words(records.values()) if each != word][:10]
    return page(
        "keyword.html",
        asked,
        word=word,
        word_dir=direction(word),
        items=items(site, asked, lines[:LISTED]),
        older=_older(asked, lines),
        beside=[(each, asked.links.keyword(each)) for each in beside],
        feeds=feed_links(asked.links, wanted),
    )


def _older(asked: Asked, lines: list[Line]) -> str | None:
    if len(lines) <= LISTED or asked.links.is_static:
        return None
    return asked.again(before=str(lines[LISTED - 1].pk))


def keywords(site: Site, asked: Asked) -> Answer:
    """Return the keywords that most articles have."""
    with site.store.read() as connection:
        found = reading.top_keywords(connection, least=2, limit=200)
    most = max((count for _, count in found), default=1)
    return page(
        "keywords.html",
        asked,
        here="keywords",
        words=[
            (word, count, asked.links.keyword(word), 1 + round(4 * count / most), direction(word))
            for word, count in found
        ],
        lasts_s=60.0,
    )


def search(site: Site, asked: Asked) -> Answer:
    """Return the best matches of a query, its words marked."""
    typed = asked.text("q") or ""
    wanted = asked.filter(site.sources)
    words = texts(asked.lang)
    parsed = queries.parse(typed)
    found: list[views.Item] = []
    with site.store.read() as connection:
        rows = searching.search(connection, typed, wanted or None, limit=LISTED) if parsed else []
        near = browsing.lines_of_ids(connection, (row.id for row in rows))
        spoken = site.languages(connection)
    for row in rows:
        record = row.change().record
        if record is None or row.id not in near:
            continue
        shown = views.item(
            near[row.id],
            asked.links,
            words,
            site.sources,
            teaser=views.passage(record, parsed),
        )
        found.append(replace(shown, title=views.highlight(record.title, parsed)))
    return page(
        "search.html",
        asked,
        here="search",
        typed=typed,
        items=found,
        wanted=wanted,
        sources=_used(site),
        spoken=spoken,
        feeds=tuple(
            (name, kind, asked.links.feed("search", suffix, q=typed))
            for name, kind, suffix in (
                ("RSS", "application/rss+xml", ".rss"),
                ("Atom", "application/atom+xml", ".atom"),
                ("JSON", "application/feed+json", ".json"),
            )
        )
        if parsed
        else (),
    )
