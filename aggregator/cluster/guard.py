"""Lets a request go only to a host that this worker holds, whatever a feed or a redirect names."""

from typing import TYPE_CHECKING

from aggregator.crawl import session as sessions
from aggregator.crawl.politeness import host_of
from aggregator.faults import fault

if TYPE_CHECKING:
    from scrapy import Request
    from scrapy.crawler import Crawler


class LeaseMiddleware:
    """The first that sees a request; what may not go stays in the queue of the store."""

    def __init__(self, crawler: "Crawler") -> None:
        self._session = sessions.of(crawler)

    @classmethod
    def from_crawler(cls, crawler: "Crawler") -> "LeaseMiddleware":
        """Make it as Scrapy does."""
        return cls(crawler)

    def process_request(self, request: "Request") -> None:
        """Raise the fault ``stopped`` for a host that another worker holds.

        Raises:
            TemporaryFetchError: not now.
            StoreError: the leases cannot be read.
        """
        may_ask = self._session.may_ask
        if may_ask is not None and not may_ask(host_of(request)):
            raise fault("stopped", request.url, "another worker holds this host")
