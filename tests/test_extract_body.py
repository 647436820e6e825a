"""The body out of any page: whole pages, selectors, hostile input, other pages of an article."""

import json
import os
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from aggregator.extract import choosing, model
from aggregator.extract.barring import in_galleries
from aggregator.extract.blocks import MAX_CHARS, MAX_ELEMENTS, segment
from aggregator.extract.body import extract_body, thin
from aggregator.extract.credit import is_signature
from aggregator.extract.document import parse
from aggregator.extract.furniture import KINDS, furniture, is_call
from aggregator.extract.hints import BITS, hint_mask
from aggregator.safe_xml import legal

DATA = Path(__file__).parent / "data" / "extract_body"
URL = "https://example.org/news/story"
CASES = sorted(path.stem for path in DATA.glob("*.json"))


def read(name):
    page = (DATA / f"{name}.html").read_text("utf-8")
    return parse(page, url=URL), json.loads((DATA / f"{name}.json").read_text("utf-8"))


@pytest.mark.parametrize("name", CASES)
def test_page_gives_its_body_and_nothing_else(name):
    doc, expected = read(name)
    body = extract_body(doc, title=expected["title"])
    if "paragraphs" in expected:
        assert list(body.paragraphs) == expected["paragraphs"]
    for text in expected.get("holds", ()):
        assert text in body.paragraphs
    for text in expected.get("absent", ()):
        assert text not in "\n".join(body.paragraphs)
        assert text not in body.html
    for text in expected.get("html", ()):
        assert text in body.html
    for text in expected.get("no_html", ()):
        assert text not in body.html
    if "images" in expected:
        assert [image.url for image in body.images] == expected["images"]
    assert body.origin == "generic"


def test_reading_does_not_change_the_shared_tree():
    from lxml import etree

    doc, expected = read("media")
    before = etree.tostring(doc.root)
    extract_body(doc, title=expected["title"])
    assert etree.tostring(doc.root) == before


PAGE = """<html lang="ar"><body><div class="news"><h1>العنوان</h1><div class="text">
<p>الفقرة الأولى من الخبر.</p><p>اقرأ أيضا: <a href="/x">خبر آخر</a></p>
<div class="ad">إعلان مدفوع هنا</div>
<h2>عنوان فرعي</h2><p>الفقرة الثانية من الخبر.</p><ul><li>بند أول</li><li>بند ثان</li></ul>
</div></div></body></html>"""


@pytest.mark.parametrize(
    "selector", [".text", "//div[@class='text']", "(//div[@class='text'])[1]", "div.text > *"]
)
def test_selectors_of_a_source_win_and_furniture_inside_is_left_out(selector):
    body = extract_body(
        parse(PAGE, url=URL), selectors=(".nothing", selector), remove=(".ad",), title="العنوان"
    )
    assert body.paragraphs == (
        "الفقرة الأولى من الخبر.", "عنوان فرعي", "الفقرة الثانية من الخبر.", "بند أول", "بند ثان",
    )  # fmt: skip
    assert body.origin == "selector"
    assert body.html.count("<li>") == 2
    assert "<h2>عنوان فرعي</h2>" in body.html


def test_selected_paragraphs_are_taken_one_by_one():
    body = extract_body(parse(PAGE, url=URL), selectors=(".text p",))
    assert body.paragraphs == ("الفقرة الأولى من الخبر.", "الفقرة الثانية من الخبر.")


def test_a_selector_that_finds_nothing_leaves_the_page_to_the_generic_reader():
    doc, expected = read("furniture")
    body = extract_body(doc, selectors=(".no-such", "//[broken"), title=expected["title"])
    assert list(body.paragraphs) == expected["paragraphs"]


def test_a_page_without_text_has_an_empty_body():
    assert extract_body(parse("<html><body><img src=x></body></html>", url=URL)).paragraphs == ()
    assert extract_body(parse("", url=URL)).html == ""
    assert thin(extract_body(parse("", url=URL)))


@pytest.mark.parametrize(
    ("text", "kind"),
    [
        ("اقرأ أيضاً: خبر آخر", "also"),
        ("إقرأ أيضا", "also"),
        ("شاهد أيضًا | الفيديو", "also"),
        ("Lesen Sie auch: Mehr", "also"),
        ("READ MORE: Something else", "also"),
        ("شارك الخبر", "share"),
        ("الكلمات الدلالية:", "tags"),
        ("Subscribe to our newsletter", "subscribe"),
        ("اقرأت الكتاب كله في يوم واحد", "none"),
        ("The minister said he would share the report.", "none"),
    ],
)
def test_furniture_says_what_it_is(text, kind):
    assert KINDS[furniture(text)] == kind


