"""Facts about site names in titles."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from aggregator.arabic import split_site
from aggregator.arabic.skeleton import skeleton, spelled_letters
from tests.arabic_cases import table, unseen


@pytest.mark.parametrize(("title", "site", "left", "suffix"), table("sites.tsv"))
def test_split(title, site, left, suffix):
    assert split_site(title, site) == (left, None if suffix == "-" else suffix)


@pytest.mark.parametrize("case", unseen("arabic/sites"), ids=lambda case: case["title"])
def test_unseen_title(case):
    wanted = [[case["left"], case["suffix"]], *case.get("accepted", ())]
    assert list(split_site(case["title"], case["site"])) in wanted, case["why"]


@pytest.mark.parametrize(
    "separator", [" | ", " - ", " – ", " — ", " : ", " :: ", " » ", " « ", "|", " • "]
)
@pytest.mark.parametrize("site", ["بوابة الوفد", "الجزيرة نت", "BBC News", "اليوم السابع"])
def test_every_separator_on_either_side(separator, site):
    title = "مقتل ثلاثة في حلب - تحديث"
    assert split_site(f"{title}{separator}{site}", site) == (title, site)
    assert split_site(f"{site}{separator}{title}", site) == (title, site)


def test_name_alone_is_a_title():
    assert split_site("العربية", "العربية") == ("العربية", None)
    assert split_site("", "العربية") == ("", None)
    assert split_site("خبر | العربية", "") == ("خبر | العربية", None)


def test_names_meet_by_sound():
    assert skeleton(("هسبريس",)) == skeleton(("hespress",))
    assert skeleton(("الجزيره",)) == skeleton(("al", "jazeera"))
    assert skeleton(("الشرق", "الاوسط")) == skeleton(("asharq", "al", "awsat"))
    assert spelled_letters(("بي", "بي", "سي")) == "bbc"
    assert spelled_letters(("بيروت", "تي")) is None


PARTS = st.sampled_from(
    ["مصر", "الوفد", "بوابة", "|", " - ", ":", "» ", "Hespress", "رياضة", " ", "www.a.net"]
)


@given(st.lists(PARTS, max_size=12).map("".join), st.lists(PARTS, max_size=3).map("".join))
def test_nothing_is_lost_and_some_title_is_left(title, site):
    left, suffix = split_site(title, site)
    if suffix is None:
        assert left == title
    else:
        assert left.strip()
        assert suffix.strip()
        assert left in title
        assert suffix in title
