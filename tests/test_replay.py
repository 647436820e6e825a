"""Stored pages extracted again: history kept, stops resumed, work done by others."""

import json
import os
import subprocess
import sys
from concurrent.futures import Executor, Future
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
import yaml

from aggregator import replaying
from aggregator.archive import Archive, records
from aggregator.bookmark import Bookmark
from aggregator.cluster import executors
from aggregator.config import Config
from aggregator.store.engine import Store
from aggregator.store.writer import Writer
from aggregator.types import Page, Record, Source
from tests import crawling, fakes
from tests.crawling import NOW, crawl
from tests.fakes import FakeSite, Story, publish, source

STORIES = [
    Story(number, f"عنوان الخبر رقم {number} من الميناء", f"/{number}") for number in range(6)
]
LATER = NOW + timedelta(days=1)


def replay(store: Store, folder: Path, *sources: Source, **more: Any) -> dict[str, int]:
    with Writer(store) as writer:
        known = {each.id: each for each in sources}
        done = replaying.replay([folder], writer, known, LATER, **more)
        return dict(replaying.tally(done))


def kept(config: Config) -> Path:
    return config.data / "archive"


def test_a_replay_without_a_new_rule_changes_nothing(
    store: Store, config: Config, site: FakeSite
) -> None:
    publish(site, STORIES)
    crawl(config, store, [source(site, archive=True)])
    before = crawling.log(store)
    assert replay(store, kept(config), source(site)) == {"unchanged": 6}
    assert crawling.log(store) == before


def test_a_new_rule_reaches_the_stored_pages_of_its_source(
    store: Store, config: Config, site: FakeSite
) -> None:
    publish(site, STORIES)
    crawl(config, store, [source(site, archive=True)])
    ruled = source(site, selectors={"body": ("article h1 + p",)})
    assert replay(store, kept(config), ruled, dry_run=True) == {"edited": 6}
    assert {record.version for record in crawling.records(store)} == {1}
    assert replay(store, kept(config), ruled, only="another") == {}
    assert replay(store, kept(config), ruled) == {"edited": 6}
    assert {record.version for record in crawling.records(store)} == {2}
    assert replay(store, kept(config), ruled) == {"unchanged": 6}


def test_history_is_not_turned_back(store: Store, config: Config, site: FakeSite) -> None:
    first, others = STORIES[0], STORIES[1:]
    publish(site, STORIES)
    crawl(config, store, [source(site, archive=True)])
    edited = replace(first, title="عنوان جديد بعد ساعة", text=(*first.text, "وأضاف المدير شيئا."))
    publish(site, [edited, *others[1:]])
    site.pages[others[0].path] = fakes.Answer(b"gone", 410)
    crawl(config, store, [source(site, archive=True)], now=NOW + timedelta(hours=30))
    crawl(config, store, [source(site, archive=True)], now=NOW + timedelta(hours=60))
    before = crawling.records(store)
    found = replay(store, kept(config), source(site))
    assert found["older"] >= 1
    assert set(found) <= {"older", "unchanged"}
    assert crawling.records(store) == before


def test_an_empty_store_is_filled_with_history_in_order(tmp_path: Path, site: FakeSite) -> None:
    older = fakes.page(site.url, STORIES[0])
    newer = fakes.page(site.url, replace(STORIES[0], title="عنوان جديد بعد ساعة"))
    with Archive(tmp_path / "a") as archive:
        for hours, body in ((0, older), (5, newer)):
            page = Page(url=f"{site.url}/0", body=body.encode(), status=200)
            archive.write(page, "akhbar", NOW + timedelta(hours=hours))
    store = Store.open(f"sqlite:///{tmp_path / 'new.db'}")
    assert replay(store, tmp_path / "a", source(site)) == {"new": 1, "edited": 1}
    [record] = crawling.records(store)
    assert (record.version, record.first_seen) == (2, NOW)
    assert record.title == "عنوان جديد بعد ساعة"
    store.close()


def test_what_is_stored_is_the_same_wherever_pages_are_extracted(
    tmp_path: Path, config: Config, store: Store, site: FakeSite
) -> None:
    publish(site, STORIES)
    crawl(config, store, [source(site, archive=True)])
    known = crawling.records(store)
    with executors.processes(2) as (pool, width):
        other = Store.open(f"sqlite:///{tmp_path / 'other.db'}")
        found = replay(other, kept(config), source(site), executor=pool, width=width)
        assert found == {"new": 6}
        # in whatever order: commits of a crawl follow the clock, and with them the log
        assert {each.url: _told(each) for each in crawling.records(other)} == {
            each.url: _told(each) for each in known
        }
        other.close()


def _told(record: Record) -> tuple[object, ...]:
    return record.title, record.paragraphs, record.published, record.authors, record.language


class _Broken(Executor):
    """Loses its workers: each work ends as a pool's does whose process was killed."""

    def submit(self, *_: Any, **__: Any) -> "Future[Any]":
        future: Future[Any] = Future()
        future.set_exception(RuntimeError("a worker died"))
        return future


def test_pages_of_a_dead_worker_are_named(store: Store, config: Config, site: FakeSite) -> None:
    publish(site, STORIES)
    crawl(config, store, [source(site, archive=True)])
    found = replay(store, kept(config), source(site), executor=_Broken())
    assert found == {"failed": 6}
    assert len(crawling.records(store)) == 6


