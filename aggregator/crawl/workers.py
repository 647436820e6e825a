"""Processes beside the crawl that read pages and seeds, for machines with more than one core.

They are started only when many of them wait, take some ahead each, and end when nothing has come
for a while; what they cannot take the crawl reads itself. A page that kills its worker, or takes
it too long, is named as failed and the worker replaced. Workers hold nothing that lasts, know no
store, and end with the crawl however it ends, for their input ends with it.
"""

import asyncio
import contextlib
import logging
import os
import pickle
import subprocess
import time
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Final, TypeVar

from aggregator.crawl.worker_process import Failed, Work, framed, spawn, unframed, widen
from aggregator.faults import fault

log = logging.getLogger(__name__)

#: Pages that must be on their way before workers are started: a start costs about a second.
WORTH: Final = 150
#: Pages that a worker has got at most; more are read by the crawl itself. The crawl is busy with
#: the articles of many pages at a time, and the worker must not run out of pages meanwhile.
AHEAD: Final = 36
#: No more is given to a worker that has so many bytes of pages.
MOST_BYTES: Final = 32_000_000
#: Longest time for one page, and for a start, in seconds.
PAGE_S, START_S = 30.0, 120.0
#: Seconds without a page after which workers end.
IDLE_S: Final = 60.0

#: Bytes that are read or written at once.
_PART = 1 << 18

T = TypeVar("T")


class Workers:
    """The workers of one crawl; use it from its loop.

    Args:
        count: most processes; 0: every page is read by the crawl itself.
        worth: see :data:`WORTH`.
        page_s: longest time for one page.
        early: processes that run already (:func:`spawn`), at most as many; taken from the list.
    """

    def __init__(
        self,
        count: int,
        *,
        worth: int = WORTH,
        page_s: float = PAGE_S,
        early: "list[subprocess.Popen[bytes]] | None" = None,
    ) -> None:
        self._count, self._worth = count, worth
        self._page_s = page_s
        self._early = [] if early is None else early
        self._running: list[_Worker] = []
        self._used = 0.0
        self._timer: asyncio.TimerHandle | None = None

    @property
    def running(self) -> int:
        """How many workers there are."""
        return len(self._running)

    @property
    def are_ready(self) -> bool:
        """Whether a page needs no new process."""
        return bool(self._running or self._early)

    async def read(self, work: Work[T], *, waiting: int) -> T | None:
        """Return what a worker found; None: read it here.

        Args:
            work: the page.
            waiting: how many of its kind are on their way.

        Raises:
            FetchError: the page killed its worker, or took it too long.
        """
        if not self._running:
            if not self._count or (waiting < self._worth and not self._early):
                return None
            self._start()
            if not self._running:
                return None
        worker = min(self._running, key=lambda each: each.waiting)
        self._used = time.monotonic()
        worker.pump()
        if worker not in self._running:  # it was dead, and cannot be replaced
            return None
        if worker.waiting >= AHEAD or worker.bytes >= MOST_BYTES:
            return None
        return await worker.read(work)

    def close(self) -> None:
        """End all workers; pages that they still read are given up."""
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None
        for worker in self._running:
            worker.close()
        self._running = []

    def _start(self) -> None:
        try:
            for _ in range(self._count):
                early = self._early.pop() if self._early else None
                self._running.append(_Worker(self._page_s, self._without, early))
        except OSError as error:
            self._without(error)
            return
        self._used = time.monotonic()
        self._timer = asyncio.get_running_loop().call_later(IDLE_S, self._look)

    def _without(self, error: OSError) -> None:
        """Do without workers from now on; pages that they have stay in the queue."""
        log.warning("no process to read pages beside the crawl, it reads them itself: %s", error)
        self._count = 0
        self.close()

    def _look(self) -> None:
        self._timer = None
        idle_s = time.monotonic() - self._used
        if idle_s >= IDLE_S and not any(worker.waiting for worker in self._running):
            self.close()
        elif self._running:
            self._timer = asyncio.get_running_loop().call_later(IDLE_S, self._look)


@dataclass(frozen=True, slots=True)
class _Job:
    """A page that a worker has got, as it was sent, and who waits for what is in it."""

    data: bytes
    answer: "asyncio.Future[Any]"


