"""Facts about calm text: it is what the long way through ``display`` gives back, always."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from aggregator.arabic.calm import is_calm
from aggregator.arabic.showing import Display, _mended

CALM = (
    "".join(map(chr, range(0x20, 0x7F)))
    + "".join(map(chr, range(0xE0, 0xFF)))
    + "".join(map(chr, [*range(0x621, 0x63B), *range(0x641, 0x653), *range(0x660, 0x66A)]))
    + "،؛؟٪«»–—‘’“”…"
)
#: what neighbours are dangerous more often
DENSE = "   طظع§أآلاةي،؛؟«»—…”’?éèàÿãþ\u064b\u0651\u064ea.<&;"


@settings(max_examples=600)
@given(
    st.one_of(
        st.text(alphabet=CALM, min_size=1),
        st.text(alphabet=DENSE, min_size=1, max_size=40),
        st.text(min_size=1),
    ),
    st.sampled_from(["ar", "fa", "en", "ur"]),
)
def test_calm_text_is_shown_as_it_is(text, language):
    if is_calm(text):
        assert _mended(text, language) == Display(text, repaired=False)


@pytest.mark.parametrize(
    "text",
    [
        "الحكومة تعلن خطة جديدة، والسوق يترقب القرار: 3% هذا العام؟",
        "وقال «الوزير» إن القرار نهائيٌّ"[:-2],
        "The minister said: 'No' (again).",
        "Le président a annoncé une réforme",
    ],
)
def test_ordinary_text_is_calm(text):
    assert is_calm(text)


@pytest.mark.parametrize(
    "text",
    [
        "",
        " a",
        "a ",
        "a  b",
        "a\nb",
        "a\xa0b",
        "R&amp;D",
        "<b>x</b>",
        "??? ???",
        "Ø§Ù„Ø±Ø¦ÙŠØ³",
        "ط§ظ„ط±ط¦ظٹط³",
        "ÇáÑÆíÓ",
        "الرئيـــس",
        "قال ، ثم",
        "ةموكحلا نلعت",
        "ی",
        "\u202eabc",
        "a\x00",
    ],
)
def test_what_needs_a_look_is_not_calm(text):
    assert not is_calm(text)