@pytest.mark.parametrize(
    ("text", "calls"),
    [
        ("انضم لقناتنا على تليجرام لمتابعة آخر الأخبار", True),
        ("للمزيد من الأخبار تابع صفحتنا الرسمية على فيسبوك", True),
        ("تابعونا على جوجل نيوز", True),
        ("Join our WhatsApp channel to stay up to date.", True),
        ("Suivez-nous sur Facebook", True),
        ("Folgen Sie uns auf Instagram", True),
        ("ما را در تلگرام دنبال کنید", True),
        ("הצטרפו לערוץ הטלגרם", True),
        ("تابع الوزير أعمال توسعة القناة مع رئيس الهيئة", False),
        ("انضم اللاعب إلى معسكر الفريق في أنطاليا", False),
        ("اشترك في الندوة مترجمون من خمس دول", False),
        ("Join the army, he was told, and see the world.", False),
        ("Follow the money, said the prosecutor.", False),
    ],
)
def test_calls_to_follow_the_site_are_no_text(text, calls):
    assert is_call(text) is calls


@pytest.mark.parametrize(
    ("text", "signs"),
    [
        ("م.ل /ف.ع", True),
        ("كمو/ص ك/ب ق", True),
        ("=========== ن.ح / ر.ع", True),
        ("انتهای پیام/", True),
        ("// انتهى // 15:22 ت مـ 0127", True),
        ("انتهى العرض في العاشرة", False),
        ("أكل / شرب", True),  # no more than letters tell the two apart
        ("القاهرة/ بغداد", False),
        ("نعم", False),
    ],
)
def test_desks_sign_their_texts(text, signs):
    assert is_signature(text) is signs


@pytest.mark.parametrize(
    ("name", "category"),
    [
        ("article__body", "body"),
        ("storyBody", "body"),
        ("relatedPosts", "related"),
        ("js-comment-list", "comment"),
        ("post_share_bar", "share"),
        ("newsletter-signup-box", "newsletter"),
    ],
)
def test_words_of_class_names_are_understood(name, category):
    assert hint_mask(name) & BITS[category]


def test_breaks_end_a_paragraph_only_in_pairs_or_after_long_lines():
    doc = parse(f"<body><p>سطر<br>سطر<br><br>فقرة<br></p><p>{'كلمة ' * 30}<br>آخر</p>", url=URL)
    texts = [block.text for block in segment(doc.root).blocks]
    assert texts == ["سطر\nسطر", "فقرة", ("كلمة " * 30).strip(), "آخر"]


HOSTILE = {
    "nested": "<div>" * 100_000 + "x" * 500,
    "nested inline": "<b>" * 100_000 + "كلمة " * 200,
    "nested lists": "<ul><li>" * 20_000 + "نص طويل " * 100,
    "breaks": "<p>" + "a<br>" * 400_000,
    "one word a tag": "<p>كلمة</p>" * 100_000,
    "long text": "<p>" + "كلمة، " * 600_000,
    "long class": f"<div class='{'a-b ' * 200_000}'>" + "نص، " * 300,
    "many links": "<a href=/x>رابط</a> " * 60_000,
    "svg script": "<svg><script>alert(1)</script><p>" + "نص، " * 300 + "</svg>",
    "table": "<table>" + "<tr><td>خلية</td><td>خلية طويلة نوعا ما، نعم</td></tr>" * 20_000,
    "bidi": "<p>" + "\u202e\u2066نص\u2069، " * 500,
}


@pytest.mark.parametrize("name", sorted(HOSTILE))
@pytest.mark.timeout(60)
def test_hostile_page_is_read_in_bounded_time(name):
    doc = parse(f"<html><body>{HOSTILE[name]}</body></html>", url=URL)
    body = extract_body(doc, title="x")
    assert "<script" not in body.html
    assert "alert(1)" not in body.html
    page = segment(doc.root)
    assert len(page.contexts) <= MAX_ELEMENTS + 1
    assert sum(len(block.text) for block in page.blocks) <= MAX_CHARS * 2


_PIECES = st.lists(
    st.sampled_from(
        [
            "<p>", "</p>", "<div class='related'>", "<div class='article-body'>", "</div>", "<br>",
            "<br><br>", "<ul>", "<li>", "</ul>", "<table>", "<tr>", "<td>", "<blockquote>", "<h2>",
            "<img src=/a.jpg>", "<figure>", "<figcaption>", "<a href='x'>", "</a>", "<b>", "<pre>",
            "<iframe src='//v.example/1'>", "<nav>", "</nav>", "نص عربي، طويل بعض الشيء. ",
            "Some English words, and more of them. ", "\x00", "\u202e", "&#x0;", "&lt;b&gt;", "  ",
        ]
    ),
    max_size=60,
)  # fmt: skip


