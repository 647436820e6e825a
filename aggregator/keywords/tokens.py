"""The words of an Arabic text, read by the words around them.

Is the و of a word a letter of its root? Is a word that looks like a verb a name? One word cannot
tell; the text often can: it holds the rest of the word elsewhere, or the word stands behind a
preposition, where no verb stands.
"""

import re
from functools import cache, lru_cache
from itertools import pairwise

from aggregator.keywords.lists import arabic, names
from aggregator.keywords.words import Kind, form, listed_verbs, stop_list
from aggregator.lexicon import lexicon, stem

_TOKEN = re.compile(
    "([\u0620-\u065f\u066e-\u06d3\u06d5-\u06ef\u06fa-\u06ff\u0750-\u077f\ufb50-\ufefc]+"
    "|[0-9\u0660-\u0669\u06f0-\u06f9]+(?:[.,:/\u066b\u066c-][0-9\u0660-\u0669\u06f0-\u06f9]+)*%?"
    "|[A-Za-z\u00c0-\u024f0-9]+(?:[-'\u2019&.][A-Za-z\u00c0-\u024f0-9]+)*"
    "|[^\\W_]+)"
)
#: By names of their own: a member of an enumeration is looked up slowly (CPython 3.11).
_STOP, _VERB, _WORD = Kind.STOP, Kind.VERB, Kind.WORD


#: Texts are read so far; what an article is about stands in front.
MOST_WORDS = 900


class Token:
    """One word of the text while it is being read."""

    __slots__ = (
        "core", "end", "form", "gap", "kind", "lead", "line", "quoted", "raw", "skip", "start",
        "whole",
    )  # fmt: skip

    def __init__(self, raw: str, start: int, end: int, line: int, gap: bool) -> None:
        self.raw, self.start, self.end, self.line, self.gap = raw, start, end, line, gap
        self.form = own = form(raw)
        self.quoted = self.whole = False
        self.core, self.lead, self.skip, self.kind = own.core, own.lead, own.skip, own.kind


def tokens(text: str) -> list[Token]:
    """Return the words of a text whose first line is the title, read by the words around them."""
    found = _cut(text)
    forms = {token.form for token in found}
    definite = {own.core for own in forms if own.definite}
    vocabulary = definite | {own.core for own in forms if not own.doubtful}
    vocabulary.update([own.folded for own in forms])
    _quote(text, found)
    _unverb(found)
    _tell_strangers(found)
    dotted = " على " in text
    for at, token in enumerate(found):
        own = token.form
        if token.kind is _STOP:
            if _is_name(token, dotted):
                token.kind = _WORD
        elif own.doubtful or own.front or token.raw[-1] == "ه":
            behind = False
            if at and own.folded[:1] == "ل":
                after = found[at + 1] if at + 1 < len(found) else None
                behind = _behind_definite(token, found[at - 1], after)
            _settle(token, vocabulary, definite, behind=behind)
    _settle_time(found)
    _settle_small(found)
    return found


_SHORT_QUOTE = re.compile('[«\u201c"]([^«»\u201c\u201d"\n]{2,40})[»\u201d"]')


def _quote(text: str, tokens: list[Token]) -> None:
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


def _unverb(tokens: list[Token]) -> None:
    """Take words for nouns that look like verbs but stand where no verb can stand."""
    verbs = [at for at, token in enumerate(tokens) if token.kind is _VERB]
    nouns = set()
    for at in verbs:
        token, before = tokens[at], tokens[at - 1]
        if not at or token.form.lead:
            continue
        bound = not token.gap and before.form.folded in arabic("prep")
        titled = before.form.definite and "ال" + before.core in arabic("title") and not token.gap
        if bound or token.quoted or (titled and token.form.folded not in listed_verbs()):
            nouns.add(token.form.folded)
    if nouns:
        for at in verbs:
            if tokens[at].form.folded in nouns:
                tokens[at].kind = _WORD


