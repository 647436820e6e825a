"""Crawls on many processes and machines: Dask distributed hands out batches, PostgreSQL keeps all.

The scheduler (``scheduler.run``) looks for due sources and hands them out in batches whose hosts
are disjoint; a worker (``worker.crawl_batch``) leases the hosts of its batch in the database and
runs one ordinary crawl. Nothing that matters lives in Dask: when a worker or the scheduler dies,
its leases expire and the queue in the store brings everything back, at least once, stored once.

Limits: needs PostgreSQL. Scheduler and workers run the same version of the program.
"""

import importlib.util

from aggregator.errors import ConfigError


def needs_dask() -> None:
    """See that Dask is installed.

    Raises:
        ConfigError: it is not.
    """
    if importlib.util.find_spec("distributed") is None:
        raise ConfigError("a cluster needs Dask", "distributed", "install aggregator[cluster]")
