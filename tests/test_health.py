"""How sources fare, from what happened to them; and whom we tell, once."""

import asyncio
import re
from datetime import UTC, datetime, timedelta
from ipaddress import ip_network

import pytest
from hypothesis import given
from hypothesis import strategies as st
from lxml import etree

from aggregator import signing
from aggregator.alerts import Alert, as_feed, as_json, as_mail, decide
from aggregator.challenges import obstacle
from aggregator.config import Config
from aggregator.crawl.notify import send, send_mail
from aggregator.crawl.transport import Transport
from aggregator.errors import AggregatorError, ConfigError, FetchError
from aggregator.faults import KINDS
from aggregator.health import Health, judge
from aggregator.polling import PollOutcome
from tests.crawl_support import reply, serve

NOW = datetime(2025, 11, 10, 12, tzinfo=UTC)
HOUR, DAY = timedelta(hours=1), timedelta(days=1)
POSTS = [NOW - n * HOUR for n in range(1, 500, 2)]


def good(hours_ago: float, new: int = 1, entries: int | None = 25, **values) -> PollOutcome:
    return PollOutcome(
        at=NOW - hours_ago * HOUR, ok=True, entries=entries, new_entries=new, **values
    )


def bad(hours_ago: float, kind: str, **values) -> PollOutcome:
    return PollOutcome(at=NOW - hours_ago * HOUR, ok=False, kind=kind, **values)


def fills(*days: dict[str, tuple[int, int]]) -> dict[str, dict[str, tuple[int, int]]]:
    """Days, newest first."""
    return {(NOW - n * DAY).date().isoformat(): day for n, day in enumerate(days)}


def test_never_polled_is_unknown():
    assert judge((), {}, NOW).state == "unknown"
    assert judge([bad(0, "stopped")], {}, NOW).state == "unknown"


def test_a_source_that_works_is_ok_since_its_last_failure():
    health = judge([good(0), good(1), good(2), bad(3, "dns")], {}, NOW, posts=POSTS)
    assert health == Health(state="ok", since=NOW - 2 * HOUR)


@pytest.mark.parametrize(
    ("history", "state", "kind", "since_h"),
    [
        ([bad(0, "timeout"), good(1)], "ok", None, 1),
        ([bad(0, "timeout"), bad(1, "dns"), bad(2, "reset"), good(3)], "broken", "timeout", 2),
        ([bad(0, "http_502"), bad(7, "http_502"), good(8)], "broken", "http_502", 7),
        ([bad(0, "http_404"), good(1)], "broken", "http_404", 0),
        ([bad(0, "not_a_feed"), bad(2, "not_a_feed"), good(3)], "broken", "not_a_feed", 2),
        ([bad(0, "tls"), good(3)], "broken", "tls", 0),
        ([bad(0, "http_403"), bad(5, "http_403"), bad(6, "timeout")], "blocked", "http_403", 5),
        ([bad(0, "http_429")], "blocked", "http_429", 0),
        ([bad(0, "challenge"), good(1)], "blocked", "challenge", 0),
        ([bad(0, "login"), bad(4, "login"), good(5)], "blocked", "login", 4),
        ([bad(0, "robots")], "blocked", "robots", 0),
        ([bad(0, "blocked_address")], "blocked", "blocked_address", 0),
        ([bad(0, "stopped"), bad(1, "http_404"), good(2)], "broken", "http_404", 1),
    ],
)
def test_failures_are_told_apart(history, state, kind, since_h):
    health = judge(history, {}, NOW, posts=POSTS)
    assert (health.state, health.kind) == (state, kind)
    if kind:
        assert health.since == NOW - since_h * HOUR
        assert health.why
        assert not health.is_well


def test_a_single_passing_failure_is_a_note():
    health = judge(
        [bad(0, "timeout", seed="http://a.test/f"), good(1, seed="http://a.test/f")], {}, NOW
    )
    assert health.state == "ok"
    assert health.notes == ("no whole answer in time: http://a.test/f",)


@pytest.mark.parametrize("kind", ["timeout", "dns", "http_502", "refused"])
def test_what_never_worked_is_broken_from_its_first_poll(kind):
    health = judge([bad(0, kind)], {}, NOW)
    assert (health.state, health.kind, health.failures) == ("broken", kind, 1)
    assert judge([bad(0, kind), good(1)], {}, NOW, posts=POSTS).state == "ok"
    assert judge([bad(0, "stopped")], {}, NOW).state == "unknown"


