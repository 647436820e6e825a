"""Which jobs run beside ``serve`` and ``run``, and once after ``publish``."""

import asyncio
from collections import Counter
from collections.abc import Awaitable, Callable, Mapping
from datetime import datetime
from typing import Any

from aggregator.config import Config
from aggregator.crawl.transport import Transport
from aggregator.errors import BusyError
from aggregator.push import hubs, subscribing
from aggregator.push.hubs import Publisher
from aggregator.push.service import Background, Job, held
from aggregator.push.subscribing import Subscriber
from aggregator.push.webhooks import Deliverer
from aggregator.store import webhooks, websub
from aggregator.store.engine import Store
from aggregator.types import Source

#: What a job is made from: a question whether to go on → what does one turn.
Making = Callable[[Callable[[], bool]], Callable[[], Awaitable[Any]]]


def crawling(config: Config, store: Store, now: Callable[[], datetime]) -> Background:
    """Return what runs beside ``run``: webhooks."""
    transport = Transport(config)
    jobs = [_webhooks(config, store, now, transport)]
    return Background(store, config.lease_s, jobs, closing=transport.close)


def serving(
    config: Config,
    store: Store,
    now: Callable[[], datetime],
    sources: Callable[[], Mapping[str, Source]],
) -> Background:
    """Return what runs beside ``serve``: webhooks, hubs told and asked, where settings say so."""
    transport = Transport(config)
    jobs = [_webhooks(config, store, now, transport)]
    if config.all_hubs and config.base_url:

        def publisher(may_go: Callable[[], bool]) -> Callable[[], Awaitable[Any]]:
            return Publisher(config, store, transport, now, may_go).turn

        jobs.append(Job(name="hubs", wanted=_always, make=publisher, every_s=hubs.EVERY_S))
    if subscribing.callback_base(config):

        def subscriber(may_go: Callable[[], bool]) -> Callable[[], Awaitable[Any]]:
            return Subscriber(config, sources, store, transport, now, may_go).turn

        jobs.append(
            Job(
                name="subscriptions",
                wanted=lambda: _has_hubs(store),
                make=subscriber,
                every_s=subscribing.EVERY_S,
            )
        )
    return Background(store, config.lease_s, jobs, closing=transport.close)


def _always() -> bool:
    return True


def _has_hubs(store: Store) -> bool:
    with store.read() as connection:
        return websub.has_work(connection)


def _webhooks(
    config: Config, store: Store, now: Callable[[], datetime], transport: Transport
) -> Job:
    def wanted() -> bool:
        with store.read() as connection:
            return webhooks.is_any_on(connection)

    def make(may_go: Callable[[], bool]) -> Callable[[], Awaitable[Any]]:
        return Deliverer(config, store, transport, now, may_go).turn

    return Job(name="webhooks", wanted=wanted, make=make)


def after_publishing(config: Config, store: Store, now: Callable[[], datetime]) -> Counter[str]:
    """Tell hubs which feeds changed, once; nothing where ``serve`` tells them already."""
    if not (config.all_hubs and config.base_url):
        return Counter()

    async def main(may_go: Callable[[], bool], keeping: Any) -> Counter[str]:
        transport = Transport(config)
        publisher = Publisher(config, store, transport, now, may_go, settle_s=0.0)
        try:
            async with keeping:
                return await publisher.turn()
        finally:
            await transport.close()

    try:
        with held(store, "hubs", config.lease_s) as lease:
            return asyncio.run(main(lambda: lease.is_held, lease.renewed()))
    except BusyError:
        return Counter()
