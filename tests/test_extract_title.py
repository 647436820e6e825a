"""The title of a page, case by case (tests/data/extract/titles.jsonl)."""

import json
from html import escape
from pathlib import Path

import pytest

from aggregator.extract import extract, json_ld
from aggregator.extract.document import parse
from aggregator.extract.site_names import site_names, without_site
from aggregator.extract.title import find_title
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


@pytest.mark.parametrize(
    ("heading", "headline", "expected"),
    [
        (
            '<b class="my-kicker">Pandemie</b><i> - </i><span>„Es kommt darauf an“</span>',
            None,
            "„Es kommt darauf an“",
        ),
        ('<span class="overline">Wien</span>: Lotte Muster ist tot', None, "Lotte Muster ist tot"),
        (
            '<em class="kicker">اقتصاد</em> أسعار الذهب اليوم في مصر',
            None,
            "أسعار الذهب اليوم في مصر",
        ),
        ('Long words <span class="kicker">that end</span> it', None, "Long words that end it"),
        ('<span class="kicker">A headline of words</span> now', None, "A headline of words now"),
        ('<span class="title">Budget</span> vote delayed again', None, "Budget vote delayed again"),
        (
            '<span class="topline">Klimaschutz</span>: Bohren, bis es heiß wird',
            "Klimaschutz: Bohren, bis es heiß wird",
            "Klimaschutz: Bohren, bis es heiß wird",
        ),
    ],
)
def test_line_over_a_headline_is_no_part_of_it_unless_json_ld_says_so(heading, headline, expected):
    data = json.dumps({"@type": "NewsArticle", "headline": headline}) if headline else "{}"
    social = f'<meta property="og:title" content="{headline}">' if headline else ""
    doc = parse(
        f"{social}<title>{headline or 'X'}</title>"
        f'<script type="application/ld+json">{data}</script><h1>{heading}</h1><p>text</p>',
        url="https://x.example/1",
    )
    found, _ = find_title(
        doc, node=json_ld.main(doc.json_ld, doc.url), language="de", names=site_names(doc)
    )
    assert (found.value if found else None) == expected


def test_megabyte_title_is_cut():
    doc = parse(f"<title>{'word ' * 200_000}</title>", url="https://x.example/")
    found, _ = find_title(doc, node=None, language="en", names=())
    assert found is not None
    assert len(found.value) <= 1000


STORY = "<p>" + "أعلنت الوزارة أن الأشغال تنتهي في الخريف بعد تأخر دام سنتين كاملتين. " * 6 + "</p>"


@pytest.mark.parametrize(
    ("title_tag", "body", "expected"),
    [
        (
            "Alquds Media Network, official website",
            "<p>2021-10-16 | أخبار</p><h4>جسر جديد يربط ضفتي النهر</h4>" + STORY * 3,
            "جسر جديد يربط ضفتي النهر",
        ),
        (
            "news/2024/show.aspx",
            "<h1>Menu</h1><h2>جسر &amp; نفق <b>يربطان</b> الضفتين</h2>" + STORY * 3,
            "جسر & نفق يربطان الضفتين",
        ),
        (  # a heading over another heading is a part, not the headline
            "news/2024/show.aspx",
            "<h2>القسم الأول من الكتاب</h2><h3>جسر يربط الضفتين</h3>" + STORY * 3,
            "news/2024/show.aspx",
        ),
        (  # printed as a line: the heading below is a subtitle
            "جسر جديد يربط ضفتي النهر",
            "<div>جسر جديد يربط ضفتي النهر</div><h3>الأشغال تنتهي في الخريف</h3>" + STORY * 3,
            "جسر جديد يربط ضفتي النهر",
        ),
        (
            "جسر جديد يربط ضفتي النهر",
            "<h1>جسر جديد يربط ضفتي النهر</h1><h3>الأشغال تنتهي في الخريف</h3>" + STORY * 3,
            "جسر جديد يربط ضفتي النهر",
        ),
    ],
)
def test_headline_opens_the_text_where_title_is_of_the_site(title_tag, body, expected):
    article = extract(
        f"<html lang=ar><title>{title_tag}</title><body><div>alquds media network</div>"
        f"<div class=story>{body}</div></body></html>",
        url="https://www.alquds.example/show.aspx?id=7",
    )
    assert article.title == expected
    assert expected not in article.paragraphs


def test_date_over_such_a_headline_is_the_articles():
    menu = "".join(f"<li><a href=/section/{n}>قسم {n}</a></li>" for n in range(40))
    body = "<p>2021-10-16 | أخبار</p><h4>جسر جديد يربط ضفتي النهر</h4>" + STORY * 3
    latest = "<li>11.10.2021 <a href=/9>وزير الصحة يفتتح المستشفى الجديد</a></li>"
    article = extract(
        "<html lang=ar><title>Alquds Media Network, official website</title><body>"
        f"<ul class=menu><li><a href=/>Alquds Media Network</a></li>{menu}</ul>"
        f"<div class=story>{body}</div><ul class=latest>{latest}</ul></body></html>",
        url="https://www.alquds.example/show.aspx?id=7",
    )
    assert article.title == "جسر جديد يربط ضفتي النهر"
    assert article.published is not None
    assert article.published.date().isoformat() == "2021-10-16"
