"""The hosts that one batch holds: leased, renewed by a thread, and given up in time.

Nobody is asked for anything after the leases' end on our own clock, which began before the
database's: a worker that was stopped for a while, or lost the database, sends nothing more.
"""

import logging
import threading
import time
from collections.abc import Callable, Iterable, Mapping
from types import TracebackType
from typing import Final, Self

from aggregator.errors import StoreError
from aggregator.store import leases
from aggregator.store.engine import Store

log = logging.getLogger(__name__)

#: How long a host that another worker holds is not asked about again.
_REFUSED_S: Final = 2.0


class Holding:
    """Leases of one owner; use it as a context manager. Safe for threads.

    Args:
        store: of the leases; PostgreSQL.
        owner: of nobody else, ever.
        lease_s: how long others wait if we die.
        rest_s: how long a host rests after us, by host; ``default_s`` for those not named.
        asked_to_stop: looked at between renewals too.
    """

    def __init__(
        self,
        store: Store,
        owner: str,
        lease_s: float,
        *,
        default_s: float = 0.0,
        asked_to_stop: Callable[[], bool] = lambda: False,
    ) -> None:
        self.held: frozenset[str] = frozenset()
        self._store, self._owner, self._lease_s = store, owner, lease_s
        self._rests: dict[str, float] = {}
        self._default_s = default_s
        self._asked_to_stop = asked_to_stop
        self._refused: dict[str, float] = {}
        self._ends = time.monotonic() + lease_s
        self._lost = False
        self._lock = threading.Lock()
        self._closed = threading.Event()
        self._thread = threading.Thread(target=self._beat, name="leases", daemon=True)

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._closed.set()
        self._thread.join(self._lease_s)
        try:
            self.give_back(self.held)
        except StoreError as failed:
            log.warning("leases are not given back, they expire: %s", failed)

    def over(self) -> bool:
        """Return whether nothing may be asked any more."""
        return self._lost or self._asked_to_stop() or time.monotonic() >= self._ends

    def take(self, hosts: Iterable[str]) -> frozenset[str]:
        """Return those of the hosts that are ours now.

        Raises:
            StoreError: the database cannot be asked.
        """
        with self._lock:
            began = time.monotonic()
            with self._store.write() as connection:
                got = leases.acquire(connection, hosts, self._owner, self._lease_s)
            if not self.held:
                self._ends = began + self._lease_s
            self.held |= got
        return got

    def rest(self, rests: Mapping[str, float]) -> None:
        """Note how long hosts are to rest when they are given back; the longest counts."""
        for host, seconds in rests.items():
            self._rests[host] = max(seconds, self._rests.get(host, self._default_s))

    def give_back(self, hosts: Iterable[str]) -> None:
        """Let others have the hosts, after their rest."""
        with self._lock:
            given = self.held & frozenset(hosts)
            rests = {host: self._rests.get(host, self._default_s) for host in given}
            self.held -= given
            with self._store.write() as connection:
                leases.release(connection, self._owner, rests)

    def may_ask(self, host: str) -> bool:
        """Return whether a host is ours; takes one that we did not know we would need."""
        if self.over():
            return False
        if host in self.held:
            return True
        now = time.monotonic()
        if self._refused.get(host, 0.0) > now:
            return False
        if host in self.take([host]):
            return True
        self._refused[host] = now + _REFUSED_S
        return False

    def _beat(self) -> None:
        """Renew until closed; three tries before the leases end."""
        while not self._closed.wait(self._lease_s / 4):
            began = time.monotonic()
            if not self.held:  # nothing to lose
                self._ends = began + self._lease_s
                continue
            try:
                with self._lock, self._store.write() as connection:
                    kept = leases.renew(connection, self._owner, self._lease_s)
                    missing = self.held - kept
            except StoreError as error:
                log.warning("leases are not renewed: %s", error)
                continue
            if missing:
                log.warning("leases were lost: %s", " ".join(sorted(missing)[:5]))
                self._lost = True
                return
            self._ends = began + self._lease_s
