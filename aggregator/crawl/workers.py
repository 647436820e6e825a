"""Processes beside the crawl that read pages and seeds, for machines with more than one core.

They are started only when many of them wait, take some ahead each, and end when nothing has come
for a while; what they cannot take the crawl reads itself. A page that kills its worker, or takes
it too long, is named as failed and the worker replaced. Workers hold nothing that lasts, know no
store, and end with the crawl however it ends, for their input ends with it.
"""

import asyncio
import contextlib
import os
import pickle
import signal
import subprocess
import sys
import time
from collections import deque
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final, Protocol, TypeVar

from aggregator.faults import fault
from aggregator.types import Page

#: Pages that must be on their way before workers are started: a start costs about a second.
WORTH: Final = 150
#: Pages that a worker has got at most; more are read by the crawl itself. The crawl is busy with
#: the articles of many pages at a time, and the worker must not run out of pages meanwhile.
AHEAD: Final = 36
#: No more is given to a worker that has so many bytes of pages.
MOST_BYTES: Final = 32_000_000
#: So many bytes lie in a pipe, where the system lets us: with Linux's 64 kB a worker has two pages
#: and waits for the crawl's next look at its pipes (a crawl on two cores took half as long again).
PIPE: Final = 1 << 20
#: Longest time for one page, and for a start, in seconds.
PAGE_S, START_S = 30.0, 120.0
#: Seconds without a page after which workers end.
IDLE_S: Final = 60.0

_LENGTH = 4
#: Bytes that are read or written at once.
_PART = 1 << 18


T = TypeVar("T")
T_co = TypeVar("T_co", covariant=True)


class Work(Protocol[T_co]):
    """Something to read; it is pickled, and so is what is in it."""

    @property
    def page(self) -> Page:
        """What was fetched."""

    def done(self) -> T_co:
        """Return what is in it."""


@dataclass(frozen=True, slots=True)
class _Failed:
    """What went wrong within a worker."""

    words: str


# ------------------------------------------------------------------ the crawl's side


def spawn() -> "subprocess.Popen[bytes]":
    """Start a worker; it ends when its input does."""
    return subprocess.Popen(
        [sys.executable, "-P", "-c", "from aggregator.crawl.workers import main; main()"],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        bufsize=0,
        env={**os.environ, "PYTHONPATH": _module_path()},
    )


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
        worker = min(self._running, key=lambda each: each.waiting)
        self._used = time.monotonic()
        worker.pump()
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
        self._running = [
            _Worker(self._page_s, self._early.pop() if self._early else None)
            for _ in range(self._count)
        ]
        self._used = time.monotonic()
        self._timer = asyncio.get_running_loop().call_later(IDLE_S, self._look)

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

    def __init__(self, page_s: float, early: "subprocess.Popen[bytes] | None" = None) -> None:
        self._page_s = page_s
        self.bytes = 0
        self._loop = asyncio.get_running_loop()
        self._jobs: deque[_Job] = deque()
        self._process: subprocess.Popen[bytes] | None = None
        self._out, self._in = bytearray(), bytearray()
        self._timer: asyncio.TimerHandle | None = None
        self._is_ready = self._is_closed = False
        self._start(early)  # it may get ready while its first pages come

    @property
    def waiting(self) -> int:
        """How many pages it has got."""
        return len(self._jobs)

    async def read(self, work: Work[T]) -> T:
        """Return what is in a page; see :meth:`Workers.read`."""
        job = _Job(_framed(work), self._loop.create_future())
        self._jobs.append(job)
        self.bytes += len(job.data)
        if self._process is None:
            self._start()
        else:
            if self._is_ready and len(self._jobs) == 1:
                self._watch(self._page_s)
            self._send(job.data)
        answer: T | _Failed = await job.answer
        if isinstance(answer, _Failed):
            kind = "stopped" if self._is_closed else "unreadable"
            raise fault(kind, work.page.url, answer.words)
        return answer

    def close(self) -> None:
        """End the process; its pages are given up."""
        self._is_closed = True
        self._end()
        while self._jobs:
            self._answer(_Failed("the crawl ends"))

    # -- the process

    def _start(self, early: "subprocess.Popen[bytes] | None" = None) -> None:
        process = early or spawn()
        self._process, self._is_ready = process, False
        for pipe in (process.stdin, process.stdout):
            if pipe is not None:
                os.set_blocking(pipe.fileno(), False)
                _widen(pipe.fileno())
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
            self._answer(_Failed(words))
        if self._jobs:
            self._start()

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
        while (data := _unframed(self._in)) is not None:
            if self._is_ready:
                self._answer(pickle.loads(data))  # noqa: S301 -- our own
            self._is_ready = True  # the first one says that it is
            self._watch(self._page_s if self._jobs else None)

    def _answer(self, answer: Any) -> None:
        job = self._jobs.popleft()
        self.bytes -= len(job.data)
        if not job.answer.done():
            job.answer.set_result(answer)


def _widen(fd: int) -> None:
    """Let a pipe hold more; where it cannot, it works as it is."""
    with contextlib.suppress(ImportError, AttributeError, OSError):
        import fcntl

        fcntl.fcntl(fd, fcntl.F_SETPIPE_SZ, PIPE)


def _framed(value: Any) -> bytes:
    data = pickle.dumps(value)
    return len(data).to_bytes(_LENGTH, "big") + data


def _unframed(stream: bytearray) -> bytes | None:
    """Take the first whole message off; None where there is none yet."""
    end = _LENGTH + int.from_bytes(stream[:_LENGTH], "big")
    if len(stream) < max(end, _LENGTH):
        return None
    data = bytes(stream[_LENGTH:end])
    del stream[:end]
    return data


def _module_path() -> str:
    """Return where a worker finds this program, installed or not."""
    return os.pathsep.join(
        (str(Path(__file__).parents[2]), *filter(None, (os.environ.get("PYTHONPATH"),)))
    )


# ------------------------------------------------------------------ the worker's side


def main() -> None:
    """Read pages from standard input until it ends; what is printed goes to standard error."""
    for each in (signal.SIGINT, signal.SIGTERM):
        signal.signal(each, signal.SIG_IGN)  # the crawl ends us
    answers = os.fdopen(os.dup(1), "wb")
    os.dup2(2, 1)
    jobs = sys.stdin.buffer
    from aggregator.crawl import seed_work  # noqa: F401 -- while the crawl itself gets ready
    from aggregator.seeds import feed  # noqa: F401

    with contextlib.suppress(BrokenPipeError):
        _answer(answers, None)
        while (work := _next(jobs)) is not None:
            _answer(answers, _done(work))


def _done(work: Work[Any]) -> Any:
    try:
        return work.done()
    except Exception as error:  # noqa: BLE001 -- one page must not end the others
        return _Failed(f"{type(error).__name__}: {error}")


def _next(jobs: Any) -> Any:
    head = jobs.read(_LENGTH)
    data = jobs.read(int.from_bytes(head, "big")) if len(head) == _LENGTH else b""
    return pickle.loads(data) if data else None  # noqa: S301 -- the crawl's own


def _answer(out: Any, value: Any) -> None:
    out.write(_framed(value))
    out.flush()
