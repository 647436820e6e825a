"""Drafts of a crawl beside which others write: they go into the store by bursts."""

import asyncio
from datetime import datetime

import pytest
from scrapy.crawler import Crawler
from sqlalchemy import select

from aggregator import ingest
from aggregator.config import Config
from aggregator.crawl import bursts, session
from aggregator.draft import Draft
from aggregator.errors import StoreError
from aggregator.store import articles, schema
from aggregator.store.engine import Store
from pipelines.deduplicate import Deduplicate
from pipelines.enrich import Enrich
from pipelines.gather import Gather
from pipelines.identify import Identify
from pipelines.store import Store as Storing
from spiders.news import NewsSpider
from tests.test_store import SOURCE, draft


class Line:
    """The steps from the gate on, in a session that shares its store."""

    def __init__(self, config: Config, store: Store, now: datetime) -> None:
        self.session = session.Session(
            config=config, sources={SOURCE.id: SOURCE}, store=store, now=lambda: now, shared=True
        )
        crawler = Crawler(NewsSpider)
        session.attach(crawler, self.session)
        self.steps = [step(crawler) for step in (Gather, Identify, Deduplicate, Enrich, Storing)]

    async def take(self, each: Draft) -> None:
        normal, why = ingest.clean(each)
        assert normal is not None, why
        for step in self.steps:
            found = step.process_item(normal)
            normal = await found if asyncio.iscoroutine(found) else found


def stored(store: Store) -> int:
    with store.read() as connection:
        return len(connection.execute(select(schema.articles.c.pk)).all())


def test_a_burst_is_one_commit(
    config: Config, store: Store, now: datetime, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(bursts, "WAIT_S", 30.0)  # only a full one goes
    line = Line(config, store, now)
    commits = []
    own = line.session.commit
    monkeypatch.setattr(line.session, "commit", lambda: commits.append(stored(store)) or own())

    async def run() -> None:
        waiting = [asyncio.create_task(line.take(draft(n, now))) for n in range(bursts.MOST - 1)]
        await asyncio.sleep(0)
        assert not any(task.done() for task in waiting)
        assert stored(store) == 0
        await asyncio.gather(*waiting, line.take(draft(99, now)))
        await asyncio.sleep(0)

    asyncio.run(run())
    line.session.close()
    assert commits[0] == 0
    assert stored(store) == bursts.MOST
    assert len(commits) == 2  # the burst's, and the end's


def test_a_lone_draft_does_not_wait_for_ever(config: Config, store: Store, now: datetime) -> None:
    line = Line(config, store, now)

    async def run() -> None:
        await line.take(draft(1, now))
        await asyncio.sleep(0)

    asyncio.run(run())
    assert stored(store) == 1
    line.session.close()


def test_a_burst_that_is_not_committed_is_told_and_nothing_goes_on(
    config: Config, store: Store, now: datetime, monkeypatch: pytest.MonkeyPatch
) -> None:
    line = Line(config, store, now)

    def fails(*_: object) -> int:
        line.session.writer.rollback()
        raise StoreError("the store failed", "db", "disk is full")

    monkeypatch.setattr(line.session.writer, "commit", fails)

    async def run() -> None:
        await line.take(draft(1, now))
        await asyncio.sleep(0)
        with pytest.raises(StoreError, match="disk is full"):
            await line.take(draft(2, now))

    asyncio.run(run())
    assert stored(store) == 0
    assert any("disk is full" in each for each in line.session.failures)
    line.session.close(keep=False)


def test_what_is_worked_out_before_the_turn_is_what_the_steps_would_find(
    store: Store, now: datetime
) -> None:
    from aggregator.store.writer import Writer

    found = []
    for number, foresee in enumerate((False, True)):
        normal, _ = ingest.clean(draft(1, now, url=f"https://alwafd.news/{number}"))
        assert normal is not None
        with Writer(store) as writer:
            if foresee:
                normal = ingest.foreseen(normal)
            done = ingest.ingest(normal, writer)
            assert done.pk is not None
            record = articles.get(writer.connection, [done.pk])[done.pk].record
            found.append((done.keywords, record.keywords, done.placement))
            writer.rollback()
    assert found[0][:2] == found[1][:2]
    assert found[0][2] is not None
    assert found[0][2].entry.print == found[1][2].entry.print
