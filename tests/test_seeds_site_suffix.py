"""Titles of feeds without the site's name behind each of them."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from aggregator.seeds.parsed import ParsedSeed
from aggregator.seeds.site_suffix import without_site
from aggregator.types import Entry
from tests.seed_cases import parse, rss, source

WORDS = (
    "أسعار الذهب اليوم في مصر",
    "وزير الري يتفقد مشروعات الدلتا",
    "الأهلي يفوز على الزمالك",
    "افتتاح معرض الكتاب",
    "ارتفاع درجات الحرارة غدا",
)


def shortened(titles, *, feed=None, **of):
    entries = tuple(Entry(url=None, title=title) for title in titles)
    found = without_site(ParsedSeed(entries=entries, format="rss", title=feed), source(**of))
    return [entry.title for entry in found.entries]


@pytest.mark.parametrize(
    ("end", "feed", "of"),
    [
        (" | بوابة الوفد", None, {"name": "بوابة الوفد"}),
        (" - الوفد", None, {"name": "بوابة الوفد"}),
        (" - سياسة - بوابة الوفد", "بوابة الوفد", {}),
        (" – Daily Star", "Daily Star", {}),
        (" - Daily Star", None, {"name": "الستار", "name_en": "Daily Star"}),
        (" | akhbar.example", None, {}),
        (" - صحيفة الغد", "الأخبار - صحيفة الغد", {}),
        (" | A name that nobody gave", None, {}),
    ],
)
def test_name_of_the_site_behind_every_title_goes(end, feed, of):
    assert shortened([words + end for words in WORDS], feed=feed, **of) == list(WORDS)


def test_title_that_lacks_the_name_stays_as_it_is():
    titles = [*(f"{words} | الوفد" for words in WORDS), "حوار | الجزء الثاني", None]
    expected = [*WORDS, "حوار | الجزء الثاني", None]
    assert shortened(titles, name="الوفد") == expected


@pytest.mark.parametrize(
    "titles",
    [
        [f"{words} | فيديو" for words in WORDS[:4]],
        [*(f"{words} | فيديو" for words in WORDS), "خبر آخر"],
        ["خبر واحد | فيديو"] * 6,
        [f"{words} - {words}" for words in WORDS],
        ["الوفد", "الوفد", "خبر"],
        ["| الوفد"],
        list(WORDS),
        [None, ""],
        [],
    ],
)
def test_end_of_some_titles_that_is_no_name_stays(titles):
    assert shortened(titles, name="الوفد") == titles


def test_single_title_loses_the_name_of_its_source_but_not_that_of_its_feed():
    assert shortened(["Ein Test - Version 2"], feed="Version 2") == ["Ein Test - Version 2"]
    assert shortened(["Ein Test - Version 2"], name="Version 2") == ["Ein Test"]


def test_feed_is_read_without_its_name_behind_the_titles():
    items = "".join(f"<item><title>{words} | أخبار</title></item>" for words in WORDS)
    assert [entry.title for entry in parse("feed", rss(items)).entries] == list(WORDS)


@given(st.lists(st.text(max_size=80), max_size=8), st.text(min_size=1, max_size=20))
def test_titles_only_lose_their_ends_and_never_all(titles, name):
    for before, after in zip(titles, shortened(titles, name=name), strict=True):
        assert before.strip().startswith(after) or before.startswith(after)
        assert bool(before) == bool(after)
