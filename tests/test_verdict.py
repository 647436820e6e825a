"""What a page is: articles, and each other kind with its reasons."""

from datetime import UTC, datetime

import pytest

from aggregator.extract.body import extract_body
from aggregator.extract.document import parse
from aggregator.extract.verdict import judge
from aggregator.types import Moment

TEXT = "".join(
    f"<p>الفقرة رقم {i} من الخبر، وفيها كلام كثير عن الموضوع؛ قال المصدر إن العمل مستمر حتى نهاية"
    " العام.</p>"
    for i in range(8)
)
NEWS = f"<article><h1>عنوان الخبر</h1><div class='article-body'>{TEXT}</div></article>"
ENGLISH = "".join(
    f"<p>Paragraph {i} says a good deal about the matter, and the source said work goes on.</p>"
    for i in range(8)
)
LINKS = "".join(
    f"<div class='card'><h3><a href='/n/{i}'>خبر رقم {i} في قائمة طويلة من الأخبار</a></h3></div>"
    for i in range(30)
)
POSTS = "".join(
    f"<div class='message'><b>user{i}</b><p>I think answer {i} is right, because it worked for me."
    "</p></div>"
    for i in range(6)
)
DATED = Moment(value=datetime(2026, 11, 20, tzinfo=UTC), precision="day", origin="json_ld")


def verdict(body, url="https://example.org/news/story", *, head="", title=None, published=None):
    doc = parse(f"<html><head>{head}</head><body>{body}</body></html>", url=url)
    return judge(doc, extract_body(doc, title=title), title=title, published=published, url=url)


@pytest.mark.parametrize(
    ("body", "url", "head", "published"),
    [
        (NEWS, "https://example.org/news/story", "", DATED),
        (NEWS, "https://example.org/news/story", "", None),
        (NEWS, "https://example.org/?p=123", "<meta property=og:type content=article>", DATED),
        (NEWS, "https://example.org/category/politics/123", "", DATED),
        (NEWS, "https://example.org/2026/11/20/forum-of-young-people", "", DATED),
        (NEWS, "https://forum-news.example.org/a/1", "", DATED),
        (
            NEWS,
            "https://example.org/services/a",
            '<script type="application/ld+json">{"@type":"NewsArticle","headline":"x"}</script>',
            DATED,
        ),
        (f"<article><h1>404 قتيلا في الزلزال</h1>{TEXT}{TEXT}{TEXT}</article>",
         "https://example.org/n/1", "<title>404 قتيلا</title>", DATED),
        (f"<h1>Login rules change at all banks</h1>{ENGLISH * 3}", "https://example.org/n/1",
         "<title>Login rules change</title>", DATED),
    ],
)  # fmt: skip
def test_an_article_is_an_article(body, url, head, published):
    found = verdict(body, url, head=head, published=published)
    assert found.kind == "article", found.reasons
    assert found.reasons


CASES = [
    ("error", "<h1>Just a moment...</h1><p>Checking your browser</p>", "", ""),
    ("error", "<div id='cf-challenge-run'></div><script src='/challenge-platform/x.js'></script>",
     "", "<title>example.org</title>"),
    ("error", "<h1>404</h1><p>The page you requested was not found on this server.</p>", "", ""),
    ("error", "<h1>الصفحة غير موجودة</h1><p>عذرا، الصفحة التي تبحث عنها غير متوفرة.</p>", "", ""),
    ("error", "<h1>Seite nicht gefunden</h1><p>Leider gibt es hier nichts zu sehen.</p>", "", ""),
    ("login", "<h1>تسجيل الدخول</h1><form><input type=password></form><p>أدخل بريدك</p>", "", ""),
    ("login", "<h1>Sign in</h1><form><input type=email><input type=password></form>", "", ""),
    ("login", "<form><input name=u><input type='PASSWORD'></form><p>Members area</p>", "", ""),
    ("empty", "<img src=/a.jpg>", "", ""),
    ("forum", f"<h1>Which one?</h1>{POSTS}", "https://example.org/threads/which-one.123/", ""),
    ("forum", f"<h1>Which one?</h1>{POSTS}", "https://example.org/viewtopic.php?t=12", ""),
    ("forum", f"<h1>Which one?</h1>{POSTS}", "https://talk.example.org/t/which-one/991", ""),
    ("forum", f"<h1>Which one?</h1>{POSTS}", "https://example.org/x",
     '<script type="application/ld+json">{"@type":"DiscussionForumPosting"}</script>'),
    ("forum", f"<h1>Which one?</h1>{POSTS}", "https://example.org/x",
     "<meta name=generator content='Discourse 3.1'>"),
    ("product", f"<h1>Lamp</h1>{ENGLISH}", "https://example.org/lamp-20",
     "<meta property=og:type content=product>"),
    ("product", f"<h1>Lamp</h1>{ENGLISH}", "https://example.org/lamp-20",
     '<script type="application/ld+json">{"@type":"Product","name":"Lamp"}</script>'),
    ("listing", f"<h1>سياسة</h1>{LINKS}", "https://example.org/politics", ""),
    ("listing", f"<h1>Example</h1>{LINKS}<p>{ENGLISH}</p>", "https://example.org/", ""),
    ("listing", f"<h1>Lamps</h1>{ENGLISH}", "https://example.org/category/lamps/all", ""),
    ("other", f"<h1>Install</h1>{ENGLISH}", "https://docs.example.org/install", ""),
    ("other", f"<h1>Install</h1>{ENGLISH}", "https://example.org/x",
     "<meta name=generator content='Docusaurus v3'>"),
    ("other", f"<h1>Moving</h1>{ENGLISH}", "https://example.org/services/moving", ""),
]  # fmt: skip


