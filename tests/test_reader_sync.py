"""Apps that read: whole sessions over HTTP, as NetNewsWire, Reeder and newsboat hold them."""

import shutil
import sqlite3
import subprocess
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from urllib.parse import quote

import httpx
import pytest
from click.testing import CliRunner
from hypothesis import given
from hypothesis import strategies as st
from lxml import etree

from aggregator.cli import cli
from aggregator.config import Config
from aggregator.store import readers
from aggregator.store.engine import Store
from aggregator.web.reader_sync import ids
from aggregator.web.site import Site
from tests.web_support import (
    HOSTILE_SOURCE,
    POST,
    SABAH,
    SOURCES,
    WAFD,
    draft,
    fill_hostile,
    on_loopback,
    picture,
    put,
    service,
)

STATE = "user/-/state/com.google/"
API = "/reader/api/0"
TOKEN = "a-token-for-tests-0123456789"  # noqa: S105
NOW = datetime(2025, 11, 10, 12, tzinfo=UTC)


def articles(store: Store) -> None:
    """Six articles over two hours, numbers 1 to 6: three of wafd, two of sabah, one of post."""
    for number, source in enumerate((WAFD, SABAH, WAFD, POST, SABAH, WAFD), 1):
        at = NOW - timedelta(minutes=20 * (7 - number))
        put(store, at, draft(number, at, source, images=(picture(),)))


def add_reader(store: Store, name: str = "mona", sources: Any = SOURCES) -> None:
    with store.write() as connection:
        pk = readers.add(connection, name, TOKEN, NOW)
        assert pk is not None
        readers.follow(connection, pk, sources, NOW - timedelta(days=30))


@pytest.fixture
def site(store: Store, config: Config) -> Site:
    articles(store)
    add_reader(store)
    return service(store, config, NOW)


@pytest.fixture
def address(site: Site) -> Iterator[str]:
    with on_loopback(site) as where:
        yield where


@dataclass
class App:
    """An app that is signed in."""

    address: str
    name: str = "mona"
    http: httpx.Client = field(default_factory=httpx.Client)
    change_token: str = ""

    def sign_in(self, token: str = TOKEN) -> httpx.Response:
        form = {"Email": self.name, "Passwd": token, "service": "reader", "client": "tests"}
        answer = self.http.post(f"{self.address}/accounts/ClientLogin", data=form)
        lines = dict(line.split("=", 1) for line in answer.text.splitlines() if "=" in line)
        if "Auth" in lines:
            self.http.headers["authorization"] = f"GoogleLogin auth={lines['Auth']}"
            self.change_token = self.http.get(f"{self.address}{API}/token").text
        return answer

    def get(self, path: str, **query: Any) -> Any:
        answer = self.http.get(f"{self.address}{API}/{path}", params={"output": "json", **query})
        assert answer.status_code == 200, answer.text
        return answer.json()

    def post(self, path: str, expected: int = 200, **form: Any) -> httpx.Response:
        answer = self.http.post(
            f"{self.address}{API}/{path}", data={"T": self.change_token, **form}
        )
        assert answer.status_code == expected, answer.text
        return answer

    def ids(self, stream: str = f"{STATE}reading-list", **query: Any) -> list[int]:
        found = self.get("stream/items/ids", s=stream, **{"n": 100, **query})
        return [int(each["id"]) for each in found["itemRefs"]]

    def unread(self) -> list[int]:
        return self.ids(xt=f"{STATE}read")


@pytest.fixture
def app(address: str) -> Iterator[App]:
    with httpx.Client(timeout=20) as client:
        found = App(address, http=client)
        assert found.sign_in().status_code == 200
        yield found


# ---------------------------------------------------------------- whole sessions


