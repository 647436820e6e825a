"""Related articles: the same matter told by another article, best first, at most three.

Another event's or day's article on the matter, never a copy of this one; a report of the same event
in other words will do, a further near copy of one already chosen will not. Scores are kept with the
index, so that an arrival can show at once for which stored articles it is better than what they
have. Pure.
"""

from collections.abc import Iterable, Sequence

from aggregator.affinity import Comparer, same_matter
from aggregator.neighbours import Stored
from aggregator.similarity import NOTHING, Likeness, compare

MOST = 3
#: Stored articles that one arrival may be added to.
MOST_REFRESHED = 6
#: A new one must be this much better than the worst of three.
_BETTER = 0.25
#: Share of common shingles from which two articles are too alike to be shown together.
_TOO_ALIKE = 0.5

Scored = tuple[tuple[int, float], ...]


def scores(near: Comparer, candidates: Iterable[Stored]) -> list[tuple[Stored, float]]:
    """Return the candidates that go with an article and how well, best first."""
    found = []
    for one in candidates:
        if one.pk == near.entry.pk or one.root is not None:
            continue
        score = same_matter(near.affinity(one))
        if score > 0 and not _too_alike(near.likeness(one)):
            found.append((one, round(score, 3)))
    found.sort(key=lambda pair: (-pair[1], pair[0].pk))
    return found


def pick(scored: Sequence[tuple[Stored, float]]) -> Scored:
    """Return pk and score of the best three that are no copies of each other."""
    chosen: list[tuple[Stored, float]] = []
    for one, score in scored:
        if len(chosen) == MOST:
            break
        if not any(_too_alike(_likeness(one, other)) for other, _ in chosen):
            chosen.append((one, score))
    return tuple((one.pk, score) for one, score in chosen)


def refreshed(entry: Stored, scored: Sequence[tuple[Stored, float]]) -> dict[int, Scored]:
    """Return the new lists of stored articles for which ``entry`` is better than what they have.

    Args:
        entry: the arrival, an original.
        scored: what :func:`scores` found for it.
    """
    lists: dict[int, Scored] = {}
    for one, score in scored:
        if len(lists) == MOST_REFRESHED:
            break
        if any(pk == entry.pk for pk, _ in one.related):
            continue
        if len(one.related) < MOST or score > one.related[-1][1] + _BETTER:
            every = [*one.related, (entry.pk, score)]
            every.sort(key=lambda pair: (-pair[1], pair[0]))
            lists[one.pk] = tuple(every[:MOST])
    return lists


def _likeness(one: Stored, other: Stored) -> Likeness:
    if set(one.print.anchors).isdisjoint(other.print.anchors):
        return NOTHING
    return compare(one.print, other.print)


def _too_alike(like: Likeness) -> bool:
    return like.kind == "copy" or (like.kind == "none" and like.shared >= _TOO_ALIKE)
