"""Processes beside the crawl that read pages, for machines with more than one core.

They are started only when many pages wait, take a few pages ahead each, and end when nothing has
come for a while; what they cannot take the crawl reads itself. A page that kills its worker, or
takes it too long, is named as failed and the worker replaced. Workers hold nothing that lasts: they
read the store (for how common keywords are), never write, and end with the crawl however it ends,
for their input ends with it.
"""

import asyncio
import contextlib
import os
import pickle
import select
import signal
import subprocess
import sys
import time
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from aggregator.crawl.page_work import Done, Work, prepared
from aggregator.faults import fault

#: Pages that must be on their way before workers are started: a start costs about a second.
WORTH: Final = 150
#: Pages of a worker that wait for it; more are read by the crawl itself.
AHEAD: Final = 4
#: Longest time for one page, and for a start, in seconds.
PAGE_S, START_S = 30.0, 120.0
#: Seconds without a page after which workers end.
IDLE_S: Final = 60.0

_LENGTH = 4


@dataclass(frozen=True, slots=True)
class _Failed:
    """What went wrong within a worker."""

    words: str


# ------------------------------------------------------------------ the crawl's side


class Workers:
    """The workers of one crawl; use it from its loop.

    Args:
        count: most processes; 0: every page is read by the crawl itself.
        database_url: the store's, with its password.
        worth: see :data:`WORTH`.
        page_s: longest time for one page.
    """

    def __init__(
        self, count: int, database_url: str, *, worth: int = WORTH, page_s: float = PAGE_S
    ) -> None:
        self._count, self._worth = count, worth
        self._setup = pickle.dumps(database_url)
        self._page_s = page_s
        self._running: list[_Worker] = []
        self._used = 0.0
        self._timer: asyncio.TimerHandle | None = None

    @property
    def running(self) -> int:
        """How many workers there are."""
        return len(self._running)

    async def read(self, work: Work, *, waiting: int) -> Done | None:
        """Return what a page led to; None: read it here.

        Args:
            work: the page.
            waiting: how many pages are on their way.

        Raises:
            FetchError: the page killed its worker, or took it too long.
        """
        if not self._running:
            if waiting < self._worth or not self._count:
                return None
            self._start()
        worker = min(self._running, key=lambda each: each.waiting)
        self._used = time.monotonic()
        if worker.waiting >= AHEAD:
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
        self._running = [_Worker(self._setup, self._page_s) for _ in range(self._count)]
        self._used = time.monotonic()
        self._timer = asyncio.get_running_loop().call_later(IDLE_S, self._look)

    def _look(self) -> None:
        self._timer = None
        idle_s = time.monotonic() - self._used
        if idle_s >= IDLE_S and not any(worker.waiting for worker in self._running):
            self.close()
        elif self._running:
            self._timer = asyncio.get_running_loop().call_later(IDLE_S, self._look)


class _Worker:
    """One process, made anew when it dies, and the thread that waits for it."""

    def __init__(self, setup: bytes, page_s: float) -> None:
        self.waiting = 0
        self._setup, self._page_s = setup, page_s
        self._thread = ThreadPoolExecutor(1, "page-worker")
        self._process: subprocess.Popen[bytes] | None = None
        self._is_closed = False
        self._thread.submit(self._started)  # it may get ready while its first pages come

    async def read(self, work: Work) -> Done:
        self.waiting += 1
        try:
            loop = asyncio.get_running_loop()
            answer = await loop.run_in_executor(self._thread, self._ask, work)
        except asyncio.CancelledError:
            if self._is_closed:
                raise fault("stopped", work.page.url) from None
            raise
        finally:
            self.waiting -= 1
        if isinstance(answer, _Failed):
            kind = "stopped" if self._is_closed else "unreadable"
            raise fault(kind, work.page.url, answer.words)
        return answer

    def close(self) -> None:
        self._is_closed = True
        process = self._process
        if process is not None:
            process.kill()  # a thread that waits for it sees its end
        self._thread.shutdown(wait=True, cancel_futures=True)
        self._end()

    # -- on the worker's thread

    def _ask(self, work: Work) -> Done | _Failed:
        words = "its process ended"
        process = None
        try:
            process = self._started()
            if process is not None:
                _send(process, pickle.dumps(work), time.monotonic() + self._page_s)
                answer: Done | _Failed = _receive(process, time.monotonic() + self._page_s)
                return answer
        except TimeoutError:
            words = f"took more than {self._page_s:g} s"
        except (OSError, EOFError, pickle.PickleError) as error:
            words = f"its process ended: {error}" if str(error) else words
        self._end()
        return _Failed(words)

    def _started(self) -> "subprocess.Popen[bytes] | None":
        if self._process is None and not self._is_closed:
            process = subprocess.Popen(
                [sys.executable, "-P", "-c", "from aggregator.crawl.workers import main; main()"],
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                bufsize=0,
                env={**os.environ, "PYTHONPATH": _module_path()},
            )
            self._process = process
            if self._is_closed:  # it came to an end meanwhile
                self._end()
                return None
            for pipe in (process.stdin, process.stdout):
                if pipe is not None:
                    os.set_blocking(pipe.fileno(), False)
            end = time.monotonic() + START_S
            _send(process, self._setup, end)
            _receive(process, end)
        return self._process

    def _end(self) -> None:
        process, self._process = self._process, None
        if process is None:
            return
        process.kill()
        process.wait()
        for pipe in (process.stdin, process.stdout):
            if pipe is not None:
                with contextlib.suppress(OSError):
                    pipe.close()


