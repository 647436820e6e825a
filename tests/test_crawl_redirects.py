"""Redirects, robots.txt, validators and cookies, as the servers see them."""

import pytest
from scrapy.http import Request

from aggregator.crawl.headers import user_agent
from aggregator.crawl.redirects import moved_to
from aggregator.crawl.robots_txt import RobotsCache
from aggregator.types import Seed
from tests.crawl_support import config, crawl, reply, serve, source

FREE = source(robots="ignore")


def to(location: str, status: int = 302) -> bytes:
    return reply(status=status, headers=[f"Location: {location}"])


def ask(url, given=FREE, **meta):
    return Request(url, meta={"source": given, **meta})


# ------------------------------------------------------------------ redirects


def test_hops_are_recorded_in_order():
    with serve({"/a": to("/b", 301), "/b": to("c", 302), "/c": reply(b"x")}) as site:
        [outcome] = crawl([ask(site.url + "/a")])
    assert outcome.response.url == site.url + "/c"
    assert outcome.meta["redirect_urls"] == [site.url + "/a", site.url + "/b"]
    assert outcome.meta["redirect_statuses"] == (301, 302)


def test_only_permanent_chains_move_an_address():
    with serve(
        {"/a": to("/b", 301), "/b": to("/c", 308), "/c": reply(b"x"), "/d": to("/c")}
    ) as site:
        moved, visiting, plain = crawl([ask(site.url + path) for path in ("/a", "/d", "/c")])
    assert moved_to(moved.meta, moved.response.url) == site.url + "/c"
    assert moved_to(visiting.meta, visiting.response.url) is None
    assert moved_to(plain.meta, plain.response.url) is None


@pytest.mark.parametrize(
    ("location", "path"),
    [
        ("/خبر عاجل", "/%D8%AE%D8%A8%D8%B1%20%D8%B9%D8%A7%D8%AC%D9%84"),
        ("?id=5", "/a?id=5"),
        ("/b#part", "/b"),
        ("  /b  ", "/b"),
    ],
)
def test_locations_as_servers_write_them(location, path):
    raw = b"HTTP/1.1 302 X\r\nContent-Length: 0\r\nLocation: " + location.encode() + b"\r\n\r\n"
    answers = iter([raw, reply(b"x")])
    with serve({"/a": lambda _: next(answers), path: lambda _: next(answers)}) as site:
        [outcome] = crawl([ask(site.url + "/a")])
    assert outcome.response.body == b"x"
    assert site.paths()[-1] == path


def test_octets_of_an_old_charset_go_back_as_they_came():
    raw = (
        b"HTTP/1.1 302 X\r\nContent-Length: 0\r\nLocation: /" + "خبر".encode("cp1256") + b"\r\n\r\n"
    )
    with serve({"/a": raw, "/%CE%C8%D1": reply(b"x")}) as site:
        [outcome] = crawl([ask(site.url + "/a")])
    assert outcome.response.body == b"x"


@pytest.mark.parametrize(
    "location", ["file:///etc/hostname", "ftp://127.0.0.1/x", "javascript:1", "data:,x"]
)
def test_redirect_out_of_http_is_a_fault(location):
    with serve({"/a": to(location)}) as site:
        [outcome] = crawl([ask(site.url + "/a")])
    assert outcome.kind == "scheme"


@pytest.mark.parametrize("location", ["http://[::1/", "http://127.0.0.1:99999/", "//["])
def test_redirect_to_no_address_is_a_fault(location):
    with serve({"/a": to(location)}) as site:
        [outcome] = crawl([ask(site.url + "/a")])
    assert outcome.kind == "bad_url"


def test_circles_and_long_ways_are_faults():
    pages = {"/a": to("/b"), "/b": to("/a")}
    pages |= {f"/{n}": to(f"/{n + 1}") for n in range(30)}
    with serve(pages) as site:
        circle, long = crawl([ask(site.url + "/a"), ask(site.url + "/0")])
        asked = len(site.asked)
    assert circle.kind == "redirect_loop"
    assert long.kind == "redirect_limit"
    assert asked == 2 + 11


def test_post_becomes_get_but_not_after_307():
    with serve({"/a": to("/c"), "/b": to("/c", 307), "/c": reply(b"x")}) as site:
        crawl(
            [
                Request(site.url + path, method="POST", body=b"q", meta={"source": FREE})
                for path in ("/a", "/b")
            ]
        )
        methods = {
            (each.method, each.headers.get(":body")) for each in site.asked if each.path == "/c"
        }
    assert methods == {("GET", None), ("POST", "q")}


