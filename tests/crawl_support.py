"""Real servers on loopback, and real crawls against them, for the tests of the crawl."""

import asyncio
import contextlib
import ipaddress
import json
import socket
import subprocess
import sys
import threading
import time
import urllib.request
from collections.abc import AsyncIterator, Awaitable, Callable, Iterable, Iterator
from dataclasses import dataclass, field
from itertools import pairwise
from pathlib import Path
from typing import Any

import scrapy
from scrapy.crawler import AsyncCrawlerRunner, Crawler
from scrapy.http import Request, Response

from aggregator.config import Config
from aggregator.crawl.slim_settings import settings
from aggregator.types import Seed, Source

LOOPBACK = (ipaddress.ip_network("127.0.0.0/8"),)


def config(**values: Any) -> Config:
    """A configuration for tests: loopback allowed, no waiting, short clocks."""
    given = {"allow_networks": LOOPBACK, "delay_s": 0.0, "timeout_s": 3.0, "retries": 0}
    return Config(**{**given, **values})


def source(**values: Any) -> Source:
    given = {
        "id": "one",
        "name": "واحد",
        "homepage": "http://127.0.0.1/",
        "country": "EG",
        "language": "ar",
        "seeds": (Seed(kind="feed", url="http://127.0.0.1/feed"),),
    }
    return Source(**{**given, **values})


def free_port(address: str = "127.0.0.1") -> int:
    with socket.socket() as probe:
        probe.bind((address, 0))
        return probe.getsockname()[1]


# ------------------------------------------------------------------ servers


@dataclass
class Asked:
    """One request as the server saw it."""

    method: str
    path: str
    headers: dict[str, str]
    at: float


Answer = bytes | Callable[[asyncio.StreamReader, asyncio.StreamWriter], Awaitable[None]]


@dataclass
class Site:
    """A web server in a thread; ``pages`` maps paths to raw answers or to coroutines."""

    port: int
    address: str = "127.0.0.1"
    pages: dict[str, Answer | Callable[[Asked], Answer]] = field(default_factory=dict)
    asked: list[Asked] = field(default_factory=list)
    connections: int = 0
    in_flight: int = 0
    peak_in_flight: int = 0

    @property
    def url(self) -> str:
        return f"http://{self.address}:{self.port}"

    def paths(self) -> list[str]:
        return [each.path for each in self.asked]

    def gaps(self) -> list[float]:
        times = [each.at for each in self.asked]
        return [later - earlier for earlier, later in pairwise(times)]


def reply(
    body: bytes = b"", status: int = 200, headers: Iterable[str] = (), length: int | None = None
) -> bytes:
    """A raw HTTP answer."""
    lines = [f"HTTP/1.1 {status} X", f"Content-Length: {len(body) if length is None else length}"]
    return "\r\n".join([*lines, *headers]).encode("latin-1") + b"\r\n\r\n" + body


