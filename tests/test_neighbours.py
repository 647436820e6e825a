from dataclasses import replace

import pytest
from sqlalchemy import func, select

from aggregator.neighbours import MemoryNeighbours, keys
from aggregator.similarity import fingerprint
from aggregator.store import neighbours as sql
from aggregator.store import prints as tables
from aggregator.terms import prior
from tests.event_cases import Report, arrive, arrive_all, bcubed, entry, reports

TABLES = (tables.prints, tables.anchors, tables.places, tables.counts)


@pytest.fixture
def connection(store):
    with store.engine.execution_options(writing=True).begin() as opened:
        yield opened


@pytest.fixture(params=["memory", "sql"])
def index(request, connection):
    return MemoryNeighbours() if request.param == "memory" else sql.SqlNeighbours(connection)


def rows(connection, table):
    return connection.scalar(select(func.count()).select_from(table))


def text(seed, words=80):
    return [" ".join(f"لفظ{seed}{at}" for at in range(words))]


def report(seed, *, at=None, source="", title="عنوان"):
    base = reports("tuned")[0]
    return Report(
        id=f"r{seed}",
        event="",
        published=at or base.published,
        title=title,
        source=source,
        paragraphs=text(seed),
    )


def test_what_is_stored_comes_back_the_same(connection):
    index = sql.SqlNeighbours(connection)
    for pk, one in enumerate(reports("tuned"), 1):
        given = replace(entry(pk, one, credit="رويترز"), cluster="c", lengths=(1.5, 2.0))
        index.add([given])
        assert index.get([pk]) == [given]
    assert index.get([]) == []
    assert index.get([10**6]) == []


def test_the_database_decides_as_memory_does(connection):
    found = reports("heldout", "crowd-heldout")
    labels, arrivals = arrive_all(found, sql.SqlNeighbours(connection))
    remembered, in_memory = arrive_all(found, MemoryNeighbours())
    events = [one.event for one in found]
    assert bcubed(events, labels) >= 0.93
    assert [one.copy_of for one in arrivals] == [one.copy_of for one in in_memory]
    assert len(set(labels)) == pytest.approx(len(set(remembered)), abs=5)


def test_the_original_that_comes_after_its_copy_takes_its_place(index):
    early = report(1)
    late = replace(report(1), published=early.published.replace(hour=23))
    other = replace(report(1), published=early.published.replace(hour=22))
    assert arrive(entry(1, late), index, label="late").copy_of is None
    assert arrive(entry(2, other, seen=late.published.timestamp()), index, label="o").adopted == (
        1,
    )
    seen = late.published.timestamp() + 60
    arrival = arrive(entry(3, early, seen=seen), index, label="early")
    assert arrival.copy_of is None
    assert arrival.adopted == (1, 2)
    assert [one.root for one in index.get([1, 2, 3])] == [3, 3, None]
    assert arrive(entry(4, late, seen=seen), index, label="x").copy_of == 3


def test_the_credited_agency_is_the_original(index):
    paper = arrive(entry(1, report(1, source="alrai الرأي"), credit="بترا"), index, label="a")
    petra = arrive(entry(2, report(1, source="petra بترا")), index, label="b")
    assert paper.copy_of is None
    assert (petra.copy_of, petra.adopted) == (None, (1,))


def test_a_purged_original_leaves_its_place_to_a_copy(index):
    for pk in (1, 2, 3):
        arrive(entry(pk, report(1)), index, label=f"l{pk}")
    index.purge(1)
    assert index.get([1]) == []
    assert [one.root for one in index.get([2, 3])] == [None, 2]
    assert index.get([2])[0].cluster == "l1"
    assert arrive(entry(4, report(1)), index, label="x").copy_of == 2
    index.purge(10**6)