def test_another_origin_gets_none_of_the_first_ones_headers():
    with (
        serve({"/x": reply(b"x")}, address="127.0.0.2") as other,
        serve({"/a": to(other.url + "/x")}) as site,
    ):
        mine = source(
            robots="ignore",
            homepage=site.url + "/",
            headers={"Authorization": "Bearer t", "X-Api-Key": "k"},
        )
        crawl([Request(site.url + "/a", headers={"Cookie": "a=b"}, meta={"source": mine})])
    assert site.asked[0].headers["authorization"] == "Bearer t"
    assert not {"authorization", "x-api-key", "cookie"} & set(other.asked[0].headers)
    assert "user-agent" in other.asked[0].headers


# ------------------------------------------------------------------ robots.txt


@pytest.mark.parametrize(
    ("robots", "kinds"),
    [
        (reply(b"User-agent: *\nDisallow: /private\n"), {"/open": None, "/private/1": "robots"}),
        (
            reply(b"User-agent: aggregator\nDisallow: /\nUser-agent: *\nAllow: /"),
            {"/open": "robots"},
        ),
        (reply(status=404), {"/open": None}),
        (reply(status=403), {"/open": None}),
        (reply(status=401), {"/open": None}),
        (reply(status=500), {"/open": "robots_unreachable"}),
        (reply(status=429), {"/open": "robots_unreachable"}),
        (reply(b"<html><body>Disallow: / is not here</body></html>"), {"/open": None}),
        (to("/robots.txt"), {"/open": None}),
        (to("/r"), {"/open": "robots"}),
        (to("file:///etc/robots.txt"), {"/open": None}),
        (
            reply(b"User-agent: *\nDisallow: /private\n" + b"#" * 600_000 + b"\nDisallow: /open"),
            {"/open": None, "/private/": "robots"},
        ),
    ],
)
def test_robots_txt_answers_mean_what_the_standard_says(robots, kinds):
    pages = {path: reply(b"x") for path in kinds}
    pages |= {"/robots.txt": robots, "/r": reply(b"User-agent: *\nDisallow: /")}
    with serve(pages) as site:
        outcomes = crawl([ask(site.url + path, source()) for path in kinds])
        robots_fetches = [path for path in site.paths() if path == "/robots.txt"]
    assert [outcome.kind for outcome in outcomes] == list(kinds.values())
    assert len(robots_fetches) == 1


def test_five_redirects_of_robots_txt_are_followed_and_no_sixth():
    def pages(hops):
        chain = {"/robots.txt": to("/r1"), "/x": reply(b"x")}
        chain |= {f"/r{n}": to(f"/r{n + 1}") for n in range(1, hops)}
        chain[f"/r{hops}"] = reply(b"User-agent: *\nDisallow: /")
        return chain

    for hops, kind in ((5, "robots"), (6, None)):
        with serve(pages(hops)) as site:
            [outcome] = crawl([ask(site.url + "/x", source())])
        assert outcome.kind == kind


def test_a_source_may_ignore_robots_txt():
    with serve({"/robots.txt": reply(b"User-agent: *\nDisallow: /"), "/x": reply(b"x")}) as site:
        [outcome] = crawl([ask(site.url + "/x", FREE)])
    assert outcome.response.body == b"x"
    assert site.paths() == ["/x"]


def test_the_target_of_a_redirect_obeys_its_own_robots_txt():
    pages = {"/robots.txt": reply(b"User-agent: *\nDisallow: /x"), "/x": reply(b"x")}
    with serve(pages, address="127.0.0.2") as other, serve({"/a": to(other.url + "/x")}) as site:
        [outcome] = crawl([ask(site.url + "/a", source())])
        assert outcome.kind == "robots"
        assert "/x" not in other.paths()


def test_a_host_that_cannot_be_reached_is_asked_for_robots_txt_once():
    async def hang(reader, writer):
        import asyncio

        await asyncio.sleep(60)

    with serve({"/robots.txt": hang, "/1": reply(b"x"), "/2": reply(b"x")}) as site:
        outcomes = crawl(
            [ask(f"{site.url}/{n}", source()) for n in (1, 2)], config(timeout_s=1.0, retries=2)
        )
    assert [outcome.kind for outcome in outcomes] == ["timeout", "timeout"]
    assert site.paths() == ["/robots.txt"]


def test_rules_are_kept_for_a_day_over_runs(tmp_path):
    def run(days, *paths):
        kept = {
            "AGGREGATOR_ROBOTS_FILE": str(tmp_path / "robots.json"),
            "AGGREGATOR_ROBOTS_CLOCK": Clock(1000.0 + days * 86_400),
        }
        return [
            each.kind for each in crawl([ask(site.url + path, source()) for path in paths], **kept)
        ]

    robots = b"User-agent: *\nDisallow: /p\nCrawl-delay: 0.01\nSitemap: https://a.test/s.xml"
    with serve({"/robots.txt": reply(robots), "/x": reply(b"x")}) as site:
        for days in (0, 0.1, 0.9, 1.1):
            assert run(days, "/x") == [None]
        assert site.paths().count("/robots.txt") == 2
        # a clock that was set back makes nothing of what was learned later
        assert run(0.5, "/x") == [None]
        assert site.paths().count("/robots.txt") == 3
        # the rules of before count while the server is broken
        site.pages["/robots.txt"] = reply(status=500)
        assert run(5, "/x", "/p") == [None, "robots"]


