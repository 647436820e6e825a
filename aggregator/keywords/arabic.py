"""Pieces of an Arabic text: edges of noun phrases by the article and by what words can do.

Nouns without article lean on the next word (مجلس الأمن), words with article behind one with article
describe it (البنك المركزي), and a word without article behind one with article begins another
phrase (الرئيس الفرنسي | إيمانويل ماكرون).
"""

import re
from collections.abc import Sequence
from functools import cache, lru_cache
from typing import NamedTuple

from aggregator.keywords.lists import arabic, names
from aggregator.keywords.pieces import ENDS, GOES_ON, MAY_END, Piece
from aggregator.keywords.tokens import SON, Token, masdars, tokens
from aggregator.keywords.words import Kind

#: By names of their own: a member of an enumeration is looked up slowly (CPython 3.11).
_STOP, _WORD, _NUMBER, _ORDINAL = Kind.STOP, Kind.WORD, Kind.NUMBER, Kind.ORDINAL


def read(text: str) -> list[Piece]:
    """Return the pieces of a text whose first line is the title."""
    found = tokens(text)
    pieces: list[Piece] = []
    whole: list[Token] = []
    broken = True
    for at, token in enumerate(found):
        kind = token.kind
        if kind is _STOP or (
            kind is not _WORD
            and not _stands(token, found[at + 1] if at + 1 < len(found) else None, whole, broken)
        ):
            broken = True
            continue
        pieces.append(_piece(token, not broken and not token.gap))
        whole.append(token)
        broken = False
    _edges(pieces, whole)
    return pieces


def _stands(token: Token, after: Token | None, whole: list[Token], broken: bool) -> bool:
    """Whether a word can be part of a phrase."""
    if token.kind is _ORDINAL or token.kind is Kind.JOIN:
        return True
    if token.kind is not _NUMBER or not token.raw[0].isdigit() or broken or token.gap:
        return False
    counted = after is not None and not after.gap and after.kind in (Kind.UNIT, Kind.TIME)
    return not counted and whole[-1].kind is _WORD and "%" not in token.raw


def _piece(token: Token, joined: bool) -> Piece:
    core, own, lead = token.core, token.form, token.lead
    definite = own.definite
    first, last, single, weight, light, heads, describes = _role(
        core, own.folded, definite, token.kind
    )
    if token.quoted and weight == 1.0:
        weight, heads = 1.15, True
    raw = token.raw
    skip = token.skip
    return Piece(  # by position: this is the hottest call of all
        token.start + (_letters(raw, skip) if skip or raw[0] in _MARKS else 0),
        token.end,
        token.line,
        core,
        lead + core if lead else core,
        own.front,
        lead,
        joined,
        True,
        ENDS,
        first,
        last,
        single,
        weight,
        light,
        False,
        definite,
        heads,
        describes,
    )


class _Role(NamedTuple):
    """What a word may do in a phrase; see ``Piece``."""

    first: bool
    last: bool
    single: bool
    weight: float
    light: bool
    heads: bool
    describes: bool


@lru_cache(maxsize=65536)
def _role(core: str, folded: str, definite: bool, kind: Kind) -> _Role:
    named = core in names() or folded in names() or (definite and "ال" + core in names())
    general = core in arabic("weak")
    word = kind is _WORD
    titled = "ال" + core in arabic("title")
    bare = core[:-1] if core.endswith("ا") and len(core) > 3 else core
    office = titled and core in arabic("role")  # مفتي الجمهورية, but السيد
    quality = core in arabic("quality") or bare in arabic("quality") or (titled and not office)
    plain = word and not general and not quality and core not in masdars()
    return _Role(
        first=word and core not in arabic("before") and not (quality and not definite),
        last=(definite or core not in _after())
        and kind is not Kind.JOIN
        and not (word and quality and not definite),
        single=plain and (len(core) > 2 or definite),
        weight=_weight(kind, named or folded[0].isascii(), general),
        light=core in arabic("deverbal") or titled,
        heads=core in arabic("org") or core in arabic("thing") or named,
        describes=definite and _describes(core),
    )


def _weight(kind: Kind, named: bool, general: bool) -> float:
    if kind is not _WORD:
        return 0.4
    return 1.35 if named else 0.6 if general else 1.0


_ADJECTIVE = re.compile("م.{3,}|.ا..ه?|..ي.ه?|.{2,}ي|.{2,}يه")


