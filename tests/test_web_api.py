"""The API: the log without gaps, lists that can be walked, one-line refusals, keys and limits."""

import json
import threading
import time
from collections.abc import Iterator
from dataclasses import replace
from datetime import datetime, timedelta

import pytest
from prometheus_client.parser import text_string_to_metric_families

from aggregator import ingest
from aggregator.config import Config
from aggregator.store.engine import Store
from aggregator.store.writer import Writer
from aggregator.web.openapi import PATHS
from tests.web_support import TestClient, client, draft, fill, filled, put, service


@pytest.fixture(scope="module")
def web(tmp_path_factory: pytest.TempPathFactory) -> Iterator[TestClient]:
    with filled(tmp_path_factory.mktemp("web")) as site:
        yield client(site)


def lines(text: str) -> list[dict]:
    return [json.loads(line) for line in text.splitlines()]


def test_changes_come_in_order_without_gaps(web: TestClient) -> None:
    answer = web.get("/api/changes")
    found = lines(answer.text)
    assert answer.headers["content-type"].startswith("application/jsonl")
    assert [each["seq"] for each in found] == list(range(1, len(found) + 1))
    assert "edited" in {each["event"] for each in found}
    since = found[1]["seq"]
    assert lines(web.get(f"/api/changes?since={since}").text) == found[2:]
    assert lines(web.get(f"/api/changes?since={since}&limit=1").text) == found[2:3]


