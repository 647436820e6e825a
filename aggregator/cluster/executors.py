"""Places where pure work is done elsewhere: processes on this machine, or a standing cluster.

Both are executors of the standard library, so that who hands out the work need not know which.
"""

import contextlib
import multiprocessing
import signal
from collections.abc import Iterator
from concurrent.futures import Executor, ProcessPoolExecutor

from aggregator.cluster import places


@contextlib.contextmanager
def processes(count: int) -> Iterator[tuple[Executor, int]]:
    """Yield an executor of so many processes, and how many there are.

    The processes begin with the first work, and end with this one, also when it is killed.
    """
    with ProcessPoolExecutor(
        count, mp_context=multiprocessing.get_context("spawn"), initializer=_ignore_interrupts
    ) as pool:
        try:
            yield pool, count
        except BaseException:
            pool.shutdown(wait=False, cancel_futures=True)
            raise


def _ignore_interrupts() -> None:
    # Ctrl-C goes to the whole group; the first process decides what becomes of the others.
    signal.signal(signal.SIGINT, signal.SIG_IGN)


@contextlib.contextmanager
def standing(address: str) -> Iterator[tuple[Executor, int]]:
    """Yield an executor of a cluster, and how many workers' threads it has.

    Raises:
        ClusterError: no scheduler, no workers, or workers with another version of the program.
    """
    with places.standing(address) as client:
        yield client.get_executor(pure=False, retries=2), sum(client.ncores().values())
