"""One writer of crawls per store: a lock that its holder's death releases.

A file lock beside the data for SQLite; for a database server the workers hold leases instead.
"""

import contextlib
import fcntl
import json
import os
import socket
import time
from collections.abc import Iterator
from pathlib import Path

from aggregator.errors import BusyError, StoreError
from aggregator.store.engine import Store


@contextlib.contextmanager
def hold(store: Store, data: Path) -> Iterator[None]:
    """Hold the store's lock while the body runs.

    Raises:
        BusyError: another process holds it; the message names it.
    """
    path = _path(store, data)
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        handle = path.open("a+", encoding="utf-8")
    except OSError as error:
        raise StoreError("the lock cannot be made", path, error) from error
    with handle:
        try:
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError as error:
            raise BusyError("another process works on this store", _holder(path), path) from error
        handle.seek(0)
        handle.truncate()
        about = {"pid": os.getpid(), "host": socket.gethostname(), "since": time.time()}
        handle.write(json.dumps(about))
        handle.flush()
        try:
            yield
        finally:
            handle.seek(0)
            handle.truncate()


def _path(store: Store, data: Path) -> Path:
    database = store.engine.url.database
    if store.is_sqlite and database and database != ":memory:":
        return Path(f"{database}.lock")
    return data / "aggregator.lock"


def _holder(path: Path) -> str:
    try:
        about = json.loads(path.read_text(encoding="utf-8"))
        started = time.strftime("%Y-%m-%d %H:%M:%S", time.localtime(about["since"]))
        return f"process {about['pid']} on {about['host']} since {started}"
    except (OSError, ValueError, KeyError):
        return "unknown process"
