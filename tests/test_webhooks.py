"""Webhooks against a real receiver on loopback: every change, in order, signed, whatever fails."""

import asyncio
import io
import json
import logging
import os
import secrets
import signal
import subprocess
import sys
import threading
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import jsonschema
import pytest
from sqlalchemy import inspect, text

from aggregator import cli, signing
from aggregator.config import Config
from aggregator.crawl.transport import Transport
from aggregator.errors import BusyError
from aggregator.push import service
from aggregator.push.service import Background, Job, held
from aggregator.push.webhooks import Deliverer
from aggregator.store import reading, schema
from aggregator.store import webhooks as stored
from aggregator.store.engine import HEAD, Store
from aggregator.store.webhooks import Webhook
from aggregator.types import Filter
from aggregator.web import openapi
from tests import crawl_support
from tests.crawl_support import Asked, reply
from tests.web_support import client, draft, fill, put
from tests.web_support import service as service_of

ROOT = Path(__file__).parent.parent
COUNT = 120
SECRET = signing.secret_of(b"the key of the tests, long enough")


@dataclass
class Receiver:
    """Takes messages the way the test wants: ``answers`` first, then 204."""

    answers: list[Any] = field(default_factory=list)
    messages: list[dict[str, Any]] = field(default_factory=list)
    ids: list[str] = field(default_factory=list)
    bad: int = 0
    arrived: threading.Event = field(default_factory=threading.Event)

    def __call__(self, asked: Asked) -> Any:
        body = asked.headers.get(":body", "").encode("latin-1")
        sent = int(asked.headers["webhook-timestamp"])
        if not signing.is_webhook(body, SECRET, asked.headers, sent):
            self.bad += 1
        self.ids.append(asked.headers["webhook-id"])
        answer = self.answers.pop(0) if self.answers else reply(status=204)
        if isinstance(answer, bytes) and answer.startswith(b"HTTP/1.1 2"):
            self.messages.append(json.loads(body))
        self.arrived.set()
        return answer

    @property
    def seqs(self) -> list[int]:
        return [change["seq"] for each in self.messages for change in each["data"]["changes"]]


@pytest.fixture
def receiver() -> Receiver:
    return Receiver()


@pytest.fixture
def url(receiver: Receiver) -> Iterator[str]:
    with crawl_support.serve({"/hook": receiver}) as site:
        yield f"{site.url}/hook"


def add(
    store: Store, url: str, now: datetime, wanted: Filter | None = None, cursor: int = 0
) -> int:
    with store.write() as connection:
        return stored.add(
            connection, uid=secrets.token_hex(8), url=url,
            secret=SECRET, wanted=wanted or Filter(), cursor=cursor, now=now,
        )  # fmt: skip


def hook_of(store: Store, pk: int) -> Webhook:
    with store.read() as connection:
        return stored.webhooks(connection, pk)[0]


def last(store: Store) -> int:
    with store.read() as connection:
        return reading.last_seq(connection)


@dataclass
class Clock:
    time: datetime

    def __call__(self) -> datetime:
        return self.time


def turns(
    store: Store,
    config: Config,
    clock: Callable[[], datetime],
    count: int = 1,
    between: Callable[[], None] = lambda: None,
    **more: Any,
) -> Counter[str]:
    async def main() -> Counter[str]:
        transport = Transport(config)
        deliverer = Deliverer(config, store, transport, clock, chance=lambda: 0.5, **more)
        tally: Counter[str] = Counter()
        for _ in range(count):
            tally += await deliverer.turn()
            between()
        await transport.close()
        return tally

    return asyncio.run(main())


def test_every_change_arrives_in_order_and_signed(
    store: Store, config: Config, now: datetime, receiver: Receiver, url: str
) -> None:
    fill(store, now)
    add(store, url, now)
    tally = turns(store, config, Clock(now), 2)
    assert tally == {"messages": 1, "changes": 4}
    assert receiver.bad == 0
    assert receiver.seqs == [1, 2, 3, 4]
    with store.read() as connection:
        lines = [json.loads(row.line()) for row in reading.changes(connection, 0)]
    assert receiver.messages[0]["data"]["changes"] == lines


def test_messages_are_what_the_openapi_document_says(
    store: Store, config: Config, now: datetime, receiver: Receiver, url: str
) -> None:
    fill(store, now)
    add(store, url, now)
    turns(store, config, Clock(now))
    document = openapi.document("", keys=False)
    post = document["webhooks"]["changes"]["post"]
    schema_ = post["requestBody"]["content"]["application/json"]["schema"]
    jsonschema.validate(receiver.messages[0], {**schema_, "components": document["components"]})
    assert {each["name"] for each in post["parameters"]} == {
        signing.ID_HEADER,
        signing.TIMESTAMP_HEADER,
        signing.SIGNATURE_HEADER,
    }


