"""Text cards, parted by a line of ``---`` (see ``aggregator.cards``)."""

from collections.abc import Iterable

from aggregator import cards
from aggregator.exporters import shared
from aggregator.types import Change, Feed

CONTENT_TYPE = "text/plain; charset=utf-8"
SUFFIX = ".txt"


def write(feed: Feed, changes: Iterable[Change]) -> shared.Document:
    """Yield a card for each article, in the order given."""
    del feed
    count = 0
    for _, record in shared.articles(changes):
        parting = f"{cards.PARTING}\n" if count else ""
        yield (parting + cards.write(record)).encode("utf-8", "ignore")
        count += 1
    return count
