"""Facts about direction and isolates."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from aggregator.arabic import direction, isolate
from tests.arabic_cases import golden, table, unseen


@pytest.mark.parametrize("case", golden("direction"), ids=lambda case: case["id"])
def test_golden_case(case):
    assert direction(case["text"]) in case["accepted_dir"], case["note"]


@pytest.mark.parametrize("case", unseen("arabic/direction"), ids=lambda case: case["text"])
def test_unseen_title(case):
    assert direction(case["text"]) == case["dir"], case["why"]


@pytest.mark.parametrize(("want", "text"), table("direction.tsv"))
def test_direction(want, text):
    assert direction(text) == want


@pytest.mark.parametrize("text", ["", "...", "2025", "🔴"])
@pytest.mark.parametrize("default", ["rtl", "ltr"])
def test_text_without_letters_takes_the_default(text, default):
    assert direction(text, default) == default


@pytest.mark.parametrize(
    ("base", "text", "want"),
    [
        ("rtl", "OpenAI تطلق GPT-5 اليوم", "[OpenAI] تطلق [GPT-5] اليوم"),
        ("rtl", "أوبك OPEC+ ترفع 3.5%", "أوبك [OPEC+] ترفع 3.5%"),
        ("rtl", "رحلة 747 Boeing تهبط", "رحلة [747 Boeing] تهبط"),
        ("rtl", "هاتف iPhone 17 Pro Max: مقارنة", "هاتف [iPhone 17 Pro Max]: مقارنة"),
        ("rtl", "مصر تفوز 3-1", "مصر تفوز 3-1"),
        ("ltr", "The word مرحبا بكم is back", "The word [مرحبا بكم] is back"),
        ("ltr", "Oil prices rise 3%", "Oil prices rise 3%"),
    ],
)
def test_runs_of_the_other_direction_are_isolated(base, text, want):
    assert isolate(text, base).replace("\u2068", "[").replace("\u2069", "]") == want


@given(st.text(), st.sampled_from(["rtl", "ltr"]))
def test_isolates_are_balanced_and_add_nothing_else(text, base):
    marks = "\u061c\u200e\u200f\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069"
    plain = "".join(char for char in text if char not in marks)
    isolated = isolate(text, base)
    assert isolated.count("\u2068") == isolated.count("\u2069")
    assert isolated.replace("\u2068", "").replace("\u2069", "") == plain


@pytest.mark.parametrize("piece", ["a ", "a.", "1", "1.1a", "a'", "$", "a1", "مصر ", "م.", "-"])
@pytest.mark.timeout(60)
def test_long_text_is_isolated_in_time(piece):
    text = piece * (180_000 // len(piece))
    assert isolate(text, "rtl").replace("\u2068", "").replace("\u2069", "") == text
    assert isolate(text, "ltr").replace("\u2068", "").replace("\u2069", "") == text
    assert direction(text) in {"rtl", "ltr"}
