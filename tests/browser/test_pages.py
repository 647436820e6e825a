"""What a person sees: layout from right to left, languages, search, no scripts of strangers."""

import os
from pathlib import Path
from typing import Any

import pytest

from tests.browser.conftest import Tab
from tests.web_support import HOSTILE_SOURCE, HOSTILE_TEXTS

pytestmark = pytest.mark.browser

ENGLISH = {"locale": "en-GB"}
PHONE = {"viewport": {"width": 360, "height": 740}}
MAIN = ("/", "/search?q=احمد", "/sources", "/source/wafd", "/health", "/keywords", "/feeds/all.rss")


def box(page: Any, selector: str) -> dict[str, float]:
    found = page.locator(selector).first.bounding_box()
    assert found
    return found


def test_arabic_runs_from_the_right(tab: Tab) -> None:
    page = tab.open("/")
    assert page.evaluate("document.documentElement.dir") == "rtl"
    brand, switch = box(page, ".brand"), box(page, ".switch")
    assert brand["x"] > switch["x"] + switch["width"]
    links = [each.bounding_box()["x"] for each in page.locator("header nav a").all()]
    assert links == sorted(links, reverse=True)
    heading, main = box(page, "h1"), box(page, "main")
    assert heading["x"] + heading["width"] > main["x"] + main["width"] - 40
    tab.check()


@pytest.mark.parametrize("tab", [ENGLISH], indirect=True)
def test_english_runs_from_the_left(tab: Tab) -> None:
    page = tab.open("/")
    assert page.evaluate("document.documentElement.lang") == "en"
    assert box(page, ".brand")["x"] < box(page, ".switch")["x"]
    links = [each.bounding_box()["x"] for each in page.locator("header nav a").all()]
    assert links == sorted(links)
    tab.check()


def text_edges(page: Any, selector: str) -> dict[str, float]:
    """Return where the text of an element begins and ends beside where the element does."""
    return page.locator(selector).first.evaluate(
        """element => {
            const range = document.createRange();
            range.selectNodeContents(element);
            const text = range.getBoundingClientRect(), whole = element.getBoundingClientRect();
            return {left: text.left - whole.left, right: whole.right - text.right};
        }"""
    )


@pytest.mark.parametrize("tab", [{}, ENGLISH], indirect=True)
def test_each_title_runs_its_own_way(tab: Tab) -> None:
    page = tab.open("/")
    arabic = text_edges(page, '.title[dir="rtl"]')
    english = text_edges(page, '.title[dir="ltr"]')
    assert arabic["right"] < arabic["left"]
    assert english["left"] < english["right"]


def test_the_switch_changes_the_language_and_stays(tab: Tab) -> None:
    page = tab.open("/sources")
    page.click(".switch")
    assert page.evaluate("document.documentElement.lang") == "en"
    page.click("header nav a >> nth=0")
    assert page.evaluate("document.documentElement.lang") == "en"
    assert "lang=" not in page.url
    tab.check()


def test_search_finds_another_spelling_and_marks_it(tab: Tab) -> None:
    page = tab.open("/")
    page.fill("#q", "احمد")
    page.press("#q", "Enter")
    page.wait_for_url("**/search**")
    assert page.locator("main .title mark").first.inner_text() == "أحمد"
    assert page.input_value("#q") == "احمد"
    tab.check()


def test_an_article_shows_what_an_edit_changed(tab: Tab) -> None:
    page = tab.open("/search?q=احمد")
    page.click("main .title a")
    assert page.locator("h1").inner_text() == "أحمد يفتتح معرض القاهرة الدولي للكتاب"
    assert page.locator("#versions ins").first.inner_text().strip() == "الدولي"
    assert page.locator(".text").get_attribute("dir") == "rtl"
    tab.check()


def test_pictures_of_others_are_links_not_requests(tab: Tab) -> None:
    page = tab.open("/search?q=احمد")
    page.click("main .title a")
    assert page.locator("a.picture").first.get_attribute("href") == "https://pictures.example/a.jpg"
    assert page.locator("main img").count() == 0
    tab.check()


@pytest.mark.parametrize("tab", [PHONE, PHONE | ENGLISH], indirect=True)
@pytest.mark.parametrize("path", MAIN)
def test_nothing_is_wider_than_a_phone(tab: Tab, path: str) -> None:
    page = tab.open(path)
    assert page.evaluate("document.documentElement.scrollWidth") <= 360
    tab.check()


