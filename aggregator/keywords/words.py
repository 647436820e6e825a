"""Single Arabic words: what is glued to their front, and what class they are of.

Everything here looks at one word alone and is worked out once for a word form. What needs the
text around (is the و of this word a letter of its root?) is in ``arabic``. Verbs are told by lists
and by forms that nouns hardly have; there is no dictionary and no model.
"""

import re
from dataclasses import dataclass
from enum import StrEnum
from functools import cache, lru_cache

from aggregator.arabic import fold
from aggregator.keywords.lists import arabic, names, stops
from aggregator.lexicon import lexicon


class Kind(StrEnum):  # a string is hashed in C, a plain member is not
    """What a word is to a phrase."""

    WORD = "word"
    STOP = "stop"  # function words: no phrase goes over them
    VERB = "verb"  # nor over verbs; the words around may show that it is none
    TIME = "time"
    UNIT = "unit"
    NUMBER = "number"
    ORDINAL = "ordinal"
    JOIN = "join"  # a small word inside a name: أطباء بلا حدود


@dataclass(frozen=True, slots=True, eq=False)  # one object a form, told apart as such
class Form:
    """One word form.

    Attributes:
        folded: search-folded, whole.
        core: folded, without certain clitics and article.
        lead: certain glued letters before the article or word.
        skip: how many letters to leave out in front when it is shown.
        front: letters to show instead.
        definite: carries an article.
        kind: what it is.
        doubtful: the rests that are the word if its first one or two letters are clitics.
    """

    folded: str
    core: str
    lead: str
    skip: int
    front: str
    definite: bool
    kind: Kind
    doubtful: tuple[str, ...] = ()


_ARTICLE = re.compile("([وف]?[بك]?)ال(.{2,})")
_SWALLOWED = re.compile("([وف]?)لل(.{2,})")
_MARKS = re.compile("[\u064b-\u0652\u0670\u0640\u200c-\u200f]")
_DIGITS = re.compile("[وف]?[بلك]?-?[0-9].*")
_LATIN = re.compile("[a-z0-9]")
_CERTAIN = re.compile("[وفبل](?=[أإآ].{2})|[وف][بل]?(?=[أإآ].{2})|[وف]?[بل](?=[أإآ].{2})")
_HAMZA = "أإآ"


@lru_cache(maxsize=65536)
def form(raw: str) -> Form:
    """Return what one word of a text is by itself."""
    folded = fold(raw, "search").replace(" ", "")
    letters = _MARKS.sub("", raw)
    lead, skip, front, core, definite = "", 0, "", folded, False
    doubtful: tuple[str, ...] = ()
    if folded in arabic("kept") or _own_name(folded) or _LATIN.match(folded) or _al_verb(folded):
        pass
    elif _with_article(folded, letters) and (found := _ARTICLE.fullmatch(folded)):
        lead, core, definite = found[1], found[2], True
        skip = len(lead)
    elif found := _SWALLOWED.fullmatch(folded):
        lead, core, definite = found[1] + "ل", found[2], True
        skip, front = len(lead) + 1, "ال"
    elif certain := _CERTAIN.match(letters):
        lead, core, skip = certain[0], folded[certain.end() :], certain.end()
    else:
        doubtful = tuple(_doubtful(folded))
    kind = _kind(folded, core, lead, definite)
    return Form(folded, core, lead, skip, front, definite, kind, doubtful)


def _own_name(folded: str) -> bool:
    return folded in names() and not folded.startswith("ال")


def _al_verb(folded: str) -> bool:
    """Whether ال are letters of a verb: التقى, التزم."""
    return folded[folded[:1] in "وف" :] in arabic("alverb")


def _with_article(folded: str, letters: str) -> bool:
    """Whether the alef of ال is bare: ألمانيا has no article."""
    found = _ARTICLE.fullmatch(folded)
    if not found or len(letters) <= len(found[1]):
        return False
    return letters[len(found[1])] not in _HAMZA


def _doubtful(folded: str) -> list[str]:
    """Return the rests of a word behind letters that may be clitics, fewest taken off first."""
    if folded[:1] not in "وفبل" or len(folded) < 3:
        return []
    rests = [folded[1:]]
    if folded[0] in "وف" and folded[1] in "بل" and len(folded) > 4:
        rests.append(folded[2:])
    return rests