def test_figures_tell_who_is_behind_and_what_is_dead(
    store: Store, config: Config, now: datetime, receiver: Receiver, url: str
) -> None:
    fill(store, now)
    pk = add(store, url, now)
    web = client(service_of(store, config, now))
    assert f'aggregator_webhook_behind{{webhook="{pk}"}} 4' in web.get("/metrics").text
    receiver.answers = [reply(status=500)]
    turns(store, replace(config, webhook_tries=1), Clock(now))
    figures = client(service_of(store, config, now)).get("/metrics").text
    assert f'aggregator_webhook_behind{{webhook="{pk}"}} 0' in figures
    assert f'aggregator_dead_letters{{webhook="{pk}"}} 1' in figures


def test_messages_hold_a_hundred_changes_and_name_the_one_before(
    store: Store, config: Config, now: datetime, receiver: Receiver, url: str
) -> None:
    put(store, now, *(draft(number, now) for number in range(COUNT)))
    add(store, url, now)
    turns(store, config, Clock(now))
    data = [each["data"] for each in receiver.messages]
    assert [len(each["changes"]) for each in data] == [100, 20]
    assert receiver.seqs == list(range(1, COUNT + 1))
    assert [each["previous"] for each in data] == [0, *(each["last"] for each in data[:-1])]


def test_a_large_message_is_parted(
    store: Store, config: Config, now: datetime, receiver: Receiver, url: str
) -> None:
    long = tuple(f"فقرة {n} " + "نص طويل " * 2000 for n in range(20))
    put(store, now, *(draft(n, now, paragraphs=(f"خبر {n}", *long)) for n in range(4)))
    add(store, url, now)
    turns(store, config, Clock(now))
    assert receiver.seqs == [1, 2, 3, 4]
    assert len(receiver.messages) > 1


def test_a_filter_is_kept_and_nothing_is_asked_twice(
    store: Store, config: Config, now: datetime, receiver: Receiver, url: str
) -> None:
    fill(store, now)
    pk = add(store, url, now, Filter(sources=("sabah",)))
    turns(store, config, Clock(now), 3)
    assert [each["source"]["id"] for each in receiver.messages[0]["data"]["changes"]] == ["sabah"]
    assert len(receiver.messages) == 1
    assert hook_of(store, pk).wanted == Filter(sources=("sabah",))


def test_what_fails_is_sent_again_later_the_same_and_in_order(
    store: Store, config: Config, now: datetime, receiver: Receiver, url: str
) -> None:
    fill(store, now)
    pk, clock = add(store, url, now), Clock(now)
    receiver.answers = [reply(status=500), reply(status=503, headers=["Retry-After: 600"])]
    assert turns(store, config, clock, 3) == {"failed": 1}
    assert hook_of(store, pk).next_at == now + timedelta(seconds=5)
    put(store, now, draft(9, now))  # what comes meanwhile is for the next message
    clock.time += timedelta(seconds=5)
    turns(store, config, clock)
    assert hook_of(store, pk).next_at == clock.time + timedelta(seconds=600)
    clock.time += timedelta(seconds=600)
    turns(store, config, clock)
    assert receiver.ids[0] == receiver.ids[1] == receiver.ids[2] != receiver.ids[3]
    assert len(receiver.messages[0]["data"]["changes"]) == 4
    assert receiver.seqs == list(range(1, last(store) + 1))
    assert hook_of(store, pk).attempts == 0


def test_a_dead_letter_is_kept_and_can_be_sent_again(
    store: Store, config: Config, now: datetime, receiver: Receiver, url: str
) -> None:
    fill(store, now)
    pk, clock = add(store, url, now), Clock(now)
    receiver.answers = [reply(status=500)] * 3
    tally: Counter[str] = Counter()
    for _ in range(3):
        tally += turns(store, replace(config, webhook_tries=3), clock)
        clock.time += timedelta(days=1)
    assert tally == {"failed": 2, "dead": 1}
    put(store, now, draft(9, now))
    turns(store, config, clock)
    later = list(range(5, last(store) + 1))
    assert receiver.seqs == later
    assert receiver.messages[0]["data"]["previous"] == 4

    async def again() -> Counter[str]:
        transport = Transport(config)
        deliverer = Deliverer(config, store, transport, clock)
        found = await deliverer.retry(hook_of(store, pk))
        await transport.close()
        return found

    assert asyncio.run(again()) == {"messages": 1, "changes": 4}
    assert receiver.seqs == [*later, 1, 2, 3, 4]
    assert receiver.bad == 0
    with store.read() as connection:
        assert stored.dead_letters(connection) == []


