"""``aggregator run`` past one process: from the command line's words to the loop and its end."""

import contextlib
import logging
import signal
from collections.abc import Callable, Iterator, Mapping, Sequence

from aggregator import catalogue
from aggregator.cluster import places
from aggregator.cluster.scheduler import Scheduler, needs_server
from aggregator.config import Config
from aggregator.crawl.session import Session
from aggregator.errors import CatalogueError
from aggregator.store.engine import Store
from aggregator.types import Source

log = logging.getLogger(__name__)


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
        ClusterError: the cluster cannot be used, or was lost.
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

    place = places.standing(address) if address else places.local(workers or 1)
    with place as client:
        scheduler = Scheduler(session, client, ids)
        with _signals(scheduler, reload):
            scheduler.run()


@contextlib.contextmanager
def _signals(scheduler: Scheduler, reload: Callable[[], None]) -> Iterator[None]:
    """Let SIGTERM and SIGINT end the loop, SIGHUP read the catalogue anew."""
    wanted = {
        signal.SIGTERM: lambda *_: scheduler.stop(),
        signal.SIGINT: lambda *_: scheduler.stop(),
        signal.SIGHUP: lambda *_: reload(),
    }
    before = {each: signal.signal(each, does) for each, does in wanted.items()}
    try:
        yield
    finally:
        for each, did in before.items():
            signal.signal(each, did)
