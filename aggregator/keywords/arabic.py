"""Pieces of an Arabic text: glued letters read by the text around, edges of noun phrases by ال.

A noun phrase is read by what is written: nouns without article lean on the next word (مجلس الأمن),
words with article behind one with article describe it (البنك المركزي), and a word without article
behind one with article begins another phrase (الرئيس الفرنسي | إيمانويل ماكرون).
"""

import re
from collections.abc import Sequence
from functools import cache
from itertools import pairwise

from aggregator.keywords.lists import arabic, names
from aggregator.keywords.pieces import ENDS, GOES_ON, MAY_END, Piece
from aggregator.keywords.words import Form, Kind, form, listed_verbs

_TOKEN = re.compile(
    "[0-9\u0660-\u0669\u06f0-\u06f9]+(?:[.,:/\u066b\u066c-][0-9\u0660-\u0669\u06f0-\u06f9]+)*%?"
    "|[A-Za-z\u00c0-\u024f0-9]+(?:[-'\u2019&.][A-Za-z\u00c0-\u024f0-9]+)*"
    "|(?:[^\\W_]|[\u064b-\u0652\u0670\u0640])+"
)
#: Texts are read so far; what an article is about stands in front.
MOST_WORDS = 1500


class _Token:
    """One word of the text while it is being read."""

    __slots__ = (
        "core", "end", "form", "gap", "kind", "lead", "line", "quoted", "raw", "skip", "start"
    )  # fmt: skip

    def __init__(self, raw: str, start: int, end: int, line: int, gap: bool) -> None:
        self.raw, self.start, self.end, self.line, self.gap = raw, start, end, line, gap
        self.form: Form = form(raw)
        self.quoted = False
        self.core, self.lead, self.skip = self.form.core, self.form.lead, self.form.skip
        self.kind = self.form.kind


def read(text: str) -> list[Piece]:
    """Return the pieces of a text whose first line is the title."""
    tokens = _tokens(text)
    vocabulary = {token.core for token in tokens if token.form.definite or not token.form.doubtful}
    definite = {token.core for token in tokens if token.form.definite}
    vocabulary |= {token.form.folded for token in tokens}
    _quote(text, tokens)
    _unverb(tokens)
    dotted = " على " in text
    for before, token in zip([None, *tokens], tokens, strict=False):
        _settle(token, vocabulary, definite, before)
        if token.kind is Kind.STOP and _is_name(token, dotted):
            token.kind = Kind.WORD
    _settle_neighbours(tokens)
    return _pieces(tokens)


_SHORT_QUOTE = re.compile("[«\u201c\"]([^«»\u201c\u201d\"\n]{2,40})[»\u201d\"]")


def _quote(text: str, tokens: list[_Token]) -> None:
    """Mark the words of short quotes: names are written so, and seldom hold verbs."""
    quotes = [(found.start(1), found.end(1)) for found in _SHORT_QUOTE.finditer(text)]
    if not quotes:
        return
    at = 0
    for token in tokens:
        while at < len(quotes) and quotes[at][1] <= token.start:
            at += 1
        if at == len(quotes):
            return
        if quotes[at][0] <= token.start and text.count(" ", *quotes[at]) < 4:
            token.quoted = True


def _unverb(tokens: list[_Token]) -> None:
    """Take words for nouns that look like verbs but stand where no verb can stand."""
    nouns = set()
    for before, token in pairwise(tokens):
        if token.kind is not Kind.VERB or token.form.lead:
            continue
        bound = not token.gap and before.form.folded in arabic("prep")
        titled = before.form.definite and "ال" + before.core in arabic("title") and not token.gap
        if bound or token.quoted or (titled and token.form.folded not in listed_verbs()):
            nouns.add(token.form.folded)
    for token in tokens:
        if token.kind is Kind.VERB and token.form.folded in nouns:
            token.kind = Kind.WORD


def _is_name(token: _Token, dotted: bool) -> bool:
    """Whether a function word is a name by its spelling: إمام is not أمام, علي not على."""
    if token.form.folded == "امام":
        return token.raw.startswith("إ")
    return dotted and token.raw == "علي"


def _tokens(text: str) -> list[_Token]:
    tokens: list[_Token] = []
    start = 0
    for line, part in enumerate(text.split("\n")):
        end = start
        for found in _TOKEN.finditer(part):
            at = start + found.start()
            gap = at == start or not text[end:at].isspace() or end == start
            tokens.append(_Token(found[0], at, start + found.end(), line, gap))
            end = start + found.end()
        start += len(part) + 1
        if len(tokens) > MOST_WORDS:
            break
    return tokens


_AFTER_WAW = re.compile("و(?:ت[^اي]..|م..|ا[^ل].).*")