def _describes(core: str) -> bool:
    """Whether a word has a form of adjectives: participle, فعيل, relation in ي."""
    return core in arabic("adjective") or bool(_ADJECTIVE.fullmatch(core))


@cache
def _after() -> frozenset[str]:
    return arabic("after") | {"عبد"}


_MARKS = frozenset("\u0640\u064b\u064c\u064d\u064e\u064f\u0650\u0651\u0652\u0670")


def _letters(raw: str, skip: int) -> int:
    """Return where the letter behind the first ``skip`` ones begins, signs not counted."""
    at = 0
    while at < len(raw) and (skip or raw[at] in _MARKS):
        skip -= raw[at] not in _MARKS
        at += 1
    return at


def _edges(pieces: list[Piece], words: list[Token]) -> None:
    roles = arabic("role")
    for at, piece in enumerate(pieces):
        if at and piece.joined and piece.word in roles:
            piece.joined = not _new_role(pieces, at)
    for at in range(1, len(pieces)):
        piece = pieces[at]
        if not piece.joined:
            continue  # it opens, and the one before closes, as every piece does at first
        before, word = pieces[at - 1], words[at]
        tied = _tied(words[at - 1], word)
        piece.opens = not tied and _opens(piece, before)
        piece.turns = not piece.lead and not piece.definite and before.definite and piece.first
        if word.kind is _ORDINAL and before.word in arabic("counted"):
            piece.last = False
        before.closes = GOES_ON if tied else _closes(before, piece, word.kind)


def _new_role(pieces: Sequence[Piece], at: int) -> bool:
    """Whether a person's office begins behind the name: حسام الدين حسن | عميد الكلية."""
    piece, before = pieces[at], pieces[at - 1]
    if piece.definite or piece.lead not in ("", "و") or piece.word not in arabic("role"):
        return False
    if piece.lead:
        return True
    if before.word in arabic("role") or before.light or (before.heads and not _proper(before)):
        return False
    return before.definite or _proper(before) or (before.joined and before.weight >= 1)


def _proper(piece: Piece) -> bool:
    return piece.weight > 1.2


def _opens(piece: Piece, before: Piece) -> bool:
    if piece.lead or before.light or (piece.heads and not piece.definite):
        return True
    if piece.definite and "ال" + piece.word in arabic("title") and before.definite:
        return True
    if piece.definite:
        return not before.definite and not _proper(before)
    return before.definite or _proper(before) or _proper(piece) or before.word in arabic("naming")


def _closes(piece: Piece, after: Piece, kind: Kind) -> int:
    if kind is _NUMBER:
        return MAY_END
    if after.lead:
        return MAY_END if after.lead[-1] == "ل" else ENDS
    titled = after.definite and "ال" + after.word in arabic("title")
    if piece.definite or (titled and _proper(piece)):
        return GOES_ON if after.definite and not titled else ENDS
    if after.word in arabic("role") and not (after.definite or piece.light or piece.heads):
        return GOES_ON if piece.word in arabic("role") else ENDS
    return ENDS if _proper(piece) and not after.definite else GOES_ON


def _tied(one: Token, other: Token) -> bool:
    """Whether two neighbours are parts of one name: عبد الفتاح, محمد بن, نور الدين."""
    if other.gap:
        return False
    if not one.form.definite and one.core in _after():
        return True
    folded = other.form.folded
    if folded in _ties():
        return True
    if folded == "الدين":
        return one.core in arabic("dinfirst")
    if folded == "الله":
        return one.core in arabic("allahfirst")
    return one.core == "ام"


@cache
def _ties() -> frozenset[str]:
    """Return words that belong to the word before them, whatever it is."""
    return arabic("before") | SON


def role_names(pieces: Sequence[Piece]) -> list[tuple[int, int]]:
    """Return where names of people stand behind their titles: start and size in pieces."""
    found = []
    for at, piece in enumerate(pieces[:-1]):
        if not (piece.definite and "ال" + piece.word in arabic("title")):
            continue
        name = pieces[at + 1]
        if not name.joined or name.definite or name.lead or not name.first:
            continue
        size = _name_size(pieces, at + 1)
        if size > 1 and pieces[at + size].last:
            found.append((at + 1, size))
    return found


def _name_size(pieces: Sequence[Piece], at: int) -> int:
    """Return how many pieces a person's name has that begins at a place; at most five."""
    size = 1
    while size < 5 and at + size < len(pieces):
        after = pieces[at + size]
        if not after.joined or after.lead or pieces[at + size - 1].closes == ENDS:
            break
        size += 1
    return size
