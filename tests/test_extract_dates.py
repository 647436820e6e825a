"""The dates of a page, found on evidence: each case one pattern of real pages, in pages of ours."""

from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from aggregator.extract.dates import FoundDates, find_dates
from aggregator.extract.dates.claim import home, read_printed
from aggregator.extract.document import parse
from aggregator.types import Entry, Moment, Source
from bench.dates import CORPORA, corpus_folder, measure_pages

NOW = datetime(2025, 11, 24, 9, tzinfo=UTC)
URL = "https://news.example/story"


def source(**changes: Any) -> Source:
    fields = {
        "id": "x", "name": "x", "homepage": "https://news.example/", "country": "EG",
        "language": "ar", "timezone": "Africa/Cairo", "seeds": (), **changes,
    }  # fmt: skip
    return Source(**fields)


def find(html: str, url: str = URL, **options: Any) -> FoundDates:
    options.setdefault("now", NOW)
    return find_dates(parse(html, url=url, source=options.get("source")), **options)


def shown(moment: Moment | None) -> tuple[str, str, str] | None:
    return moment and (moment.value.isoformat(), moment.precision, moment.origin)


def page(body: str = "", head: str = "", lang: str = "en") -> str:
    return (
        f"<html lang='{lang}'><head><title>A headline of some words</title>{head}</head>"
        f"<body>{body}</body></html>"
    )


def ld(text: str) -> str:
    return f'<script type="application/ld+json">{text}</script>'


