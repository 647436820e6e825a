"""Our titles on pages that nobody in this project wrote, where the corpus lies at hand."""

import pytest

from aggregator.extract import json_ld
from aggregator.extract.document import parse
from aggregator.extract.site_names import site_names
from aggregator.extract.title import find_title
from bench.extract import NOT_ARTICLES, RTL, corpus_folder, load_scorer, read_page, read_truth

pytestmark = pytest.mark.skipif(
    corpus_folder() is None, reason="no corpus; AGGREGATOR_CORPUS names its folder"
)


def right_titles(wanted):
    folder = corpus_folder()
    scorer = load_scorer(folder)
    found = []
    for truth in read_truth(folder):
        if truth["set"] == NOT_ARTICLES or not truth.get("title") or not wanted(truth):
            continue
        doc = parse(read_page(folder, truth["id"]), url=truth.get("url") or "https://x.example/")
        title, _ = find_title(
            doc,
            node=json_ld.main(doc.json_ld, doc.url),
            language=truth.get("lang") or "en",
            names=site_names(doc),
        )
        found.append(scorer.fold(truth["title"]) == scorer.fold(title.value if title else None))
    return found


def test_titles_are_far_ahead_of_the_best_peer():
    found = right_titles(lambda truth: True)
    assert sum(found) / len(found) >= 0.82  # the best peer has 0.68


def test_titles_of_right_to_left_pages_are_right():
    found = right_titles(lambda truth: truth.get("lang") in RTL)
    assert sum(found) / len(found) >= 0.99