def _settle(
    token: _Token, vocabulary: set[str], definite: set[str], before: _Token | None
) -> None:
    """Take single glued letters off where the text or the lists know the rest."""
    own = token.form
    if own.front and own.lead[-1:] == "ل" and "ل" + own.core in definite:
        token.core, token.skip = "ل" + own.core, own.skip - 1  # للغة is ل and اللغة
        return
    if _possessed(token, vocabulary):
        token.kind = Kind.STOP
        return
    if token.kind is not Kind.WORD or not own.doubtful or own.folded in definite:
        return
    if own.folded in names() or own.folded in _rooted():
        return
    for rest in own.doubtful:
        if len(rest) > 2 and (rest in vocabulary or rest in names() or rest in _plain()):
            _take_off(token, rest)
            return
    rest = own.doubtful[-1]
    if _AFTER_WAW.fullmatch(own.folded) or _behind_definite(token, before):
        _take_off(token, own.folded[1:])
    elif token.core.endswith("ا") and len(token.core) > 4 and token.core[:-1] in vocabulary:
        token.core = token.core[:-1]


def _possessed(token: _Token, vocabulary: set[str]) -> bool:
    """Whether a noun ends in "his" (فوزه), which names nothing by itself."""
    if not token.raw.endswith("ه") or token.form.definite or len(token.core) < 4:
        return False
    if token.kind is not Kind.WORD or token.form.folded in names():
        return False
    bare = {rest[:-1] for rest in (token.core, *token.form.doubtful) if len(rest) > 3}
    return any(rest in vocabulary or rest in _plain() or rest in _masdar() for rest in bare)


def _behind_definite(token: _Token, before: _Token | None) -> bool:
    """Whether ب or ل behind a word with article is a preposition: الجامعة التونسية لكرة القدم."""
    if before is None or token.gap or token.form.folded[0] not in "بل" or len(token.core) < 4:
        return False
    return before.form.definite and "ال" + before.core not in arabic("title")


def _take_off(token: _Token, rest: str) -> None:
    token.core = rest
    token.skip = len(token.form.folded) - len(rest)
    token.lead = token.form.folded[: token.skip]


@cache
def _plain() -> frozenset[str]:
    """Return nouns that single letters may be taken off from."""
    return frozenset().union(*(arabic(name) for name in ("weak", "org", "thing", "deverbal", "role")))


@cache
def _rooted() -> frozenset[str]:
    """Return words whose first letter is their own, though the rest is a word too."""
    return _plain() | arabic("masdar") | arabic("rooted")


def _settle_neighbours(tokens: list[_Token]) -> None:
    """Settle what two words are together: months of two words, days, the general secretary."""
    for before, token in zip([None, *tokens], tokens, strict=False):
        pair = f"{before.form.folded} {token.form.folded}" if before and not token.gap else ""
        if before and pair in arabic("time2"):
            before.kind = token.kind = Kind.TIME
        elif token.core == "جمعه" and token.form.definite:
            if not (before and before.core in _FRIDAY):
                token.kind = Kind.TIME
        elif token.kind is Kind.TIME and token.core in _DOUBLE and token.form.definite:
            if before and not token.gap and not token.lead and before.form.definite:
                token.kind = Kind.WORD if token.core == "عام" else Kind.ORDINAL
    for before, token, after in zip(tokens, tokens[1:], tokens[2:], strict=False):
        if token.gap or after.gap:
            continue
        if token.core == "بلا" and before.kind is after.kind is Kind.WORD:
            token.kind = Kind.JOIN  # أطباء بلا حدود
        elif token.core == "صباح" and after.kind is Kind.WORD and before.kind is Kind.WORD:
            token.kind = Kind.WORD  # a name
    for token, after in pairwise(tokens):
        if token.core == "ام":
            tied = not after.gap and after.form.folded in arabic("om")
            token.kind = Kind.WORD if tied else Kind.STOP


_FRIDAY = frozenset({"صلاه", "خطبه"})
#: Spans of time that are adjectives too: الأمين العام, الحرب الثانية.
_DOUBLE = frozenset({"عام", "ثانيه"})


def _pieces(tokens: list[_Token]) -> list[Piece]:
    pieces: list[Piece] = []
    whole: list[_Token] = []
    broken = True
    for at, token in enumerate(tokens):
        if not _stands(token, tokens[at + 1] if at + 1 < len(tokens) else None, whole, broken):
            broken = True
            continue
        piece = _piece(token)
        piece.joined = not broken and not token.gap
        pieces.append(piece)
        whole.append(token)
        broken = False
    _edges(pieces, whole)
    return pieces


def _stands(token: _Token, after: _Token | None, whole: list[_Token], broken: bool) -> bool:
    """Whether a word can be part of a phrase."""
    if token.kind in (Kind.WORD, Kind.ORDINAL, Kind.JOIN):
        return True
    if token.kind is not Kind.NUMBER or not token.raw[0].isdigit() or broken or token.gap:
        return False
    counted = after is not None and not after.gap and after.kind in (Kind.UNIT, Kind.TIME)
    return not counted and whole[-1].kind is Kind.WORD and "%" not in token.raw


