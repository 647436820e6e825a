"""``aggregator run`` past one process: from the command line's words to the loop and its end."""

import contextlib
import logging
import signal
import threading
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any, Final

from aggregator import catalogue
from aggregator.cluster import places
from aggregator.cluster.scheduler import Scheduler, needs_server
from aggregator.config import Config
from aggregator.crawl.session import Session
from aggregator.errors import CatalogueError, ClusterError, LostClusterError
from aggregator.store.engine import Store
from aggregator.types import Source

log = logging.getLogger(__name__)

#: Seconds for a lost scheduler to come back.
PATIENCE_S: Final = 600.0


def serve(
    config: Config,
    sources: Mapping[str, Source],
    store: Store,
    ids: Sequence[str],
    *,
    workers: int | None = None,
    address: str = "",
) -> None:
    """Crawl until SIGTERM, on so many processes here or on the cluster at an address.

    Raises:
        ConfigError: the store is SQLite.
        ClusterError: the cluster cannot be used, or was lost and did not come back.
    """
    needs_server(store)
    current = dict(sources)

    def session() -> Session:
        return Session(config=config, sources=current, store=store, service=True)

    def reload() -> None:
        try:
            found = catalogue.load(config.sources)
        except CatalogueError as error:
            log.error("sources not read anew: %s", error)  # noqa: TRY400 (no traceback wanted)
            return
        current.clear()
        current.update(found)

    stopping = threading.Event()

    def crawl(client: Any) -> None:
        Scheduler(session, client, ids, stopping=stopping).run()

    with _signals(stopping, reload):
        if not address:
            with places.local(workers or 1) as client:
                crawl(client)
            return
        with places.standing(address) as client, contextlib.suppress(LostClusterError):
            crawl(client)
        _again(address, crawl, stopping)


def _again(address: str, crawl: Callable[[Any], None], stopping: threading.Event) -> None:
    """Go on with a scheduler that was lost and comes back, in :data:`PATIENCE_S` after the loss.

    Raises:
        ClusterError: it does not.
    """
    lost, wait_s = time.monotonic(), 1.0
    while not stopping.is_set():
        log.warning("scheduler was lost: %s (again in %.0f s)", address, wait_s)
        if stopping.wait(wait_s):
            return
        try:
            with places.standing(address) as client:
                log.warning("the scheduler is back: %s", address)
                lost, wait_s = time.monotonic(), 1.0
                crawl(client)
        except LostClusterError:
            lost = time.monotonic()
        except ClusterError:
            if time.monotonic() - lost > PATIENCE_S:
                raise
            wait_s = min(30.0, wait_s * 2)


@contextlib.contextmanager
def _signals(stopping: threading.Event, reload: Callable[[], None]) -> Iterator[None]:
    """Let SIGTERM and SIGINT end the loop, SIGHUP read the catalogue anew."""
    wanted = {
        signal.SIGTERM: lambda *_: stopping.set(),
        signal.SIGINT: lambda *_: stopping.set(),
        signal.SIGHUP: lambda *_: reload(),
    }
    before = {each: signal.signal(each, does) for each, does in wanted.items()}
    try:
        yield
    finally:
        for each, did in before.items():
            signal.signal(each, did)