HEADLINE = "<h1>A headline of some words</h1>"
PROSE = "<p>" + "Many words of a story that goes on and on. " * 40 + "</p>"
CASES: dict[str, tuple[str, str | None, str | None]] = {
    "json-ld": (
        page(
            head=ld(
                '{"@type":"NewsArticle","headline":"x","datePublished":"2025-11-07T14:35:12+02:00",'
                '"dateModified":"2025-11-08T10:00:00+02:00"}'
            )
        ),
        "2025-11-07T14:35:12+02:00 second json_ld",
        "2025-11-08T10:00:00+02:00",
    ),
    "json-ld of a video beside the article is not asked": (
        page(
            head=ld('{"@type":"VideoObject","uploadDate":"2025-10-01T00:00:00Z"}')
            + ld('{"@type":"Article","headline":"x","datePublished":"2025-11-07"}')
        ),
        "2025-11-07T00:00:00+00:00 day json_ld",
        None,
    ),
    "meta": (
        page(head='<meta property="article:published_time" content="2025-11-07T14:35:12+02:00">'),
        "2025-11-07T14:35:12+02:00 second meta",
        None,
    ),
    "midnight to the second is a bare day": (
        page(head='<meta property="article:published_time" content="2025-11-07T00:00:00+02:00">'),
        "2025-11-07T00:00:00+02:00 day meta",
        None,
    ),
    "a finer clock for the same day is taken": (
        page(
            head=ld('{"@type":"NewsArticle","headline":"x","datePublished":"2025-11-07"}')
            + '<meta name="pubdate" content="2025-11-07T14:35:12+02:00">'
        ),
        "2025-11-07T14:35:12+02:00 second meta",
        None,
    ),
    "a stated change is no publication": (
        page(head='<meta property="article:modified_time" content="2025-11-07T14:35:12+02:00">'),
        None,
        "2025-11-07T14:35:12+02:00",
    ),
    "a bare date later than the change is none": (
        page(
            head='<meta name="date" content="2025-11-09T14:35:12+02:00">'
            '<meta property="article:modified_time" content="2025-11-07T14:35:12+02:00">'
        ),
        None,
        "2025-11-07T14:35:12+02:00",
    ),
    "a publication that equals the change gives way to an earlier one": (
        page(
            head='<meta name="datePublished" content="2025-11-09T10:00:00Z">'
            '<meta property="article:published_time" content="2025-03-01T08:00:00Z">'
            '<meta property="article:modified_time" content="2025-11-09T10:00:00Z">'
        ),
        "2025-03-01T08:00:00+00:00 second meta",
        "2025-11-09T10:00:00+00:00",
    ),
    "microdata": (
        page(
            f"<article itemscope itemtype='https://schema.org/NewsArticle'>{HEADLINE}"
            "<time itemprop='datePublished' datetime='2025-11-07T14:35:12+02:00'>Friday</time>"
            f"{PROSE}</article>"
        ),
        "2025-11-07T14:35:12+02:00 second page",
        None,
    ),
    "microdata of a comment is not the article's": (
        page(
            f"{HEADLINE}<div class='byline'>November 7, 2025</div>{PROSE}"
            "<div itemprop='comment' itemscope itemtype='https://schema.org/Comment'>"
            "<time itemprop='datePublished' datetime='2025-11-20T10:00:00Z'>x</time></div>"
        ),
        "2025-11-07T00:00:00+00:00 day page",
        None,
    ),
    "printed by the headline": (
        page(f"{HEADLINE}<div>By Someone | November 7, 2025</div>{PROSE}"),
        "2025-11-07T00:00:00+00:00 day page",
        None,
    ),
    "printed before the headline": (
        page(f"<div class='date'>November 7, 2025</div>{HEADLINE}{PROSE}"),
        "2025-11-07T00:00:00+00:00 day page",
        None,
    ),
    "a time element's attribute stands for its text": (
        page(f"{HEADLINE}<time datetime='2025-11-07T14:35:12+02:00'>2 weeks ago</time>{PROSE}"),
        "2025-11-07T14:35:12+02:00 second page",
        None,
    ),
    "a label turns a time element into the change": (
        page(
            f"{HEADLINE}<p>Updated <time datetime='2025-11-07T14:35:12+02:00'>Nov 7</time></p>"
            f"{PROSE}"
        ),
        None,
        "2025-11-07T14:35:12+02:00",
    ),
    "a class turns a date into the change": (
        page(f"{HEADLINE}<div class='field--name-changed'>November 7, 2025</div>{PROSE}"),
        None,
        "2025-11-07T00:00:00+00:00",
    ),
    "two printed dates by their labels": (
        page(
            f"{HEADLINE}<p>Published 7 Nov 2025 10:00 GMT</p><p>Updated 8 Nov 2025 11:00 GMT</p>"
            f"{PROSE}"
        ),
        "2025-11-07T10:00:00+00:00 minute page",
        "2025-11-08T11:00:00+00:00",
    ),
    "a label in the line before": (
        page(f"{HEADLINE}{PROSE}<dl><dt>Published:</dt><dd>November 7, 2025</dd></dl>"),
        "2025-11-07T00:00:00+00:00 day page",
        None,
    ),
    "parts of a date in elements of their own": (
        page(f"{HEADLINE}<div><b>7</b> <span>November</span> <i>2025</i><i>12</i></div>{PROSE}"),
        "2025-11-07T00:00:00+00:00 day page",
        None,
    ),
    "today's date in the head of the page is not the article's": (
        page(
            "<header><div>Monday, 24 November 2025</div></header>"
             "<ul>" + "<li><a>Section</a></li>" * 12 + "</ul>" + HEADLINE + PROSE
        ),
        None,
        None,
    ),
    "dates of teasers are not the article's": (
        page(
            f"{HEADLINE}{PROSE}<aside>"
            + "".join(
                f"<div class='teaser'><span class='date'>{day} November 2025</span></div>"
                for day in (3, 4, 5)
            )
            + "</aside>"
        ),
        None,
        None,
    ),
    "a date in the prose is not the article's": (
        page(f"{HEADLINE}<p>The war that began on 6 October 1973 and that nobody in the town"
             f" had wanted or foreseen went on for weeks.</p>{PROSE}"),
        None,
        None,
    ),
    "a quoted message is not the article": (
        page(f"{HEADLINE}<blockquote>— Someone (@x) November 1, 2025</blockquote>{PROSE}"),
        None,
        None,
    ),
    "hidden text is not printed": (
        page(f"{HEADLINE}<div style='display: none'>November 1, 2025</div>{PROSE}"),
        None,
        None,
    ),
    "the copyright year is no date": (
        page(f"{HEADLINE}{PROSE}<footer>© 2025, all rights reserved</footer>"),
        None,
        None,
    ),
    "an empty database date is none": (
        page(head='<meta property="article:published_time" content="1970-01-01T00:00:00Z">'),
        None,
        None,
    ),
    "the future is none": (
        page(head='<meta property="article:published_time" content="2027-01-01T00:00:00Z">'),
        None,
        None,
    ),
    "seconds since 1970 in a meta": (
        page(head='<meta property="article:published_time" content="1762518912">'),
        "2025-11-07T12:35:12+00:00 second meta",
        None,
    ),
    "data in a script, where nothing else says a date": (
        page(f"{HEADLINE}{PROSE}<script>x={{\"publishedAt\":\"2025-11-07T14:35:12Z\"}}</script>"),
        "2025-11-07T14:35:12+00:00 second page",
        None,
    ),
    "scripts that name several days say nothing": (
        page(
            f"{HEADLINE}{PROSE}<script>x=[{{\"publishedAt\":\"2025-11-07T14:35:12Z\"}},"
            "{\"publishedAt\":\"2025-11-05T14:35:12Z\"}]</script>"
        ),
        None,
        None,
    ),
    "a call that prints the date by script": (
        page(f"{HEADLINE}<td><script>showDate(\"2025/11/07 01:43:09\")</script></td>{PROSE}"),
        "2025-11-07T00:00:00+00:00 day page",
        None,
    ),
    "the day on which a German text held good is its only one": (
        page(f"{HEADLINE}<p class='lastchanged'>Stand: 07.11.2025 18:00 Uhr</p>{PROSE}", lang="de"),
        "2025-11-07T00:00:00+00:00 day page",
        "2025-11-07T00:00:00+00:00",
    ),
    "the same beside a publication is the change": (
        page(
            f"{HEADLINE}<p>Stand: 07.11.2025 18:00 Uhr</p>{PROSE}",
            '<meta name="pubdate" content="2025-11-05T10:00:00+01:00">',
            lang="de",
        ),
        "2025-11-05T10:00:00+01:00 second meta",
        "2025-11-07T00:00:00+00:00",
    ),
    "a day that clings to the name before it": (
        page(f"{HEADLINE}<p>By Jane Doe<time>November 7, 2025</time>20 Mins Read</p>{PROSE}"),
        "2025-11-07T00:00:00+00:00 day page",
        None,
    ),
    "a headline beside the site's name in a heading": (
        page(
            f"<h1>of some words</h1><p>{'Other things. ' * 30}</p>" * 3
            + f"{HEADLINE}<div>7 November 2025 in the city</div>{PROSE}"
            + "<div>5 November 2025</div>"
        ),
        "2025-11-07T00:00:00+00:00 day page",
        None,
    ),
    "a ticker of several days above the headline": (
        page(
            "".join(
                f"<a><span class='tick'>November {day}, 2025</span> Some other story</a><br>"
                for day in (7, 6, 6, 5, 5, 5)
            )
            + HEADLINE
            + PROSE
        ),
        None,
        None,
    ),
    "the only day that the page prints, under the text": (
        page(f"{HEADLINE}{PROSE}<p>Jane<br>7 November 2025</p>"),
        "2025-11-07T00:00:00+00:00 day page",
        None,
    ),
    "two days far from the headline are none": (
        page(f"{HEADLINE}{PROSE}<p>7 November 2025</p><p>5 November 2025</p>"),
        None,
        None,
    ),
    "the day of a site's masthead may be today": (
        page("<p>7 November 2025</p>" + "<p>Menu</p>" * 8 + HEADLINE + PROSE),
        None,
        None,
    ),
}  # fmt: skip


