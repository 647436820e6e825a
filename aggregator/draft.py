"""An article on its way into the store: what the pipelines hand from one to the next."""

from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Literal

from aggregator.types import Article, Entry, Record, Source

if TYPE_CHECKING:  # who makes these has imported them; polls that bring no articles need none
    from aggregator.identity import Alias
    from aggregator.keywords import Candidates
    from aggregator.placing import Placement
    from aggregator.similarity import Fingerprint

Outcome = Literal["new", "edited", "unchanged", "purged"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Ready:
    """What was worked out of a draft beforehand, by another process.

    Attributes:
        article: with display text in every field (``cleaning.normalize``); the rest is of it.
        candidates: what it may be about; ``keywords.best`` chooses.
    """

    article: Article
    print: "Fingerprint"
    candidates: "Candidates"


@dataclass(frozen=True, slots=True, kw_only=True, repr=False)
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
        ready: what is known already of the steps that need no writing.
        names: its aliases, set by ``identify``.
        pk: the stored article it is, None: a new one; set by ``identify``.
        placement: whose copy it is, set by ``deduplicate``; its event and related articles, set
            by ``enrich``.
        keywords: set by ``enrich``.
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
    ready: Ready | None = None
    names: "tuple[Alias, ...]" = ()
    pk: int | None = None
    placement: "Placement | None" = None
    keywords: tuple[str, ...] = ()
    outcome: Outcome | None = None

    def __repr__(self) -> str:
        """Return a short name: logs print drafts, and articles are long."""
        return f"<Draft {self.source.id} {self.article.url}>"
