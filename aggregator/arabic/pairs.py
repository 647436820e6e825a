"""How likely letters follow each other in Arabic: tells words from letters thrown together.

The table of pairs is counted by ``bench/letter_pairs.py``. Arabic prose costs about 4 bits a pair,
letters in reverse order or by chance 6 and more.
"""

from functools import cache
from importlib.resources import files

_EDGE = "_"
#: For a letter that the table does not know.
_UNKNOWN = 12.0
#: The letters that the table knows.
LETTERS = "\u0621-\u063a\u0641-\u064a"


@cache
def _bits() -> dict[str, float]:
    text = files("aggregator.arabic").joinpath("data", "pairs-ar.tsv").read_text(encoding="utf-8")
    rows = [line.split("\t") for line in text.splitlines() if not line.startswith("#")]
    letters = rows[0][1:]
    return {
        row[0] + second: float(cost)
        for row in rows[1:]
        for second, cost in zip(letters, row[1:], strict=True)
    }


def word_bits(word: str) -> float:
    """Return the bits that one word costs: one more pair than letters, for its two edges."""
    bits = _bits()
    edged = f"{_EDGE}{word}{_EDGE}"
    return sum(bits.get(edged[i : i + 2], _UNKNOWN) for i in range(len(edged) - 1))
