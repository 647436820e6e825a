"""How fast changes reach a receiver: our deliverer beside a bare loop of the same requests.

Run ``python -m bench.webhooks [--count 20000] [--rounds 5]``. A receiver in a process of its own
takes everything. In turns, in one process: aiohttp that posts bodies made before, signing none and
remembering nothing (what the net and the receiver cost); an outbox written by hand for one receiver
(sqlite3, hmac, aiohttp: reads a batch, signs, posts, commits its cursor with full synchronisation);
and the deliverer, which does that for any number of receivers and filters. Counted is processor
time of this process, and wall time, the median of the rounds.
"""

import argparse
import asyncio
import base64
import hashlib
import hmac
import ipaddress
import multiprocessing
import socket
import sqlite3
import statistics
import tempfile
import time
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime
from pathlib import Path

import aiohttp

from aggregator import signing
from aggregator.config import Config
from aggregator.crawl.transport import Transport
from aggregator.push.webhooks import MOST_CHANGES, Deliverer, message
from aggregator.store import reading, webhooks
from aggregator.store.engine import Store
from aggregator.types import Filter
from bench.web import build

NOW = datetime(2026, 11, 25, tzinfo=UTC)
SECRET = signing.secret_of(bytes(range(32)))
_TAKEN = b"HTTP/1.1 204 No Content\r\n\r\n"


def receive(port: int) -> None:
    """Take every request, looking only at its length."""

    async def talk(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            while True:
                head = (await reader.readuntil(b"\r\n\r\n")).lower()
                length = int(head.partition(b"content-length:")[2].partition(b"\r\n")[0])
                await reader.readexactly(length)
                writer.write(_TAKEN)
        except (asyncio.IncompleteReadError, ConnectionError):
            writer.close()

    async def main() -> None:
        server = await asyncio.start_server(talk, "127.0.0.1", port, limit=2**22)
        async with server:
            await server.serve_forever()

    asyncio.run(main())


async def bare(url: str, bodies: list[bytes]) -> None:
    """Post bodies one after the other."""
    async with aiohttp.ClientSession() as session:
        for body in bodies:
            async with session.post(url, data=body) as answer:
                await answer.read()


async def by_hand(url: str, database: Path) -> None:
    """Do what the deliverer does, for one receiver and nothing else."""
    connection = sqlite3.connect(database, isolation_level=None)
    connection.execute("PRAGMA synchronous=FULL")
    connection.execute("CREATE TABLE IF NOT EXISTS by_hand (cursor INTEGER)")
    connection.execute("DELETE FROM by_hand")
    connection.execute("INSERT INTO by_hand VALUES (0)")
    cursor = 0
    async with aiohttp.ClientSession() as session:
        while True:
            rows = connection.execute(
                "SELECT c.seq, c.event, c.at, c.changed, a.record FROM changes c "
                "JOIN articles a ON a.pk = c.article_pk WHERE c.seq > ? ORDER BY c.seq LIMIT ?",
                (cursor, MOST_CHANGES),
            ).fetchall()
            if not rows:
                break
            lines = [
                b'{"seq":%d,"event":"%s","at":"%s","changed":%s,%s'
                % (seq, event.encode(), at.encode(), changed.encode(), record[1:])
                for seq, event, at, changed, record in rows
            ]
            body = b'{"changes":[' + b",".join(lines) + b"]}"
            digest = hmac.new(bytes(range(32)), b"id.1." + body, hashlib.sha256).digest()
            signature = {"webhook-signature": "v1," + base64.b64encode(digest).decode()}
            async with session.post(url, data=body, headers=signature) as answer:
                await answer.read()
            cursor = rows[-1][0]
            connection.execute("UPDATE by_hand SET cursor = ?", (cursor,))
    connection.close()


async def ours(store: Store, config: Config) -> None:
    """Deliver the whole log."""
    transport = Transport(config)
    tally = await Deliverer(config, store, transport, lambda: NOW).turn()
    await transport.close()
    if tally["failed"] or not tally["changes"]:
        raise SystemExit(f"not delivered: {dict(tally)}")


def measured(work: Callable[[], Awaitable[None]]) -> tuple[float, float]:
    """Return processor and wall seconds."""

    async def main() -> None:
        await work()

    cpu, wall = time.process_time(), time.monotonic()
    asyncio.run(main())
    return time.process_time() - cpu, time.monotonic() - wall


def run(count: int, rounds: int, folder: Path, url: str) -> None:
    """Measure in turns and print."""
    config = Config(data=folder, allow_networks=(ipaddress.ip_network("127.0.0.0/8"),))
    store = Store.open(config.database_url)
    build(store, count)
    with store.write() as connection:
        webhooks.add(
            connection, uid="bench", url=url, secret=SECRET, wanted=Filter(), cursor=0, now=NOW
        )
    with store.read() as connection:
        (hook,) = webhooks.webhooks(connection)
        rows = list(reading.changes(connection, 0))
    bodies = [
        message(hook, rows[at : at + MOST_CHANGES]).body for at in range(0, count, MOST_CHANGES)
    ]
    times: dict[str, list[tuple[float, float]]] = {"bare loop": [], "by hand": [], "aggregator": []}
    for _ in range(rounds):
        times["bare loop"].append(measured(lambda: bare(url, bodies)))
        times["by hand"].append(measured(lambda: by_hand(url, folder / "aggregator.db")))
        with store.write() as connection:
            table = webhooks.schema.webhooks
            connection.execute(table.update().values(cursor=0, told=0))
        times["aggregator"].append(measured(lambda: ours(store, config)))
    store.close()
    print(f"{count} changes in {len(bodies)} messages of {len(bodies[0]):,} bytes")
    for name, found in times.items():
        cpu, wall = (statistics.median(each[part] for each in found) for part in (0, 1))
        print(f"{name:12} {count / wall:9,.0f} changes/s, {cpu / len(bodies) * 1000:6.2f} ms CPU")
    wall = {name: statistics.median(each[1] for each in found) for name, found in times.items()}
    print(f"ratio to by hand (wall) {wall['by hand'] / wall['aggregator']:.2f}")


def main() -> None:
    """Read the arguments and measure."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--count", type=int, default=20_000)
    parser.add_argument("--rounds", type=int, default=5)
    given = parser.parse_args()
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    receiver = multiprocessing.Process(target=receive, args=(port,), daemon=True)
    receiver.start()
    try:
        for _ in range(100):
            with socket.socket() as probe:
                if probe.connect_ex(("127.0.0.1", port)) == 0:
                    break
            time.sleep(0.1)
        with tempfile.TemporaryDirectory() as folder:
            run(given.count, given.rounds, Path(folder), f"http://127.0.0.1:{port}/hook")
    finally:
        receiver.kill()


if __name__ == "__main__":
    main()
