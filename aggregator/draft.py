"""An article on its way into the store: what the pipelines hand from one to the next."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Literal

from aggregator.identity import Alias
from aggregator.types import Article, Entry, Record, Source

Outcome = Literal["new", "edited", "unchanged", "purged"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Relations:
    """What an article has to do with others, for its own record and for theirs.

    Attributes:
        copy_of: key of the article that this one repeats.
        cluster: label of its event.
        fields: values for its own record (``related``, ``also_in``, ``copy_of``, ``cluster``).
        others: key of another article → the fields of its record that change.
    """

    copy_of: int | None = None
    cluster: str | None = None
    fields: Mapping[str, Any] = field(default_factory=dict)
    others: Mapping[int, Mapping[str, Any]] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class Draft:
    """One extracted article with all that its storing needs.

    Attributes:
        seen: our clock when its page or entry came in; becomes ``first_seen`` of a new one.
        entry: the announcement, None where there was none (an import, a replayed page).
        seed_url: the seed that announced it.
        present: canonical addresses that the same seed document announces.
        shared_guid: several entries of that document carry this one's guid.
        sighting: key of the entry in the queue, to be settled with the article.
        imported: the record of an import: its id, times and keywords are kept.
        names: its aliases, set by ``identify``.
        pk: the stored article it is, None: a new one; set by ``identify``.
        fingerprint: what its likeness to others is judged by, set by ``deduplicate``.
        keywords, relations: set by ``enrich``.
        outcome: set by ``store``.
    """

    article: Article
    source: Source
    seen: datetime
    entry: Entry | None = None
    seed_url: str | None = None
    present: frozenset[str] = frozenset()
    shared_guid: bool = False
    sighting: int | None = None
    imported: Record | None = None
    names: tuple[Alias, ...] = ()
    pk: int | None = None
    fingerprint: Any = None
    keywords: tuple[str, ...] = ()
    relations: Relations = Relations()
    outcome: Outcome | None = None