def test_an_unchanged_answer_says_nothing_of_how_many_entries_there_are():
    unchanged = [good(n, 0, entries=None) for n in range(10)]
    assert judge([*unchanged, good(10)], {}, NOW, posts=POSTS).state == "ok"
    assert judge([*unchanged, good(10, 0, entries=0)], {}, NOW, posts=POSTS).state == "quiet"


def test_one_dead_seed_of_two_is_a_note_and_all_dead_is_trouble():
    feed, sitemap = {"seed": "http://a.test/f"}, {"seed": "http://a.test/s", "seed_kind": "sitemap"}
    history = [bad(0, "http_404", **feed), good(0, **sitemap), bad(5, "http_404", **feed)]
    health = judge(history, {}, NOW, posts=POSTS)
    assert health.state == "ok"
    assert health.notes == ("the server answers 404: http://a.test/f, 2 times",)
    both = judge([bad(0, "http_404", **feed), bad(0, "http_403", **sitemap)], {}, NOW, posts=POSTS)
    assert both.state == "broken"
    assert both.notes == ("the server answers 403: http://a.test/s",)


def test_quiet_is_judged_by_the_sources_own_rhythm():
    polls = [good(n, 0) for n in range(10)]
    hourly = [NOW - 30 * HOUR - n * HOUR for n in range(300)]
    weekly = [NOW - 6 * DAY - n * 7 * DAY for n in range(6)]
    quiet = judge(polls, {}, NOW, posts=hourly)
    assert (quiet.state, quiet.since) == ("quiet", hourly[0])
    assert quiet.why == "nothing new for 30 hours"
    assert judge(polls, {}, NOW, posts=weekly).state == "ok"
    assert judge(polls, {}, NOW, posts=[post - 10 * DAY for post in weekly]).state == "quiet"


def test_weekends_are_no_silence():
    working = [
        NOW - 3 * DAY - n * HOUR for n in range(600) if (NOW - 3 * DAY - n * HOUR).weekday() < 5
    ]
    monday_after = [good(n, 0) for n in range(5)]
    assert judge(monday_after, {}, NOW, posts=working).state == "ok"


def test_a_source_that_said_nothing_for_a_month_is_quiet():
    assert judge([good(0, 0, newest_published=NOW - 90 * DAY)], {}, NOW).state == "quiet"
    polls = [good(n * 24, 0, entries=None) for n in range(40)]
    assert judge(polls, {}, NOW).state == "quiet"
    assert judge(polls[:20], {}, NOW).state == "ok"


def test_an_empty_feed_is_quiet_and_back_it_is_ok():
    history = [good(0, 0, entries=0), good(1, 0, entries=None), good(2, 0, entries=0), good(3)]
    health = judge(history, {}, NOW, posts=POSTS)
    assert (health.state, health.kind, health.since) == ("quiet", "empty", NOW - 2 * HOUR)
    assert judge([good(0), *history[:2]], {}, NOW, posts=POSTS).state == "ok"


def test_a_listing_without_links_has_changed():
    history = [good(0, 0, entries=0, seed_kind="listing"), good(3, seed_kind="listing")]
    health = judge(history, {}, NOW, posts=POSTS)
    assert (health.state, health.fields) == ("changed", ("links",))


def test_a_feed_of_ten_thousand_entries_is_ok():
    assert judge([good(0, 10_000, entries=10_000)], {}, NOW, posts=POSTS).state == "ok"


def test_a_field_that_is_no_longer_filled_has_changed():
    whole = {"title": (10, 10), "paragraphs": (10, 10), "image": (4, 10), "authors": (0, 10)}
    lost = {**whole, "paragraphs": (0, 10)}
    health = judge([good(0)], fills(lost, lost, *[whole] * 5), NOW, posts=POSTS)
    assert (health.state, health.fields) == ("changed", ("paragraphs",))
    assert health.since == (NOW - DAY).replace(hour=0)
    assert health.why == "no longer found: paragraphs"


def test_a_field_stays_lost_however_long_it_is_lost():
    whole, lost = {"published": (10, 10)}, {"published": (0, 10)}
    for days in range(1, 11):
        given = fills(*[lost] * days, *[whole] * 3)
        health = judge([good(0)], given, NOW, posts=POSTS)
        assert health.state == "changed"
        assert health.since == (NOW - (days - 1) * DAY).replace(hour=0)


