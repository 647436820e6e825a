"""Events: articles that tell of one happening share a cluster, over sources, languages and days.

An article joins a cluster or founds one when it arrives. Labels are stable: a cluster keeps the
label of its founder as it grows; when an arrival shows that two clusters are one, the larger keeps
its label and the outcome names the other, so that the caller can write the change. Pure: candidates
and weights go in, outcomes come out; nothing is looked up or written here but in :func:`cluster`,
the door for a list of articles, which finds candidates in an index in memory and gathers them.
"""

import math
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Protocol

from aggregator.affinity import Comparer, Weigh, length, same_event
from aggregator.linkage import gather, linked
from aggregator.neighbours import MEMBERS, MemoryNeighbours, Stored
from aggregator.similarity import Fingerprint, compare, fingerprint

#: Log odds from which an article joins.
_JOIN = 0.5
#: Log odds from which a member stays: less than to join, so that no event comes and goes.
_STAY = -0.5
#: The same where all articles are known, for the nearer half of the pairs of two groups: among
#: so many articles, and what each tenfold of them adds.
_JOIN_ALL, _AMONG, _TENFOLD = 0.0, 300, 0.35
#: Articles with fewer terms say too little to be of one event with another.
_FEWEST_TERMS = 3
#: Added to it for each tenfold of the first hundred articles that the index knows.
_CROWD = 0.25
#: Log odds of the arrival with both, and between both, from which two clusters are one.
_MERGE, _BETWEEN = 1.2, 1.0
#: Clusters near an arrival from which the best must be this much nearer than the median one.
_MANY, _CLEARLY = 6, 1.5
#: Days to both sides in which an event is looked for.
WINDOW_DAYS = 7
_NEVER, _SURE = -99.0, 9.0
#: Identical titles further apart than this tell of another day (prices, bulletins).
_NEXT_ISSUE_S = 0.75 * 86400


@dataclass(frozen=True, slots=True)
class Choice:
    """Where an article belongs.

    Attributes:
        cluster: the label it joins; None: it founds its own.
        odds: log odds of the best cluster, also where it was not enough.
        merged: labels that are one with ``cluster`` now.
    """

    cluster: str | None
    odds: float = _NEVER
    merged: tuple[str, ...] = ()


def event_odds(near: Comparer, one: Stored) -> float:
    """Return the log odds that two articles tell of one happening; templates never do."""
    ours, theirs = near.entry.print, one.print
    kind = near.likeness(one).kind
    if kind == "copy":
        return _SURE
    if kind == "template":
        return _NEVER
    if ours.title and ours.title == theirs.title and _days_differ(ours, theirs):
        return _NEVER
    return same_event(near.affinity(one))


def _days_differ(a: Fingerprint, b: Fingerprint) -> bool:
    return a.at is not None and b.at is not None and abs(a.at - b.at) > _NEXT_ISSUE_S


def choose(
    near: Comparer,
    candidates: Iterable[Stored],
    members: Callable[[str], Sequence[Stored]],
    documents: int = 0,
) -> Choice:
    """Return the cluster that an arrival joins, and those that it shows to be the same.

    Args:
        near: compares the arrival.
        candidates: articles that may be near; those without a cluster are not looked at.
        members: the newest members of a cluster.
        documents: how many articles the index knows: the more is told, the more must agree.
    """
    bar = _JOIN + _CROWD * math.log10(1 + documents / 100)
    grouped: dict[str, dict[int, Stored]] = defaultdict(dict)
    if _says_little(near.entry.print):
        return Choice(None)
    for one in candidates:
        if one.cluster is not None and not _says_little(one.print):
            grouped[one.cluster][one.pk] = one
    odds: dict[str, float] = {}
    best: dict[str, float] = {}
    for label, found in grouped.items():
        first = [event_odds(near, one) for one in found.values()]
        best[label] = max(first)
        if max(first) <= bar:
            odds[label] = _NEVER
            continue
        others = [one for one in members(label) if one.pk not in found][: MEMBERS - 1]
        first += [event_odds(near, one) for one in others]
        odds[label] = linked(sorted(first, reverse=True)[:MEMBERS], _NEVER)
    ranked = sorted(odds, key=lambda label: (-odds[label], label))
    if not ranked or odds[ranked[0]] <= bar or not _stands_out(ranked, odds, best):
        return Choice(None, odds[ranked[0]] if ranked else _NEVER)
    same = [label for label in ranked[1:] if odds[label] >= _MERGE and odds[ranked[0]] >= _MERGE]
    joined = [
        label
        for label in same
        if _between(members(ranked[0]), members(label), near.weigh) >= _BETWEEN
    ]
    if not joined:
        return Choice(ranked[0], odds[ranked[0]])
    every = [ranked[0], *joined]
    kept = min(every, key=lambda label: (-len(members(label)), _oldest(members(label)), label))
    return Choice(kept, odds[ranked[0]], tuple(label for label in every if label != kept))


