"""Extraction on the corpus: our figures by set, beside trafilatura's in the same process.

Run ``python -m bench.extract``. The corpus lies where AGGREGATOR_CORPUS says, else in
``../shared/corpus``; its own scorer counts. Ours and the peer's work on a page are timed one after
the other, so that both meet the same machine. Speed: whole pages a second, bytes in, all fields
out (ours: title, dates, body, people, pictures, language, verdict …; the peer: its fast text with
its metadata, and its fast text alone).

Options: ``--sample N`` every N-th page, ``--set NAME``, ``--rtl``, ``--worst N``, ``--no-peer``,
``--wrong title|date|verdict`` prints these.
"""

import argparse
import gzip
import importlib.util
import json
import os
import sys
import time
import unicodedata
from collections import Counter
from collections.abc import Iterable
from pathlib import Path
from typing import Any

NOT_ARTICLES = "wcxb-other"
RTL = frozenset(("ar", "fa", "ur", "he"))
COLUMNS = ("f1", "p", "r", "f1pg", "snip", "title", "date", "date_wrong")


def corpus_folder() -> Path | None:
    """Return the folder of the corpus; None where this machine has none."""
    given = os.environ.get("AGGREGATOR_CORPUS")
    folder = Path(given) if given else Path(__file__).parents[2] / "shared" / "corpus"
    return folder if (folder / "articles" / "truth.jsonl").is_file() else None


def load_scorer(folder: Path) -> Any:
    """Return the corpus's own scorer as a module."""
    spec = importlib.util.spec_from_file_location("corpus_score", folder / "score.py")
    if spec is None or spec.loader is None:
        raise FileNotFoundError(folder / "score.py")
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def read_truth(folder: Path) -> list[dict[str, Any]]:
    with (folder / "articles" / "truth.jsonl").open(encoding="utf-8") as file:
        return [json.loads(line) for line in file if line.strip()]


def read_page(folder: Path, name: str) -> bytes:
    """Return a page's bytes; names may be stored in another normal form."""
    for form in ("NFC", "NFD"):
        path = folder / "articles" / f"{unicodedata.normalize(form, name)}.html.gz"
        if path.exists():
            return gzip.decompress(path.read_bytes())
    return gzip.decompress((folder / "articles" / f"{name}.html.gz").read_bytes())


def ours(page: bytes, url: str) -> dict[str, Any]:
    from aggregator.extract import extract

    article = extract(page, url=url)
    return {
        "text": "\n".join(article.paragraphs),
        "title": article.title,
        "published": article.published.isoformat() if article.published else None,
        "verdict": article.verdict,
        "origin": article.origins.get("paragraphs"),
    }


def theirs(page: bytes, url: str) -> dict[str, Any]:
    import trafilatura

    found = trafilatura.bare_extraction(
        page, url=url, fast=True, with_metadata=True, include_comments=False
    )
    if found is None:
        return {}
    return {"text": found.text, "title": found.title, "published": found.date}


def their_text(page: bytes) -> None:
    import trafilatura

    trafilatura.extract(page, fast=True, include_comments=False)


def table(name: str, scorer: Any, truth: list[dict[str, Any]], found: dict[str, Any]) -> None:
    groups: dict[str, list[dict[str, Any]]] = {"articles": truth}
    rtl = [each for each in truth if each.get("lang") in RTL]
    if rtl:
        groups["right-to-left"] = rtl
    for each in truth:
        groups.setdefault(each["set"], []).append(each)
    print(f"\n{name:<18}" + "pages " + " ".join(f"{column:>6}" for column in COLUMNS))
    for group, rows in groups.items():
        score = scorer.score(rows, found)
        values = (score["date_wrong" if column == "date_wrong" else column] for column in COLUMNS)
        shown = " ".join("   -  " if value is None else f"{value:6.3f}" for value in values)
        print(f"{group:<18}{score['pages']:5d} {shown}")


