"""Crawls on many processes: batches, leases, kills of a worker and the scheduler, bad input."""

import contextlib
import os
import pickle
import signal
import subprocess
import sys
import threading
import time
import uuid
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import psutil
import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import create_engine, text
from sqlalchemy.pool import NullPool

from aggregator.cluster import places, worker
from aggregator.cluster.batches import hosts_of, part, size_for
from aggregator.cluster.holding import Holding
from aggregator.cluster.worker import Job, crawl_batch
from aggregator.config import Config
from aggregator.errors import ClusterError
from aggregator.store import leases
from aggregator.store.checks import problems
from aggregator.store.engine import Store
from aggregator.types import Seed, Source
from tests import crawling
from tests.conftest import SERVER, needs_server
from tests.crawl_support import free_port
from tests.fakes import FakeSite, Story, feed, publish, source
from tests.test_miniweb import ROOT, Miniweb, served

# ------------------------------------------------------------------ batches


def test_sources_of_one_host_are_in_one_batch_in_order_of_need() -> None:
    hosts = {
        "a": frozenset({"a.example"}),
        "b": frozenset({"b.example", "shared.example"}),
        "c": frozenset({"c.example"}),
        "d": frozenset({"shared.example"}),
        "e": frozenset({"e.example"}),
    }
    batches = part(hosts, 2)
    assert [batch.ids for batch in batches] == [("a",), ("b", "d"), ("c", "e")]
    assert batches[1].hosts == {"b.example", "shared.example"}


NAMES = st.sampled_from([f"h{number}" for number in range(12)])


@given(
    st.dictionaries(
        st.text("abcdef", min_size=1, max_size=3), st.frozensets(NAMES, max_size=3), max_size=20
    ),
    st.integers(1, 6),
)
def test_batches_hold_each_source_once_and_share_no_host(
    hosts: dict[str, frozenset[str]], size: int
) -> None:
    batches = part(hosts, size)
    assert sorted(name for batch in batches for name in batch.ids) == sorted(hosts)
    seen: set[str] = set()
    for batch in batches:
        assert not seen & batch.hosts
        assert batch.hosts == frozenset().union(*(hosts[name] for name in batch.ids))
        seen |= batch.hosts


def test_hosts_of_a_source_are_those_of_its_seeds_home_and_moved_seeds() -> None:
    made = Source(
        id="one",
        name="واحد",
        homepage="https://WWW.one.example/",
        country="EG",
        language="ar",
        seeds=(
            Seed(kind="feed", url="https://feeds.one.example/all"),
            Seed(kind="feed", url="https://off.example/", enabled=False),
        ),
    )
    found = hosts_of(made, ["https://new.example:8443/feed"])
    assert found == {"www.one.example", "feeds.one.example", "new.example"}


def test_batches_are_small_enough_for_all_workers() -> None:
    assert size_for(20, 3) == 3
    assert size_for(0, 3) == 1
    assert size_for(100_000, 4) == 25


# ------------------------------------------------------------------ what is refused


def run_program(*words: str, **env: str) -> subprocess.CompletedProcess[str]:
    given = {name: value for name, value in os.environ.items() if "AGGREGATOR" not in name}
    return subprocess.run(
        [sys.executable, "-m", "aggregator", *words],
        env=given | env, cwd=ROOT, text=True, capture_output=True, timeout=60, check=False,
    )  # fmt: skip


def test_sqlite_is_refused_for_a_cluster(tmp_path: Path) -> None:
    done = run_program("run", "--workers", "2", AGGREGATOR_DATA=str(tmp_path))
    assert done.returncode == 2
    last = done.stderr.splitlines()[-1]
    assert last.startswith("aggregator: a cluster needs PostgreSQL: AGGREGATOR_DATABASE: ")
    assert "Traceback" not in done.stderr


# ------------------------------------------------------------------ with PostgreSQL


@pytest.fixture
def server(tmp_path: Path) -> Iterator[str]:
    """The address of an empty PostgreSQL database."""
    if not SERVER:
        pytest.skip("needs PostgreSQL: run by .ci/with-postgres make test")
    name = f"t{uuid.uuid4().hex}"
    engine = create_engine(SERVER, poolclass=NullPool)
    with engine.begin() as connection:
        connection.execute(text(f"CREATE SCHEMA {name}"))
    yield f"{SERVER}?options=-csearch_path%3D{name}"
    with engine.begin() as connection:
        connection.execute(text(f"DROP SCHEMA {name} CASCADE"))


@pytest.fixture
def shared(server: str) -> Iterator[Store]:
    """A store on PostgreSQL."""
    opened = Store.open(server)
    yield opened
    opened.close()


