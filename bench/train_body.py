"""Grow the trees that tell a body's blocks from the rest (``aggregator/extract/model.py``).

Run ``python -m bench.train_body`` for a cross-validation by host on the corpus's articles, and
``python -m bench.train_body --write`` to grow them on all pages and write
``aggregator/extract/data/body_model.json``. Wants lightgbm and numpy, which the program itself
does not: ``uv pip install --target DIR lightgbm`` and ``PYTHONPATH=DIR``.

A block's label: does its text stand in the truth (four-grams, each of the truth's used once; short
ones by their neighbours). Pages with snippets only give the blocks that hold one. A page's weight
is spread over its words, so that long pages count no more than short ones, as in the score.
"""

import argparse
import json
import pickle
import zlib
from collections import Counter
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from bench.extract import NOT_ARTICLES, corpus_folder, load_scorer, read_page, read_truth

TARGET = Path("aggregator/extract/data/body_model.json")
FOLDS = 5
#: of a page, wrong blocks weigh at most so many times its truth
MOST_WRONG = 5
SETTINGS = {
    "objective": "binary",
    "learning_rate": 0.09,
    "num_leaves": 12,
    "min_data_in_leaf": 30,
    "feature_fraction": 0.2,
    "bagging_fraction": 0.7,
    "bagging_freq": 1,
    "lambda_l2": 5.0,
    "max_bin": 63,
    "num_threads": 1,
    "verbose": -1,
}
ROUNDS = 110
#: after so many trees a block may leave, if at most this share of those that do come out wrong
STAGES, MOST_ASTRAY = (20, 40, 65), 0.001


def labels(texts: list[str], truth: str, scorer: Any) -> list[float]:
    """Return for each block the share of it that stands in the truth."""
    left = Counter(scorer.shingles(truth))
    lines = {" ".join(scorer._WORD.findall(scorer.fold(x).lower())) for x in truth.split("\n")}
    joined = f" {' '.join(scorer._WORD.findall(scorer.fold(truth).lower()))} "
    found: list[float] = []
    for text in texts:
        words = scorer._WORD.findall(scorer.fold(text).lower())
        if len(words) < 4:
            short = " ".join(words)
            inside = bool(short) and f" {short} " in joined
            found.append(-1.0 if short and short in lines else -0.5 if inside else 0.0)
            continue
        grams = [tuple(words[i : i + 4]) for i in range(len(words) - 3)]
        share = sum(left[gram] > 0 for gram in grams) / len(grams)
        if share > 0.5:
            for gram in grams:
                left[gram] -= left[gram] > 0
        found.append(share)
    for i, share in enumerate(found):
        if share < 0:
            around = [
                next((x for x in reach if x >= 0), 0.0)
                for reach in (found[max(0, i - 3) : i][::-1], found[i + 1 : i + 4])
            ]
            near = sum(x > 0.5 for x in around)
            found[i] = float(near >= (1 if share == -1.0 else 2))
    return found


def snippet_labels(texts: list[str], page: dict[str, Any], scorer: Any) -> list[float | None]:
    inside = [scorer.fold(x) for x in page.get("with") or ()]
    outside = [scorer.fold(x) for x in page.get("without") or ()]
    found: list[float | None] = []
    for text in map(scorer.fold, texts):
        if any(x in text for x in inside):
            found.append(1.0)
        else:
            found.append(0.0 if any(x in text for x in outside) else None)
    return found


def weights(texts: list[str], marks: list[float | None], whole: bool, scorer: Any) -> list[float]:
    sizes = [max(1, len(scorer._WORD.findall(text))) for text in texts]
    right = sum(s for s, m in zip(sizes, marks, strict=True) if m and m > 0.5)
    base = max(60, right) if whole else 1600
    found = [0.0 if m is None else min(s / base, 0.3) for s, m in zip(sizes, marks, strict=True)]
    wrong = sum(w for w, m in zip(found, marks, strict=True) if m is not None and m <= 0.5)
    factor = min(1.0, MOST_WRONG / wrong) if whole and wrong else 1.0
    return [
        1000 * w * (factor if m is not None and m <= 0.5 else 1.0)
        for w, m in zip(found, marks, strict=True)
    ]


