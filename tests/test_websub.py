"""WebSub both ways, against a hub on loopback that does what the specification says."""

import asyncio
import hashlib
import hmac
import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from typing import Any
from urllib.parse import parse_qs, urlencode

import pytest

from aggregator import seeds
from aggregator.config import Config
from aggregator.crawl import rhythm
from aggregator.crawl.session import Session
from aggregator.crawl.transport import Transport
from aggregator.errors import BusyError
from aggregator.polling import PollOutcome
from aggregator.push import beside, hubs, subscribing
from aggregator.push.hubs import Publisher
from aggregator.push.service import held
from aggregator.push.subscribing import Subscriber
from aggregator.seeds import link_header
from aggregator.store import crawling, websub
from aggregator.store.engine import Store
from aggregator.store.websub import Subscription
from aggregator.types import Page
from tests import crawl_support
from tests.crawl_support import Asked, Site, reply
from tests.web_support import SOURCES, WAFD, TestClient, client, draft, fill, put, service

BASE = "http://127.0.0.1:8000"
SEED = WAFD.seeds[0].url


@dataclass
class Hub:
    """Keeps the forms that it was sent; ``answers`` first, then 202."""

    forms: list[dict[str, list[str]]] = field(default_factory=list)
    answers: list[bytes] = field(default_factory=list)
    during: Callable[[dict[str, list[str]]], None] = lambda _form: None
    arrived: threading.Event = field(default_factory=threading.Event)

    def __call__(self, asked: Asked) -> bytes:
        assert asked.method == "POST"
        assert asked.headers["content-type"] == "application/x-www-form-urlencoded"
        form = parse_qs(asked.headers[":body"], strict_parsing=True)
        self.forms.append(form)
        self.during(form)
        self.arrived.set()
        return self.answers.pop(0) if self.answers else reply(status=202)

    @property
    def told(self) -> list[str]:
        return [url for form in self.forms for url in form["hub.url"]]


@pytest.fixture
def hub() -> Hub:
    return Hub()


@pytest.fixture
def served(hub: Hub) -> Iterator[Site]:
    with crawl_support.serve({"/": hub}) as site:
        yield site


@dataclass
class Clock:
    time: datetime

    def __call__(self) -> datetime:
        return self.time

    def later(self, **parts: float) -> None:
        self.time += timedelta(**parts)


@pytest.fixture
def clock(now: datetime) -> Clock:
    return Clock(now)


# ------------------------------------------------------------------ we publish


@pytest.fixture
def publishing(config: Config, served: Site) -> Config:
    return replace(config, base_url=BASE, hub_url=f"{served.url}/")


def publish(store: Store, config: Config, clock: Clock, count: int = 1) -> dict[str, int]:
    async def main() -> dict[str, int]:
        transport = Transport(config)
        publisher = Publisher(config, store, transport, clock, settle_s=0.0, chance=lambda: 0.5)
        for _ in range(count):
            found = await publisher.turn()
        await transport.close()
        return dict(found)

    return asyncio.run(main())


def test_a_hub_is_told_which_feeds_changed_and_only_once(
    store: Store, publishing: Config, hub: Hub, clock: Clock
) -> None:
    put(store, clock(), draft(50, clock()))
    assert publish(store, publishing, clock) == {}  # a new hub has nobody to tell
    fill(store, clock())
    assert publish(store, publishing, clock)["requests"] == 1
    assert publish(store, publishing, clock) == {}
    assert hub.forms[0]["hub.mode"] == ["publish"]
    paths = {"all", "language/ar", "language/en"}
    paths |= {f"source/{name}" for name in ("wafd", "sabah", "post")}
    paths |= {f"country/{code}" for code in ("EG", "TN", "LB")}
    suffixes = (".rss", ".atom", ".json")
    assert sorted(hub.told) == sorted(f"{BASE}/feeds/{p}{s}" for p in paths for s in suffixes)
    web = client(service(store, publishing, clock()))
    for address in hub.told:
        assert web.get(address).links["self"]["url"] == address


