"""Runs jobs beside something else: a thread with a loop of its own, until it is told to stop.

A job is done by one process at a time. Who wants to do it takes its lease while there is something
to do, renews it while it works, and lets go of it in the end; a dead one's runs out. A store that
fails is named in the log and tried again: the crawl, or the pages, matter more.
"""

import asyncio
import contextlib
import logging
import threading
import time
from collections.abc import Awaitable, Callable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any, Final

from aggregator.errors import AggregatorError, BusyError
from aggregator.store import jobs
from aggregator.store.engine import Store

log = logging.getLogger(__name__)

#: Seconds between two turns, after one that failed, and that the last one gets to end.
EVERY_S: Final = 1.0
AFTER_FAILURE_S: Final = 15.0
GRACE_S: Final = 3.0


@dataclass
class Lease:
    """Whether a job is ours; asked by the job between two steps."""

    store: Store
    name: str
    seconds: float
    owner: str = field(default_factory=jobs.me)
    is_held: bool = False
    _taken_s: float = 0.0

    def keep(self) -> bool:
        """Return whether the job is ours; asks the store only where it is time to."""
        if self.is_held and time.monotonic() - self._taken_s < self.seconds / 3:
            return True
        return self.take()

    def take(self) -> bool:
        """Take the job, or hold it longer."""
        with self.store.write() as connection:
            self.is_held = jobs.take(connection, self.name, self.owner, self.seconds)
        self._taken_s = time.monotonic()
        return self.is_held

    def drop(self) -> None:
        """Let go of it."""
        if self.is_held:
            self.is_held = False
            with self.store.write() as connection:
                jobs.drop(connection, self.name, self.owner)

    @contextlib.asynccontextmanager
    async def renewed(self) -> Any:
        """Hold the job as long as the body runs."""
        renewing = asyncio.ensure_future(self._renew())
        try:
            yield
        finally:
            renewing.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await renewing

    async def _renew(self) -> None:
        while self.is_held:
            await asyncio.sleep(self.seconds / 3)
            try:
                await asyncio.to_thread(self.take)
            except AggregatorError as error:
                log.warning("%s: %s", self.name, error)
                self.is_held = False


@contextlib.contextmanager
def held(store: Store, name: str, seconds: float) -> Iterator[Lease]:
    """Hold a job while the body runs; the caller renews.

    Raises:
        BusyError: another process does it.
    """
    lease = Lease(store, name, seconds)
    if not lease.take():
        with store.read() as connection:
            holder = jobs.holder(connection, name)
        raise BusyError("another process does this already", holder, name)
    try:
        yield lease
    finally:
        lease.drop()


@dataclass(frozen=True, kw_only=True)
class Job:
    """Something to be done again and again.

    Attributes:
        name: of its lease.
        wanted: whether there may be something to do; only reads.
        make: given a question whether to go on, returns what does one turn, within one loop.
        every_s: seconds between two turns.
    """

    name: str
    wanted: Callable[[], bool]
    make: Callable[[Callable[[], bool]], Callable[[], Awaitable[Any]]]
    every_s: float = EVERY_S


class Background:
    """Does jobs in a thread while the body of its ``with`` runs.

    Args:
        store: read and written by the thread with connections of its own.
        lease_s: after which another process takes over a dead one's jobs.
        jobs: see :class:`Job`.
        closing: awaited at the end, in the loop of the jobs.
    """

    def __init__(
        self,
        store: Store,
        lease_s: float,
        jobs: Sequence[Job],
        closing: Callable[[], Awaitable[None]] | None = None,
    ) -> None:
        self._store, self._lease_s, self._jobs, self._closing = store, lease_s, jobs, closing
        self._loop: asyncio.AbstractEventLoop | None = None
        self._stopping: asyncio.Event | None = None
        self._is_stopping = False
        self._thread = threading.Thread(target=self._run, name="push", daemon=True)

    def __enter__(self) -> "Background":
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._is_stopping = True
        loop, stopping = self._loop, self._stopping
        if loop is not None and stopping is not None:
            with contextlib.suppress(RuntimeError):  # it ended by itself
                loop.call_soon_threadsafe(stopping.set)
        self._thread.join(GRACE_S + 5)

    def _run(self) -> None:
        with asyncio.Runner() as runner:
            runner.run(self._main())

    async def _main(self) -> None:
        self._loop, self._stopping = asyncio.get_running_loop(), asyncio.Event()
        if self._is_stopping:
            return
        tasks = [asyncio.ensure_future(self._again(job, self._stopping)) for job in self._jobs]
        try:
            await self._stopping.wait()
            await asyncio.wait(tasks, timeout=GRACE_S)
        finally:
            for task in tasks:
                task.cancel()
            await asyncio.gather(*tasks, return_exceptions=True)
            if self._closing is not None:
                await self._closing()

    async def _again(self, job: Job, stopping: asyncio.Event) -> None:
        lease = Lease(self._store, job.name, self._lease_s)
        turn = job.make(lambda: lease.is_held and not stopping.is_set())
        try:
            while not stopping.is_set():
                wait_s = job.every_s
                try:
                    await self._once(job, lease, turn)
                except AggregatorError as error:
                    log.warning("%s: %s", job.name, error)
                    wait_s = AFTER_FAILURE_S
                except Exception:
                    log.exception("%s: unexpected error", job.name)
                    wait_s = AFTER_FAILURE_S
                with contextlib.suppress(TimeoutError):
                    await asyncio.wait_for(stopping.wait(), wait_s)
        finally:
            with contextlib.suppress(AggregatorError):
                lease.drop()

    async def _once(self, job: Job, lease: Lease, turn: Callable[[], Awaitable[Any]]) -> None:
        if not await asyncio.to_thread(job.wanted):
            await asyncio.to_thread(lease.drop)
            return
        if await asyncio.to_thread(lease.keep):
            async with lease.renewed():
                await turn()
