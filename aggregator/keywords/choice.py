"""Count phrases, drop pieces of longer ones, and put the rest in order.

A phrase counts when it stands at least once by itself (its edges are edges of a noun phrase) and
the text repeats it, or the title or the source's tags vouch for it. Of phrases inside each other
the longest that repeats stays, and a part only if the text names it by itself as well.
"""

import math
from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cache

from aggregator.keywords.pieces import ENDS, GOES_ON, MAY_END, Key, Piece, shown

LONGEST = 8
Background = Callable[[Sequence[str]], Mapping[str, int]]


@dataclass(slots=True)
class Phrase:
    """One candidate.

    Attributes:
        key: what it is compared by.
        places: where it begins, in pieces.
        alone: where it stands by itself.
        covered: how often it stands inside longer phrases that were taken.
        score: higher is better.
        bonus: what titles, tags and quotes add, as a factor.
    """

    key: Key
    places: list[int]
    alone: list[int] = field(default_factory=list)
    covered: int = 0
    score: float = 0.0
    bonus: float = 1.0

    @property
    def size(self) -> int:
        """Return the number of pieces."""
        return len(self.key)


def repeated(pieces: Sequence[Piece]) -> dict[Key, Phrase]:
    """Return the phrases that the text repeats and that stand by themselves once."""
    found: dict[Key, Phrase] = {}
    places: dict[str, list[int]] = {}
    for at, piece in enumerate(pieces):
        places.setdefault(piece.word, []).append(at)
    groups: list[tuple[Key, list[int]]] = [
        ((word,), group) for word, group in places.items() if len(group) > 1
    ]
    for size in range(1, LONGEST + 1):
        for key, group in groups:
            first, last = pieces[group[0]], pieces[group[0] + size - 1]
            if first.first and last.last and (size > 1 or first.single):
                phrase = Phrase(key, group)
                if _stands(phrase, pieces):
                    found[key] = phrase
        groups = _longer(groups, pieces, size)
    return found


def _longer(
    groups: Sequence[tuple[Key, list[int]]], pieces: Sequence[Piece], size: int
) -> list[tuple[Key, list[int]]]:
    """Return the phrases of one piece more that repeat: they begin where shorter ones repeat."""
    longer: list[tuple[Key, list[int]]] = []
    count = len(pieces)
    for key, group in groups:
        places: dict[str, list[int]] = {}
        for at in group:
            end = at + size
            if end < count and (piece := pieces[end]).joined:
                places.setdefault(piece.inner, []).append(at)
        longer += [((*key, inner), each) for inner, each in places.items() if len(each) > 1]
    return longer


def _stands(phrase: Phrase, pieces: Sequence[Piece]) -> bool:
    """Whether a phrase whose words may stand at their places stands by itself once."""
    size = phrase.size
    if size > 1 and _pairs_up(phrase, pieces):
        return False
    opens = [at for at in phrase.places if pieces[at].first and pieces[at].opens]
    ends = [at for at in phrase.places if pieces[at + size - 1].closes == ENDS]
    both = set(opens) & set(ends)
    if not ends and size > 1 and _shifts(phrase, pieces):
        ends = phrase.places
    if not opens and size > 1 and _is_led(phrase, pieces):
        opens = phrase.places
    if opens and ends:
        phrase.alone = sorted(both) or opens
    return bool(phrase.alone)


def _shifts(phrase: Phrase, pieces: Sequence[Piece]) -> bool:
    """Whether a name of bare words is followed by another word each time: it ends there."""
    followers = set()
    for at in phrase.places:
        if any(piece.definite or piece.light for piece in pieces[at : at + phrase.size]):
            return False
        if at + phrase.size < len(pieces):
            followers.add(pieces[at + phrase.size].inner)
    first = pieces[phrase.places[0]]
    last = pieces[phrase.places[0] + phrase.size - 1]
    if len(followers) < len(phrase.places) or last.heads:
        return False
    return last.weight >= 1 or (first.heads and last.describes)  # Parti socialiste


def stands_at(pieces: Sequence[Piece], at: int, size: int) -> bool:
    """Whether the edges at one place are edges of a noun phrase."""
    first = pieces[at]
    return first.first and first.opens and pieces[at + size - 1].closes == ENDS


