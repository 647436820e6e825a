"""The store: one transaction for all that belongs together, numbers without gaps, tombstones."""

import os
import signal
import subprocess
import sys
import threading
from datetime import datetime, timedelta
from pathlib import Path

import pytest
from sqlalchemy import create_engine, inspect, select, text

from aggregator import ingest
from aggregator.draft import Draft
from aggregator.errors import StoreError
from aggregator.store import articles, copying, reading, schema, searching
from aggregator.store.checks import backup, problems
from aggregator.store.engine import Store
from aggregator.store.keyword_counts import keyword_counts
from aggregator.store.migrate import upgrade
from aggregator.store.retention import Limits, prune
from aggregator.store.writer import Writer
from aggregator.types import Article, Filter, Seed, Source
from tests.fakes import paragraphs

SOURCE = Source(
    id="wafd",
    name="بوابة الوفد",
    homepage="https://alwafd.news/",
    country="EG",
    language="ar",
    seeds=(Seed(kind="feed", url="https://alwafd.news/rss"),),
)


def address(store: Store) -> str:
    return store.engine.url.render_as_string(hide_password=False)


def sqlite_only(store: Store) -> None:
    if not store.is_sqlite:
        pytest.skip("about files of SQLite")


def draft(number: int, now: datetime, *, title: str | None = None, **changes: object) -> Draft:
    values = {
        "url": f"https://alwafd.news/{7_000_000 + number}",
        "title": title or f"عنوان الخبر رقم {number} في أرشيف الصحيفة",
        "published": now - timedelta(hours=number % 24),
        "published_precision": "minute",
        "published_origin": "meta",
        "paragraphs": paragraphs(number),
        "language": "ar",
        "direction": "rtl",
    }
    return Draft(article=Article(**{**values, **changes}), source=SOURCE, seen=now)


def put(writer: Writer, *drafts: Draft) -> list[Draft]:
    done = []
    for each in drafts:
        clean, why = ingest.clean(each)
        assert clean is not None, why
        done.append(ingest.ingest(clean, writer))
    return done


def lines(store: Store, since: int = 0) -> list[reading.Row]:
    with store.read() as connection:
        return list(reading.changes(connection, since))


def test_numbers_have_no_gaps_over_transactions(store: Store, now: datetime) -> None:
    with Writer(store) as writer:
        put(writer, *(draft(n, now) for n in range(3)))
        writer.commit(now)
        put(writer, *(draft(n, now) for n in range(3, 5)))
        writer.rollback()
        put(writer, draft(9, now))
        writer.commit(now)
    found = lines(store)
    assert [row.seq for row in found] == list(range(1, len(found) + 1))
    assert sum(row.event == "new" for row in found) == 4
    assert list(problems(store)) == []


def test_rolled_back_articles_leave_nothing(store: Store, now: datetime) -> None:
    with Writer(store) as writer:
        put(writer, draft(1, now))
    with store.read() as connection:
        for table in schema.metadata.sorted_tables:
            if table.name != "counters":
                assert connection.execute(select(table)).first() is None, table.name


def test_an_edit_keeps_id_and_former_state(store: Store, now: datetime) -> None:
    with Writer(store) as writer:
        (first,) = put(writer, draft(1, now))
        writer.commit(now)
        (second,) = put(writer, draft(1, now, title="عنوان آخر للخبر نفسه بعد التحرير"))
        writer.commit(now + timedelta(hours=1))
    assert (first.outcome, second.outcome) == ("new", "edited")
    assert first.pk == second.pk
    new, edited = lines(store)
    assert edited.changed == ("title",)
    assert new.id == edited.id
    was, is_ = new.change().record, edited.change().record
    assert was
    assert is_
    assert (was.version, is_.version) == (1, 2)
    assert was.title != is_.title
    with store.read() as connection:
        (old,) = reading.versions(connection, first.pk or 0)
    assert old.kind == "title"


def test_the_log_replayed_gives_the_newest_states(store: Store, now: datetime) -> None:
    with Writer(store) as writer:
        put(writer, *(draft(n, now) for n in range(6)))
        writer.commit(now)
        put(writer, draft(2, now, title="عنوان ثان لهذا الخبر"), draft(7, now))
        pk = put(writer, draft(3, now))[0].pk
        assert pk is not None
        ingest.remove(pk, writer, reason="gone")
        writer.commit(now)
    mirror: dict[str, bytes] = {}
    for row in lines(store):
        if row.event == "deleted":
            mirror.pop(row.id)
        else:
            assert row.record_json is not None
            mirror[row.id] = row.record_json
    with store.read() as connection:
        living = {row.id: row.record_json for row in reading.living(connection, Filter())}
    assert mirror == living


