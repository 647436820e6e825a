"""What our requests say: who we are, what we read, and what we already have.

The user agent is honest: our name, version and, where one is configured, an address to complain to.
Validators (RFC 9110 §13.1) ask for news only. A source's own headers go to its own hosts alone.
"""

from functools import lru_cache
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from scrapy.utils.httpobj import urlparse_cached

from aggregator import __version__
from aggregator.crawl.download import config_of
from aggregator.types import Source

if TYPE_CHECKING:
    from scrapy import Request
    from scrapy.crawler import Crawler

#: the product token that robots.txt names us by
AGENT = "aggregator"
ACCEPT = (
    "text/html,application/xhtml+xml,application/atom+xml,application/rss+xml,"
    "application/feed+json,application/xml;q=0.9,*/*;q=0.8"
)


def user_agent(contact: str) -> str:
    """Return the User-Agent header for a contact address, which may be empty."""
    plain = "".join(letter for letter in contact if " " < letter <= "~" and letter not in "()")
    return f"{AGENT}/{__version__}" + (f" (+{plain})" if plain else "")


class HeadersMiddleware:
    """Adds the headers that a request does not have yet."""

    def __init__(self, crawler: "Crawler") -> None:
        self._user_agent = user_agent(config_of(crawler).contact)

    @classmethod
    def from_crawler(cls, crawler: "Crawler") -> "HeadersMiddleware":
        """Make it as Scrapy does."""
        return cls(crawler)

    def process_request(self, request: "Request") -> None:
        """Set the headers."""
        headers = request.headers
        source = request.meta.get("source")
        if source is not None and source.headers and _is_own(source, request):
            for name, value in source.headers.items():
                headers.setdefault(name, value)
        headers.setdefault(b"User-Agent", self._user_agent)
        headers.setdefault(b"Accept", ACCEPT)
        headers.setdefault(b"Accept-Language", _languages(source.language if source else ""))
        validators = request.meta.get("validators")
        if validators:
            _set(request, b"If-None-Match", validators.get("etag"))
            _set(request, b"If-Modified-Since", validators.get("last_modified"))


def _set(request: "Request", name: bytes, value: str | None) -> None:
    if value and value.isprintable():  # they came from the net
        request.headers.setdefault(name, value)


@lru_cache(maxsize=256)
def _languages(language: str) -> str:
    main = language.partition("-")[0]
    wanted = [each for each in dict.fromkeys((language, main)) if each.isascii() and each]
    return ",".join([*wanted, "en;q=0.5", "*;q=0.3"] if main != "en" else [*wanted, "*;q=0.3"])


def _is_own(source: Source, request: "Request") -> bool:
    """Return whether a request goes to a host of the source, and not by a less secret way."""
    parts = urlparse_cached(request)
    host = (parts.hostname or "").lower()
    homes = [urlsplit(url) for url in (source.homepage, *(seed.url for seed in source.seeds))]
    if parts.scheme == "http":
        return any(home.scheme == "http" and home.hostname == host for home in homes)
    return host in {home.hostname for home in homes} or host in source.hosts
