"""Keeps cookies for the sources that ask for it, each in a jar of its own, for one run.

All others send and keep none, so that no site can tell our visits apart by them.
"""

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from scrapy import Request
    from scrapy.crawler import Crawler
    from scrapy.http import Response


class SourceCookiesMiddleware:
    """Scrapy's cookies, for the few sources that need them."""

    def __init__(self, crawler: "Crawler") -> None:
        self._crawler = crawler
        self._inner: Any = None

    @classmethod
    def from_crawler(cls, crawler: "Crawler") -> "SourceCookiesMiddleware":
        """Make it as Scrapy does."""
        return cls(crawler)

    def process_request(self, request: "Request") -> None:
        """Add the cookies of the source's jar."""
        source = request.meta.get("source")
        if source is not None and source.cookies:
            request.meta["cookiejar"] = source.id
            self._jars().process_request(request)

    def process_response(self, request: "Request", response: "Response") -> "Response":
        """Put new cookies into the source's jar."""
        source = request.meta.get("source")
        if source is not None and source.cookies:
            self._jars().process_response(request, response)
        return response

    def _jars(self) -> Any:
        if self._inner is None:
            from scrapy.downloadermiddlewares import cookies
            from tldextract import TLDExtract

            # As it stands, the first cookie makes it fetch the list of public suffixes, twice,
            # without time limit, in the thread of the event loop.
            cookies._split_domain = TLDExtract(
                suffix_list_urls=(), include_psl_private_domains=True, cache_dir=None
            )
            self._inner = cookies.CookiesMiddleware()
            self._inner.crawler = self._crawler
        return self._inner