@pytest.mark.parametrize(
    "days",
    [
        [{"title": (0, 3)}, {"title": (10, 10)}],  # too few now
        [{"title": (0, 9)}, {"title": (9, 9)}],  # too few before
        [{"title": (5, 10)}, {"title": (30, 30)}],  # half is not none
        [{"image": (0, 10)}, {"image": (12, 30)}],  # never was filled in most
        [{"title": (0, 0)}, {"title": (30, 30)}],
        [],
    ],
)
def test_little_is_not_judged(days):
    assert judge([good(0)], fills(*days), NOW, posts=POSTS).state == "ok"


def test_pages_that_fail_while_seeds_work_are_trouble():
    pages = [bad(n / 10, "http_403") for n in range(8)] + [good(2), good(3)]
    health = judge([good(0)], {}, NOW, posts=POSTS, pages=pages)
    assert (health.state, health.kind, health.failures) == ("blocked", "http_403", 8)
    assert health.since == NOW - 0.7 * HOUR
    gone = [bad(n / 10, "http_410") for n in range(20)]
    assert judge([good(0)], {}, NOW, posts=POSTS, pages=gone).state == "ok"
    mixed = [bad(n / 10, "timeout") if n % 2 else good(n / 10) for n in range(20)]
    assert judge([good(0)], {}, NOW, posts=POSTS, pages=mixed).state == "ok"


def test_moved_needs_two_polls_that_agree():
    target = "https://b.test/feed"
    health = judge(
        [good(0, moved_to=target), good(1, moved_to=target), good(2)], {}, NOW, posts=POSTS
    )
    assert (health.state, health.since) == ("moved", NOW - HOUR)
    assert target in health.why
    assert judge([good(0, moved_to=target), good(1)], {}, NOW, posts=POSTS).state == "ok"


outcomes = st.builds(
    PollOutcome,
    at=st.integers(-2000, 2000).map(lambda hours: NOW + hours * HOUR),
    ok=st.booleans(),
    kind=st.none() | st.sampled_from([*KINDS, "http_404", "nonsense"]),
    entries=st.none() | st.integers(0, 100),
    new_entries=st.none() | st.integers(0, 100),
    newest_published=st.none() | st.integers(-2000, 2000).map(lambda hours: NOW + hours * HOUR),
    seed=st.sampled_from(["", "a", "b"]),
    seed_kind=st.sampled_from(["feed", "listing"]),
    moved_to=st.none() | st.just("http://b.test/"),
)
counts = st.tuples(st.integers(0, 50), st.integers(0, 50))
days = st.dictionaries(
    st.dates().map(str),
    st.dictionaries(st.sampled_from(["title", "published"]), counts),
    max_size=20,
)


@given(
    st.lists(outcomes, max_size=30),
    days,
    st.lists(st.integers(-2000, 500).map(lambda hours: NOW + hours * HOUR), max_size=40),
    st.lists(outcomes, max_size=20),
)
def test_any_history_gets_a_judgement(history, filled, posts, pages):
    health = judge(history, filled, NOW, posts=posts, pages=pages)
    assert health.state == "ok" or health.why
    assert "\n" not in health.why


# ------------------------------------------------------------------ obstacles


def shell(title: str, inner: str = "", encoding: str = "utf-8") -> bytes:
    html = f"<!DOCTYPE html><html><head><title>{title}</title></head><body>{inner}</body></html>"
    return html.encode(encoding)


LONG = "<p>" + "خبر من القاهرة عن التحقق " * 200 + "</p>"