@pytest.mark.parametrize("name", CASES)
def test_page_without_a_source(name: str) -> None:
    html, published, updated = CASES[name]
    found = find(html)
    assert " ".join(shown(found.published) or ()) == (published or "")
    assert (found.updated and found.updated.value.isoformat()) == updated


ARABIC = "<h1>عنوان من كلمات كثيرة</h1>"


@pytest.mark.parametrize(
    ("line", "published", "updated"),
    [
        ("الجمعة، 07 نوفمبر 2025 02:35 م", "2025-11-07T14:35:00+02:00", None),
        ("تم نشره الجمعة 07 تشرين الثاني / نوفمبر 2025. 02:35 مـساءً",
         "2025-11-07T14:35:00+02:00", None),
        ("كتب: محمد علي - الجمعة 7 نوفمبر 2025 | آخر تحديث: السبت 8 نوفمبر 2025",
         "2025-11-07T00:00:00+02:00", "2025-11-08T00:00:00+02:00"),
        ("آخر تحديث: السبت 8 نوفمبر 2025", None, "2025-11-08T00:00:00+02:00"),
        ("منذ ساعتين", "2025-11-24T09:00:00+02:00", None),
        ("16 جمادى الأولى 1447 هـ - 7 نوفمبر 2025", "2025-11-07T00:00:00+02:00", None),
    ],
)  # fmt: skip
def test_arabic_line_by_the_headline(line: str, published: str | None, updated: str | None) -> None:
    html = f"<html lang='ar'><head><title>عنوان من كلمات كثيرة</title></head><body>{ARABIC}<div>{line}</div><p>نص</p></body></html>"  # noqa: E501
    found = find(html, source=source())
    assert (found.published and found.published.value.isoformat()) == published
    assert (found.updated and found.updated.value.isoformat()) == updated


