"""Facts about words, clitics, stop words and sentences."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from aggregator.arabic.fold import fold
from aggregator.arabic.tokens import content_words, sentences, stop_words, strip_clitics, words
from tests.arabic_cases import unseen


@pytest.mark.parametrize("case", unseen("arabic/tokens"), ids=lambda case: case["text"])
def test_unseen_text(case):
    text, want = case["text"], case["expected"]
    if case["door"] == "strip_clitics":
        assert strip_clitics(fold(text, "search")) == fold(want, "search")
    else:
        cut = {"words": words, "sentences": sentences}[case["door"]]
        assert cut(text) in [want, *case.get("accepted", ())]


@pytest.mark.parametrize(
    ("text", "want"),
    [
        ("قالت «الحكومة» أمس، إنّ…", ["قالت", "الحكومه", "امس", "ان"]),
        ("الأسعار،مُحمّد", ["الاسعار", "محمد"]),
        ("#غزة_تحت_القصف", ["غزه", "تحت", "القصف"]),
        ("٢٠٢٥ ۲۰۲۵ 2025", ["2025"] * 3),
        ("Café iPhone-17", ["cafe", "iphone", "17"]),
        ("नई दिल्ली", ["नई", "दिल्ली"]),
        ("🔴 ... %", []),
        ("", []),
    ],
)
def test_words(text, want):
    assert words(text) == want


@pytest.mark.parametrize(
    ("forms", "bare"),
    [
        ("الحكومة والحكومة بالحكومة للحكومة وللحكومة فالحكومة كالحكومة وبالحكومة", "حكومه"),
        ("مصر ومصر بمصر لمصر وبمصر كمصر", "مصر"),
        ("لبنان ولبنان بلبنان للبنان وللبنان", "لبنان"),
        ("وزير الوزير والوزير للوزير", "وزير"),
        ("بنك البنك والبنك بالبنك", "بنك"),
        ("ألمانيا بألمانيا وألمانيا لألمانيا", "مانيا"),
        ("20 ب20 ال20 وال20 بال20 و20", "20"),
        ("قال وقال فقال", "قال"),
    ],
)
def test_forms_of_a_word_lose_their_clitics(forms, bare):
    assert {strip_clitics(word) for word in words(forms)} == {bare}


@pytest.mark.parametrize(
    "word",
    words("وزير ولد ورقة وفد كتاب كمال كبار بنك بغداد بيان ليبيا لقاء فكرة فرنسا الله وكالة bank"),
)
def test_root_letters_stay(word):
    assert strip_clitics(word) == word


def test_stop_words_go_with_their_clitics():
    text = "وقال الوزير إن الحكومة المصرية في القاهرة وافقت على قرض بقيمة 20 مليون دولار"
    assert content_words(text)[:5] == ["وزير", "حكومه", "مصريه", "قاهره", "وافقت"]
    assert content_words("the talks of the day", "en") == ["talks"]
    assert content_words("La grève dans les écoles", "fr") == ["greve", "ecoles"]


@pytest.mark.parametrize("language", ["ar", "en", "fr", "fa", "ur", "tr", "ar-EG"])
def test_stop_words_are_folded(language):
    assert len(stop_words(language)) > 30
    assert all(fold(word, "search") == word for word in stop_words(language))


@pytest.mark.parametrize("language", ["xx", "", "../ar", "a/b"])
def test_unknown_language_has_no_stop_words(language):
    assert stop_words(language) == frozenset()


@pytest.mark.parametrize(
    ("text", "want"),
    [
        ("قال نعم. ثم مضى! هل عاد؟ لا", ["قال نعم.", "ثم مضى!", "هل عاد؟", "لا"]),
        ("وصل د. أحمد و م. علي. غادرا", ["وصل د. أحمد و م. علي.", "غادرا"]),
        ("مصر.. والسودان", ["مصر.. والسودان"]),
        ("ارتفع 3.5 بالمئة. انخفض", ["ارتفع 3.5 بالمئة.", "انخفض"]),
        ("قال: «نعم.» ثم مضى", ["قال: «نعم.»", "ثم مضى"]),
        ("سطر\nسطر", ["سطر", "سطر"]),
        ("یہ خبر ہے۔ وہ آیا۔", ["یہ خبر ہے۔", "وہ آیا۔"]),
        ("ماذا بعد… لا شيء", ["ماذا بعد…", "لا شيء"]),
        ("", []),
    ],
)
def test_sentences(text, want):
    assert sentences(text) == want


@given(st.text())
def test_words_are_folded_and_without_blanks(text):
    assert all(word and word.split() == [word] for word in words(text))
    assert words(" ".join(words(text))) == words(text)


@given(st.text())
def test_sentences_lose_no_letter(text):
    assert "".join("".join(sentences(text)).split()) == "".join(text.split())


@pytest.mark.parametrize("piece", [".", ". ", "a.", "!", "د. ", '…"', "ا", "ال"])
@pytest.mark.timeout(60)
def test_long_text_is_cut_in_time(piece):
    text = piece * (180_000 // len(piece))
    assert "".join("".join(sentences(text)).split()) == "".join(text.split())
    assert all(word in text for word in content_words(text))
