"""Tells receivers of every change: in order, at least once, signed, again until it is taken.

A message holds the next changes after a receiver's cursor; the cursor moves when the message was
taken, in the same transaction in which a message that nobody takes is laid aside. A process that
dies in between sends the message again: its changes have the same numbers. The secret, and the
address, which may hold one, never get into errors or the log.
"""

import asyncio
import logging
import random
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any, Final

import orjson

from aggregator import backoff, signing
from aggregator.config import Config
from aggregator.crawl.transport import Transport
from aggregator.errors import FetchError
from aggregator.faults import describe, kind_of_status
from aggregator.polling import retry_after_s
from aggregator.record import timestamp
from aggregator.store import reading
from aggregator.store import webhooks as stored
from aggregator.store.engine import Store
from aggregator.store.reading import Row
from aggregator.store.webhooks import DeadLetter, Webhook

log = logging.getLogger(__name__)

#: Changes and bytes of a message at most; one change is sent however large it is.
MOST_CHANGES: Final = 100
MOST_BYTES: Final = 1_000_000
#: Receivers that are told at the same time.
AT_ONCE: Final = 8
#: Seconds for one request, and bytes of its answer that are looked at.
TIMEOUT_S: Final = 20.0
_MOST_ANSWER: Final = 10_000
#: Changes that no receiver wants, after which its cursor is written nevertheless.
_SKIP: Final = 500
_GONE: Final = 410


@dataclass(frozen=True, slots=True)
class Message:
    """What is sent, and which changes it holds."""

    id: str
    body: bytes
    first_seq: int
    last_seq: int
    count: int


@dataclass(frozen=True, slots=True)
class Answer:
    """What a receiver said: ``kind`` is None where it took the message, else a word."""

    kind: str | None
    status: int | None = None
    retry_after_s: float | None = None

    @property
    def reason(self) -> str:
        """In words, without the address."""
        return "" if self.kind is None else describe(self.kind)


def message(hook: Webhook, rows: Sequence[Row]) -> Message:
    """Return the message of these changes (at least one), the same bytes whenever it is made."""
    last = rows[-1]
    head = {"type": "changes", "timestamp": timestamp(last.at)}
    numbers = {"previous": hook.told, "first": rows[0].seq, "last": last.seq}
    lines = b",".join(row.line().rstrip(b"\n") for row in rows)
    body = b'%s,"data":%s,"changes":[%s]}}' % (
        orjson.dumps(head)[:-1],
        orjson.dumps(numbers)[:-1],
        lines,
    )
    name = f"msg_{hook.uid}_{rows[0].seq}_{last.seq}"
    return Message(name, body, rows[0].seq, last.seq, len(rows))


