"""The index of what was told lately: whom to compare a new article with, never a scan.

An article is found again by its *anchors* (shingles, for copies) and its *keys* (for events and
related articles): its loudest names, places, figures and words, and pairs of country and topic,
which two reports share even where no other word is the same. Looking up reads at most
``PER_KEY`` of the newest entries of each key, so an arrival costs the same in a small store and in
a large one.

:class:`Neighbours` is the protocol; :class:`MemoryNeighbours` keeps it in dictionaries (tests, the
``cluster`` door), ``aggregator.store.neighbours`` in the database.
"""

import math
from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import chain, islice, pairwise, product
from typing import Protocol

from aggregator.similarity import Fingerprint
from aggregator.terms import prior, weigh

#: Newest entries read of one anchor, of one key.
PER_ANCHOR, PER_KEY = 6, 16
#: Candidates that are compared, for copies and for events.
TWINS, CANDIDATES = 10, 20
#: Members of one cluster that are compared.
MEMBERS = 6
_SINGLES, _COUNTRIES, _TOPICS = 12, 3, 5
#: Days to both sides in which copies are looked for.
COPY_DAYS = 30


@dataclass(frozen=True, slots=True, kw_only=True)
class Stored:
    """An indexed article.

    Attributes:
        pk: the store's key.
        day: days since 1970 under which it is indexed: published, or first seen.
        seen: first seen, seconds since 1970.
        cluster: its event; None for a copy, which is where its original is.
        root: pk of the article that it is a copy of; None for an original.
        lengths: of its weighted terms when it came, see ``affinity.length``.
        related: pk and score of its related articles, best first.
    """

    pk: int
    print: Fingerprint
    day: int
    seen: float = 0.0
    source: str = ""
    credit: str | None = None
    cluster: str | None = None
    root: int | None = None
    lengths: tuple[float, float] | None = None
    related: tuple[tuple[int, float], ...] = ()


def stored(
    pk: int,
    print_: Fingerprint,
    *,
    seen: float,
    source: str = "",
    credit: str | None = None,
) -> Stored:
    """Return what to index; an article from the future, or without a date, counts as seen now.

    Args:
        pk: the store's key.
        print_: its fingerprint.
        seen: when it was first seen, seconds since 1970.
        source: id and name of its source, parted by a blank.
        credit: the agency that its text credits.
    """
    if print_.at is not None and print_.at > seen + _SKEW_S:
        print_ = replace(print_, at=None)
    day = math.floor(seen / 86400) if print_.day is None else print_.day
    return Stored(pk=pk, print=print_, day=day, seen=seen, source=source, credit=credit)


#: Clocks of sources may be this far ahead.
_SKEW_S = 86400


def keys(print_: Fingerprint) -> tuple[str, ...]:
    """Return what an article is indexed by for events, loudest first; at most 27."""
    salience = print_.terms.salience
    weight = {term: prior(term) * loud for term, loud in salience.items()}
    loudest = sorted(weight, key=lambda term: (-weight[term], term))
    singles = [
        term
        for term in loudest
        if term[0] in "npw" or (term[0] == "#" and prior(term) >= 2) or _alone(term)
    ]
    countries = [term for term in loudest if term[0] == "g"][:_COUNTRIES]
    topics = [term for term in loudest if term[0] == "c"]
    pairs = [f"{a}+{b}" for a, b in product(countries, topics[:_TOPICS])]
    if not countries and len(topics) > 1:
        pairs = [f"{a}+{b}" for a, b in pairwise(topics[:_TOPICS])]
    return tuple(singles[:_SINGLES] + pairs)


def _alone(term: str) -> bool:
    """Whether a topic is rare enough to index by it alone."""
    return term[0] == "c" and prior(term) > 3