def _piece(token: _Token) -> Piece:
    core, folded = token.core, token.form.folded
    definite = token.form.definite
    named = core in names() or (definite and "ال" + core in names()) or folded in names()
    general = core in arabic("weak")
    word = token.kind is Kind.WORD
    latin = folded[0].isascii()
    quality = core in arabic("quality") or "ال" + core in arabic("title")
    start = token.start + _letters(token.raw, token.skip)
    return Piece(
        start=start,
        end=token.end,
        line=token.line,
        word=core,
        inner=token.lead + core,
        front=token.form.front,
        lead=token.lead,
        first=word and core not in arabic("before") and not (quality and not definite),
        last=_may_end(token, quality),
        single=word and len(core) > 2 and not general and not quality and core not in _masdar(),
        weight=_weight(token, named or latin),
        light=core in arabic("deverbal") or "ال" + core in arabic("title"),
        definite=definite,
        heads=core in arabic("org") or core in arabic("thing") or named or token.quoted,
    )


def _may_end(token: _Token, quality: bool) -> bool:
    if token.core in _after() or token.kind is Kind.JOIN:
        return False
    return token.kind is not Kind.WORD or token.form.definite or not quality


def _weight(token: _Token, named: bool) -> float:
    if token.kind is not Kind.WORD:
        return 0.4
    return 1.35 if named else 1.15 if token.quoted else 0.6 if token.core in arabic("weak") else 1.0


@cache
def _after() -> frozenset[str]:
    return arabic("after") | {"عبد"}


@cache
def _masdar() -> frozenset[str]:
    return (arabic("masdar") | arabic("deverbal") | arabic("org") | arabic("role")) - {"ذهب"}


def _letters(raw: str, skip: int) -> int:
    """Return where the letter behind the first ``skip`` ones begins, signs not counted."""
    at = 0
    while at < len(raw) and (skip or raw[at] in "\u0640\u064b\u064c\u064d\u064e\u064f\u0650\u0651\u0652\u0670"):
        skip -= raw[at] not in "\u0640\u064b\u064c\u064d\u064e\u064f\u0650\u0651\u0652\u0670"
        at += 1
    return at


def _edges(pieces: list[Piece], tokens: list[_Token]) -> None:
    for at, piece in enumerate(pieces):
        before = pieces[at - 1] if piece.joined else None
        after = pieces[at + 1] if at + 1 < len(pieces) and pieces[at + 1].joined else None
        if before is not None:
            piece.opens = _opens(piece, before) and not _tied(tokens[at - 1], tokens[at])
            piece.turns = _turns(piece, before)
        piece.closes = _closes(piece, after, tokens[at + 1].kind if after else None)
        if after is not None and _tied(tokens[at], tokens[at + 1]):
            piece.closes = GOES_ON


def _proper(piece: Piece) -> bool:
    return piece.weight > 1.2


def _opens(piece: Piece, before: Piece) -> bool:
    if piece.lead or before.light or (piece.heads and not piece.definite):
        return True
    if piece.definite and "ال" + piece.word in arabic("title") and before.definite:
        return True
    if piece.definite:
        return not before.definite and not _proper(before)
    return before.definite or _proper(before) or _proper(piece)


def _turns(piece: Piece, before: Piece) -> bool:
    return not piece.lead and not piece.definite and before.definite and piece.first


def _closes(piece: Piece, after: Piece | None, kind: Kind | None) -> int:
    if after is None:
        return ENDS
    if kind is Kind.NUMBER:
        return MAY_END
    if after.lead:
        return MAY_END if after.lead[-1] == "ل" else ENDS
    titled = after.definite and "ال" + after.word in arabic("title")
    if piece.definite or (titled and _proper(piece)):
        return GOES_ON if after.definite and not titled else ENDS
    if after.word in arabic("role") and not (after.definite or piece.light or piece.heads):
        return GOES_ON if piece.word in arabic("role") else ENDS
    return ENDS if _proper(piece) and not after.definite else GOES_ON


def _tied(one: _Token, other: _Token) -> bool:
    """Whether two neighbours are parts of one name: عبد الفتاح, محمد بن, نور الدين."""
    if other.gap:
        return False
    if one.core in _after() and not one.form.definite:
        return True
    if other.form.folded in arabic("before") or other.form.folded in _SON:
        return True
    if other.form.folded == "الدين":
        return one.core in arabic("dinfirst")
    if other.form.folded == "الله":
        return one.core in arabic("allahfirst")
    return one.core == "ام"


_SON = frozenset({"بن", "بنت", "ولد", "ابن"})


def role_names(text: str, pieces: Sequence[Piece]) -> list[tuple[int, int]]:
    """Return where names of people stand behind their titles: start and size in pieces."""
    found = []
    for at, piece in enumerate(pieces[:-1]):
        cue = piece.light and "ال" + piece.word in arabic("title") and piece.definite
        follower = pieces[at + 1]
        if not (cue and follower.joined and not follower.definite and not follower.lead):
            continue
        size = 0
        while at + 1 + size < len(pieces) and size < 5:
            next_ = pieces[at + 1 + size]
            if not next_.joined or next_.lead or pieces[at + size].closes == ENDS and size:
                break
            size += 1
        if size > 1 and follower.first and pieces[at + size].last:
            found.append((at + 1, size))
    return found