@dataclass
class Deliverer:
    """Delivers within one loop.

    Attributes:
        may_go: asked before each message; false ends the turn.
        first_s: seconds after the first failure, from which the others follow.
        chance: spreads the tries.
    """

    config: Config
    store: Store
    transport: Transport
    now: Callable[[], datetime]
    may_go: Callable[[], bool] = lambda: True
    first_s: float = backoff.FIRST_S
    chance: Callable[[], float] = random.random
    _looked: dict[str, int] = field(default_factory=dict)

    async def turn(self) -> Counter[str]:
        """Tell everybody what is due; return ``messages changes failed dead off`` → count."""
        tally: Counter[str] = Counter()
        hooks = await asyncio.to_thread(self._due)
        gate = asyncio.Semaphore(AT_ONCE)

        async def tell(hook: Webhook) -> None:
            async with gate:
                await self._tell(hook, tally)

        await asyncio.gather(*map(tell, hooks))
        return tally

    def _due(self) -> list[Webhook]:
        with self.store.read() as connection:
            return stored.due(connection, self.now())

    async def _tell(self, hook: Webhook | None, tally: Counter[str]) -> None:
        """Send one message after the other, until there is none or one is not taken."""
        while hook is not None and self.may_go():
            made = await asyncio.to_thread(self._next, hook)
            if made is None:
                return
            answer = await self.send(hook, made)
            if answer.kind == "stopped":
                return
            hook = await asyncio.to_thread(self._settle, hook, made, answer, tally)

    def _next(self, hook: Webhook) -> Message | None:
        """Return the next message, None where there is nothing to tell."""
        since = max(hook.cursor, self._looked.get(hook.uid, 0))
        with self.store.read() as connection:
            newest = reading.last_seq(connection)  # first: what comes later is not passed over
            if newest <= since:
                return None
            found = reading.changes(connection, since, hook.wanted or None, limit=MOST_CHANGES)
            rows = _cut(list(found), hook.until)
        if rows:
            return message(hook, rows)
        self._looked[hook.uid] = newest
        if newest - hook.cursor >= _SKIP:
            with self.store.write() as connection:
                stored.settle(connection, hook, {"cursor": newest})
        return None

    async def send(self, hook: Webhook, sent: Message | DeadLetter) -> Answer:
        """Post a message; redirects are not followed."""
        name = sent.id if isinstance(sent, Message) else sent.message_id
        return await self._post(hook, sent.body, name)

    async def test(self, hook: Webhook) -> Answer:
        """Post a message without changes."""
        now = self.now()
        body = orjson.dumps({"type": "test", "timestamp": timestamp(now), "data": {}})
        return await self._post(hook, body, f"msg_{hook.uid}_test_{int(now.timestamp())}")

    async def _post(self, hook: Webhook, body: bytes, name: str) -> Answer:
        from aggregator.crawl.headers import user_agent

        now = self.now()
        headers = {
            "Content-Type": "application/json",
            "User-Agent": user_agent(self.config.contact),
            **signing.webhook_headers(body, hook.secret, name, int(now.timestamp())),
        }
        try:
            reply = await self.transport.request(
                hook.url,
                method="POST",
                headers=headers,
                data=body,
                timeout_s=TIMEOUT_S,
                max_body_bytes=_MOST_ANSWER,
                cut=True,
            )
        except FetchError as error:
            return Answer(error.kind)
        kind = "redirect" if 300 <= reply.status < 400 else kind_of_status(reply.status)
        given = {key.decode("latin-1").lower(): value for key, value in reply.headers}
        asked = given.get("retry-after", b"").decode("latin-1")
        wait_s = retry_after_s(asked, now)
        return Answer(kind, reply.status, wait_s)

    def _settle(
        self, hook: Webhook, made: Message, answer: Answer, tally: Counter[str]
    ) -> Webhook | None:
        """Write what became of a message; return the receiver if it can be told more at once."""
        now = self.now()
        told: dict[str, Any] = {
            "cursor": made.last_seq,
            "told": made.last_seq,
            "until": None,
            "attempts": 0,
        }
        letter: dict[str, Any] | None = None
        if answer.kind is None:
            values = told | {"next_at": None, "reason": None, "delivered_at": now}
            tally.update(messages=1, changes=made.count)
        elif answer.status == _GONE:
            values = {"state": "off", "reason": answer.reason, "attempts": 0, "until": None}
            tally["off"] += 1
        else:
            values, letter = self._failed(hook, made, answer, told, now)
            tally["dead" if letter else "failed"] += 1
        with self.store.write() as connection:
            is_ours = stored.settle(connection, hook, values)
            if is_ours and letter:
                stored.bury(connection, letter)
            following = stored.webhooks(connection, hook.pk) if is_ours else []
        if answer.kind is not None:
            log.warning("webhook %d: %s", hook.pk, answer.reason)
            return None
        return following[0] if following else None

    def _failed(
        self, hook: Webhook, made: Message, answer: Answer, told: dict[str, Any], now: datetime
    ) -> tuple[dict[str, Any], dict[str, Any] | None]:
        """Return what is written of a receiver that did not take a message, and a dead letter."""
        attempts = hook.attempts + 1
        wait_s = backoff.wait_s(
            attempts, self.chance(), asked_s=answer.retry_after_s, first_s=self.first_s
        )
        waits = {"next_at": later(now, wait_s), "reason": answer.reason}
        if attempts < self.config.webhook_tries:
            return {"attempts": attempts, "until": made.last_seq, **waits}, None
        letter = {
            "webhook_pk": hook.pk,
            "message_id": made.id,
            "body": made.body,
            "first_seq": made.first_seq,
            "last_seq": made.last_seq,
            "count": made.count,
            "at": now,
            "reason": answer.reason,
        }
        return told | waits, letter

    async def retry(self, hook: Webhook) -> Counter[str]:
        """Switch a receiver on again and send its dead letters, oldest first, until one fails."""
        tally: Counter[str] = Counter()
        with self.store.write() as connection:
            stored.switch_on(connection, hook.pk)
            letters = stored.dead_letters(connection, hook.pk)
        for letter in letters:
            answer = await self.send(hook, letter)
            if answer.kind is not None:
                tally["failed"] += 1
                log.warning("webhook %d: %s", hook.pk, answer.reason)
                break
            with self.store.write() as connection:
                stored.revive(connection, letter.pk)
            tally.update(messages=1, changes=letter.count)
        return tally


def _cut(rows: list[Row], until: int | None) -> list[Row]:
    """Return as many rows as a message holds: the same as before, where it was sent before."""
    if until is not None:
        again = [row for row in rows if row.seq <= until]
        rows = again or rows
    size = 0
    for index, row in enumerate(rows):
        size += len(row.record_json or b"") + 300
        if index and size > MOST_BYTES:
            return rows[:index]
    return rows


def later(now: datetime, seconds: float) -> datetime:
    """Return the time so many seconds from now."""
    return now + timedelta(seconds=seconds)
