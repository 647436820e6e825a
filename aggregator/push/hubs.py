"""Tells our WebSub hubs which feeds changed, so that they fetch them and tell their subscribers.

Source: W3C WebSub §7, which leaves the request to hubs; all take ``hub.mode=publish`` with
``hub.url`` (PubSubHubbub 0.4 §7.1), as often as there are feeds. A hub that does not answer is told
again later, then of everything that changed meanwhile: nothing is queued, the cursor just waits.
"""

import asyncio
import logging
import random
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final
from urllib.parse import urlencode

from aggregator import backoff
from aggregator.config import Config
from aggregator.crawl.transport import Transport
from aggregator.errors import FetchError
from aggregator.faults import describe, kind_of_status
from aggregator.feeds import topics
from aggregator.polling import retry_after_s
from aggregator.store import reading, websub
from aggregator.store.engine import Store
from aggregator.store.websub import Ping

log = logging.getLogger(__name__)

#: Feeds that one request names, and seconds between two rounds.
MOST_FEEDS: Final = 50
EVERY_S: Final = 10.0
#: Seconds that our own service may be behind the store.
SETTLE_S: Final = 2.0
TIMEOUT_S: Final = 20.0
_MOST_ANSWER: Final = 10_000


@dataclass
class Publisher:
    """Tells hubs within one loop.

    Attributes:
        may_go: asked before each request.
        settle_s: seconds to wait before hubs are told, until what they fetch is fresh.
        chance: spreads the tries.
    """

    config: Config
    store: Store
    transport: Transport
    now: Callable[[], datetime]
    may_go: Callable[[], bool] = lambda: True
    settle_s: float = SETTLE_S
    chance: Callable[[], float] = random.random

    async def turn(self) -> Counter[str]:
        """Tell each hub what it does not know; return ``feeds requests failed`` → count."""
        tally: Counter[str] = Counter()
        for hub in self.config.all_hubs:
            ping, until, changed = await asyncio.to_thread(self._look, hub)
            if until <= ping.cursor:
                continue
            await asyncio.sleep(self.settle_s)
            await self._tell(ping, until, topics(self.config.base_url, changed), tally)
        return tally

    def _look(self, hub: str) -> tuple[Ping, int, list[tuple[str, str, str]]]:
        """Return how far a hub knows the log, how far it is to know it, and what changed."""
        with self.store.read() as connection:
            until = reading.last_seq(connection)
            found = websub.known_ping(connection, hub)
            if found is not None:
                waits = found.next_at is not None and found.next_at > self.now()
                if waits or until <= found.cursor:
                    return found, found.cursor, []
                return found, until, websub.changed(connection, found.cursor, until)
        with self.store.write() as connection:
            new = websub.add_ping(connection, hub)
        return new, new.cursor, []

    async def _tell(self, ping: Ping, until: int, feeds: list[str], tally: Counter[str]) -> None:
        values: dict[str, Any] = {
            "cursor": until,
            "attempts": 0,
            "next_at": None,
            "reason": None,
            "told_at": self.now(),
        }
        for start in range(0, len(feeds), MOST_FEEDS):
            if not self.may_go():
                return
            batch = feeds[start : start + MOST_FEEDS]
            kind, asked_s = await self._post(ping.hub, batch)
            if kind == "stopped":
                return
            if kind is not None:
                values = self._failed(ping, kind, asked_s)
                tally["failed"] += 1
                break
            tally.update(requests=1, feeds=len(batch))
        await asyncio.to_thread(self._settle, ping.hub, values)

    def _settle(self, hub: str, values: dict[str, Any]) -> None:
        with self.store.write() as connection:
            websub.settle_ping(connection, hub, values)

    def _failed(self, ping: Ping, kind: str, asked_s: float | None) -> dict[str, Any]:
        attempts = ping.attempts + 1
        wait_s = min(backoff.wait_s(attempts, self.chance(), asked_s=asked_s), 3600.0)
        log.warning("hub %s: %s", ping.hub, describe(kind))
        return {
            "attempts": attempts,
            "next_at": self.now() + timedelta(seconds=wait_s),
            "reason": describe(kind),
        }

    async def _post(self, hub: str, feeds: list[str]) -> tuple[str | None, float | None]:
        """Return the word for what went wrong, None if nothing, and what the hub asked for."""
        pairs = [("hub.mode", "publish"), *(("hub.url", feed) for feed in feeds)]
        return await post_form(self.transport, self.config, hub, pairs, self.now())


async def post_form(
    transport: Transport,
    config: Config,
    hub: str,
    pairs: list[tuple[str, str]],
    now: datetime,
) -> tuple[str | None, float | None]:
    """Post a form to a hub; return the word for what went wrong (None: nothing) and Retry-After."""
    from aggregator.crawl.headers import user_agent

    headers = {
        "Content-Type": "application/x-www-form-urlencoded",
        "User-Agent": user_agent(config.contact),
    }
    try:
        reply = await transport.request(
            hub,
            method="POST",
            headers=headers,
            data=urlencode(pairs).encode("ascii"),
            timeout_s=TIMEOUT_S,
            max_body_bytes=_MOST_ANSWER,
            cut=True,
        )
    except FetchError as error:
        return error.kind, None
    given = {name.decode("latin-1").lower(): value for name, value in reply.headers}
    asked = given.get("retry-after", b"").decode("latin-1")
    kind = f"http_{reply.status}" if reply.status == 304 else kind_of_status(reply.status)
    return kind, retry_after_s(asked, now)