@contextlib.contextmanager
def serve(
    pages: dict[str, Any] | None = None, *, address: str = "127.0.0.1", ssl_context: Any = None
) -> Iterator[Site]:
    """Serve pages until the block ends; unknown paths answer 404."""
    site = Site(port=0, address=address, pages=pages or {})
    ready, loop = threading.Event(), asyncio.new_event_loop()
    done = asyncio.Event()

    async def talk(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        site.connections += 1
        with (
            contextlib.suppress(ConnectionError, asyncio.IncompleteReadError, TimeoutError),
            contextlib.closing(writer),
        ):
            while True:
                head = (await reader.readuntil(b"\r\n\r\n")).decode("latin-1")
                first, *lines = head.split("\r\n")[:-2]
                method, path, _ = first.split(" ", 2)
                headers = {
                    name.lower(): value.strip()
                    for name, _, value in (line.partition(":") for line in lines)
                }
                if length := headers.get("content-length"):
                    headers[":body"] = (await reader.readexactly(int(length))).decode("latin-1")
                asked = Asked(method, path, headers, time.monotonic())
                site.asked.append(asked)
                site.in_flight += 1
                site.peak_in_flight = max(site.peak_in_flight, site.in_flight)
                try:
                    await answer(asked, reader, writer)
                finally:
                    site.in_flight -= 1

    async def answer(
        asked: Asked, reader: asyncio.StreamReader, writer: asyncio.StreamWriter
    ) -> None:
        page = site.pages.get(asked.path.partition("?")[0], reply(b"?", 404))
        if not isinstance(page, bytes) and not asyncio.iscoroutinefunction(page):
            page = page(asked)
        if isinstance(page, bytes):
            writer.write(page)
            await writer.drain()
        else:
            await page(reader, writer)

    async def main() -> None:
        server = await asyncio.start_server(talk, address, 0, ssl=ssl_context)
        site.port = server.sockets[0].getsockname()[1]
        ready.set()
        await done.wait()
        server.close()
        tasks = [task for task in asyncio.all_tasks() if task is not asyncio.current_task()]
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
        await asyncio.sleep(0.01)  # closing a transport takes a turn of the loop

    def run() -> None:
        loop.run_until_complete(main())
        loop.close()

    thread = threading.Thread(target=run, daemon=True)
    thread.start()
    ready.wait(10)
    try:
        yield site
    finally:
        loop.call_soon_threadsafe(done.set)
        thread.join(10)


@dataclass
class Miniweb:
    """The small news web in a process of its own."""

    port: int
    process: "subprocess.Popen[bytes]"

    @property
    def control(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    @property
    def hazards(self) -> str:
        return f"http://127.1.99.1:{self.port}"

    def get(self, path: str) -> Any:
        with urllib.request.urlopen(self.control + path, timeout=10) as answer:
            return json.load(answer)


@contextlib.contextmanager
def miniweb(*options: str) -> Iterator[Miniweb]:
    """Serve miniweb until the block ends."""
    port = free_port()
    script = Path(__file__).with_name("miniweb.py")
    command = [sys.executable, str(script), "serve", "--port", str(port), *options]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL) as process:
        try:
            assert process.stdout is not None
            assert process.stdout.readline().startswith(b"miniweb")
            yield Miniweb(port, process)
        finally:
            process.kill()


# ------------------------------------------------------------------ crawls


@dataclass
class Outcome:
    """What became of a request: an answer or an error."""

    url: str
    response: Response | None = None
    error: Any = None
    meta: dict[str, Any] = field(default_factory=dict)
    at: float = 0.0

    @property
    def kind(self) -> str | None:
        return getattr(self.error, "kind", repr(self.error)) if self.error is not None else None


class Asking(scrapy.Spider):
    """Makes the requests it is given and keeps what comes of them."""

    name = "asking"
    requests: Iterable[Request] = ()
    outcomes: list[Outcome] = []  # noqa: RUF012 - set for each crawl

    async def start(self) -> AsyncIterator[Request]:
        for number, request in enumerate(self.requests):
            yield request.replace(
                callback=self.arrived,
                errback=self.failed,
                dont_filter=True,
                meta={**request.meta, "number": number, "first_url": request.url},
            )

    def arrived(self, response: Response) -> None:
        meta = response.meta
        self.outcomes.append(
            Outcome(meta["first_url"], response, None, dict(meta), time.monotonic())
        )

    def failed(self, failure: Any) -> None:
        meta = failure.request.meta
        self.outcomes.append(
            Outcome(meta["first_url"], None, failure.value, dict(meta), time.monotonic())
        )


def crawl(
    requests: Iterable[Request | str],
    given: Config | None = None,
    *,
    during: Callable[[Crawler], Awaitable[None]] | None = None,
    **more: Any,
) -> list[Outcome]:
    """Crawl in a loop of its own; return the outcomes in the order of the requests."""
    quiet = {"AGGREGATOR_ROBOTS_FILE": None}
    made = [Request(each) if isinstance(each, str) else each for each in requests]
    outcomes: list[Outcome] = []

    async def main() -> None:
        runner = AsyncCrawlerRunner({**settings(given or config()), **quiet, **more})
        crawler = runner.create_crawler(Asking)
        Asking.requests, Asking.outcomes = made, outcomes
        task = runner.crawl(crawler)
        if during is not None:
            await during(crawler)
        await task

    asyncio.run(main())
    return sorted(outcomes, key=lambda outcome: outcome.meta["number"])
