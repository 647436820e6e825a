"""The words that full-text search stores and asks for: one folding on both sides.

Words are folded (level search) and lose their clitics, so that ``الحكومة`` finds ``والحكومة`` and
``احمد`` finds ``أحمد``. Both engines, FTS5 and tsvector, store these words as they are.
"""

from dataclasses import dataclass

from aggregator.arabic import tokens

#: Words of a query that are looked at; more are wrong use or an attack.
MOST_WORDS = 32
# BM25's two constants as everybody sets them, and the length of a usual article.
_SATURATION, _SLOPE = 1.2, 0.75
_USUAL_LETTERS = 2000
#: So many times in the text is a word worth that stands in the title.
_TITLE_COUNTS = 4


def search_words(text: str) -> list[str]:
    """Return the words of a text as the index holds them, in order, with repetition."""
    return [tokens.strip_clitics(word) for word in tokens.words(text)]


def facets(source_id: str, country: str, language: str) -> str:
    """Return what an article is filtered by, as words of the index.

    >>> facets("wafd", "EG", "ar")
    's=77616664 c=4547 l=6172'
    """
    return f"{facet('s', source_id)} {facet('c', country)} {facet('l', language)}"


def facet(kind: str, value: str) -> str:
    """Return a value as one word that stands in no text: kind, ``=``, its bytes in hexadecimal."""
    return f"{kind}={value.encode('utf-8', 'replace').hex()}"


@dataclass(frozen=True, slots=True)
class Query:
    """A parsed query: every phrase must stand in the text, none of ``without`` may.

    Attributes:
        phrases: each a tuple of words that must follow each other.
        without: words and phrases that must be absent.
    """

    phrases: tuple[tuple[str, ...], ...] = ()
    without: tuple[tuple[str, ...], ...] = ()

    def __bool__(self) -> bool:
        return bool(self.phrases)

    def fts5(self, *, titles: bool = False) -> str:
        """Return the query in SQLite's FTS5 syntax; ``titles``: all of it is in the title."""
        quoted = [("title : " if titles else "") + _quoted(phrase) for phrase in self.phrases]
        asked = " AND ".join(quoted)
        return " NOT ".join([f"({asked})", *(_quoted(phrase) for phrase in self.without)])

    def tsquery(self, *, titles: bool = False) -> str:
        """Return the query in PostgreSQL's ``to_tsquery`` syntax."""
        parts = [_followed(phrase, ":A" if titles else "") for phrase in self.phrases]
        return " & ".join(parts + [f"!({_followed(phrase)})" for phrase in self.without])

    def score(self, title: str, body: str) -> float:
        """Return how well an article fits, given the words that the index holds of it.

        As BM25 does: what stands there often counts more, but ever less so; what stands in a long
        text counts less; a word of the title counts as four. All phrases must be there, so that
        how rare each of them is matters little: it is left out.
        """
        length = 1 - _SLOPE + _SLOPE * len(body) / _USUAL_LETTERS
        title, body, found = f" {title} ", f" {body} ", 0.0
        for phrase in self.phrases:
            needle = f" {' '.join(phrase)} "
            often = _TITLE_COUNTS * title.count(needle) + body.count(needle)
            found += often * (_SATURATION + 1) / (often + _SATURATION * length)
        return found


def _quoted(phrase: tuple[str, ...]) -> str:
    return '"' + " ".join(word.replace('"', "") for word in phrase) + '"'


def _followed(phrase: tuple[str, ...], weight: str = "") -> str:
    quoted = ("'" + word.replace("'", "''") + "'" + weight for word in phrase)
    return "(" + " <-> ".join(quoted) + ")"


def parse(text: str) -> Query:
    """Return the query that a person typed: words, "phrases", and -words to leave out.

    Nothing that stands in ``text`` is syntax of a database; a query without words is false.
    """
    phrases: list[tuple[str, ...]] = []
    without: list[tuple[str, ...]] = []
    for index, part in enumerate(text[:1000].split('"')):
        if index % 2:
            if words := tuple(search_words(part)):
                phrases.append(words)
            continue
        for word in part.split():
            found = tuple(search_words(word))
            if found:
                (without if word.startswith("-") and len(word) > 1 else phrases).append(found)
    return Query(tuple(phrases[:MOST_WORDS]), tuple(without[:MOST_WORDS]))