def test_a_session_as_netnewswire_and_reeder_hold_it(app: App) -> None:
    tags = app.get("tag/list")["tags"]
    assert [each["id"] for each in tags] == [f"{STATE}starred"]
    feeds = {each["id"]: each for each in app.get("subscription/list")["subscriptions"]}
    assert set(feeds) == {"feed/wafd", "feed/sabah", "feed/post"}
    assert feeds["feed/wafd"]["title"] == "بوابة الوفد"
    assert feeds["feed/wafd"]["url"].endswith("/feeds/source/wafd.rss")
    assert feeds["feed/wafd"]["htmlUrl"] == WAFD.homepage
    assert feeds["feed/wafd"]["categories"] == []

    assert app.unread() == [6, 5, 4, 3, 2, 1]
    assert app.ids(f"{STATE}starred") == []
    form = {"i": [ids.long_id(6), "0000000000000004", "1"], "output": "json"}
    items = app.post("stream/items/contents", **form).json()["items"]
    assert [each["id"] for each in items] == [ids.long_id(n) for n in (6, 4, 1)]
    newest = items[0]
    assert newest["origin"] == {
        "streamId": "feed/wafd",
        "title": "بوابة الوفد",
        "htmlUrl": WAFD.homepage,
    }
    assert newest["alternate"][0]["href"] == f"{WAFD.homepage}7000006"
    assert newest["summary"]["direction"] == "rtl"
    assert newest["summary"]["content"].startswith('<div dir="rtl" lang="ar">')
    assert newest["categories"] == [f"{STATE}reading-list", f"{STATE}kept-unread"]
    assert newest["crawlTimeMsec"] == str(int((NOW - timedelta(minutes=20)).timestamp()) * 1000)
    assert newest["timestampUsec"] == newest["crawlTimeMsec"] + "000"
    assert newest["enclosure"] == [{"href": "https://pictures.example/a.jpg", "type": "image/jpeg"}]

    assert app.post("edit-tag", i=[ids.long_id(6), "4"], a=f"{STATE}read").text == "OK"
    app.post("edit-tag", i=ids.long_id(2), a=f"{STATE}starred")
    assert app.unread() == [5, 3, 2, 1]
    assert app.ids(f"{STATE}starred") == [2]
    assert app.ids(f"{STATE}read") == [6, 4]
    app.post("edit-tag", i="6", r=f"{STATE}read")
    app.post("edit-tag", i="2", r=f"{STATE}starred")
    assert app.unread() == [6, 5, 3, 2, 1]
    assert app.ids(f"{STATE}starred") == []


def test_all_is_read_up_to_what_the_app_had_seen(app: App) -> None:
    seen = NOW - timedelta(minutes=60)  # the fourth arrived then
    app.post("edit-tag", i="1", a=f"{STATE}kept-unread")
    micros = str(int(seen.timestamp()) * 1_000_000)
    assert app.post("mark-all-as-read", s=f"{STATE}reading-list", ts=micros).text == "OK"
    assert app.unread() == [6, 5]
    app.post("edit-tag", i="3", r=f"{STATE}read")
    assert app.unread() == [6, 5, 3]
    app.post("mark-all-as-read", s="feed/wafd")
    assert app.unread() == [5]
    counts = {each["id"]: each for each in app.get("unread-count")["unreadcounts"]}
    assert {name: each["count"] for name, each in counts.items()} == {
        "feed/sabah": 1,
        f"{STATE}reading-list": 1,
    }
    arrived = int((NOW - timedelta(minutes=40)).timestamp())
    assert counts["feed/sabah"]["newestItemTimestampUsec"] == f"{arrived}000000"
    app.post("mark-all-as-read", s=f"{STATE}reading-list")
    assert app.unread() == []
    assert app.get("unread-count")["unreadcounts"] == []


def test_folders_titles_and_what_is_followed(app: App) -> None:
    app.post("subscription/edit", ac="edit", s="feed/wafd", t="الوفد", a="user/-/label/مصر")
    app.post("subscription/edit", ac="edit", s="feed/sabah", a="user/-/label/تونس")
    feeds = {each["id"]: each for each in app.get("subscription/list")["subscriptions"]}
    assert feeds["feed/wafd"]["title"] == "الوفد"
    assert [each["label"] for each in feeds["feed/wafd"]["categories"]] == ["مصر"]
    assert app.ids("user/-/label/مصر") == [6, 3, 1]
    assert app.ids(xt="user/-/label/مصر") == [5, 4, 2]
    assert app.get("stream/contents/feed/wafd")["items"][0]["categories"][-1] == "user/-/label/مصر"
    app.post("rename-tag", s="user/-/label/مصر", dest="user/-/label/القاهرة")
    app.post("disable-tag", s="user/1/label/تونس")
    labels = [each["id"] for each in app.get("tag/list")["tags"]]
    assert labels == [f"{STATE}starred", "user/-/label/القاهرة"]

    app.post("edit-tag", i="4", a=f"{STATE}starred")
    app.post("subscription/edit", ac="unsubscribe", s="feed/post")
    assert app.ids() == [6, 5, 3, 2, 1]
    assert app.ids(f"{STATE}starred") == [4]  # what one wanted to keep stays
    assert app.ids("feed/post") == []
    added = app.post("subscription/quickadd", quickadd="https://post.example/").json()
    assert (added["numResults"], added["streamId"]) == (1, "feed/post")
    assert app.ids() == [6, 5, 4, 3, 2, 1]
    assert (
        app.post("subscription/quickadd", quickadd="https://nobody.example/rss").json()[
            "numResults"
        ]
        == 0
    )
    app.post("subscription/edit", 404, ac="subscribe", s="feed/nobody")


