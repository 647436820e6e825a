"""Tries again what may pass: a broken connection, a server that is busy for a moment.

As often as configured, and only while there is time: tries and redirects of one address share one
clock, so a host that hangs is given up once. A short Retry-After is waited for, with the whole
host; a long one, and 429 without one, are left to the rhythm of polls.
"""

from datetime import UTC, datetime
from typing import TYPE_CHECKING, Final

from aggregator.crawl.download import config_of
from aggregator.crawl.politeness import budgets_of, host_of
from aggregator.errors import FetchError
from aggregator.polling import retry_after_s

if TYPE_CHECKING:
    from scrapy import Request
    from scrapy.crawler import Crawler
    from scrapy.http import Response

#: Longest Retry-After that a run waits for.
MAX_WAIT_S: Final = 60.0
_KINDS: Final = frozenset({"dns", "refused", "unreachable", "reset", "truncated", "proxy"})
_STATUSES: Final = frozenset({408, 425, 500, 502, 503, 504, 520, 521, 522, 523, 524})


class RetryMiddleware:
    """Turns a passing failure into another try, or lets it through."""

    def __init__(self, crawler: "Crawler") -> None:
        self._crawler = crawler
        config = config_of(crawler)
        self._retries = config.retries
        self._most_spent_s = config.timeout_s / 2

    @classmethod
    def from_crawler(cls, crawler: "Crawler") -> "RetryMiddleware":
        """Make it as Scrapy does."""
        return cls(crawler)

    def process_exception(self, request: "Request", exception: Exception) -> "Request | None":
        """Return another try, or None."""
        passing = isinstance(exception, FetchError) and exception.kind in _KINDS
        if not passing or request.meta.get("robots_failed"):
            return None
        return self._again(request)

    def process_response(self, request: "Request", response: "Response") -> "Request | Response":
        """Return another try, or the answer."""
        status = response.status
        if status not in _STATUSES and status != 429:
            return response
        header = response.headers.get(b"Retry-After")
        wait_s = retry_after_s(header.decode("latin-1"), datetime.now(UTC)) if header else None
        if (wait_s is None and status == 429) or (wait_s or 0.0) > MAX_WAIT_S:
            return response
        again = self._again(request)
        if again is not None and wait_s:
            budgets_of(self._crawler).hold(host_of(request), wait_s)
        return again or response

    def _again(self, request: "Request") -> "Request | None":
        times = request.meta.get("retry_times", 0)
        if times >= self._retries or request.meta.get("spent_s", 0.0) > self._most_spent_s:
            return None
        again = request.copy()
        again.dont_filter = True
        again.priority = request.priority - 1
        again.meta["retry_times"] = times + 1
        return again
