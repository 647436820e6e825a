"""Processes that are asked to end, at whatever moment, and the lock that two of them want."""

import asyncio
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from functools import partial
from pathlib import Path

import pytest
import yaml

from aggregator.crawl.lock import hold
from aggregator.store.checks import problems
from aggregator.store.engine import Store
from tests.crawl_support import Site, reply, serve
from tests.fakes import Story, feed, paragraphs
from tests.fakes import page as page_of

ROOT = Path(__file__).parent.parent
STORIES = {
    number: Story(
        number,
        f"عنوان الخبر رقم {number} في نشرة اليوم",
        f"/news/{number}",
        guid=f"g{number}",
        published=datetime.now(UTC) - timedelta(hours=1),
        text=paragraphs(number),
    )
    for number in (1, 2)
}
#: Longest that a process may take to end; the contract's ten seconds and what a busy machine adds.
PATIENCE_S = 30


class Place:
    """A data folder with one source, and the processes that work on it."""

    def __init__(self, folder: Path, url: str) -> None:
        self.folder = folder
        self.started: list[subprocess.Popen[str]] = []
        (folder / "sources").mkdir()
        self.write_source("one", url)
        self.env = {
            **{name: value for name, value in os.environ.items() if "AGGREGATOR" not in name},
            "AGGREGATOR_DATA": str(folder / "data"),
            "AGGREGATOR_SOURCES": str(folder / "sources"),
            "AGGREGATOR_ALLOW_NETWORKS": "127.0.0.0/8",
            "AGGREGATOR_DELAY_S": "0",
        }

    def write_source(self, name: str, url: str) -> None:
        about = {"id": name, "name": name, "homepage": f"{url}/", "country": "EG"}
        about |= {"language": "ar", "seeds": [{"kind": "feed", "url": f"{url}/{name}"}]}
        path = self.folder / "sources" / f"{name}.yaml"
        path.write_text(yaml.safe_dump(about), encoding="utf-8")

    def start(self, *words: str) -> "subprocess.Popen[str]":
        process = subprocess.Popen(
            [sys.executable, "-m", "aggregator", *words],
            env=self.env, cwd=ROOT, text=True, stdout=subprocess.PIPE, stderr=subprocess.PIPE,
        )  # fmt: skip
        self.started.append(process)
        return process

    def run(self, *words: str) -> "subprocess.CompletedProcess[str]":
        process = self.start(*words)
        out, err = process.communicate(timeout=120)
        return subprocess.CompletedProcess(words, process.returncode, out, err)

    def is_whole(self) -> bool:
        """Whether the store is well and nobody holds it any more."""
        path = self.folder / "data" / "aggregator.db"
        store = Store.open(f"sqlite:///{path}")
        try:
            with hold(store, self.folder / "data"):
                return list(problems(store)) == []
        finally:
            store.close()


async def _never(_reader: object, _writer: object) -> None:
    await asyncio.sleep(3600)


@pytest.fixture
def site() -> Iterator[Site]:
    """A site whose feed ``/one`` names one page, which never answers."""
    with serve({"/news/1": _never}) as served:
        served.pages["/one"] = reply(feed(served.url, [STORIES[1]]).encode())
        yield served


@pytest.fixture
def place(tmp_path: Path, site: Site) -> Iterator[Place]:
    """A data folder with that site as its source."""
    found = Place(tmp_path, site.url)
    yield found
    for process in found.started:
        if process.poll() is None:
            process.kill()
            process.communicate()


def _hears(process: "subprocess.Popen[str]", number: signal.Signals) -> bool:
    """Whether a process has taken over a signal; before its first line of ours runs, none has."""
    status = Path(f"/proc/{process.pid}/status").read_text(encoding="ascii")
    caught = next(line for line in status.splitlines() if line.startswith("SigCgt"))
    return bool(int(caught.split()[1], 16) >> (number - 1) & 1)