class _Worker:
    """One process, made anew when it dies, and its pages, answered in their order.

    The next pages lie in its pipe already: it need not wait for the crawl between two of them,
    which may be busy with articles. Nothing here blocks the loop but the death of a process.
    """

    def __init__(
        self,
        page_s: float,
        without: Callable[[OSError], None],
        early: "subprocess.Popen[bytes] | None" = None,
    ) -> None:
        self._page_s, self._without = page_s, without
        self.bytes = 0
        self._loop = asyncio.get_running_loop()
        self._jobs: deque[_Job] = deque()
        self._process: subprocess.Popen[bytes] | None = None
        self._out, self._in = bytearray(), bytearray()
        self._timer: asyncio.TimerHandle | None = None
        self._is_ready = False
        self._start(early)  # it may get ready while its first pages come

    @property
    def waiting(self) -> int:
        """How many pages it has got."""
        return len(self._jobs)

    async def read(self, work: Work[T]) -> T:
        """Return what is in a page; see :meth:`Workers.read`."""
        job = _Job(framed(work), self._loop.create_future())
        self._jobs.append(job)
        self.bytes += len(job.data)
        if self._process is None:
            self._start_again()
        else:
            if self._is_ready and len(self._jobs) == 1:
                self._watch(self._page_s)
            self._send(job.data)
        answer: T | Failed = await job.answer
        if isinstance(answer, Failed):
            raise fault(answer.kind, work.page.url, answer.words)
        return answer

    def close(self) -> None:
        """End the process; its pages are given up."""
        self._end()
        while self._jobs:
            self._answer(Failed("the crawl ends", "stopped"))

    # -- the process

    def _start(self, early: "subprocess.Popen[bytes] | None" = None) -> None:
        process = early or spawn()
        self._process, self._is_ready = process, False
        for pipe in (process.stdin, process.stdout):
            if pipe is not None:
                os.set_blocking(pipe.fileno(), False)
                widen(pipe.fileno())
        self._in.clear()
        self._out.clear()
        if process.stdout is not None:
            self._loop.add_reader(process.stdout.fileno(), self._readable)
        self._watch(START_S)
        self._send(b"".join(job.data for job in self._jobs))

    def _end(self) -> None:
        self._watch(None)
        process, self._process = self._process, None
        if process is None or process.stdin is None or process.stdout is None:
            return
        self._loop.remove_reader(process.stdout.fileno())
        self._loop.remove_writer(process.stdin.fileno())
        process.kill()
        process.wait()
        for pipe in (process.stdin, process.stdout):
            with contextlib.suppress(OSError):
                pipe.close()

    def _broke(self, words: str) -> None:
        """Name the page that the process was busy with as failed; a new one reads the others."""
        self._end()
        if self._jobs:
            self._answer(Failed(words))
        if self._jobs:
            self._start_again()

    def _start_again(self) -> None:
        try:
            self._start()
        except OSError as error:
            self._without(error)

    def _watch(self, seconds: float | None) -> None:
        """Give the process so long for its next answer."""
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None
        if seconds is not None:
            late = f"took more than {seconds:g} s"
            self._timer = self._loop.call_later(seconds, self._broke, late)

    # -- its pipes

    def pump(self) -> None:
        """Move what can be moved now: between two looks of a busy loop the pipes run empty."""
        if self._is_ready:
            if self._out:
                self._writable()
            self._readable()

    def _send(self, data: bytes) -> None:
        is_first = not self._out
        self._out += data
        if is_first:
            self._writable()

    def _writable(self) -> None:
        """Write what the pipe takes; the rest when it takes more."""
        if self._process is None or self._process.stdin is None:
            return
        fd = self._process.stdin.fileno()
        try:
            while self._out:
                del self._out[: os.write(fd, memoryview(self._out)[:_PART].tobytes())]
        except BlockingIOError:
            self._loop.add_writer(fd, self._writable)
        except OSError as error:
            self._loop.remove_writer(fd)
            self._out.clear()
            self._loop.call_soon(self._gone, self._process, f"its process ended: {error}")
        else:
            self._loop.remove_writer(fd)

    def _gone(self, process: "subprocess.Popen[bytes]", words: str) -> None:
        if process is self._process:
            self._broke(words)

    def _readable(self) -> None:
        if self._process is None or self._process.stdout is None:
            return
        try:
            part = os.read(self._process.stdout.fileno(), _PART)
        except BlockingIOError:
            return
        except OSError:
            part = b""
        if not part:
            self._broke("its process ended")
            return
        self._in += part
        while (data := unframed(self._in)) is not None:
            if self._is_ready:
                self._answer(pickle.loads(data))  # noqa: S301 -- our own
            self._is_ready = True  # the first one says that it is
            self._watch(self._page_s if self._jobs else None)

    def _answer(self, answer: Any) -> None:
        job = self._jobs.popleft()
        self.bytes -= len(job.data)
        if not job.answer.done():
            job.answer.set_result(answer)
