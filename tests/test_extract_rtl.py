"""Pages from right to left, in the templates of the usual systems: the whole text, hardly more."""

import json
import re
from collections import Counter
from pathlib import Path

import pytest

from aggregator.extract import extract

DATA = Path(__file__).parent / "data" / "extract_rtl"
PAGES = sorted(path.stem for path in DATA.glob("*.html"))


def balance(want, have):
    """Return F1 over words."""
    want, have = (Counter(re.findall(r"\w+", " ".join(texts))) for texts in (want, have))
    return 2 * sum((want & have).values()) / (sum(want.values()) + sum(have.values()) or 1)


@pytest.fixture(scope="module")
def pages():
    found = {}
    for name in PAGES:
        article = extract((DATA / f"{name}.html").read_bytes(), url="https://unknown.example/n/1")
        found[name] = article, json.loads((DATA / f"{name}.json").read_text("utf-8"))
    return found


@pytest.mark.parametrize("name", PAGES)
def test_page_gives_title_and_text(pages, name):
    article, known = pages[name]
    assert balance(known["paragraphs"], article.paragraphs) >= 0.92
    assert article.title == known["title"]
    assert article.language == known["language"]
    assert article.direction == "rtl"
    assert article.verdict.is_article


@pytest.mark.parametrize("name", PAGES)
def test_no_teaser_menu_or_comment_is_in_the_text(pages, name):
    article, known = pages[name]
    text = "\n".join(article.paragraphs)
    assert [foreign for foreign in known["absent"] if foreign in text] == []


def test_the_pages_together_are_read_nearly_whole(pages):
    scores = [balance(known["paragraphs"], article.paragraphs) for article, known in pages.values()]
    assert len(scores) >= 26
    assert sum(scores) / len(scores) >= 0.985
