"""Feeds over HTTP: all, by source, country, language, keyword, event or search, in three formats.

A feed shows the newest articles; ``prev-archive`` leads to blocks of older ones (RFC 5005) whose
addresses never move: block ``n`` of a filter holds what arrived as numbers ``n·BLOCK`` and on.
A browser gets a page that can be read, every program the feed itself.
"""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import replace
from datetime import datetime
from typing import Any, Final
from urllib.parse import quote

from sqlalchemy import Connection

from aggregator import exporters
from aggregator import feeds as naming
from aggregator import query as queries
from aggregator.arabic import direction
from aggregator.exporters import opml, shared
from aggregator.store import browsing, reading
from aggregator.types import Change, Feed, Filter
from aggregator.web import views
from aggregator.web.answers import Answer
from aggregator.web.asked import Asked, RefusedError
from aggregator.web.links import full
from aggregator.web.pages import feed_links, page
from aggregator.web.site import Site
from aggregator.web.texts import LANGUAGES, texts

FORMATS: Final = {"rss": ".rss", "atom": ".atom", "json": ".json"}
#: Numbers of arrival that one archive block spans: of everything, and of a filter.
BLOCK_ALL: Final = 200
BLOCK: Final = 1000
#: Parameters that make another feed of the same filter, of which no hub is told.
_VARIANTS: Final = ("q", "events", "limit", "archive")
#: How long a reader need not ask again; the newest feed, and an archive block that is full.
FRESH, ARCHIVED = "public, max-age=60", "public, max-age=86400"


def feed(site: Site, asked: Asked) -> Answer:
    """Return a feed, or its page for people."""
    format_ = asked.params["format"]
    if format_ not in FORMATS:
        raise RefusedError(404, "unknown format of feed", format_[:20], "rss, atom or json")
    wanted = wanted_by(site, asked)
    number = asked.number("archive", -1, 0, 2**40)
    events = asked.flag("events")
    size = BLOCK if wanted else BLOCK_ALL
    with site.store.read() as connection:
        if number >= 0:
            rows = browsing.block(connection, wanted, number, size)
            if not rows:
                raise RefusedError(404, "no such archive", number)
            rows = list(reading.one_per_event(rows)) if events else rows
            previous = browsing.block_before(connection, wanted, number * size, size)
            following = browsing.block_after(connection, wanted, (number + 1) * size, size)
            newest = browsing.newest_pk(connection)
            complete = newest >= (number + 1) * size
            if following is not None and newest < (following + 1) * size:
                following = None  # it still grows; "current" leads on
        else:
            rows = reading.newest(connection, wanted, limit=_limit(site, asked), events=events)
            oldest = min((row.pk for row in rows), default=0)
            previous = browsing.block_before(connection, wanted, oldest, size)
            following, complete = None, False
    changes = naming.newest_first(rows)
    described = describe(site, asked, wanted, previous, following)
    if asked.html and not asked.flag("raw"):
        return _readable(site, asked, described, wanted, changes)
    return document(site, format_, described, changes, cache=ARCHIVED if complete else FRESH)


def document(
    site: Site, format_: str, described: Feed, changes: list[Change], *, cache: str = FRESH
) -> Answer:
    """Return a feed in a format."""
    module = exporters.exporter(format_)
    return Answer(
        body=b"".join(module.write(described, changes)),
        content_type=module.CONTENT_TYPE,
        modified=_modified(site, changes),
        cache=cache,
        vary=("Accept",),
        headers=_links(described),
    )


def _links(described: Feed) -> tuple[tuple[str, str], ...]:
    """Return what the ``Link`` header says (W3C WebSub §4, RFC 8288)."""
    links = [f'<{shared.uri(described.self_url)}>; rel="self"'] if described.self_url else []
    links += [f'<{shared.uri(hub)}>; rel="hub"' for hub in described.hubs]
    return (("link", ", ".join(links)),) if links else ()


def _limit(site: Site, asked: Asked) -> int:
    most = max(site.config.feed_limit, 500)
    return asked.number("limit", site.config.feed_limit, 1, most)


def _modified(site: Site, changes: Iterable[Change]) -> datetime | None:
    """Return when the feed last changed: an entry came, changed, or one went away."""
    moments = [change.at for change in changes]
    moments += [change.record.first_seen for change in changes if change.record]
    if not moments:
        return None
    if site.deleted_at:
        moments.append(site.deleted_at)
    return max(moments)


def wanted_by(site: Site, asked: Asked) -> Filter:
    """Return the filter that a feed's path and query name.

    Raises:
        RefusedError: unknown kind or source, a search without words.
    """
    kind, value = asked.params.get("kind", "all"), asked.params.get("value", "").strip()
    wanted = replace(asked.filter(site.sources), cluster=None)
    if cluster := asked.text("cluster"):
        wanted = replace(wanted, cluster=full(cluster))
    if len(value) > 200 or "\x00" in value:
        raise RefusedError(400, "name is too long or no text", value[:60])
    if kind not in _KINDS or (value == "") != (kind in {"all", "search"}):
        raise RefusedError(404, "unknown kind of feed", kind[:60])
    return replace(wanted, **_KINDS[kind](site, asked, value))


def _source(site: Site, _: Asked, value: str) -> dict[str, Any]:
    if value not in site.sources and not _has_articles(site, value):
        raise RefusedError(404, "unknown source", value[:60])
    return {"sources": (value,)}