def _module_path() -> str:
    """Return where a worker finds this program, installed or not."""
    return os.pathsep.join(
        (str(Path(__file__).parents[2]), *filter(None, (os.environ.get("PYTHONPATH"),)))
    )


def _wait(fd: int, event: int, end: float) -> None:
    """Wait until a pipe can be used; raises TimeoutError."""
    poll = select.poll()
    poll.register(fd, event)
    if not poll.poll(max(0.0, end - time.monotonic()) * 1000):
        raise TimeoutError


def _send(process: "subprocess.Popen[bytes]", data: bytes, end: float) -> None:
    if process.stdin is None:
        raise EOFError
    fd = process.stdin.fileno()
    rest = memoryview(len(data).to_bytes(_LENGTH, "big") + data)
    while rest:
        _wait(fd, select.POLLOUT, end)
        rest = rest[os.write(fd, rest) :]


def _receive(process: "subprocess.Popen[bytes]", end: float) -> Any:
    if process.stdout is None:
        raise EOFError
    fd = process.stdout.fileno()

    def exactly(size: int) -> bytes:
        parts: list[bytes] = []
        while size:
            _wait(fd, select.POLLIN, end)
            part = os.read(fd, min(size, 1 << 20))
            if not part:
                raise EOFError
            parts.append(part)
            size -= len(part)
        return b"".join(parts)

    return pickle.loads(exactly(int.from_bytes(exactly(_LENGTH), "big")))  # noqa: S301 -- our own


# ------------------------------------------------------------------ the worker's side


def main() -> None:
    """Read pages from standard input until it ends; what is printed goes to standard error."""
    for each in (signal.SIGINT, signal.SIGTERM):
        signal.signal(each, signal.SIG_IGN)  # the crawl ends us
    answers = os.fdopen(os.dup(1), "wb")
    os.dup2(2, 1)
    jobs = sys.stdin.buffer
    from aggregator import ingest

    ask = ingest.asker(_next(jobs))
    from aggregator.extract import joining  # noqa: F401 -- what every page needs, before the first

    with contextlib.suppress(BrokenPipeError):
        _answer(answers, None)
        while (work := _next(jobs)) is not None:
            _answer(answers, _done(work, ask))


def _done(work: Work, ask: Any) -> Done | _Failed:
    try:
        return prepared(work, ask)
    except Exception as error:  # noqa: BLE001 -- one page must not end the others
        return _Failed(f"{type(error).__name__}: {error}")


def _next(jobs: Any) -> Any:
    head = jobs.read(_LENGTH)
    data = jobs.read(int.from_bytes(head, "big")) if len(head) == _LENGTH else b""
    return pickle.loads(data) if data else None  # noqa: S301 -- the crawl's own


def _answer(out: Any, value: Any) -> None:
    data = pickle.dumps(value)
    out.write(len(data).to_bytes(_LENGTH, "big") + data)
    out.flush()
