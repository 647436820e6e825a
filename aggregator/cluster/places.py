"""Finds the cluster: processes on this machine, or a standing one; says in a line what is wrong."""

import contextlib
import logging
import time
from collections.abc import Iterator
from typing import Any, Final

from aggregator.cluster import worker
from aggregator.errors import ClusterError

log = logging.getLogger(__name__)

#: Seconds to wait for a scheduler that does not answer, and for the first worker.
CONNECT_S: Final = 10.0
WORKERS_S: Final = 30.0


@contextlib.contextmanager
def local(workers: int) -> Iterator[Any]:
    """Yield a client of worker processes on this machine; a dead one is started again.

    The processes end with this one, also when it is killed.
    """
    from distributed import Client, LocalCluster

    logging.getLogger("distributed").setLevel(logging.CRITICAL)
    with (
        LocalCluster(  # type: ignore[no-untyped-call]
            n_workers=workers,
            threads_per_worker=1,
            processes=True,
            host="127.0.0.1",
            dashboard_address="127.0.0.1:0",
            silence_logs=logging.CRITICAL,  # tracebacks of heartbeats when we are killed
        ) as cluster,
        Client(cluster) as client,  # type: ignore[no-untyped-call]
    ):
        check(client)
        yield client


@contextlib.contextmanager
def standing(address: str) -> Iterator[Any]:
    """Yield a client of the cluster whose scheduler has this address.

    Raises:
        ClusterError: no scheduler, no workers, or workers with another version of the program.
    """
    client = _connect(address)
    try:
        wait_for_workers(client, WORKERS_S)
        check(client)
        yield client
    finally:
        with contextlib.suppress(Exception):  # it may be gone; that was said already
            client.close(timeout=5)


def _connect(address: str) -> Any:
    from distributed import Client

    # what we say in one line they say in twenty, with tracebacks
    for name in ("distributed", "distributed.client", "distributed.utils", "tornado"):
        logging.getLogger(name).setLevel(logging.CRITICAL)
    try:
        return Client(address, timeout=CONNECT_S)  # type: ignore[no-untyped-call]
    except (OSError, ValueError, TimeoutError) as error:
        hint = "start one with `dask scheduler`, or check the address"
        raise ClusterError("scheduler cannot be reached", address, hint) from error


def address_of(client: Any) -> str:
    """Return the scheduler's address."""
    return str(client.scheduler.address) if client.scheduler else "unknown"


def wait_for_workers(client: Any, seconds: float) -> None:
    """Wait until there is a worker.

    Raises:
        ClusterError: there is none after so many seconds.
    """
    end = time.monotonic() + seconds
    while not client.ncores():
        if time.monotonic() >= end:
            address = address_of(client)
            raise ClusterError(
                "the cluster has no workers", address, f"start some: `dask worker {address}`"
            )
        time.sleep(0.2)


def check(client: Any) -> None:
    """See that all workers run this program.

    Raises:
        ClusterError: one has another version, or lacks it.
    """
    for name, said in client.run(worker.program, on_error="return").items():
        if said == worker.program():
            continue
        what = f"{type(said).__name__}: {said}" if isinstance(said, BaseException) else said
        raise ClusterError(
            "worker runs another version of the program", name, f"{what}, not {worker.program()}"
        )