def test_a_host_has_one_owner_until_the_lease_ends(shared: Store) -> None:
    with shared.write() as connection:
        assert leases.acquire(connection, ["a", "b"], "one", 0.4) == {"a", "b"}
        assert leases.acquire(connection, ["a", "b", "c"], "two", 60) == {"c"}
        assert leases.acquire(connection, ["a"], "one", 0.4) == {"a"}
        assert leases.live(connection) == {"a": "one", "b": "one", "c": "two"}
    time.sleep(0.5)
    with shared.write() as connection:
        assert leases.renew(connection, "one", 60) == frozenset()  # too late
        assert leases.acquire(connection, ["a"], "two", 60) == {"a"}
        leases.release(connection, "one", {"a": 0})  # not its own any more
        assert leases.live(connection) == {"a": "two", "c": "two"}
        leases.release(connection, "two", {"a": 60, "c": 0})
        assert leases.live(connection) == {"a": "two"}  # the host rests
        assert leases.forget(connection, -1) >= 1


def test_leases_are_renewed_while_held_and_given_back(shared: Store) -> None:
    with Holding(shared, "one", 0.8) as holding:
        assert holding.take(["a", "b"]) == {"a", "b"}
        time.sleep(1.6)
        assert not holding.over()
        with shared.write() as connection:
            assert leases.acquire(connection, ["a"], "two", 1) == frozenset()
            assert leases.acquire(connection, ["z"], "two", 5) == {"z"}
        assert holding.may_ask("a")
        assert holding.may_ask("new")
        assert not holding.may_ask("z")
    with shared.write() as connection:
        assert leases.acquire(connection, ["a", "b", "new"], "two", 1) == {"a", "b", "new"}


def test_a_lost_lease_ends_everything_that_is_asked(shared: Store) -> None:
    with Holding(shared, "one", 0.8) as holding:
        holding.take(["a"])
        with shared.write() as connection:
            connection.execute(text("UPDATE leases SET owner = 'two'"))
        time.sleep(0.6)
        assert holding.over()
        assert not holding.may_ask("a")


def job(config: Config, database: str, *sources: Source, **more: Any) -> Job:
    values: dict[str, Any] = {
        "program": worker.program(),
        "run": uuid.uuid4().hex,
        "config": replace(config, database=database, lease_s=5.0),
        "sources": sources,
        "hosts": {each.id: hosts_of(each) for each in sources},
    }
    return Job(**{**values, **more})


STORIES = [
    Story(number, f"عنوان الخبر رقم {number} من الميناء", f"/{number}") for number in range(6)
]


def test_a_batch_is_crawled_and_its_hosts_are_free_again(
    server: str, shared: Store, config: Config, site: FakeSite
) -> None:
    publish(site, STORIES)
    result = crawl_batch(job(config, server, source(site)))
    assert (result.done, result.held, result.error) == (("akhbar",), (), None)
    assert result.tally["akhbar"]["new"] == 6
    assert len(crawling.records(shared)) == 6
    with shared.read() as connection:
        assert leases.live(connection) == {}


def test_a_host_that_another_worker_holds_is_left_alone(
    server: str, shared: Store, config: Config, site: FakeSite
) -> None:
    publish(site, STORIES)
    with shared.write() as connection:
        leases.acquire(connection, ["127.0.0.1"], "another", 60)
    result = crawl_batch(job(config, server, source(site)))
    assert (result.done, result.held, result.error) == ((), ("akhbar",), None)
    assert site.asked == []


def test_pages_on_a_host_that_another_worker_holds_wait_in_the_queue(
    server: str, shared: Store, config: Config, site: FakeSite
) -> None:
    publish(site, STORIES)
    with FakeSite("127.0.0.2") as other:
        publish(other, [Story(9, "خبر في مكان آخر تماما", "/9")])
        away = Story(9, "خبر في مكان آخر تماما", "/9", link=f"{other.url}/9")
        page = site.pages["/0"]
        publish(site, [away, STORIES[0]])
        site.pages["/0"] = page
        with shared.write() as connection:
            leases.acquire(connection, ["127.0.0.2"], "another", 60)
        crawl_batch(job(config, server, source(site)))
        assert other.asked == []
        assert len(crawling.records(shared)) == 1
        with shared.write() as connection:
            connection.execute(text("DELETE FROM leases"))
        crawl_batch(job(config, server, source(site)))
        assert len(crawling.records(shared)) == 2


def test_a_batch_in_the_way_of_another_transaction_is_run_again(
    server: str, shared: Store, config: Config, site: FakeSite
) -> None:
    publish(site, STORIES)
    impatient = server + "%20-clock_timeout%3D300ms"
    with shared.engine.connect() as holder:
        holder.execute(text("SELECT pg_advisory_xact_lock(1634166642, hashtext(current_schema()))"))
        release = threading.Timer(1.2, holder.rollback)
        release.start()
        result = crawl_batch(job(config, impatient, source(site)))
        release.join()
    assert (result.done, result.error) == (("akhbar",), None)
    assert len(crawling.records(shared)) == 6
    assert list(problems(shared)) == []


