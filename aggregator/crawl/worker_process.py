"""The process that reads pages beside a crawl: how it starts, what goes through its pipes.

Jobs come in by standard input, answers go out by standard output, pickled, each with its length
before it. Both sides are this program; nothing else reaches these pipes.
"""

import contextlib
import os
import pickle
import signal
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final, Protocol, TypeVar

from aggregator.types import Page

#: So many bytes lie in a pipe, where the system lets us: with Linux's 64 kB a worker has two pages
#: and waits for the crawl's next look at its pipes (a crawl on two cores took half as long again).
PIPE: Final = 1 << 20
_LENGTH = 4

T_co = TypeVar("T_co", covariant=True)


class Work(Protocol[T_co]):
    """Something to read; it is pickled, and so is what is in it."""

    @property
    def page(self) -> Page:
        """What was fetched."""

    def done(self) -> T_co:
        """Return what is in it."""


@dataclass(frozen=True, slots=True)
class Failed:
    """What went wrong with a job; ``kind`` as the faults of a fetch are called."""

    words: str
    kind: str = "unreadable"


def spawn() -> "subprocess.Popen[bytes]":
    """Start a worker; it ends when its input does."""
    return subprocess.Popen(
        [sys.executable, "-P", "-c", "from aggregator.crawl.worker_process import main; main()"],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        bufsize=0,
        env={**os.environ, "PYTHONPATH": _module_path()},
    )


def widen(fd: int) -> None:
    """Let a pipe hold more; where it cannot, it works as it is."""
    with contextlib.suppress(ImportError, AttributeError, OSError):
        import fcntl

        fcntl.fcntl(fd, fcntl.F_SETPIPE_SZ, PIPE)


def framed(value: Any) -> bytes:
    """Return a message as it goes through a pipe."""
    data = pickle.dumps(value)
    return len(data).to_bytes(_LENGTH, "big") + data


def unframed(stream: bytearray) -> bytes | None:
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
        return Failed(f"{type(error).__name__}: {error}")


def _next(jobs: Any) -> Any:
    head = jobs.read(_LENGTH)
    data = jobs.read(int.from_bytes(head, "big")) if len(head) == _LENGTH else b""
    return pickle.loads(data) if data else None  # noqa: S301 -- the crawl's own


def _answer(out: Any, value: Any) -> None:
    out.write(framed(value))
    out.flush()