def test_a_log_read_in_pieces_is_the_log(
    store: Store, config: Config, now: datetime, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("aggregator.web.api.CHUNK", 3)
    put(store, now, *(draft(number, now) for number in range(10)))
    web = client(service(store, config, now))
    found = lines(web.get("/api/changes").text)
    assert [each["seq"] for each in found] == list(range(1, len(found) + 1))


def test_a_long_poll_ends_when_something_comes(store: Store, config: Config, now: datetime) -> None:
    fill(store, now)
    web = client(service(store, config, now))
    since = lines(web.get("/api/changes").text)[-1]["seq"]

    def later() -> None:
        time.sleep(0.4)
        put(store, now, draft(30, now))

    thread = threading.Thread(target=later)
    thread.start()
    found = lines(web.get(f"/api/changes?since={since}&wait=20").text)
    thread.join()
    assert found[0]["seq"] == since + 1
    assert found[0]["event"] == "new"


def test_nothing_new_is_an_empty_answer(web: TestClient) -> None:
    since = lines(web.get("/api/changes").text)[-1]["seq"]
    answer = web.get(f"/api/changes?since={since}&wait=1")
    assert (answer.status_code, answer.text) == (200, "")
    assert answer.headers["x-aggregator-seq"] == str(since)


def test_lists_can_be_walked(store: Store, config: Config, now: datetime) -> None:
    put(store, now, *(draft(number, now) for number in range(11)))
    web = client(service(store, config, now))
    ids, before = [], ""
    while before is not None:
        found = web.get(f"/api/articles?limit=4&before={before}").json()
        ids += [each["id"] for each in found["articles"]]
        before = found["next"]
    assert len(ids) == len(set(ids)) == 11


def test_filters_hold(web: TestClient) -> None:
    def sources(query: str) -> set[str]:
        found = web.get(f"/api/articles?{query}").json()["articles"]
        return {each["source"]["id"] for each in found}

    assert sources("source=wafd") == {"wafd"}
    assert sources("source=wafd&source=post") == {"wafd", "post"}
    assert sources("country=tn") == {"sabah"}
    assert sources("language=en") == {"post"}


def test_search_finds_other_spellings(web: TestClient) -> None:
    found = web.get("/api/search", params={"q": "احمد"}).json()["articles"]
    assert [each["title"] for each in found] == ["أحمد يفتتح معرض القاهرة الدولي للكتاب"]


def test_an_article_and_its_versions(web: TestClient) -> None:
    (found,) = web.get("/api/articles?source=wafd").json()["articles"]
    name = found["id"].removeprefix("urn:uuid:")
    assert web.get(f"/api/articles/{name}").json() == found
    old = web.get(f"/api/articles/{name}/versions").json()["versions"]
    assert [each["article"]["title"] for each in old] == ["أحمد يفتتح معرض القاهرة للكتاب"]


def test_sources_and_health(web: TestClient) -> None:
    sources = web.get("/api/sources").json()["sources"]
    assert {each["id"]: each["articles"] for each in sources} == {"wafd": 1, "sabah": 1, "post": 1}
    assert web.get("/api/sources/wafd").json()["health"]["state"] == "unknown"
    states = web.get("/api/health?all=1").json()["sources"]
    assert {each["state"] for each in states} == {"unknown"}


def test_metrics_are_read_by_prometheus(web: TestClient) -> None:
    families = {
        each.name: each for each in text_string_to_metric_families(web.get("/metrics").text)
    }
    (sample,) = families["aggregator_articles"].samples
    assert sample.value == 3
    states = {each.labels["state"] for each in families["aggregator_sources"].samples}
    assert states == {"unknown"}


BAD = [
    ("/api/changes?since=-1", 400, "out of range"),
    ("/api/changes?since=x", 400, "not a whole number"),
    ("/api/changes?since=99999", 400, "cursor is ahead of the log"),
    ("/api/changes?since=1e3", 400, "not a whole number"),
    ("/api/changes?since=٣", 400, "not a whole number"),
    ("/api/changes?wait=3600", 400, "out of range"),
    ("/api/changes?source=nobody", 404, "unknown source"),
    ("/api/articles?limit=0", 400, "out of range"),
    ("/api/articles?before=99999999999999999999999", 400, "not a whole number"),
    ("/api/articles?country=EGY", 400, "not a country"),
    ("/api/articles/nothing", 404, "unknown article"),
    ("/api/search", 400, "needs words"),
    ("/api/search?q=!!!", 400, "needs words"),
    ("/api/search?q=%ff", 400, "not UTF-8"),
    ("/api/sources/nobody", 404, "unknown source"),
    ("/api/nothing", 404, "Not Found"),
]


@pytest.mark.parametrize(("address", "status", "words"), BAD)
def test_bad_requests_get_one_line_of_json(
    web: TestClient, address: str, status: int, words: str
) -> None:
    answer = web.get(address)
    assert answer.status_code == status
    error = answer.json()["error"]
    assert words in error
    assert "\n" not in error


def test_a_very_long_query_is_refused(web: TestClient) -> None:
    answer = web.get("/api/search?q=" + "x" * 60_000)
    assert answer.status_code == 414
    assert "too long" in answer.json()["error"]


@pytest.mark.parametrize("method", ["POST", "PUT", "DELETE", "PATCH"])
def test_nothing_can_be_changed(web: TestClient, method: str) -> None:
    answer = web.request(method, "/api/articles")
    assert answer.status_code == 405
    assert "GET" in answer.headers["allow"]


def test_keys_are_asked_for_where_they_are_set(store: Store, config: Config, now: datetime) -> None:
    fill(store, now)
    web = client(service(store, replace(config, api_keys=("secret", "other")), now))
    assert web.get("/api/articles").status_code == 401
    assert web.get("/api/changes").status_code == 401
    assert web.get("/api/articles", headers={"x-api-key": "wrong"}).status_code == 401
    for good in ({"authorization": "Bearer other"}, {"x-api-key": "secret"}):
        assert web.get("/api/articles", headers=good).status_code == 200
    assert web.get("/feeds/all.rss").status_code == 200


def test_a_client_that_asks_too_often_is_told_when(
    store: Store, config: Config, now: datetime
) -> None:
    fill(store, now)
    web = client(service(store, replace(config, api_rate=3), now))
    codes = [web.get("/api/sources").status_code for _ in range(5)]
    assert codes == [200, 200, 200, 429, 429]
    answer = web.get("/api/sources")
    assert int(answer.headers["retry-after"]) > 0
    assert "too many requests" in answer.json()["error"]


def test_other_origins_read_only_where_they_are_named(
    store: Store, config: Config, now: datetime
) -> None:
    fill(store, now)
    origin = {"origin": "https://app.example"}
    closed = client(service(store, config, now)).get("/api/sources", headers=origin)
    assert "access-control-allow-origin" not in closed.headers
    web = client(service(store, replace(config, cors=("https://app.example",)), now))
    for path in ("/api/sources", "/api/changes", "/feeds/all.json"):
        opened = web.get(path, headers=origin)
        assert opened.headers["access-control-allow-origin"] == "https://app.example", path
    other = web.get("/api/sources", headers={"origin": "https://evil.example"})
    assert "access-control-allow-origin" not in other.headers


def test_the_document_names_every_path(web: TestClient) -> None:
    document = web.get("/api/openapi.json").json()
    assert set(document["paths"]) == set(PATHS)
    for path in PATHS:
        answer = web.get(path.replace("{id}", "wafd"), params={"q": "x"})
        assert answer.status_code in {200, 404}, path


def test_a_deleted_article_leaves_its_tombstone(
    store: Store, config: Config, now: datetime
) -> None:
    (done,) = put(store, now, draft(1, now))
    web = client(service(store, config, now))
    (found,) = web.get("/api/articles").json()["articles"]
    with Writer(store) as writer:
        assert ingest.remove(done.pk or 0, writer, reason="gone")
        writer.commit(now + timedelta(hours=1))
    answer = web.get(f"/api/articles/{found['id']}")
    assert answer.status_code == 410
    assert answer.json()["event"] == "deleted"
    page = web.get(f"/article/{found['id']}", headers={"accept": "text/html"})
    assert page.status_code == 410
