"""Text cards: the seed document, what is written reads back, damage is named by its line."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta, timezone

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from aggregator import cards
from aggregator.arabic import display
from aggregator.errors import ImportFileError
from aggregator.types import Moment, Record, Related, SourceRef
from tests.exporter_cases import DATA, HOSTILE, PLAIN, RECORDS, SEED_FILE

CARDS = DATA / "cards"
steady = settings(deadline=None, max_examples=200)


def cards_of(name: str) -> list[cards.Card]:
    path = CARDS / name
    return cards.parse(path.read_text(encoding="utf-8"), path=path)


def day(year: int, month: int, number: int) -> Moment:
    return Moment(value=datetime(year, month, number, tzinfo=UTC), precision="day", origin="page")


# The seed document


@pytest.fixture(scope="module")
def seed() -> cards.Card:
    (card,) = cards.parse(SEED_FILE.read_text(encoding="utf-8"), path=SEED_FILE)
    return card


def test_the_seeds_title_is_mended(seed):
    assert seed.title == "كازاخستان تختار التطبيع مع إسرائيل وتبتعد عن الذاكرة الفلسطينية"


def test_the_seeds_date_source_and_paragraphs_are_read(seed):
    assert seed.published == day(2025, 11, 7)
    assert seed.source == "بوابة الوفد"
    assert len(seed.paragraphs) == 7
    assert seed.paragraphs[0].startswith("أعلنت كازاخستان قرارها")
    assert seed.paragraphs[6].endswith("انهيار الاتحاد السوفيتى.")


def test_the_seeds_related_article_is_read_with_its_paragraphs(seed):
    ((title, paragraphs),) = seed.related
    assert title == "ترامب: أجريت للتو مكالمة رائعة جمعت نتنياهو ورئيس كازاخستان"
    assert len(paragraphs) == 5
    assert paragraphs[1] == (
        "وأضاف الرئيس الأمريكي، إن هناك دول أخرى تسعى للانضمام إلى اتفاقيات إبراهيم، "
        "وذلك خلال مؤتمر صحفي في البيت الأبيض."
    )


def test_the_seeds_keywords_are_told_apart_by_the_text(seed):
    assert seed.keywords == (
        "كازاخستان",
        "اتفاقيات إبراهيم",
        "الولايات المتحدة",
        "أول دولة",
        "من الدول",
    )


def test_a_card_of_the_seeds_form_with_other_words_is_read_alike():
    (card,) = cards_of("shaped.txt")
    assert card.title == "الذهب يرتفع، والدولار يتراجع"
    assert card.published == day(2025, 9, 23)
    assert card.source == "صحيفة المال"
    assert card.paragraphs[0].endswith("وتراجع الدولار أمام الجنيه.")
    # "بورصة لندن" does not stand in the text: its words stay together.
    assert card.keywords == ("سعر الذهب", "البنك المركزى", "أسعار الفائدة", "بورصة لندن")


# Files of several cards


def test_cards_are_parted_by_a_line():
    first, second = cards_of("two.txt")
    assert (first.line, second.line) == (1, 15)
    assert first.published == day(2024, 3, 1)
    assert first.paragraphs == (
        "فتحت مكتبة جديدة أبوابها في أسوان.",
        "المصدر: وكالات",
        "وتضم عشرة آلاف كتاب.",
    )
    assert first.source == "بوابة الوفد"
    assert first.keywords == ("أسوان", "مكتبة عامة", "عشرة آلاف كتاب")
    assert first.related == (
        ("مكتبة متنقلة تصل الأقصر", ("وصلت المكتبة المتنقلة.", "المصدر: وكالة الأنباء")),
        ("قراء الجنوب", ()),
    )
    assert second == cards.Card(
        line=15,
        title="Library opens in Aswan",
        published=day(2024, 2, 22),
        paragraphs=("A new library opened.",),
        source="The Daily",
    )


def test_missing_parts_are_left_out_and_spellings_of_headings_known():
    (card,) = cards_of("loose.txt")
    assert card.published is None
    assert card.keywords == ()
    assert card.source == "جريدة"
    assert card.related == (("خبر آخر", ()),)
    assert card.paragraphs == (
        "فقرة أولى",
        "المصدر: سطر يبدأ بفراغ فهو نص",
        "---تتمة---",
        "كلمات دلاليه: ليست عنوانا فالكلمة بالهاء",
    )


def test_windows_line_ends_and_a_byte_order_mark_are_read():
    text = "\ufeff" + (CARDS / "two.txt").read_text(encoding="utf-8").replace("\n", "\r\n")
    assert cards.parse(text) == cards_of("two.txt")


def test_persian_letters_stay_in_persian():
    title = "دولت می‌گوید بودجه سال آینده تصویب شده است"
    (card,) = cards.parse(f"{title}\nمتن این خبر به فارسی است و همین می‌ماند.\n")
    assert card.title == title


# Damage

DAMAGED = [
    ("", 1, "there is no card"),
    ("\n  \n", 1, "there is no card"),
    ("---\nعنوان\n", 1, "there is no card before this line"),
    ("عنوان\n---\n---\nعنوان\n", 3, "there is no card before this line"),
    ("\nتاريخ النشر: 7th, November 2025 GMT\nنص\n", 2, "the title is missing"),
    ("المصدر: جريدة\n", 1, "the title is missing"),
    ("\u200f\u200e\nنص\n", 1, "the title is missing"),
    ("عنوان\nتاريخ النشر:\nنص\n", 2, "nothing follows the heading"),
    ("عنوان\nتاريخ النشر: 7 نوفمبر\nنص\n", 2, "the date must be like 7th, November 2025 GMT"),
    ("عنوان\nتاريخ النشر: 7th, Novembr 2025 GMT\nنص\n", 2, "the date must be like"),
    ("عنوان\nتاريخ النشر: 7th, November 2025\nنص\n", 2, "the date must be like"),
    ("عنوان\nتاريخ النشر: 31st, February 2025 GMT\nنص\n", 2, "there is no such date"),
    ("عنوان\nتاريخ النشر: 0th, May 2025 GMT\nنص\n", 2, "there is no such date"),
    ("عنوان\nتاريخ النشر: 1st, May 0000 GMT\nنص\n", 2, "there is no such date"),
    ("عنوان\nنص\nعنوان\nتاريخ النشر: 1st, May 2025 GMT\n", 4, "is a line of --- missing?"),
    ("عنوان\nنص\nالمصدر:\n", 3, "nothing follows the heading"),
    ("عنوان\nنص\nكلمات دلالية:  \n", 3, "nothing follows the heading"),
    ("عنوان\nكلمات دلالية: أ، ب\nنص\n", 2, "text follows the keywords"),
    ("عنوان\nنص\nإقرأ أيضاً:\n", 3, "no related article follows"),
    ("عنوان\nنص\nإقرأ أيضاً:\nإقرأ أيضاً:\nعنوان\n", 3, "no related article follows"),
    ("عنوان\n---\nعنوان ثان\nنص\nالمصدر:\n---\nعنوان\n", 5, "nothing follows the heading"),
]


@pytest.mark.parametrize(("text", "line", "cause"), DAMAGED)
def test_a_damaged_card_is_named_by_its_line(text, line, cause):
    with pytest.raises(ImportFileError) as caught:
        cards.parse(text, path="file.txt")
    assert str(caught.value).startswith(f"card is damaged: file.txt:{line}: ")
    assert cause in str(caught.value)


@pytest.mark.parametrize("cut", range(0, 6000, 311))
def test_a_seed_cut_anywhere_gives_cards_or_an_error_with_a_line(cut):
    text = SEED_FILE.read_text(encoding="utf-8")[:cut]
    assert_cards_or_error(text)


def assert_cards_or_error(text: str) -> None:
    try:
        found = cards.parse(text, path="x")
    except ImportFileError as error:
        message = str(error)
    else:
        assert found
        assert all(card.title for card in found)
        return
    assert message.startswith("card is damaged: x:")


# Writing


@pytest.mark.parametrize(
    ("moment", "precision", "expected"),
    [
        (datetime(2025, 11, 7, tzinfo=UTC), "day", "7th, November 2025 GMT"),
        (datetime(2025, 5, 1, tzinfo=UTC), "day", "1st, May 2025 GMT"),
        (datetime(2025, 5, 2, tzinfo=UTC), "day", "2nd, May 2025 GMT"),
        (datetime(2025, 5, 3, tzinfo=UTC), "day", "3rd, May 2025 GMT"),
        (datetime(2025, 5, 11, tzinfo=UTC), "second", "11th, May 2025 GMT"),
        (datetime(2025, 5, 12, tzinfo=UTC), "minute", "12th, May 2025 GMT"),
        (datetime(2025, 5, 13, tzinfo=UTC), "hour", "13th, May 2025 GMT"),
        (datetime(2025, 5, 21, tzinfo=UTC), "day", "21st, May 2025 GMT"),
        (datetime(2025, 5, 1, tzinfo=UTC), "month", "May 2025 GMT"),
        (
            datetime(2025, 5, 1, 0, 30, tzinfo=timezone(timedelta(hours=3))),
            "minute",
            "1st, May 2025",
        ),
    ],
)
def test_dates_are_written_in_the_seeds_form(moment, precision, expected):
    text = cards.write(replace(PLAIN, published=moment, published_precision=precision))
    assert text.split("\n")[1].startswith(f"تاريخ النشر: {expected}")


@pytest.mark.parametrize("record", RECORDS[:4], ids=lambda record: record.id[-2:])
def test_what_is_written_reads_back(record):
    assert_reads_back(record)


def test_hostile_text_cannot_forge_a_heading_or_a_card():
    forged = replace(
        PLAIN,
        title="المصدر: مزور",
        paragraphs=("---", "تاريخ النشر: 1st, May 2025 GMT", "كلمات دلالية: أ", "إقرأ أيضاً:", "نص"),
        related=(Related(id="a", url="b", title="إقرأ أيضا:", paragraphs=("---", "المصدر: ب")),),
    )
    assert_reads_back(forged)
    assert len(cards.parse(cards.write(HOSTILE))) == 1


@pytest.mark.parametrize(
    "keywords",
    [
        ("مكتبة",),
        ("مكتبة عامة في أسوان",),
        ("افتتاح", "مكتبة"),
        ("افتتاح مكتبة عامة في أسوان",),
        ("افتتاح مكتبة عامة في أسوان", "كتاب"),
        ("بورصة لندن مكتبة",),
    ],
)
def test_keywords_come_back_whatever_they_look_like(keywords):
    assert_reads_back(replace(PLAIN, keywords=keywords))


def test_keywords_that_are_the_titles_words_are_no_title():
    (card,) = cards.parse("كازاخستان وإسرائيل\nكلمات دلالية: كازاخستان، وإسرائيل، ترامب\n")
    assert card.keywords == ("كازاخستان", "وإسرائيل", "ترامب")


def assert_reads_back(record: Record) -> None:
    (card,) = cards.parse(cards.write(record))
    assert card.title == record.title
    assert card.paragraphs == record.paragraphs
    assert card.source == (record.source.name or None)
    assert card.keywords == record.keywords
    assert card.related == tuple((each.title, each.paragraphs) for each in record.related)
    if record.published is None:
        assert card.published is None
    else:
        assert card.published.value.date() == record.published.date()


def shown(text: str) -> str:
    """The text as a pipeline would store it: display text of one line."""
    return display(display(text).text or "").text or ""


LETTERS = st.text("ابتثجحخدهويةىأإآكمن ٠٩،؛؟:-\u064e\u0640\u200f\n---abcXYZ .«»\"'", max_size=40)
HEADINGS = st.sampled_from(
    ["المصدر: x", "---", "إقرأ أيضاً:", "اقرأ أيضا: نعم", "كلمات دلالية: أ، ب", "تاريخ النشر: 1"]
)
LINES = (LETTERS | HEADINGS | st.text(max_size=20)).map(shown).filter(bool)
KEYWORDS = LINES.map(lambda text: text.replace("،", "").strip()).map(shown).filter(bool)


@steady
@given(
    st.builds(
        Record,
        id=st.just("urn:x:1"),
        url=st.just("urn:x:1"),
        title=LINES,
        published=st.none()
        | st.datetimes(datetime(1900, 1, 1), datetime(2200, 1, 1), timezones=st.just(UTC)),  # noqa: DTZ001
        published_precision=st.just("day"),
        first_seen=st.just(datetime(2025, 1, 1, tzinfo=UTC)),
        paragraphs=st.lists(LINES, max_size=4).map(tuple),
        source=st.builds(
            SourceRef,
            id=st.just("a"),
            name=LINES,
            homepage=st.just(""),
            country=st.just(""),
            language=st.just("ar"),
        ),
        keywords=st.lists(KEYWORDS, max_size=3, unique=True).map(tuple),
        related=st.lists(
            st.builds(
                Related,
                id=st.just("b"),
                url=st.just("b"),
                title=LINES,
                paragraphs=st.lists(LINES, max_size=2).map(tuple),
            ),
            max_size=3,
        ).map(tuple),
        language=st.just("ar"),
        direction=st.just("rtl"),
    )
)
def test_any_display_text_reads_back(record):
    again = cards.parse(cards.write(record))
    assert len(again) == 1
    (card,) = again
    assert len(card.related) == len(record.related)
    assert len(card.paragraphs) == len(record.paragraphs)
    assert_same_letters(card.title, record.title)
    assert_same_letters(card.source or "", record.source.name)
    for one, other in zip(card.paragraphs, record.paragraphs, strict=True):
        assert_same_letters(one, other)
    assert len(card.keywords) == len(record.keywords)


def assert_same_letters(one: str, other: str) -> None:
    """Equal, but for Farsi letters: the whole card's language says whether they are mended."""
    plain = str.maketrans("\u06cc\u06a9", "\u064a\u0643")
    assert one.translate(plain) == other.translate(plain)


@steady
@given(st.text(max_size=300) | st.lists(HEADINGS | LETTERS, max_size=8).map("\n".join))
def test_any_text_gives_cards_or_an_import_error(text):
    assert_cards_or_error(text)