def whole_feed(base: str) -> bytes:
    """A feed with the whole texts of articles that live elsewhere."""
    text_of = feed("http://news.example", STORIES)
    for story in STORIES:
        whole = "".join(f"&lt;p&gt;{words}&lt;/p&gt;" for words in story.text)
        link = f"<link>http://news.example{story.path}</link>"
        text_of = text_of.replace(link, f"{link}<content:encoded>{whole}</content:encoded>")
    name = 'xmlns:content="http://purl.org/rss/1.0/modules/content/"'
    return text_of.replace("<rss ", f"<rss {name} ").replace("صحيفة", base).encode()


def test_workers_that_meet_one_article_at_once_store_it_once(
    server: str, shared: Store, config: Config
) -> None:
    with contextlib.ExitStack() as stack:
        sites = [stack.enter_context(FakeSite(f"127.0.0.{number}")) for number in (2, 3, 4)]
        processes = []
        for site in sites:
            site.pages["/feed"] = whole_feed(site.url)
            name = "s" + site.url.rpartition(".")[2].replace(":", "-")
            each = job(config, server, source(site, name, full_text="feed"))
            process = subprocess.Popen(
                [sys.executable, "-c", RUN_JOB], cwd=ROOT, stdin=subprocess.PIPE
            )
            processes.append(process)
            assert process.stdin
            process.stdin.write(pickle.dumps(each))
            process.stdin.close()
        assert [process.wait(60) for process in processes] == [0, 0, 0]
    found = crawling.records(shared)
    assert len({record.url for record in found}) == len(found) == 6
    assert list(problems(shared)) == []


RUN_JOB = """
import pickle, sys
from aggregator.cluster.worker import crawl_batch
result = crawl_batch(pickle.load(sys.stdin.buffer))
sys.exit(0 if result.error is None else result.error)
"""


def test_another_version_and_a_lost_database_are_said_in_one_line(
    server: str, config: Config, site: FakeSite
) -> None:
    other = crawl_batch(job(config, server, source(site), program="0.0.1 (store 0000)"))
    assert other.kind == "program"
    assert "another version of the program: scheduler 0.0.1" in str(other.error)
    gone = f"postgresql+psycopg://aggregator@127.0.0.1:{free_port()}/postgres"
    lost = crawl_batch(job(config, gone, source(site)))
    assert lost.kind == "store"
    assert str(lost.error).startswith("the store failed: ")
    assert "\n" not in str(lost.error)


@needs_server
def test_a_scheduler_that_is_not_there_is_one_line(server: str, tmp_path: Path) -> None:
    address = f"tcp://127.0.0.1:{free_port()}"
    env = {"AGGREGATOR_DATABASE": server, "AGGREGATOR_DATA": str(tmp_path)}
    done = run_program("run", "--dask", address, **env)
    assert done.returncode == 1
    assert done.stderr.splitlines()[-1].startswith(
        f"aggregator: scheduler cannot be reached: {address}: "
    )
    assert "Traceback" not in done.stderr


# ------------------------------------------------------------------ kills


@contextlib.contextmanager
def running(web: Miniweb, log: Path) -> Iterator["subprocess.Popen[bytes]"]:
    with log.open("ab") as stderr:
        words = [sys.executable, "-m", "aggregator", "run", "--workers", "3"]
        process = subprocess.Popen(words, env=web.env, cwd=ROOT, stderr=stderr)
    try:
        yield process
    finally:
        for child in _children(process.pid):
            with contextlib.suppress(psutil.NoSuchProcess):
                child.kill()
        process.kill()
        process.wait()


def _children(pid: int) -> list[psutil.Process]:
    with contextlib.suppress(psutil.NoSuchProcess):
        return list(psutil.Process(pid).children(recursive=True))
    return []


def _workers(database: Store, pid: int) -> list[int]:
    """Return the processes that hold leases now: owners are host:pid:number."""
    with database.read() as connection:
        owners = set(leases.live(connection).values())
    held = {int(owner.split(":")[1]) for owner in owners}
    return sorted(held & {child.pid for child in _children(pid)})


def _count(store: Store, what: str) -> int:
    with store.read() as connection:
        return int(connection.execute(text(f"SELECT count(*) FROM {what}")).scalar_one())  # noqa: S608


def _until(said: Any, seconds: float) -> Any:
    end = time.monotonic() + seconds
    while not (found := said()):
        assert time.monotonic() < end, "this takes too long"
        time.sleep(0.05)
    return found