@pytest.mark.parametrize(
    ("status", "headers", "body", "expected"),
    [
        (403, {}, shell("Just a moment..."), "challenge"),
        (503, {}, shell("DDoS-Guard"), "challenge"),
        (403, {"cf-mitigated": "challenge"}, b"", "challenge"),
        (202, {"x-amzn-waf-action": "challenge"}, b"", "challenge"),
        (
            200,
            {},
            shell("x", "<script src='/_Incapsula_Resource?SWJIYLWA=1'></script>"),
            "challenge",
        ),
        (403, {}, shell("Access Denied", "Reference #18.abc"), "challenge"),
        (200, {}, shell("لحظة من فضلك..."), "challenge"),
        (200, {}, shell("تسجيل الدخول | صدى", "<h1>الرجاء تسجيل الدخول</h1>"), "login"),
        (200, {}, shell("تسجيل الدخول", "<p>x</p>", "cp1256"), "login"),
        (200, {}, shell("Log in", '<input name=p type="password">' + LONG), "login"),
        (401, {}, shell("Sign in to continue", LONG), "login"),
        (200, {}, shell("Just a moment in history: خبر", LONG), None),
        (200, {}, shell("خبر", LONG + '<form><input type="password"></form>'), None),
        (200, {}, shell("كيف يعمل captcha-delivery.com/captcha", LONG), None),
        (200, {}, shell("خبر", "<a href=/login>تسجيل الدخول</a>"), None),
        (200, {}, b'<?xml version="1.0"?><rss><channel><title>Login</title></channel></rss>', None),
        (200, {"x-datadome": "protected"}, shell("خبر", LONG), None),
        (200, {}, b"", None),
    ],
)
def test_what_stands_in_the_way_is_told_from_what_says_something(status, headers, body, expected):
    assert obstacle(status, headers, body) == expected


@pytest.mark.parametrize(
    "body",
    [
        b"<html>" + b"<title " * 9000,
        b"<html>" + b"<script>" * 9000,
        b"<html><input " + b"type= " * 9000,
        b"<html>" + b"<" * 70_000,
    ],
)
@pytest.mark.timeout(60)
def test_hostile_pages_are_looked_at_in_linear_time(body):
    assert obstacle(403, {}, body) is None


# ------------------------------------------------------------------ alerts

CONFIG = Config(alert_failures=3, alert_after_s=3600)
ALERT = Alert(
    event="trouble",
    source="alwafd",
    name="بوابة الوفد",
    state="broken",
    why="host name is not found",
    since=NOW - DAY,
    at=NOW,
)


def told(health: Health, alerted_at: datetime | None = None):
    return decide(
        health, source="alwafd", name="بوابة الوفد", alerted_at=alerted_at, now=NOW, config=CONFIG
    )


def broken(failures: int, hours: float) -> Health:
    return Health(state="broken", why="x", since=NOW - hours * HOUR, kind="dns", failures=failures)


def test_trouble_is_told_once_after_failures_and_time():
    assert told(broken(2, 5)).alert is None
    assert told(broken(9, 0.5)).alert is None
    decision = told(broken(3, 5))
    assert decision.alert.event == "trouble"
    assert decision.alerted_at == NOW
    assert told(broken(4, 6), alerted_at=NOW - HOUR).alert is None
    assert told(broken(4, 6), alerted_at=NOW - HOUR).alerted_at == NOW - HOUR


def test_recovery_is_told_once():
    decision = told(Health(state="ok"), alerted_at=NOW - DAY)
    assert decision.alert.event == "recovered"
    assert decision.alerted_at is None
    assert told(Health(state="ok"), decision.alerted_at).alert is None
    assert told(Health(state="ok")).alert is None


def test_one_trouble_after_another_is_told_once():
    blocked = Health(state="blocked", why="y", since=NOW - DAY, failures=9)
    assert told(blocked, alerted_at=NOW - HOUR).alert is None


def test_silence_and_change_need_time_alone():
    assert told(Health(state="quiet", why="x", since=NOW - DAY)).alert.state == "quiet"
    assert told(Health(state="changed", why="x", since=NOW)).alert is None


def test_unknown_takes_nothing_back():
    assert told(Health(state="unknown"), alerted_at=NOW).alerted_at == NOW


def test_a_webhook_is_signed_with_its_time():
    with serve({"/hook": reply(b"")}) as site:
        config = Config(
            alert_webhook=site.url + "/hook",
            alert_secret="0123456789abcdef",  # noqa: S106
            allow_networks=(ip_network("127.0.0.0/8"),),
        )
        post(config)
        [asked] = site.asked
    headers, body = asked.headers, asked.headers[":body"].encode("latin-1")
    assert body == as_json(ALERT)
    assert headers[signing.ID_HEADER] == ALERT.id
    sent = int(headers[signing.TIMESTAMP_HEADER])
    assert signing.is_webhook(body, config.alert_secret, headers, sent)
    assert not signing.is_webhook(body, "another key of 16", headers, sent)


def post(config: Config) -> None:
    async def main() -> None:
        transport = Transport(config)
        try:
            await send(ALERT, "webhook", config, transport)
        finally:
            await transport.close()

    asyncio.run(main())


