"""Names and topics that a reader would follow, from the words of a text."""

from collections import Counter
from collections.abc import Sequence

from aggregator.arabic import tokens


def keywords(
    title: str, paragraphs: Sequence[str], language: str = "ar", limit: int = 10
) -> list[str]:
    """Return phrases of the title that the body repeats, best first."""
    body = Counter(tokens.content_words("\n".join(paragraphs), language))
    words = dict.fromkeys(tokens.content_words(title, language))
    return [word for word in words if body[word] > 1][:limit]
