"""What an arrival means for what is there: whose copy it is, which event, what goes with it.

:func:`arrive` asks an index, decides with ``similarity``, ``clusters`` and ``related``, writes the
index and says what the caller has to write into records. Every step has a bound, whatever the size
of the store: candidates, members, refreshed articles. Articles without a body or with a few words
found clusters of their own and are nobody's copies.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace

from aggregator import clusters, related
from aggregator.affinity import Comparer, Weigh, length
from aggregator.neighbours import Neighbours, Stored
from aggregator.similarity import Party, first_publisher
from aggregator.terms import prior

#: Terms that an article needs to be compared with others for its event.
_FEWEST_TERMS = 3


@dataclass(frozen=True, slots=True, kw_only=True)
class Arrival:
    """What an arrival changed; all keys are the store's.

    Attributes:
        copy_of: the article whose text it repeats; None for an original.
        adopted: stored articles that are copies of the arrival now, since it was first.
        shared: part of the shorter text found in the other, for a copy.
        cluster: its event.
        founded: whether the event is new.
        merged: labels that were given up for ``cluster``.
        moved: stored articles that have ``cluster`` instead of one of ``merged``.
        related: its related articles, best first.
        refreshed: stored articles that have other related ones now, and which.
    """

    copy_of: int | None = None
    adopted: tuple[int, ...] = ()
    shared: float = 0.0
    cluster: str = ""
    founded: bool = False
    merged: tuple[str, ...] = ()
    moved: tuple[int, ...] = ()
    related: tuple[int, ...] = ()
    refreshed: dict[int, tuple[int, ...]] = field(default_factory=dict)


def arrive(
    entry: Stored,
    index: Neighbours,
    *,
    label: str,
    window_days: int = clusters.WINDOW_DAYS,
) -> Arrival:
    """Place an article among its neighbours and index it.

    Args:
        entry: made by ``neighbours.stored``; an article that is known already is placed anew.
        index: the index, written by this.
        label: of the cluster, should it found one; the article's id.
        window_days: how far back events and related articles are looked for.
    """
    weigh = _weigher(entry, index)
    entry = replace(entry, lengths=length(entry.print, weigh))
    near = Comparer(entry, weigh)
    roots, shared = _copied(near, entry.day, index)
    mine = [one.pk for one in index.copies(entry.pk) if near.likeness(one).kind == "copy"]
    if roots:
        first = _first(entry, roots)
        if first.pk != entry.pk:
            return _as_copy(entry, first, roots, shared, index)
    arrival = _as_original(near, entry, index, label=label, window_days=window_days)
    if mine:  # an edited original: its copies had an heir while it was placed anew
        heirs = {one.pk if one.root is None else one.root for one in index.get(mine)}
        index.reroot(entry.pk, sorted(heirs))
    adopted = index.reroot(entry.pk, [root.pk for root in roots]) if roots else ()
    return replace(arrival, adopted=tuple(adopted), shared=shared)


def _weigher(entry: Stored, index: Neighbours) -> Weigh:
    """Return weights of the arrival's own terms; only terms shared with it are ever weighed."""
    known = index.weights(entry.print.terms.salience)

    def weigh(term: str) -> float:
        found = known.get(term)
        return prior(term) if found is None else found

    return weigh


def _copied(near: Comparer, day: int, index: Neighbours) -> tuple[list[Stored], float]:
    """Return the originals of the texts that an arrival repeats, and how much is shared."""
    own = near.entry
    roots: dict[int, None] = {}
    best = 0.0
    for one in index.alike(own.print, day):
        root = one.pk if one.root is None else one.root
        if root == own.pk or one.pk == own.pk or root in roots:
            continue
        like = near.likeness(one)
        if like.kind == "copy":
            roots[root] = None
            best = max(best, like.shared)
    return index.get(list(roots)), best


def _party(one: Stored) -> Party:
    return Party(
        pk=one.pk, source=one.source, credit=one.credit, at=one.print.at, first_seen=one.seen
    )


def _first(entry: Stored, roots: Sequence[Stored]) -> Stored:
    first = first_publisher([_party(entry), *map(_party, roots)])
    return next(one for one in (entry, *roots) if one.pk == first.pk)


def _as_copy(
    entry: Stored, first: Stored, roots: Sequence[Stored], shared: float, index: Neighbours
) -> Arrival:
    cluster = first.cluster or ""
    shown = tuple(pair for pair in first.related if pair[0] != entry.pk)
    index.add([replace(entry, root=first.pk, cluster=cluster, related=shown)])
    others = [root for root in roots if root.pk != first.pk]
    moved = index.reroot(first.pk, [root.pk for root in others]) if others else []
    lost = tuple({root.cluster for root in others if root.cluster not in {None, cluster}})
    merged = tuple(label for label in lost if label is not None)
    return Arrival(
        copy_of=first.pk,
        adopted=tuple(moved),
        shared=shared,
        cluster=cluster,
        merged=merged,
        moved=tuple(index.merge(cluster, merged)) if merged else (),
        related=tuple(pk for pk, _ in shown),
    )


def _as_original(
    near: Comparer, entry: Stored, index: Neighbours, *, label: str, window_days: int
) -> Arrival:
    around: list[Stored] = []
    if len(entry.print.terms.salience) >= _FEWEST_TERMS:
        around = [
            one for one in index.near(entry.print, entry.day, window_days) if one.pk != entry.pk
        ]
    choice = clusters.choose(near, around, _without(entry, index), index.documents)
    cluster = choice.cluster or label
    scored = related.scores(near, around)
    shown = related.pick(scored)
    entry = replace(entry, root=None, cluster=cluster, related=shown)
    index.add([entry])
    moved = index.merge(cluster, choice.merged) if choice.merged else []
    lists = related.refreshed(entry, scored)
    for pk, found in lists.items():
        index.relate(pk, found)
    return Arrival(
        cluster=cluster,
        founded=choice.cluster is None,
        merged=choice.merged,
        moved=tuple(moved),
        related=tuple(pk for pk, _ in shown),
        refreshed={pk: tuple(one for one, _ in found) for pk, found in lists.items()},
    )


def _without(entry: Stored, index: Neighbours) -> Callable[[str], Sequence[Stored]]:
    def members(label: str) -> list[Stored]:
        return [one for one in index.members(label) if one.pk != entry.pk]

    return members