@pytest.mark.parametrize(("kind", "body", "url", "head"), CASES)
def test_other_pages_are_named(kind, body, url, head):
    found = verdict(body, url or "https://example.org/news/story", head=head)
    assert found.kind == kind, found.reasons
    assert not found.is_article
    assert found.reasons


def test_a_date_for_machines_outweighs_a_shop_like_address():
    page = f"<h1>Lamp</h1>{ENGLISH}"
    url = "https://example.org/services/lamp"
    assert not verdict(page, url).is_article
    assert verdict(page, url, published=DATED).is_article


def test_odd_json_ld_types_do_no_harm():
    types = '[1,null,{"a":2},"schema:NewsArticle"]'
    head = f'<script type="application/ld+json">{{"@type":{types}}}</script>'
    assert verdict(NEWS, head=head).is_article


CARD = (
    "<div class='card'><h3><a href='/n/{0}'>خبر رقم {0} في قائمة الأخبار</a></h3>"
    "<p>ملخص الخبر رقم {0}، وفيه جملة أو جملتان عما جرى أمس في المدينة.</p></div>"
)


def test_summaries_below_linked_headlines_are_a_list_whatever_day_is_printed():
    cards = "".join(CARD.format(number) for number in range(9))
    printed = Moment(value=datetime(2026, 11, 20, tzinfo=UTC), precision="day", origin="page")
    assert verdict(cards, "https://example.org/economy", published=printed).kind == "listing"
    assert verdict(cards, "https://example.org/economy", published=DATED).is_article


def test_sections_whose_headlines_lead_nowhere_are_an_article():
    sections = "".join(CARD.format(number) for number in range(9)).replace("a href", "b title")
    assert verdict(sections.replace("</a>", "</b>")).is_article


@pytest.mark.parametrize(
    "body",
    [
        "<h1>مواقيت الصلاة</h1><table><tr><td>الفجر<td>4:57<tr><td>الظهر<td>11:43</table>عمان",
        "<h1>البث المباشر</h1><p>شاهد القناة على مدار الساعة.</p>",
    ],
)
def test_figures_and_labels_are_no_article(body):
    assert verdict(body, "https://example.org/page").kind == "other"


@pytest.mark.parametrize(
    "text",
    [
        "تم حذف هذا الخبر من الموقع.",
        "هذا المقال لم يعد متاحا.",
        "ليس لديك صلاحية لعرض الصفحة.",
        "העמוד המבוקש לא נמצא",
    ],
)
def test_page_that_says_it_is_gone_is_an_error(text):
    assert verdict(f"<h1>{text}</h1>", "https://example.org/n/1").kind == "error"


def test_page_may_tell_of_what_was_deleted():
    told = "<p>قال المتحدث إن الدواء لم يعد متاحا في الصيدليات، وإن الوزارة حذفت السعر القديم.</p>"
    assert verdict(f"<h1>نقص الدواء</h1>{told}{NEWS}", published=DATED).is_article
