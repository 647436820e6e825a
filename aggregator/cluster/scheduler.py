"""The loop that hands out due sources in batches, a few for each worker, until asked to stop.

It remembers nothing that would be missed: what is due, what is owed and who holds which host stand
in the database. Killed and started again, it goes on; two of them at once do no harm, because the
workers hold the leases.
"""

import logging
import threading
import time
import uuid
from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from sqlalchemy.exc import SQLAlchemyError

from aggregator.cluster import places, worker
from aggregator.cluster.batches import Batch, hosts_of, part, size_for
from aggregator.cluster.worker import Job, Result
from aggregator.crawl.due import due, next_due
from aggregator.crawl.session import Session
from aggregator.errors import ClusterError, ConfigError, LostClusterError, StoreError
from aggregator.store import crawling, leases
from aggregator.store.engine import Store, named_errors

log = logging.getLogger(__name__)

#: Batches that a worker has, the running one counted: it never waits for the next.
PER_WORKER: Final = 2
#: Longest and shortest time between two looks at what is due.
LONGEST_S: Final = 30.0
SHORTEST_S: Final = 0.5
#: Longest pause after the database could not be asked, and the longest rest of a source whose
#: workers die.
MOST_BACKOFF_S: Final = 60.0
MOST_REST_S: Final = 3600.0
#: Sources that were held this often in a row are crawled alone: one of them may kill its workers.
SUSPICIOUS: Final = 3
#: Seconds for running batches to end after we are asked to stop.
END_S: Final = 15.0
#: Seconds that a cluster may be without workers.
WITHOUT_WORKERS_S: Final = 120.0


@dataclass(slots=True)
class _Pause:
    """How long to wait after failures in a row: doubled each time, up to a limit."""

    count: int = 0
    until: float = 0.0

    def failed(self) -> float:
        """Count a failure and return the seconds to wait."""
        self.count += 1
        wait_s = min(MOST_BACKOFF_S, 2.0 ** (self.count - 1))
        self.until = time.monotonic() + wait_s
        return wait_s

    def over(self) -> bool:
        return time.monotonic() >= self.until

    def forget(self) -> None:
        self.count, self.until = 0, 0.0


def needs_server(store: Store) -> None:
    """See that the store can have many writers.

    Raises:
        ConfigError: it is SQLite.
    """
    if store.is_sqlite:
        raise ConfigError(
            "a cluster needs PostgreSQL",
            "AGGREGATOR_DATABASE",
            "give postgresql+psycopg://USER@HOST/NAME, or run without --workers and --dask",
        )