def test_who_says_gone_is_told_no_more(
    store: Store, config: Config, now: datetime, receiver: Receiver, url: str
) -> None:
    fill(store, now)
    pk = add(store, url, now)
    receiver.answers = [reply(status=410)]
    assert turns(store, config, Clock(now), 3) == {"off": 1}
    assert len(receiver.ids) == 1
    hook = hook_of(store, pk)
    assert (hook.state, hook.cursor) == ("off", 0)
    with store.write() as connection:
        stored.switch_on(connection, pk)
    turns(store, config, Clock(now))
    assert receiver.seqs == [1, 2, 3, 4]


def test_one_that_hangs_or_breaks_off_holds_up_nobody(
    store: Store, config: Config, now: datetime, receiver: Receiver, url: str,
    monkeypatch: pytest.MonkeyPatch,
) -> None:  # fmt: skip
    monkeypatch.setattr("aggregator.push.webhooks.TIMEOUT_S", 0.3)

    async def hang(*_: Any) -> None:
        await asyncio.sleep(30)

    async def drop(_: Any, writer: asyncio.StreamWriter) -> None:
        writer.write(b"HTTP/1.1 2")
        writer.close()

    fill(store, now)
    with crawl_support.serve({"/hang": hang, "/drop": drop}) as bad:
        slow, broken = add(store, f"{bad.url}/hang", now), add(store, f"{bad.url}/drop", now)
        add(store, url, now)
        tally = turns(store, config, Clock(now))
    assert tally == {"failed": 2, "messages": 1, "changes": 4}
    assert receiver.seqs == [1, 2, 3, 4]
    assert "no whole answer in time" in (hook_of(store, slow).reason or "")
    assert hook_of(store, broken).attempts == 1


def test_redirects_and_inner_addresses_are_refused(
    store: Store, config: Config, now: datetime, receiver: Receiver, url: str
) -> None:
    fill(store, now)
    moved = reply(status=307, headers=[f"Location: {url}"])
    with crawl_support.serve({"/old": moved}) as site:
        first = add(store, f"{site.url}/old", now)
        second = add(store, url, now + timedelta(seconds=1))
        closed = replace(config, allow_networks=())
        turns(store, config, Clock(now))
        assert receiver.seqs == [1, 2, 3, 4]
        put(store, now, draft(9, now))
        turns(store, closed, Clock(now + timedelta(days=1)))
    assert receiver.seqs == [1, 2, 3, 4]
    assert hook_of(store, first).cursor == 0
    assert "not public" in (hook_of(store, second).reason or "")


def test_errors_and_representations_hold_no_secret(
    store: Store, config: Config, now: datetime, caplog: pytest.LogCaptureFixture
) -> None:
    fill(store, now)
    pk = add(store, "http://127.0.0.1:9/hook/T0K3N?key=K3Y", now)
    turns(store, config, Clock(now))
    shown = f"{caplog.text} {hook_of(store, pk)!r} {hook_of(store, pk).reason}"
    assert "webhook" in caplog.text
    assert not any(secret in shown for secret in ("T0K3N", "K3Y", SECRET))


def test_a_cursor_that_another_process_moved_is_left_alone(
    store: Store, config: Config, now: datetime, receiver: Receiver, url: str
) -> None:
    fill(store, now)
    pk = add(store, url, now)
    old = hook_of(store, pk)
    turns(store, config, Clock(now))
    with store.write() as connection:
        assert not stored.settle(connection, old, {"cursor": 2})
    assert hook_of(store, pk).cursor == 4


def test_one_process_at_a_time_does_a_job(store: Store) -> None:
    with held(store, "webhooks", 60):
        with pytest.raises(BusyError, match=f"process {os.getpid()}"), held(store, "webhooks", 60):
            pass
        with held(store, "other", 60):
            pass
    with held(store, "webhooks", 60):
        pass


def test_the_job_of_a_dead_process_is_taken_over(store: Store) -> None:
    lost = service.Lease(store, "webhooks", 0.2)
    assert lost.take()
    other = service.Lease(store, "webhooks", 60)
    until = threading.Event()
    for _ in range(100):
        if other.take():
            break
        until.wait(0.05)
    assert other.is_held
    assert not lost.take()


