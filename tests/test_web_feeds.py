"""Feeds over HTTP: valid, conditional, archived, readable; hostile requests get one line."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import datetime, timedelta

import feedparser
import pytest

from aggregator import feeds as naming
from aggregator.config import Config
from aggregator.store.engine import Store
from aggregator.web import feeds
from tests import validators
from tests.web_support import BROWSER, SABAH, TestClient, client, draft, fill, filled, put, service


@pytest.fixture(scope="module")
def web(tmp_path_factory: pytest.TempPathFactory) -> Iterator[TestClient]:
    with filled(tmp_path_factory.mktemp("web"), hub_url="https://hub.example/") as site:
        yield client(site)


PATHS = (
    "all",
    "source/wafd",
    "source/sabah",
    "country/eg",
    "language/en",
    "keyword/القاهرة",
    "all?events=1",
    "search?q=احمد",
    "all?limit=1",
)


def parsed(format_: str, document: bytes) -> list[str]:
    """Return what is wrong with a document, as far as a parser sees it."""
    if format_ == "json":
        return validators.check(format_, document)
    found = feedparser.parse(document)
    return [str(found.bozo_exception)] if found.bozo else []


@pytest.mark.parametrize("path", PATHS)
@pytest.mark.parametrize("format_", ["rss", "atom", "json"])
def test_every_feed_is_valid(web: TestClient, path: str, format_: str) -> None:
    name, _, query = path.partition("?")
    answer = web.get(f"/feeds/{name}.{format_}?{query}")
    assert answer.status_code == 200
    # jing costs two seconds; the parts that a path changes are seen by parsing, too
    check = validators.check if path in {"all", "all?events=1"} else parsed
    assert check(format_, answer.content) == []
    assert 'rel="self"' in answer.headers["link"]
    is_told_of = name in {"all", "source/wafd", "source/sabah", "country/eg", "language/en"}
    has_hub = 'rel="hub"' in answer.headers["link"]
    assert has_hub == (is_told_of and not query)  # whose hub is never told would wait for ever


def test_a_feed_names_itself_and_its_hub(web: TestClient) -> None:
    found = feedparser.parse(web.get("/feeds/all.atom").content)
    links = {link["rel"]: link["href"] for link in found.feed.links}
    assert links["self"] == "http://127.0.0.1:8000/feeds/all.atom"
    assert links["hub"] == "https://hub.example/"
    assert len(found.entries) == 3


def test_hubs_are_told_the_very_addresses_that_feeds_call_themselves(
    store: Store, config: Config, now: datetime
) -> None:
    hubs = ("https://one.example/", "https://two.example/")
    fill(store, now)
    web = client(service(store, replace(config, hubs=hubs), now))
    told = naming.topics("http://127.0.0.1:8000", [("wafd", "EG", "ar"), ("post", "LB", "en")])
    assert len(told) == 3 * 7
    for address in told:
        answer = web.get(address)
        assert answer.status_code == 200
        assert f'<{address}>; rel="self"' in answer.headers["link"]
        for hub in hubs:
            assert f'<{hub}>; rel="hub"' in answer.headers["link"]
            assert hub in answer.text
    page = web.get("/feeds/all.rss", headers=BROWSER)
    assert page.headers["content-type"].startswith("text/html")
    assert 'feeds/all.rss>; rel="self"' in page.headers["link"]
    assert 'rel="hub"' in page.headers["link"]


def test_a_feed_has_one_address_for_hubs_however_it_was_asked_for(web: TestClient) -> None:
    for address in ("/feeds/country/eg.rss", "/feeds/country/EG.rss?raw=1"):
        assert web.get(address).links["self"]["url"].endswith("/feeds/country/EG.rss")


def test_search_feed_folds(web: TestClient) -> None:
    items = web.get("/feeds/search.json", params={"q": "احمد"}).json()["items"]
    assert [item["title"] for item in items] == ["أحمد يفتتح معرض القاهرة الدولي للكتاب"]


def test_opml_lists_our_feeds(web: TestClient) -> None:
    answer = web.get("/feeds/all.opml")
    assert validators.check("opml", answer.content) == []
    assert "http://127.0.0.1:8000/feeds/source/wafd.rss" in answer.text


def test_unchanged_feed_is_not_sent_again(web: TestClient) -> None:
    first = web.get("/feeds/all.rss")
    tag, moment = first.headers["etag"], first.headers["last-modified"]
    by_tag = web.get("/feeds/all.rss", headers={"if-none-match": tag})
    by_time = web.get("/feeds/all.rss", headers={"if-modified-since": moment})
    assert (by_tag.status_code, by_time.status_code) == (304, 304)
    assert by_tag.content == b""
    assert by_tag.headers["etag"] == tag
    other = web.get(
        "/feeds/all.rss", headers={"if-none-match": '"other"', "if-modified-since": moment}
    )
    assert other.status_code == 200


def test_the_tag_ignores_when_the_feed_was_built(
    store: Store, config: Config, now: datetime
) -> None:
    fill(store, now)
    tags = {
        client(service(store, config, now + timedelta(days=days))).get(path).headers["etag"]
        for days in (0, 9)
        for path in ("/feeds/all.rss",)
    }
    assert len(tags) == 1


@pytest.mark.parametrize("format_", ["rss", "atom", "json"])
def test_a_feed_says_all_that_readers_go_by(web: TestClient, format_: str) -> None:
    address = f"/feeds/all.{format_}"
    whole = web.get(address, headers={"accept-encoding": "identity"})
    packed = web.get(address, headers={"accept-encoding": "gzip"})
    head = web.head(address, headers={"accept-encoding": "identity"})
    kept = {"if-none-match": whole.headers["etag"]}
    unchanged = [web.get(address, headers=kept), web.head(address, headers=kept)]
    assert packed.headers["content-encoding"] == "gzip"
    assert packed.content == whole.content
    assert int(packed.headers["content-length"]) < len(whole.content)
    assert head.content == b""
    assert head.headers == whole.headers
    for answer in unchanged:
        assert (answer.status_code, answer.content) == (304, b"")
    for answer in (packed, *unchanged):
        for name in ("etag", "last-modified", "cache-control", "vary", "link"):
            assert answer.headers[name] == whole.headers[name]
    assert whole.headers["cache-control"] == "public, max-age=60"
    assert whole.headers["etag"].startswith('W/"')
    assert {"accept-encoding", "accept"} <= set(whole.headers["vary"].lower().split(", "))


def test_a_finished_archive_may_be_kept_for_long(
    store: Store, config: Config, now: datetime, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(feeds, "BLOCK_ALL", 5)
    put(store, now, *(draft(number, now) for number in range(12)))
    web = client(service(store, replace(config, feed_limit=4), now))
    finished, growing = (web.get(f"/feeds/all.json?archive={number}") for number in (0, 2))
    assert finished.headers["cache-control"] == "public, max-age=86400"
    assert growing.headers["cache-control"] == "public, max-age=60"


def test_a_new_article_changes_the_tag(store: Store, config: Config, now: datetime) -> None:
    fill(store, now)
    web = client(service(store, config, now))
    first = web.get("/feeds/all.rss")
    put(store, now, draft(20, now))
    again = web.get("/feeds/all.rss", headers={"if-none-match": first.headers["etag"]})
    assert again.status_code == 200
    assert again.content != first.content


def test_an_edit_is_told_to_those_who_ask_by_time(
    store: Store, config: Config, now: datetime
) -> None:
    fill(store, now)
    web = client(service(store, config, now))
    moment = web.get("/feeds/all.rss").headers["last-modified"]
    later = now + timedelta(hours=5)
    put(store, later, draft(2, later, SABAH, title="عنوان معدل لهذا الخبر القديم"))
    answer = web.get("/feeds/all.rss", headers={"if-modified-since": moment})
    assert answer.status_code == 200
    assert "عنوان معدل" in answer.text


def test_head_says_what_get_would(web: TestClient) -> None:
    got, head = web.get("/feeds/all.atom"), web.head("/feeds/all.atom")
    assert head.content == b""
    for name in ("etag", "content-type", "last-modified", "cache-control"):
        assert head.headers[name] == got.headers[name]


def test_feeds_are_compressed_for_those_who_take_it(web: TestClient) -> None:
    plain = web.get("/feeds/all.json", headers={"accept-encoding": "identity"})
    packed = web.get("/feeds/all.json", headers={"accept-encoding": "gzip"})
    refused = web.get("/feeds/all.json", headers={"accept-encoding": "gzip;q=0"})
    assert "content-encoding" not in plain.headers
    assert "content-encoding" not in refused.headers
    assert packed.headers["content-encoding"] == "gzip"
    assert int(packed.headers["content-length"]) < int(plain.headers["content-length"])
    assert packed.content == plain.content
    assert packed.headers["etag"] == plain.headers["etag"]


def test_a_browser_reads_a_page_and_a_reader_the_feed(web: TestClient) -> None:
    page = web.get("/feeds/all.rss", headers=BROWSER)
    assert page.headers["content-type"].startswith("text/html")
    assert "Accept" in page.headers["vary"]
    assert "raw=1" in page.text
    raw = web.get("/feeds/all.rss?raw=1", headers=BROWSER)
    assert raw.headers["content-type"].startswith("application/rss+xml")
    for accept in ("*/*", "application/rss+xml, text/html;q=0.5"):
        feed = web.get("/feeds/all.rss", headers={"accept": accept})
        assert feed.headers["content-type"].startswith("application/rss+xml")


def test_archives_hold_every_article_once(
    store: Store, config: Config, now: datetime, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(feeds, "BLOCK_ALL", 5)
    put(store, now, *(draft(number, now) for number in range(23)))
    web = client(service(store, replace(config, feed_limit=4), now))
    address, seen, pages, following = "/feeds/all.atom", [], [], []
    while address:
        answer = web.get(address)
        found = feedparser.parse(answer.content)
        seen += [entry.id for entry in found.entries]
        links = {link["rel"]: link["href"] for link in found.feed.links}
        assert (b"history/1.0" in answer.content) == bool(pages)  # fh:archive
        assert links.get("current") == (pages[0] if pages else None)
        pages.append(links["self"])
        following.append(links.get("next-archive"))
        address = links.get("prev-archive", "")
    assert len(set(seen)) == 23
    assert len(pages) > 4
    assert following == [None, None, *pages[1:-1]]
    put(store, now, draft(40, now))
    again = feedparser.parse(web.get(pages[-1]).content)
    assert [entry.id for entry in again.entries] == seen[-len(again.entries) :]


@pytest.mark.parametrize(
    ("address", "status", "words"),
    [
        ("/feeds/source/nobody.rss", 404, "unknown source"),
        ("/feeds/country/Egypt.rss", 400, "not a country"),
        ("/feeds/nonsense/x.rss", 404, "unknown kind"),
        ("/feeds/all.pdf", 404, "unknown format"),
        ("/feeds/all.rss?limit=99999999", 400, "out of range"),
        ("/feeds/all.rss?limit=many", 400, "not a whole number"),
        ("/feeds/all.rss?archive=99999", 404, "no such archive"),
        ("/feeds/search.rss", 400, "needs words"),
        ("/feeds/search.rss?q=%FF%FE", 400, "not UTF-8"),
        ("/feeds/search.rss?q=" + "x" * 2000, 414, "too long"),
    ],
)
def test_bad_requests_get_one_line(web: TestClient, address: str, status: int, words: str) -> None:
    answer = web.get(address)
    assert answer.status_code == status
    assert words in answer.text
    assert answer.text.count("\n") == 1
    assert answer.headers["content-type"].startswith("text/plain")