def test_a_webhook_that_fails_says_why():
    with serve(
        {"/500": reply(status=500), "/302": reply(status=302, headers=["Location: /x"])}
    ) as site:
        for path, kind in (("/500", "http_500"), ("/302", "http_302")):
            config = Config(
                alert_webhook=site.url + path, allow_networks=(ip_network("127.0.0.0/8"),)
            )
            with pytest.raises(FetchError) as failed:
                post(config)
            assert failed.value.kind == kind
        with pytest.raises(FetchError) as failed:
            post(Config(alert_webhook=site.url + "/500"))
        assert failed.value.kind == "blocked_address"
        assert len(site.asked) == 2


def mail_server(extensions: bytes = b""):
    """A mail server that takes everything; returns what it heard."""
    heard: list[bytes] = []

    async def talk(reader, writer):
        writer.write(b"220 a.test\r\n")
        while line := await reader.readline():
            heard.append(line)
            line = line.upper()
            if line.startswith(b"DATA"):
                writer.write(b"354 go\r\n")
                while (line := await reader.readline()) != b".\r\n":
                    heard.append(line)
                writer.write(b"250 ok\r\n")
            elif line.startswith(b"EHLO"):
                writer.write(b"250-a.test\r\n" + extensions + b"250 8BITMIME\r\n")
            elif line.startswith(b"QUIT"):
                writer.write(b"221 bye\r\n")
                break
            else:
                writer.write(b"250 ok\r\n")
        writer.close()
        await writer.wait_closed()

    return talk, heard


def mail(config_of, extensions: bytes = b"") -> list[bytes]:
    talk, heard = mail_server(extensions)

    async def main() -> None:
        server = await asyncio.start_server(talk, "127.0.0.1", 0)
        port = server.sockets[0].getsockname()[1]
        async with server:
            await asyncio.to_thread(send_mail, ALERT, config_of(port))

    asyncio.run(main())
    return heard


def test_a_mail_is_sent_and_readable():
    heard = b"".join(
        mail(lambda port: Config(alert_mail="me@a.test", smtp=f"smtp://127.0.0.1:{port}"))
    )
    assert b"rcpt TO:<me@a.test>" in heard
    assert b"Auto-Submitted: auto-generated" in heard


def test_a_password_is_never_sent_without_tls_nor_shown():
    with pytest.raises(ConfigError, match="offers no TLS") as caught:
        mail(
            lambda port: Config(alert_mail="me@a.test", smtp=f"smtp://u:s3cret@127.0.0.1:{port}"),
            b"250-AUTH PLAIN LOGIN\r\n",
        )
    assert "s3cret" not in str(caught.value)
    with pytest.raises(AggregatorError, match="mail cannot be sent") as failed:
        send_mail(ALERT, Config(alert_mail="me@a.test", smtp="smtp://u:s3cret@127.0.0.1:1"))
    assert "s3cret" not in str(failed.value)
    with pytest.raises(ConfigError):
        send_mail(ALERT, Config(alert_mail="me@a.test", smtp="http://127.0.0.1"))


def test_nothing_from_the_net_writes_mail_headers():
    evil = Alert(
        event="trouble", source="x", name="a\r\nBcc: b@b.test", state="broken",
        why="y\r\n\r\nz" * 100, since=None, at=NOW,
    )  # fmt: skip
    message = as_mail(evil, to="me@a.test", sender="a@a.test")
    assert message["Bcc"] is None
    assert "\n" not in message["Subject"]


def test_alerts_have_a_feed_of_their_own_with_stable_bytes():
    recovered = Alert(
        event="recovered", source="x", name="<b>&\x00", state="ok", why="", since=None, at=NOW - DAY
    )
    feed = as_feed([ALERT, recovered], self_url="https://a.test/alerts?a=1&b=2")
    assert feed == as_feed([ALERT, recovered], self_url="https://a.test/alerts?a=1&b=2")
    root = etree.fromstring(feed)
    titles = root.findall(".//{*}entry/{*}title")
    assert [title.text for title in titles] == [
        "بوابة الوفد (alwafd): broken: host name is not found",
        "<b>& (x): well again",
    ]
    assert len({each.text for each in root.iter("{*}id")}) == 3
    assert re.fullmatch(r"2025-11-10T12:00:00Z", root.findtext("{*}updated"))
    assert etree.fromstring(as_feed([])) is not None