@pytest.mark.slow
def test_a_killed_worker_and_a_killed_scheduler_lose_and_double_nothing(
    server: str, shared: Store, tmp_path: Path
) -> None:
    log = tmp_path / "log"
    with served(tmp_path, sources=20, per_source=5) as web:
        web.env |= {"AGGREGATOR_DATABASE": server, "AGGREGATOR_LEASE_S": "3"}
        web.env |= {"AGGREGATOR_DELAY_S": "0.1"}  # so that a kill finds batches under way
        with running(web, log) as process:
            _until(lambda: _count(shared, "articles") >= 5, 60)
            victim = _until(lambda: _workers(shared, process.pid), 20)[0]
            os.kill(victim, signal.SIGKILL)
            before = _count(shared, "articles")
            _until(lambda: _count(shared, "articles") >= before + 5, 60)
            process.kill()
            process.wait()
            # its worker processes end with it
            _until(lambda: not psutil.pid_exists(victim), 10)
        assert 0 < _count(shared, "articles") < 100
        with running(web, log) as process:
            _until(lambda: _count(shared, "articles WHERE state = 'live'") >= 99, 90)
            _until(lambda: not _count(shared, "sightings WHERE state = 'pending'"), 60)
            process.send_signal(signal.SIGTERM)
            assert process.wait(30) == 0
        score = web.score(0)
        assert score["completeness"] >= 0.99, score
        assert score["doubles"] == 0, score
        hosts = web.ask("/_stats")["hosts"]
        assert max(each["peak_in_flight"] for each in hosts.values()) == 1
        with shared.read() as connection:
            assert leases.live(connection) == {}
        assert list(problems(shared)) == []
    assert "Traceback" not in log.read_text(encoding="utf-8")


@contextlib.contextmanager
def standing(port: int, env: dict[str, str]) -> Iterator[str]:
    """A scheduler and a worker, killed at the end as a machine that goes down would."""
    address = f"tcp://127.0.0.1:{port}"
    quiet: dict[str, Any] = {"env": env, "cwd": ROOT, "stderr": subprocess.DEVNULL}
    words = [sys.executable, "-m", "distributed.cli.dask_scheduler", "--host", "127.0.0.1"]
    words += ["--port", str(port), "--dashboard-address", "127.0.0.1:0"]
    scheduler = subprocess.Popen(words, **quiet)
    words = [sys.executable, "-m", "distributed.cli.dask_worker", address, "--nthreads", "1"]
    words += ["--no-dashboard", "--no-nanny", "--death-timeout", "60"]
    worker_ = subprocess.Popen(words, **quiet)
    try:
        yield address
    finally:
        for process in (scheduler, worker_):
            process.kill()
            process.wait()


@pytest.mark.slow
def test_a_scheduler_that_comes_back_goes_on_and_loses_nothing(
    server: str, shared: Store, tmp_path: Path
) -> None:
    log, port = tmp_path / "log", free_port()
    with served(tmp_path, sources=12, per_source=5) as web:
        web.env |= {"AGGREGATOR_DATABASE": server, "AGGREGATOR_LEASE_S": "3"}
        web.env |= {"AGGREGATOR_DELAY_S": "0.1"}
        with log.open("wb") as stderr, contextlib.ExitStack() as stack:
            first = stack.enter_context(contextlib.ExitStack())
            address = first.enter_context(standing(port, web.env))
            words = [sys.executable, "-m", "aggregator", "run", "--dask", address]
            process = subprocess.Popen(words, env=web.env, cwd=ROOT, stderr=stderr)
            stack.callback(process.wait)
            stack.callback(process.kill)
            _until(lambda: _count(shared, "articles") >= 5, 120)
            first.close()
            _until(lambda: b"scheduler was lost" in log.read_bytes(), 60)
            stack.enter_context(standing(port, web.env))
            _until(lambda: b"the scheduler is back" in log.read_bytes(), 120)
            _until(lambda: _count(shared, "articles WHERE state = 'live'") >= 59, 120)
            _until(lambda: not _count(shared, "sightings WHERE state = 'pending'"), 60)
            process.send_signal(signal.SIGTERM)
            assert process.wait(60) == 0
        score = web.score(0)
        assert score["completeness"] >= 0.99, score
        assert score["doubles"] == 0, score
        hosts = web.ask("/_stats")["hosts"]
        assert max(each["peak_in_flight"] for each in hosts.values()) == 1
        assert list(problems(shared)) == []


def test_a_cluster_without_workers_says_so() -> None:
    from distributed import Client, LocalCluster

    options = {"n_workers": 0, "processes": False, "dashboard_address": "127.0.0.1:0"}
    with (
        LocalCluster(**options) as cluster,
        Client(cluster) as client,
        pytest.raises(ClusterError, match=r"the cluster has no workers: .*dask worker"),
    ):
        places.wait_for_workers(client, 0.3)