def host(page: dict[str, Any]) -> str:
    name = urlsplit(page.get("url") or "").hostname or page["id"]
    return ".".join(name.split(".")[-2:])


def gather() -> list[dict[str, Any]]:
    """Return all articles of the corpus with their measured blocks and labels."""
    from aggregator.extract import json_ld
    from aggregator.extract.barring import barred
    from aggregator.extract.document import parse
    from aggregator.extract.judging import read_page as reading_of
    from aggregator.extract.site_names import site_names
    from aggregator.extract.title import find_title

    folder = corpus_folder()
    if folder is None:
        raise SystemExit("bench.train_body: no corpus: set AGGREGATOR_CORPUS")
    scorer = load_scorer(folder)
    found = []
    for page in read_truth(folder):
        url = page.get("url") or "https://example.org/"
        doc = parse(read_page(folder, page["id"]), url=url)
        node = json_ld.main(doc.json_ld, doc.url)
        title, _ = find_title(doc, node=node, language=doc.language or "en", names=site_names(doc))
        read = reading_of(doc, title.value if title else None)
        texts = [block.text for block in read.page.blocks]
        marks: list[Any]
        if page.get("text"):
            marks = list(labels(texts, page["text"], scorer))
        else:
            marks = snippet_labels(texts, page, scorer)
        found.append(
            {
                "page": page,
                "texts": texts,
                "rows": [[float(x) for x in row] for row in read.measured.rows],
                "candidates": read.measured.candidates,
                "sizes": read.measured.sizes,
                "barred": barred(read),
                "reading": read,
                "marks": marks,
                "weights": weights(texts, marks, bool(page.get("text")), scorer),
            }
        )
    return found


def grow(pages: list[dict[str, Any]], seed: int = 1, rounds: int = ROUNDS, **settings: Any) -> Any:
    import lightgbm
    import numpy

    rows, marks, shares = [], [], []
    for page in pages:
        for row, number in zip(page["rows"], page["candidates"], strict=True):
            mark, weight = page["marks"][number], page["weights"][number]
            if weight > 0 and mark is not None:
                rows.append(row)
                marks.append(mark > 0.5)
                shares.append(weight)
    data = lightgbm.Dataset(numpy.array(rows, dtype="float32"), marks, weight=shares)
    return lightgbm.train({**SETTINGS, "seed": seed, **settings}, data, rounds)


def flatten(booster: Any, names: list[str]) -> dict[str, Any]:
    """Return the trees as ``model.Trees`` has them, ready for JSON."""
    feature: list[int] = []
    threshold: list[float] = []
    left: list[int] = []
    right: list[int] = []
    leaf: list[float] = []
    roots: list[int] = []

    def place(node: dict[str, Any]) -> int:
        if "leaf_value" in node:
            leaf.append(round(node["leaf_value"], 5))
            return ~(len(leaf) - 1)
        number = len(feature)
        feature.append(node["split_feature"])
        threshold.append(float(f"{node['threshold']:.6g}"))
        left.append(0)
        right.append(0)
        left[number] = place(node["left_child"])
        right[number] = place(node["right_child"])
        return number

    roots = [place(tree["tree_structure"]) for tree in booster.dump_model()["tree_info"]]
    return {
        "names": names,
        "feature": feature,
        "threshold": threshold,
        "left": left,
        "right": right,
        "leaf": leaf,
        "roots": roots,
    }


def stages(booster: Any, pages: list[dict[str, Any]]) -> list[list[float]]:
    """Return where blocks may leave the trees early, as ``model.Trees`` has it."""
    import numpy

    rows = numpy.array([row for page in pages for row in page["rows"]], dtype="float32")
    whole = booster.predict(rows, raw_score=True)
    low, high = numpy.log(0.15 / 0.85), numpy.log(0.85 / 0.15)
    found = []
    for count in STAGES:
        part = booster.predict(rows, raw_score=True, num_iteration=count)
        order = numpy.argsort(part)
        below = _reach(whole[order] > low)
        above = _reach(whole[order[::-1]] < high)
        gone = numpy.concatenate((order[:below], order[::-1][:above]))
        grown = numpy.abs(whole[gone]).sum() / numpy.abs(part[gone]).sum()
        bars = part[order[below - 1]] - 1e-3, part[order[-above]] + 1e-3
        found.append(
            [count, round(float(bars[0]), 3), round(float(bars[1]), 3), round(float(grown), 3)]
        )
        print(f"after {count} trees {len(gone) / len(rows):.3f} of the blocks leave")
    return found