def test_the_keyboard_reaches_everything(tab: Tab) -> None:
    page = tab.open("/")
    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.className") == "skip"
    page.keyboard.press("Enter")
    assert page.evaluate("document.activeElement.id") == "content"
    page.keyboard.press("/")
    assert page.evaluate("document.activeElement.id") == "q"
    page.keyboard.press("Tab")
    style = page.evaluate("getComputedStyle(document.activeElement).outlineStyle")
    assert style != "none"


@pytest.mark.parametrize("tab", [{"java_script_enabled": False}], indirect=True)
def test_everything_works_without_script(tab: Tab) -> None:
    page = tab.open("/")
    page.fill("#q", "احمد")
    page.click(".find button")
    assert page.locator("main .title").count() == 1
    page.click("main .title a")
    assert "UTC" not in page.locator("h1").inner_text()
    assert "غرينتش" in page.locator(".article .meta").first.inner_text()


def colour(page: Any) -> int:
    return page.evaluate(
        "getComputedStyle(document.body).backgroundColor.match(/\\d+/g).slice(0, 3)"
        ".reduce((sum, each) => sum + Number(each), 0)"
    )


@pytest.mark.parametrize("tab", [{"color_scheme": "dark"}], indirect=True)
def test_dark_is_dark(tab: Tab) -> None:
    assert colour(tab.open("/")) < 150


@pytest.mark.parametrize("tab", [{"color_scheme": "light"}], indirect=True)
def test_light_is_light(tab: Tab) -> None:
    assert colour(tab.open("/")) > 600


def test_print_leaves_the_furniture_out(tab: Tab) -> None:
    page = tab.open("/")
    page.emulate_media(media="print")
    assert not page.locator("header nav").is_visible()
    assert page.locator("main .title").first.is_visible()


def hostile_places(tab: Tab) -> list[str]:
    """Return the addresses at which hostile texts are shown."""
    page = tab.open("/")
    found = [each.get_attribute("href") for each in page.locator("main a[href^='/']").all()]
    queries = [f"/search?q={quoted(page, each)}" for each in HOSTILE_TEXTS]
    more = [f"/source/{HOSTILE_SOURCE.id}", "/sources", "/keywords", "/feeds/all.rss", *queries]
    return list(dict.fromkeys([*found, *more]))


def quoted(page: Any, text: str) -> str:
    return page.evaluate("encodeURIComponent", text)


def test_no_script_of_a_stranger_runs_anywhere(tab: Tab) -> None:
    places = hostile_places(tab)
    assert sum("/article/" in path for path in places) >= len(HOSTILE_TEXTS)
    for path in places:
        page = tab.open(path)
        assert page.evaluate("window.hacked") is None, path
        addresses = page.evaluate("[...document.links].map(each => each.protocol)")
        assert set(addresses) <= {"http:", "https:", "mailto:"}, path
        assert page.locator("main script, main iframe, main object, main style").count() == 0
    # What a hostile query asks for may be refused; nothing else may go wrong.
    assert [each for each in tab.faults if "Failed to load resource" not in each] == []
    assert [each for each in tab.requests if not each.startswith(tab.address)] == []


AXE = Path(os.environ.get("AXE_CORE", "node_modules/axe-core/axe.min.js"))


DARK, LIGHT = {"color_scheme": "dark"}, {"color_scheme": "light"}


@pytest.mark.skipif(not AXE.exists(), reason="needs axe-core: npm install axe-core, or AXE_CORE")
@pytest.mark.parametrize(
    "tab", [LIGHT, DARK | PHONE, ENGLISH | LIGHT | PHONE, ENGLISH | DARK], indirect=True
)
def test_axe_finds_nothing_serious(tab: Tab) -> None:
    script, found = AXE.read_text(encoding="utf-8"), []
    page = tab.open("/search?q=احمد")
    article = page.locator("main .title a").first.get_attribute("href")
    for path in (*MAIN, article, "/article/none", "/search", "/feeds/source/wafd.atom"):
        page = tab.open(path)
        page.evaluate(script)
        result = page.evaluate("axe.run(document, {resultTypes: ['violations']})")
        found += [
            (path, each["id"], [node["html"][:120] for node in each["nodes"]])
            for each in result["violations"]
            if each["impact"] in {"moderate", "serious", "critical"}
        ]
    assert found == []