def verdicts(truth: Iterable[dict[str, Any]], found: dict[str, Any]) -> None:
    others, articles, kinds = [], [], Counter[str]()
    for each in truth:
        verdict = found[each["id"]]["verdict"]
        if each["set"] == NOT_ARTICLES:
            others.append(not verdict.is_article)
            kinds[f"{each.get('page_type')} -> {verdict.kind}"] += 1
        else:
            articles.append(not verdict.is_article)
    if others:
        share = sum(others) / len(others)
        print(f"\nno articles, named so:  {sum(others)}/{len(others)} = {share:.3f}")
    if articles:
        share = sum(articles) / len(articles)
        print(f"articles named wrongly: {sum(articles)}/{len(articles)} = {share:.3f}")
    for kind, count in sorted(kinds.items()):
        print(f"  {count:3d} {kind}")


def wrong(kind: str, scorer: Any, truth: Iterable[dict[str, Any]], found: dict[str, Any]) -> None:
    for each in truth:
        got = found[each["id"]]
        if kind == "verdict":
            is_other = each["set"] == NOT_ARTICLES
            if got["verdict"].is_article == is_other:
                print(f"{each['id']} {each.get('page_type')}: {got['verdict']}")
        elif each["set"] != NOT_ARTICLES:
            want, have = each.get("title"), got["title"]
            same = scorer.fold(want) == scorer.fold(have)
            if kind == "date":
                want, have = each.get("published"), got["published"]
                same = scorer.day(want) == scorer.day(have)
            if want and not same:
                print(f"{each['id']}\n  want {want}\n  have {have}")


def main() -> None:
    options = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    options.add_argument("--sample", type=int, default=1)
    options.add_argument("--set")
    options.add_argument("--rtl", action="store_true")
    options.add_argument("--worst", type=int, default=0)
    options.add_argument("--no-peer", action="store_true")
    options.add_argument("--wrong", choices=["title", "date", "verdict"])
    chosen = options.parse_args()
    folder = corpus_folder()
    if folder is None:
        sys.exit("bench.extract: no corpus: set AGGREGATOR_CORPUS")
    scorer = load_scorer(folder)
    truth = [
        each
        for each in read_truth(folder)[:: chosen.sample]
        if (not chosen.set or each["set"] == chosen.set)
        and (not chosen.rtl or each.get("lang") in RTL)
    ]
    mine: dict[str, Any] = {}
    peer: dict[str, Any] = {}
    seconds = Counter[str]()
    slowest = (0.0, "")
    warm = read_page(folder, truth[0]["id"])
    ours(warm, "https://warm.example/")
    if not chosen.no_peer:
        theirs(warm, "https://warm.example/")
    for each in truth:
        page, url = (
            read_page(folder, each["id"]),
            each.get("url") or "https://unknown.example/news/page",
        )
        start = time.perf_counter()
        mine[each["id"]] = ours(page, url)
        seconds["ours"] += (took := time.perf_counter() - start)
        slowest = max(slowest, (took, each["id"]))
        if chosen.no_peer:
            continue
        start = time.perf_counter()
        peer[each["id"]] = theirs(page, url)
        middle = time.perf_counter()
        their_text(page)
        seconds["peer, text and metadata"] += middle - start
        seconds["peer, text alone"] += time.perf_counter() - middle
    articles = [each for each in truth if each["set"] != NOT_ARTICLES]
    table("ours", scorer, articles, mine)
    if peer:
        table("trafilatura fast", scorer, articles, peer)
    verdicts(truth, mine)
    print(f"\nbody from: {dict(Counter(each['origin'] for each in mine.values()))}")
    for name, spent in seconds.items():
        times = spent / seconds["ours"]
        print(f"{name:<24} {len(truth) / spent:7.1f} pages/s   ours is {times:.2f} x")
    print(f"slowest page of ours: {slowest[0] * 1000:.0f} ms {slowest[1]}")
    if chosen.worst:
        for f1, name in scorer.score(articles, mine)["worst"][: chosen.worst]:
            print(f"{f1:.3f} {name}")
    if chosen.wrong:
        wrong(chosen.wrong, scorer, truth, mine)


if __name__ == "__main__":
    main()