ARABIC_PROSE = "<p>" + "كلام كثير من نص الخبر الذي يطول حتى يملأ الصفحة. " * 30 + "</p>"
MASTHEAD = "<header>الإثنين 24 نوفمبر 2025 - 3 جمادى الآخرة 1447</header>"


@pytest.mark.parametrize(
    ("body", "day"),
    [
        ("{h}<div class='newsStoryDate'><span></span> الجمعة، 07 نوفمبر 2025 02:35 م</div>{p}",
         "2025-11-07"),
        # the head of the site prints today
        (("<div class='top'>الإثنين 24 نوفمبر 2025</div>{h}<ul><li>كتب: محمد علي</li>"
         "<li>الجمعة 7 نوفمبر 2025 | 02:35 م</li></ul>{p}"), "2025-11-07"),
        (MASTHEAD + "{h}{p}<div class='date'>نشر في: 7 نوفمبر 2025</div>", "2025-11-07"),
        (MASTHEAD + "{h}{p}", None),
        ("<div>أخبار</div><div>7 نوفمبر 2025</div>{h}{p}", "2025-11-07"),
        ("<header><time>7 نوفمبر 2025</time></header>{h}{p}", "2025-11-07"),
        ("{h}<div>منذ 3 ساعات</div>{p}", "2025-11-24"),
        ("{h}<time datetime='2025-11-07T14:35:00+02:00'>منذ 17 يوما</time>{p}", "2025-11-07"),
        ("{h}<table><tr><td>تاريخ النشر</td><td>07/11/2025</td></tr></table>{p}", "2025-11-07"),
        (("{h}<div><span>الكاتب: أحمد</span> <span>7 تشرين الثاني 2025</span>"
         " <span>عدد المشاهدات: 2025</span></div>{p}"), "2025-11-07"),
        ("{h}{p}<p>نشر بتاريخ: 7 نوفمبر 2025 | آخر تحديث: 9 نوفمبر 2025</p>", "2025-11-07"),
        ("{h}<p>الرياض 16 جمادى الأولى 1447 هـ الموافق 07 نوفمبر 2025 م واس</p>{p}",
         "2025-11-07"),
        ("{h}<div class='single-date'>آخر تحديث: 9 نوفمبر 2025</div>{p}", None),
        ("{h}<span id='lblDate'>7/11/2025 2:35:00 PM</span>{p}", "2025-11-07"),
        ("{h}<div class='post-meta'>بواسطة محرر · 7 نوفمبر، 2025 · 12 تعليقا</div>{p}",
         "2025-11-07"),
        ("{h}<div>الجمعة 16 جمادى الأولى 1447 هـ</div>{p}", "2025-11-07"),
        (("{h}<div>7 نوفمبر 2025</div><div class='r'><h3>اقرأ أيضا</h3><a>خبر</a>"
         " <span>6 نوفمبر 2025</span></div>{p}"), "2025-11-07"),
        # running text tells of other days
        ("{h}<p>تحتفل البلاد في 6 أكتوبر 1973 بذكرى النصر.</p>{p}", None),
        ("{h}<p>شهدت المدينة في 12 مارس 2020 افتتاح المصنع الذي تم بناؤه.</p>{p}", None),
    ],
)  # fmt: skip
def test_arabic_page_by_its_print(body: str, day: str | None) -> None:
    beside = (
        "<aside><ul><li><a>خبر آخر من الأخبار</a><span>22 نوفمبر 2025</span></li>"
        "<li><a>خبر ثان من الأخبار</a><span>20 نوفمبر 2025</span></li></ul></aside>"
    )
    html = page(body.format(h=ARABIC, p=ARABIC_PROSE) + beside, lang="ar")
    html = html.replace("A headline of some words", "عنوان من كلمات كثيرة - صحيفة")
    found = find(html, "https://sahifa.example.eg/news/1")
    assert (found.published and found.published.value.date().isoformat()) == day