def _tell_strangers(tokens: list[Token]) -> None:
    """Take repeated words that no list knows for names, whatever verb or clitic they look like.

    A verb that a text repeats is a common one; فورست and برنت are none. A word that only ever
    stands behind one such name is the rest of it: لوران بلان.
    """
    places: dict[str, list[int]] = {}
    for at, token in enumerate(tokens):
        kind = token.kind
        if (kind is _STOP or kind is _VERB) and not token.form.definite:
            folded = token.form.folded
            if not _is_listed(folded):
                places.setdefault(folded, []).append(at)
    for folded, found in places.items():
        if len(found) < 2:
            continue
        behind = {tokens[at - 1].form.folded if at and not tokens[at].gap else "" for at in found}
        leader = tokens[found[0] - 1]
        bound = len(behind) == 1 and "" not in behind and leader.kind is _WORD
        verb = tokens[found[0]].kind is _VERB and folded[0] != "ي" and len(folded) > 3
        if (verb and not is_known(folded)) or (bound and not is_known(leader.form.folded)):
            for at in found:
                _keep_whole(tokens[at])


def _keep_whole(token: Token) -> None:
    token.kind, token.whole = _WORD, True
    token.core, token.lead, token.skip = token.form.folded, "", 0


@lru_cache(maxsize=65536)
def _is_listed(folded: str) -> bool:
    """Whether a word is told by the lists, not guessed by its form; a lone sign is no word."""
    if not folded:
        return True
    return folded in listed_verbs() or folded in stop_list() or folded.endswith(("ها", "هم", "هما"))


@lru_cache(maxsize=65536)
def is_known(folded: str) -> bool:
    """Whether a word is one that Arabic uses often, or that the news lists hold."""
    own, lists = stem(folded), lexicon()
    return own in lists.background or own in lists.common or own in lists.meanings


def _is_name(token: Token, dotted: bool) -> bool:
    """Whether a function word is a name by its spelling: إمام is not أمام, علي not على."""
    if token.form.folded == "امام":
        return token.raw.startswith("إ")
    return dotted and token.raw == "علي"


def _cut(text: str) -> list[Token]:
    tokens: list[Token] = []
    start = 0
    for line, part in enumerate(text.split("\n")):
        cut = iter(_TOKEN.split(part))  # what stands between words, and words, in turns
        end, first = start, True
        for between, raw in zip(cut, cut, strict=False):  # behind the last word stands no other
            at = end + len(between)
            end = at + len(raw)
            gap = first or not (between == " " or between.isspace())
            tokens.append(Token(raw, at, end, line, gap))
            first = False
        start += len(part) + 1
        if len(tokens) > MOST_WORDS:
            break
    return tokens


_AFTER_WAW = re.compile("و(?:ت[^اي]..|م..|ا[^ل].).*")


def _settle(token: Token, vocabulary: set[str], definite: set[str], *, behind: bool) -> None:
    """Take single glued letters off where the text or the lists know the rest."""
    own = token.form
    if own.front and own.lead[-1:] == "ل" and "ل" + own.core in definite:
        token.core, token.skip = "ل" + own.core, own.skip - 1  # للغة is ل and اللغة
        return
    if token.kind is not _WORD:
        return
    if token.raw[-1] == "ه" and _possessed(token, vocabulary):
        token.kind = _STOP
        return
    if not own.doubtful or token.whole or own.folded in definite:
        return
    if own.folded in names() or own.folded in _rooted():
        return
    for rest in own.doubtful:
        if _stands_free(rest, own.folded[0], vocabulary):
            _take_off(token, rest)
            return
    if behind or _AFTER_WAW.fullmatch(own.folded):
        _take_off(token, own.folded[1:])
    elif token.core.endswith("ا") and len(token.core) > 4 and token.core[:-1] in vocabulary:
        token.core = token.core[:-1]