def _kind(folded: str, core: str, lead: str, definite: bool) -> Kind:
    if len(folded) < 2 and not folded.isdigit():
        return Kind.STOP
    if _DIGITS.fullmatch(folded):
        return Kind.NUMBER
    if _LATIN.match(folded):
        return Kind.STOP if folded in stops("en") else Kind.WORD
    if definite:
        return _definite_kind(folded, core)
    if _al_verb(folded):
        return Kind.VERB
    if folded in arabic("rooted"):
        return Kind.WORD
    for rest in _rests(folded, core, lead):
        if rest in names() or rest in arabic("tword") or rest in arabic("yword"):
            return Kind.WORD
        kind = _bare_kind(rest, guess=rest == folded or bool(lead) or folded[0] == "و")
        short = len(rest) < 3 and rest != folded
        if kind is not Kind.WORD and (not short or (kind is Kind.STOP and len(rest) == 2)):
            return kind
    return Kind.WORD


def _rests(folded: str, core: str, lead: str) -> list[str]:
    if lead:
        return [folded, core]
    rests = _doubtful(folded)
    if not rests and folded[:1] == "ك" and len(folded) > 3:
        rests = [folded[1:]]
    return [folded, *rests]


def _definite_kind(folded: str, core: str) -> Kind:
    whole = "ال" + core
    if whole in names():
        return Kind.WORD
    if folded in stops("ar") or whole in stop_list():
        return Kind.STOP
    if core in arabic("time") or whole in arabic("time"):
        return Kind.TIME
    if core in _ordinals() or whole in lexicon().numerals:
        return Kind.ORDINAL
    return Kind.WORD


def _bare_kind(word: str, *, guess: bool) -> Kind:
    if word in arabic("noverb"):
        return Kind.WORD
    if word in arabic("time"):
        return Kind.TIME
    if word in arabic("unit"):
        return Kind.UNIT
    if word in lexicon().numerals:
        return Kind.NUMBER
    if word in _nouns():
        return Kind.WORD
    if word in stop_list() or word in _ordinals():
        return Kind.STOP
    if word in listed_verbs() or (guess and _looks_verbal(word)):
        return Kind.VERB
    return Kind.WORD


@cache
def stop_list() -> frozenset[str]:
    """Return the function words and verbs that no phrase goes over."""
    return stops("ar") | arabic("stop") | arabic("verb")


@cache
def _ordinals() -> frozenset[str]:
    listed = (
        "أول أولى ثان ثاني ثانية ثالث ثالثة رابع رابعة خامس خامسة سادس سادسة سابع سابعة ثامن "
        "ثامنة تاسع تاسعة عاشر عاشرة حادي حادية"
    )
    return frozenset(fold(listed, "search").split())


@cache
def _nouns() -> frozenset[str]:
    """Return nouns that look like verbs of the lists: عرض, نقل, تجمع."""
    return (
        arabic("deverbal")
        | arabic("weak")
        | arabic("org")
        | arabic("thing")
        | arabic("role")
        | arabic("masdar")
        | arabic("before")
    ) - frozenset({"بين", "قال"})


@cache
def listed_verbs() -> frozenset[str]:
    """Return the forms of the verbs of the lists."""
    found: set[str] = set()
    for past in arabic("past"):
        stem = past[:-1] if past[-1] in "ياي" else past
        found.update(
            (past, stem + "ت", past + "ت", past + "وا", past + "تا", past + "ن", stem + "وا")
        )
        if past[-1] not in "يا":
            found.add(past + "ا")
    for stem in arabic("present") | {past for past in arabic("past") if len(past) > 2}:
        for person in ("ي", "ت", "سي", "ست", "لي", "لت", "سن"):
            found.update(
                (person + stem, person + stem + "ون", person + stem + "وا", person + stem + "ان")
            )
    return frozenset(found)


def _looks_verbal(word: str) -> bool:
    """Whether an unknown word without article has the form of a verb."""
    size = len(word)
    if word.endswith(("ها", "هم", "هما")) and size >= 5:
        return True  # its, their: a verb with its object or a noun that names nothing by itself
    if word.endswith("ت") and not word.endswith("ات") and size >= 3:
        longest = 7 if word.startswith("است") else 6 if word[0] in "ات" else 5
        return size <= longest
    if word[0] == "ي" and 4 <= size <= 7 and word[1] not in "او":
        return True
    if size == 6 and word.startswith("است") and "ا" not in word[3:]:
        return True
    fifth = size == 5 and word[0] == "ا" and (word[2] == "ت" or word[1] == "ن")
    return fifth and "ا" not in word[1:] and not word.endswith(("ه", "ي", "ن"))
