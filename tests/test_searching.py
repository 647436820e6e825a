"""Search: filters hold before the choice of what is compared; titles first; databases agree."""

from datetime import datetime, timedelta
from importlib import import_module

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import insert, inspect, text

from aggregator import query
from aggregator.arabic import fold
from aggregator.store import schema, searching
from aggregator.store.engine import Store
from aggregator.types import Filter
from tests.web_support import POST, SABAH, draft, put


def titles(store: Store, asked: str, wanted: Filter | None = None, limit: int = 20) -> list[str]:
    with store.read() as connection:
        rows = searching.search(connection, asked, wanted, limit=limit)
    return [row.change().record.title for row in rows]


@pytest.mark.parametrize(
    "wanted",
    [
        Filter(sources=("sabah",)),
        Filter(sources=("sabah", "nobody")),
        Filter(country="tn"),
        Filter(language="fr"),
        Filter(keyword="قديم جدا"),
        Filter(sources=("sabah",), country="TN", language="fr", keyword="قديم جدا"),
    ],
)
def test_a_filter_finds_what_is_older_than_all_that_is_compared(
    store: Store, now: datetime, wanted: Filter, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(searching, "RANKED", 5)
    old = draft(0, now, SABAH, title="ميناء قديم يفتح", language="fr")
    put(store, now, old)
    key = fold("قديم جدا", "search")
    with store.write() as connection:
        row = {"key": key, "article_pk": 1, "keyword": "قديم جدا"}
        connection.execute(insert(schema.keywords), row)
    later = now + timedelta(minutes=1)
    put(store, later, *(draft(n, later, title=f"ميناء رقم {n} يفتح") for n in range(1, 12)))
    assert titles(store, "ميناء", wanted, limit=2) == ["ميناء قديم يفتح"]


def test_words_of_the_title_come_before_words_of_the_text(store: Store, now: datetime) -> None:
    put(
        store,
        now,
        draft(1, now, title="زلزال يهز المدينة"),
        draft(2, now, paragraphs=("وقع زلزال أمس في الجبال البعيدة ولم يصب أحد بأذى.",)),
    )
    assert titles(store, "زلزال")[0] == "زلزال يهز المدينة"
    assert len(titles(store, "زلزال")) == 2


def test_of_equally_good_ones_the_newest_is_first(store: Store, now: datetime) -> None:
    for number in range(3):
        at = now + timedelta(minutes=number)
        words = "إن السد العالي قديم ومتين وقد بني في أسوان قبل عقود طويلة."
        put(store, at, draft(number, at, title=f"السد العالي {number}", paragraphs=(words,)))
    assert titles(store, "السد") == ["السد العالي 2", "السد العالي 1", "السد العالي 0"]


def test_words_left_out_are_left_out_of_title_and_text(store: Store, now: datetime) -> None:
    put(
        store,
        now,
        draft(1, now, title="القمح يصل الميناء", paragraphs=("وصلت سفينة القمح من أوكرانيا.",)),
        draft(2, now, title="القمح في الحقول", paragraphs=("حصد الفلاحون القمح هذا الصباح.",)),
    )
    assert titles(store, "القمح -أوكرانيا") == ["القمح في الحقول"]


def test_what_somebody_types_never_reaches_the_facets(store: Store, now: datetime) -> None:
    put(store, now, draft(1, now))
    for typed in ("s=77616664", "c=4547", '"l=6172"', "facets", "facets:x", "77616664"):
        assert titles(store, typed) == []


def test_an_edited_article_is_found_by_its_new_words_and_language(
    store: Store, now: datetime
) -> None:
    put(store, now, draft(1, now, POST, title="Port closes after the storm", language="en"))
    later = now + timedelta(hours=1)
    put(store, later, draft(1, later, POST, title="Harbour opens again at noon", language="en"))
    assert titles(store, "harbour", Filter(language="en")) == ["Harbour opens again at noon"]
    assert titles(store, "storm") == []


def test_limits_beyond_what_is_compared_are_kept(store: Store, now: datetime) -> None:
    put(store, now, *(draft(n, now) for n in range(searching.RANKED + 20)))
    assert len(titles(store, "أرشيف", limit=searching.RANKED + 10)) == searching.RANKED + 10


@given(st.text(max_size=60), st.text(max_size=80), st.text(max_size=80))
def test_a_score_is_a_number_for_any_text(asked: str, title: str, body: str) -> None:
    assert query.parse(asked).score(title, body) >= 0


@given(st.text(min_size=1, max_size=20))
def test_a_facet_is_one_word_that_no_text_has(value: str) -> None:
    word = query.facet("s", value)
    assert word.isascii()
    assert " " not in word
    assert '"' not in word
    assert word not in query.search_words(word)


def test_a_store_of_the_first_version_is_searched_after_the_upgrade(
    store: Store, now: datetime
) -> None:
    """Back to the first form of search, then open: the same is found, with filters."""
    put(store, now, draft(1, now, title="أحمد يفتتح المعرض"), draft(2, now, SABAH))
    with store.write() as connection:
        for table in ("reader_marks", "reader_follows", "readers"):
            connection.execute(text(f"DROP TABLE {table}"))
        if store.is_sqlite:
            first = import_module("aggregator.store.migrations.versions.0001_first")
            for name in ("added", "cut", "changed"):
                connection.execute(text(f"DROP TRIGGER search_{name}"))
            connection.execute(text("DROP TABLE search"))
            for statement in first.SQLITE_SEARCH:
                connection.execute(text(statement))
            connection.execute(text("INSERT INTO search(search) VALUES ('rebuild')"))
        connection.execute(text("ALTER TABLE search_texts DROP COLUMN facets"))
        connection.execute(text("UPDATE alembic_version SET version_num = '0002'"))
    address = store.engine.url.render_as_string(hide_password=False)
    again = Store.open(address)
    try:
        assert {"readers", "reader_follows"} <= set(inspect(again.engine).get_table_names())
        assert titles(again, "احمد", Filter(sources=("wafd",), country="EG")) == [
            "أحمد يفتتح المعرض"
        ]
        assert titles(again, "احمد", Filter(sources=("sabah",))) == []
    finally:
        again.close()
