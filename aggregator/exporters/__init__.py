"""Documents out of the store: one module a format, looked up by name.

Each module has ``write(feed, changes)``, a generator of bytes that returns the number of entries,
``CONTENT_TYPE`` and ``SUFFIX``.
Exporters get what they write, in the order they are to write it, and never look for it; they hold
one article at a time; the same articles give the same bytes, since no clock is asked.
"""

import difflib
import importlib
from collections.abc import Generator, Iterable
from typing import Final, Protocol, cast

from aggregator.errors import UsageError
from aggregator.types import Change, Feed

#: Name of a format → its module.
MODULES: Final = {
    "jsonl": "jsonl",
    "rss": "rss",
    "atom": "atom",
    "json": "json_feed",
    "text": "text",
    "parquet": "parquet",
    "opml": "opml",
    "ninjs": "ninjs",
    "schema_org": "schema_org",
}


class Exporter(Protocol):
    """What a module of this package offers."""

    CONTENT_TYPE: str
    SUFFIX: str

    def write(self, feed: Feed, changes: Iterable[Change]) -> Generator[bytes, None, int]:
        """Yield the document in pieces; the generator returns how many entries it wrote."""


def exporter(name: str) -> Exporter:
    """Return the module that writes this format.

    Raises:
        UsageError: there is no such format.
    """
    module = MODULES.get(name)
    if module is None:
        near = difflib.get_close_matches(name, MODULES, n=1)
        cause = f"did you mean {near[0]}?" if near else f"one of {' '.join(MODULES)}"
        raise UsageError("unknown format", name, cause)
    return cast("Exporter", importlib.import_module(f"aggregator.exporters.{module}"))