class Scheduler:
    """Hands out batches by one client; use from one thread, :meth:`stop` from any.

    Args:
        make_session: gives a session with configuration, catalogue and store for one look.
        client: of Dask, connected.
        ids: sources to crawl; empty: all enabled ones.
        stopping: set by others to end the loop; :meth:`stop` sets it too.
        tell: called with each line that somebody should read.
    """

    def __init__(
        self,
        make_session: Callable[[], Session],
        client: Any,
        ids: Sequence[str] = (),
        *,
        stopping: threading.Event | None = None,
        tell: Callable[[str], None] = log.warning,
    ) -> None:
        self.tally: dict[str, Counter[str]] = {}
        self._run = uuid.uuid4().hex
        self._lease_s = 60.0
        self._make_session, self._client, self._ids, self._tell = make_session, client, ids, tell
        self._stopping = stopping or threading.Event()
        self._flying: dict[Any, Batch] = {}
        self._rests: dict[str, float] = {}
        self._held: Counter[str] = Counter()
        self._store_pause = _Pause()
        self._looked = self._look_at = 0.0
        self._without_since: float | None = None

    def stop(self) -> None:
        """End the loop soon."""
        self._stopping.set()

    def run(self) -> None:
        """Hand out batches until asked to stop.

        Raises:
            LostClusterError: the scheduler is gone.
            ClusterError: there are no workers any more, or they run another version.
        """
        try:
            while not self._stopping.is_set():
                self._fill()
                self._wait()
                self._collect()
        finally:
            self._end()

    # -- handing out

    def _fill(self) -> None:
        workers = self._workers()
        room = PER_WORKER * workers - len(self._flying)
        now = time.monotonic()
        early = now < self._look_at or now - self._looked < SHORTEST_S / 2
        if room <= 0 or early or not self._store_pause.over():
            return
        self._looked = now
        try:
            session = self._make_session()
            try:
                self._lease_s = session.config.lease_s
                with named_errors(session.store.url):
                    self._submit_due(session, room, workers)
            finally:
                session.writer.close()
        except (StoreError, SQLAlchemyError) as error:
            self._tell(f"{error} (again in {self._store_pause.failed():.0f} s)")
            return
        self._store_pause.forget()

    def _submit_due(self, session: Session, room: int, workers: int) -> None:
        connection = session.writer.connection
        leases.forget(connection, 3600.0)
        chosen = [source.id for source in session.chosen(self._ids)]
        flying = frozenset().union(*(batch.hosts for batch in self._flying.values()))
        now = time.monotonic()
        rests, self._rests = self._rests, {}
        self._rests.update({name: until for name, until in rests.items() if until > now})
        ready = [name for name in due(session, chosen) if name not in self._rests]
        hosts = {name: _hosts(session, name) for name in ready}
        free = {name: own for name, own in hosts.items() if not own & flying}
        batches = self._parted(free, size_for(len(free), workers))
        for batch in batches[:room]:
            self._submit(session, batch, hosts)
        following = next_due(session, chosen)
        session.writer.connection.commit()
        wait_s = LONGEST_S
        if following is not None:
            wait_s = (following - session.now()).total_seconds()
        if self._rests:
            wait_s = min(wait_s, min(self._rests.values()) - now)
        more = len(batches) > room or len(free) < len(ready)
        self._look_at = now + (SHORTEST_S if more else min(max(wait_s, SHORTEST_S), LONGEST_S))

    def _parted(self, hosts: Mapping[str, frozenset[str]], size: int) -> list[Batch]:
        """Return batches; a source that may have killed its workers is alone, and comes last."""
        alone = {name for name in hosts if self._held[name] >= SUSPICIOUS}
        good = part({name: own for name, own in hosts.items() if name not in alone}, size)
        taken = frozenset().union(*(batch.hosts for batch in good))
        single = part({name: hosts[name] for name in alone if not hosts[name] & taken}, 1)
        return good + single

    def _submit(self, session: Session, batch: Batch, hosts: Mapping[str, frozenset[str]]) -> None:
        job = Job(
            program=worker.program(),
            run=self._run,
            config=session.config,
            sources=tuple(session.sources[name] for name in batch.ids),
            hosts={name: hosts[name] for name in batch.ids},
        )
        future = self._client.submit(worker.crawl_batch, job, pure=False)
        self._flying[future] = batch

    def _workers(self) -> int:
        """Return how many workers there are.

        Raises:
            ClusterError: none for too long, or the scheduler is gone.
        """
        if self._client.status != "running":
            raise LostClusterError("scheduler was lost", places.address_of(self._client))
        try:
            count = len(self._client.ncores())
        except (OSError, TimeoutError) as error:
            raise LostClusterError(
                "scheduler was lost", places.address_of(self._client), error
            ) from error
        now = time.monotonic()
        if count:
            self._without_since = None
        elif self._without_since is None:
            self._without_since = now
            self._tell("the cluster has no workers: waiting for some")
        elif now - self._without_since > WITHOUT_WORKERS_S:
            places.wait_for_workers(self._client, 0.0)
        return count

    # -- taking back

    def _wait(self) -> None:
        if not self._flying:
            self._stopping.wait(SHORTEST_S)
            return
        from distributed import wait
        from distributed.client import FuturesCancelledError

        try:
            wait(list(self._flying), timeout=SHORTEST_S, return_when="FIRST_COMPLETED")  # type: ignore[no-untyped-call]
        except TimeoutError:
            return
        except FuturesCancelledError:  # with the scheduler that knew them; the next look says so
            self._stopping.wait(SHORTEST_S)

    def _collect(self) -> None:
        for future in [each for each in self._flying if each.done()]:
            batch = self._flying.pop(future)
            self._take(batch, _result_of(future))
            future.release()
            self._look_at = 0.0

    def _take(self, batch: Batch, result: Result) -> None:
        if result.kind == "program":
            raise ClusterError(
                "the cluster does not fit", places.address_of(self._client), result.error
            )
        if result.kind == "store":
            self._tell(f"{result.error} (again in {self._store_pause.failed():.0f} s)")
        elif result.error:
            self._tell(f"batch of {len(batch.ids)} sources: {result.error}")
        for line in result.failures:
            log.warning("%s", line)
        for name, count in result.tally.items():
            self.tally.setdefault(name, Counter()).update(count)
        for name in batch.ids:
            if name in result.done:
                del self._held[name]
                self._rest(name, min(30.0, self._lease_s / 2))
                continue
            if name in result.held or result.kind == "broken":
                self._held[name] += 1
            # its worker may have died: its leases end soon; each time we wait longer
            times = max(0, self._held[name] - SUSPICIOUS)
            self._rest(name, min(MOST_REST_S, self._lease_s / 4 * 2.0 ** min(times, 12)))
            if self._held[name] > SUSPICIOUS:
                self._tell(f"{name}: held or failed {self._held[name]} times in a row")

    def _rest(self, name: str, seconds: float) -> None:
        self._rests[name] = time.monotonic() + seconds

    # -- the end

    def _end(self) -> None:
        """Take back what waits, let what runs end cleanly."""
        from distributed import wait
        from distributed.client import FuturesCancelledError

        if self._client.status != "running":
            return
        waiting = [future for future in self._flying if not future.done()]
        try:
            self._client.run(worker.stop, self._run, on_error="ignore")
            if waiting:
                wait(waiting, timeout=END_S)  # type: ignore[no-untyped-call]
        except (TimeoutError, OSError, FuturesCancelledError) as error:
            log.info("batches did not end in time: %s", error)
        for future in [each for each in self._flying if each.status == "finished"]:
            result = _result_of(future)
            for name, count in result.tally.items():
                self.tally.setdefault(name, Counter()).update(count)
        self._client.cancel(list(self._flying))
        self._flying.clear()


def _hosts(session: Session, name: str) -> frozenset[str]:
    states: Iterable[crawling.SeedState] = crawling.seed_states(
        session.writer.connection, name
    ).values()
    moved = [state.moved_to for state in states if state.moved_to]
    return hosts_of(session.sources[name], moved)


def _result_of(future: Any) -> Result:
    """Return the result of a batch; a worker that died, or a lost scheduler, is an error too."""
    try:
        result = future.result(timeout=10)
    except Exception as error:  # noqa: BLE001 (Dask raises what it likes; the next turn does it)
        about = " ".join(str(error).split())[:300]
        return Result(error=f"{type(error).__name__}: {about}", kind="broken")
    return result if isinstance(result, Result) else Result(error="no result", kind="broken")