def test_changes_of_one_transaction_are_one_line(store: Store, now: datetime) -> None:
    with Writer(store) as writer:
        put(writer, draft(1, now))
        put(writer, draft(1, now, title="عنوان آخر للخبر نفسه"))
        writer.commit(now)
    (row,) = lines(store)
    record = row.change().record
    assert row.event == "new"
    assert record
    assert record.title == "عنوان آخر للخبر نفسه"


def test_a_deleted_article_that_comes_back_is_told(store: Store, now: datetime) -> None:
    with Writer(store) as writer:
        pk = put(writer, draft(1, now))[0].pk
        writer.commit(now)
        assert ingest.remove(pk or 0, writer, reason="gone")
        assert not ingest.remove(pk or 0, writer, reason="gone")
        writer.commit(now)
        put(writer, draft(1, now))
        writer.commit(now)
    assert [row.event for row in lines(store)] == ["new", "deleted", "edited"]
    assert len({row.id for row in lines(store)}) == 1


def test_a_purged_article_leaves_a_tombstone_and_never_comes_back(
    store: Store, now: datetime
) -> None:
    with Writer(store) as writer:
        put(writer, draft(1, now), draft(2, now + timedelta(days=9)))
        writer.commit(now)
    assert prune(store, Limits(days=5), now + timedelta(days=10)) == 1
    with Writer(store) as writer:
        assert put(writer, draft(1, now))[0].outcome == "purged"
        writer.commit(now)
    assert lines(store)[-1].line().endswith(b'"reason":"retention"}\n')
    with store.read() as connection:
        assert len(list(reading.living(connection, Filter()))) == 1
        assert len(searching.search(connection, "أرشيف")) == 1
    assert list(problems(store)) == []


def test_retention_by_count_keeps_the_newest(store: Store, now: datetime) -> None:
    with Writer(store) as writer:
        put(writer, *(draft(n, now + timedelta(minutes=n)) for n in range(5)))
        writer.commit(now)
    assert prune(store, Limits(articles=2), now) == 3
    with store.read() as connection:
        kept = [row.change().record for row in reading.living(connection, Filter())]
    assert [record.url[-1] for record in kept if record] == ["3", "4"]


@pytest.mark.parametrize("asked", ["احمد", "أَحمد", "أحمد", "الحكومه", "والحكومة", '"قرار الحكومة"'])
def test_search_does_not_mind_spelling(store: Store, now: datetime, asked: str) -> None:
    with Writer(store) as writer:
        put(writer, draft(1, now, title="أحمد يعلق على قرار الحكومة الجديد"), draft(2, now))
        writer.commit(now)
    with store.read() as connection:
        found = searching.search(connection, asked)
    assert len(found) == 1


@pytest.mark.parametrize(
    "asked", ["", '"', "*", "-", "a OR", "NEAR(", 'x" OR "', "::", "لا يوجد هنا"]
)
def test_no_query_is_syntax(store: Store, now: datetime, asked: str) -> None:
    with Writer(store) as writer:
        put(writer, draft(1, now))
        writer.commit(now)
    with store.read() as connection:
        assert searching.search(connection, asked) == []


def test_filters_hold_together(store: Store, now: datetime) -> None:
    with Writer(store) as writer:
        put(writer, *(draft(n, now) for n in range(4)))
        writer.commit(now)
    with store.read() as connection:
        assert len(list(reading.living(connection, Filter(country="eg", language="ar")))) == 4
        assert list(reading.living(connection, Filter(country="MA"))) == []
        assert list(reading.living(connection, Filter(sources=("other",)))) == []
        assert len(list(reading.living(connection, Filter(query="أرشيف"), limit=2))) == 2


def test_a_store_of_a_newer_program_is_refused(store: Store, tmp_path: Path) -> None:
    with store.engine.connect() as connection:
        connection.execute(text("UPDATE alembic_version SET version_num = '9999'"))
        connection.commit()
    with pytest.raises(StoreError, match="newer version"):
        Store.open(address(store))