def _reach(astray: Any) -> int:
    """Return how many from the beginning may leave, so that few of them go astray."""
    shares = astray.cumsum() / range(1, len(astray) + 1)
    return int((shares <= MOST_ASTRAY).nonzero()[0].max(initial=0)) + 1


def validate(pages: list[dict[str, Any]], folds: int, seeds: int = 1, **settings: Any) -> list[Any]:
    """Return each page's probabilities by trees that saw no page of its host."""
    import numpy

    found: list[Any] = [None] * len(pages)
    for fold in range(folds):
        ours = [zlib.crc32(host(x["page"]).encode()) % folds == fold for x in pages]
        train = [
            x
            for x, own in zip(pages, ours, strict=True)
            if not own and x["page"]["set"] != NOT_ARTICLES
        ]
        boosters = [grow(train, seed=seed + 1, **settings) for seed in range(seeds)]
        for i, own in enumerate(ours):
            if own:
                found[i] = [0.0] * len(pages[i]["texts"])
            if own and pages[i]["rows"]:
                rows = numpy.array(pages[i]["rows"], dtype="float32")
                means = sum(b.predict(rows) for b in boosters) / seeds
                for number, mean in zip(pages[i]["candidates"], means, strict=True):
                    found[i][number] = float(mean)
    return found


def report(pages: list[dict[str, Any]], found: list[Any], title: str) -> None:
    from aggregator.extract.choosing import settled

    folder = corpus_folder()
    assert folder is not None
    scorer = load_scorer(folder)
    predictions = {}
    for page, likely in zip(pages, found, strict=True):
        kept, _ = settled(page["reading"], list(likely), page["barred"])
        text = "\n".join(page["texts"][i] for i in kept)
        predictions[page["page"]["id"]] = {"text": text}
    groups: dict[str, list[Any]] = {}
    for page in pages:
        truth = page["page"]
        groups.setdefault(truth["set"], []).append(truth)
        if truth["set"] != NOT_ARTICLES:
            groups.setdefault("articles", []).append(truth)
        if truth.get("lang") in ("ar", "fa", "ur", "he"):
            groups.setdefault("rtl", []).append(truth)
    print(title)
    for name, truths in sorted(groups.items()):
        got = scorer.score(truths, predictions)
        cells = " ".join(
            "  -   " if got[x] is None else f"{got[x]:.4f}"
            for x in ("f1", "p", "r", "f1pg", "snip")
        )
        print(f"{name:14} {len(truths):4} {cells}", [(round(a, 2), b) for a, b in got["worst"][:4]])


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else "")
    parser.add_argument("--write", action="store_true")
    parser.add_argument("--seeds", type=int, default=1)
    parser.add_argument("--folds", type=int, default=FOLDS)
    parser.add_argument("--save", help="keep measured pages and probabilities in this pickle")
    given = parser.parse_args()
    pages = gather()
    if given.write:
        from aggregator.extract.features import NAMES

        articles = [x for x in pages if x["page"]["set"] != NOT_ARTICLES]
        booster = grow(articles)
        trees = flatten(booster, list(NAMES)) | {"stages": stages(booster, articles)}
        text = json.dumps(trees, separators=(",", ":"))
        TARGET.write_text(text + "\n", encoding="utf-8")
        print(TARGET, len(text), "characters")
        return
    found = validate(pages, given.folds, given.seeds)
    if given.save:
        kept = [{name: x[name] for name in x if name != "reading"} for x in pages]
        Path(given.save).write_bytes(pickle.dumps((kept, found)))
    report(pages, found, f"by host, {given.folds} folds")


if __name__ == "__main__":
    main()
