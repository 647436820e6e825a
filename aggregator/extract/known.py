"""What is known of an article before its body is, and how a block's text compares with it."""

import re
from typing import Any, NamedTuple

_WORD = re.compile(r"\w+")


class Known(NamedTuple):
    """What is known of the article before its body is: all may be empty."""

    title: str = ""
    description: str = ""
    #: words of JSON-LD articleBody, lower case, one blank between
    json_body: str = ""


def _words_of(text: str) -> list[str]:
    return _WORD.findall(text.lower())


class Texts:
    """Compares the text of blocks with what is known of the article and with each other."""

    __slots__ = ("description", "json_body", "seen", "title", "words")

    def __init__(self, known: Known) -> None:
        self.title = " ".join(known.title.lower().split())
        self.words = {word for word in _words_of(known.title[:1000]) if len(word) > 2}
        self.description = " ".join(known.description.lower().split())[:400]
        self.json_body = known.json_body
        self.seen: dict[str, int] = {}

    def compare(self, text: str) -> tuple[float, bool, int, int]:
        """Return share of title words, is it the summary, how often it was before, in JSON-LD."""
        low = text.lower()
        title, in_json = 0.0, 0
        if len(low) < 200 and self.words:
            words = _WORD.findall(low)
            if words:
                title = (
                    2.0 if low == self.title else sum(w in self.words for w in words) / len(words)
                )
        lead = len(low) > 25 and low[:60] in self.description
        repeated = self.seen.get(low, 0)
        self.seen[low] = repeated + 1
        if self.json_body:
            words = _WORD.findall(low[:120])[:15]
            in_json = 2 if len(low) > 20 and " ".join(words[:-1]) in self.json_body else 1
        return title, lead, repeated, in_json


def known_words(text: Any) -> str:
    """Return the words of JSON-LD's articleBody as ``Known`` wants them; empty where too short."""
    if not isinstance(text, str) or len(text) < 200:
        return ""
    return " ".join(_words_of(re.sub(r"<[^<>]{1,500}>", " ", text[:300_000])))