def _country(_: Site, __: Asked, value: str) -> dict[str, Any]:
    if not (len(value) == 2 and value.isascii() and value.isalpha()):
        raise RefusedError(400, "not a country", value[:60], "two letters, like EG")
    return {"country": value.upper()}


def _search(_: Site, asked: Asked, __: str) -> dict[str, Any]:
    typed = asked.text("q")
    if not typed or not queries.parse(typed):
        raise RefusedError(400, "a search needs words", "q")
    return {"query": typed}


#: kind of feed → the part of the filter that its name sets
_KINDS: Final[dict[str, Callable[[Site, Asked, str], dict[str, Any]]]] = {
    "all": lambda *_: {},
    "source": _source,
    "country": _country,
    "language": lambda _, __, value: {"language": value},
    "keyword": lambda _, __, value: {"keyword": value},
    "cluster": lambda _, __, value: {"cluster": full(value)},
    "search": _search,
}


def _has_articles(site: Site, name: str) -> bool:
    with site.store.read() as connection:
        return bool(browsing.lines(connection, Filter(sources=(name,)), limit=1))


def blocks(site: Site, asked: Asked) -> Iterator[tuple[int, bool]]:
    """Yield the numbers of the archive blocks of a feed, newest first, and whether each is full."""
    wanted = wanted_by(site, asked)
    size = BLOCK if wanted else BLOCK_ALL
    with site.store.read() as connection:
        rows = reading.newest(connection, wanted, limit=_limit(site, asked))
        newest, pk = browsing.newest_pk(connection), min((row.pk for row in rows), default=0)
        while (number := browsing.block_before(connection, wanted, pk, size)) is not None:
            yield number, newest >= (number + 1) * size
            pk = number * size


def describe(
    site: Site, asked: Asked, wanted: Filter, previous: int | None, following: int | None = None
) -> Feed:
    """Return what the feed says of itself, with the address that it was asked by.

    Without a public address it has none of its own, and leads to no archive. An archive block
    leads to its neighbours and to the feed itself (RFC 5005 §4).
    """
    config = replace(site.config, base_url=asked.base)
    lang = site.config.lang if site.config.lang in LANGUAGES else "ar"
    found = naming.describe(config, wanted, site.sources, lang=lang)
    if not (naming.is_pushed(wanted) and not any(map(asked.query.get, _VARIANTS))):
        found = replace(found, hub_url=None, more_hubs=())
    if not asked.base:
        return replace(found, self_url=None, hub_url=None, more_hubs=())
    archive = asked.query.get("archive")
    return replace(
        found,
        home_url=found.home_url if wanted.sources else f"{asked.base}/",
        self_url=_address(asked, wanted, archive),
        previous=None if previous is None else _address(asked, wanted, str(previous)),
        following=None if following is None else _address(asked, wanted, str(following)),
        current=_address(asked, wanted, None) if archive else None,
    )


def _address(asked: Asked, wanted: Filter, archive: str | None) -> str:
    """Return the address of the feed, or of one of its archive blocks.

    However it was written, a feed that hubs are told of has the one address that they are told.
    """
    here = asked.base + quote(asked.path, safe="/:")
    if naming.is_pushed(wanted) and not asked.links.is_static:
        suffix = FORMATS.get(asked.params.get("format", ""), "")
        here = f"{asked.base}/feeds/{naming.path(wanted)}{suffix}"
    if asked.links.is_static:
        head, _, suffix = here.rpartition(".")
        return f"{head}.archive-{archive}.{suffix}" if archive else here
    kept = {name: asked.query.get(name) for name in ("q", "events", "limit")}
    return here + views.query_string(kept | {"archive": archive})


def _readable(
    site: Site, asked: Asked, described: Feed, wanted: Filter, changes: list[Change]
) -> Answer:
    words = texts(asked.lang)
    shown = []
    for change in changes:
        record = change.record
        if record is None:
            continue
        when = record.published or record.first_seen
        shown.append(
            views.Item(
                id=record.id,
                href=asked.links.article(record.id),
                title=record.title,
                lang=record.language,
                dir=record.direction,
                source=record.source.name,
                source_href=asked.links.source(record.source.id),
                source_dir=direction(record.source.name),
                when=words.when(when, record.published_precision),
                datetime=when.isoformat(),
                is_copy=record.copy_of is not None,
                teaser=views.teaser(record),
            )
        )
    answer = page(
        "feed.html",
        asked,
        feed=described,
        items=shown,
        address=described.self_url or "",
        raw=asked.again(raw="1"),
        archive=described.previous,
        feeds=feed_links(asked.links, wanted),
    )
    return replace(
        answer, vary=("Accept", *answer.vary), headers=(*answer.headers, *_links(described))
    )


def subscriptions(site: Site, asked: Asked) -> Answer:
    """Return the OPML of our own feeds of all sources that are switched on or have articles."""
    with site.store.read() as connection:
        return Answer(
            body=opml_of(site, connection, asked.base, asked.lang),
            content_type=opml.CONTENT_TYPE,
            cache=FRESH,
        )


def opml_of(site: Site, connection: Connection, base: str, lang: str) -> bytes:
    """Return the subscription list with our feeds at a public address."""
    with_articles = set(reading.source_ids(connection))
    kept = [
        source for source in site.sources.values() if source.enabled or source.id in with_articles
    ]
    described = naming.describe(replace(site.config, base_url=base), Filter(), {}, lang=lang)
    return b"".join(opml.write_sources(described, kept, base_url=base or None))
