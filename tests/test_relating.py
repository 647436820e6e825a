"""What the coming, changing and going of one article does to the records of others."""

from dataclasses import replace
from datetime import datetime, timedelta

import pytest

from aggregator import ingest
from aggregator.store import reading
from aggregator.store.checks import problems
from aggregator.store.engine import Store
from aggregator.store.writer import Writer
from aggregator.types import Filter, Record
from tests.fakes import paragraphs
from tests.test_store import SOURCE, draft, lines, put

OTHER = replace(SOURCE, id="nahar", name="نهار الشام", homepage="https://nahar.example/")
THIRD = replace(SOURCE, id="sabah", name="صباح المغرب", homepage="https://sabah.example/")


def by_source(store: Store) -> dict[str, Record]:
    with store.read() as connection:
        found = [row.change().record for row in reading.living(connection, Filter())]
    return {record.source.id: record for record in found if record}


def carried(now: datetime, *, late: bool = False) -> list[ingest.Draft]:
    """Return one text in three papers; the first published arrives first, or last."""
    text = (*paragraphs(1), *paragraphs(5))
    told = [
        replace(
            draft(1, now, paragraphs=text, published=now - timedelta(hours=3 - order)),
            source=source,
        )
        for order, source in enumerate((SOURCE, OTHER, THIRD))
    ]
    told = [
        replace(each, article=replace(each.article, url=f"{each.source.homepage}77"))
        for each in told
    ]
    return told[::-1] if late else told


def test_copies_point_to_the_first_whenever_it_arrives(store: Store, now: datetime) -> None:
    for late in (False, True):
        with Writer(store) as writer:
            put(writer, *carried(now, late=late))
            writer.commit(now)
        found = by_source(store)
        first = found["wafd"]
        assert first.copy_of is None
        assert {found["nahar"].copy_of, found["sabah"].copy_of} == {first.id}
        assert {each.source for each in first.also_in} == {"nahar", "sabah"}
        assert len({record.cluster for record in found.values()}) == 1
    assert list(problems(store)) == []


@pytest.mark.parametrize("order", [(0, 1, 2), (0, 2, 1), (1, 2, 0)])
def test_a_copy_between_two_originals_makes_them_one(
    store: Store, now: datetime, order: tuple[int, ...]
) -> None:
    words = " ".join((*paragraphs(1), *paragraphs(5), *paragraphs(9))).split()
    third = len(words) // 3
    cuts = (words[: 2 * third - 12], words[third + 12 :], words[12:-12])
    told = [
        replace(each, article=replace(each.article, paragraphs=(" ".join(cut),)))
        for each, cut in zip(carried(now), cuts, strict=True)
    ]
    with Writer(store) as writer:
        for at in order:
            put(writer, told[at])
            writer.commit(now)
    found = by_source(store)
    first = found["wafd"]
    assert {found["nahar"].copy_of, found["sabah"].copy_of} == {first.id}
    assert {each.source for each in first.also_in} == {"nahar", "sabah"}
    assert len({record.cluster for record in found.values()}) == 1
    assert list(problems(store)) == []


def test_an_original_that_goes_leaves_an_heir(store: Store, now: datetime) -> None:
    with Writer(store) as writer:
        done = put(writer, *carried(now))
        writer.commit(now)
        assert ingest.remove(done[0].pk or 0, writer, reason="gone")
        writer.commit(now)
    found = by_source(store)
    assert set(found) == {"nahar", "sabah"}
    heir = found["nahar"]
    assert heir.copy_of is None
    assert [each.source for each in heir.also_in] == ["sabah"]
    assert found["sabah"].copy_of == heir.id
    events = [(row.event, row.changed) for row in lines(store)][-3:]
    assert ("deleted", ()) in events


def test_a_relation_makes_no_version(store: Store, now: datetime) -> None:
    with Writer(store) as writer:
        for each in carried(now):
            put(writer, each)
            writer.commit(now)
    assert {record.version for record in by_source(store).values()} == {1}
    assert any(row.changed == ("also_in",) for row in lines(store))
