"""The steps of an article into the store: one module, one class and one verb each.

validate → normalize → gather → identify → deduplicate → enrich → store; ``aggregator.settings`` has
the order. Each makes one call into a function of ``aggregator`` that a test calls with a file.
"""

from typing import Any, NoReturn, Self

from scrapy.exceptions import DropItem

from aggregator import ingest
from aggregator.crawl import session
from aggregator.draft import Draft


class Step:
    """What all steps share: the session of their crawler, and how a draft is refused."""

    def __init__(self, crawler: Any) -> None:
        self.session = session.of(crawler)

    @classmethod
    def from_crawler(cls, crawler: Any) -> Self:
        """Return the step of this crawler."""
        return cls(crawler)

    def refuse(self, draft: Draft, reason: str) -> NoReturn:
        """Settle the entry of a draft that is not stored, and drop it."""
        ingest.refuse(draft, self.session.writer, reason)
        self.session.count(draft.source.id, "rejected")
        raise DropItem(f"{draft.article.url}: {reason}")
