"""What runs inside a Dask worker: one batch of sources, as one ordinary crawl.

Everything a batch brings is in the database when it returns; the result only tells of it. A batch
may run twice (a worker died, a network parted): leases keep the second away from the hosts of the
first, the queue and the names of articles keep anything from being stored twice.
"""

import logging
import os
import random
import socket
import threading
import time
import uuid
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any, Final

from aggregator import __version__
from aggregator.cluster.holding import Holding
from aggregator.config import Config
from aggregator.errors import StoreError
from aggregator.store.engine import HEAD, Store
from aggregator.types import Source

log = logging.getLogger(__name__)

#: Times that a batch is run when the database says that two transactions were in each other's way.
_TRIES: Final = 5
#: serialization failure, deadlock, unique violation, lock not available
_PASSING: Final = frozenset({"40001", "40P01", "23505", "55P03"})
#: One crawl at a time in a process: its folder and its processor are one crawl's.
_ONE = threading.Lock()
#: Runs of schedulers that were asked to end; their batches end, or do not begin.
_ended: set[str] = set()


@dataclass(frozen=True, slots=True, kw_only=True)
class Job:
    """A batch to crawl: everything a worker needs to know.

    Attributes:
        program: of the scheduler, as :func:`program` says it.
        run: names the scheduler's run; :func:`stop` ends all batches of one.
        sources: of the batch.
        hosts: source id → all hosts it is known to need.
    """

    program: str
    run: str
    config: Config = field(repr=False)
    sources: tuple[Source, ...]
    hosts: Mapping[str, frozenset[str]]


@dataclass(frozen=True, slots=True, kw_only=True)
class Result:
    """What became of a batch.

    Attributes:
        done: sources whose crawl ended by itself.
        held: sources that another worker was busy with.
        error: one line where the batch failed as a whole, and ``kind`` of it: ``store`` (the
            database), ``program`` (another version), ``broken`` (anything else).
    """

    done: tuple[str, ...] = ()
    held: tuple[str, ...] = ()
    tally: Mapping[str, Mapping[str, int]] = field(default_factory=dict)
    failures: tuple[str, ...] = ()
    error: str | None = None
    kind: str = ""


def program() -> str:
    """Return the version of the program and of the store it knows: what a cluster has in common."""
    return f"{__version__} (store {HEAD})"


def stop(run: str) -> None:
    """End the batches of a scheduler's run in this process, soon and cleanly."""
    _ended.add(run)


def crawl_batch(job: Job) -> Result:
    """Crawl a batch and tell what became of it; never raises."""
    if program() != job.program:
        about = f"scheduler {job.program}, worker {program()} on {socket.gethostname()}"
        return Result(error=f"worker runs another version of the program: {about}", kind="program")
    if not logging.getLogger().handlers:
        from aggregator import logs

        logs.configure(logging.INFO)
    try:
        with _ONE:
            return Result() if job.run in _ended else _with_retries(job)
    except StoreError as error:
        return Result(error=str(error), kind="store")
    except Exception as error:
        log.exception("batch failed")
        return Result(error=f"unexpected error: {type(error).__name__}: {error}", kind="broken")


def _with_retries(job: Job) -> Result:
    """Run a batch, again where transactions were in each other's way: the queue knows the rest."""
    chance = random.Random()  # noqa: S311 (not for secrets)
    for turn in range(1, _TRIES + 1):
        try:
            store = Store.open(job.config.database_url)
            try:
                return _crawl(job, store)
            finally:
                store.close()
        except StoreError as error:
            if turn == _TRIES or not is_passing(error):
                raise
            log.warning("batch is run again: %s", error)
            time.sleep(chance.uniform(0.1, 0.5) * turn)
    raise AssertionError("the last try returns or raises")


def is_passing(error: StoreError) -> bool:
    """Return whether the same work may well succeed when done again at once."""
    original = getattr(error.__cause__, "orig", None)
    return getattr(original, "sqlstate", None) in _PASSING


def _crawl(job: Job, store: Store) -> Result:
    owner = f"{socket.gethostname()[:40]}:{os.getpid()}:{uuid.uuid4().hex}"
    config = replace(job.config, data=_own_folder(job.config.data))
    holding = Holding(
        store,
        owner,
        config.lease_s,
        default_s=config.delay_s,
        asked_to_stop=lambda: job.run in _ended,
    )
    with holding:
        got = holding.take(frozenset().union(*job.hosts.values()))
        ours = [each for each in job.sources if job.hosts[each.id] <= got]
        needed = frozenset().union(*(job.hosts[each.id] for each in ours))
        holding.give_back(got - needed)
        for each in ours:
            delay_s = config.delay_s if each.delay_s is None else each.delay_s
            holding.rest(dict.fromkeys(job.hosts[each.id], delay_s))
        held = tuple(each.id for each in job.sources if each not in ours)
        if not ours:
            return Result(held=held)
        result = _run(config, store, ours, holding)
        return replace(result, held=held)


def _run(config: Config, store: Store, ours: list[Source], holding: Holding) -> Result:
    from aggregator.crawl import run
    from aggregator.crawl.session import Session

    session = Session(
        config=config,
        sources={each.id: each for each in ours},
        store=store,
        shared=True,
        may_ask=holding.may_ask,
    )
    more = {"DOWNLOADER_MIDDLEWARES": {"aggregator.cluster.guard.LeaseMiddleware": 50}}
    keep = False
    try:
        run.run(session, list(session.sources), due=True, more=more, until=holding.over)
        keep = True
    finally:
        session.close(keep=keep)
    stopped = session.stopping.is_set()
    tally: dict[str, Mapping[str, int]] = {
        name: dict(count) for name, count in session.tally.items()
    }
    return Result(
        done=() if stopped else tuple(session.sources),
        tally=tally,
        failures=tuple(session.failures[:100]),
    )


def _own_folder(data: Path) -> Path:
    """Return the folder of this worker: archives and robots.txt files have one writer each."""
    return data / "workers" / _worker_name()


def _worker_name() -> str:
    name: Any = f"pid{os.getpid()}"
    try:
        from distributed import get_worker

        name = get_worker().name
    except (ImportError, ValueError):  # no worker: a test, or a script
        pass
    text = f"{socket.gethostname()}-{name}"
    return "".join(letter if letter.isalnum() or letter in "-." else "_" for letter in text)[:100]
