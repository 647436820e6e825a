"""OPML 2.0: the sources and their feeds, grouped by country, for feed readers.

Source: opml.org/spec2.opml (subscription lists).
"""

from collections.abc import Iterable
from itertools import groupby
from typing import Final

from aggregator.exporters.shared import Document
from aggregator.safe_xml import attribute, escape, legal_utf8
from aggregator.types import Change, Feed, Seed, Source, SourceRef

CONTENT_TYPE = "text/x-opml; charset=utf-8"
SUFFIX = ".opml"

_CLOSE: Final = b"</body>\n</opml>\n"


def write(feed: Feed, changes: Iterable[Change]) -> Document:
    """Yield the list of the sources that these articles come from, without their feeds."""
    found = {change.record.source.id: change.record.source for change in changes if change.record}
    yield _head(feed)
    for ref in found.values():
        yield legal_utf8(f"<outline {_site(ref)}/>\n")
    yield _CLOSE
    return len(found)


def write_sources(
    feed: Feed, sources: Iterable[Source], *, base_url: str | None = None, suffix: str = ".rss"
) -> Document:
    """Yield the subscription list of the sources, grouped by country.

    Args:
        feed: names the document.
        sources: a source without a feed of its own is listed as a link.
        base_url: where we serve our own feed of each source; None: the sources' own feeds.
        suffix: which of our feeds.
    """
    yield _head(feed)
    ordered = sorted(sources, key=lambda source: (source.country, source.id))
    for country, group in groupby(ordered, key=lambda source: source.country):
        yield legal_utf8(f'<outline text="{attribute(country)}">\n')
        for source in group:
            yield legal_utf8(_source(source, base_url, suffix))
        yield b"</outline>\n"
    yield _CLOSE
    return len(ordered)


def _head(feed: Feed) -> bytes:
    return legal_utf8(
        '<?xml version="1.0" encoding="utf-8"?>\n<opml version="2.0">\n'
        f"<head><title>{escape(feed.title)}</title></head>\n<body>\n"
    )


def _source(source: Source, base_url: str | None, suffix: str) -> str:
    if base_url:
        ours = f"{base_url.rstrip('/')}/feeds/source/{source.id}{suffix}"
        return f"<outline {_site(source)}{_feed(source, ours)}/>\n"
    feeds = [seed for seed in source.seeds if seed.kind == "feed" and seed.enabled]
    if not feeds:
        return f'<outline {_site(source)} type="link" url="{attribute(source.homepage)}"/>\n'
    return "".join(f"<outline {_site(source, seed)}{_feed(source, seed.url)}/>\n" for seed in feeds)


def _site(source: Source | SourceRef, seed: Seed | None = None) -> str:
    name = f"{source.name}: {seed.title}" if seed and seed.title else source.name
    text = attribute(name)
    home = f' htmlUrl="{attribute(source.homepage)}"' if source.homepage else ""
    return f'text="{text}" title="{text}"{home}'


def _feed(source: Source, url: str) -> str:
    return (
        f' type="rss" xmlUrl="{attribute(url)}" language="{attribute(source.language)}"'
        f' category="/{attribute(source.country)}"'
    )
