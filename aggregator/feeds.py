"""What a feed of a filter is called, where it lives, and in which order its entries stand."""

import uuid
from collections.abc import Iterable, Mapping
from typing import Protocol
from urllib.parse import quote

from aggregator.config import Config
from aggregator.types import Change, Feed, Filter, Source

#: Namespace of feed ids: one filter has one id for ever, wherever it is served.
NAMESPACE = uuid.UUID("0b1f6a0e-52a5-5c8e-8f6b-6f3b1d4d2a90")
HOME = "https://aggregator.invalid/"
#: Formats that feeds are served in, by the suffix of their addresses.
SUFFIXES = (".rss", ".atom", ".json")


class Row(Protocol):
    """A row of the store as far as feeds need it."""

    def change(self) -> Change:
        """Return the decoded change."""


def path(wanted: Filter) -> str:
    """Return the path of a feed without its suffix, below ``/feeds/``."""
    if len(wanted.sources) == 1:
        return f"source/{quote(wanted.sources[0])}"
    if wanted.keyword:
        return f"keyword/{quote(wanted.keyword, safe='')}"
    if wanted.cluster:
        return f"cluster/{quote(wanted.cluster, safe=':')}"
    if wanted.country:
        return f"country/{quote(wanted.country.upper())}"
    if wanted.language:
        return f"language/{quote(wanted.language)}"
    return "all"


def is_pushed(wanted: Filter) -> bool:
    """Return whether hubs are told of this feed: of all, of one source, country or language.

    A feed that no hub is told of must not name one: its subscribers would wait for ever.
    """
    return wanted in (
        Filter(),
        Filter(sources=wanted.sources[:1]),
        Filter(country=wanted.country),
        Filter(language=wanted.language),
    )


def topics(base_url: str, changed: Iterable[tuple[str, str, str]]) -> list[str]:
    """Return the addresses of the feeds that show articles of these sources.

    Args:
        base_url: public address of the service.
        changed: source, country and language of articles.
    """
    filters = [Filter()]
    for source, country, language in changed:
        filters += [Filter(sources=(source,)), Filter(country=country), Filter(language=language)]
    paths = dict.fromkeys(map(path, filters))
    base = base_url.rstrip("/")
    return [f"{base}/feeds/{each}{suffix}" for each in paths for suffix in SUFFIXES]


def describe(
    config: Config,
    wanted: Filter,
    sources: Mapping[str, Source],
    *,
    lang: str = "en",
    suffix: str = "",
) -> Feed:
    """Return what the feed of a filter says of itself."""
    names = [sources[name].name for name in wanted.sources if name in sources]
    asked = " · ".join(
        part
        for part in (wanted.keyword, wanted.query, wanted.cluster, wanted.country, wanted.language)
        if part
    )
    own = sources.get(wanted.sources[0]) if len(wanted.sources) == 1 else None
    title = " · ".join(part for part in ("، ".join(names), asked) if part)
    base = config.base_url.rstrip("/")
    where = path(wanted)
    key = f"{sorted(wanted.sources)} {asked}"
    fallback = "كل الأخبار" if lang == "ar" else "All news"
    return Feed(
        id=f"urn:uuid:{uuid.uuid5(NAMESPACE, key)}",
        title=title or fallback,
        home_url=own.homepage if own else (f"{base}/" if base else HOME),
        self_url=f"{base}/feeds/{where}{suffix}" if base else None,
        language=own.language if own else wanted.language,
        hub_url=next(iter(config.all_hubs), None),
        more_hubs=config.all_hubs[1:],
    )


def newest_first(rows: Iterable[Row]) -> list[Change]:
    """Return the changes of a feed's window, newest article first."""
    return sorted((row.change() for row in rows), key=_when, reverse=True)


def _when(change: Change) -> tuple[float, int]:
    record = change.record
    if record is None:
        return (0.0, change.seq)
    return ((record.published or record.first_seen).timestamp(), change.seq)