def test_a_file_that_is_no_store_is_named(tmp_path: Path) -> None:
    path = tmp_path / "x.db"
    path.write_bytes(b"not a database at all, but long enough to be read as one" * 40)
    with pytest.raises(StoreError, match="not a database"):
        Store.open(f"sqlite:///{path}")


def test_a_database_with_other_tables_is_refused(tmp_path: Path) -> None:
    import sqlite3

    path = tmp_path / "x.db"
    with sqlite3.connect(path) as other:
        other.execute("CREATE TABLE articles (x)")
    other.close()
    with pytest.raises(StoreError, match="other tables"):
        Store.open(f"sqlite:///{path}")


def test_a_copy_is_whole_while_the_store_is_written(
    store: Store, now: datetime, tmp_path: Path
) -> None:
    sqlite_only(store)
    with Writer(store) as writer:
        put(writer, draft(1, now))
        writer.commit(now)
        put(writer, draft(2, now))  # still open
        backup(store, tmp_path / "copy.db")
    copy = Store.open(f"sqlite:///{tmp_path / 'copy.db'}")
    assert [row.seq for row in lines(copy)] == [1]
    copy.close()


_KILLED = """
import os, sys
from datetime import UTC, datetime
from aggregator.store.engine import Store
from aggregator.store.keyword_counts import keyword_counts
from aggregator.store.migrate import upgrade
from aggregator.store.writer import Writer
from tests.test_store import draft, put
now = datetime(2025, 11, 10, 12, tzinfo=UTC)
store = Store.open(sys.argv[1])
writer = Writer(store)
for number in range(1000):
    put(writer, draft(number, now))
    if number % 7 == 6:
        writer.commit(now)
        print(number + 1, flush=True)
"""


def test_a_kill_loses_only_what_was_not_committed(
    store: Store, config: object, tmp_path: Path
) -> None:
    root = Path(__file__).parent.parent
    process = subprocess.Popen(
        [sys.executable, "-c", _KILLED, address(store)],
        stdout=subprocess.PIPE,
        cwd=root,
        env={**os.environ, "PYTHONPATH": str(root)},
    )
    assert process.stdout is not None
    told = 0
    for line in process.stdout:
        told = int(line)
        if told >= 35:
            break
    process.send_signal(signal.SIGKILL)
    rest = process.stdout.read().split()
    process.stdout.close()
    process.wait()
    told = int(rest[-1]) if rest else told
    found = lines(store)
    assert sum(row.event == "new" for row in found) in {told, told + 7}
    assert [row.seq for row in found] == list(range(1, len(found) + 1))
    assert list(problems(store)) == []


def test_a_reader_never_skips_a_number_that_commits_late(store: Store, now: datetime) -> None:
    """One writer has taken its numbers and holds its transaction open; another one commits."""
    slow, quick = Writer(store), None
    done = threading.Event()
    put(slow, draft(1, now))
    slow._number(now)  # numbers are taken, nothing is committed

    def write() -> None:
        with Writer(store) as writer:
            put(writer, draft(2, now, published=None))
            writer.commit(now)
        done.set()

    quick = threading.Thread(target=write)
    quick.start()
    assert not done.wait(0.5)  # it waits: its number must not be seen before the smaller one
    assert lines(store) == []
    slow.connection.commit()
    quick.join(10)
    slow.close()
    found = lines(store)
    assert [row.seq for row in found] == list(range(1, len(found) + 1))
    assert sum(row.event == "new" for row in found) == 2


def test_a_store_moves_to_another_database_whole(
    store: Store, now: datetime, tmp_path: Path
) -> None:
    source = Store.open(f"sqlite:///{tmp_path / 'old.db'}")
    with Writer(source) as writer:
        put(writer, *(draft(n, now) for n in range(12)))
        writer.commit(now)
        put(writer, draft(3, now, title="عنوان آخر للخبر بعد التحرير"))
        writer.commit(now)
    first = copying.copy(source, store)
    assert copying.copy(source, store) == first  # again: nothing to do, the same counts
    assert [row.line() for row in lines(store)] == [row.line() for row in lines(source)]
    with store.read() as connection:
        assert len(searching.search(connection, "التحرير")) == 1
    with Writer(store) as writer:
        (done,) = put(writer, draft(40, now))
        writer.commit(now)
    assert done.outcome == "new"
    assert list(problems(store)) == []
    other = Store.open(f"sqlite:///{tmp_path / 'other.db'}")
    with Writer(other) as writer:
        put(writer, draft(99, now))
        writer.commit(now)
    with pytest.raises(StoreError, match="another store"):
        copying.copy(source, other)
    source.close()
    other.close()