def rank_twins(found: Iterable[Sequence[int]], asked: int) -> list[int]:
    """Return who shares the most anchors, best first; a stray one of many says nothing."""
    hits = Counter(chain.from_iterable(found))
    least = max(1, asked // 8)
    best = [(-number, pk) for pk, number in hits.items() if number >= least]
    best.sort()
    return [pk for _, pk in best[:TWINS]]


def rank_hits(found: Iterable[Sequence[int]]) -> list[int]:
    """Return the best candidates from what each key found; a key that finds many says little."""
    hits: dict[int, float] = defaultdict(float)
    for pks in found:
        for pk in pks:
            hits[pk] += 1 / (2 + len(pks))
    return sorted(hits, key=lambda pk: (-hits[pk], pk))[:CANDIDATES]


class Neighbours(Protocol):
    """What placing an article asks of an index."""

    #: how many articles the weights are judged by, as of the last call of ``weights``
    documents: int

    def alike(self, print_: Fingerprint, day: int) -> list[Stored]:
        """Return articles that may have the same text, best first, at most ``CANDIDATES``."""

    def near(self, print_: Fingerprint, day: int, window_days: int) -> list[Stored]:
        """Return originals that may tell of the same matter, at most ``CANDIDATES``."""

    def members(self, cluster: str) -> list[Stored]:
        """Return the newest members of a cluster, at most ``MEMBERS``."""

    def weights(self, terms: Iterable[str]) -> Mapping[str, float]:
        """Return the weights of terms, judged by how many articles hold them."""

    def get(self, pks: Iterable[int]) -> list[Stored]:
        """Return indexed articles by key; unknown ones are left out."""

    def copies(self, root: int) -> list[Stored]:
        """Return some copies of an original, at most ``TWINS``."""

    def copied(self, root: int, most: int) -> int:
        """Return how many copies an original has, counted up to ``most``."""

    def add(self, entries: Sequence[Stored]) -> None:
        """Index articles; one known already is indexed anew."""

    def relate(self, lists: Mapping[int, Sequence[tuple[int, float]]]) -> None:
        """Write the related articles of each of these articles."""

    def assign(self, pk: int, cluster: str) -> None:
        """Write the event of an article."""

    def merge(self, winner: str, losers: Sequence[str]) -> list[int]:
        """Make clusters one; return the keys of all articles that have another label now."""

    def reroot(self, root: int, olds: Sequence[int]) -> list[int]:
        """Make ``root`` the original of ``olds`` and their copies; return all that changed."""

    def purge(self, pk: int) -> None:
        """Forget an article; one of its copies takes its place in the index."""


class MemoryNeighbours:
    """The index in memory; lists of one key hold the newest ``KEPT`` entries."""

    KEPT = 256

    def __init__(self) -> None:
        self._all: dict[int, Stored] = {}
        self._anchors: dict[int, list[int]] = defaultdict(list)
        self._keys: dict[str, list[int]] = defaultdict(list)
        self._exact: dict[int, int] = {}
        self._clusters: dict[str, dict[int, None]] = defaultdict(dict)
        self._copies: dict[int, dict[int, None]] = defaultdict(dict)
        self._counts: Counter[str] = Counter()
        self.documents = 0
        #: whether indexed articles count for the weights of terms
        self.counting = True

    def learn(self, prints: Iterable[Fingerprint]) -> None:
        """Count terms of articles that are not indexed (yet)."""
        for print_ in prints:
            self._counts.update(print_.terms.salience.keys())
            self.documents += 1

    def alike(self, print_: Fingerprint, day: int) -> list[Stored]:
        """Return articles that may have the same text, best first."""
        if not print_.exact:
            return []
        twin = self._all.get(self._exact.get(print_.exact, -1))
        if twin is not None and abs(twin.day - day) <= COPY_DAYS:
            return [twin]
        found = [
            self._recent(pks, day, COPY_DAYS, PER_ANCHOR)
            for anchor in print_.anchors
            if (pks := self._anchors.get(anchor))
        ]
        return [self._all[pk] for pk in rank_twins(found, len(print_.anchors))]

    def _recent(self, pks: list[int], day: int, window: int, most: int = PER_KEY) -> list[int]:
        known = self._all
        newest = [pk for pk in pks[: -most - 1 : -1] if abs(known[pk].day - day) <= window]
        if len(newest) == most or len(pks) <= most:
            return newest
        fits = (pk for pk in reversed(pks) if abs(known[pk].day - day) <= window)
        return list(islice(fits, most))

    def near(self, print_: Fingerprint, day: int, window_days: int) -> list[Stored]:
        """Return originals that may tell of the same matter, best first."""
        found = [
            self._recent(pks, day, window_days)
            for key in keys(print_)
            if (pks := self._keys.get(key))
        ]
        return [self._all[pk] for pk in rank_hits(found)]

    def members(self, cluster: str) -> list[Stored]:
        """Return the newest originals of a cluster."""
        return [self._all[pk] for pk in list(self._clusters.get(cluster, ()))[-MEMBERS:]]

    def weigh(self, term: str) -> float:
        """Return the weight of a term as counted so far."""
        return weigh(term, self._counts[term], self.documents)

    def weights(self, terms: Iterable[str]) -> Mapping[str, float]:
        """Return the weights of terms."""
        return {term: self.weigh(term) for term in terms}

    def get(self, pks: Iterable[int]) -> list[Stored]:
        """Return indexed articles by key."""
        return [self._all[pk] for pk in pks if pk in self._all]

    def copies(self, root: int) -> list[Stored]:
        """Return some copies of an original."""
        return self.get(islice(self._copies.get(root, ()), TWINS))

    def copied(self, root: int, most: int) -> int:
        """Return how many copies an original has, counted up to ``most``."""
        return min(most, len(self._copies.get(root, ())))

    def add(self, entries: Sequence[Stored]) -> None:
        """Index articles; known ones are indexed anew."""
        for entry in entries:
            self.purge(entry.pk)
            if entry.root is not None:
                entry = replace(entry, cluster=None)
                self._copies[entry.root or 0][entry.pk] = None
            elif entry.cluster is not None:
                self._clusters[entry.cluster][entry.pk] = None
            self._all[entry.pk] = entry
            if self.counting:
                self.learn([entry.print])
            self._list(entry)

    def _list(self, entry: Stored) -> None:
        exact = entry.print.exact
        if exact and self._exact.setdefault(exact, entry.pk) != entry.pk:
            return  # the same text word for word is found through its twin
        for anchor in entry.print.anchors:
            self._append(self._anchors[anchor], entry.pk)
        if entry.root is None:
            for key in keys(entry.print):
                self._append(self._keys[key], entry.pk)

    def _append(self, pks: list[int], pk: int) -> None:
        pks.append(pk)
        if len(pks) > 2 * self.KEPT:
            del pks[: self.KEPT]

    def _unlist(self, entry: Stored) -> None:
        if self._exact.get(entry.print.exact) == entry.pk:
            del self._exact[entry.print.exact]
        for anchor in entry.print.anchors:
            if entry.pk in self._anchors[anchor]:
                self._anchors[anchor].remove(entry.pk)
        self._unlist_keys(entry)

    def _unlist_keys(self, entry: Stored) -> None:
        for key in keys(entry.print):
            if entry.pk in self._keys[key]:
                self._keys[key].remove(entry.pk)

    def relate(self, lists: Mapping[int, Sequence[tuple[int, float]]]) -> None:
        """Write the related articles of each of these articles."""
        for pk, related in lists.items():
            if pk in self._all:
                self._all[pk] = replace(self._all[pk], related=tuple(related))

    def assign(self, pk: int, cluster: str) -> None:
        """Write the event of an original."""
        old = self._all[pk]
        if old.cluster is not None:
            self._clusters[old.cluster].pop(pk, None)
        self._clusters[cluster][pk] = None
        self._all[pk] = replace(old, cluster=cluster)

    def merge(self, winner: str, losers: Sequence[str]) -> list[int]:
        """Make clusters one; return all that moved."""
        moved = [pk for label in losers for pk in self._clusters.get(label, ())]
        for pk in moved:
            self.assign(pk, winner)
        return moved + [copy for pk in moved for copy in self._copies.get(pk, ())]

    def reroot(self, root: int, olds: Sequence[int]) -> list[int]:
        """Make ``root`` the original of ``olds`` and their copies; return all that changed."""
        moved = [pk for old in olds for pk in (old, *self._copies.pop(old, ())) if pk != root]
        for pk in moved:
            if pk in self._all:
                self._copies[root][pk] = None
                old = self._all[pk]
                if old.cluster is not None:
                    self._clusters[old.cluster].pop(pk, None)
                self._unlist_keys(old)
                self._all[pk] = replace(old, root=root, cluster=None)
        return sorted(moved)

    def purge(self, pk: int) -> None:
        """Forget an article; one of its copies takes its place in the index."""
        old = self._all.pop(pk, None)
        if old is None:
            return
        self._unlist(old)
        if old.cluster is not None:
            self._clusters[old.cluster].pop(pk, None)
        if old.root is not None:
            self._copies[old.root].pop(pk, None)
        heirs = list(self._copies.pop(pk, ()))
        if heirs:
            heir = replace(self._all[heirs[0]], root=None, cluster=old.cluster)
            self._all[heir.pk] = heir
            self._unlist(heir)
            self._list(heir)
            if heir.cluster is not None:
                self._clusters[heir.cluster][heir.pk] = None
            self.reroot(heir.pk, heirs[1:])
