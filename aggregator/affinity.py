"""How near two articles are in what they tell: the one measure behind events and related articles.

Pure: two fingerprints and the weights of terms go in, a few named numbers come out. Reports in two
scripts are compared by what the word lists know in both (topics, places, names), by figures, and by
the consonants of other names (Tokayev and توكاييف are both ``tkf``).
"""

import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Protocol

from aggregator.similarity import NOTHING, Fingerprint, Likeness, Shingles, compare, shingles
from aggregator.sounds import SPELLED, skeletons
from aggregator.terms import exclude, routine

Weigh = Callable[[str], float]
Lengths = tuple[float, float]

_SECONDS = 86400
#: Days apart that are assumed where a date is missing.
_UNKNOWN_GAP = 1.0


@dataclass(slots=True)
class Affinity:
    """How two articles agree.

    Attributes:
        cosine: 0 to 1, of the weighted terms.
        mass: summed weight of what they share.
        topics, places, names, figures, words: the parts of ``mass``.
        days: days between them; 1 where a date is missing.
        apart: they name places and share not even a country.
        elsewhere: both name narrow places and share none.
        against: what is done excludes that they tell of one happening (postponed, launched).
        said: how many terms the one has that has fewer.
        unnamed: no name that a list knows, and no rare word, is in both.
        routine: both titles tell what is told anew each day (gold, weather), on different days.
        foreign: they are written in different scripts.
    """

    cosine: float
    mass: float
    topics: float
    places: float
    names: float
    figures: float
    words: float
    days: float
    apart: bool
    elsewhere: bool
    against: bool
    said: int
    unnamed: bool
    routine: bool
    foreign: bool


class Weighed:
    """An article with the weights of its terms, worked out once for all it is compared with.

    Args:
        print_: its fingerprint.
        weigh: gives the weight of a term.
        lengths: what :func:`length` said of it, if it was asked.
    """

    __slots__ = ("lengths", "print", "telling", "weights")

    def __init__(self, print_: Fingerprint, weigh: Weigh, lengths: Lengths | None = None) -> None:
        self.print = print_
        self.weights = {term: weigh(term) for term in print_.terms.salience}
        self.lengths = lengths or length(print_, self.weights.__getitem__)
        self.telling = {
            term
            for term, weight in self.weights.items()
            if term[0] == "n" or (term[0] == "w" and weight > _RARE_WORD)
        }


def affinity(one: Weighed, b: Fingerprint, lengths: Lengths) -> Affinity:
    """Return how near two articles are; which of them is weighed makes no difference.

    Args:
        one: an article.
        b: the other one's fingerprint.
        lengths: the other one's (:func:`length`).
    """
    a = one.print
    ours, theirs, weights = a.terms.salience, b.terms.salience, one.weights
    foreign = _script(a) != _script(b)
    parts = dict.fromkeys("cgpn#w", 0.0)
    shared = ours.keys() & theirs.keys()
    dot = 0.0  # term by term; weights squared, as in a cosine of weighted counts
    for term in shared:
        weight, loud, other = weights[term], ours[term], theirs[term]
        dot += weight * weight * loud * other
        parts[term[0]] += weight * (loud if loud < other else other)  # noqa: FURB136 -- quicker
    unnamed = one.telling.isdisjoint(shared)
    norm = one.lengths[foreign] * lengths[foreign]
    if foreign:
        names = _same_sound(ours, theirs)
        parts["n"] += names
        unnamed = unnamed and not names
        dot += names * names
    places = parts["p"] + parts["g"]
    days = _UNKNOWN_GAP if a.at is None or b.at is None else abs(a.at - b.at) / _SECONDS
    both = a.terms.kinds & b.terms.kinds
    return Affinity(
        cosine=min(1.0, dot / (norm**0.5)) if norm else 0.0,
        mass=sum(parts.values()),
        topics=parts["c"],
        places=places,
        names=parts["n"],
        figures=parts["#"],
        words=parts["w"],
        days=days,
        apart=not places and "g" in both,
        elsewhere=not parts["p"] and "p" in both,
        against=exclude(a.terms.acts, b.terms.acts),
        said=min(len(ours), len(theirs)),
        unnamed=unnamed,
        routine=days > _SAME_ISSUE and routine(a.terms, b.terms),
        foreign=foreign,
    )


def _script(one: Fingerprint) -> bool:
    return one.language.split("-")[0] in {"ar", "fa", "ur", "ckb", "ps"}


_SAME_ISSUE = 0.75
#: Words that weigh more are names, as a rule.
_RARE_WORD = 2.5


def length(print_: Fingerprint, weigh: Weigh) -> Lengths:
    """Return the squared lengths of an article's weighted terms: all, and those of every script."""
    all_, shared = _REST, _FOREIGN_REST
    for term, loud in print_.terms.salience.items():
        square = (weigh(term) * loud) ** 2
        all_ += square
        if term[0] != "w":
            shared += square
    return all_, shared


