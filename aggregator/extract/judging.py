"""A page cut into blocks, each measured and judged by the trees of ``model.py``."""

from typing import Any, NamedTuple

from aggregator.extract import model
from aggregator.extract.blocks import segment
from aggregator.extract.document import Document
from aggregator.extract.features import Measured, measure
from aggregator.extract.pieces import Blocks

#: where less text than this is found outside of ``nav`` and ``footer``, it is sought inside as well
FEW_CHARS = 400


class Reading(NamedTuple):
    """A page cut into blocks and measured, and the article's title, blanks folded."""

    page: Blocks
    measured: Measured
    title: str


def read_page(doc: Document, title: str | None, cut: frozenset[Any] = frozenset()) -> Reading:
    """Return the page's blocks with their measures."""
    root = next(doc.root.iterchildren("body"), doc.root)
    page = segment(root, cut=cut)
    if sum(len(block.text) - block.link for block in page.blocks) < FEW_CHARS:
        page = segment(root, cut=cut, skip=frozenset())
    return Reading(page, measure(page), " ".join((title or "").split()))


def likelihoods(reading: Reading) -> list[float]:
    """Return for each block how likely it belongs to the body, 0 to 1."""
    found = [0.0] * len(reading.page.blocks)
    measured = reading.measured
    for number, p in zip(measured.candidates, model.probabilities(measured.rows), strict=True):
        found[number] = p
    return found
