import pytest
from hypothesis import given
from hypothesis import strategies as st

from aggregator.sounds import skeletons
from aggregator.terms import exclude, figures, read, terms, weigh


def keys_of(title, body=""):
    return terms(read(title), read(body)).salience.keys()


@pytest.mark.parametrize(
    ("text", "numbers"),
    [
        ("أنقذت مئة وسبعة وثلاثين مهاجرا", [137]),
        ("620 ألف طن", [620_000]),
        ("ألفين وأربعمئة طن", [2400]),
        ("بين أربع واثنتي عشرة سنة", [4, 12]),
        ("مليونا ونصف المليون متر", [1_500_000]),
        ("ألف وتسعمئة", [1900]),
        ("خمسة عشر ستمئة وخمسين", [15, 650]),
        ("بقوة 5.1 درجات", [5.1]),
        ("١٢٥٠ كيلوغراما", [1250]),
        ("1,250 homes and 18 400", [1250, 18, 400]),
        ("وبـ20 شاحنة", [20]),
        ("two million people", [2_000_000]),
        ("لا رقم هنا", []),
    ],
)
def test_numbers_are_the_same_in_digits_and_words(text, numbers):
    assert figures(read(text)) == numbers


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("والقاهرة", "القاهرة"),
        ("للسودان", "السودان"),
        ("بنواذيبو", "نواذيبو"),
        ("الليبية", "ليبي"),
        ("إيران", "ايران"),
        ("مستشفى", "مستشفي"),
        ("فِلَسطين", "فلسطين"),
    ],
)
def test_forms_of_one_word_have_one_code(one, other):
    assert [word.code for word in read(one)] == [word.code for word in read(other)]


@pytest.mark.parametrize(
    ("text", "key"),
    [
        ("هزة أرضية في الناظور", "c:quake"),
        ("Un séisme au Maroc", "c:quake"),
        ("An earthquake hits Morocco", "g:MA"),
        ("Nouakchott", "g:MR"),
        ("في العاصمة اليمنية صنعاء", "g:YE"),
        ("قال ترمب", "n:trump"),
        ("وصول العقبة", "p:عقب"),
    ],
)
def test_topics_places_and_names_have_one_key_in_all_languages(text, key):
    assert key in keys_of(text)


@pytest.mark.parametrize("text", ["عقب ذلك", "قبل يومين", "حول الملف", "المركز المالي", "خبر"])
def test_common_words_are_no_places(text):
    assert not [key for key in keys_of(text) if key[0] in "gp"]


def test_a_term_that_stands_everywhere_weighs_little_and_a_rare_one_more():
    assert weigh("w:كلمه", 5000, 6000) < 0.1
    assert weigh("w:كلمه", 30, 200) < weigh("w:كلمه", 10, 200) < weigh("w:كلمه", 1, 200)
    assert weigh("w:كلمه", 3, 40) == pytest.approx(weigh("w:كلمه", 3, 200))


def test_launch_after_postponement_is_another_act():
    postponed = terms(read("تأجيل إطلاق القمر"), []).acts
    launched = terms(read("الجزائر تطلق بنجاح قمرا"), []).acts
    assert exclude(postponed, launched)
    assert not exclude(postponed, postponed)
    assert not exclude(frozenset(), launched)


@pytest.mark.parametrize(
    ("arabic", "latin"), [("توكاييف", "tokayev"), ("ممداني", "mamdani"), ("ماتشادو", "machado")]
)
def test_names_in_two_scripts_sound_alike(arabic, latin):
    assert set(skeletons(arabic)) & set(skeletons(latin))


def test_languages_without_blanks_are_read_in_pairs():
    assert [word.stem for word in read("東京都")] == ["東京", "京都"]


@given(st.text(max_size=300))
def test_any_text_is_read(text):
    words = read(text)
    assert all(word.stem and 0 <= word.code < 2**32 for word in words)
    assert all(number == number for number in figures(words))
    assert all(value >= 1 for value in terms(words, words).salience.values())