def test_it_goes_on_beside_something_else_until_that_ends(
    store: Store, config: Config, now: datetime, receiver: Receiver, url: str
) -> None:
    add(store, url, now)

    def make(may_go: Callable[[], bool]) -> Callable[[], Any]:
        transport = Transport(config)
        deliverer = Deliverer(config, store, transport, Clock(now), may_go)

        async def turn() -> None:
            await deliverer.turn()
            await transport.close()

        return turn

    def wanted() -> bool:
        with store.read() as connection:
            return stored.is_any_on(connection)

    with Background(store, 60, [Job(name="webhooks", wanted=wanted, make=make, every_s=0.05)]):
        fill(store, now)
        while last(store) not in receiver.seqs:
            assert receiver.arrived.wait(20)
            receiver.arrived.clear()
        put(store, now, draft(9, now))
        while last(store) not in receiver.seqs:
            assert receiver.arrived.wait(20)
            receiver.arrived.clear()
    whole = last(store)
    put(store, now, draft(10, now))
    assert receiver.seqs == list(range(1, whole + 1))
    with held(store, "webhooks", 60):
        pass  # it let go


def test_a_store_of_the_first_version_gets_the_tables(database_url: str) -> None:
    store = Store.open(database_url)
    fill(store, datetime.fromisoformat("2025-11-10T12:00:00+00:00"))
    ours = ("webhooks", "dead_letters", "hub_pings", "subscriptions", "signing_keys", "jobs")
    with store.write() as connection:
        for name in ours:
            connection.execute(text(f"DROP TABLE {name}"))
        connection.execute(text("UPDATE alembic_version SET version_num = '0001'"))
    store.close()
    again = Store.open(database_url)
    with again.read() as connection:
        made = inspect(connection)
        assert set(ours) <= set(made.get_table_names())
        columns = {each["name"] for each in made.get_columns("webhooks")}
        assert columns == {column.name for column in schema.webhooks.c}
        version = connection.execute(text("SELECT version_num FROM alembic_version")).scalar()
        assert version == HEAD
        assert reading.last_seq(connection) == 4
    again.close()


# ------------------------------------------------------------------ the command


class Shell:
    """Runs commands with a data folder of their own: in this process, or in one to be killed."""

    def __init__(
        self, folder: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
    ) -> None:
        self.folder, self.monkeypatch, self.capsys = folder, monkeypatch, capsys
        self.env = {
            "AGGREGATOR_DATA": str(folder),
            "AGGREGATOR_ALLOW_NETWORKS": "127.0.0.0/8",
            "AGGREGATOR_LEASE_S": "1",
            "LC_ALL": "C.UTF-8",
        }

    def __call__(self, *words: str, given: str = "", **env: str) -> tuple[int, str, str]:
        with self.monkeypatch.context() as patch:
            for name, value in (self.env | env).items():
                patch.setenv(name, value)
            patch.setattr(sys, "stdin", io.StringIO(given))
            code = cli.main(["webhooks", *words])
        out, err = self.capsys.readouterr()
        return code, out, err

    def start(self, *words: str) -> "subprocess.Popen[bytes]":
        return subprocess.Popen(
            [sys.executable, "-m", "aggregator", "webhooks", *words],
            env=os.environ | self.env,
            cwd=ROOT,
        )