class Clock:
    def __init__(self, seconds):
        self._seconds = seconds

    def __call__(self):
        return self._seconds


@pytest.mark.parametrize("content", [b"", b"{", b"[1]", b'{"a": 5}', b'{"a": {"at": "x"}}'])
def test_a_damaged_file_of_rules_is_forgotten(tmp_path, content):
    path = tmp_path / "robots.json"
    path.write_bytes(content)
    assert RobotsCache(path).fresh("http://a.test") is None


# ------------------------------------------------------------------ headers


def test_user_agent_says_who_we_are_and_how_to_reach_us():
    assert user_agent("") == "aggregator/0.1.0"
    assert user_agent("https://a.test/bot") == "aggregator/0.1.0 (+https://a.test/bot)"
    assert user_agent("a@b.test\r\nX-Evil: 1)") == "aggregator/0.1.0 (+a@b.testX-Evil:1)"
    with serve({"/": reply(b"x")}) as site:
        crawl([ask(site.url + "/")], config(contact="mailto:a@b.test"))
    assert site.asked[0].headers["user-agent"] == "aggregator/0.1.0 (+mailto:a@b.test)"
    assert site.asked[0].headers["accept-language"].startswith("ar,")
    assert not {"cookie", "referer", "range"} & set(site.asked[0].headers)


def test_validators_ask_for_news_and_304_is_an_answer():
    with serve({"/feed": reply(status=304), "/old": to("/feed", 301)}) as site:
        validators = {"etag": '"a"', "last_modified": "Mon, 10 Nov 2025 08:00:00 GMT"}
        direct, moved = crawl(
            [ask(site.url + path, validators=validators) for path in ("/feed", "/old")]
        )
    assert direct.response.status == moved.response.status == 304
    for asked in site.asked:
        assert asked.headers["if-none-match"] == '"a"'
        assert asked.headers["if-modified-since"] == "Mon, 10 Nov 2025 08:00:00 GMT"


def test_validators_from_the_net_cannot_write_headers():
    with serve({"/": reply(b"x")}) as site:
        [outcome] = crawl(
            [ask(site.url + "/", validators={"etag": '"a"\r\nX-Evil: 1', "last_modified": None})]
        )
    assert outcome.response.body == b"x"
    assert not {"if-none-match", "x-evil"} & set(site.asked[0].headers)


def test_cookies_are_kept_for_sources_that_ask_only():
    sets = reply(b"x", headers=["Set-Cookie: seen=1; Path=/"])
    for wanted in (False, True):
        with serve({"/1": sets, "/2": sets}) as site:
            mine = source(robots="ignore", cookies=wanted)
            crawl([ask(f"{site.url}/{n}", mine) for n in (1, 2)])
        assert [each.headers.get("cookie") for each in site.asked] == [
            None,
            "seen=1" if wanted else None,
        ]


def test_a_cookie_wall_lets_pass_who_comes_back_with_its_cookie():
    def wall(asked):
        if "ok=1" in asked.headers.get("cookie", ""):
            return reply(b"x")
        return reply(status=302, headers=["Location: /a", "Set-Cookie: ok=1; Path=/"])

    with serve({"/a": wall}) as site:
        with_jar, without = crawl(
            [ask(site.url + "/a", source(robots="ignore", cookies=True)), ask(site.url + "/a")]
        )
    assert with_jar.response.body == b"x"
    assert without.kind == "redirect_loop"


def test_jars_of_two_sources_are_apart():
    sets = reply(b"x", headers=["Set-Cookie: seen=1; Path=/"])
    one = source(id="one", robots="ignore", cookies=True)
    two = source(id="two", robots="ignore", cookies=True)
    with serve({"/1": sets, "/2": sets}) as site:
        crawl([ask(site.url + "/1", one), ask(site.url + "/2", two)])
    assert [each.headers.get("cookie") for each in site.asked] == [None, None]


def test_own_headers_go_to_own_hosts_only():
    with (
        serve({"/x": reply(b"x")}, address="127.0.0.2") as other,
        serve({"/x": reply(b"x")}) as site,
    ):
        mine = source(
            robots="ignore",
            homepage="https://a.test/",
            seeds=(Seed(kind="feed", url=site.url + "/feed"),),
            headers={"X-Key": "k"},
        )
        crawl([ask(site.url + "/x", mine), ask(other.url + "/x", mine)])
    assert site.asked[0].headers["x-key"] == "k"
    assert "x-key" not in other.asked[0].headers