@settings(max_examples=60, deadline=None)
@given(_PIECES)
def test_any_soup_gives_legal_paragraphs(pieces):
    body = extract_body(parse("".join(pieces), url=URL), title="نص")
    for text in body.paragraphs:
        assert text
        assert text == legal(text)
        assert "\n" not in text
    assert body.html == legal(body.html)
    assert 0 <= body.sure <= 1


@settings(max_examples=40, deadline=None)
@given(st.lists(st.tuples(st.floats(0, 1), st.floats(1, 1000)), min_size=1, max_size=30))
def test_the_kept_set_is_those_above_a_threshold(pairs):
    likely, sizes = [p for p, _ in pairs], [s for _, s in pairs]
    kept, promise = choosing.choose(likely, sizes, [False] * len(pairs))
    assert 0 <= promise <= 1 + 1e-9
    if kept:
        lowest = min(likely[i] for i in kept)
        assert all(i in kept for i, p in enumerate(likely) if p > lowest)


def test_the_model_was_grown_for_these_measures():
    assert model.load().roots


@pytest.mark.skipif(
    not Path(os.environ.get("AGGREGATOR_CORPUS", Path(__file__).parents[2] / "shared/corpus"))
    .joinpath("articles/truth.jsonl")
    .is_file(),
    reason="the corpus of real pages is not on this machine",
)
def test_right_to_left_pages_of_the_corpus_are_read_whole():
    from bench.extract import RTL, corpus_folder, load_scorer, read_page, read_truth

    folder = corpus_folder()
    scorer = load_scorer(folder)
    for page in read_truth(folder):
        if page.get("lang") in RTL and page.get("text"):
            doc = parse(read_page(folder, page["id"]), url=page["url"])
            body = extract_body(doc, title=page.get("title"))
            right, foreign, missed = scorer.overlap(page["text"], "\n".join(body.paragraphs))
            assert 2 * right / (2 * right + foreign + missed) >= 0.95, page["id"]


@pytest.mark.parametrize(
    ("texts", "places"),
    [
        (["a", "1/4 x", "c", "2/4 y", "c", "3/4 z", "c", "4/4 w", "c", "b"], set(range(1, 9))),
        (["1 / 9 x", "3/9 x", "4/9 x", "9/9 x"], set(range(4))),  # some were not caught
        (["won 3/4 of it", "3/4 of all", "1/2", "2/3"], set()),  # fractions
        (["4/5", "3/5", "2/5", "1/5"], set()),  # ratings
        (["1/4", "2/4", "3/4"], set()),
        (["1/11 x", "3/11 x", "8/11 x", "10/11 x", "15/11 x"], set()),  # days of November
        (["1/4/2025 x", "2/4/2025 x", "3/4/2025 x", "4/4/2025 x"], set()),
    ],
)
def test_counters_of_one_rising_run_are_a_gallery(texts, places):
    assert in_galleries(texts) == places


def appended(label, heading, after):
    text = (
        "<p>{} وأوضح أن العمل مستمر على مراحل، وأن المرحلة الأولى تنتهي قبل نهاية العام المقبل.</p>"
    )
    first = "".join(
        text.format(f"قال الوزير في الجملة رقم {i} إن الخط يبدأ العمل.") for i in "1234"
    )
    second = "".join(text.format(f"ذكر التاجر في الجملة رقم {i} أن السعر انخفض.") for i in "5678")
    return parse(
        f"<main><h1>عنوان الخبر</h1>{first}{label}<{heading}>عنوان آخر للقسم</{heading}>{after}"
        f"{second}</main>",
        url=URL,
    )


@pytest.mark.parametrize(
    ("label", "after"), [("<p>الخبر التالي</p>", ""), ("", "<p>4 أكتوبر 2025 - 10:30</p>")]
)
def test_an_article_appended_without_a_box_stays_out(label, after):
    shown = "\n".join(extract_body(appended(label, "h1", after), title="عنوان الخبر").paragraphs)
    assert "الجملة رقم 4" in shown
    assert "التاجر" not in shown


@pytest.mark.parametrize("heading", ["h1", "h2"])
def test_sections_of_a_text_stay_in_it(heading):
    shown = "\n".join(extract_body(appended("", heading, ""), title="عنوان الخبر").paragraphs)
    assert "الجملة رقم 4" in shown
    assert "الجملة رقم 8" in shown
