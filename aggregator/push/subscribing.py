"""Subscribes to the WebSub hubs that seeds name, renews in time, and leaves where they name none.

Source: W3C WebSub §5. A subscription has a callback that nobody can guess and a secret that signs
what is pushed; the hub must confirm both ways by calling back (:mod:`aggregator.web.websub`), which
may happen before it answers here. What is pushed only lets the seed be polled at once: the crawl
fetches it, with all its manners. Polls go on, seldom, in case the hub says nothing.
"""

import asyncio
import logging
import random
import secrets
from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final
from urllib.parse import urlsplit

from aggregator import backoff
from aggregator.config import Config
from aggregator.crawl import address_guard
from aggregator.crawl.transport import Transport
from aggregator.faults import describe
from aggregator.push.hubs import post_form
from aggregator.store import websub
from aggregator.store.engine import Store
from aggregator.store.websub import Subscription
from aggregator.types import Source

log = logging.getLogger(__name__)

#: Lease that is asked for, in seconds; hubs grant what they like.
LEASE_S: Final = 10 * 86_400
#: Requests of one turn, and seconds between two turns.
MOST: Final = 20
EVERY_S: Final = 30.0
#: Seconds a hub has to call back, before it is asked again.
CONFIRM_S: Final = 3600.0
#: Tries to leave; the lease ends in any case.
LEAVE_TRIES: Final = 3
_FIRST_S: Final = 60.0


def callback_base(config: Config) -> str | None:
    """Return the public address that hubs can call, without a slash at the end; None if none."""
    if not (config.subscribe and config.base_url):
        return None
    try:
        host = urlsplit(config.base_url).hostname
    except ValueError:
        return None
    if not host or host == "localhost" or host.endswith(".localhost"):
        return None
    is_address = address_guard.parse(host) is not None
    if is_address and not address_guard.is_allowed(host, config.allow_networks):
        return None
    return config.base_url.rstrip("/")


@dataclass
class Subscriber:
    """Keeps subscriptions within one loop.

    Attributes:
        sources: gives the catalogue of now.
        may_go: asked before each request.
        chance: spreads the tries.
    """

    config: Config
    sources: Callable[[], Mapping[str, Source]]
    store: Store
    transport: Transport
    now: Callable[[], datetime]
    may_go: Callable[[], bool] = lambda: True
    chance: Callable[[], float] = random.random

    async def turn(self) -> Counter[str]:
        """Do what is due; return ``asked left failed`` → count."""
        tally: Counter[str] = Counter()
        for each in await asyncio.to_thread(self._due):
            if not self.may_go():
                break
            await self._ask(each, tally)
        return tally

    def _due(self) -> list[Subscription]:
        """Match the subscriptions with what seeds name; return those that need a request."""
        now = self.now()
        with self.store.read() as connection:
            named = websub.hubs_of_seeds(connection)
            held = {
                (each.source_id, each.seed_url): each for each in websub.subscriptions(connection)
            }
        wanted = {key: value for key, value in named.items() if self._is_polled(*key)}
        new = [key for key in wanted if key not in held]
        left = [
            each
            for key, each in held.items()
            if wanted.get(key) != (each.hub, each.topic) and each.state != "leaving"
        ]
        if new or left:
            with self.store.write() as connection:
                for key in new:
                    websub.save(connection, *key, _fresh(*wanted[key], now))
                for each in left:
                    websub.save(
                        connection,
                        each.source_id,
                        each.seed_url,
                        {"state": "leaving", "next_at": now, "attempts": 0},
                    )
                held = {
                    (each.source_id, each.seed_url): each
                    for each in websub.subscriptions(connection)
                }
        due = sorted((each for each in held.values() if each.next_at <= now), key=_when)
        return due[:MOST]

    def _is_polled(self, source_id: str, seed_url: str) -> bool:
        source = self.sources().get(source_id)
        return bool(
            source and source.enabled and any(seed.url == seed_url for seed in source.seeds)
        )

    async def _ask(self, each: Subscription, tally: Counter[str]) -> None:
        leaving, now = each.state == "leaving", self.now()
        ended = each.lease_until is None or each.lease_until <= now
        if leaving and (ended or each.attempts >= LEAVE_TRIES):
            await asyncio.to_thread(self._forget, each)
            tally["left"] += 1
            return
        mode = "unsubscribe" if leaving else "subscribe"
        attempts = each.attempts + 1
        before = {
            "asked": mode,
            "asked_at": now,
            "attempts": attempts,
            "next_at": now + timedelta(seconds=max(CONFIRM_S, self._wait_s(attempts))),
        }
        # stored first: the hub may call back before it answers
        await asyncio.to_thread(self._save, each, before)
        pairs = [
            ("hub.mode", mode),
            ("hub.topic", each.topic),
            ("hub.callback", f"{callback_base(self.config)}/websub/{each.token}"),
        ]
        if not leaving:
            pairs += [("hub.lease_seconds", str(LEASE_S)), ("hub.secret", each.secret)]
        kind, asked_s = await post_form(self.transport, self.config, each.hub, pairs, now)
        if kind is None:
            tally["asked"] += 1
            return
        tally["failed"] += 1
        wait_s = self._wait_s(attempts, asked_s)
        log.warning("hub %s of %s: %s", each.hub, each.source_id, describe(kind))
        after: dict[str, Any] = {
            "reason": describe(kind),
            "next_at": self.now() + timedelta(seconds=wait_s),
        }
        if each.state in {"new", "denied"}:
            after["state"] = "failed"
        await asyncio.to_thread(self._save, each, after, attempts)

    def _wait_s(self, attempts: int, asked_s: float | None = None) -> float:
        return backoff.wait_s(attempts, self.chance(), asked_s=asked_s, first_s=_FIRST_S)

    def _save(
        self, each: Subscription, values: Mapping[str, Any], attempts: int | None = None
    ) -> None:
        with self.store.write() as connection:
            if attempts is not None:
                found = websub.by_token(connection, each.token)
                if found is None or found.attempts != attempts:
                    return  # the hub called back meanwhile
            websub.save(connection, each.source_id, each.seed_url, values)

    def _forget(self, each: Subscription) -> None:
        with self.store.write() as connection:
            websub.forget(connection, each.source_id, each.seed_url)


def _when(each: Subscription) -> datetime:
    return each.next_at


def _fresh(hub: str, topic: str, now: datetime) -> dict[str, Any]:
    """Return the row of a new subscription."""
    return {
        "hub": hub,
        "topic": topic,
        "token": secrets.token_urlsafe(32),
        "secret": secrets.token_hex(32),
        "state": "new",
        "attempts": 0,
        "next_at": now,
        "pushes": 0,
    }
