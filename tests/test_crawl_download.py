"""The download handler against real servers that behave badly."""

import asyncio
import gzip
import resource
import time
import zlib

import brotli
import pytest
from scrapy.http import Request

from aggregator.faults import KINDS
from tests.crawl_support import config, crawl, miniweb, reply, serve, source

FREE = source(robots="ignore")


def ask(url: str, **meta: object) -> Request:
    return Request(url, meta={"source": FREE, **meta})


def test_page_arrives_whole_with_its_facts():
    body = "خبر من القاهرة".encode()
    with serve({"/a": reply(body, headers=["Content-Type: text/html; charset=utf-8"])}) as site:
        [outcome] = crawl([ask(site.url + "/a")])
    assert outcome.response.body == body
    assert outcome.response.encoding == "utf-8"
    assert str(outcome.response.ip_address) == "127.0.0.1"
    assert outcome.meta["wire_bytes"] == len(body)


@pytest.mark.parametrize(
    ("encoding", "pack"),
    [("gzip", gzip.compress), ("deflate", zlib.compress), ("br", brotli.compress)],
)
def test_compressed_body_is_undone(encoding, pack):
    body = "خبر عاجل " * 500
    answer = reply(pack(body.encode()), headers=[f"Content-Encoding: {encoding}"])
    with serve({"/a": answer}) as site:
        [outcome] = crawl([ask(site.url + "/a")])
    assert outcome.response.body == body.encode()
    assert b"Content-Encoding" not in outcome.response.headers
    assert encoding in site.asked[0].headers["accept-encoding"]


def test_connections_are_reused():
    with serve({f"/{n}": reply(b"x") for n in range(10)}) as site:
        crawl([ask(f"{site.url}/{n}") for n in range(10)])
    assert len(site.asked) == 10
    assert site.connections == 1


def test_loopback_is_refused_unless_allowed():
    with serve({"/a": reply(b"x")}) as site:
        [outcome] = crawl([ask(site.url + "/a")], config(allow_networks=()))
    assert outcome.kind == "blocked_address"
    assert site.connections == 0


async def hang(reader, writer):
    await asyncio.sleep(60)


async def trickle(reader, writer):
    writer.write(b"HTTP/1.1 200 X\r\nContent-Length: 1000\r\n\r\n")
    for _ in range(1000):
        writer.write(b"a")
        await asyncio.sleep(0.2)


async def trickle_headers(reader, writer):
    writer.write(b"HTTP/1.1 200 X\r\n")
    for number in range(1000):
        writer.write(f"X-{number}: a\r\n".encode())
        await asyncio.sleep(0.2)


async def informational(reader, writer):
    for _ in range(1000):
        writer.write(b"HTTP/1.1 103 Early Hints\r\n\r\n")
        await asyncio.sleep(0.05)


async def cut_off(reader, writer):
    writer.write(b"HTTP/1.1 200 X\r\nContent-Length: 1000\r\n\r\nabc")
    await writer.drain()
    writer.close()


async def cut_off_chunk(reader, writer):
    writer.write(b"HTTP/1.1 200 X\r\nTransfer-Encoding: chunked\r\n\r\n10\r\nabc")
    await writer.drain()
    writer.close()


async def say_nothing(reader, writer):
    writer.close()


async def endless(reader, writer):
    writer.write(b"HTTP/1.1 200 X\r\n\r\n")
    while True:
        writer.write(b"A" * 65536)
        await writer.drain()