def test_many_feeds_are_told_in_several_requests(
    store: Store, publishing: Config, hub: Hub, clock: Clock, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(hubs, "MOST_FEEDS", 10)
    publish(store, publishing, clock)
    fill(store, clock())
    assert publish(store, publishing, clock) == {"requests": 3, "feeds": 27}
    assert len(set(hub.told)) == 27


def test_a_hub_that_fails_is_told_later_of_everything_since(
    store: Store, publishing: Config, hub: Hub, clock: Clock
) -> None:
    publish(store, publishing, clock)
    put(store, clock(), draft(50, clock()))
    hub.answers = [reply(status=503, headers=["Retry-After: 120"])]
    assert publish(store, publishing, clock) == {"failed": 1}
    assert publish(store, publishing, clock) == {}
    fill(store, clock())
    clock.later(seconds=121)
    hub.forms.clear()
    assert publish(store, publishing, clock)["feeds"] == 27
    assert publish(store, publishing, clock) == {}


def test_a_hub_at_an_inner_address_is_not_asked(
    store: Store, publishing: Config, hub: Hub, clock: Clock
) -> None:
    closed = replace(publishing, allow_networks=())
    publish(store, closed, clock)
    fill(store, clock())
    assert publish(store, closed, clock) == {"failed": 1}
    assert hub.forms == []


def test_publishing_tells_hubs_unless_the_service_does(
    store: Store, publishing: Config, hub: Hub, clock: Clock
) -> None:
    beside.after_publishing(publishing, store, clock)
    fill(store, clock())
    with held(store, "hubs", 60):
        assert not beside.after_publishing(publishing, store, clock)
    assert beside.after_publishing(publishing, store, clock)["feeds"] == 27
    assert not beside.after_publishing(replace(publishing, base_url=""), store, clock)
    assert len(hub.forms) == 1


def test_serving_tells_hubs(
    store: Store, publishing: Config, hub: Hub, clock: Clock, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(hubs, "EVERY_S", 0.05)
    monkeypatch.setattr(Publisher, "settle_s", 0.0)
    publish(store, publishing, clock)
    with beside.serving(publishing, store, clock, lambda: SOURCES):
        fill(store, clock())
        while f"{BASE}/feeds/all.rss" not in hub.told:
            assert hub.arrived.wait(20)
            hub.arrived.clear()


# ------------------------------------------------------------------ we subscribe


@pytest.fixture
def topic(store: Store, served: Site) -> str:
    """A seed whose feed names the hub was polled."""
    name_hub(store, f"{served.url}/")
    return "https://alwafd.example/feed"


def name_hub(store: Store, hub: str | None, due: datetime | None = None) -> None:
    values: dict[str, Any] = {"hub": hub, "hints": {"topic": "https://alwafd.example/feed"}}
    with store.write() as connection:
        crawling.save_seed(connection, "wafd", SEED, "feed", values)
        if due:
            polled = due - timedelta(days=1)
            crawling.save_seed(
                connection, "wafd", SEED, "feed", {"next_at": due, "polled_at": polled}
            )


@dataclass
class Us:
    """Our side: the subscriber, and the service that the hub calls."""

    store: Store
    config: Config
    clock: Clock
    sources: dict[str, Any] = field(default_factory=lambda: dict(SOURCES))

    def turn(self) -> dict[str, int]:
        async def main() -> dict[str, int]:
            transport = Transport(self.config)
            subscriber = Subscriber(
                self.config, lambda: self.sources, self.store, transport, self.clock,
                chance=lambda: 0.5,
            )  # fmt: skip
            found = await subscriber.turn()
            await transport.close()
            return dict(found)

        return asyncio.run(main())

    @property
    def web(self) -> TestClient:
        site = service(self.store, self.config, self.clock())
        site.now = self.clock
        return client(site)

    @property
    def held(self) -> list[Subscription]:
        with self.store.read() as connection:
            return websub.subscriptions(connection)

    def confirm(self, form: dict[str, list[str]], **changed: str) -> Any:
        asked = {
            "hub.mode": form["hub.mode"][0],
            "hub.topic": form["hub.topic"][0],
            "hub.challenge": "c-h-a-l-l-e-n-g-e",
            "hub.lease_seconds": "864000",
        }
        path = form["hub.callback"][0].removeprefix(BASE)
        changes = {name.replace("_", ".", 1): value for name, value in changed.items()}
        return self.web.get(f"{path}?{urlencode(asked | changes)}")

    def push(
        self, form: dict[str, list[str]], body: bytes, secret: str, name: str = "sha256"
    ) -> Any:
        digest = hmac.new(secret.encode(), body, getattr(hashlib, name)).hexdigest()
        path = form["hub.callback"][0].removeprefix(BASE)
        return self.web.post(path, content=body, headers={"x-hub-signature": f"{name}={digest}"})

    def is_due(self) -> bool:
        with self.store.read() as connection:
            state = crawling.seed_states(connection, "wafd")[SEED]
        assert state.next_at is not None
        return state.next_at <= self.clock()


@pytest.fixture
def us(store: Store, config: Config, clock: Clock, topic: str) -> Us:
    return Us(store, replace(config, base_url=BASE), clock)


@pytest.fixture
def form(us: Us, hub: Hub) -> dict[str, list[str]]:
    """The request for a subscription that the hub has confirmed."""
    assert us.turn() == {"asked": 1}
    assert us.confirm(hub.forms[0]).status_code == 200
    return hub.forms[0]


def test_a_hub_is_asked_with_a_secret_callback_and_confirms(us: Us, hub: Hub, topic: str) -> None:
    assert us.turn() == {"asked": 1}
    asked = hub.forms[0]
    assert asked["hub.mode"] == ["subscribe"]
    assert asked["hub.topic"] == [topic]
    assert asked["hub.callback"][0].startswith(f"{BASE}/websub/")
    assert len(asked["hub.callback"][0].rpartition("/")[2]) == 43
    assert len(asked["hub.secret"][0]) == 64
    assert us.turn() == {}
    answer = us.confirm(asked)
    assert (answer.status_code, answer.text) == (200, "c-h-a-l-l-e-n-g-e")
    assert answer.headers["content-type"].startswith("text/plain")
    assert [each.state for each in us.held] == ["active"]


def test_a_hub_may_call_back_before_it_answers(us: Us, hub: Hub) -> None:
    hub.during = lambda form: us.confirm(form) and None
    hub.answers = [reply(status=500)]  # whatever it says then
    us.turn()
    assert [each.state for each in us.held] == ["active"]
    assert us.turn() == {}


def test_nothing_is_confirmed_that_was_not_asked_for(us: Us, hub: Hub, clock: Clock) -> None:
    us.turn()
    asked = hub.forms[0]
    assert us.confirm(asked, hub_topic="https://other.example/").status_code == 404
    assert us.confirm(asked, hub_mode="unsubscribe").status_code == 404
    assert us.confirm(asked, hub_mode="publish").status_code == 404
    assert us.confirm(asked, hub_challenge="").status_code == 404
    assert us.confirm(asked, hub_challenge="x" * 2000).status_code == 404
    assert us.web.get(f"/websub/{'A' * 43}?hub.mode=subscribe").status_code == 404
    assert us.web.get("/websub/x?hub.mode=subscribe").status_code == 404
    assert [each.state for each in us.held] == ["new"]
    clock.later(days=2)
    assert us.confirm(asked).status_code == 404


@pytest.mark.parametrize("name", ["sha1", "sha256", "sha384", "sha512"])
def test_a_signed_push_makes_the_seed_due(
    us: Us, store: Store, clock: Clock, form: dict[str, list[str]], served: Site, name: str
) -> None:
    name_hub(store, f"{served.url}/", due=clock() + timedelta(hours=3))
    assert not us.is_due()
    assert us.push(form, b"<rss/>", form["hub.secret"][0], name).status_code == 202
    assert us.is_due()
    assert us.held[0].pushes == 1


def test_a_push_with_a_wrong_signature_is_taken_and_ignored(
    us: Us, store: Store, clock: Clock, form: dict[str, list[str]], served: Site
) -> None:
    name_hub(store, f"{served.url}/", due=clock() + timedelta(hours=3))
    path = form["hub.callback"][0].removeprefix(BASE)
    assert us.push(form, b"<rss/>", "guessed").status_code == 202
    assert us.web.post(path, content=b"<rss/>").status_code == 202
    wrong = {"x-hub-signature": "md5=0123"}
    assert us.web.post(path, content=b"<rss/>", headers=wrong).status_code == 202
    assert not us.is_due()
    assert us.held[0].pushes == 0


def test_a_push_nobody_asked_for_or_too_large_is_refused(
    us: Us, form: dict[str, list[str]]
) -> None:
    us.config = replace(us.config, max_body_bytes=1000)
    assert us.push(form, b"x" * 1001, form["hub.secret"][0]).status_code == 413
    path = form["hub.callback"][0].removeprefix(BASE)
    pieces = (b"x" * 100 for _ in range(20))  # without a length
    assert us.web.post(path, content=pieces).status_code == 413
    assert us.web.post(f"/websub/{'A' * 43}", content=b"x").status_code == 410
    assert us.web.put(path, content=b"x").status_code == 405


def test_a_hub_that_pushes_without_end_causes_no_storm(
    us: Us, store: Store, clock: Clock, form: dict[str, list[str]]
) -> None:
    with store.write() as connection:
        times = {"polled_at": clock(), "next_at": clock() + timedelta(hours=3)}
        crawling.save_seed(connection, "wafd", SEED, "feed", times)
    for _ in range(3):
        us.push(form, b"x", form["hub.secret"][0])
    assert not us.is_due()
    clock.later(seconds=60)
    assert us.is_due()


def test_a_lease_is_renewed_before_it_ends(us: Us, hub: Hub, clock: Clock) -> None:
    us.turn()
    us.confirm(hub.forms[0], hub_lease_seconds="86400")
    assert us.held[0].lease_until == clock() + timedelta(days=1)
    clock.later(hours=17)
    assert us.turn() == {}
    clock.later(hours=1, seconds=1)
    assert us.turn() == {"asked": 1}
    assert hub.forms[1]["hub.callback"] == hub.forms[0]["hub.callback"]
    us.confirm(hub.forms[1], hub_lease_seconds="86400")
    assert us.held[0].lease_until == clock() + timedelta(days=1)
    assert us.turn() == {}


def test_a_hub_that_fails_or_is_silent_is_asked_again_more_and_more_seldom(
    us: Us, hub: Hub, clock: Clock
) -> None:
    hub.answers = [reply(status=500), reply(status=202), reply(status=202)]
    assert us.turn() == {"failed": 1}
    assert us.held[0].state == "failed"
    clock.later(seconds=61)
    assert us.turn() == {"asked": 1}  # and is silent then
    clock.later(minutes=59)
    assert us.turn() == {}
    clock.later(minutes=2)
    assert us.turn() == {"asked": 1}
    assert us.confirm(hub.forms[-1]).status_code == 200
    assert us.held[0].attempts == 0


def test_a_denied_subscription_is_asked_for_a_day_later(
    us: Us, clock: Clock, form: dict[str, list[str]], hub: Hub
) -> None:
    assert us.confirm(form, hub_mode="denied", hub_reason="not\nyou").status_code == 200
    assert (us.held[0].state, us.held[0].reason) == ("denied", "not you")
    assert us.turn() == {}
    clock.later(hours=25)
    assert us.turn() == {"asked": 1}


def test_we_leave_when_the_seed_names_no_hub_any_more(
    us: Us, store: Store, hub: Hub, form: dict[str, list[str]]
) -> None:
    name_hub(store, None)
    assert us.turn() == {"asked": 1}
    assert hub.forms[1]["hub.mode"] == ["unsubscribe"]
    assert us.push(form, b"x", form["hub.secret"][0]).status_code == 410
    assert us.confirm(hub.forms[1]).text == "c-h-a-l-l-e-n-g-e"
    assert us.held == []
    assert us.turn() == {}


def test_we_leave_when_the_source_is_gone_even_if_the_hub_is_silent(
    us: Us, clock: Clock, form: dict[str, list[str]]
) -> None:
    us.sources = {}
    for _ in range(subscribing.LEAVE_TRIES):
        assert us.turn() == {"asked": 1}
        clock.later(hours=13)
    assert us.turn() == {"left": 1}
    assert us.held == []


def test_another_hub_gets_another_subscription(
    us: Us, store: Store, hub: Hub, form: dict[str, list[str]]
) -> None:
    other = Hub()
    with crawl_support.serve({"/": other}) as site:
        name_hub(store, f"{site.url}/")
        us.turn()
        us.confirm(hub.forms[-1])
        us.turn()
    assert hub.forms[-1]["hub.mode"] == ["unsubscribe"]
    assert other.forms[0]["hub.callback"] != form["hub.callback"]


def test_a_pushed_seed_is_polled_more_seldom_and_still_polled(
    us: Us, store: Store, clock: Clock, form: dict[str, list[str]]
) -> None:
    def wait() -> timedelta:
        session = Session(config=us.config, sources=SOURCES, store=store, now=clock)
        outcome = PollOutcome(at=clock(), ok=True, entries=20, new_entries=10)
        due = rhythm.next_at(session, WAFD, WAFD.seeds[0], outcome)
        session.close(keep=False)
        return due - clock()

    pushed = wait()
    clock.later(days=11)  # the lease has ended
    assert timedelta(minutes=5) <= wait() < pushed / 2
    assert pushed < timedelta(days=1)


def test_hubs_are_asked_only_where_they_can_call_back(config: Config) -> None:
    def base(**values: Any) -> str | None:
        return subscribing.callback_base(replace(config, **values))

    assert base() is None
    assert base(base_url="https://news.example/x/") == "https://news.example/x"
    assert base(base_url="https://news.example/", subscribe=False) is None
    assert base(base_url="http://localhost:8000") is None
    assert base(base_url="http://127.0.0.1:8000") == "http://127.0.0.1:8000"  # tests allow it
    assert base(base_url="http://127.0.0.1:8000", allow_networks=()) is None
    assert base(base_url="http://[::1]:8000") is None
    assert base(base_url="http://[", allow_networks=()) is None


def test_serving_subscribes(us: Us, hub: Hub, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(subscribing, "EVERY_S", 0.05)
    with beside.serving(us.config, us.store, us.clock, lambda: SOURCES):
        assert hub.arrived.wait(20)
        with pytest.raises(BusyError), held(us.store, "subscriptions", 60):
            pass
    assert hub.forms[0]["hub.mode"] == ["subscribe"]


# ------------------------------------------------------------------ what seeds say

FEED = b"""<rss version="2.0" xmlns:atom="http://www.w3.org/2005/Atom"><channel><title>x</title>
<atom:link rel="hub" href="https://body.example/"/><atom:link rel="self" href="/body"/>
<item><title>a</title><link>https://a.example/1</link></item></channel></rss>"""


@pytest.mark.parametrize(
    ("header", "hub", "topic"),
    [
        (None, "https://body.example/", "https://a.example/body"),
        ('<https://h.example/>; rel="hub"', "https://h.example/", "https://a.example/body"),
        ('</self>; rel=self, <https://h.example/>; rel="x hub"', "https://h.example/", "https://a.example/self"),
        ("<https://h.example/>; title=hub", "https://body.example/", "https://a.example/body"),
        ("rubbish", "https://body.example/", "https://a.example/body"),
    ],
)  # fmt: skip
def test_the_link_header_comes_before_the_document(
    header: str | None, hub: str, topic: str, now: datetime
) -> None:
    page = Page(
        url="https://a.example/feed", body=FEED, status=200,
        headers={"link": header} if header else {}, fetched=now,
    )  # fmt: skip
    parsed = seeds.parse(page, WAFD.seeds[0], source=WAFD, now=now)
    assert (parsed.hub, parsed.self_url) == (hub, topic)


@pytest.mark.parametrize(
    "header", ["<" * 9000, "<a>;" * 3000, '<a>; rel="' + "x" * 9000, "<a>" + "; a" * 9000]
)
def test_hostile_link_headers_say_nothing(header: str) -> None:
    assert link_header.related(header, "hub", "https://a.example/") is None
