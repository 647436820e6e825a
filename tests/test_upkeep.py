"""Retention happens by itself, once a day, in steps; what was purged never comes back."""

import json
from dataclasses import replace
from datetime import timedelta

import pytest
from lxml import etree

from aggregator import alerts
from aggregator.config import Config
from aggregator.crawl import upkeep as keeping
from aggregator.crawl.session import Session
from aggregator.store import reading, retention
from aggregator.store.checks import problems
from aggregator.store.engine import Store
from tests.crawl_support import reply, serve
from tests.crawling import NOW, crawl, log, records
from tests.fakes import Answer, FakeSite, Story, paragraphs, publish, source

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


def test_every_limit_of_the_configuration_counts(
    site: FakeSite, store: Store, config: Config
) -> None:
    publish(site, STORIES)
    crawl(config, store, [source(site)])
    size = max(len(record.html) for record in records(store)) / 1e6
    later = NOW + timedelta(days=3)
    for kept, stay in (
        (replace(config, keep_megabytes=100.0), 4),
        (replace(config, keep_megabytes=size), 0),
    ):
        (config.data / "upkeep").unlink(missing_ok=True)
        session = Session(config=kept, sources={}, store=store, now=lambda: later)
        keeping.upkeep(session)
        session.close()
        assert len(records(store)) == stay


def _size(store: Store, config: Config) -> int:
    with store.engine.connect() as connection:
        connection.exec_driver_sql("PRAGMA wal_checkpoint(TRUNCATE)")
    return (config.data / "aggregator.db").stat().st_size


def test_size_is_a_limit_and_space_goes_back_while_others_read(
    site: FakeSite, config: Config
) -> None:
    store = Store.open(config.database_url)
    many = [
        Story(n, f"عنوان الخبر رقم {n} في نشرة اليوم", f"/news/{7_300_000 + n}", guid=f"m{n}",
              published=NOW - timedelta(minutes=n), text=paragraphs(n) * 30)
        for n in range(1, 31)
    ]  # fmt: skip
    publish(site, many)
    crawl(config, store, [source(site)])
    count = len(records(store))
    size = _size(store, config)
    with store.read() as reader:
        before = reading.last_seq(reader)
        purged = retention.prune(store, retention.Limits(megabytes=0.5), NOW)
        assert reading.last_seq(reader) == before  # a reader keeps the state it began with
    assert 0 < len(records(store)) == count - purged < count
    assert _size(store, config) < size
    assert list(problems(store)) == []
    store.close()


def test_people_are_told_once_and_once_again_when_it_is_well(
    site: FakeSite, store: Store, config: Config
) -> None:
    patient = replace(config, alert_failures=3, alert_after_s=3600.0)
    publish(site, STORIES)
    feed = site.pages["/feed"]
    for hours, answer in enumerate((feed, *[Answer(b"", 404)] * 6, feed, feed)):
        site.pages["/feed"] = answer
        crawl(patient, store, [source(site)], now=NOW + timedelta(hours=hours))
    kept = (config.data / "alerts.jsonl").read_bytes().splitlines()
    told = [alerts.load(json.loads(line)) for line in kept]
    assert [(each.event, each.at) for each in told] == [
        ("trouble", NOW + timedelta(hours=3)),  # the third failure, two hours after the first
        ("recovered", NOW + timedelta(hours=7)),
    ]
    document = etree.fromstring((config.data / "alerts.atom").read_bytes())
    assert len(document.findall("{http://www.w3.org/2005/Atom}entry")) == 2
    assert len(records(store)) == len(STORIES)  # alerts are no items


def test_an_alert_that_is_not_taken_is_sent_again_until_it_is(
    site: FakeSite, store: Store, config: Config
) -> None:
    publish(site, STORIES)
    feed = site.pages["/feed"]
    crawl(config, store, [source(site)], now=NOW)
    site.pages["/feed"] = Answer(b"", 404)
    owed = config.data / "alerts.owed.jsonl"
    with serve({"/hook": reply(status=500)}) as receiver:
        patient = replace(
            config,
            alert_failures=1,
            alert_after_s=0.0,
            alert_webhook=receiver.url + "/hook",
            alert_mail="me@a.test",
            smtp="smtp://127.0.0.1:1",
        )
        crawl(patient, store, [source(site)], now=NOW + timedelta(hours=1))
        assert len(owed.read_bytes().splitlines()) == 2
        receiver.pages["/hook"] = reply(b"")
        crawl(patient, store, [source(site)], now=NOW + timedelta(hours=1, seconds=20))
        assert len(receiver.asked) == 1  # too early
        crawl(patient, store, [source(site)], now=NOW + timedelta(hours=2))
        site.pages["/feed"] = feed
        crawl(patient, store, [source(site)], now=NOW + timedelta(hours=9))
        bodies = [json.loads(each.headers[":body"].encode("latin-1")) for each in receiver.asked]
    assert [each["event"] for each in bodies] == ["trouble", "trouble", "recovered"]
    assert bodies[0] == bodies[1]  # the same, sent again
    assert {json.loads(line)["channel"] for line in owed.read_bytes().splitlines()} == {"mail"}
    crawl(patient, store, [source(site)], now=NOW + timedelta(days=9))
    assert not owed.exists()  # given up, and said so
