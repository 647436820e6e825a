"""The words that full-text search stores and asks for: one folding on both sides.

Words are folded (level search) and lose their clitics, so that ``الحكومة`` finds ``والحكومة`` and
``احمد`` finds ``أحمد``. Both engines, FTS5 and tsvector, store these words as they are.
"""

from dataclasses import dataclass

from aggregator.arabic import tokens

#: Words of a query that are looked at; more are wrong use or an attack.
MOST_WORDS = 32


def search_words(text: str) -> list[str]:
    """Return the words of a text as the index holds them, in order, with repetition."""
    return [tokens.strip_clitics(word) for word in tokens.words(text)]


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

    def fts5(self) -> str:
        """Return the query in SQLite's FTS5 syntax."""
        quoted = [_quoted(phrase) for phrase in self.phrases]
        asked = " AND ".join(quoted)
        return " NOT ".join([f"({asked})", *(_quoted(phrase) for phrase in self.without)])

    def tsquery(self) -> str:
        """Return the query in PostgreSQL's ``to_tsquery`` syntax."""
        parts = [_followed(phrase) for phrase in self.phrases]
        return " & ".join(parts + [f"!({_followed(phrase)})" for phrase in self.without])


def _quoted(phrase: tuple[str, ...]) -> str:
    return '"' + " ".join(word.replace('"', "") for word in phrase) + '"'


def _followed(phrase: tuple[str, ...]) -> str:
    return "(" + " <-> ".join("'" + word.replace("'", "''") + "'" for word in phrase) + ")"


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
