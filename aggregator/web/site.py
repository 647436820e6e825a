"""What all resources share: the store, the catalogue, the clock, how fresh our copies are."""

import threading
import time
from collections import OrderedDict
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime

from sqlalchemy import Connection

from aggregator.config import Config
from aggregator.store import browsing, reading
from aggregator.store.engine import Store
from aggregator.types import Source
from aggregator.web.answers import Prepared

#: Bytes of prepared answers that are kept.
CACHE_BYTES = 64_000_000


def utc_now() -> datetime:
    """Return the time of the system's clock."""
    return datetime.now(UTC)


@dataclass
class Site:
    """One running service.

    Attributes:
        fresh_s: how long the newest change number that we know is believed; answers may be that
            much behind the store.
    """

    config: Config
    sources: Mapping[str, Source]
    store: Store
    now: Callable[[], datetime] = utc_now
    fresh_s: float = 1.0
    seq: int = 0
    deleted_at: datetime | None = None
    counts: dict[str, int] = field(default_factory=dict)
    picture_key: bytes | None = field(default=None, repr=False)
    _checked: float = -1e9
    _languages: tuple[int, list[str]] = field(default_factory=lambda: (-1, []))
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def is_fresh(self) -> bool:
        """Whether ``seq`` was looked at a moment ago."""
        return time.monotonic() - self._checked < self.fresh_s

    def refresh(self) -> int:
        """Look at the store's newest change number."""
        with self._lock:
            if self.is_fresh():
                return self.seq
            with self.store.read() as connection:
                seq = reading.last_seq(connection)
                if seq != self.seq:
                    deleted = browsing.last_deletion(connection, min(self.seq, seq))
                    self.deleted_at = deleted or self.deleted_at
                    self.seq = seq
            self._checked = time.monotonic()
            return self.seq

    def count(self, name: str) -> None:
        """Add one to a counter of ``/metrics``."""
        self.counts[name] = self.counts.get(name, 0) + 1

    def languages(self, connection: Connection) -> list[str]:
        """Return the languages of the newest articles; counted once a change of the store."""
        if self._languages[0] != self.seq:
            self._languages = (self.seq, browsing.languages(connection))
        return self._languages[1]


class Cache:
    """Prepared answers by what was asked, until the store changes; the longest unused go first."""

    def __init__(self, most_bytes: int = CACHE_BYTES) -> None:
        self._most = most_bytes
        self._held = 0
        self._entries: OrderedDict[object, tuple[int, float, Prepared]] = OrderedDict()

    def get(self, key: object, seq: int) -> Prepared | None:
        """Return the answer if it was made at this change number and may still be shown."""
        entry = self._entries.get(key)
        if entry is None:
            return None
        made, until, prepared = entry
        if made != seq or until < time.monotonic():
            self._drop(key)
            return None
        self._entries.move_to_end(key)
        return prepared

    def put(self, key: object, seq: int, prepared: Prepared) -> None:
        """Keep an answer."""
        self._drop(key)
        size = prepared.size_bytes
        if size > self._most // 8:
            return
        lasts = prepared.answer.lasts_s
        until = float("inf") if lasts is None else time.monotonic() + lasts
        self._entries[key] = (seq, until, prepared)
        self._held += size
        while self._held > self._most:
            self._drop(next(iter(self._entries)))

    def _drop(self, key: object) -> None:
        entry = self._entries.pop(key, None)
        if entry is not None:
            self._held -= entry[2].size_bytes
