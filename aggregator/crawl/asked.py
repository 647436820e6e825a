"""SIGTERM, SIGINT and SIGHUP from a command's first moment to its last.

Nothing heavy is imported here: a command begins with this, so that a signal that comes while it
imports, opens its store or prints its table ends it as cleanly as one that comes during the crawl.
"""

import contextlib
import signal
import threading
from collections.abc import Callable, Iterator
from types import FrameType

ENDING = (signal.SIGTERM, signal.SIGINT)
ALL = (*ENDING, signal.SIGHUP)


class Asked:
    """What a process was asked by signals.

    Attributes:
        to_end: SIGTERM or SIGINT came.
        leave: called when one comes; set by whoever can end what is under way.
        reload: called on SIGHUP; until it is set there is nothing to read anew.
    """

    def __init__(self) -> None:
        self.to_end = False
        self.leave: Callable[[], None] | None = None
        self.reload: Callable[[], None] | None = None

    def come(self, number: int, _frame: FrameType | None = None) -> None:
        """Take a signal; a second SIGINT interrupts whatever runs."""
        if number == signal.SIGHUP:
            if self.reload is not None:
                self.reload()
            return
        if self.to_end and number == signal.SIGINT:
            raise KeyboardInterrupt
        self.to_end = True
        if self.leave is not None:
            self.leave()


@contextlib.contextmanager
def by_signals() -> Iterator[Asked]:
    """Yield what signals ask from now on; only the main thread hears them."""
    asked = Asked()
    if threading.current_thread() is not threading.main_thread():
        yield asked
        return
    before = {each: signal.signal(each, asked.come) for each in ALL}
    try:
        yield asked
    finally:
        for each, handler in before.items():
            signal.signal(each, handler)