def _stands_free(rest: str, letter: str, vocabulary: set[str]) -> bool:
    """Whether the rest of a word behind a letter is a word that the text or the lists know."""
    if len(rest) > 3 and letter in "بل" and rest in masdars():
        return True
    return len(rest) > 2 and (rest in vocabulary or rest in names() or rest in _plain())


def _possessed(token: Token, vocabulary: set[str]) -> bool:
    """Whether a noun ends in "his" (فوزه), which names nothing by itself."""
    if token.form.definite or len(token.core) < 4 or token.form.folded in names():
        return False
    bare = {rest[:-1] for rest in (token.core, *token.form.doubtful) if len(rest) > 3}
    return any(rest in vocabulary or rest in _plain() or rest in masdars() for rest in bare)


def _behind_definite(token: Token, before: Token, after: Token | None) -> bool:
    """Whether ل behind a word with article is a preposition: الجامعة التونسية لكرة القدم.

    Behind a man's origin a name is likelier: الرئيس الفرنسي لوي; so is ب everywhere: بنيامين.
    """
    if token.gap or len(token.core) < 4:
        return False
    if before.core.endswith("ي"):
        return False
    if after is not None and after.form.folded in SON:
        return False  # the name لخضر بن تركي
    return before.form.definite and "ال" + before.core not in arabic("title")


def _take_off(token: Token, rest: str) -> None:
    token.core = rest
    token.skip = len(token.form.folded) - len(rest)
    token.lead = token.form.folded[: token.skip]


@cache
def _plain() -> frozenset[str]:
    """Return nouns that single letters may be taken off from."""
    return frozenset().union(
        *(arabic(name) for name in ("weak", "org", "thing", "deverbal", "role"))
    )


@cache
def _rooted() -> frozenset[str]:
    """Return words whose first letter is their own, though the rest is a word too."""
    return _plain() | arabic("masdar") | arabic("rooted")


def _settle_time(found: list[Token]) -> None:
    """Settle months of two words, Friday, and spans of time that are adjectives."""
    starts = _month_starts()
    for before, token in pairwise(found):
        if before.form.folded in starts:
            pair = f"{before.form.folded} {token.form.folded}"
            if not token.gap and pair in arabic("time2"):
                before.kind = token.kind = Kind.TIME
        elif not token.form.definite:
            continue
        elif token.core == "جمعه" and before.core not in _FRIDAY:
            token.kind = Kind.TIME
        elif token.core in _DOUBLE and _is_adjective(token, before):
            token.kind = _WORD if token.core == "عام" else Kind.ORDINAL


@cache
def _month_starts() -> frozenset[str]:
    return frozenset(pair.split()[0] for pair in arabic("time2"))


def _is_adjective(token: Token, before: Token) -> bool:
    return not (token.gap or token.lead) and before.form.definite


def _settle_small(found: list[Token]) -> None:
    """Settle small words that are parts of names: أطباء بلا حدود, أم درمان."""
    for at, token in enumerate(found[:-1]):
        if token.core not in _SMALL:
            continue
        after = found[at + 1]
        if token.core == "ام":
            tied = not after.gap and after.form.folded in arabic("om")
            token.kind = _WORD if tied else _STOP
        elif at and found[at - 1].kind is after.kind is _WORD and not (token.gap or after.gap):
            token.kind = _WORD if token.core == "صباح" else Kind.JOIN


#: Small words inside names, and a name that is "morning" too.
_SMALL = frozenset({"بلا", "لكل", "ام", "صباح"})


_FRIDAY = frozenset({"صلاه", "خطبه"})


#: Spans of time that are adjectives too: الأمين العام, الحرب الثانية.
_DOUBLE = frozenset({"عام", "ثانيه"})


@cache
def masdars() -> frozenset[str]:
    """Return nouns too general to stand alone: verbal nouns, heads of names, offices."""
    return (arabic("masdar") | arabic("deverbal") | arabic("org") | arabic("role")) - {"ذهب"}


SON = frozenset({"بن", "بنت", "ولد", "ابن"})
