"""Count pairs of letters in Arabic news text: `python -m bench.letter_pairs` writes the table.

The table (aggregator/arabic/data/pairs-ar.tsv) tells Arabic words from letters thrown together, in
charset detection, mojibake repair and visual-order text. Source: the texts of tests/data/golden,
all written for this project.
"""

import collections
import json
import math
import pathlib
import re

ROOT = pathlib.Path(__file__).parent.parent
LETTERS = "ءآأؤإئابةتثجحخدذرزسشصضطظعغفقكلمنهوىي"
EDGE = "_"


def texts(folder: pathlib.Path) -> list[str]:
    found: list[str] = []

    def walk(value: object) -> None:
        if isinstance(value, str):
            found.append(value)
        elif isinstance(value, dict):
            for inner in value.values():
                walk(inner)
        elif isinstance(value, list):
            for inner in value:
                walk(inner)

    for name in ("neardup", "keywords"):
        for line in (folder / f"{name}.jsonl").read_text(encoding="utf-8").split("\n"):
            walk(json.loads(line or "null"))
    return found


def main() -> None:
    pairs: collections.Counter[str] = collections.Counter()
    for text in texts(ROOT / "tests/data/golden"):
        for word in re.findall(f"[{LETTERS}]+", text):
            edged = EDGE + word + EDGE
            pairs.update(edged[i : i + 2] for i in range(len(edged) - 1))
    alphabet = EDGE + LETTERS
    rows = [
        "# Bits that the second letter (column) costs after the first (row); _ is a word's edge."
    ]
    rows.append("\t".join(["", *alphabet]))
    for first in alphabet:
        total = sum(pairs[first + second] for second in alphabet) + 0.3 * len(alphabet)
        bits = (-math.log2((pairs[first + second] + 0.3) / total) for second in alphabet)
        rows.append("\t".join([first, *(f"{min(b, 14):.0f}" for b in bits)]))
    out = ROOT / "aggregator/arabic/data/pairs-ar.tsv"
    out.write_text("\n".join(rows) + "\n", encoding="utf-8")
    print(f"{sum(pairs.values())} pairs counted, {len(set(pairs))} different")


if __name__ == "__main__":
    main()