@pytest.mark.parametrize(
    "named",
    [
        "post",
        "feed/post",
        "https://post.example",
        "www.post.example/",
        "http://127.0.0.1:8000/feeds/source/post.atom",
        "feed/http://127.0.0.1:8000/feeds/source/post.rss",
    ],
)
def test_a_source_is_followed_by_any_of_its_addresses(app: App, named: str) -> None:
    app.post("subscription/edit", ac="unsubscribe", s="feed/post")
    app.post("subscription/quickadd", quickadd=named)
    assert app.ids("feed/post") == [4]


def test_pages_have_no_gap_and_no_double(app: App, store: Store) -> None:
    for order, expected in (("n", [6, 5, 4, 3, 2, 1]), ("o", [1, 2, 3, 4, 5, 6])):
        found, after = [], {}
        for _ in range(10):
            page = app.get("stream/items/ids", s=f"{STATE}reading-list", n=2, r=order, **after)
            found += [int(each["id"]) for each in page["itemRefs"]]
            if "continuation" not in page:
                break
            after = {"c": page["continuation"]}
            if len(found) == 2 and order == "n":  # what arrives meanwhile moves no page
                put(store, NOW, draft(90, NOW))
                expected = expected[:]
        assert found == (expected if order == "n" else [*expected, 7])


def test_times_bound_what_is_asked_for(app: App) -> None:
    third, fifth = NOW - timedelta(minutes=80), NOW - timedelta(minutes=40)
    assert app.ids(ot=int(third.timestamp())) == [6, 5, 4, 3]
    assert app.ids(nt=int(fifth.timestamp())) == [5, 4, 3, 2, 1]
    assert app.ids(ot=int(third.timestamp()), nt=int(fifth.timestamp()), r="o") == [3, 4, 5]
    assert app.ids(ot=f"{int(third.timestamp())}000000") == [6, 5, 4, 3]
    assert (
        app.http.get(f"{app.address}{API}/stream/items/count", params={"s": "feed/wafd"}).text
        == "3"
    )


def test_streams_by_state_and_source_together(app: App) -> None:
    app.post("edit-tag", i=["6", "5"], a=[f"{STATE}read", f"{STATE}starred"])
    assert app.ids("feed/wafd", xt=f"{STATE}read") == [3, 1]
    assert app.ids("feed/wafd", it=f"{STATE}read") == [6]
    assert app.ids(f"{STATE}starred", xt=f"{STATE}read") == []
    assert app.ids(f"{STATE}broadcast") == []
    assert app.ids(xt=f"{STATE}broadcast") == [6, 5, 4, 3, 2, 1]


def test_what_is_gone_is_not_offered(app: App, store: Store) -> None:
    from aggregator.store.retention import Limits, prune

    prune(store, Limits(articles=1), NOW)
    assert app.ids() == [6, 5, 4]
    assert app.post("stream/items/contents", i=["1", "6", "99999"]).json()["items"][0][
        "id"
    ] == ids.long_id(6)


def test_two_people_mark_for_themselves(app: App, store: Store) -> None:
    add_other = readers.new_token()
    with store.write() as connection:
        pk = readers.add(connection, "ali", add_other, NOW)
        assert pk is not None
        readers.follow(connection, pk, ["wafd"], NOW - timedelta(days=30))
    other = App(app.address, "ali", httpx.Client())
    with other.http:
        other.sign_in(add_other)
        other.post("edit-tag", i="6", a=f"{STATE}read")
        assert other.unread() == [3, 1]
        assert app.unread() == [6, 5, 4, 3, 2, 1]
        assert other.get("user-info")["userName"] == "ali"
        with store.write() as connection:
            assert readers.remove(connection, "ali")
        assert other.http.get(f"{app.address}{API}/user-info").status_code == 401


# ---------------------------------------------------------------- who may


def test_nobody_gets_in_without_the_token(address: str) -> None:
    with httpx.Client() as client:
        for path in ("user-info", "stream/items/ids?s=feed/wafd", "token", "stream/contents/x"):
            assert client.get(f"{address}{API}/{path}").status_code == 401
        wrong = {"authorization": f"GoogleLogin auth=mona/{TOKEN[:-1]}"}
        answer = client.get(f"{address}{API}/user-info", headers=wrong)
        assert answer.status_code == 401
        assert answer.headers["cache-control"] == "no-store"
        assert client.post(f"{address}{API}/edit-tag", data={"i": "1"}).status_code == 401
        app = App(address, http=client)
        assert app.sign_in("wrong").status_code == 401
        assert app.sign_in("").text == "Error=BadAuthentication\n"