@pytest.mark.parametrize(
    ("lang", "body", "day"),
    [
        (
            "en",
            "{h}<p>PUBLISHED: November 7, 2025 at 2:35 p.m. | UPDATED: November 8, 2025</p>{p}",
            "2025-11-07",
        ),
        ("en", "{h}<div>Nov 7, 2025 Updated 2 hrs ago</div>{p}", "2025-11-07"),
        (
            "en",
            "{h}<div>Posted at 2:35 PM, Nov 07, 2025 and last updated Nov 08, 2025</div>{p}",
            "2025-11-07",
        ),
        ("en", "{h}<div><span>Fri 7 Nov 2025 14.35 GMT</span></div>{p}", "2025-11-07"),
        (
            "en",
            "{h}<p>Fri 7 Nov 2025 14.35 GMT</p><p>Last modified on Sat 8 Nov 2025</p>{p}",
            "2025-11-07",
        ),
        (
            "fr",
            "{h}<p>Publié le 7 novembre 2025 à 14h35, mis à jour le 8 novembre 2025</p>{p}",
            "2025-11-07",
        ),
        (
            "fr",
            "{h}<p>Temps de Lecture 3 min.</p><p>Le Monde avec AFP, le 7 novembre 2025</p>{p}",
            "2025-11-07",
        ),
        (
            "de",
            "{h}<p>07.11.2025, 14:35 Uhr • Aktualisiert 08.11.2025, 10:00 Uhr</p>{p}",
            "2025-11-07",
        ),
        (
            "de",
            "{h}<p>Von Max Muster | Stand: 07.11.2025 | Lesedauer: 3 Minuten</p>{p}",
            "2025-11-07",
        ),
        ("de", "{h}<p>Veröffentlicht am 07.11.2025</p><p>Stand: 08.11.2025</p>{p}", "2025-11-07"),
        (
            "es",
            "{h}<p>7 de noviembre de 2025 14:35 h</p><p>Actualizado el 08/11/2025 10:00h</p>{p}",
            "2025-11-07",
        ),
        ("tr", "{h}<p>7 Kasım 2025 Cuma 14:35 - Güncelleme: 8 Kasım 2025</p>{p}", "2025-11-07"),
        (
            "tr",
            "{h}<p>Giriş: 07.11.2025 - 14:35 Güncelleme: 08.11.2025 - 10:00</p>{p}",
            "2025-11-07",
        ),
        ("ru", "{h}<p>7 ноября 2025, 14:35</p>{p}", "2025-11-07"),
        ("zh", "{h}<p>2025年11月7日 14:35</p>{p}", "2025-11-07"),
        ("ko", "{h}<p>입력 2025.11.07. 오후 2:35 수정 2025.11.08. 오전 10:00</p>{p}", "2025-11-07"),
        ("en", '<div class="date">Friday, November 7, 2025</div>{h}{p}', "2025-11-07"),
        (
            "en",
            '<p id="today">Monday, November 24, 2025</p>{h}<div>Nov. 7, 2025</div>{p}',
            "2025-11-07",
        ),
        ("en", "{h}{p}<p>This article was published on November 7, 2025.</p>", "2025-11-07"),
        (
            "en",
            "{h}{p}<p><em>This story was originally published November 7, 2025 2:35 PM.</em></p>",
            "2025-11-07",
        ),
        ("en", "{h}<p>The treaty was signed on November 7, 1985.</p>{p}", None),
        ("en", "{h}<p>Event date: December 12, 2025</p>{p}", None),
        ("en-US", "{h}<p>Filed 11/7/25</p>{p}", "2025-11-07"),
        ("en", '{h}<p data-date="2025-11-07T14:35:00Z" class="post-date"></p>{p}', "2025-11-07"),
        (
            "en",
            '{h}<relative-time datetime="2025-11-07T14:35:00Z">17 days ago</relative-time>{p}',
            "2025-11-07",
        ),
        ("en", '{h}<span class="timestamp" data-timestamp="1762526100">…</span>{p}', "2025-11-07"),
        (
            "en",
            '{h}<span title="2025-11-07 14:35" class="date">2 weeks ago</span>{p}',
            "2025-11-07",
        ),
        (
            "en",
            '{h}<abbr class="published" title="2025-11-07T14:35:00-05:00">Friday</abbr>{p}',
            "2025-11-07",
        ),
    ],
)
def test_page_of_other_languages_by_its_print(lang: str, body: str, day: str | None) -> None:
    beside = (
        "<aside><ul><li><a>Another story</a><span>November 22, 2025</span></li>"
        "<li><a>A second story</a><span>November 20, 2025</span></li></ul></aside>"
    )
    html = page(body.format(h=HEADLINE, p=PROSE) + beside, lang=lang)
    found = find(html, now=None)
    assert (found.published and found.published.value.date().isoformat()) == day