def test_a_move_that_was_stopped_goes_on_but_not_into_a_store_that_begins_alike(
    store: Store, now: datetime, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(copying, "BATCH", 5)
    source = Store.open(f"sqlite:///{tmp_path / 'old.db'}")
    cases = ("Zebra", "apple", "Älter", "apple-b", "apple_a", "خبر", "ألف")  # no two orders agree
    drafts = [draft(n, now) for n in range(3)]
    with Writer(source) as writer:
        pks = [each.pk for each in put(writer, *drafts)]
        rows = [{"key": word, "article_pk": pk, "keyword": word} for word in cases for pk in pks]
        writer.connection.execute(schema.keywords.insert(), rows)
        writer.commit(now)

    class StoppedError(Exception): ...

    def stop(table: str, done: int, whole: int) -> None:
        if (table, done) == ("keywords", 10):
            raise StoppedError

    with pytest.raises(StoppedError):
        copying.copy(source, store, stop)
    counts = copying.copy(source, store)
    assert counts["keywords"] > 10
    assert [row.line() for row in lines(store)] == [row.line() for row in lines(source)]

    other = Store.open(f"sqlite:///{tmp_path / 'other.db'}")
    with Writer(other) as writer:
        put(writer, *drafts)
        writer.commit(now + timedelta(hours=1))
    before = [row.line() for row in lines(other)]
    with pytest.raises(StoreError, match=r"another store.*give an empty database"):
        copying.copy(source, other)
    assert [row.line() for row in lines(other)] == before
    source.close()
    other.close()


def test_an_alias_stays_with_its_first_article(store: Store, now: datetime) -> None:
    with Writer(store) as writer:
        first, second = put(writer, draft(1, now), draft(2, now))
        articles.add_aliases(writer.connection, second.pk or 0, first.names, now)
        found = articles.find(writer.connection, first.names)
        writer.commit(now)
    assert set(found.values()) == {first.pk}


def test_a_word_of_every_article_is_counted_by_its_newest(store: Store, now: datetime) -> None:
    table = schema.keywords
    words = {"every": range(1, 1001), "half": range(2, 1001, 2), "few": range(1, 1000, 400)}
    with Writer(store) as writer:
        (done,) = put(writer, draft(1, now))
        connection = writer.connection
        connection.execute(table.delete())
        connection.execute(schema.articles.update().values(pk=1000))
        rows = [
            {"key": word, "article_pk": pk, "keyword": word}
            for word, pks in words.items()
            for pk in pks
        ]
        connection.execute(table.insert(), rows)
        counted = keyword_counts(connection, [*words, "none"])
        writer.rollback()
    assert done.pk is not None
    assert counted == {"every": 1000, "half": 500, "few": 3}


def test_a_new_store_is_what_all_migrations_make_of_an_empty_one(
    database_url: str, tmp_path: Path
) -> None:
    def form(store: Store) -> object:
        looked = inspect(store.engine)
        tables = {
            name: (
                [(column["name"], str(column["type"])) for column in looked.get_columns(name)],
                looked.get_pk_constraint(name)["constrained_columns"],
                sorted(str(index) for index in looked.get_indexes(name)),
            )
            for name in sorted(looked.get_table_names())
        }
        with store.read() as connection:
            if not store.is_sqlite:
                return tables, connection.scalar(text("SELECT version_num FROM alembic_version"))
            made = "SELECT type, name, sql FROM sqlite_master ORDER BY name, type"
            rows = connection.execute(text(made))
            return tables, [(kind, name, "".join((sql or "").split())) for kind, name, sql in rows]

    new = Store.open(database_url)
    is_sqlite, found = new.is_sqlite, form(new)
    with new.write() as connection:
        if not is_sqlite:
            schema.metadata.drop_all(connection)
            connection.execute(text("DROP TABLE alembic_version"))
    new.close()
    old_url = f"sqlite:///{tmp_path / 'old.db'}" if is_sqlite else database_url
    engine = create_engine(old_url)
    upgrade(engine)
    engine.dispose()
    old = Store.open(old_url)
    try:
        assert form(old) == found
        with old.read() as connection:
            assert connection.scalar(text("SELECT value FROM counters WHERE name='changes'")) == 0
    finally:
        old.close()
