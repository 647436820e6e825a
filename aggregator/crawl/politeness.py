"""One budget per host, over all sources: how many requests at once, and how long between two.

Three parts that work on Scrapy's own slots (one slot a host):

* :class:`HostBudgets` knows what is asked of us for each host: the strictest of the sources' own
  values, robots.txt and Retry-After, and writes it into the slots.
* :class:`HostBudgetMiddleware` feeds it from each request.
* :class:`HostQueue` hands out only requests whose host is free now. Scrapy would let requests wait
  inside the downloader, where a few slow hosts fill it up and starve all others.

Delays count from the end of a request to the start of the next and are never shortened by chance,
as Scrapy's jitter would.
"""

import time
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any
from weakref import WeakKeyDictionary

from scrapy import signals
from scrapy.pqueues import DownloaderAwarePriorityQueue, DownloaderInterface
from scrapy.utils.asyncio import CallLaterResult, call_later
from scrapy.utils.httpobj import urlparse_cached

from aggregator.config import Config
from aggregator.crawl.download import config_of
from aggregator.types import Source

if TYPE_CHECKING:
    from scrapy import Request
    from scrapy.core.downloader import Slot
    from scrapy.crawler import Crawler

#: A slot without delay cannot be held, so one that must be gets at least this.
_LEAST_DELAY_S = 0.001
_budgets: "WeakKeyDictionary[Crawler, HostBudgets]" = WeakKeyDictionary()


@dataclass(slots=True)
class _Budget:
    """What is asked of us for one host."""

    concurrency: int | None = None
    delay_s: float | None = None
    crawl_delay_s: float = 0.0


class HostBudgets:
    """The budgets of one crawler; get it by :func:`budgets_of`."""

    def __init__(self, crawler: "Crawler", config: Config) -> None:
        self._crawler, self._config = crawler, config
        self._hosts: dict[str, _Budget] = {}

    def ask(self, host: str, source: Source | None) -> None:
        """Take over what a source says; where several share a host, the strictest counts."""
        budget = self._hosts.get(host)
        if budget is None:
            budget = self._hosts[host] = _Budget()
        delay_s = self._config.delay_s
        concurrency = 1
        if source is not None:
            delay_s = delay_s if source.delay_s is None else source.delay_s
            concurrency = max(1, source.concurrency)
        before = (budget.concurrency, budget.delay_s)
        budget.concurrency = min(concurrency, budget.concurrency or concurrency)
        budget.delay_s = max(delay_s, budget.delay_s or 0.0)
        if before != (budget.concurrency, budget.delay_s):
            self._write(host, budget)

    def crawl_delay(self, host: str, seconds: float) -> None:
        """Take over the Crawl-delay of robots.txt, up to the configured most."""
        budget = self._hosts.setdefault(host, _Budget())
        capped = min(seconds, self._config.max_crawl_delay_s)
        if capped > budget.crawl_delay_s:
            budget.crawl_delay_s = capped
            self._write(host, budget)

    def hold(self, host: str, seconds: float) -> None:
        """Send nothing to a host for some time, as its Retry-After asks."""
        slot = self._slot(host)
        if slot is not None:
            slot.delay = max(slot.delay, _LEAST_DELAY_S)
            slot.lastseen = max(slot.lastseen, time.monotonic() + seconds - slot.delay)

    def _write(self, host: str, budget: _Budget) -> None:
        delay_s = max(budget.delay_s or 0.0, budget.crawl_delay_s)
        concurrency = budget.concurrency or 1
        # Slots come and go; a new one is made from these settings.
        self._crawler.engine.downloader.per_slot_settings[host] = {
            "concurrency": concurrency,
            "delay": delay_s,
            "jitter": 0.0,
        }
        slot = self._slot(host)
        if slot is not None:
            slot.concurrency, slot.delay, slot.jitter = concurrency, delay_s, 0.0

    def _slot(self, host: str) -> "Slot | None":
        slot: Slot | None = self._crawler.engine.downloader.slots.get(host)
        return slot


def budgets_of(crawler: "Crawler") -> HostBudgets:
    """Return the crawler's budgets."""
    budgets = _budgets.get(crawler)
    if budgets is None:
        budgets = _budgets[crawler] = HostBudgets(crawler, config_of(crawler))
    return budgets


def host_of(request: "Request") -> str:
    """Return the host that a request goes to, which names its slot."""
    return urlparse_cached(request).hostname or ""


class HostBudgetMiddleware:
    """Puts each request into its host's slot, with that host's budget."""

    def __init__(self, crawler: "Crawler") -> None:
        self._crawler = crawler

    @classmethod
    def from_crawler(cls, crawler: "Crawler") -> "HostBudgetMiddleware":
        """Make it as Scrapy does."""
        return cls(crawler)

    def process_request(self, request: "Request") -> None:
        """Set slot and budget."""
        host = host_of(request)
        budgets_of(self._crawler).ask(host, request.meta.get("source"))
        request.meta["download_slot"] = host


class _FreeHosts(DownloaderInterface):
    """Tells the queue which hosts can take a request now, and wakes the engine for the next."""

    def __init__(self, crawler: "Crawler") -> None:
        super().__init__(crawler)
        self._crawler = crawler
        self._timer: CallLaterResult | None = None
        self._due = 0.0
        crawler.signals.connect(self._cancel, signals.spider_closed)

    def stats(self, possible_slots: Iterable[str]) -> list[tuple[int, str]]:
        """Return (requests under way, host) for each host that is free."""
        downloader = self.downloader
        busy = Counter(map(downloader.get_slot_key, downloader.active))
        now = time.monotonic()
        free = []
        next_due = 0.0
        for host in possible_slots:
            settings = downloader.per_slot_settings.get(host)
            most = settings["concurrency"] if settings else downloader.domain_concurrency
            if busy[host] >= most:
                continue
            slot = downloader.slots.get(host)
            due = slot.lastseen + slot.delay if slot is not None and slot.delay else 0.0
            if due <= now:
                free.append((busy[host], host))
            elif not next_due or due < next_due:
                next_due = due
        if next_due and not free:
            self._wake_at(next_due, now)
        return free

    def _wake_at(self, due: float, now: float) -> None:
        if self._timer is not None and now < self._due <= due:
            return
        self._cancel()
        self._due = due
        self._timer = call_later(due - now + 0.001, self._wake)

    def _wake(self) -> None:
        self._timer = None
        slot: Any = self._crawler.engine._slot
        if slot is not None:
            slot.nextcall.schedule()

    def _cancel(self) -> None:
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None


class HostQueue(DownloaderAwarePriorityQueue):
    """Priority queue that gives out requests of free hosts only."""

    def __init__(self, crawler: "Crawler", *args: Any, **kwargs: Any) -> None:
        super().__init__(crawler, *args, **kwargs)
        self._downloader_interface = _FreeHosts(crawler)
