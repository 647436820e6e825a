"""After a turn of a crawl: judges the sources it asked, remembers it, and tells people once."""

import asyncio
import logging
from collections.abc import Iterable
from pathlib import Path

import orjson

from aggregator import alerts
from aggregator.alerts import Alert
from aggregator.crawl import notify
from aggregator.crawl.outbox import Outbox, Owed
from aggregator.crawl.session import Session
from aggregator.crawl.transport import Transport
from aggregator.errors import AggregatorError
from aggregator.store import crawling
from aggregator.watching import health_of

log = logging.getLogger(__name__)


async def watch(session: Session, ids: Iterable[str]) -> None:
    """Judge these sources and send what is to be told; what is not taken is sent again later.

    A run that is asked to end leaves judging to the next one.
    """
    if session.stopping.is_set():
        return
    told = [alert for name in ids if (alert := _judge(session, name)) is not None]
    outbox = Outbox(session.config.data / "alerts.owed.jsonl")
    outbox.add(told, notify.channels(session.config), session.now())
    if told:
        write_feed(session.config.data / "alerts.atom", told)
    session.commit()  # last: what was told twice is better than what was not told
    due = outbox.due(session.now())
    if not due:
        return
    sending = asyncio.ensure_future(_send(session, outbox, due))
    stopped = asyncio.ensure_future(session.stopping.wait())
    try:
        await asyncio.wait({sending, stopped}, return_when=asyncio.FIRST_COMPLETED)
    finally:
        if not sending.done():
            log.warning("asked to stop: not all alerts were sent; the next run does it")
        for each in (sending, stopped):
            each.cancel()
        await asyncio.gather(sending, stopped, return_exceptions=True)


async def _send(session: Session, outbox: Outbox, due: Iterable[Owed]) -> None:
    transport = Transport(session.config)
    try:
        for owed in due:
            log.warning("%s", owed.alert.title)
            try:
                await notify.send(owed.alert, owed.channel, session.config, transport)
            except AggregatorError as error:
                log.warning("alert not sent: %s", error)
                outbox.failed(owed, session.now())
            else:
                outbox.sent(owed)
    finally:
        await transport.close()


def _judge(session: Session, name: str) -> Alert | None:
    source = session.sources.get(name)
    if source is None:
        return None
    connection, now = session.writer.connection, session.now()
    health = health_of(connection, source, now)
    before = crawling.source_state(connection, name)
    decided = alerts.decide(
        health,
        source=name,
        name=source.name,
        alerted_at=before["alerted_at"] if before else None,
        now=now,
        config=session.config,
    )
    same = before is not None and before["state"] == health.state
    crawling.save_source_state(
        connection,
        name,
        {
            "state": health.state,
            "since": before["since"] if same and before else (health.since or now),
            "detail": health.why,
            "alerted_at": decided.alerted_at,
        },
    )
    return decided.alert


def write_feed(path: Path, told: list[Alert]) -> None:
    """Add alerts to the Atom feed of alerts; the last ones are kept beside it as JSON Lines."""
    from aggregator.exporters.files import replace

    kept = path.with_suffix(".jsonl")
    lines = kept.read_bytes().splitlines() if kept.exists() else []
    lines = (lines + [orjson.dumps(alert) for alert in told])[-alerts.FEED_LENGTH :]
    replace(kept, (line + b"\n" for line in lines))
    recent = [alerts.load(orjson.loads(line)) for line in reversed(lines)]
    replace(path, [alerts.as_feed(recent)])
