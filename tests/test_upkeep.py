"""Retention happens by itself, once a day, in steps; what was purged never comes back."""

from dataclasses import replace
from datetime import timedelta

import pytest

from aggregator.config import Config
from aggregator.crawl import upkeep as keeping
from aggregator.crawl.session import Session
from aggregator.store import retention
from aggregator.store.checks import problems
from aggregator.store.engine import Store
from tests.crawling import NOW, crawl, log, records
from tests.fakes import FakeSite, Story, publish, source

STORIES = [
    Story(n, f"عنوان الخبر {word} في نشرة اليوم", f"/news/{7_200_000 + n}", guid=f"g{n}",
          published=NOW - timedelta(hours=n))
    for n, word in enumerate(("الأول", "الثاني", "الثالث", "الرابع"), start=1)
]  # fmt: skip


def test_retention_runs_once_a_day_and_in_steps(
    site: FakeSite, store: Store, config: Config, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(retention, "BATCH", 1)
    monkeypatch.setattr(keeping, "BATCHES", 2)
    publish(site, STORIES)
    crawl(config, store, [source(site)])
    kept = replace(config, keep_articles=1)
    clock = [NOW]
    session = Session(config=kept, sources={}, store=store, now=lambda: clock[0])
    purged = [keeping.upkeep(session) for _ in range(3)]
    assert purged == [2, 1, 0]
    assert len(records(store)) == 1
    publish(site, [*STORIES, replace(STORIES[0], number=9, path="/news/7200009", guid="g9")])
    session.close()
    crawl(config, store, [source(site)], now=NOW + timedelta(hours=1))
    assert len(records(store)) == 2  # the new one; what was purged stays away
    session = Session(config=kept, sources={}, store=store, now=lambda: clock[0])
    clock[0] = NOW + timedelta(hours=23)
    assert keeping.upkeep(session) == 0
    clock[0] = NOW + timedelta(hours=25)
    assert keeping.upkeep(session) == 1
    clock[0] = NOW - timedelta(days=1)  # a clock that was set back stops nothing for good
    assert keeping.upkeep(session) == 0
    session.close()
    told = [change for change in log(store) if change.event == "deleted"]
    assert len({change.id for change in told}) == 4
    assert told[-1].reason == "retention"
    assert list(problems(store)) == []
