"""Thousands of items that say the same or nearly the same cost no more each than a few do."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from sqlalchemy import create_engine, text

from aggregator.store import neighbours as sql
from aggregator.store import prints as tables
from tests.event_cases import Report, arrive, entry

NOW = datetime(2026, 3, 1, 12, tzinfo=UTC)
ITEMS, PART = 1000, 200


def same(number: int) -> tuple[str, str]:
    return (
        "وصول أول سفينة",
        "أعلنت إدارة الميناء وصول أول سفينة حاويات إلى الرصيف الجديد صباح اليوم",
    )


def bulletin(number: int) -> tuple[str, str]:
    told = f"سعر القنطار {number % 97 + 3} جنيها في سوق {number % 11} وسعر الأردب {number % 89}"
    return f"أسعار الحبوب في نشرة {number}", f"{told} جنيها والكميات {number} طنا من كل صنف معروض"


def wordless(number: int) -> tuple[str, str]:
    return "عاجل", ""


@pytest.mark.parametrize("kind", [same, bulletin, wordless])
def test_the_work_of_an_arrival_does_not_grow_with_items_alike(
    kind: Callable[[int], tuple[str, str]], tmp_path: Path
) -> None:
    engine = create_engine(f"sqlite:///{tmp_path}/index.sqlite")
    tables.metadata.create_all(engine)
    steps = 0

    def step() -> None:
        nonlocal steps
        steps += 1

    parts: list[int] = []
    labels: set[str] = set()
    with engine.begin() as connection:
        raw = connection.connection.dbapi_connection
        assert raw is not None
        raw.set_progress_handler(step, 100)  # a hundred instructions of the database's machine
        index = sql.SqlNeighbours(connection)
        for number in range(1, ITEMS + 1):
            title, body = kind(number)
            report = Report(
                id=str(number),
                event="",
                published=NOW - timedelta(minutes=number),
                title=title,
                paragraphs=[body],
            )
            labels.add(arrive(entry(number, report), index, label=str(number)).cluster)
            if number % PART == 0:
                parts.append(steps)
                steps = 0
        anchors = connection.scalar(text("SELECT count(*) FROM print_anchors"))
    engine.dispose()
    assert parts[-1] < 1.5 * parts[1] + 100
    if kind is same:
        assert len(labels) == 1
        assert anchors is not None
        assert anchors < 50
    else:
        assert len(labels) == ITEMS
