"""Facts about folding: the golden pairs, and what holds for any text at all."""

import re

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from aggregator.arabic import fold, forms
from aggregator.arabic.forms import stands_reversed
from aggregator.arabic.mend import mend
from aggregator.arabic.quick import _ALPHABET, quickly_reduced
from aggregator.arabic.reduce import reduced
from tests.arabic_cases import golden, table, unseen

LEVELS = ("display", "identity", "search")
ILLEGAL_XML = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")

#: What Arabic text is made of, and what spoils it: denser in trouble than random text.
SPOILT = (
    "ابتةهحكليىئؤأإآءم 3-1.,،؛؟:%\u0640\u0640\u200c\u200d\u200e\u200f\u064b\u064e\u0651\u0653\u0654"
    "\u0670یکھہۃەےگپ٠٣۴٫٬\u00a0\u2028\n\t«»“…–—\ufe8d\ufedf\ufee3\ufe94\ufefb\ufdf2\ufdfa\ufe70\ufe77"
    "AbÉéßİıœ\u0301ﬁ❤\ufe0f👨👩🏽#_'\u05d0\u05bc\ud800\x00\ufffd\ue000Ω𝗕Ａ１"
)
ANY = st.one_of(st.text(), st.text(alphabet=SPOILT), st.text(alphabet=_ALPHABET))


@pytest.mark.parametrize("case", golden("fold"), ids=lambda case: case["id"])
def test_golden_pair(case):
    same = fold(case["a"], case["level"]) == fold(case["b"], case["level"])
    assert same is case["same"], case["note"]


@pytest.mark.parametrize(("level", "a", "same", "b", "why"), table("fold.tsv"))
def test_pair(level, a, same, b, why):
    assert (fold(a, level) == fold(b, level)) is (same == "="), why


@pytest.mark.parametrize("case", unseen("arabic/fold"), ids=lambda case: case["why"])
def test_unseen_pair_at_each_level(case):
    for level in LEVELS:
        same = fold(case["a"], level) == fold(case["b"], level)
        assert case[level] in {None, same}, level


def test_unknown_level_is_refused():
    with pytest.raises(ValueError, match="loudly"):
        fold("مصر", "loudly")


@settings(max_examples=400)
@given(ANY, st.sampled_from(LEVELS))
def test_folding_twice_changes_nothing(text, level):
    once = fold(text, level)
    assert fold(once, level) == once


@settings(max_examples=400)
@given(ANY)
def test_each_level_sees_no_more_than_the_one_before(text):
    assert fold(fold(text, "display"), "identity") == fold(text, "identity")
    assert fold(fold(text, "identity"), "search") == fold(text, "search")


@settings(max_examples=400)
@given(ANY, st.sampled_from(LEVELS))
def test_output_is_legal_xml_on_one_line(text, level):
    folded = fold(text, level)
    assert not ILLEGAL_XML.search(folded)
    assert folded == " ".join(folded.split())


@settings(max_examples=400)
@given(st.text(alphabet=_ALPHABET.replace("\ufffe", "")), st.booleans())
def test_quick_way_gives_what_the_long_way_gives(text, loose):
    quick = quickly_reduced(text, loose=loose)
    assert quick is None or quick == reduced(mend(text), loose=loose)


@pytest.mark.parametrize("loose", [False, True])
@pytest.mark.parametrize(
    "text", ["قالت مدةينة نصر إن السوق يعمل في كل يوم ٢٤ ساعة", "ةموكحلا تنلعأ دق لاق سيئرلا ةديدج"]
)
def test_a_ta_marbuta_inside_words_takes_either_way_alike(text, loose):
    quick = quickly_reduced(text, loose=loose)
    assert (quick is None) is stands_reversed(text, thorough=False)
    assert quick in (None, reduced(mend(text), loose=loose))


@given(
    st.lists(
        st.sampled_from(["ال", "لا", "ة", "ه", " ", "ب", "ی", "ک", "َ", "پ", "1", "مدرسة", "ةسردم"])
    )
)
def test_what_a_glance_calls_sound_is_not_turned_round_when_weighed(pieces):
    text = "".join(pieces)
    assert not (forms._surely_along(text) and forms._weighs_backwards(text))
