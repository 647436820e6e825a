"""The body alone on the corpus: score by set, speed beside trafilatura, verdicts.

Run ``python -m bench.body``. Both read the same pages in the same process, ours first on a page and
then the peer, so that both meet the same machine; times are processor time. ``--sample N`` takes
every N-th page, ``--worst N`` prints the worst pages, ``--no-peer`` leaves trafilatura out.

The trees that decide were grown on these very pages, so the scores here are flattered: what to
expect on other hosts is what ``python -m bench.train_body`` prints (cross-validation by host).
"""

import argparse
import time
from collections import Counter
from typing import Any

from bench.extract import NOT_ARTICLES, RTL, corpus_folder, load_scorer, read_page, read_truth


def ours(doc: Any, title: str | None, url: str) -> tuple[Any, Any]:
    """Return body and verdict; the date is what the page says to machines."""
    from aggregator.extract.body import extract_body
    from aggregator.extract.dates import find_dates
    from aggregator.extract.verdict import judge

    body = extract_body(doc, title=title)
    dates = find_dates(doc, source=None, entry=None, now=None)
    return body, judge(doc, body, title=title, published=dates.published, url=url)


def theirs(page: bytes) -> str:
    import trafilatura

    return trafilatura.extract(page, fast=True, include_comments=False) or ""


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--sample", type=int, default=1)
    parser.add_argument("--worst", type=int, default=8)
    parser.add_argument("--no-peer", action="store_true")
    given = parser.parse_args()
    folder = corpus_folder()
    if folder is None:
        raise SystemExit("bench.body: no corpus: set AGGREGATOR_CORPUS")
    from aggregator.extract import json_ld
    from aggregator.extract.document import parse
    from aggregator.extract.site_names import site_names
    from aggregator.extract.title import find_title

    scorer = load_scorer(folder)
    truth = read_truth(folder)[:: given.sample]
    found: dict[str, dict[str, str]] = {"ours": {}, "trafilatura fast": {}}
    spent = Counter[str]()
    kinds: list[tuple[dict[str, Any], Any]] = []
    for page in truth:
        raw = read_page(folder, page["id"])
        url = page.get("url") or "https://example.org/news/story"
        began = time.process_time()
        doc = parse(raw, url=url)
        spent["parse"] += time.process_time() - began
        title, _ = find_title(
            doc,
            node=json_ld.main(doc.json_ld, doc.url),
            language=doc.language or "en",
            names=site_names(doc),
        )
        began = time.process_time()
        body, verdict = ours(doc, title.value if title else None, url)
        spent["ours"] += time.process_time() - began
        kinds.append((page, verdict))
        found["ours"][page["id"]] = "\n".join(body.paragraphs)
        if not given.no_peer:
            began = time.process_time()
            found["trafilatura fast"][page["id"]] = theirs(raw)
            spent["trafilatura fast"] += time.process_time() - began
    groups: dict[str, list[Any]] = {}
    for page in truth:
        groups.setdefault(page["set"], []).append(page)
        if page["set"] != NOT_ARTICLES:
            groups.setdefault("ARTICLES", []).append(page)
        if page.get("lang") in RTL:
            groups.setdefault("RIGHT-TO-LEFT", []).append(page)
    for name, texts in found.items():
        if texts:
            table(name, groups, {key: {"text": text} for key, text in texts.items()}, scorer, given)
    count = len(truth)
    print(f"\nparse {spent['parse'] / count * 1000:.1f} ms a page")
    print(f"body, date and verdict {spent['ours'] / count * 1000:.1f} ms a page")
    if spent["trafilatura fast"]:
        peer = spent["trafilatura fast"] / count * 1000
        both = (spent["ours"] + spent["parse"]) / count * 1000
        print(f"trafilatura fast {peer:.1f} ms a page: {peer / both:.2f} x ours with parse")
    verdicts(kinds)


def table(name: str, groups: Any, found: Any, scorer: Any, given: Any) -> None:
    print(f"\n{name:16} pages     f1      p      r   f1pg   snip")
    for group, pages in sorted(groups.items()):
        got = scorer.score(pages, found)
        cells = ("  -   " if got[x] is None else f"{got[x]:.4f}" for x in SHOWN)
        print(f"{group:16} {len(pages):5} ", " ".join(cells))
        if group == "ARTICLES":
            worst = got["worst"][: given.worst]
    print("worst:", ", ".join(f"{key} {score:.2f}" for score, key in worst))


SHOWN = ("f1", "p", "r", "f1pg", "snip")


def verdicts(kinds: list[tuple[dict[str, Any], Any]]) -> None:
    others = [(p, v) for p, v in kinds if p["set"] == NOT_ARTICLES]
    articles = [(p, v) for p, v in kinds if p["set"] != NOT_ARTICLES]
    named = sum(not v.is_article for _, v in others)
    wrong = [(p["id"], v) for p, v in articles if not v.is_article]
    if others:
        print(f"no articles, named so: {named}/{len(others)} = {named / len(others):.3f}")
    print(
        f"articles named wrongly: {len(wrong)}/{len(articles)} = {len(wrong) / len(articles):.4f}"
    )
    for key, verdict in wrong:
        print(f"    {key}: {verdict.kind}: {'; '.join(verdict.reasons)}")
    for page, verdict in others:
        if verdict.is_article:
            print(f"    {page['id']} ({page.get('page_type')}) taken for an article")


if __name__ == "__main__":
    main()