def test_a_mark_is_kept_for_this_work_only(tmp_path: Path) -> None:
    with Archive(tmp_path / "a") as archive:
        page = Page(url="http://a.test/1", body=b"<p>1", status=200)
        position = archive.write(page, "akhbar", NOW)
    mark = Bookmark(tmp_path, [tmp_path / "a"], "akhbar")
    assert mark.read() == (None, 0)
    mark.write(position, 7)
    assert Bookmark(tmp_path, [tmp_path / "a"], "akhbar").read() == (position, 7)
    assert Bookmark(tmp_path, [tmp_path / "a"], "other").read() == (None, 0)
    assert list(records([tmp_path / "a"], after=position)) == []
    next((tmp_path / "replays").iterdir()).write_bytes(b"{")
    assert mark.read() == (None, 0)
    mark.remove()
    mark.remove()


# ------------------------------------------------------------------ the command


@pytest.fixture
def archived(tmp_path: Path) -> tuple[Path, dict[str, str]]:
    """A folder of 110 archived pages, and the environment to replay them in."""
    with Archive(tmp_path / "pages") as archive:
        for number in range(110):
            story = Story(number, f"عنوان الخبر رقم {number} من الميناء", f"/{number}")
            body = fakes.page("http://a.test", story).encode()
            archive.write(Page(url=f"http://a.test/{number}", body=body), "akhbar", NOW)
    about = {
        "id": "akhbar", "name": "أخبار", "homepage": "http://a.test/", "country": "EG",
        "language": "ar", "seeds": [{"kind": "feed", "url": "http://a.test/rss"}],
    }  # fmt: skip
    (tmp_path / "sources").mkdir()
    path = tmp_path / "sources" / "akhbar.yaml"
    path.write_text(yaml.safe_dump(about, allow_unicode=True), encoding="utf-8")
    env = {name: value for name, value in os.environ.items() if "AGGREGATOR" not in name}
    env |= {
        "AGGREGATOR_DATA": str(tmp_path / "data"),
        "AGGREGATOR_SOURCES": str(tmp_path / "sources"),
    }
    return tmp_path, env


def run(env: dict[str, str], *words: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "aggregator", *words],
        env=env, text=True, capture_output=True, check=False, timeout=300,
    )  # fmt: skip


def test_a_killed_replay_goes_on_where_it_stopped(archived: tuple[Path, dict[str, str]]) -> None:
    folder, env = archived
    words = [sys.executable, "-m", "aggregator", "replay", str(folder / "pages"), "--workers", "0"]
    process = subprocess.Popen(words, env=env, stdout=subprocess.PIPE, text=True)
    assert process.stdout
    for _ in range(60):  # more than a batch
        assert process.stdout.readline().startswith("new ")
    process.kill()
    process.communicate()
    done = len(run(env, "export", "jsonl").stdout.splitlines())
    assert 50 <= done < 110
    again = run(env, "replay", str(folder / "pages"), "--resume", "--workers", "2")
    assert again.returncode == 0, again.stderr
    assert again.stdout.count("new ") == 110 - done
    lines = run(env, "export", "jsonl", "--since", "0").stdout.splitlines()
    told = [json.loads(line) for line in lines]
    assert [each["seq"] for each in told] == list(range(1, len(told) + 1))
    assert sum(each["event"] == "new" for each in told) == 110
    assert not list((folder / "data" / "replays").iterdir())


def test_a_cluster_extracts_too_and_its_absence_is_one_line(
    archived: tuple[Path, dict[str, str]],
) -> None:
    from distributed import LocalCluster

    folder, env = archived
    options = {"n_workers": 2, "threads_per_worker": 1, "dashboard_address": "127.0.0.1:0"}
    with LocalCluster(**options, host="127.0.0.1", silence_logs=50) as cluster:
        address = cluster.scheduler_address
        done = run(env, "replay", str(folder / "pages"), "--dask", address)
    assert (done.returncode, done.stdout.count("new ")) == (0, 110), done.stderr
    lost = run(env, "replay", str(folder / "pages"), "--dask", address)
    assert lost.returncode == 1
    assert lost.stderr.splitlines()[-1].startswith("aggregator: scheduler cannot be reached: ")


# ------------------------------------------------------------------ articles of several pages


def with_two_pages(site: FakeSite) -> tuple[str, ...]:
    """Publish one story on two pages; return its whole text."""
    story = replace(STORIES[0], path="/news/7200001")
    publish(site, [story])
    first, second = fakes.paragraphs(0), fakes.paragraphs(3)
    path = f"{story.path}?page=2"
    link = f'<a href="{path}">التالي</a></main>'
    site.pages[story.path] = fakes.page(site.url, story).replace("</main>", link)
    site.pages[path] = fakes.page(site.url, replace(story, text=second))
    return (*first, *second)


def test_the_pages_of_an_article_are_joined_again(
    store: Store, config: Config, site: FakeSite
) -> None:
    whole = with_two_pages(site)
    crawl(config, store, [source(site, archive=True)])
    assert replay(store, kept(config), source(site)) == {"unchanged": 2}
    (record,) = crawling.records(store)
    assert record.paragraphs == whole


@pytest.mark.parametrize("kept_page", [0, 1])
def test_a_single_page_does_not_take_the_place_of_the_whole(
    store: Store, config: Config, site: FakeSite, tmp_path: Path, kept_page: int
) -> None:
    whole = with_two_pages(site)
    crawl(config, store, [source(site, archive=True)])
    stored = list(records([kept(config)]))[kept_page]
    archive = Archive(tmp_path / "half")
    archive.write(stored.page, "akhbar", NOW)
    archive.close()
    assert replay(store, tmp_path / "half", source(site)) == {"refused": 1}
    (record,) = crawling.records(store)
    assert record.paragraphs == whole
