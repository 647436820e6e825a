"""Names and topics that a reader would follow, from one article's title and paragraphs.

Phrases come as the text writes them, without the conjunctions and prepositions that Arabic glues to
their front. What counts is that the article repeats a phrase, that the title holds it, and where it
is given, how seldom other articles of the store speak of it. No model, no network, no clock; time
is linear in the text, and only its first part is read.
"""

import math
import re
from collections.abc import Callable, Mapping, Sequence
from functools import lru_cache

from aggregator.arabic import fold
from aggregator.arabic.script import script_language
from aggregator.keywords import arabic, choice, plain
from aggregator.keywords.choice import Background, Phrase
from aggregator.keywords.pieces import Key, Piece, key_at

__all__ = ["Candidates", "best", "candidates", "keywords"]

#: Shown form, search-folded form and weight of each.
Candidates = tuple[tuple[str, str, float], ...]

_ARABIC_LETTERS = re.compile("[\u0620-\u06ff]+")
#: Letters as a printer joins them: ﻻ for لا.
_PRESENTED = re.compile("[\ufb50-\ufdff\ufe70-\ufefc]")
_ARTICLES = re.compile(" [وب]?ال")
_LETTERS = re.compile("[^\\W\\d_]+")
#: Characters of a text that are read.
_MOST = 24_000
_ARABIC = frozenset({"ar", "arz", "ary", "apc", "apd", "acm", "aeb", "arq", "ajp"})


def keywords(
    title: str,
    paragraphs: Sequence[str],
    language: str = "ar",
    limit: int = 10,
    *,
    tags: Sequence[str] = (),
    background: Background | None = None,
    documents: int = 0,
) -> list[str]:
    """Return what an article is about, best first.

    Args:
        title: the headline; what stands in it weighs more.
        paragraphs: plain text.
        language: BCP 47; the text's own letters win over a wrong one.
        limit: the most to return.
        tags: what the source tagged the article with; counts where the text holds it.
        background: asked once, with search-folded phrases; returns in how many stored articles
            each stands (absent: none).
        documents: how many articles are stored.

    >>> keywords("عبد الفتاح البرهان في بورتسودان", ["وصل عبد الفتاح البرهان إلى بورتسودان أمس."])
    ['عبد الفتاح البرهان', 'بورتسودان']
    """
    found = candidates(title, paragraphs, language, tags=tags)
    return best(found, limit, background=background, documents=documents)


def candidates(
    title: str, paragraphs: Sequence[str], language: str = "ar", *, tags: Sequence[str] = ()
) -> Candidates:
    """Return what an article may be about and how much it speaks for it, in the text's order.

    All of it is in the text: any process may work it out, and :func:`best` asks the store.
    """
    text = "\n".join((_line(title), *map(_line, paragraphs)))[:_MOST]
    own = _language(text, language)
    pieces = arabic.read(text) if own in _ARABIC else plain.read(text, own)
    if not pieces:
        return ()
    phrases = _candidates(text, pieces, own, tags)
    taken = choice.choose(phrases.values(), pieces)
    return tuple(
        (label, _folded(label), weight) for label, weight in choice.score(taken, text, pieces)
    )


@lru_cache(maxsize=8192)
def _folded(label: str) -> str:
    return fold(label, "search")


def best(
    found: Candidates,
    limit: int = 10,
    *,
    background: Background | None = None,
    documents: int = 0,
) -> list[str]:
    """Return the best of some candidates; see :func:`keywords`."""
    if limit < 1 or not found:
        return []
    rarity = _rarity([folded for _, folded, _ in found], background, documents)
    ranked = sorted(found, key=lambda one: -one[2] * rarity(one[1]))
    labels: dict[str, str] = {}
    for label, folded, _ in ranked:
        labels.setdefault(folded, label)
    return list(labels.values())[:limit]


def _line(text: str) -> str:
    """Return a paragraph as one line, letters in their usual form."""
    line = " ".join(text[:_MOST].split())
    return fold(line, "display") if _PRESENTED.search(line) else line