ZEROS = b"\0" * 30_000_000
BAD = {
    "hang": (hang, "timeout"),
    "trickle": (trickle, "timeout"),
    "trickle_headers": (trickle_headers, "timeout"),
    "informational": (informational, "timeout"),
    "cut_off": (cut_off, "truncated"),
    "cut_off_chunk": (cut_off_chunk, "truncated"),
    "say_nothing": (say_nothing, "reset"),
    "endless": (endless, "too_large"),
    "announced": (reply(length=99_000_000), "too_large"),
    "long_header": (reply(b"x", headers=["X-A: " + "a" * 70_000]), "bad_http"),
    "many_headers": (reply(b"x", headers=[f"X-{n}: a" for n in range(5000)]), "bad_http"),
    "not_http": (b"SSH-2.0-OpenSSH_9.2\r\n\r\n", "bad_http"),
    "no_gzip": (reply(b"\x1f\x8bxxxxxx", headers=["Content-Encoding: gzip"]), "bad_encoding"),
    "half_gzip": (
        reply(gzip.compress(b"abc" * 999)[:-12], headers=["Content-Encoding: gzip"]),
        "truncated",
    ),
    "gzip_bomb": (reply(gzip.compress(ZEROS), headers=["Content-Encoding: gzip"]), "bomb"),
    "deflate_bomb": (reply(zlib.compress(ZEROS), headers=["Content-Encoding: deflate"]), "bomb"),
    "brotli_bomb": (
        reply(brotli.compress(ZEROS, quality=4), headers=["Content-Encoding: br"]),
        "bomb",
    ),
    "onion": (reply(b"\x1f\x8b", headers=["Content-Encoding: gzip, br, gzip"]), "bad_encoding"),
}
del ZEROS


@pytest.mark.parametrize("name", BAD)
def test_bad_server_ends_as_a_named_kind_in_time(name):
    answer, kind = BAD[name]
    with serve({"/": answer}) as site:
        [outcome] = crawl([ask(site.url + "/")], config(timeout_s=1.0, retries=1))
    assert outcome.kind == kind
    assert kind in KINDS
    assert str(outcome.error).startswith(KINDS[kind][1] + ": " + site.url)


@pytest.mark.parametrize(
    ("url", "kind"),
    [
        ("http://127.0.0.1:1/", "refused"),
        ("http://no-such-host.invalid/", "dns"),
        ("http://a..b/", "dns"),
    ],
)
def test_bad_address_ends_as_a_named_kind(url, kind):
    [outcome] = crawl([ask(url)])
    assert outcome.kind == kind


def test_body_can_be_cut_instead_of_refused():
    with serve({"/": reply(b"abcdefgh" * 1000)}) as site:
        [outcome] = crawl([ask(site.url + "/", max_body_bytes=100, cut=True)])
    assert outcome.response.body == (b"abcdefgh" * 13)[:100]
    assert "cut" in outcome.response.flags


def test_tries_and_redirects_share_one_clock():
    async def slow(reader, writer):
        await asyncio.sleep(0.4)
        writer.write(reply(status=302, headers=[f"Location: /{time.monotonic_ns()}"]))
        await writer.drain()

    with serve() as site:
        site.pages = _Everything(slow)
        [outcome] = crawl([ask(site.url + "/")], config(timeout_s=1.0, retries=3))
    assert outcome.kind == "timeout"


class _Everything(dict):
    def __init__(self, page):
        super().__init__()
        self._page = page

    def get(self, key, default=None):
        return self._page


HAZARDS = {
    "hang": "timeout",
    "slow": "timeout",
    "slowhead": "timeout",
    "reset": "truncated",
    "trunc": "truncated",
    "endless": "too_large",
    "bomb": "bomb",
    "loop": "redirect_limit",
    "loop2": "redirect_loop",
    "to-metadata": "blocked_address",
    "to-internal": "blocked_address",
    "to-file": "scheme",
    "lol": None,
    "xxe": None,
    "invalid": None,
    "html": None,
    "nul": None,
    "empty": None,
    "ok": None,
}


def test_hazards_end_by_kind_within_time_and_memory_and_reach_nothing_inside():
    import ipaddress

    only = (ipaddress.ip_network("127.1.99.1/32"), ipaddress.ip_network("127.1.0.0/24"))
    many = source(robots="ignore", concurrency=32)
    with miniweb("--sources", "3", "--per-source", "2") as web:
        crawl([ask(f"{web.hazards}/ok")], config(allow_networks=only))  # warm up
        before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
        outcomes = crawl(
            [Request(f"{web.hazards}/{name}", meta={"source": many}) for name in HAZARDS],
            config(allow_networks=only, timeout_s=4.0, retries=1),
        )
        grown_kb = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before
        statuses = web.get("/_stats")["hosts"]
    found = {outcome.url.rpartition("/")[2]: outcome.kind for outcome in outcomes}
    assert found == HAZARDS
    assert grown_kb < 60_000
    assert "SECRET" not in statuses
