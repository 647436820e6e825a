"""Copies: documents a second and recall by level, beside rensa in the same run.

    python -m bench.copies [--texts 10000]

Both fold, shingle, look up and index each text as it comes, on the texts of the test web. Those are
synthetic: precision on them says little, since strangers share no shingles.
Levels: 0 same text, 1 other credit line, 2 a few words and letter forms, 3 tail cut, 4 new lead and
many words; a pair has the worse of its two. Rounds are interleaved; the median
counts. Seconds are of the processor, all threads together: the machine may have other work.
"""

import argparse
import statistics
import sys
import time
from collections import defaultdict
from collections.abc import Callable
from itertools import combinations
from pathlib import Path
from typing import Any

from rensa import RMinHash, RMinHashLSH

from aggregator.arabic import fold
from aggregator.neighbours import MemoryNeighbours, Stored
from aggregator.similarity import compare, fingerprint, shingles

sys.path.insert(0, str(Path(__file__).parent.parent / "tests"))
from miniweb import texts

Text = dict[str, Any]


def ours(documents: list[Text]) -> list[int]:
    """Return for each text the number of the text that it repeats, its own for an original."""
    index = MemoryNeighbours()
    index.counting = False
    for pk, document in enumerate(documents):
        print_ = fingerprint(None, document["text"].split("\n"), about=False)
        found: dict[int, None] = {}
        own = None
        for one in index.alike(print_, 0)[:10]:
            root = one.pk if one.root is None else one.root
            if root in found:
                continue
            own = own or shingles(print_.codes)
            if compare(print_, one.print, own).kind == "copy":
                found[root] = None
        root = min(found, default=pk)
        index.add([Stored(pk=pk, print=print_, day=0, root=None if root == pk else root)])
        if len(found) > 1:
            index.reroot(root, [other for other in found if other != root])
    return [one.pk if one.root is None else one.root for one in index.get(range(len(documents)))]


def rensa(documents: list[Text]) -> list[int]:
    """Return the same by rensa: 128 permutations, 32 bands, Jaccard of at least 0.3."""
    lsh = RMinHashLSH(threshold=0.3, num_perm=128, num_bands=32)
    hashes: list[RMinHash] = []
    roots: list[int] = []
    heads: dict[int, int] = {}

    def head(pk: int) -> int:
        while heads.get(pk, pk) != pk:
            pk = heads[pk]
        return pk

    for pk, document in enumerate(documents):
        words = fold(document["text"], "search").split()
        own = RMinHash(num_perm=128, seed=42)
        own.update([" ".join(words[at : at + 3]) for at in range(max(1, len(words) - 2))])
        near = [hit for hit in lsh.query(own) if own.jaccard(hashes[hit]) >= 0.3]
        found = {head(roots[hit]) for hit in near}
        roots.append(min(found, default=pk))
        heads |= dict.fromkeys(found, roots[-1])
        lsh.insert(pk, own)
        hashes.append(own)
    return [head(root) for root in roots]


def pairs(labels: list[Any]) -> set[tuple[int, int]]:
    groups: dict[Any, list[int]] = defaultdict(list)
    for at, label in enumerate(labels):
        if label is not None:
            groups[label].append(at)
    return {pair for group in groups.values() for pair in combinations(group, 2)}


def report(name: str, documents: list[Text], roots: list[int], rates: list[float]) -> float:
    true = pairs([document["group"] or None for document in documents])
    found = pairs(list(roots))
    levels: dict[int, list[bool]] = defaultdict(list)
    for a, b in true:
        level = max(documents[a]["level"], documents[b]["level"])
        levels[level].append((a, b) in found)
    shares = " / ".join(f"{sum(hits) / len(hits):.3f}" for _, hits in sorted(levels.items()))
    rate = statistics.median(rates)
    right = len(true & found)
    print(
        f"{name:<22} {rate:7.0f}  ({min(rates):.0f}-{max(rates):.0f})"
        f"  recall {right / len(true):.3f}  precision {right / max(1, len(found)):.3f}"
        f"  levels 0/1/2/3/4  {shares}"
    )
    return rate


def main() -> None:
    ask = argparse.ArgumentParser(description=__doc__)
    ask.add_argument("--texts", type=int, default=10_000)
    ask.add_argument("--rounds", type=int, default=3)
    options = ask.parse_args()
    documents = list(texts(options.texts))
    runs: dict[str, Callable[[list[Text]], list[int]]] = {"ours": ours, "rensa 128x32 J>=.3": rensa}
    rates: dict[str, list[float]] = defaultdict(list)
    roots: dict[str, list[int]] = {}
    for _ in range(options.rounds):
        for name, run in runs.items():
            start = time.process_time()
            roots[name] = run(documents)
            rates[name].append(len(documents) / (time.process_time() - start))
    print(f"{len(documents)} texts; documents a second of the processor (range of rounds)")
    found = [report(name, documents, roots[name], rates[name]) for name in runs]
    print(f"ours / rensa: {found[0] / found[1]:.2f}")


if __name__ == "__main__":
    main()
