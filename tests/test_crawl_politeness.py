"""Budgets of hosts, Retry-After and Crawl-delay, as the servers see them."""

import asyncio

import pytest
from scrapy.http import Request

from tests.crawl_support import config, crawl, free_port, miniweb, reply, serve, source

FREE = source(robots="ignore")


def test_two_sources_of_one_host_share_its_budget():
    one, two = source(id="one", robots="ignore"), source(id="two", robots="ignore")
    with serve({f"/{n}": reply(b"x") for n in range(6)}) as site:
        crawl(
            [Request(f"{site.url}/{n}", meta={"source": one if n % 2 else two}) for n in range(6)],
            config(delay_s=0.2),
        )
    assert len(site.asked) == 6
    assert min(site.gaps()) >= 0.195
    assert site.peak_in_flight == 1


async def slowly(reader, writer):
    await asyncio.sleep(0.1)
    writer.write(reply(b"x"))
    await writer.drain()


def test_never_two_at_once_to_a_host_even_without_delay():
    with serve(dict.fromkeys([f"/{n}" for n in range(5)], slowly)) as site:
        crawl([Request(f"{site.url}/{n}", meta={"source": FREE}) for n in range(5)])
    assert site.peak_in_flight == 1


def test_a_source_may_allow_more_at_once():
    many = source(robots="ignore", concurrency=4)
    with serve(dict.fromkeys([f"/{n}" for n in range(8)], slowly)) as site:
        crawl([Request(f"{site.url}/{n}", meta={"source": many}) for n in range(8)])
    assert site.peak_in_flight == 4


def test_the_strictest_of_the_sources_of_a_host_counts():
    many, few = source(robots="ignore", concurrency=4), source(id="few", robots="ignore")
    with serve(dict.fromkeys([f"/{n}" for n in range(8)], slowly)) as site:
        crawl(
            [Request(f"{site.url}/{n}", meta={"source": few if n == 0 else many}) for n in range(8)]
        )
    assert site.peak_in_flight == 1


def test_a_source_may_ask_for_its_own_delay():
    slow = source(robots="ignore", delay_s=0.3)
    with serve({f"/{n}": reply(b"x") for n in range(3)}) as site:
        crawl([Request(f"{site.url}/{n}", meta={"source": slow}) for n in range(3)])
    assert min(site.gaps()) >= 0.295


@pytest.mark.timeout(120)  # not an hour
def test_crawl_delay_counts_and_is_capped():
    robots = reply(b"User-agent: *\nCrawl-delay: 0.3\n")
    with serve({"/robots.txt": robots, "/1": reply(b"x"), "/2": reply(b"x")}) as site:
        crawl([Request(f"{site.url}/{n}", meta={"source": source()}) for n in (1, 2)])
    assert site.paths() == ["/robots.txt", "/1", "/2"]
    assert min(site.gaps()) >= 0.295
    site.asked.clear()
    robots = reply(b"User-agent: *\nCrawl-delay: 3600\n")
    with serve({"/robots.txt": robots, "/1": reply(b"x"), "/2": reply(b"x")}) as site:
        crawl(
            [Request(f"{site.url}/{n}", meta={"source": source()}) for n in (1, 2)],
            config(max_crawl_delay_s=0.2),
        )
    assert min(site.gaps()) >= 0.195


def test_slow_hosts_do_not_hold_up_the_others():
    """More requests of slow hosts than may be in flight at all, and one of a quick host last."""
    slow = source(robots="ignore", delay_s=0.5)
    with (
        serve({f"/{n}": reply(b"x") for n in range(6)}, address="127.0.0.2") as one,
        serve({f"/{n}": reply(b"x") for n in range(6)}, address="127.0.0.3") as two,
        serve({f"/{n}": reply(b"x") for n in range(6)}) as quick,
    ):
        outcomes = crawl(
            [
                Request(f"{site.url}/{n}", meta={"source": slow})
                for site in (one, two)
                for n in range(6)
            ]
            + [Request(f"{quick.url}/{n}", meta={"source": FREE}) for n in range(6)],
            config(concurrency=2),
        )
    assert all(outcome.response is not None for outcome in outcomes)
    ends = [outcome.at for outcome in outcomes]
    assert max(ends[12:]) < max(ends[:12])
    assert sorted(ends[:12])[4] > max(ends[12:])  # with the slow first, it would be their last
    assert min(one.gaps()) >= 0.495


