"""The title of a page, case by case (tests/data/extract/titles.jsonl)."""

import json
from html import escape
from pathlib import Path

import pytest

from aggregator.extract import json_ld
from aggregator.extract.document import parse
from aggregator.extract.title import find_title, site_names, without_site
from aggregator.types import Entry

CASES = [
    json.loads(line)
    for line in (Path(__file__).parent / "data/extract/titles.jsonl")
    .read_text("utf-8")
    .splitlines()
]


def page(case):
    metas = "".join(
        f'<meta property="{name}" content="{escape(case[key])}">'
        for key, name in (("og", "og:title"), ("site_name", "og:site_name"))
        if key in case
    )
    data = ""
    if "json_ld" in case:
        text = json.dumps({"@type": "NewsArticle", "headline": case["json_ld"]})
        data = f'<script type="application/ld+json">{text}</script>'
    title = f"<title>{escape(case['title_tag'])}</title>" if "title_tag" in case else ""
    headings = "".join(f"<h1>{text}</h1>" for text in case.get("h1", ()))
    return (
        f"<html lang={case.get('lang', 'ar')}><head>{title}{metas}{data}</head>"
        f"<body>{headings}{case.get('body', '')}<p>text</p></body></html>"
    )


@pytest.mark.parametrize("case", CASES, ids=lambda case: case["note"])
def test_title_is_what_most_places_agree_on(case):
    doc = parse(page(case), url=case["url"])
    entry = Entry(url=case["url"], title=case["entry"]) if "entry" in case else None
    found, _ = find_title(
        doc,
        node=json_ld.main(doc.json_ld, doc.url),
        language=case.get("lang", "ar"),
        names=site_names(doc),
        entry=entry,
    )
    assert (found.value if found else None) == case["expected"]


def test_selected_title_wins_over_all_others():
    doc = parse("<title>b</title><h1>b</h1>", url="https://x.example/")
    found, _ = find_title(doc, node=None, language="ar", names=(), selected=["عنوان الخبر - الوفد"])
    assert found is not None
    assert (found.value, found.origin) == ("عنوان الخبر - الوفد", "selector")


def test_disagreement_between_page_and_metadata_is_noted():
    doc = parse(
        "<title>Seven things to know</title><h1>Ten things to know today</h1>"
        "<meta property='og:title' content='Seven things to know'>",
        url="https://x.example/",
    )
    found, notes = find_title(doc, node=None, language="en", names=())
    assert found is not None
    assert found.value == "Ten things to know today"
    assert notes


@pytest.mark.parametrize(
    ("title", "names", "expected"),
    [
        (
            "Russia hits Kyiv - National | Globalnews.ca",
            ["globalnews.ca"],
            "Russia hits Kyiv - National",
        ),
        ("A - B - C", ["X"], "A - B - C"),
        ("Budget vote delayed - Starmer silent", ["star"], "Budget vote delayed - Starmer silent"),
        ("Budget vote delayed - Star Tribune", ["star"], "Budget vote delayed"),
        ("Titel | mdr.de", ["mdr.de"], "Titel"),
        ("Der Spiegel", ["Der Spiegel"], "Der Spiegel"),
        ("خبر مهم | بوابة الوفد", ["بوابة الوفد"], "خبر مهم"),
        ("| خبر مهم |", [], "خبر مهم"),
    ],
)
def test_names_of_the_site_are_split_off(title, names, expected):
    assert without_site(title, names) == expected


def test_megabyte_title_is_cut():
    doc = parse(f"<title>{'word ' * 200_000}</title>", url="https://x.example/")
    found, _ = find_title(doc, node=None, language="en", names=())
    assert found is not None
    assert len(found.value) <= 1000
