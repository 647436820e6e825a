"""Where an arrival belongs among what was told lately: whose copy, which event, what goes with it.

Asks an index (:class:`aggregator.neighbours.Neighbours`), decides by the pure rules of
``similarity``, ``clusters`` and ``related``, writes nothing. The cost of a placement does not grow
with the store.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace

from aggregator import clusters, related
from aggregator.affinity import Comparer, length
from aggregator.neighbours import Neighbours, Stored
from aggregator.similarity import Party, Shingles, compare, first_publisher, shingles
from aggregator.terms import prior

#: Stands for an article that has no key yet; larger than any real one, so that it loses ties.
ARRIVAL = 2**62


@dataclass(frozen=True, slots=True, kw_only=True)
class Placement:
    """Where an article belongs; keys are the store's, ``ARRIVAL`` is the article itself.

    Attributes:
        entry: what is to be indexed.
        root: the article that this one repeats.
        dethroned: an article that repeats this one, though it was seen before.
        joined: other originals that are copies of the same text, as this one shows.
        cluster: the event's label; None: it founds its own.
        merged: labels that are one with ``cluster`` from now on.
        refreshed: related articles of others, now that this one is there.
    """

    entry: Stored
    root: int | None = None
    dethroned: int | None = None
    joined: tuple[int, ...] = ()
    cluster: str | None = None
    merged: tuple[str, ...] = ()
    refreshed: Mapping[int, related.Scored] = field(default_factory=dict)


def find_copy(entry: Stored, index: Neighbours) -> Placement:
    """Return the placement of an arrival as far as copies go.

    An arrival may be near to several originals that were too far from each other to be told for
    copies: with it they are one.
    """
    roots = _originals(entry, index)
    if not roots:
        return Placement(entry=entry)
    head = _head(entry, roots, index)
    others = [one for one in roots if one.pk != head.pk]
    if head is entry:
        root, *others = others
        placement = Placement(
            entry=replace(entry, cluster=root.cluster), dethroned=root.pk, cluster=root.cluster
        )
    else:
        placement = Placement(
            entry=replace(entry, root=head.pk), root=head.pk, cluster=head.cluster
        )
        if others:
            others = [one for one in others if not _settled(one, index)]
    labels = {one.cluster for one in others if one.cluster is not None} - {placement.cluster}
    return replace(
        placement,
        joined=tuple(one.pk for one in others),
        merged=tuple(sorted(label for label in labels if label is not None)),
    )


#: Copies from which an original stays one, whoever says that he was first: to move them all for
#: each of thousands of like items would take for ever.
SETTLED = 100


def _settled(one: Stored, index: Neighbours) -> bool:
    return index.copied(one.pk, SETTLED) >= SETTLED


def _head(entry: Stored, roots: Sequence[Stored], index: Neighbours) -> Stored:
    """Return whose text it is: the arrival's, or one of the originals'."""
    known = {one.pk: one for one in (*roots, entry)}
    first = known[first_publisher([_party(one) for one in known.values()]).pk]
    if len(roots) == 1 and first is not entry:
        return first
    settled = [one for one in roots if _settled(one, index)]
    if not settled:
        return first
    return known[first_publisher([_party(one) for one in settled]).pk]


def _originals(entry: Stored, index: Neighbours) -> list[Stored]:
    """Return the originals that the arrival repeats, or whose copies it repeats, best first."""
    known: dict[int, Stored] = {}
    found: dict[int, None] = {}
    own: Shingles | None = None
    for one in index.alike(entry.print, entry.day):
        root = one.pk if one.root is None else one.root
        if root in found:
            continue
        if own is None:
            own = shingles(entry.print.codes)
        if compare(entry.print, one.print, own).kind == "copy":
            found[root] = None
            known[one.pk] = one
    missing = [pk for pk in found if pk not in known]
    known |= {one.pk: one for one in index.get(missing)} if missing else {}
    return [known[pk] for pk in found if pk in known]


def place(placement: Placement, index: Neighbours, window_days: int) -> Placement:
    """Return the placement with event and related articles."""
    entry = placement.entry
    weigh = _weights(index, entry)
    entry = replace(entry, lengths=length(entry.print, weigh))
    comparer = Comparer(entry, weigh)
    gone = {placement.root, placement.dethroned, *placement.joined}
    near = [
        one
        for one in index.near(entry.print, entry.day, window_days)
        if one.pk != entry.pk and one.pk not in gone
    ]
    scored = related.scores(comparer, near)
    placed = replace(placement, entry=replace(entry, related=related.pick(scored)))
    if placement.root is not None:
        return placed  # a copy is where its original is, and is related to nobody
    placed = replace(placed, refreshed=related.refreshed(entry, scored))
    if placement.dethroned is not None:
        return placed
    choice = clusters.choose(comparer, near, index.members, index.documents)
    return replace(
        placed,
        entry=replace(placed.entry, cluster=choice.cluster),
        cluster=choice.cluster,
        merged=choice.merged,
    )


def _party(entry: Stored) -> Party:
    return Party(
        pk=entry.pk,
        source=entry.source,
        credit=entry.credit,
        at=entry.print.at,
        first_seen=entry.seen,
    )


def _weights(index: Neighbours, entry: Stored) -> Callable[[str], float]:
    """Return the weights of terms, those of the arrival asked for at once."""
    known = dict(index.weights(entry.print.terms.salience))

    def weigh(term: str) -> float:
        weight = known.get(term)
        return prior(term) if weight is None else weight  # asked for each would be a query each

    return weigh