def _until(is_so: Callable[[], object], seconds: float = 60) -> bool:
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        if is_so():
            return True
        time.sleep(0.02)
    return False


# ------------------------------------------------------------------ ending


@pytest.mark.parametrize(
    ("command", "number", "delays"),
    [
        ("crawl", signal.SIGTERM, (0.0, 0.2, 0.7)),
        ("run", signal.SIGTERM, (0.0, 0.4, 1.0, 2.0)),
        ("run", signal.SIGINT, (0.1,)),
    ],
)
def test_asked_to_end_at_any_moment_it_ends_cleanly(
    place: Place, command: str, number: signal.Signals, delays: tuple[float, ...]
) -> None:
    for after_s in delays:
        process = place.start(command)
        # SIGTERM is taken over by us alone; SIGINT is Python's from the beginning.
        assert _until(partial(_hears, process, signal.SIGTERM))
        time.sleep(after_s)
        process.send_signal(number)
        _, said = process.communicate(timeout=PATIENCE_S)
        assert process.returncode == 0, (after_s, said)
        assert "Traceback" not in said
        assert "did not end by itself" not in said
    assert place.is_whole()


def test_a_page_that_hangs_is_owed_to_the_next_run(place: Place, site: Site) -> None:
    process = place.start("crawl")
    assert _until(lambda: "/news/1" in site.paths())
    process.terminate()
    _, said = process.communicate(timeout=PATIENCE_S)
    assert (process.returncode, said) == (0, "")
    site.pages["/news/1"] = reply(page_of(site.url, STORIES[1]).encode())
    assert place.run("crawl").returncode == 0
    assert place.run("export", "jsonl").stdout.count("\n") == 1
    assert place.is_whole()


# ------------------------------------------------------------------ the lock


def test_one_works_and_the_others_leave_naming_it(place: Place, site: Site) -> None:
    service = place.start("run")
    assert _until(lambda: "/news/1" in site.paths())
    others = [place.start("crawl"), place.start("crawl"), place.start("run")]
    for each in others:
        _, said = each.communicate(timeout=PATIENCE_S)
        assert each.returncode == 75
        assert f"process {service.pid}" in said
        assert said.count("\n") == 1
    assert service.poll() is None
    assert site.paths().count("/one") == 1
    assert site.paths().count("/news/1") == 1


def test_a_dead_holders_lock_is_taken_over(place: Place, site: Site) -> None:
    holder = place.start("run")
    assert _until(lambda: "/news/1" in site.paths())
    holder.kill()
    holder.communicate()
    assert str(holder.pid) in (place.folder / "data" / "aggregator.db.lock").read_text()
    site.pages["/news/1"] = reply(page_of(site.url, STORIES[1]).encode())
    assert place.run("crawl").returncode == 0
    assert place.run("export", "jsonl").stdout.count("\n") == 1
    assert place.is_whole()


# ------------------------------------------------------------------ SIGHUP


def test_the_service_reads_its_sources_anew_and_keeps_the_old_where_one_is_damaged(
    place: Place, site: Site
) -> None:
    site.pages["/news/1"] = reply(page_of(site.url, STORIES[1]).encode())
    site.pages["/news/2"] = reply(page_of(site.url, STORIES[2]).encode())
    site.pages["/two"] = reply(feed(site.url, [STORIES[2]]).encode())
    service = place.start("run")
    assert _until(lambda: "/news/1" in site.paths())
    damaged = place.folder / "sources" / "bad.yaml"
    damaged.write_text("id: [", encoding="utf-8")
    service.send_signal(signal.SIGHUP)
    assert service.stderr is not None
    assert any("sources not read anew" in line for line in service.stderr)  # until it says so
    assert service.poll() is None
    damaged.unlink()
    place.write_source("two", site.url)
    service.send_signal(signal.SIGHUP)
    assert _until(lambda: "/news/2" in site.paths())
    service.terminate()
    _, said = service.communicate(timeout=PATIENCE_S)
    assert service.returncode == 0, said