def _stands_out(ranked: list[str], odds: dict[str, float], best: dict[str, float]) -> bool:
    """Whether the best of many clusters is clearly nearer than most: else none is meant."""
    if len(best) < _MANY:
        return True
    usual = sorted(best.values())[len(best) // 2]
    return odds[ranked[0]] >= usual + _CLEARLY


def _oldest(members: Sequence[Stored]) -> tuple[float, int]:
    return min(((one.seen, one.pk) for one in members), default=(0.0, 0))


def _between(ours: Sequence[Stored], theirs: Sequence[Stored], weigh: Weigh) -> float:
    comparers = [Comparer(one, weigh) for one in ours]
    odds = [event_odds(near, one) for near in comparers for one in theirs]
    return linked(odds, _NEVER)


def parts(members: Sequence[Stored], weigh: Weigh) -> list[list[int]]:
    """Return the keys of a cluster's members as the parts that hold together without each other.

    For clusters that lost or changed a member: more than one part means that it was the bridge. The
    first part has the oldest member and keeps the label. At most a few dozen members are sensible.
    """
    left = sorted(members, key=lambda one: (one.seen, one.pk))
    comparers = {one.pk: Comparer(one, weigh) for one in members}
    found: list[list[int]] = []
    while left:
        part, left = [left[0]], left[1:]
        grew = True
        while grew:
            joined = [
                one
                for one in left
                if linked([event_odds(comparers[one.pk], other) for other in part], _NEVER) > _STAY
            ]
            grew = bool(joined)
            part += joined
            left = [one for one in left if one not in joined]
        found.append([one.pk for one in part])
    return found


# ----------------------------------------------------------------------- the door


class ArticleLike(Protocol):
    """What :func:`cluster` reads; ``language`` is read too where there is one."""

    id: str
    title: str | None
    paragraphs: Sequence[str]
    published: datetime | str | None


def cluster(articles: Sequence[ArticleLike]) -> list[str]:
    """Return one label for each article, the id of an article of its event.

    All articles are known here, so the order makes no difference: the nearest are joined first.
    """
    prints = [_print(article) for article in articles]
    dated = sorted(print_.day for print_ in prints if print_.day is not None)
    usual = dated[len(dated) // 2] if dated else 0
    index = MemoryNeighbours()
    for at, print_ in enumerate(prints):
        day = usual if print_.day is None else print_.day
        index.add([Stored(pk=at, print=print_, day=day, cluster=f"{at}")])
    roots = _roots(index, len(prints))
    bar = _JOIN_ALL + _TENFOLD * math.log10(max(len(prints), 2) / _AMONG)
    home = gather(_pairs(index, roots), _Odds(index), bar=bar, never=_NEVER)
    labels: dict[int, str] = {}
    return [
        labels.setdefault(home.get(root, root), article.id)
        for root, article in zip(roots, articles, strict=True)
    ]


def _roots(index: MemoryNeighbours, count: int) -> list[int]:
    """Return for each indexed article the first article of which it is a copy, or itself."""
    roots = list(range(count))
    for entry in index.get(roots):
        for one in index.alike(entry.print, entry.day):
            ours, theirs = _root(roots, entry.pk), _root(roots, one.pk)
            if ours != theirs and compare(entry.print, one.print).kind == "copy":
                roots[max(ours, theirs)] = min(ours, theirs)
    return [_root(roots, at) for at in range(count)]


def _root(roots: list[int], at: int) -> int:
    while roots[at] != at:
        roots[at] = at = roots[roots[at]]
    return at


def _pairs(index: MemoryNeighbours, roots: Sequence[int]) -> Iterator[tuple[int, int]]:
    for entry in index.get(at for at, root in enumerate(roots) if at == root):
        for one in index.near(entry.print, entry.day, WINDOW_DAYS):
            yield entry.pk, roots[one.pk]


class _Odds:
    """The odds of two indexed articles, by the weights of the whole index."""

    _KEPT = 500

    def __init__(self, index: MemoryNeighbours) -> None:
        self._index = index
        self._comparers: dict[int, tuple[Stored, Comparer]] = {}

    def __call__(self, a: int, b: int) -> float:
        if len(self._comparers) > self._KEPT:
            self._comparers.clear()
        (one, near), (other, _) = self._comparer(a), self._comparer(b)
        if _says_little(one.print) or _says_little(other.print):
            return _SURE if near.likeness(other).kind == "copy" else _NEVER
        return event_odds(near, other)

    def _comparer(self, pk: int) -> tuple[Stored, Comparer]:
        if pk not in self._comparers:
            (entry,) = self._index.get([pk])
            entry = replace(entry, lengths=length(entry.print, self._index.weigh))
            self._comparers[pk] = entry, Comparer(entry, self._index.weigh)
        return self._comparers[pk]


def _says_little(print_: Fingerprint) -> bool:
    return len(print_.terms.salience) < _FEWEST_TERMS


def _print(article: ArticleLike) -> Fingerprint:
    published = article.published
    if isinstance(published, str):
        try:
            published = datetime.fromisoformat(published)
        except ValueError:
            published = None
    paragraphs = tuple(article.paragraphs or ())
    language = getattr(article, "language", None) or _script_language(article.title, paragraphs)
    return fingerprint(article.title, paragraphs, language, published)


def _script_language(title: str | None, paragraphs: Sequence[str]) -> str:
    text = (title or "") + (paragraphs[0][:200] if paragraphs else "")
    latin = sum(letter.isascii() and letter.isalpha() for letter in text)
    arabic = sum("\u0600" <= letter <= "\u06ff" for letter in text)
    return "en" if latin > arabic else "ar"
