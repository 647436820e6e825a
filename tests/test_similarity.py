import sys
from collections import defaultdict
from datetime import UTC, datetime
from itertools import combinations
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from aggregator.neighbours import MemoryNeighbours, stored
from aggregator.similarity import (
    Party,
    agency,
    agency_of_source,
    compare,
    fingerprint,
    first_publisher,
    is_copy,
    packed,
    unpacked,
)
from tests.event_cases import arrive, pairs

LONG = " ".join(f"كلمة{at}" for at in range(120))
WORDS = st.lists(st.text("ابتثجحخدرسشصطعغفقكلمنهوي", min_size=3, max_size=7), min_size=10)


@pytest.mark.parametrize("case", pairs(), ids=lambda case: f"{case['id']}-{case['kind']}")
def test_pairs_are_copies_or_not(case):
    assert is_copy(case["a"]["text"], case["b"]["text"]) is case["duplicate"]
    assert is_copy(case["b"]["text"], case["a"]["text"]) is case["duplicate"]


@pytest.mark.parametrize(
    "case", [c for c in pairs() if c["kind"] == "template"], ids=lambda c: c["id"]
)
def test_templates_are_told_as_such(case):
    a, b = (fingerprint(None, case[side]["text"].split("\n")) for side in "ab")
    assert compare(a, b).kind in {"template", "none"}


@pytest.mark.parametrize("text", ["", "عاجل", "عاجل عاجل", "تفاصيل بعد قليل", "\u200f"])
def test_texts_of_a_few_words_are_no_copies(text):
    assert not is_copy(text, text)


def test_a_quotation_inside_a_long_text_is_no_copy():
    words = LONG.split()
    inside = " ".join(words[60:80])
    assert not is_copy(LONG, inside)
    assert is_copy(LONG, " ".join(words[:20]))


def test_figures_in_words_and_digits_make_no_template():
    a = LONG + " قتل ثلاثمئة وخمسون شخصا وأصيب أربعون"
    b = LONG + " قتل 350 شخصا وأصيب 40"
    assert is_copy(a, b)


@given(WORDS)
def test_a_text_is_a_copy_of_itself(words):
    text = " ".join(words)
    assert is_copy(text, text)


@given(st.text(max_size=400), st.text(max_size=400))
def test_any_two_texts_are_compared_alike_in_both_orders(a, b):
    assert is_copy(a, b) is is_copy(b, a)


@given(st.lists(st.text(max_size=200), max_size=4), st.text(max_size=80))
def test_fingerprints_are_the_same_each_time(paragraphs, title):
    one = fingerprint(title, paragraphs)
    assert one == fingerprint(title, paragraphs)
    assert unpacked(packed(one.codes)) == one.codes
    assert len(one.anchors) <= 32


def test_dates_that_no_clock_can_show_are_unknown():
    assert fingerprint("", [], published=datetime.max.replace(tzinfo=UTC)).day is not None
    assert fingerprint("", []).day is None


@pytest.mark.parametrize(
    ("credit", "key"),
    [
        ("رويترز", "reuters"),
        ("(أ ف ب)", "afp"),
        ("القاهرة - أ.ش.أ", "mena"),
        ("وكالة الأنباء الأردنية (بترا)", "petra"),
        ("AFP", "afp"),
        ("محرر الموقع", None),
        ("", None),
    ],
)
def test_credits_name_agencies(credit, key):
    assert agency(credit) == key


def test_an_agency_is_known_by_its_id_or_its_name():
    assert agency_of_source("petra بترا") == "petra"
    assert agency_of_source("ae-wam وكالة أنباء الإمارات") == "wam"
    assert agency_of_source("alwafd بوابة الوفد") is None


def test_the_agency_wins_over_an_earlier_copy():
    paper = Party(pk=1, source="alrai الرأي", credit="بترا", at=100.0, first_seen=200.0)
    petra = Party(pk=2, source="petra بترا", at=150.0, first_seen=300.0)
    assert first_publisher([paper, petra]) is petra


def test_an_agency_that_credits_another_one_does_not_win():
    spa = Party(pk=1, source="spa واس", credit="رويترز", at=150.0, first_seen=200.0)
    paper = Party(pk=2, source="x صحيفة", credit="رويترز", at=100.0, first_seen=200.0)
    assert first_publisher([spa, paper]) is paper


def test_without_agency_the_earliest_is_first_and_future_dates_count_as_seen():
    early = Party(pk=3, at=50.0, first_seen=500.0)
    late = Party(pk=1, at=100.0, first_seen=100.0)
    future = Party(pk=2, at=9e9, first_seen=120.0)
    undated = Party(pk=4, first_seen=60.0)
    assert first_publisher([late, future, early, undated]) is early
    assert first_publisher([late, future]) is late
    assert first_publisher([future, late, undated]) is undated


def test_copies_of_the_test_web_are_found_through_the_index():
    sys.path.insert(0, str(Path(__file__).parent))
    from miniweb import texts

    made = list(texts(1500))
    index = MemoryNeighbours()
    for pk, one in enumerate(made):
        published = datetime.fromisoformat(one["published"])
        print_ = fingerprint(one["title"], one["text"].split("\n"), "ar", published)
        arrive(stored(pk, print_, seen=1.8e9, source=f"s{one['source']}"), index, label=str(pk))
    found = index.get(range(len(made)))
    roots = [one.pk if one.root is None else one.root for one in found]
    groups, copies = defaultdict(list), defaultdict(list)
    for pk, one in enumerate(made):
        copies[roots[pk]].append(pk)
        if one["group"]:
            groups[one["group"]].append(pk)
    true = {pair for group in groups.values() for pair in combinations(group, 2)}
    told = {pair for group in copies.values() for pair in combinations(group, 2)}
    hits = defaultdict(list)
    for a, b in true:
        hits[max(made[a]["level"], made[b]["level"])].append((a, b) in told)
    share = {level: sum(found) / len(found) for level, found in hits.items()}
    assert len(told & true) / len(told) >= 0.99
    assert min(share[0], share[1], share[2]) >= 0.99
    assert share[3] >= 0.90
    assert share[4] >= 0.60
