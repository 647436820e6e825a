"""Decide by boosted trees how likely each block of a page belongs to the article's body.

The trees stand in ``data/body_model.json`` and were grown by ``bench/train_body.py``; here they are
only walked. Walking is what a page costs most, so the trees are turned into Python expressions
once, at half the time of a loop over nodes, and a block whose sum is beyond doubt after the first
trees is not walked through the rest: its sum is carried on as those of its kind end on average.
"""

import json
from collections.abc import Callable, Iterable, Sequence
from functools import lru_cache
from importlib.resources import files
from math import exp
from typing import NamedTuple

from aggregator.extract.features import NAMES

Row = Sequence[float]


class Trees(NamedTuple):
    """Binary trees in one array: at a node go left where ``row[feature] <= threshold``.

    ``left`` and ``right`` are nodes, or ``~leaf`` where negative; ``roots`` are as well. A stage is
    a number of trees, the sums below and above which a block needs no more of them, and the factor
    by which such sums go on to grow. Of the pages that the trees were grown on, one block in 1,000
    that leave would have crossed 0.15 or 0.85.
    """

    feature: tuple[int, ...]
    threshold: tuple[float, ...]
    left: tuple[int, ...]
    right: tuple[int, ...]
    leaf: tuple[float, ...]
    roots: tuple[int, ...]
    stages: tuple[tuple[int, float, float, float], ...]


class _Stage(NamedTuple):
    """Some of the trees: their sum for a row, and the sums that need no further trees."""

    score: Callable[[Row], float]
    low: float
    high: float
    carry: float


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


def probabilities(rows: Iterable[Row], trees: Trees | None = None) -> list[float]:
    """Return for each row how likely its block belongs to the body, 0 to 1."""
    stages = _own_stages() if trees is None else _staged(trees)
    found = []
    for row in rows:
        total = 0.0
        for score, low, high, carry in stages:
            total += score(row)
            if not low < total < high:
                total *= carry
                break
        found.append(1.0 / (1.0 + exp(-total)))
    return found


@lru_cache(maxsize=1)
def _own_stages() -> tuple[_Stage, ...]:
    return _staged(load())


def _staged(trees: Trees) -> tuple[_Stage, ...]:
    stages, start = [], 0
    for count, low, high, carry in trees.stages:
        score = _compiled(trees, trees.roots[start:count])
        stages.append(_Stage(score, low, high, carry))
        start = count
    rest = _compiled(trees, trees.roots[start:])
    return (*stages, _Stage(rest, float("-inf"), float("inf"), 1.0))


def _compiled(trees: Trees, roots: Iterable[int]) -> Callable[[Row], float]:
    """Return a function that sums the leaves a row reaches in these trees."""
    terms = "+".join(_expression(trees, root) for root in roots)
    scope: dict[str, Callable[[Row], float]] = {}
    # the text is made of the numbers of our own data file and of nothing else
    exec(f"def score(r):\n return {terms or '0.0'}", scope)  # noqa: S102
    return scope["score"]


def _expression(trees: Trees, node: int) -> str:
    if node < 0:
        return repr(float(trees.leaf[~node]))
    test = f"r[{int(trees.feature[node])}]<={float(trees.threshold[node])!r}"
    left = _expression(trees, trees.left[node])
    right = _expression(trees, trees.right[node])
    return f"({left} if {test} else {right})"
