"""The steps of an article into the store: one module, one class and one verb each.

validate → normalize → gather → identify → deduplicate → enrich → store; ``aggregator.settings`` has
the order. Each makes one call into a function of ``aggregator`` that a test calls with a file. What
the steps need is imported with the first draft, since most polls bring none.
"""

from typing import Any, NoReturn, Self

from scrapy.exceptions import DropItem

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
        from aggregator import ingest

        ingest.refuse(draft, self.session.writer, reason)
        self.session.count(draft.source.id, "rejected")
        raise DropItem(f"{draft.article.url}: {reason}")