def _pairs_up(phrase: Phrase, pieces: Sequence[Piece]) -> bool:
    """Whether it is two things with "and" between (القاهرة والجيزة), not a name with "and" in it.

    A name has more than one word before the "and", or the "and" stands in its complement.
    """
    at = phrase.places[0]
    for step in range(1, phrase.size):
        if pieces[at + step].lead[:1] in ("و", "ف"):
            return step == 1 or pieces[at + step - 1].definite != pieces[at + step].definite
    return False


def _is_led(phrase: Phrase, pieces: Sequence[Piece]) -> bool:
    """Whether another bare word stands before a phrase each time: it begins there."""
    leaders = set()
    for at in phrase.places:
        if pieces[at].definite or not pieces[at].joined or pieces[at - 1].definite:
            return False
        leaders.add(pieces[at - 1].word)
    return len(leaders) == len(phrase.places)


def choose(phrases: Iterable[Phrase], pieces: Sequence[Piece]) -> list[Phrase]:
    """Return the phrases that are no pieces of others, unordered."""
    ordered = sorted(phrases, key=lambda phrase: (-phrase.size, phrase.places[0]))
    known = {phrase.key: phrase for phrase in ordered if len(phrase.places) > 1}
    taken: list[Phrase] = []
    inside: set[tuple[int, int]] = set()
    marked: set[int] = set()
    for once in (False, True):
        for phrase in ordered:
            if (len(phrase.places) < 2) is not once or _is_light(phrase, pieces, known):
                continue
            size = len(phrase.key)
            if once and not marked.isdisjoint(range(phrase.places[0], phrase.places[0] + size)):
                continue  # a repeated phrase says it better
            phrase.covered = len([at for at in phrase.places if (at, size) in inside])
            own = _own(phrase, pieces, taken)
            if own is None:
                continue
            if own:
                taken.append(phrase)
            for at in phrase.places:
                marked.update(range(at, at + size))
                if size == 1:
                    inside.add((at, 1))
                else:
                    inside.update([(at + step, part) for step, part in _parts_of(size)])
    return taken


@cache
def _parts_of(size: int) -> tuple[tuple[int, int], ...]:
    """Return where the parts of a phrase begin in it and how long they are, itself among them."""
    return tuple((step, part) for step in range(size) for part in range(1, size - step + 1))


def _is_light(phrase: Phrase, pieces: Sequence[Piece], known: Mapping[Key, Phrase]) -> bool:
    """Whether what the phrase is about is another candidate behind a light word or a title."""
    at = phrase.places[0]
    for cut in range(1, len(phrase.key)):
        piece = pieces[at + cut]
        front = known.get(phrase.key[:cut])
        if front is not None and _goes_past(phrase, front, piece, pieces[at]):
            return True
        rest = known.get((piece.word, *phrase.key[cut + 1 :]))
        if rest is None:
            continue
        more = len(rest.places) > len(phrase.places)
        if (cut == 1 and pieces[at].light) or (piece.turns and _describes(pieces[at])):
            if rest.size > 1 or more:
                return True
        elif piece.lead[-1:] == "ب" or piece.turns or (piece.lead == "و" and pieces[at].definite):
            if more or (front is not None and len(front.places) > len(phrase.places)):
                return True
        elif cut == 1 and more and rest.size > 1 and not (pieces[at].heads or pieces[at].definite):
            return True
    return False


def _goes_past(phrase: Phrase, front: Phrase, piece: Piece, first: Piece) -> bool:
    """Whether a name that is whole elsewhere stands in front of other bare words."""
    whole = front.size > 1 or first.weight > 1.2
    bare = not (piece.definite or piece.lead or piece.heads) and piece.first
    return whole and bare and len(front.places) > len(phrase.places)


def _describes(piece: Piece) -> bool:
    return piece.light or piece.definite


def _own(phrase: Phrase, pieces: Sequence[Piece], taken: Sequence[Phrase]) -> bool | None:
    """Whether a phrase says something beside the longer ones that hold it.

    False for what is only a longer one's short form, None for a mere piece.
    """
    free = len(phrase.places) - phrase.covered
    if not phrase.covered:
        return True
    if free < 1:
        return None
    for longer in taken:
        if _short_form(phrase, longer, free, pieces):
            longer.bonus *= 1.0 + 0.1 * min(free, 4)
            return False
    return True if free > 1 or pieces[phrase.places[0]].weight > 1.2 else None