#: Constants, so that a few weak terms in common are not taken for all there is to say: an article
#: whose every word is common is near to none. Few terms are shared by scripts: more is asked there.
_REST, _FOREIGN_REST = 15.0, 40.0


def _same_sound(ours: Mapping[str, float], theirs: Mapping[str, float]) -> float:
    """Return the summed weight of words of two scripts that sound alike."""
    heard: dict[str, float] = {}
    for term, loud in ours.items():
        if term[0] == "w":
            for form in skeletons(term[2:].removeprefix(SPELLED)):
                heard[form] = max(heard.get(form, 0.0), loud)
    total = 0.0
    for term, loud in theirs.items():
        if term[0] == "w":
            hits = [
                (len(form), heard[form])
                for form in skeletons(term[2:].removeprefix(SPELLED))
                if form in heard
            ]
            if hits:
                length, other = max(hits)
                total += (1.2 if length == 3 else 2.4) * min(loud, other)
    return total


class HasPrint(Protocol):
    """An article to compare."""

    @property
    def pk(self) -> int:
        """The store's key."""

    @property
    def print(self) -> Fingerprint:
        """Its fingerprint."""

    @property
    def lengths(self) -> Lengths | None:
        """What :func:`length` said of it, if it was asked."""


class Comparer:
    """Compares one article with others, each pair once, however many steps ask for it."""

    def __init__(self, entry: HasPrint, weigh: Weigh) -> None:
        self.entry = entry
        self.weigh = weigh
        self._weighed: Weighed | None = None
        self._anchors = frozenset(entry.print.anchors)
        self._shingles: Shingles | None = None
        self._likeness: dict[int, Likeness] = {}
        self._affinity: dict[int, Affinity] = {}

    def likeness(self, one: HasPrint) -> Likeness:
        """Return how the texts agree; texts with no anchor in common do not."""
        found = self._likeness.get(one.pk)
        if found is None:
            ours, theirs = self.entry.print, one.print
            found = NOTHING
            if not self._anchors.isdisjoint(theirs.anchors):
                if self._shingles is None:
                    self._shingles = shingles(ours.codes)
                found = compare(ours, theirs, self._shingles)
            self._likeness[one.pk] = found
        return found

    def affinity(self, one: HasPrint) -> Affinity:
        """Return how near the articles are in what they tell."""
        found = self._affinity.get(one.pk)
        if found is None:
            if self._weighed is None:
                self._weighed = Weighed(self.entry.print, self.weigh, self.entry.lengths)
            lengths = one.lengths or length(one.print, self.weigh)
            found = affinity(self._weighed, one.print, lengths)
            self._affinity[one.pk] = found
        return found


def same_event(near: Affinity) -> float:
    """Return the log odds that two articles tell of one happening; above 0 is yes.

    The constants come from a logistic regression on pairs of reports of known events
    (``tests/data/events`` and the golden pairs), rounded.
    """
    odds = _on_matter(near) - 2.6 - 0.8 * min(near.days, 8.0)
    if near.against:
        odds -= 12.0
    if near.routine:
        odds -= _ROUTINE_LOSS
    if near.days > _SAME_ISSUE:
        odds -= 0.8
    if near.elsewhere:
        odds -= 0.8
        if near.days > _LATER:  # later reports of one event name the same town
            odds -= 1.5
    if near.unnamed:
        odds -= 0.3
    if near.said > _SHORT:  # long texts have more in common by chance
        odds -= _LENGTH_LOSS * math.log(near.said / _SHORT)
    if near.mass - near.places - near.names < _MORE_THAN_ACTORS:
        odds -= 1.5
    return odds


_LATER = 1.5
_SHORT, _LENGTH_LOSS = 40, 0.8
#: Prices and weather of another day share nearly every word.
_ROUTINE_LOSS = 14.0
#: Shared actors and places alone tell of no one event.
_MORE_THAN_ACTORS = 1.5


def same_matter(near: Affinity) -> float:
    """Return how well one article goes with the other; above 0 is well enough to be shown."""
    odds = _on_matter(near) - 2.4 - 0.06 * min(near.days, 30.0)
    if near.foreign:  # readable articles first
        odds -= 0.7
    return odds - 1.0 if near.routine else odds


def _on_matter(near: Affinity) -> float:
    cosine = near.cosine * (0.5 if near.foreign else 1.0)
    told = (
        1.0 * cosine
        + 2.2 * math.sqrt(cosine * min(near.mass, 40.0))
        + 0.155 * min(near.topics, 16.0)
        + 0.066 * min(near.names, 10.0)
        + 0.1 * min(near.figures, 8.0)
    )
    if near.foreign:
        told += 1.1
    return told - 4.0 if near.apart else told
