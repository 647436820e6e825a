"""Scrapy's way to the net: a download handler over :class:`aggregator.crawl.transport.Transport`.

Reads these keys of ``request.meta``: ``timeout_s``, ``max_body_bytes`` and ``cut`` (see
:meth:`Transport.request`). Writes ``wire_bytes`` and ``download_latency`` (seconds), for failures
too. ``spent_s`` counts what retries and redirects before this one took: all of them together have
no more than the configured time.
"""

import ipaddress
import time
from typing import TYPE_CHECKING
from weakref import WeakKeyDictionary

from scrapy.core.downloader.handlers.base import BaseDownloadHandler
from scrapy.http import Headers
from scrapy.responsetypes import responsetypes

from aggregator.config import Config
from aggregator.crawl.decoding import ACCEPT_ENCODING
from aggregator.crawl.transport import Reply, Transport
from aggregator.faults import fault

if TYPE_CHECKING:
    from scrapy import Request
    from scrapy.crawler import Crawler
    from scrapy.http import Response

#: Less time than this is not worth a connection.
_LEAST_S = 0.5
#: http and https are two handlers of one crawler, which share their connections.
_transports: "WeakKeyDictionary[Crawler, Transport]" = WeakKeyDictionary()


def config_of(crawler: "Crawler") -> Config:
    """Return the configuration that the crawler was given, or the defaults."""
    config = crawler.settings.get("AGGREGATOR_CONFIG")
    return config if isinstance(config, Config) else Config()


def transport_of(crawler: "Crawler") -> Transport:
    """Return the crawler's one transport."""
    transport = _transports.get(crawler)
    if transport is None:
        transport = _transports[crawler] = Transport(config_of(crawler))
    return transport


class GuardedDownloadHandler(BaseDownloadHandler):
    """Serves http and https within the limits of the configuration."""

    lazy = False

    def __init__(self, crawler: "Crawler") -> None:
        super().__init__(crawler)
        self._timeout_s = config_of(crawler).timeout_s
        self._transport = transport_of(crawler)

    async def download_request(self, request: "Request") -> "Response":
        """Return the answer; raises FetchError."""
        meta = request.meta
        spent_s = meta.get("spent_s", 0.0)
        limit_s = min(meta.get("timeout_s", self._timeout_s), self._timeout_s - spent_s)
        if limit_s < _LEAST_S:
            raise fault("timeout", request.url, f"after {spent_s:.0f} s of tries and redirects")
        headers = request.headers
        if b"Accept-Encoding" not in headers:
            headers[b"Accept-Encoding"] = ACCEPT_ENCODING
        began = time.monotonic()
        try:
            reply = await self._transport.request(
                request.url,
                method=request.method,
                headers=[(name, value) for name, values in headers.items() for value in values],
                data=request.body or None,
                timeout_s=limit_s,
                max_body_bytes=meta.get("max_body_bytes"),
                cut=meta.get("cut", False),
            )
        finally:
            now = time.monotonic()
            meta["download_latency"] = now - began
            meta["spent_s"] = spent_s + now - began
            self._start_delay(meta.get("download_slot"), now)
        meta["wire_bytes"] = reply.wire_bytes
        return _response(reply)

    def _start_delay(self, key: str | None, now: float) -> None:
        """Let the host's delay count from the end of this request.

        Scrapy counts from its start, so that the second of two follows the first too soon whenever
        looking up and connecting took time.
        """
        slot = self.crawler.engine.downloader.slots.get(key or "")
        if slot is not None:
            slot.lastseen = max(slot.lastseen, now)

    async def close(self) -> None:
        """Close all connections."""
        _transports.pop(self.crawler, None)
        await self._transport.close()


def _response(reply: Reply) -> "Response":
    headers = Headers(list(reply.headers))
    headers.pop(b"Content-Encoding", None)  # undone already
    kind = responsetypes.from_args(headers=headers, url=reply.url, body=reply.body)
    return kind(
        url=reply.url,
        status=reply.status,
        headers=headers,
        body=reply.body,
        flags=["cut"] if reply.is_cut else [],
        certificate=reply.certificate,
        ip_address=ipaddress.ip_address(reply.address.partition("%")[0]) if reply.address else None,
        protocol=reply.protocol,
    )
