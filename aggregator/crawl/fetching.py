"""Pages one at a time for commands that look at a site: guarded, polite, redirects followed."""

import asyncio
import time
from datetime import UTC, datetime
from types import TracebackType
from typing import Final, Self

from aggregator.config import Config
from aggregator.crawl.decoding import ACCEPT_ENCODING
from aggregator.crawl.headers import user_agent
from aggregator.crawl.transport import Reply, Transport
from aggregator.faults import fault
from aggregator.types import Page
from aggregator.urls import absolute, host

_MOST_REDIRECTS: Final = 5
_REDIRECTS: Final = frozenset({301, 302, 303, 307, 308})


class Fetcher:
    """Fetches pages in a loop of its own; use it as a context manager, from one thread."""

    def __init__(self, config: Config) -> None:
        self._config = config
        self._runner = asyncio.Runner()
        self._transport = Transport(config)
        self._last: dict[str, float] = {}

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._runner.run(self._transport.close())
        self._runner.close()

    def get(self, url: str, *, delay_s: float | None = None) -> Page:
        """Return the page at an address, whatever its status.

        Raises:
            FetchError: no answer, with the kind of fault.
        """
        hops: list[str] = []
        reply = self._ask(url, delay_s)
        while reply.status in _REDIRECTS:
            target = absolute(reply.url, _header(reply, b"location"))
            if target is None:
                break
            if target in hops or len(hops) >= _MOST_REDIRECTS:
                raise fault("redirect_loop", url)
            hops.append(reply.url)
            reply = self._ask(target, delay_s)
        headers: dict[str, str] = {}
        for name, value in reply.headers:
            headers[name.decode("latin-1").lower()] = value.decode("latin-1")
        return Page(
            url=reply.url,
            body=reply.body,
            status=reply.status,
            headers=headers,
            requested=url,
            redirects=tuple(hops),
            fetched=datetime.now(UTC),
        )

    def _ask(self, url: str, delay_s: float | None) -> Reply:
        wait_s = self._config.delay_s if delay_s is None else delay_s
        name = host(url)
        since = time.monotonic() - self._last.get(name, -1e9)
        if since < wait_s:
            time.sleep(wait_s - since)
        headers = {
            "User-Agent": user_agent(self._config.contact),
            "Accept": "text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8",
            "Accept-Encoding": ACCEPT_ENCODING.decode(),
        }
        try:
            return self._runner.run(self._transport.request(url, headers=headers))
        finally:
            self._last[name] = time.monotonic()


def _header(reply: Reply, name: bytes) -> str | None:
    found = (value for key, value in reply.headers if key.lower() == name)
    value = next(found, None)
    return value.decode("utf-8", "replace") if value is not None else None