def test_purging_leaves_nothing_behind(connection):
    index = sql.SqlNeighbours(connection)
    found = reports("heldout")
    arrive_all(found, index)
    for pk in range(len(found)):
        sql.purge(connection, pk)
    assert [rows(connection, table) for table in TABLES[:3]] == [0, 0, 0]


def test_pruning_forgets_what_left_all_windows(connection):
    index = sql.SqlNeighbours(connection)
    found = reports("heldout")
    arrive_all(found, index)
    days = sorted(one.published.toordinal() - 719163 for one in found)
    middle = days[len(days) // 2]
    assert index.prune(middle, most=5) == 5
    assert index.prune(middle) == sum(day < middle for day in days) - 5
    assert index.prune(middle) == 0
    assert index.size() == sum(day >= middle for day in days)
    assert index.prune(10**6) == index.size() + sum(day >= middle for day in days)
    assert [rows(connection, table) for table in TABLES[:3]] == [0, 0, 0]


def test_equal_texts_add_one_row_each(connection):
    index = sql.SqlNeighbours(connection)
    for pk in range(1, 41):
        arrival = arrive(entry(pk, report(1)), index, label=str(pk))
        assert arrival.copy_of == (None if pk == 1 else 1)
    assert rows(connection, tables.prints) == 40
    assert rows(connection, tables.anchors) <= 32
    assert rows(connection, tables.places) <= 27


def test_equal_texts_in_one_batch_are_listed_once(connection):
    index = sql.SqlNeighbours(connection)
    index.add([entry(pk, report(1)) for pk in range(1, 31)])
    index.add([])
    assert rows(connection, tables.prints) == 30
    assert rows(connection, tables.anchors) <= 32


def test_lookups_read_a_bounded_number_of_rows(index):
    shared = "عبارة تتكرر في ذيل كل خبر من أخبار هذا الموقع الإلكتروني بلا تغيير"
    for pk in range(1, 301):
        one = report(pk)
        one.paragraphs.append(shared)
        index.add([replace(entry(pk, one), cluster=f"c{pk}")])
    probe = report(999)
    probe.paragraphs.append(shared)
    given = entry(1000, probe)
    assert len(index.alike(given.print, given.day)) <= 10
    assert len(index.near(given.print, given.day, 7)) <= 20
    assert len(keys(given.print)) <= 27


def test_articles_outside_the_window_are_not_found(index):
    index.add([entry(1, report(1))])
    given = entry(2, report(1))
    assert index.alike(given.print, given.day)
    assert not index.alike(given.print, given.day + 31)


def test_an_article_indexed_anew_is_found_by_its_new_text(index):
    arrive(entry(1, report(1)), index, label="a")
    arrive(entry(1, report(2)), index, label="a")
    assert index.alike(entry(2, report(2)).print, entry(2, report(2)).day)
    assert not index.alike(entry(2, report(1)).print, entry(2, report(1)).day)


def test_weights_sink_with_what_the_index_holds(connection):
    index = sql.SqlNeighbours(connection)
    print_ = fingerprint("زلزال في المغرب", ["ضرب زلزال مدينة الحسيمة"])
    one = entry(0, report(0))
    for pk in range(0, 400, 4):
        index.add([replace(one, pk=pk, print=replace(print_, exact=0, anchors=()))])
    weights = index.weights(["c:quake", "w:لفظ"])
    assert index.documents == 400
    assert weights["c:quake"] < prior("c:quake") / 2
    assert weights["w:لفظ"] >= prior("w:لفظ")


def test_relations_are_written(index):
    index.add(
        [replace(entry(1, report(1)), cluster="a"), replace(entry(2, report(2)), cluster="b")]
    )
    index.relate({1: [(2, 1.5)]})
    index.assign(2, "c")
    assert index.get([1])[0].related == ((2, 1.5),)
    assert [one.pk for one in index.members("c")] == [2]
    assert index.members("b") == []
    assert index.merge("a", ["c"]) == [2]
    assert [one.pk for one in index.members("a")] in ([1, 2], [2, 1])