def _short_form(phrase: Phrase, longer: Phrase, free: int, pieces: Sequence[Piece]) -> bool:
    """Whether a phrase is only how the text calls a longer one for short.

    A body's or person's first words (المفوضية), a person's last name; but a town at the end of a
    body's name is a matter of its own.
    """
    if phrase.size >= longer.size:
        return False
    if longer.key[: phrase.size] == phrase.key:
        return phrase.size == 1 or free < len(longer.places) + 1
    if phrase.size > 1 or longer.key[-1] != phrase.key[0]:
        return False
    if longer.size > 2 and pieces[longer.places[0]].heads and free > 1:
        return False
    return free <= len(longer.places) + 2


def single_chunks(pieces: Sequence[Piece], lines: range) -> list[tuple[int, int]]:
    """Return places and sizes of whole noun phrases with a telling head in some lines."""
    found = []
    for at, piece in enumerate(pieces):
        if piece.line not in lines or not (piece.first and piece.opens and piece.heads):
            continue
        size = _reach(pieces, at)
        if _whole(pieces, at, size):
            found.append((at, size))
    return found


def _reach(pieces: Sequence[Piece], at: int) -> int:
    """Return how many pieces the noun phrase that begins at a place has."""
    size = 1
    while size < 6 and at + size < len(pieces) and pieces[at + size].joined:
        last, after = pieces[at + size - 1], pieces[at + size]
        if last.closes == ENDS:
            break
        if last.closes == MAY_END and not (after.lead == "ل" and after.definite):
            break
        if _parts(last, after):
            break
        size += 1
    return size


def _parts(last: Piece, after: Piece) -> bool:
    """Whether two neighbouring words with article do not belong together."""
    if not last.definite or after.lead:
        return False
    if not after.describes:
        return True
    if last.word.endswith("ه"):
        return not after.word.endswith(("ه", "ا", "ي"))
    return last.heads and after.word.endswith("ه") and not last.word.endswith(("ات", "ا"))


def _whole(pieces: Sequence[Piece], at: int, size: int) -> bool:
    """Whether a phrase that stands once is complete and tells something."""
    last = pieces[at + size - 1]
    if not last.last or last.weight < 0.5:
        return False
    if last.closes == GOES_ON and not _parts(last, pieces[at + size]):
        return False
    if size == 1:
        return last.single and last.weight > 1.1
    return last.definite or last.weight > 1.1


def score(phrases: Iterable[Phrase], text: str, pieces: Sequence[Piece]) -> list[tuple[str, float]]:
    """Return shown form and weight of each phrase, in the order of the text."""
    scored = []
    for phrase in phrases:
        label = display(phrase, text, pieces)
        lines = {pieces[at].line for at in phrase.places}
        first, size = phrase.places[0], len(phrase.key)
        strength = max([piece.weight for piece in pieces[first : first + size]])
        if size == 1 and strength < 1:
            strength -= 0.4
        free = len(phrase.places) - 0.6 * phrase.covered
        value = math.log2(1 + free) * _LENGTH[min(size, 4)] * (0.5 + 0.5 * strength)
        value *= (1.6 if 0 in lines else 1.0) * (1.2 if 1 in lines else 1.0)
        scored.append((phrase.places[0], label, value * phrase.bonus))
    scored.sort(key=lambda item: item[0])
    return [(label, value) for _, label, value in scored]


_LENGTH = {1: 1.0, 2: 1.3, 3: 1.45, 4: 1.5}


def display(phrase: Phrase, text: str, pieces: Sequence[Piece]) -> str:
    """Return the form in which the text shows a phrase most, a form with article before others."""
    at = phrase.alone or phrase.places
    size = len(phrase.key)
    forms = Counter([shown(text, pieces, place, size) for place in at])
    if len(forms) == 1:
        return next(iter(forms))
    return max(forms, key=lambda form: (forms[form], not form.endswith("ا"), form.startswith("ال")))
