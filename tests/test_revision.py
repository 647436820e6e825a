"""What counts as an edit."""

from dataclasses import replace
from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from aggregator.revision import difference, revise
from aggregator.types import Article, Image, Record, SourceRef

SOURCE = SourceRef(
    id="wafd", name="بوابة الوفد", homepage="https://alwafd.news/", country="EG", language="ar"
)
PUBLISHED = datetime(2025, 11, 7, 8, tzinfo=UTC)
TEXT = (
    "أعلنت الوزارة بدء العمل في المشروع صباح اليوم بحضور المحافظ.",
    "وقال المتحدث إن التكلفة بلغت مئة مليون جنيه.",
)


def record(**changes: object) -> Record:
    base = Record(
        id="urn:uuid:1",
        url="https://alwafd.news/1",
        title="بدء العمل في المشروع",
        published=PUBLISHED,
        published_precision="minute",
        published_origin="json_ld",
        first_seen=PUBLISHED,
        paragraphs=TEXT,
        html="<p>x</p>",
        source=SOURCE,
        language="ar",
        direction="rtl",
        keywords=("المشروع",),
        cluster="urn:uuid:c",
    )
    return replace(base, **changes)


def article(**changes: object) -> Article:
    base = Article(
        url="https://alwafd.news/1",
        title="بدء العمل في المشروع",
        published=PUBLISHED,
        published_precision="minute",
        published_origin="json_ld",
        paragraphs=TEXT,
        html="<p>x</p>",
        language="ar",
        direction="rtl",
    )
    return replace(base, **changes)


CASES = [
    ("nothing", {}, "none", ()),
    ("blanks moved", {"title": "بدء  العمل في المشروع"}, "none", ()),
    ("paragraph borders moved", {"paragraphs": (" ".join(TEXT),)}, "none", ()),
    ("date of change bumped", {"updated": datetime(2025, 11, 8, tzinfo=UTC)}, "none", ()),
    ("other picture", {"images": (Image(url="https://x.example/2.jpg"),)}, "none", ()),
    ("thin page", {"paragraphs": (), "html": "", "published": None}, "none", ()),
    ("title", {"title": "انطلاق الأعمال في المشروع القومي"}, "title", ("title",)),
    ("letters of the title", {"title": "بدء العمل فى المشروع"}, "typo", ("title",)),
    ("added update", {"paragraphs": (*TEXT, "وتحدد موعد الافتتاح.")}, "update", ("paragraphs",)),
    ("body", {"paragraphs": (TEXT[0], "وألغي المشروع لاحقا بقرار من المحافظ.")}, "body",
     ("paragraphs",)),
    ("correction", {"paragraphs": (*TEXT, "تصويب: التكلفة تسعون مليونا.")}, "correction",
     ("paragraphs",)),
    ("address moved", {"url": "https://alwafd.news/new/1"}, "minor", ("url",)),
    ("tags", {"categories": ("محافظات",)}, "minor", ("categories",)),
    ("coarser date", {"published": datetime(2025, 11, 9, tzinfo=UTC),
                      "published_precision": "day"}, "none", ()),
    ("another day", {"published": datetime(2025, 11, 9, 8, tzinfo=UTC)}, "date", ("published",)),
]  # fmt: skip


@pytest.mark.parametrize(("name", "changes", "kind", "changed"), CASES, ids=lambda v: str(v)[:30])
def test_kind_of_an_edit(
    name: str, changes: dict[str, object], kind: str, changed: tuple[str, ...]
) -> None:
    found = revise(record(), article(**changes))
    assert (found.kind, found.changed) == (kind, changed)
    assert found.record.version == (2 if found.real else 1)


def test_what_the_store_added_stays() -> None:
    found = revise(record(), article(title="انطلاق الأعمال في المشروع القومي"))
    assert found.record.keywords == ("المشروع",)
    assert found.record.cluster == "urn:uuid:c"
    assert found.record.first_seen == PUBLISHED
    assert found.record.id == "urn:uuid:1"


def test_a_thin_page_takes_no_text_away() -> None:
    found = revise(record(), article(paragraphs=(), html="", title="عنوان آخر تماما للخبر"))
    assert found.record.paragraphs == TEXT
    assert found.record.html == "<p>x</p>"


@given(st.text(alphabet="ابتث \n", max_size=60), st.text(alphabet="ابتث \n", max_size=60))
def test_a_difference_holds_both_texts(old: str, new: str) -> None:
    parts = difference(old, new)
    before = " ".join(part.text for part in parts if part.op != "added")
    after = " ".join(part.text for part in parts if part.op != "cut")
    assert before.split() == old.split()
    assert after.split() == new.split()
