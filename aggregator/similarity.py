"""Copies: one text printed again, with other credit, light edits, other spelling, cut or grown.

A fingerprint is worked out once per article: the codes of its words, and a sketch of its three-word
shingles for the index. The sketch is a MinHash that keeps all hashes below a bound (at least ten,
at most 32) in place of one minimum for each of 128 permutations: the hashes of a cut text then
stand in the sketch of the whole text too (``bench/copies.py`` compares it with banding). Whether
two texts are copies is decided on all their shingles.

Words alike and figures not is a template (prices, weather, matches of another day): no copy.
Texts under ten words are too short to be told apart and never copies.
"""

import math
import sys
from array import array
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from functools import cache
from hashlib import blake2b
from importlib.resources import files
from typing import Literal

from aggregator.arabic import fold
from aggregator.terms import NO_TERMS, Terms, Word, figures, read, routine, terms

_MASK = 0xFFFFFFFF
#: Shingles whose hash lies below this are indexed: one in eight.
_BOUND = _MASK // 8
_FEWEST, _MOST = 10, 32
#: Fewer words than this are too few to tell a copy by.
LEAST_WORDS = 10
#: Least share of the shorter text's shingles that must stand in the other.
_SHARED = 0.45
#: A text shorter than this share of the other must be its beginning, nearly word for word.
_PIECE, _PIECE_SHARED = 0.3, 0.8
_SECONDS = 86400

Kind = Literal["copy", "template", "none"]


@dataclass(frozen=True, slots=True)
class Fingerprint:
    """What is compared of an article; all of it can be stored.

    Attributes:
        codes: 32 bit codes of the words of the body in order, at most 1,500.
        exact: 63 bit hash of ``codes``; 0 for a body too short to be compared.
        anchors: the indexed shingle hashes; empty for a body too short.
        figures: the numbers of the body in order.
        days: codes of the names of weekdays and months in the body.
        terms: what title and body speak of.
        at: published, seconds since 1970; None where no date is known.
        title: code of the whole folded title; 0 for none.
    """

    codes: "array[int]"
    exact: int
    anchors: tuple[int, ...]
    figures: tuple[float, ...]
    days: tuple[int, ...]
    terms: Terms
    language: str
    at: float | None = None
    title: int = 0

    @property
    def day(self) -> int | None:
        """Days since 1970, UTC."""
        return None if self.at is None else math.floor(self.at / _SECONDS)


def fingerprint(
    title: str | None,
    paragraphs: Sequence[str],
    language: str = "ar",
    published: datetime | None = None,
    *,
    about: bool = True,
) -> Fingerprint:
    """Return the fingerprint of an article.

    Args:
        title: None or empty where there is none.
        paragraphs: the body.
        language: BCP 47; only its script matters.
        published: aware.
        about: whether to work out what it speaks of; copies are told without.
    """
    head = read(title or "", 60)
    body = read("\n".join(paragraphs))
    codes = array("I", [word.code for word in body])
    long_enough = len(codes) >= LEAST_WORDS
    return Fingerprint(
        codes=codes,
        exact=_exact(codes) if long_enough else 0,
        anchors=_anchors(codes) if long_enough else (),
        figures=tuple(figures(body)),
        days=tuple([word.code for word in body if word.day]),
        terms=terms(head, body) if about else NO_TERMS,
        language=language,
        at=None if published is None else _seconds(published),
        title=_joined(head),
    )


def _seconds(moment: datetime) -> float | None:
    try:
        return moment.timestamp()
    except (OverflowError, ValueError, OSError):
        return None


def _exact(codes: "array[int]") -> int:
    digest = blake2b(packed(codes), digest_size=8).digest()
    return int.from_bytes(digest, "little") >> 1 or 1


def packed(codes: "array[int]") -> bytes:
    """Return codes as bytes, four each, the same on every machine."""
    if sys.byteorder == "big":
        codes = array("I", codes)
        codes.byteswap()
    return codes.tobytes()


