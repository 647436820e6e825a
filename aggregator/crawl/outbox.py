"""Alerts on their way to people: kept in a file until they are sent, so that none is lost.

One line for each alert and channel. A try that failed is made again after minutes, then hours;
after a week it is given up, and said so in the log. One writer: whoever holds the store.
"""

import logging
from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass, replace
from datetime import datetime, timedelta
from pathlib import Path
from typing import Final

import orjson

from aggregator import alerts, backoff
from aggregator.alerts import Alert
from aggregator.crawl.notify import Channel
from aggregator.exporters import files

log = logging.getLogger(__name__)

_FIRST_S: Final = 60.0
_GIVEN_UP: Final = timedelta(days=7)


@dataclass(frozen=True, slots=True, kw_only=True)
class Owed:
    """An alert that a channel has not taken yet."""

    alert: Alert
    channel: Channel
    tries: int = 0
    next_at: datetime


class Outbox:
    """What is owed, in a file; every change is written at once."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._owed = list(_read(path))

    def add(self, told: Iterable[Alert], channels: Sequence[Channel], now: datetime) -> None:
        """Owe alerts to all channels."""
        new = [Owed(alert=alert, channel=each, next_at=now) for alert in told for each in channels]
        if new:
            self._owed += new
            self._write()

    def due(self, now: datetime) -> list[Owed]:
        """Return what is to be tried now, oldest first."""
        return [each for each in self._owed if each.next_at <= now]

    def sent(self, owed: Owed) -> None:
        """Take off what was taken."""
        self._owed.remove(owed)
        self._write()

    def failed(self, owed: Owed, now: datetime) -> None:
        """Put off what was not taken, or give it up."""
        self._owed.remove(owed)
        if now - owed.alert.at < _GIVEN_UP:
            wait_s = backoff.wait_s(owed.tries + 1, 0.5, first_s=_FIRST_S)
            next_at = now + timedelta(seconds=wait_s)
            self._owed.append(replace(owed, tries=owed.tries + 1, next_at=next_at))
        else:
            log.error("alert given up after a week: %s: %s", owed.channel, owed.alert.title)
        self._write()

    def _write(self) -> None:
        if self._owed:
            lines = (orjson.dumps(asdict(each)) + b"\n" for each in self._owed)
            files.replace(self._path, lines)
        else:
            self._path.unlink(missing_ok=True)


def _read(path: Path) -> Iterable[Owed]:
    for line in path.read_bytes().splitlines() if path.exists() else ():
        data = orjson.loads(line)
        yield Owed(
            alert=alerts.load(data["alert"]),
            channel=data["channel"],
            tries=data["tries"],
            next_at=datetime.fromisoformat(data["next_at"]),
        )
