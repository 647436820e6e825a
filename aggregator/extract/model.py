"""Decide by boosted trees how likely each block of a page belongs to the article's body.

The trees stand in ``data/body_model.json`` and were grown by ``bench/train_body.py``; here they are
only walked. Most blocks of a page are menus: a block whose sum is hopeless after the first trees is
not walked through the rest.
"""

import json
from collections.abc import Iterable, Sequence
from functools import lru_cache
from importlib.resources import files
from math import exp
from typing import Final, NamedTuple

from aggregator.extract.features import NAMES

#: trees that every block passes, and the sum below or above which it passes no more
FIRST_TREES: Final = 30
HOPELESS: Final = -3.6


class Trees(NamedTuple):
    """Binary trees in one array: at a node go left where ``row[feature] <= threshold``.

    ``left`` and ``right`` are nodes, or ``~leaf`` where negative; ``roots`` are as well.
    """

    feature: tuple[int, ...]
    threshold: tuple[float, ...]
    left: tuple[int, ...]
    right: tuple[int, ...]
    leaf: tuple[float, ...]
    roots: tuple[int, ...]


@lru_cache(maxsize=1)
def load() -> Trees:
    """Return the trees that come with the package.

    Raises:
        ValueError: they were grown for other measures than ``features.py`` takes.
    """
    raw = json.loads((files("aggregator.extract") / "data" / "body_model.json").read_text("utf-8"))
    if raw["names"] != list(NAMES):
        raise ValueError("body_model.json: not grown for these measures")
    return Trees(*(tuple(raw[name]) for name in Trees._fields))


def probabilities(rows: Iterable[Sequence[float]], trees: Trees | None = None) -> list[float]:
    """Return for each row how likely its block belongs to the body, 0 to 1."""
    feature, threshold, left, right, leaf, roots = trees or load()
    first, rest = roots[:FIRST_TREES], roots[FIRST_TREES:]
    found = []
    for row in rows:
        total = 0.0
        for node in first:
            while node >= 0:
                node = left[node] if row[feature[node]] <= threshold[node] else right[node]
            total += leaf[~node]
        if total > HOPELESS:
            for node in rest:
                while node >= 0:
                    node = left[node] if row[feature[node]] <= threshold[node] else right[node]
                total += leaf[~node]
        found.append(1.0 / (1.0 + exp(-total)))
    return found