PRINTED = Path(__file__).parent / "data/extract/printed_dates.tsv"


@pytest.mark.parametrize(
    ("lang", "line", "day"),
    [
        line.split("\t")
        for line in PRINTED.read_text("utf-8").splitlines()
        if not line.startswith("#")
    ],
)
def test_line_of_many_languages_names_the_publication(lang: str, line: str, day: str) -> None:
    published, _ = read_printed(line, home(None, "paper.example", lang), None)
    assert (published.day.isoformat() if published else "-") == day


def test_selector_of_the_source_wins_and_disagreement_is_noted() -> None:
    html = page(
        f"{HEADLINE}<div class='info'>نشر في 7-11-2025 14:35</div>",
        ld('{"@type":"NewsArticle","headline":"x","datePublished":"2025-11-03T09:00:00+02:00"}'),
    )
    found = find(html, source=source(), selectors=(".info",))
    assert shown(found.published) == ("2025-11-07T14:35:00+02:00", "minute", "page")
    assert found.notes == ("published: selector says 2025-11-07, json-ld datePublished 2025-11-03",)


def test_selected_block_may_hold_a_time_element() -> None:
    html = page("<div class='d'>Soon: <time datetime='2025-11-07T14:35:12+02:00'></time></div>")
    found = find(html, source=source(), selectors=(".d",))
    assert shown(found.published) == ("2025-11-07T14:35:12+02:00", "second", "page")


