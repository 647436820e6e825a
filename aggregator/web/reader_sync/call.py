"""A call of an app, and the plain answers to it."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import cached_property
from typing import Any
from urllib.parse import urlsplit

import orjson
from sqlalchemy import Connection

from aggregator.store import readers
from aggregator.store.readers import Follow, Reader
from aggregator.types import Source
from aggregator.web.answers import JSON, Answer
from aggregator.web.reader_sync import ids
from aggregator.web.reader_sync.access import PRIVATE, TEXT
from aggregator.web.reader_sync.given import Given

#: Of a source that one begins to follow, older articles count as read.
FRESH = timedelta(days=30)


@dataclass(frozen=True, kw_only=True)
class Call:
    """Who calls, with what; reads and writes go through one connection."""

    connection: Connection
    reader: Reader
    given: Given
    sources: Mapping[str, Source]
    base: str
    now: datetime
    path: str = ""

    @cached_property
    def follows(self) -> dict[str, Follow]:
        """What the reader followed when this call came."""
        return readers.followed(self.connection, self.reader.pk)

    @property
    def feeds(self) -> dict[str, Follow]:
        """The same, in the order of a list of sources."""
        return dict(sorted(self.follows.items(), key=lambda each: self.title(each[0])))

    def title(self, source_id: str) -> str:
        """Return what the reader calls a source."""
        follow = self.follows.get(source_id)
        source = self.sources.get(source_id)
        own = follow.title if follow else None
        return own or (source.name if source else source_id)

    def labels(self) -> list[str]:
        """Return the folders."""
        return sorted({each.label for each in self.follows.values() if each.label})

    def source(self, text: str) -> str | None:
        """Return the source that somebody means: its id, our feed of it, its site or its feed."""
        text = text.removeprefix(ids.FEEDS).strip()
        if text in self.sources or text in self.follows:
            return text
        parts = urlsplit(text if "//" in text else f"//{text}")
        name = parts.path.removeprefix("/feeds/source/").rpartition(".")[0]
        if "/feeds/source/" in parts.path and name in self.sources:
            return name
        host = (parts.netloc.rpartition("@")[2].partition(":")[0]).lower().removeprefix("www.")
        for each in self.sources.values():
            if any(seed.url == text for seed in each.seeds):
                return each.id
        own = (each.id for each in self.sources.values() if host and host in _hosts(each))
        return next(own, None)


def _hosts(source: Source) -> set[str]:
    """Return the hosts of a source without ``www.``."""
    home = urlsplit(source.homepage).netloc.partition(":")[0]
    return {each.lower().removeprefix("www.") for each in (home, *source.hosts)}


def as_json(document: Any) -> Answer:
    """Return a document for one person's eyes."""
    return Answer(body=orjson.dumps(document), content_type=JSON, cache=PRIVATE)


def as_text(text: str) -> Answer:
    """Return a line."""
    return Answer(body=text.encode(), content_type=TEXT, cache=PRIVATE)


OK = as_text("OK")