def unpacked(data: bytes) -> "array[int]":
    """Return the codes that :func:`packed` wrote."""
    codes = array("I")
    codes.frombytes(data[: len(data) // 4 * 4])
    if sys.byteorder == "big":
        codes.byteswap()
    return codes


def _joined(words: Sequence[Word]) -> int:
    return _exact(array("I", [word.code for word in words])) if words else 0


Shingles = set[tuple[int, int, int]]


def shingles(codes: Sequence[int]) -> Shingles:
    """Return all runs of three words."""
    return set(zip(codes, codes[1:], codes[2:], strict=False))


def _anchors(codes: Sequence[int]) -> tuple[int, ...]:
    """Return the hashes of the shingles that index a text.

    First and last word together choose: working out a hash for each shingle would cost ten times.
    """
    low = {
        (a ^ c, a, b, c)
        for a, b, c in zip(codes, codes[1:], codes[2:], strict=False)
        if a ^ c < _BOUND
    }
    if len(low) < _FEWEST:
        low = {(a ^ c, a, b, c) for a, b, c in shingles(codes)}
        chosen = sorted(low)[:_FEWEST]
    else:
        chosen = sorted(low)[:_MOST]
    return tuple(
        (a * 0x9E3779B1 + b * 0x85EBCA77 + c * 0xC2B2AE3D) & _MASK for _, a, b, c in chosen
    )


# ----------------------------------------------------------------------- two texts


@dataclass(frozen=True, slots=True)
class Likeness:
    """How two texts agree: ``shared`` is the part of the shorter one's shingles in the other."""

    kind: Kind
    shared: float = 0.0


NOTHING = Likeness("none")


def compare(a: Fingerprint, b: Fingerprint, shingles_of_a: Shingles | None = None) -> Likeness:
    """Return whether one text is a copy of the other, or both are filled from one template."""
    if not a.exact or not b.exact:
        return NOTHING
    if a.exact == b.exact and a.codes == b.codes:
        return Likeness("copy", 1.0)
    ours = shingles(a.codes) if shingles_of_a is None else shingles_of_a
    met = ours.intersection(zip(b.codes, b.codes[1:], b.codes[2:], strict=False))
    shared = min(1.0, len(met) / max(1, min(len(ours), len(b.codes) - 2)))
    if shared < _SHARED:
        return _loose(a, b, shared)
    if _is_template(a, b) or _next_issue(a, b):
        return Likeness("template", shared)
    short, long = sorted((a, b), key=lambda one: len(one.codes))
    size = len(short.codes) / len(long.codes)
    if size < _PIECE and (shared < _PIECE_SHARED or not _begins(short, long)):
        return Likeness("none", shared)
    return Likeness("copy", shared)


#: Prices and weather of another day: words may all be the same but a few.
_ISSUE_S = 0.75 * 86400


def _next_issue(a: Fingerprint, b: Fingerprint) -> bool:
    """Whether two bulletins of different days differ in a figure."""
    if a.at is None or b.at is None or abs(a.at - b.at) <= _ISSUE_S:
        return False
    ours, theirs = set(a.figures), set(b.figures)
    return bool(ours - theirs) and bool(theirs - ours) and routine(a.terms, b.terms)


def _loose(a: Fingerprint, b: Fingerprint, shared: float) -> Likeness:
    """Judge texts that share less than a copy does, but may still come from one template."""
    kind: Kind = "template" if shared >= 0.25 and _is_template(a, b) else "none"
    return Likeness(kind, shared)


def _begins(short: Fingerprint, long: Fingerprint) -> bool:
    """Whether the short text is the front of the long one, not a quotation inside of it."""
    front = shingles(long.codes[: 2 * len(short.codes)])
    own = shingles(short.codes)
    return len(own & front) >= _PIECE_SHARED * len(own)


def _is_template(a: Fingerprint, b: Fingerprint) -> bool:
    """Whether the places where the texts differ are those that a template leaves open."""
    ours, theirs = Counter(a.figures), Counter(b.figures)
    changed = min((ours - theirs).total(), (theirs - ours).total())
    kept = (ours & theirs).total()
    days = bool(set(a.days) - set(b.days)) and bool(set(b.days) - set(a.days))
    if changed >= 2 and changed >= 0.4 * (changed + kept):
        return True
    if changed and days:
        return True
    ours_only = _only(a, b)
    renamed = ours_only and min(ours_only, _only(b, a))
    return renamed >= 2 or (renamed >= 1 and (changed >= 1 or days))


def _only(a: Fingerprint, b: Fingerprint) -> int:
    """Return how many words stand twice or more in ``a`` and nowhere in ``b``."""
    own = set(a.codes).difference(b.codes)
    if not own:
        return 0
    return sum(count >= 2 for count in Counter([one for one in a.codes if one in own]).values())


def is_copy(a: str, b: str) -> bool:
    """Return whether one text repeats the other, apart from credit, cuts and light edits."""
    one, other = (fingerprint(None, text.split("\n"), about=False) for text in (a, b))
    return compare(one, other).kind == "copy"


# ----------------------------------------------------------------------- who was first


@dataclass(frozen=True, slots=True, kw_only=True)
class Party:
    """One of several articles with the same text.

    Attributes:
        pk: the store's key.
        source: id and name of its source.
        credit: the agency that its text credits, as found.
        at: published, seconds since 1970; None unknown.
        first_seen: our clock, seconds.
    """

    pk: int
    source: str = ""
    credit: str | None = None
    at: float | None = None
    first_seen: float = field(default=0.0)


def first_publisher(parties: Sequence[Party]) -> Party:
    """Return whose text it is: the credited agency's own article, else the earliest one.

    A date after our first sight of the article is wrong and counts as that sight.
    """

    def rank(party: Party) -> tuple[bool, float, float, int]:
        at = party.first_seen if party.at is None else party.at
        if party.first_seen:
            at = min(at, party.first_seen)
        return not _is_agency(party), at, party.first_seen, party.pk

    credited = {key for party in parties if (key := agency(party.credit or "")) is not None}

    def _is_agency(party: Party) -> bool:
        own = agency_of_source(party.source)
        return own is not None and (not credited or own in credited)

    return min(parties, key=rank)


@cache
def _agencies() -> tuple[dict[str, str], dict[str, str]]:
    sources: dict[str, str] = {}
    spellings: dict[str, str] = {}
    text = files("aggregator").joinpath("lexicon", "agencies.tsv").read_text(encoding="utf-8")
    for line in text.splitlines():
        if line.startswith("#"):
            continue
        key, ids, names = line.split("\t")
        sources |= dict.fromkeys(ids.split(), key)
        for name in names.split():
            spellings[fold(name.replace("_", " ").replace(".", " "), "search")] = key
    return sources, spellings


def agency(credit: str) -> str | None:
    """Return the key of the news agency that a credit names; None if it names none we know."""
    folded = f" {fold(credit.replace('.', ' '), 'search')} "
    found = [(folded.find(f" {name} "), key) for name, key in _agencies()[1].items()]
    return min((hit for hit in found if hit[0] >= 0), default=(0, None))[1]


def agency_of_source(source: str) -> str | None:
    """Return the agency that a source (its id, or ``id name``) is; None for all others."""
    ids, _ = _agencies()
    own, _, name = source.partition(" ")
    if own in ids:
        return ids[own]
    folded = fold(name, "search")
    return next((key for spelled, key in _agencies()[1].items() if spelled == folded), None)
