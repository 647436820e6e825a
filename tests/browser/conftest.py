"""Debian's Chromium before the real service on loopback; skipped with a reason where it is not."""

import shutil
import threading
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
import uvicorn

from aggregator.config import Config
from aggregator.store.engine import Store
from aggregator.web.app import create_app
from aggregator.web.site import Site
from tests.web_support import HOSTILE_SOURCE, SOURCES, fill, fill_hostile

CHROMIUM = shutil.which("chromium") or "/usr/bin/chromium"
FLAGS = [
    "--headless",
    "--no-sandbox",
    "--disable-gpu",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]


class Server(uvicorn.Server):
    """The service in a thread, on a port that the system picks."""

    def install_signal_handlers(self) -> None:
        """Leave signals to the tests."""


@pytest.fixture(scope="session")
def address(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The address of a running service over a small store with hostile articles in it."""
    now = datetime(2025, 11, 10, 12, tzinfo=UTC)
    config = Config(data=tmp_path_factory.mktemp("browser"))
    store = Store.open(config.database_url)
    fill(store, now)
    fill_hostile(store, now)
    sources = {**SOURCES, HOSTILE_SOURCE.id: HOSTILE_SOURCE}
    site = Site(config=config, sources=sources, store=store, now=lambda: now)
    settings = uvicorn.Config(
        create_app(site), host="127.0.0.1", port=0, log_level="error", lifespan="off"
    )
    server = Server(settings)
    socket = settings.bind_socket()
    thread = threading.Thread(target=server.run, args=([socket],), daemon=True)
    thread.start()
    until = time.monotonic() + 30
    while not server.started and time.monotonic() < until:
        time.sleep(0.05)
    yield f"http://127.0.0.1:{socket.getsockname()[1]}"
    server.should_exit = True
    thread.join(10)
    store.close()


@pytest.fixture(scope="session")
def chromium(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Any]:
    """A running browser with a profile of its own."""
    if not Path(CHROMIUM).exists():
        pytest.skip("Debian's chromium is not installed")
    api = pytest.importorskip("playwright.sync_api", reason="playwright is not installed")
    with api.sync_playwright() as play:
        browser = play.chromium.launch(executable_path=CHROMIUM, args=FLAGS)
        yield browser
        browser.close()


@dataclass
class Tab:
    """A page that remembers what it asked for and what went wrong on it."""

    page: Any
    address: str
    requests: list[str] = field(default_factory=list)
    faults: list[str] = field(default_factory=list)

    def open(self, path: str) -> Any:
        """Open a path of the service; return the page."""
        self.page.goto(self.address + path)
        return self.page

    def check(self) -> None:
        """Say that nothing went wrong and nobody else was asked."""
        assert self.faults == []
        assert [each for each in self.requests if not each.startswith(self.address)] == []


@pytest.fixture
def tab(chromium: Any, address: str, request: pytest.FixtureRequest) -> Iterator[Tab]:
    """A fresh tab; ``@pytest.mark.parametrize`` with ``options`` sets language, size, scheme."""
    options = {"locale": "ar-EG", "viewport": {"width": 1200, "height": 800}}
    context = chromium.new_context(**{**options, **getattr(request, "param", {})})
    page = context.new_page()
    page.set_default_timeout(20_000)
    opened = Tab(page, address)
    page.on("request", lambda each: opened.requests.append(each.url))
    page.on("pageerror", lambda each: opened.faults.append(f"error: {each}"))
    page.on("dialog", lambda each: (opened.faults.append("dialog"), each.dismiss()))
    page.on(
        "console",
        lambda each: (
            opened.faults.append(f"console: {each.text}")
            if each.type in {"error", "warning"}
            else None
        ),
    )
    yield opened
    context.close()