def test_who_tries_many_tokens_has_to_wait(address: str) -> None:
    with httpx.Client() as client:
        app = App(address, http=client)
        codes = [app.sign_in(f"wrong{n}").status_code for n in range(30)]
        assert codes[0] == 401
        assert codes[-1] == 429
        assert int(app.sign_in("wrong").headers["retry-after"]) >= 1


def test_a_change_with_an_old_token_is_refused_and_says_so(app: App) -> None:
    answer = app.post("edit-tag", 401, i="6", a=f"{STATE}read", T="0" * 57)
    assert answer.headers["x-reader-google-bad-token"] == "true"
    assert app.unread() == [6, 5, 4, 3, 2, 1]
    assert len(app.change_token) == 57


def test_the_store_keeps_no_token(store: Store) -> None:
    add_reader(store)
    with store.read() as connection:
        reader = readers.find(connection, "mona")
        assert reader is not None
        assert TOKEN not in repr(reader)
        assert readers.add(connection, "mona", "another", NOW) is None


def test_a_new_token_ends_the_old_one(app: App, store: Store) -> None:
    with store.write() as connection:
        assert readers.set_token(connection, "mona", "new-token")
    assert app.http.get(f"{app.address}{API}/user-info").status_code == 401
    app.http.headers.pop("authorization")
    assert app.sign_in("new-token").status_code == 200


def test_what_one_follows_begins_a_month_back(store: Store, config: Config) -> None:
    old = NOW - timedelta(days=40)
    put(store, old, draft(50, old))
    articles(store)
    add_reader(store)
    with on_loopback(service(store, config, NOW)) as address, httpx.Client() as client:
        app = App(address, http=client)
        app.sign_in()
        assert app.ids("feed/wafd") == [7, 4, 2, 1]
        assert app.ids("feed/wafd", xt=f"{STATE}read") == [7, 4, 2]


# ---------------------------------------------------------------- what is wrong


@pytest.mark.parametrize(
    ("method", "path", "given", "reason"),
    [
        ("GET", "stream/items/ids", {"s": "nonsense"}, "not a stream"),
        ("GET", "stream/items/ids", {"s": "feed/x", "n": "many"}, "not a whole number"),
        ("GET", "stream/items/ids", {"s": "feed/x", "c": "x'"}, "not a continuation"),
        ("GET", "stream/items/ids", {"s": "feed/x", "ot": "yesterday"}, "not a time"),
        ("GET", "stream/items/ids", {"s": "feed/x", "ot": "9" * 21}, "not a time"),
        ("GET", "stream/items/ids", {"s": "feed/x", "xt": "x"}, "not a stream"),
        ("POST", "stream/items/contents", {"i": "x"}, "not an item"),
        ("POST", "stream/items/contents", {"i": [str(n) for n in range(1, 1002)]}, "too many"),
        ("POST", "edit-tag", {"i": "1", "a": "user/-/label/x"}, "no such tags"),
        ("POST", "subscription/edit", {"s": "feed/wafd"}, "not an action"),
        ("POST", "subscription/edit", {"ac": "edit"}, "which source"),
        ("POST", "subscription/edit", {"ac": "edit", "s": "feed/wafd", "a": "x"}, "not a folder"),
        (
            "POST",
            "subscription/edit",
            {"ac": "edit", "s": "feed/wafd", "t": "x" * 201},
            "not a name",
        ),
        ("POST", "rename-tag", {"s": "user/-/label/x"}, "not a folder"),
        ("POST", "mark-all-as-read", {"s": f"{STATE}starred"}, "not a stream of sources"),
        ("GET", "edit-tag", {}, "Method Not Allowed"),
    ],
)
def test_what_is_not_understood_is_said_in_a_line(
    app: App, method: str, path: str, given: dict[str, Any], reason: str
) -> None:
    where = f"{app.address}{API}/{path}"
    if method == "GET":
        answer = app.http.get(where, params=given)
    else:
        answer = app.http.post(where, data=given)
    assert 400 <= answer.status_code < 500
    assert reason in answer.text
    assert answer.text.count("\n") == 1
    assert answer.headers["content-type"].startswith("text/plain")


def test_a_form_of_a_megabyte_is_refused(app: App) -> None:
    answer = app.http.post(f"{app.address}{API}/edit-tag", content=b"i=1&" * 250_000)
    assert answer.status_code == 413


