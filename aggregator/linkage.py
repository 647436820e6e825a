"""Gathers what belongs together when all of it is known: the nearest two groups first.

Pure: keys and odds go in, groups come out. Two groups are as near as the nearer half of their
pairs is in the mean, so that one likeness by chance does not chain strangers, and a report that has
little in common with some of the others is not left out. Only pairs that somebody named are begun
with; the work grows with those pairs, not with all pairs.
"""

import heapq
from collections.abc import Callable, Iterable, Sequence

#: Members of each group that are looked at when two groups are compared.
MOST_COMPARED = 8


def linked(odds: Sequence[float], never: float) -> float:
    """Return how near two groups are from the odds of their pairs; one ``never`` parts them."""
    if not odds or min(odds) <= never:
        return never
    nearer = sorted(odds, reverse=True)[: (len(odds) + 1) // 2]
    return sum(nearer) / len(nearer)


def gather(
    pairs: Iterable[tuple[int, int]],
    odds: Callable[[int, int], float],
    *,
    bar: float,
    never: float,
) -> dict[int, int]:
    """Return for each key in ``pairs`` one key of its group.

    Args:
        pairs: keys that may belong together.
        odds: log odds that two keys do.
        bar: how near two groups must be to be one.
        never: odds from which two keys, and so their groups, are kept apart.
    """
    gatherer = _Gatherer(odds, bar, never)
    gatherer.begin(pairs)
    gatherer.join_all()
    return gatherer.home


class _Gatherer:
    """Joins the nearest two groups until none are near enough; a pair's odds are asked once.

    How near two groups are is worked out again when it is their turn and one of them has grown by
    a quarter since, so that a group of thousands costs no more than its pairs.
    """

    def __init__(self, odds: Callable[[int, int], float], bar: float, never: float) -> None:
        self._ask = odds
        self._bar, self._never = bar, never
        self._odds: dict[tuple[int, int], float] = {}
        self._groups: dict[int, list[int]] = {}
        #: nearness, two groups, and how large they were when it was worked out
        self._heap: list[tuple[float, int, int, int]] = []
        self._offered: set[tuple[int, int, int]] = set()
        self.home: dict[int, int] = {}

    def begin(self, pairs: Iterable[tuple[int, int]]) -> None:
        for a, b in pairs:
            for key in (a, b):
                self._groups.setdefault(key, [key])
            if a != b:
                self._offer(a, b)
        self.home = {key: key for key in self._groups}

    def _between(self, a: int, b: int) -> float:
        key = (a, b) if a < b else (b, a)
        if key not in self._odds:
            self._odds[key] = self._ask(*key)
        return self._odds[key]

    def _offer(self, a: int, b: int) -> None:
        """Put two groups on the heap if they are near, once for each size they have."""
        a, b = min(a, b), max(a, b)
        size = len(self._groups[a]) + len(self._groups[b])
        if (a, b, size) in self._offered:
            return
        self._offered.add((a, b, size))
        ours, theirs = self._groups[a][-MOST_COMPARED:], self._groups[b][-MOST_COMPARED:]
        near = linked([self._between(x, y) for x in ours for y in theirs], self._never)
        if near > self._bar:
            heapq.heappush(self._heap, (-near, a, b, size))

    def join_all(self) -> None:
        while self._heap:
            _, a, b, size = heapq.heappop(self._heap)
            first, second = self.home[a], self.home[b]
            if first == second:
                continue
            if len(self._groups[first]) + len(self._groups[second]) > 1.25 * size:
                self._offer(first, second)
            else:
                self._join(first, second)

    def _join(self, a: int, b: int) -> None:
        """Join the smaller group to the larger."""
        if len(self._groups[a]) < len(self._groups[b]):
            a, b = b, a
        gone = self._groups.pop(b)
        self._groups[a] += gone
        self.home.update(dict.fromkeys(gone, a))
