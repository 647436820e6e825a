"""Pages as documents: what they show, headers of safety, hosts, languages, escaped errors."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from lxml import html as lxml_html

from aggregator import ingest
from aggregator import query as queries
from aggregator.config import Config
from aggregator.errors import ConfigError
from aggregator.store.engine import Store
from aggregator.store.writer import Writer
from aggregator.web import charts, conditional, headers, views
from aggregator.web.front import Front
from aggregator.web.limits import Buckets
from aggregator.web.links import file_name
from aggregator.web.texts import LANGUAGES, table, texts
from tests.web_support import (
    BROWSER,
    HOSTILE_TEXTS,
    POST,
    SABAH,
    SOURCES,
    TestClient,
    client,
    draft,
    fill,
    filled,
    put,
    service,
)


@pytest.fixture(scope="module")
def web(tmp_path_factory: pytest.TempPathFactory) -> Iterator[TestClient]:
    with filled(tmp_path_factory.mktemp("web")) as site:
        yield client(site, **BROWSER)


PAGES = (
    "/",
    "/?language=en",
    "/?source=wafd",
    "/sources",
    "/source/wafd",
    "/keywords",
    "/keyword/{keyword}",
    "/health",
    "/search",
    "/search?q=احمد",
    "/search?q=لاشيءهنا",
)


@pytest.mark.parametrize("path", PAGES)
@pytest.mark.parametrize("lang", LANGUAGES)
def test_every_page_is_whole(web: TestClient, path: str, lang: str) -> None:
    if "{keyword}" in path:
        (found,) = web.get("/api/articles?source=wafd").json()["articles"]
        path = path.format(keyword=found["keywords"][0])
    answer = web.get(path, headers={"accept-language": lang})
    assert answer.status_code == 200
    assert answer.headers["content-language"] == lang
    page = lxml_html.document_fromstring(answer.text)
    assert page.get("lang") == lang
    assert page.get("dir") == texts(lang).dir
    assert len(page.findall(".//h1")) == 1
    ids = page.xpath("//@id")
    assert len(ids) == len(set(ids))
    for landmark in ("header", "nav", "main", "footer"):
        assert page.find(f".//{landmark}") is not None
    assert page.xpath("//script[not(@src)]") == []
    assert page.xpath("//@style") == []
    assert [name for name in page.xpath("//@*") if str(name).startswith("javascript:")] == []
    assert page.xpath("//img[not(@alt)]") == []


def titles(answer_text: str) -> list[str]:
    page = lxml_html.document_fromstring(answer_text)
    return [each.text_content().strip() for each in page.xpath("//main//*[@class='title']")]


def test_search_marks_the_word_as_it_is_written(web: TestClient) -> None:
    answer = web.get("/search?q=احمد")
    assert titles(answer.text) == ["أحمد يفتتح معرض القاهرة الدولي للكتاب"]
    assert "<mark>أحمد</mark>" in answer.text


def test_one_event_is_shown_once_with_all_its_sources(
    store: Store, config: Config, now: datetime
) -> None:
    text = (
        "افتتح الرئيس اليوم الأحد خط القطار السريع الجديد بين القاهرة والإسكندرية بعد سنوات.",
        "ويقطع القطار المسافة في ساعة واحدة وتبلغ سرعته ثلاثمائة كيلومتر في الساعة الواحدة.",
    )
    title = "الرئيس يفتتح خط القطار السريع بين القاهرة والإسكندرية"
    put(store, now, draft(1, now, title=title, paragraphs=text))
    later = now + timedelta(minutes=30)
    second = draft(2, later, SABAH, title=title, paragraphs=text, published=later)
    put(store, later, second)
    web = client(service(store, config, later), **BROWSER)
    page = web.get("/")
    assert titles(page.text) == [title]
    assert page.text.index("بوابة الوفد") < page.text.index("الصباح</bdi>")
    (event,) = lxml_html.document_fromstring(page.text).xpath("//p[@class='whole']/a/@href")
    assert len(titles(web.get(event).text)) == 2


def test_pages_can_be_walked_without_repetition(
    store: Store, config: Config, now: datetime
) -> None:
    put(store, now, *(draft(number, now, published=now) for number in range(70)))
    web = client(service(store, config, now), **BROWSER)
    address, seen = "/", []
    while address:
        page = lxml_html.document_fromstring(web.get(address).text)
        seen += page.xpath("//main//*[@class='title']/a/@href")
        address = next(iter(page.xpath("//a[@rel='next']/@href")), "")
    assert len(seen) == len(set(seen))
    assert len(seen) >= 60


def test_an_article_is_found_by_any_address_it_had(web: TestClient) -> None:
    asked = {"url": "http://www.alwafd.example/7000001?utm_source=x"}
    answer = web.get("/article", params=asked, follow_redirects=False)
    assert answer.status_code == 303
    page = web.get(answer.headers["location"])
    assert "أحمد يفتتح معرض القاهرة الدولي للكتاب" in page.text


def test_a_deleted_article_says_so(store: Store, config: Config, now: datetime) -> None:
    (done,) = put(store, now, draft(1, now))
    web = client(service(store, config, now), **BROWSER)
    (href,) = lxml_html.document_fromstring(web.get("/").text).xpath("//h3/a/@href")
    with Writer(store) as writer:
        assert ingest.remove(done.pk or 0, writer, reason="gone")
        writer.commit(now)
    answer = web.get(href)
    assert answer.status_code == 410
    assert "هذا المقال لم يعد متاحاً" in answer.text


def test_pictures_are_loaded_only_where_that_is_set(
    store: Store, config: Config, now: datetime
) -> None:
    fill(store, now)
    for mode, wanted in (("link", 0), ("direct", 1)):
        web = client(service(store, replace(config, page_images=mode), now), **BROWSER)
        found = web.get("/article?url=https://alwafd.example/7000001")
        pictures = lxml_html.document_fromstring(found.text).xpath("//main//img")
        assert len(pictures) == wanted
        assert all(each.get("referrerpolicy") == "no-referrer" for each in pictures)
        policy = found.headers["content-security-policy"]
        assert ("https:" in policy.partition("img-src")[2].partition(";")[0]) == bool(wanted)


@pytest.mark.parametrize("path", ["/", "/feeds/all.rss", "/api/changes", "/nothing", "/metrics"])
def test_every_answer_is_safe(web: TestClient, path: str) -> None:
    found = web.get(path).headers
    policy = found["content-security-policy"]
    assert "default-src 'none'" in policy
    assert "unsafe-inline" not in policy
    assert found["x-content-type-options"] == "nosniff"
    assert found["referrer-policy"] == "no-referrer"
    assert "server" not in found


@pytest.mark.parametrize("text", HOSTILE_TEXTS)
def test_errors_are_escaped(web: TestClient, text: str) -> None:
    for path in ("/source/", "/event/", "/keyword/", "/article/"):
        answer = web.get(path + text.replace("/", "%2F").replace("?", "%3F").replace("#", "%23"))
        assert answer.status_code in {400, 404}
        assert "<script>window" not in answer.text
        assert "<img src=x" not in answer.text


@pytest.mark.parametrize(
    ("host", "allowed"),
    [
        ("127.0.0.1:8000", True),
        ("localhost", True),
        ("[::1]:8000", True),
        ("evil.example", False),
        ("news.example", True),
        ("NEWS.example:443", True),
        ("127.0.0.1.evil.example", False),
        ("", False),
        ("a@localhost", False),
    ],
)
def test_only_known_hosts_are_answered(
    store: Store, config: Config, now: datetime, host: str, allowed: bool
) -> None:
    site = service(store, replace(config, base_url="https://news.example/x"), now)
    answer = client(site).get("/api/sources", headers={"host": host})
    assert answer.status_code == (200 if allowed else 421)
    if not allowed:
        assert "does not go by that name" in answer.json()["error"]


def test_the_address_that_one_listens_on_is_allowed() -> None:
    assert headers.host_is_allowed("192.0.2.7:80", frozenset(), "192.0.2.7")
    assert not headers.host_is_allowed("192.0.2.8", frozenset(), "192.0.2.7")


def test_a_prefix_of_the_public_address_is_in_every_link(
    store: Store, config: Config, now: datetime
) -> None:
    fill(store, now)
    site = service(store, replace(config, base_url="https://news.example/x/"), now)
    page = lxml_html.document_fromstring(client(site, **BROWSER).get("/").text)
    own = [href for href in page.xpath("//@href") if href.startswith("/")]
    assert own
    assert all(href.startswith("/x/") for href in own)


@pytest.mark.parametrize(
    ("accept", "lang"),
    [("ar-EG,ar;q=0.9,en;q=0.8", "ar"), ("en-US", "en"), ("fr,en;q=0.1", "en"), ("fr", "ar")],
)
def test_the_browser_chooses_the_language(web: TestClient, accept: str, lang: str) -> None:
    assert web.get("/", headers={"accept-language": accept}).headers["content-language"] == lang


def test_the_switch_wins_over_the_browser(web: TestClient) -> None:
    answer = web.get("/?lang=en", headers={"accept-language": "ar"})
    assert answer.headers["content-language"] == "en"
    assert answer.headers["set-cookie"].startswith("lang=en;")
    cookie = {"accept-language": "ar", "cookie": "lang=en"}
    assert web.get("/", headers=cookie).headers["content-language"] == "en"
    web.cookies.clear()


def test_prepared_answers_are_shown_until_something_changes(
    store: Store, config: Config, now: datetime
) -> None:
    fill(store, now)
    site = service(store, config, now, fresh_s=0.0)
    web = client(site, **BROWSER)
    front = web.app
    assert isinstance(front, Front)
    first = web.get("/").text
    held = len(front.service.cache._entries)
    assert held == 1
    assert web.get("/").text == first
    put(store, now, draft(50, now, title="خبر جديد تماماً وصل قبل قليل"))
    assert "خبر جديد تماماً" in web.get("/").text


def test_a_broken_store_is_one_line(store: Store, config: Config, now: datetime) -> None:
    fill(store, now)
    web = client(service(store, config, now), raises=False)
    with store.engine.begin() as connection:
        connection.exec_driver_sql("ALTER TABLE articles RENAME TO elsewhere")
    answer = web.get("/api/articles")
    assert answer.status_code == 503
    assert answer.json()["error"] == "the store does not answer"
    with store.engine.begin() as connection:
        connection.exec_driver_sql("ALTER TABLE elsewhere RENAME TO articles")


def test_a_source_without_articles_has_its_page(web: TestClient) -> None:
    assert SOURCES["post"].name in web.get("/source/post").text
    assert web.get("/source/nobody").status_code == 404


@pytest.mark.parametrize(
    "path", ["/?before=x", "/?before=-1", "/?country=E%00", "/%ff", "/?source=x"]
)
def test_bad_pages_get_a_page_that_says_why(web: TestClient, path: str) -> None:
    answer = web.get(path)
    assert answer.status_code in {400, 404}
    assert "<h1>" in answer.text


# ------------------------------------------------------------------ the pure parts


def test_every_word_is_there_in_both_languages() -> None:
    for key, entry in table().items():
        forms = [entry] if "ar" in entry else list(entry.values())
        for form in forms:
            assert set(form) == set(LANGUAGES), key
            assert all(form.values()), key


def test_arabic_numbers_take_their_forms() -> None:
    say = texts("ar")
    found = [say.count("n_sources", n) for n in (0, 1, 2, 3, 11, 100)]
    assert found == ["لا مصادر", "مصدر واحد", "مصدران", "3 مصادر", "11 مصدراً", "100 مصدر"]


@settings(deadline=None)
@given(st.text(max_size=200))
def test_highlighting_adds_marks_and_nothing_else(text: str) -> None:
    marked = views.highlight(text, queries.parse('احمد "a b" script'))
    plain = str(marked).replace("<mark>", "").replace("</mark>", "")
    assert "<" not in plain
    assert (
        marked.striptags().split() == " ".join(text.split()).split() or "<" in text or "&" in text
    )


@settings(deadline=None)
@given(st.text(max_size=100), st.text(max_size=100))
def test_negotiation_takes_any_header(accept: str, tag: str) -> None:
    conditional.prefers_html(accept)
    conditional.accepts_gzip(accept)
    assert conditional.interface_language(accept, "ar") in LANGUAGES
    moment = datetime(2025, 11, 10, tzinfo=UTC)
    assert not conditional.not_modified('W/"x"', moment, if_modified_since=tag) or tag
    headers.host_is_allowed(accept, {"localhost"})


@settings(deadline=None)
@given(st.text(min_size=1, max_size=300))
def test_file_names_are_names(text: str) -> None:
    name = file_name(text)
    assert "/" not in name
    assert name not in {"", ".", ".."}
    assert not name.startswith(".")
    assert len(name.encode()) < 250 or len(text) > 60


@settings(deadline=None)
@given(st.lists(st.integers(0, 10**9), max_size=40))
def test_charts_are_well_formed(values: list[int]) -> None:
    drawn = charts.bars(values, [f'"<{n}>&' for n in range(len(values))], 'a "title" <b>')
    assert lxml_html.fragment_fromstring(str(drawn)).tag == "svg"
    assert "<b>" not in drawn


def test_buckets_refill_evenly() -> None:
    buckets = Buckets(60)
    assert [buckets.wait_s("a", 0.0) for _ in range(61)][-2:] == [0.0, 1.0]
    assert buckets.wait_s("b", 0.0) == 0.0
    assert buckets.wait_s("a", 1.5) == 0.0


def test_settings_of_pages_are_read() -> None:
    read = Config.load(
        {"AGGREGATOR_HOSTS": "News.example, b.example", "AGGREGATOR_PAGE_IMAGES": "direct"}
    )
    assert read.hosts == ("news.example", "b.example")
    assert read.page_images == "direct"
    with pytest.raises(ConfigError):
        Config.load({"AGGREGATOR_PAGE_IMAGES": "sometimes"})


def test_english_titles_keep_their_direction(web: TestClient) -> None:
    page = lxml_html.document_fromstring(web.get(f"/source/{POST.id}").text)
    (title,) = page.xpath("//main//*[@class='title']")
    assert (title.get("dir"), title.get("lang")) == ("ltr", "en")
