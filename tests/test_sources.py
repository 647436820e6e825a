"""Every source of the catalogue: its file is sound, its rules do on its page what they say.

A source is tried by adding ``tests/data/sources/ID/`` with pages and ``expected.yaml``; no code.
"""

import re
from datetime import UTC, datetime
from functools import cache
from pathlib import Path
from typing import Any

import pytest
import yaml

from aggregator import announcing, catalogue, extract, seeds
from aggregator.types import Page, Source
from aggregator.urls import address_keys, matches_any

DATA = Path(__file__).parent / "data" / "sources"
NOW = datetime(2025, 11, 10, 12, tzinfo=UTC)


@cache
def sources() -> dict[str, Source]:
    return catalogue.load()


@cache
def expected(name: str) -> dict[str, Any]:
    found: dict[str, Any] = yaml.safe_load((DATA / name / "expected.yaml").read_text("utf-8"))
    return found


def cases(kind: str) -> list[tuple[str, dict[str, Any]]]:
    names = sorted(path.parent.name for path in DATA.glob("*/expected.yaml"))
    return [(name, case) for name in names for case in expected(name).get(kind, ())]


def test_the_catalogue_is_whole() -> None:
    found = sources()
    assert len(found) >= 175
    assert all(source.evidence in {"high", "medium"} for source in found.values() if source.enabled)
    for source in found.values():
        assert Path(source.path or "").parent.name == source.country
        assert Path(source.path or "").stem == source.id


def test_what_is_called_tested_is_tested() -> None:
    tested = {name for name, source in sources().items() if source.tested}
    assert tested == {path.parent.name for path in DATA.glob("*/expected.yaml")}


@pytest.mark.parametrize(("name", "case"), cases("pages"), ids=lambda v: str(v)[:40])
def test_rules_find_the_article_of_a_stored_page(name: str, case: dict[str, Any]) -> None:
    source = sources()[name]
    body = (DATA / name / case["file"]).read_bytes()
    article = extract.extract(body, url=case["url"], source=source, now=NOW)
    assert article.verdict.is_article, article.verdict
    assert article.title == case["title"]
    assert article.published == case["published"]
    assert article.published_precision == case["precision"]
    assert len(article.paragraphs) == case["paragraphs"], article.paragraphs
    text = "\n".join(article.paragraphs)
    assert text.startswith(case["begins"])
    assert [word for word in case.get("without", ()) if word in text] == []
    if "authors" in case:
        assert list(article.authors) == case["authors"]
    for name in case.get("selected", ()):
        assert article.origins[name] == "selector", article.origins
    if source.article_patterns:
        assert matches_any(case["url"], source.article_patterns)
    if source.identity_patterns:
        keys = address_keys(case["url"], source.identity_patterns)
        assert any(key.startswith("id:") for key in keys)


@pytest.mark.parametrize(("name", "case"), cases("entries"), ids=lambda v: str(v)[:40])
def test_seeds_show_the_entries_of_a_stored_document(name: str, case: dict[str, Any]) -> None:
    source = sources()[name]
    seed = next(seed for seed in source.seeds if seed.url == case["seed"])
    page = Page(url=seed.url, body=(DATA / name / case["file"]).read_bytes())
    parsed = seeds.parse(page, seed, source=source, now=NOW)
    found = announcing.keyed(parsed.entries, source, seed.kind)
    assert [each.entry.url for each in found] == case["urls"]


def test_an_identity_pattern_takes_the_whole_number() -> None:
    """After ``.*`` only the last digit would be left, and a tenth of all articles be one."""
    for source in sources().values():
        for pattern in source.identity_patterns:
            assert re.search(r"\.[*+]\(\\d", pattern) is None, (source.id, pattern)


@pytest.mark.parametrize(
    ("name", "url", "key"),
    [
        ("hespress", "https://www.hespress.com/خبر-1261034.html", "id:1261034"),
        ("hespress", "http://hespress.com/videos/73684.html", "id:73684"),
        ("hespress", "https://en.hespress.com/35627-cases.html", "id:en.hespress.com/35627"),
        ("wafa", "https://wafa.ps/news/2025/11/10/خبر/147258", "id:147258"),
        ("wafa", "https://english.wafa.ps/Pages/Details/132595", "id:132595"),
    ],
)
def test_addresses_give_their_number(name: str, url: str, key: str) -> None:
    source = sources()[name]
    assert key in address_keys(url, source.identity_patterns)


def test_alwafd_is_one_article_over_both_hosts_and_layouts() -> None:
    patterns = sources()["alwafd"].identity_patterns
    addresses = (
        "https://alwafd.news/5596662",
        "http://www.alwafd.org/5596662",
        "https://www.alwafd.news/محافظات/5596662-محافظ-القليوبية",
    )
    assert {address_keys(url, patterns)[-1] for url in addresses} == {"id:5596662"}