@given(st.integers(1, 2**63 - 1))
def test_both_names_of_an_article_mean_it(pk: int) -> None:
    assert ids.item(ids.long_id(pk)) == pk
    assert ids.item(f"{ids.LONG}{pk:x}") == pk
    assert ids.item(f"{pk:016x}") == pk
    if len(str(pk)) != 16:
        assert ids.item(str(pk)) == pk


@given(st.text(max_size=60))
def test_no_text_is_more_than_a_name_or_nothing(text: str) -> None:
    found = ids.item(text)
    assert found is None or 0 < found < 2**63
    stream = ids.stream(text)
    assert stream is None or ids.stream(stream.name) == stream


# ---------------------------------------------------------------- real apps


def test_hostile_articles_come_as_harmless_html_and_well_formed_atom(
    store: Store, config: Config
) -> None:
    fill_hostile(store, NOW)
    sources = {**SOURCES, HOSTILE_SOURCE.id: HOSTILE_SOURCE}
    add_reader(store, sources=sources)
    site = service(store, config, NOW, sources=sources)
    with on_loopback(site) as address, httpx.Client(timeout=20) as client:
        app = App(address, http=client)
        app.sign_in()
        items = app.get(f"stream/contents/{STATE}reading-list", n=100)["items"]
        assert len(items) == 8
        for each in items:
            html = each["summary"]["content"]
            for bad in ("<script", "<iframe", "<svg", "<form", "<img", "<math", " style="):
                assert bad not in html.lower()
            assert 'href="javascript' not in html.lower()
        feed = client.get(f"{address}/reader/atom/{STATE}reading-list?n=100").content
        tree = etree.fromstring(feed)
        assert len(tree.findall("{http://www.w3.org/2005/Atom}entry")) == 8


@pytest.mark.skipif(shutil.which("newsboat") is None, reason="needs Debian's newsboat")
def test_newsboat_reads_and_marks_through_the_interface(
    tmp_path: Path, app: App, address: str
) -> None:
    app.post("edit-tag", i="6", a=f"{STATE}read")
    cache, settings, urls = (tmp_path / name for name in ("cache.db", "config", "urls"))
    urls.write_text("")
    settings.write_text(
        f'urls-source "feedhq"\nfeedhq-url "{address}"\nfeedhq-login "mona"\n'
        f'feedhq-password "{TOKEN}"\nfeedhq-show-special-feeds "no"\n'
    )
    command = ["newsboat", "-u", str(urls), "-c", str(cache), "-C", str(settings), "-x", "reload"]
    env = {"HOME": str(tmp_path), "PATH": "/usr/bin:/bin", "LANG": "C.UTF-8", "TERM": "dumb"}
    done = subprocess.run(command, env=env, capture_output=True, timeout=100, check=False)
    assert done.returncode == 0, done.stderr
    with sqlite3.connect(cache) as connection:
        rows = connection.execute(
            "SELECT guid, title, unread, url, author FROM rss_item WHERE deleted = 0"
        ).fetchall()
    assert sorted(row[0] for row in rows) == [ids.long_id(n) for n in range(1, 7)]
    assert {row[0] for row in rows if row[2] == 0} == {ids.long_id(6)}
    newest = next(row for row in rows if row[0] == ids.long_id(6))
    assert newest[1].startswith("عنوان الخبر رقم 6")
    assert newest[3] == f"{WAFD.homepage}7000006"


def test_the_address_that_apps_of_freshrss_ask_works_too(app: App) -> None:
    answer = app.http.get(
        f"{app.address}/api/greader.php{API}/stream/contents/{quote('feed/wafd', safe='')}"
    )
    assert [each["id"] for each in answer.json()["items"]] == [ids.long_id(n) for n in (6, 3, 1)]


def test_the_command_gives_a_token_once_and_takes_it_back(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("AGGREGATOR_DATA", str(tmp_path))
    run = CliRunner().invoke
    added = run(cli, ["users", "add", "mona", "--source", "alwafd"])
    assert added.exit_code == 0, added.output
    token = added.output.splitlines()[-1]
    assert len(token) == 32
    listed = run(cli, ["users", "list"]).output
    assert listed.startswith("mona\t1\t")
    assert token not in listed
    for words in (["add", "mona"], ["add", "a/b"], ["add", "ali", "--source", "no"]):
        assert run(cli, ["users", *words]).exit_code != 0
    assert run(cli, ["users", "token", "mona"]).output.splitlines()[-1] != token
    assert run(cli, ["users", "remove", "mona"]).exit_code == 0
    assert run(cli, ["users", "remove", "mona"]).exit_code != 0
