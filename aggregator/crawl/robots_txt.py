"""Obeys robots.txt (RFC 9309) for every request of every source that does not say ``ignore``.

One file per origin and day, kept over the runs in the file that the Scrapy setting
``AGGREGATOR_ROBOTS_FILE`` names. What an answer means:

* success: its rules; a page of HTML has none
* 4xx, or redirects that lead nowhere: no rules, all is allowed
* 429, 5xx, no answer: the rules of before if there are any, else nothing may be fetched for now;
  requests then fail with what kept us from robots.txt
"""

import asyncio
import time
from collections.abc import Callable
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import orjson
from scrapy import Request, signals
from scrapy.http.request import NO_CALLBACK
from scrapy.utils.httpobj import urlparse_cached

from aggregator.crawl.headers import AGENT
from aggregator.crawl.politeness import budgets_of
from aggregator.errors import FetchError
from aggregator.faults import fault
from aggregator.robots import ALLOW_ALL, MAX_BYTES, Robots, parse

if TYPE_CHECKING:
    from scrapy.crawler import Crawler
    from scrapy.http import Response

FRESH_S: Final = 86_400.0
#: How long a failure counts, so that 30 waiting pages ask a broken host once.
_FAILED_S: Final = 600.0
_MAX_HOPS: Final = 5
_MAX_ORIGINS: Final = 5_000
_NOWHERE: Final = frozenset({"redirect_loop", "redirect_limit", "scheme", "bad_url"})


@dataclass(frozen=True, slots=True)
class _Known:
    """Rules and when they were fetched, seconds since 1970."""

    robots: Robots
    at: float


class RobotsCache:
    """The rules of many origins; ``load`` and ``save`` keep them in a file between runs.

    Args:
        path: the file; None keeps nothing.
        clock: seconds since 1970.
    """

    def __init__(self, path: Path | None = None, clock: Callable[[], float] = time.time) -> None:
        self._path, self._clock = path, clock
        self._known: dict[str, _Known] = {}
        self._failed: dict[str, tuple[FetchError, float]] = {}
        self._changed = False
        self._load()

    def fresh(self, origin: str) -> Robots | FetchError | None:
        """Return what is known for now: rules, the failure to get them, or None."""
        known = self._known.get(origin)
        now = self._clock()
        if known is not None and known.at <= now < known.at + FRESH_S:
            return known.robots
        error, until = self._failed.get(origin, (None, 0.0))
        if error is not None and now < until <= now + _FAILED_S:
            return known.robots if known is not None else error
        return None

    def learn(self, origin: str, robots: Robots) -> None:
        """Keep rules as of now."""
        self._failed.pop(origin, None)
        self._known.pop(origin, None)  # to the end: the oldest are dropped first
        self._known[origin] = _Known(robots, self._clock())
        self._changed = True
        while len(self._known) > _MAX_ORIGINS:
            del self._known[next(iter(self._known))]

    def fail(self, origin: str, error: FetchError) -> Robots | FetchError:
        """Note that robots.txt cannot be had; return what counts meanwhile."""
        self._failed[origin] = (error, self._clock() + _FAILED_S)
        known = self._known.get(origin)
        return known.robots if known is not None else error

    def save(self) -> None:
        """Write the file, if there is one and anything changed."""
        if self._path is None or not self._changed:
            return
        table = {
            origin: {"at": known.at, **asdict(known.robots)}
            for origin, known in self._known.items()
        }
        partial = self._path.with_suffix(f".{id(self):x}.part")
        try:
            self._path.parent.mkdir(parents=True, exist_ok=True)
            partial.write_bytes(orjson.dumps(table))
            partial.replace(self._path)
            self._changed = False
        except OSError:  # a convenience: without it, robots.txt is asked for again
            partial.unlink(missing_ok=True)

    def _load(self) -> None:
        if self._path is None:
            return
        try:
            table = orjson.loads(self._path.read_bytes())
            self._known = {origin: _read(entry) for origin, entry in table.items()}
        except (OSError, ValueError, TypeError, KeyError, AttributeError):
            self._known = {}


def _read(entry: dict[str, Any]) -> _Known:
    delay_s = entry["crawl_delay_s"]
    robots = Robots(
        rules=tuple((str(pattern), bool(allowed)) for pattern, allowed in entry["rules"]),
        crawl_delay_s=None if delay_s is None else float(delay_s),
        sitemaps=tuple(map(str, entry["sitemaps"])),
    )
    return _Known(robots, float(entry["at"]))


class RobotsMiddleware:
    """Stops requests that robots.txt forbids, and takes over its Crawl-delay."""

    def __init__(self, crawler: "Crawler") -> None:
        self._crawler = crawler
        path = crawler.settings.get("AGGREGATOR_ROBOTS_FILE")
        clock = crawler.settings.get("AGGREGATOR_ROBOTS_CLOCK") or time.time
        self._cache = RobotsCache(Path(path) if path else None, clock)
        self._pending: dict[str, asyncio.Task[Robots | FetchError]] = {}
        crawler.signals.connect(self._closed, signals.spider_closed)

    @classmethod
    def from_crawler(cls, crawler: "Crawler") -> "RobotsMiddleware":
        """Make it as Scrapy does."""
        return cls(crawler)

    async def process_request(self, request: Request) -> None:
        """Let the request pass.

        Raises:
            FetchError: ``robots``, or what kept us from reading robots.txt.
        """
        source = request.meta.get("source")
        if request.meta.get("is_robots_txt") or (source is not None and source.robots == "ignore"):
            return
        parts = urlparse_cached(request)
        origin = f"{parts.scheme}://{parts.netloc.rpartition('@')[2].lower()}"
        answer = self._cache.fresh(origin)
        if answer is None:
            answer = await self._ask(origin, source)
        if isinstance(answer, FetchError):
            request.meta["robots_failed"] = True
            where = str(answer.identity or request.url)
            raise fault(answer.kind, where, answer.cause, status=answer.status)
        if answer.crawl_delay_s:
            budgets_of(self._crawler).crawl_delay(parts.hostname or "", answer.crawl_delay_s)
        if not answer.allows(request.url):
            raise fault("robots", request.url)

    async def _ask(self, origin: str, source: object) -> Robots | FetchError:
        """Return what one fetch says, shared by all who wait for it."""
        task = self._pending.get(origin)
        if task is None:
            task = self._pending[origin] = asyncio.ensure_future(self._fetch(origin, source))
            task.add_done_callback(lambda _: self._pending.pop(origin, None))
        return await asyncio.shield(task)

    async def _fetch(self, origin: str, source: object) -> Robots | FetchError:
        url = f"{origin}/robots.txt"
        request = Request(
            url,
            callback=NO_CALLBACK,
            dont_filter=True,
            meta={
                "is_robots_txt": True,
                "source": source,
                "redirect_limit": _MAX_HOPS,
                "max_body_bytes": MAX_BYTES,
                "cut": True,
            },
        )
        try:
            response = await self._crawler.engine.download_async(request)
        except FetchError as error:
            if error.kind == "stopped":
                return error
            if error.kind not in _NOWHERE:
                return self._cache.fail(origin, error)
            robots = ALLOW_ALL
        else:
            if response.status == 429 or response.status >= 500:
                busy = fault("robots_unreachable", url, status=response.status)
                return self._cache.fail(origin, busy)
            robots = _rules(response)
        self._cache.learn(origin, robots)
        return robots

    def _closed(self) -> None:
        self._cache.save()


def _rules(response: "Response") -> Robots:
    return parse(response.body, AGENT) if 200 <= response.status < 300 else ALLOW_ALL
