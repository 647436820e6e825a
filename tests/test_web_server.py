"""The service as a user starts it: ``aggregator serve``, asked over real connections."""

import os
import re
import signal
import socket
import subprocess
import sys
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path

import pytest

from aggregator.config import Config
from aggregator.store.engine import Store
from tests.web_support import fill


@pytest.fixture(scope="module")
def port(tmp_path_factory: pytest.TempPathFactory) -> Iterator[int]:
    folder = tmp_path_factory.mktemp("serve")
    store = Store.open(Config(data=folder).database_url)
    fill(store, datetime.fromisoformat("2025-11-10T12:00:00+00:00"))
    store.close()
    process = start(folder, "--port", "0")
    assert process.stdout
    line = process.stdout.readline()
    found = re.search(r"http://127\.0\.0\.1:(\d+)/", line)
    assert found, line
    yield int(found[1])
    process.send_signal(signal.SIGTERM)
    assert process.wait(20) in {0, -signal.SIGTERM}
    process.stdout.close()


def start(folder: Path, *arguments: str) -> "subprocess.Popen[str]":
    return subprocess.Popen(
        [sys.executable, "-m", "aggregator", "serve", *arguments],
        env={**os.environ, "AGGREGATOR_DATA": str(folder), "PYTHONUNBUFFERED": "1"},
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )


def talk(port: int, request: bytes) -> bytes:
    with socket.create_connection(("127.0.0.1", port), 20) as connection:
        connection.settimeout(20)
        found = b""
        try:
            connection.sendall(request)
            while piece := connection.recv(65536):
                found += piece
        except (ConnectionResetError, BrokenPipeError):
            pass  # it may hang up while a request that is too long still comes
        return found


def get(port: int, target: bytes, host: bytes = b"localhost") -> bytes:
    rest = b" HTTP/1.1\r\nHost: " + host + b"\r\nConnection: close\r\n\r\n"
    return talk(port, b"GET " + target + rest)


def test_it_serves(port: int) -> None:
    assert get(port, b"/feeds/all.rss").startswith(b"HTTP/1.1 200")
    assert b'"seq":1' in get(port, b"/api/changes?since=0")


def test_a_query_of_a_megabyte_is_refused(port: int) -> None:
    answer = get(port, b"/api/search?q=" + b"x" * 1_000_000)
    assert answer[9:12] in {b"400", b"414", b"431"}
    assert get(port, b"/api/sources").startswith(b"HTTP/1.1 200")


@pytest.mark.parametrize("target", [b"/\xff\xfe", b"/%", b"/%zz", b"/a b", b"//", b"*", b"/%00"])
def test_odd_addresses_are_refused(port: int, target: bytes) -> None:
    assert get(port, target)[9:10] == b"4"


def test_a_strange_host_is_refused(port: int) -> None:
    answer = get(port, b"/", b"evil.example")
    assert answer.startswith(b"HTTP/1.1 421")
    assert b"evil.example" in answer


def test_it_listens_beyond_loopback_only_when_told_who_may_call(tmp_path: Path) -> None:
    process = start(tmp_path, "--host", "0.0.0.0", "--port", "0")
    out, _ = process.communicate(timeout=60)
    assert process.returncode == 2
    assert "AGGREGATOR_HOSTS" in out
    assert out.count("\n") == 1