@pytest.fixture
def shell(
    tmp_path: Path,
    now: datetime,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> Iterator[Shell]:
    store = Store.open(Config(data=tmp_path).database_url)
    put(store, now, *(draft(number, now) for number in range(COUNT)))
    store.close()
    handlers = list(logging.getLogger().handlers)
    yield Shell(tmp_path, monkeypatch, capsys)
    logging.getLogger().handlers[:] = handlers


def test_the_commands_add_list_deliver_and_remove(
    shell: Shell, receiver: Receiver, url: str
) -> None:
    code, out, _ = shell("add", url, "--language", "fr", "--since", "0", "--secret", "-",
                         given=SECRET)  # fmt: skip
    assert (code, out) == (0, "webhook 1 added\n")
    _, out, _ = shell("add", f"{url}?key=K3Y")
    assert "whsec_" in out
    _, table, _ = shell("list")
    _, plain, _ = shell("list", "--json")
    assert "whsec_" not in table + plain
    assert "K3Y" not in table + plain
    assert [each["behind"] for each in json.loads(plain)] == [COUNT, 0]
    assert shell("remove", "2")[0] == 0
    assert shell("remove", "2")[0] == 2
    assert shell("test", "1")[0] == 0
    assert [each["type"] for each in receiver.messages] == ["test"]
    code, out, _ = shell("deliver")
    assert (code, out) == (0, "0 changes delivered in 0 messages\n")
    assert receiver.bad == 0


def test_the_commands_speak_arabic(shell: Shell) -> None:
    assert shell("dead", AGGREGATOR_LANG="ar")[1] == "لا رسائل مهملة.\n"
    assert shell("list", AGGREGATOR_LANG="ar")[1] == "لا خطاطيف ويب.\n"


@pytest.mark.parametrize(
    "words",
    [
        ("add", "ftp://a.example/"),
        ("add", "https://user:p4ss@a.example/"),
        ("add", "https://a.example/", "--secret", "short"),
        ("add", "https://a.example/", "--source", "nobody"),
        ("add", "https://a.example/", "--since", "99999"),
        ("test", "7"),
        ("retry", "7"),
    ],
)
def test_wrong_use_is_one_line(words: tuple[str, ...], tmp_path: Path,
                               monkeypatch: pytest.MonkeyPatch,
                               capsys: pytest.CaptureFixture[str]) -> None:  # fmt: skip
    store = Store.open(Config(data=tmp_path).database_url)
    store.close()
    code, _, err = Shell(tmp_path, monkeypatch, capsys)(*words)
    assert code == 2
    assert err.count("\n") == 1
    assert "p4ss" not in err


def test_failures_are_told_laid_aside_and_sent_again(
    shell: Shell, receiver: Receiver, url: str
) -> None:
    receiver.answers = [reply(status=500)]
    assert shell("add", url, "--since", "20", "--secret", SECRET)[0] == 0
    code, _, err = shell("deliver", AGGREGATOR_WEBHOOK_TRIES="1")
    assert code == 1
    assert "1 messages were not taken" in err
    assert "21-120" in shell("dead")[1]
    assert shell("retry", "1")[0] == 0
    assert receiver.seqs == list(range(21, 121))
    assert "No dead letters" in shell("dead")[1]


def test_a_killed_delivery_loses_nothing_and_keeps_the_order(
    shell: Shell, receiver: Receiver, url: str
) -> None:
    async def hang(*_: Any) -> None:
        await asyncio.sleep(60)

    assert shell("add", url, "--since", "0", "--secret", SECRET)[0] == 0
    for taken in range(2):  # killed while the receiver thinks, after each message it took
        receiver.answers = [reply(status=204)] * taken + [hang]
        receiver.arrived.clear()
        process = shell.start("deliver")
        while receiver.arrived.wait(30) and receiver.answers:
            receiver.arrived.clear()
        process.send_signal(signal.SIGKILL)
        process.wait(20)
        while _is_held(shell.folder):  # its lease of a second has to run out
            threading.Event().wait(0.1)
    code, _, err = shell("deliver")
    assert (code, err) == (0, "")
    first_sight = list(dict.fromkeys(receiver.seqs))
    assert first_sight == list(range(1, COUNT + 1))


@pytest.mark.parametrize("command", [("serve", "--port", "0"), ("run",)])
def test_serve_and_run_deliver_and_end_at_once(
    command: tuple[str, ...], tmp_path: Path, now: datetime, receiver: Receiver, url: str
) -> None:
    store = Store.open(Config(data=tmp_path).database_url)
    fill(store, now)
    add(store, url, now)
    empty = tmp_path / "sources"
    empty.mkdir()
    env = {
        "AGGREGATOR_DATA": str(tmp_path),
        "AGGREGATOR_ALLOW_NETWORKS": "127.0.0.0/8",
        "AGGREGATOR_SOURCES": str(empty),
    }
    process = subprocess.Popen(
        [sys.executable, "-m", "aggregator", *command],
        env=os.environ | env, cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
    )  # fmt: skip
    try:
        for number in (9, 10):  # what is there, and what comes
            while last(store) not in receiver.seqs:
                assert receiver.arrived.wait(60)
                receiver.arrived.clear()
            put(store, now, draft(number, now))
    finally:
        process.send_signal(signal.SIGTERM)
        out, _ = process.communicate(timeout=60)
    assert process.returncode in {0, -signal.SIGTERM}, out
    assert receiver.bad == 0
    store.close()


def _is_held(folder: Path) -> bool:
    store = Store.open(Config(data=folder).database_url)
    try:
        with held(store, "webhooks", 1):
            return False
    except BusyError:
        return True
    finally:
        store.close()