def _language(text: str, language: str) -> str:
    """Return the language to read by: what the caller says, unless the script speaks against it."""
    base = language.partition("-")[0].lower()
    sample = text[:400]
    in_arabic = 3 * _size(_ARABIC_LETTERS, sample) > _size(_LETTERS, sample)
    if base in _ARABIC:
        if not in_arabic:
            return "en" if sample.isascii() else "und"
        if len(sample) < 60 or 12 * len(_ARTICLES.findall(sample)) > sample.count(" "):
            return "ar"
        told = script_language(sample)
        return told if told not in (None, "ar") else "ar"
    return base or ("ar" if in_arabic else "und")


def _size(letters: re.Pattern[str], text: str) -> int:
    return len("".join(letters.findall(text)))


def _candidates(
    text: str, pieces: Sequence[Piece], language: str, tags: Sequence[str]
) -> dict[Key, Phrase]:
    phrases = choice.repeated(pieces)
    if language not in _ARABIC:
        _drop_plain(phrases, pieces)
    for at, size in choice.single_chunks(pieces, range(1)):
        _add(phrases, pieces, at, size, 1.0)
    for at, size in choice.single_chunks(pieces, range(1, 3)):
        if size > 1:
            _add(phrases, pieces, at, size, 0.6)
    if language in _ARABIC:
        for at, size in arabic.role_names(pieces):
            _add(phrases, pieces, at, size, 1.0)
    _tagged(phrases, pieces, language, tags)
    return phrases


def _add(
    phrases: dict[Key, Phrase], pieces: Sequence[Piece], at: int, size: int, bonus: float
) -> None:
    key = key_at(pieces, at, size)
    if key not in phrases:
        phrases[key] = Phrase(key, [at], [at], bonus=bonus)


def _drop_plain(phrases: dict[Key, Phrase], pieces: Sequence[Piece]) -> None:
    """Drop lone words that nothing marks as names unless the text insists on them."""
    for key, phrase in list(phrases.items()):
        piece = pieces[phrase.places[0]]
        if phrase.size > 1 or piece.heads:
            continue
        cased = piece.weight == 0.75
        titled = any(pieces[at].line == 0 for at in phrase.places)
        if len(phrase.places) < (4 if cased and not titled else 2):
            del phrases[key]


def _tagged(
    phrases: dict[Key, Phrase],
    pieces: Sequence[Piece],
    language: str,
    tags: Sequence[str],
) -> None:
    """Take the source's tags in where the text holds them."""
    starts: dict[str, list[int]] = {}
    if tags:
        for at, piece in enumerate(pieces):
            starts.setdefault(piece.word, []).append(at)
    for tag in tags[:50]:
        key = _tag_key(_line(tag)[:100], language)
        size = len(key)
        if not 0 < size <= choice.LONGEST:
            continue
        if key not in phrases:
            places = [
                at
                for at in starts.get(key[0], ())
                if key_at(pieces, at, size) == key
                and all(piece.joined for piece in pieces[at + 1 : at + size])
            ]
            if places:
                phrases[key] = Phrase(key, places, places)
        if key in phrases:
            phrases[key].bonus *= 1.5


@lru_cache(maxsize=4096)
def _tag_key(line: str, language: str) -> Key:
    """Return what a tag is compared by; sources give the same ones again and again."""
    own = arabic.read(line) if language in _ARABIC else plain.read(line, language)
    return key_at(own, 0, len(own)) if own else ()


def _rarity(
    phrases: Sequence[str], background: Background | None, documents: int
) -> Callable[[str], float]:
    """Return what the store says of a phrase: 1.3 if it never saw it, 0.3 if it always does."""
    if background is None or documents < 1:
        return lambda phrase: 1.0
    counts: Mapping[str, int] = background(list(dict.fromkeys(phrases)))
    most = math.log(documents + 2)

    def rarity(phrase: str) -> float:
        seen = min(max(counts.get(phrase, 0), 0), documents)
        return 0.3 + math.log((documents + 2) / (seen + 1)) / most

    return rarity