def test_updated_selector_never_gives_a_publication() -> None:
    found = find(
        page(f"<i class='u'>8 نوفمبر 2025</i>{PROSE}"), source=source(), updated_selectors=(".u",)
    )
    assert found.published is None
    assert found.updated is not None
    assert found.updated.value.date().isoformat() == "2025-11-08"


def test_order_of_the_source_is_heeded() -> None:
    html = page("<i class='d'>11/07/2025</i>")
    for order, day in ((None, "2025-07-11"), ("mdy", "2025-11-07")):
        found = find(html, source=source(date_order=order), selectors=(".d",))
        assert found.published is not None
        assert found.published.value.date().isoformat() == day


@pytest.mark.parametrize(
    ("host", "stamp", "line", "value"),
    [
        # the paper prints its own day, the machine that of Greenwich
        ("giornale.it", "2025-12-05T23:15:00Z", "06 dicembre 2025", "2025-12-06T00:15:00+01:00"),
        ("paper.example", "2025-11-20T03:31:00Z", "Nov 19, 2025, 9:31 pm CST",
         "2025-11-19T21:31:00-06:00"),
        ("paper.example", "2025-11-20T03:31:00Z", "Nov. 19, 2025", "2025-11-19T22:31:00-05:00"),
        # no printed day: the moment as stated
        ("paper.example", "2025-11-20T03:31:00Z", "By Someone", "2025-11-20T03:31:00+00:00"),
        # midnight in Germany, sent as UTC: a bare day
        ("zeitung.de", "2025-11-06T23:00:00Z", "By Someone", "2025-11-07T00:00:00+01:00"),
    ],
)  # fmt: skip
def test_moment_in_utc_shows_the_day_that_readers_saw(
    host: str, stamp: str, line: str, value: str
) -> None:
    html = page(
        f"{HEADLINE}<div>{line}</div>{PROSE}",
        f'<meta property="article:published_time" content="{stamp}">',
    )
    found = find(html, f"https://{host}/story", now=NOW + timedelta(days=30))
    assert found.published is not None
    assert found.published.value.isoformat() == value


def test_times_of_its_scripts_say_in_which_part_of_america_a_page_is() -> None:
    stated = '<meta property="article:published_time" content="2025-11-20T03:31:00Z">'
    script = '<script>x={"date":"Wed, 19 Nov 2025 23:00:00 -0500"}</script>'
    found = find(page(f"{HEADLINE}{PROSE}{script}", stated))
    assert shown(found.published) == ("2025-11-19T22:31:00-05:00", "second", "meta")
    other = script.replace("-0500", "-0800")
    found = find(page(f"{HEADLINE}{PROSE}{script}{other}", stated))
    assert shown(found.published) == ("2025-11-20T03:31:00+00:00", "second", "meta")
    found = find(page(f"{HEADLINE}{PROSE}{script}", stated), "https://zeitung.de/x")
    assert found.published is not None
    assert found.published.value.date().isoformat() == "2025-11-20"


def test_known_zone_of_the_country_makes_a_printed_clock_a_moment() -> None:
    html = page(f"{HEADLINE}<div>07.11.2025 14:35</div>{PROSE}")
    assert shown(find(html, "https://blatt.de/x").published) == (
        "2025-11-07T14:35:00+01:00", "minute", "page",
    )  # fmt: skip
    assert shown(find(html, "https://blatt.example/x").published) == (
        "2025-11-07T00:00:00+00:00", "day", "page",
    )  # fmt: skip


