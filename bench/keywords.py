"""Keywords: share of right answers and articles a second, beside YAKE in the same run.

    python -m bench.keywords [FILE.jsonl ...] [--rounds 5]

A case counts the share of its wanted names and topics; none of it where a broken name or a word of
no matter is given. Without files: the golden cases and our own. YAKE (not a dependency of ours) is
measured if installed: phrases of up to four words, ten of them, its own Arabic stop words.
"""

import argparse
import importlib
import json
import re
import statistics
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

from aggregator.arabic import fold
from aggregator.keywords import keywords

Case = dict[str, Any]
DATA = Path(__file__).parent.parent / "tests" / "data"
FILES = (
    DATA / "golden" / "keywords.jsonl",
    DATA / "keywords" / "arabic.jsonl",
    DATA / "keywords" / "other.jsonl",
    DATA / "keywords" / "unseen.jsonl",
)


def phrase(text: str) -> str:
    words = fold(text, "search").split()
    return " ".join(re.sub(r"^(?:[وبلكف]?ال|[وبل](?=\S{3}))", "", word) for word in words)


def right(case: Case, got: list[str]) -> tuple[float, bool]:
    have = {phrase(one) for one in got}
    met = sum(not have.isdisjoint(map(phrase, group)) for group in case["must"])
    noise = any(phrase(one) in have for one in case["must_not"])
    noise = noise or any(one in got for one in case.get("must_not_exact", ()))
    return met / len(case["must"]), noise


def ours(case: Case) -> list[str]:
    return keywords(case["title"], case["paragraphs"], case.get("language", "ar"))


def yake() -> Callable[[Case], list[str]] | None:
    try:
        extractor = importlib.import_module("yake").KeywordExtractor
    except ImportError:
        return None
    made: dict[str, Any] = {}

    def extract(case: Case) -> list[str]:
        language = case.get("language", "ar")
        if language not in made:
            made[language] = extractor(lan=language, n=4, top=10)
        text = "\n".join([case["title"], *case["paragraphs"]])
        return [str(word) for word, _ in made[language].extract_keywords(text)]

    return extract


def main() -> None:
    ask = argparse.ArgumentParser(description=__doc__)
    ask.add_argument("files", nargs="*", type=Path)
    ask.add_argument("--rounds", type=int, default=5)
    asked = ask.parse_args()
    systems: dict[str, Callable[[Case], list[str]]] = {"ours": ours}
    peer = yake()
    if peer is None:
        print("YAKE is not installed: measured alone")
    else:
        systems["yake"] = peer
    for file in asked.files or FILES:
        lines = file.read_text(encoding="utf-8").splitlines()
        cases = [json.loads(line) for line in lines if line]
        size = statistics.mean(len(" ".join(case["paragraphs"]).split()) for case in cases)
        print(f"{file.name}: {len(cases)} cases of {size:.0f} words")
        rates: dict[str, list[float]] = {name: [] for name in systems}
        for _ in range(asked.rounds):
            for name, system in systems.items():
                start = time.process_time()
                for case in cases:
                    system(case)
                rates[name].append(len(cases) / (time.process_time() - start))
        for name, system in systems.items():
            marks = [right(case, system(case)) for case in cases]
            score = statistics.mean(0 if noise else met for met, noise in marks)
            recall = statistics.mean(met for met, _ in marks)
            noisy = sum(noise for _, noise in marks)
            rate = statistics.median(rates[name])
            print(
                f"  {name:5} right {score:.3f}  wanted met {recall:.3f}  with noise {noisy}"
                f"  {rate:.0f} articles/s (median of {asked.rounds}, processor time)"
            )


if __name__ == "__main__":
    main()
