"""JSON Lines: one change a line, the contract's record behind a header."""

from collections.abc import Iterable

from aggregator.exporters.shared import Document
from aggregator.record import dump_change
from aggregator.types import Change, Feed

CONTENT_TYPE = "application/jsonl; charset=utf-8"
SUFFIX = ".jsonl"


def write(feed: Feed, changes: Iterable[Change]) -> Document:
    """Yield a line for each change, deletions included.

    Whoever holds stored records as bytes calls :func:`aggregator.record.line` instead and saves
    reading and writing them again.
    """
    del feed
    count = 0
    for count, change in enumerate(changes, 1):  # noqa: B007 -- the last number is the answer
        yield dump_change(change)
    return count