@pytest.mark.parametrize(
    ("path", "day"),
    [
        ("/2025/11/07/title", "2025-11-07"),
        ("/news/2025-11-07-title.html", "2025-11-07"),
        ("/story/2025/1/7/title/4943459", "2025-01-07"),
        ("/News/120251107120908039/title", "2025-11-07"),
        ("/a/20251107-title", "2025-11-07"),
        ("/a/2025/13/07/title", None),
        ("/a/20259999/title", None),
        ("/a/120251107", None),
        ("/2025/11/title", None),
        ("/item/4943459?day=2025-11-07", "2025-11-07"),
    ],
)
def test_day_in_the_address_is_the_last_resort(path: str, day: str | None) -> None:
    found = find(page(f"{HEADLINE}{PROSE}"), "https://news.example" + path)
    assert (found.published and found.published.value.date().isoformat()) == day
    assert found.published is None or found.published.origin == "url"


def test_entry_stands_behind_the_page_and_before_print() -> None:
    moment = Moment(
        value=datetime(2025, 11, 7, 12, 0, tzinfo=UTC), precision="second", origin="feed"
    )
    entry = Entry(url=URL, published=moment)
    printed = page(f"{HEADLINE}<div>November 3, 2025</div>{PROSE}")
    assert find(printed, entry=entry).published == moment
    stated = page(head='<meta property="article:published_time" content="2025-11-06T10:00:00Z">')
    assert shown(find(stated, entry=entry).published) == (
        "2025-11-06T10:00:00+00:00", "second", "meta",
    )  # fmt: skip
    updated = Entry(url=URL, updated=moment)
    found = find(page(PROSE), entry=updated)
    assert (found.published, found.updated) == (None, moment)


def test_change_before_the_publication_is_not_kept() -> None:
    found = find(
        page(
            head='<meta property="article:published_time" content="2025-11-06T10:00:00Z">'
            '<meta property="article:modified_time" content="2024-01-01T10:00:00Z">'
        )
    )
    assert found.published is not None
    assert found.updated is None


@settings(max_examples=60, deadline=None)
@given(st.lists(st.sampled_from([
    "<h1>A headline of some words", "</h1>", "<time datetime='2025-11-07'>", "</time>", "<p>",
    "7 November 2025", "Updated", "منذ ساعتين", "<blockquote>", "</div>", "<div class='date'>",
    "2025-11-07T10:00:00Z", "<script>", "\x00", "<meta name=date content=7>", "&#0;", "<br>",
    ld('{"@type":"Article","datePublished":[[{"@value":1}]]}'),
]), max_size=40))  # fmt: skip
def test_no_page_raises(pieces: list[str]) -> None:
    found = find("<html><body>" + "".join(pieces))
    assert found.published is None or found.published.value.tzinfo is not None


@pytest.mark.parametrize(
    "html",
    [
        "<br>" * 200_000,
        "<div>" * 5_000 + "7 November 2025" + "</div>" * 5_000,
        "<p>7 November 2025</p>" * 20_000,
        "<time datetime='2025-11-07'>x</time>" * 20_000,
        page(head='<meta name="date" content="7">' * 20_000),
        HEADLINE + "<span>7</span>" * 50_000,
    ],
    ids=["br", "deep", "dates", "times", "metas", "spans"],
)
@pytest.mark.timeout(60)
def test_hostile_page_is_read_quickly(html: str) -> None:
    found = find_dates(parse(html, url=URL), now=NOW)
    assert found.published is None or found.published.value <= NOW


@pytest.mark.slow
@pytest.mark.skipif(corpus_folder() is None, reason="no corpus; AGGREGATOR_CORPUS names its folder")
@pytest.mark.parametrize("name", CORPORA)
def test_days_of_pages_that_nobody_here_wrote(name: str) -> None:
    folder = corpus_folder()
    assert folder is not None
    figures = measure_pages(folder, name, peer=False)["ours"]
    # what is missing has no date of publication on the page, or a truth that names the change
    assert figures.right >= {"articles": 0.91, "dates": 0.94}[name]
    assert figures.wrong <= 0.045