def test_redirect_to_another_host_draws_from_that_hosts_budget():
    with serve({f"/{n}": reply(b"x") for n in range(4)}, address="127.0.0.2") as target:
        moves = {
            f"/{n}": reply(status=302, headers=[f"Location: {target.url}/{n}"]) for n in range(4)
        }
        with serve(moves) as first:
            outcomes = crawl(
                [Request(f"{first.url}/{n}", meta={"source": FREE}) for n in range(4)],
                config(delay_s=0.2),
            )
    assert [outcome.response.body for outcome in outcomes] == [b"x"] * 4
    assert min(target.gaps()) >= 0.195
    assert target.peak_in_flight == 1


def test_short_retry_after_holds_the_whole_host():
    answers = iter([reply(status=429, headers=["Retry-After: 1"]), reply(b"x"), reply(b"y")])
    with serve({"/1": lambda _: next(answers), "/2": lambda _: next(answers)}) as site:
        outcomes = crawl(
            [Request(f"{site.url}/{n}", meta={"source": FREE}) for n in (1, 2)],
            config(retries=1, timeout_s=5.0),
        )
    assert [outcome.response.status for outcome in outcomes] == [200, 200]
    assert site.gaps()[0] >= 0.99


def test_long_retry_after_is_left_to_the_next_poll():
    with serve({"/": reply(status=503, headers=["Retry-After: 7200"])}) as site:
        [outcome] = crawl([Request(site.url + "/", meta={"source": FREE})], config(retries=3))
    assert outcome.response.status == 503
    assert len(site.asked) == 1


def test_a_host_that_says_too_many_is_not_asked_again_at_once():
    with serve({"/": reply(status=429)}) as site:
        [outcome] = crawl([Request(site.url + "/", meta={"source": FREE})], config(retries=3))
    assert outcome.response.status == 429
    assert len(site.asked) == 1


def test_passing_failures_are_tried_again_as_often_as_configured():
    async def drop(reader, writer):
        writer.close()

    answers = iter([drop, drop, reply(b"x")])
    with serve({"/": lambda _: next(answers)}) as site:
        [outcome] = crawl([Request(site.url + "/", meta={"source": FREE})], config(retries=2))
    assert outcome.response.body == b"x"
    with serve({"/": reply(status=500)}) as site:
        [outcome] = crawl([Request(site.url + "/", meta={"source": FREE})], config(retries=2))
    assert outcome.response.status == 500
    assert len(site.asked) == 3


def test_a_refused_connection_is_tried_again_and_named():
    port = free_port()
    [outcome] = crawl(
        [Request(f"http://127.0.0.1:{port}/", meta={"source": FREE})], config(retries=2)
    )
    assert outcome.kind == "refused"
    assert outcome.meta["retry_times"] == 2


def test_stop_ends_waiting_and_hanging_requests_soon():
    from aggregator.crawl.stopping import stop

    async def hang(reader, writer):
        await asyncio.sleep(60)

    async def soon(crawler):
        await asyncio.sleep(0.3)
        await stop(crawler, grace_s=0.3)

    waiting = source(robots="ignore", delay_s=100.0)
    with (
        serve({"/": hang}) as hanging,
        serve({"/1": reply(b"x"), "/2": reply(b"y")}, address="127.0.0.2") as slow,
    ):
        outcomes = crawl(
            [
                Request(hanging.url + "/", meta={"source": FREE}),
                Request(slow.url + "/1", meta={"source": waiting}),
                Request(slow.url + "/2", meta={"source": waiting}),
            ],
            config(timeout_s=30.0),
            during=soon,
        )
    assert {outcome.kind for outcome in outcomes} <= {None, "stopped"}
    assert outcomes[0].kind == "stopped"


def test_miniweb_sees_one_request_at_a_time_and_every_delay():
    with miniweb("--sources", "12", "--per-source", "4", "--seed", "3") as web:
        known = web.get("/_sources")
        web.get("/_reset")
        sources = {
            each["host"]: source(id=each["host"], homepage=each["home"], delay_s=0.05)
            for each in known
        }
        urls = [
            (each["host"], each["home"] + path)
            for each in known
            for path in ("", "sitemap.xml", "section/sport")
        ]
        crawl(
            [Request(url, meta={"source": sources[host]}) for host, url in urls],
            config(max_crawl_delay_s=0.5, timeout_s=10.0),
        )
        stats = web.get("/_stats")["hosts"]
    delays = {each["host"]: 0.5 if each["crawl_delay"] else 0.05 for each in known}
    assert any(delay == 0.5 for delay in delays.values())
    for host, delay in delays.items():
        assert stats[host]["peak_in_flight"] == 1
        # the server notes whole connections, so that the first may seem a little late
        assert stats[host]["min_gap_ms"] >= delay * 1000 - 15
        assert sum(stats[host]["status"].values()) == 4  # with robots.txt, once
