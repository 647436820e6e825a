"""Follows redirects, each hop as a request of its own: guarded, polite, obeying robots.txt.

RFC 9110 §15.4. Only to http and https, no circles, at most ten hops (``redirect_limit`` in
``request.meta`` sets another number). Another origin gets none of the headers that were made for
the first: no Authorization, no cookies, no keys of any name. Pages that redirect by HTML are not
followed.
"""

from typing import TYPE_CHECKING
from urllib.parse import urldefrag, urljoin

from scrapy.utils.httpobj import urlparse_cached
from w3lib.url import safe_url_string

from aggregator.faults import fault

if TYPE_CHECKING:
    from scrapy import Request
    from scrapy.crawler import Crawler
    from scrapy.http import Response

MAX_HOPS = 10
_STATUSES = frozenset({301, 302, 303, 307, 308})
PERMANENT = frozenset({301, 308})
_PORTS = {"http": 80, "https": 443}
#: what belongs to one answer or one slot and must not travel
_OF_ONE_HOP = ("download_slot", "download_latency", "wire_bytes", "depth")


class RedirectMiddleware:
    """Turns an answer that redirects into the next request."""

    @classmethod
    def from_crawler(cls, crawler: "Crawler") -> "RedirectMiddleware":
        """Make it as Scrapy does."""
        return cls()

    def process_response(self, request: "Request", response: "Response") -> "Request | Response":
        """Return the next request, or the answer if it does not redirect.

        Raises:
            FetchError: ``scheme``, ``redirect_loop``, ``redirect_limit`` or ``bad_url``.
        """
        location = response.headers.get(b"Location")
        if response.status not in _STATUSES or not location:
            return response
        url = _target(request.url, location)
        before = [*request.meta.get("redirect_urls", ()), request.url]
        source = request.meta.get("source")
        seen = () if source is not None and source.cookies else before  # to set one and come back
        if urldefrag(url).url in {urldefrag(each).url for each in seen}:
            raise fault("redirect_loop", before[0], f"back to {url}", status=response.status)
        if len(before) > request.meta.get("redirect_limit", MAX_HOPS):
            raise fault("redirect_limit", before[0], f"at {url}", status=response.status)
        return _follow(request, response.status, url, before)


def _target(base: str, location: bytes) -> str:
    """Return the absolute address, quoted; real servers send raw UTF-8 and blanks."""
    try:
        url = urljoin(base, safe_url_string(_text(location.strip())))
        scheme = url.partition(":")[0].lower()
    except (ValueError, UnicodeError) as error:
        raise fault("bad_url", base, error) from error
    if scheme not in _PORTS:
        raise fault("scheme", base, f"redirects to {scheme}:")
    return url


def _text(location: bytes) -> str:
    try:
        return location.decode()
    except UnicodeDecodeError:  # some old charset: the server wants its own octets back
        return "".join(chr(octet) if octet < 0x80 else f"%{octet:02X}" for octet in location)


def _follow(request: "Request", status: int, url: str, before: list[str]) -> "Request":
    to_get = (status == 303 and request.method != "HEAD") or (
        status in {301, 302} and request.method == "POST"
    )
    try:
        # A second way to an address that was already asked for still has to answer its callback.
        follower = request.replace(url=url, dont_filter=True)
    except ValueError as error:
        raise fault("bad_url", before[0], f"redirects to {url}") from error
    if to_get:
        follower = follower.replace(method="GET", body=b"")
    follower.headers.pop(b"Cookie", None)  # the jar knows whose they are
    if _origin(request) != _origin(follower):
        follower.headers.clear()
    for name in _OF_ONE_HOP:
        follower.meta.pop(name, None)
    statuses = (*request.meta.get("redirect_statuses", ()), status)
    follower.meta.update(redirect_urls=before, redirect_statuses=statuses)
    return follower


def _origin(request: "Request") -> tuple[str, str, int | None]:
    parts = urlparse_cached(request)
    return parts.scheme, (parts.hostname or "").lower(), parts.port or _PORTS.get(parts.scheme)


def moved_to(meta: dict[str, object], final_url: str) -> str | None:
    """Return where an address has moved for good, None if it has not.

    Args:
        meta: of the request that was answered.
        final_url: the answer's address.

    Only a chain of nothing but permanent redirects (301, 308) moves an address.
    """
    statuses = meta.get("redirect_statuses")
    if isinstance(statuses, tuple) and statuses and PERMANENT.issuperset(statuses):
        return final_url
    return None
