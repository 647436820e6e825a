"""Ends a crawl soon, whatever hangs or waits.

Scrapy's own stop waits for every request under way, which may be a slow server or a host that wants
two minutes between requests. Here requests that wait for their turn end at once, those on the wire
after a short grace; each ends in its errback as a fault ``stopped``, which is nobody's fault.
"""

import asyncio
from typing import TYPE_CHECKING, Final

from twisted.python.failure import Failure

from aggregator.crawl.download import transport_of
from aggregator.faults import fault

if TYPE_CHECKING:
    from scrapy.crawler import Crawler

GRACE_S: Final = 3.0


async def stop(crawler: "Crawler", grace_s: float = GRACE_S) -> None:
    """Stop a crawler; return when it has stopped.

    Args:
        crawler: running.
        grace_s: how long requests on the wire may go on.
    """
    stopping = asyncio.ensure_future(crawler.stop_async())
    loop = asyncio.get_running_loop()
    end = loop.time() + grace_s
    while not stopping.done():
        _drop_waiting(crawler)
        if loop.time() >= end:
            transport_of(crawler).abandon()
        await asyncio.wait({stopping}, timeout=min(0.1, max(grace_s, 0.01)))
    await stopping


def _drop_waiting(crawler: "Crawler") -> None:
    for slot in list(crawler.engine.downloader.slots.values()):
        while slot.queue:
            request, answer = slot.queue.popleft()
            failure = Failure(fault("stopped", request.url))  # type: ignore[no-untyped-call]
            answer.errback(failure)
