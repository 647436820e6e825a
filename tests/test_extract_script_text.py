"""Text that only a page's script would show: the article of the state, and no other."""

import json

import pytest

from aggregator.extract import extract
from aggregator.extract.script_text import carried_text

TITLE = "تشغيل خط القطار الجديد"
TEXT = "<p>" + "قال الوزير إن الخط الجديد يبدأ العمل في الربيع المقبل. " * 6 + "</p>"
OTHER = "<p>" + "تراجعت أسعار الزيت في الأسواق بعد وفرة المحصول هذا العام. " * 9 + "</p>"


def script(state, before=""):
    return f"{before}{json.dumps(state, ensure_ascii=False)}".encode()


@pytest.mark.parametrize(
    ("state", "before"),
    [
        ({"props": {"post": {"title": TITLE, "body": TEXT}}}, ""),
        ({"post": {"title": {"rendered": TITLE}, "content": {"rendered": TEXT}}}, ""),
        ([{"headline": TITLE, "blocks": [{"type": "p", "data": {"text": TEXT}}]}], ""),
        ({"a": {"title": TITLE, "body": TEXT}}, "window.__INITIAL_STATE__ = "),
    ],
)
def test_text_of_the_titled_object_is_found_beside_longer_ones(state, before):
    other = {"title": "أسعار الزيت تتراجع", "body": OTHER}
    found = carried_text([b"var a = 1;", script([other, state, other], before)], TITLE)
    assert "يبدأ العمل في الربيع" in found
    assert "أسعار" not in found


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"{",
        b"\xff\xfe{}" * 100,
        b"[" * 500_000,
        b"[" + b"9" * 500_000 + b"]",
        script([{"title": TITLE}] * 20_000),
        script({"title": TITLE, "body": "قصير"}),
        script({"title": "خبر آخر", "body": TEXT}),
    ],
)
def test_other_scripts_carry_nothing(data):
    assert carried_text([data], TITLE) == ""


def test_page_without_title_is_not_searched():
    assert carried_text([script({"title": "", "body": TEXT})], None) == ""


def test_page_is_an_article_by_the_text_of_its_script_and_the_text_is_clean():
    state = {"post": {"title": TITLE, "body": TEXT + "<script>x()</script><a href='/b'>هنا</a>"}}
    page = (
        f"<html lang=ar><title>{TITLE}</title><body><div id=app></div><script>"
        + json.dumps(state, ensure_ascii=False).replace("</", "<\\/")
        + "</script></body></html>"
    )
    article = extract(page, url="https://news.example/n/1")
    assert article.verdict.is_article
    assert article.verdict.reasons == ("text from script",)
    assert article.origins["paragraphs"] == "script"
    assert "script" not in article.html
    assert 'href="https://news.example/b"' in article.html
