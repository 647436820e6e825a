"""One test for each published advisory of comparable programs that could be ours, named by its id.

Advisories that concern what this program does not have (accounts, password mails, archives of
uploads, image proxies, jq, browser steps) have none; what the web pages owe is tested with them.
"""

import contextlib
import datetime as dt
import gzip
import ipaddress
import logging
import zlib
from pathlib import Path

import brotli
import pytest
from lxml import etree, html
from scrapy.http import Request

from aggregator import catalogue, exporters, sanitize
from aggregator.archive import Archive
from aggregator.config import Config
from aggregator.crawl.address_guard import is_allowed
from aggregator.errors import AggregatorError, CatalogueError, ParseError
from aggregator.extract import extract
from aggregator.faults import fault
from aggregator.seeds import parse as parse_seed
from aggregator.types import Change, Feed, Page, Record, Seed, SourceRef
from tests.crawl_support import config, crawl, reply, serve, source

NOW = dt.datetime(2025, 11, 10, 12, tzinfo=dt.UTC)
FREE = source(robots="ignore")


def advisory(*ids: str):
    """Run the test once for each advisory, so that each id shows."""
    return pytest.mark.parametrize("advisory", ids)


def ask(url: str, given=FREE, **more) -> Request:
    return Request(url, meta={"source": given}, **more)


def to(location: str, status: int = 302) -> bytes:
    return reply(status=status, headers=[f"Location: {location}"])


def feed(items: str, head: str = "") -> bytes:
    return (
        f'<?xml version="1.0"?>{head}<rss version="2.0"><channel><title>t</title>'
        f"<link>http://a.test/</link>{items}</channel></rss>"
    ).encode()


def parsed(body: bytes, kind: str = "feed", **seed):
    page = Page(url="http://a.test/feed", body=body, headers={"content-type": "text/xml"})
    seed = Seed(kind=kind, url="http://a.test/feed", **seed)
    return parse_seed(page, seed, source=FREE, now=NOW)


def change(**values) -> Change:
    ref = SourceRef(id="a", name="a", homepage="http://a.test/", country="EG", language="ar")
    record = Record(
        id="urn:uuid:00000000-0000-4000-8000-000000000001",
        first_seen=NOW,
        source=ref,
        language="ar",
        direction="rtl",
        **{"url": "http://a.test/1", "title": "خبر", **values},
    )
    return Change(seq=1, event="new", at=NOW, id=record.id, record=record)


def written(format_name: str, *changes: Change) -> bytes:
    about = Feed(id="urn:x", title="t", home_url="http://b.test/")
    return b"".join(exporters.exporter(format_name).write(about, changes))


# ------------------------------------------------------------------ requests to the inside

INSIDE = """
10.0.0.1 100.64.0.1 127.0.0.1 169.254.169.254 172.16.0.1 192.168.0.1 0.0.0.0 ::1 fc00::1 fd00::1
fe80::1 ::ffff:127.0.0.1 ::ffff:169.254.169.254 64:ff9b::a9fe:a9fe 2002:7f00:1:: ::127.0.0.1
""".split()  # noqa: SIM905


@advisory(
    "GHSA-hgrr-mjfp-gmr6",
    "GHSA-q5qw-345w-55xg",
    "GHSA-64wp-jh9p-5cg2",
    "GHSA-496x-437q-h35q",
    "CVE-2026-27696",
    "GHSA-gwph-fp79-379w",
    "GHSA-rph4-96w6-q594",
)
def test_requests_do_not_reach_the_inside(advisory):
    assert not [address for address in INSIDE if is_allowed(address)]
    with serve({"/": reply(b"secret"), "/robots.txt": reply(b"")}) as inside:
        port = inside.port
        spellings = [
            f"http://127.0.0.1:{port}/",
            f"http://localhost:{port}/",
            f"http://0x7f.1:{port}/",
            f"http://[::ffff:127.0.0.1]:{port}/",
            f"http://a.test@127.0.0.1:{port}/",
            f"http://127.0.0.1:{port}#@a.test/",
        ]
        outcomes = crawl([ask(url) for url in spellings], config(allow_networks=()))
        outcomes += crawl([ask(spellings[0], source())], config(allow_networks=()))  # robots.txt
    assert {outcome.kind for outcome in outcomes} == {"blocked_address"}
    assert inside.connections == 0


@advisory("GHSA-496x-437q-h35q", "GHSA-64wp-jh9p-5cg2", "GHSA-xwh2-742g-w3wp")
def test_redirects_do_not_lead_inside(advisory):
    only = (ipaddress.ip_network("127.0.0.2/32"),)
    with serve({"/": reply(b"secret")}) as inside:
        pages = {"/a": to(inside.url + "/"), "/robots.txt": to(inside.url + "/robots.txt")}
        with serve(pages, address="127.0.0.2") as outside:
            outcomes = crawl(
                [ask(outside.url + "/a"), ask(outside.url + "/a", source())],
                config(allow_networks=only),
            )
    assert {outcome.kind for outcome in outcomes} == {"blocked_address"}
    assert inside.connections == 0


@advisory(
    "GHSA-23j4-mw76-5v7h",
    "GHSA-496x-437q-h35q",
    "GHSA-76g3-c3x4-crvx",
    "CVE-2024-56509",
    "CVE-2024-51998",
    "CVE-2024-51483",
)
@pytest.mark.parametrize(
    "url",
    ["file:///etc/hostname", "FILE:///etc/hostname", "s3://bucket/x", "ftp://a.test/", "data:,x"],
)
def test_only_http_and_https_are_fetched(advisory, url, tmp_path):
    with serve({"/a": to(url)}) as site:
        redirected, direct = crawl([ask(site.url + "/a"), ask(url)])
    assert redirected.kind == "scheme"
    assert direct.response is None
    path = tmp_path / "x.yaml"
    path.write_text(
        "id: x\nname: x\nhomepage: http://a.test/\ncountry: EG\nlanguage: ar\n"
        f"seeds: [{{kind: feed, url: '{url}'}}]\n"
    )
    with pytest.raises(CatalogueError):
        catalogue.load_file(path)


# ------------------------------------------------------------------ what travels with a redirect


@advisory("GHSA-4qqq-9vqf-3h3f", "GHSA-cw9j-q3vf-hrrv", "GHSA-cjvr-mfj7-j4j8")
def test_secrets_stay_with_the_origin_they_were_for(advisory):
    with (
        serve({"/x": reply(b"x")}) as other_port,
        serve({"/x": reply(b"x")}, address="127.0.0.2") as other_host,
        serve({"/p": to(other_port.url + "/x"), "/h": to(other_host.url + "/x")}) as site,
    ):
        secrets = {"Authorization": "Basic dTpw", "Cookie": "session=1"}
        outcomes = crawl([ask(f"{site.url}/{way}", headers=secrets) for way in "ph"])
    assert [outcome.response.body for outcome in outcomes] == [b"x", b"x"]
    for asked in (*other_port.asked, *other_host.asked):
        assert not {"authorization", "cookie"} & set(asked.headers)
    assert all("authorization" in asked.headers for asked in site.asked)


@advisory("GHSA-cjvr-mfj7-j4j8")
def test_cookies_of_one_host_are_not_sent_to_another(advisory):
    jar = source(robots="ignore", cookies=True)
    sets = reply(status=302, headers=["Set-Cookie: a=1; Path=/", "Location: {}"])
    with serve({"/x": reply(b"x")}, address="127.0.0.2") as other:
        pages = {"/a": sets.replace(b"{}", f"{other.url}/x".encode())}
        with serve(pages) as site:
            crawl([ask(site.url + "/a", jar)])
    assert "cookie" not in other.asked[0].headers


@advisory("GHSA-mfjm-vh54-3f96")
def test_no_cookie_for_a_whole_public_suffix(advisory):
    jar = source(robots="ignore", cookies=True)
    with serve() as proxy:
        sets = reply(
            b"x", headers=["Set-Cookie: a=1; Domain=co.uk", "Set-Cookie: b=1; Domain=one.co.uk"]
        )
        proxy.pages = {"http://one.co.uk/": sets, "http://two.co.uk/": reply(b"x")}
        crawl([ask("http://one.co.uk/", jar)], config(proxy=proxy.url))
        crawl(
            [
                ask("http://one.co.uk/", jar),
                ask("http://two.co.uk/", jar),
                ask("http://one.co.uk/", jar),
            ],
            config(proxy=proxy.url),
        )
    sent = {asked.path: asked.headers.get("cookie") for asked in proxy.asked}
    assert sent == {"http://one.co.uk/": "b=1", "http://two.co.uk/": None}


@advisory("GHSA-jm3v-qxmh-hxwv")
def test_no_proxy_but_the_configured_one(advisory, monkeypatch):
    with serve() as proxy, serve({"/": reply(b"x")}) as site:
        for name in ("http_proxy", "https_proxy", "ALL_PROXY"):
            monkeypatch.setenv(name, proxy.url)
        request = ask(site.url + "/")
        request.meta["proxy"] = proxy.url
        [outcome] = crawl([request])
    assert outcome.response.body == b"x"
    assert proxy.connections == 0


@advisory("GHSA-cwxj-rr6w-m6w7")
def test_headers_of_answers_are_data(advisory):
    hostile = reply(
        b'<a href="/b">b</a>',
        headers=["Referrer-Policy: tests.test_advisories.explode", "Content-Type: text/html"],
    )
    with serve({"/a": hostile, "/b": reply(b"x")}) as site:
        crawl([ask(site.url + "/a"), ask(site.url + "/b")])
    assert not EXPLODED
    assert all("referer" not in asked.headers for asked in site.asked)


EXPLODED: list[object] = []


def explode(*given: object) -> None:
    EXPLODED.append(given)


# ------------------------------------------------------------------ bombs

ZEROS = b"\0" * 40_000_000
PACKED = {
    "gzip": gzip.compress(ZEROS),
    "deflate": zlib.compress(ZEROS),
    "br": brotli.compress(ZEROS, quality=4),
    "gzip, gzip": gzip.compress(gzip.compress(ZEROS)),
}
del ZEROS


@advisory("CVE-2025-6176", "GHSA-2qfp-q593-8484", "GHSA-7j7m-v7m3-jqm7", "CVE-2026-29065")
@pytest.mark.parametrize("encoding", PACKED)
def test_decompression_counts_what_comes_out(advisory, encoding):
    answer = reply(PACKED[encoding], headers=[f"Content-Encoding: {encoding}"])
    with serve({"/": answer}) as site:
        [outcome] = crawl([ask(site.url + "/")])
    assert outcome.kind == "bomb"


@advisory("CVE-2026-29065", "GHSA-7j7m-v7m3-jqm7")
@pytest.mark.timeout(60)
def test_a_compressed_sitemap_is_bounded_too(advisory):
    page = Page(url="http://a.test/sitemap.xml.gz", body=gzip.compress(b" " * 60_000_000))
    with pytest.raises(ParseError):
        parse_seed(page, Seed(kind="sitemap", url=page.url), source=FREE, now=NOW)


@advisory("GHSA-h7wm-ph43-c39p")
def test_large_answers_are_given_up(advisory):
    async def endless(reader, writer):
        writer.write(b"HTTP/1.1 200 X\r\n\r\n")
        while True:
            writer.write(b"A" * 65_536)
            await writer.drain()

    with serve({"/a": endless, "/b": reply(length=10**12)}) as site:
        outcomes = crawl(
            [ask(f"{site.url}/{name}") for name in "ab"], config(max_body_bytes=1_000_000)
        )
    assert [outcome.kind for outcome in outcomes] == ["too_large", "too_large"]


@advisory("GHSA-cc65-xxvf-f7r9")
@pytest.mark.parametrize(
    "body",
    [
        b"<rss><channel>" + b"<item" * 100_000,
        b"<rss><channel>" + b"<item>" * 100_000,
        b"<rss><channel><item><title>" + b"<![CDATA[" * 100_000,
        b"<rss " + b"a='b' " * 100_000,
        b"<rss xmlns:" + b"a" * 1_000_000,
        b"<?xml version='1.0'?>" + b"<!--" * 100_000,
        b"<!DOCTYPE " + b"[" * 100_000,
        b"&" * 1_000_000,
    ],
    ids=range(8),
)
@pytest.mark.timeout(60)
def test_hostile_markup_is_read_in_linear_time(advisory, body):
    with contextlib.suppress(ParseError):
        parsed(body)


# ------------------------------------------------------------------ markup


@advisory("RSS-Bridge-4724")
def test_no_entity_is_expanded_and_no_file_read(advisory, tmp_path):
    secret = tmp_path / "secret"
    secret.write_text("SECRET")
    outside = f'<!DOCTYPE r [<!ENTITY x SYSTEM "file://{secret}">]>'
    inside = '<!DOCTYPE r [<!ENTITY a "SECRET">' + "".join(
        f'<!ENTITY a{n} "{f"&a{n - 1 or str()};" * 10}">' for n in range(1, 9)
    )
    for head in (outside, inside + "]>", f'<!DOCTYPE r SYSTEM "file://{secret}">'):
        item = "<item><title>A &x;&a8;</title><link>http://a.test/1</link></item>"
        try:
            result = parsed(feed(item, head))
        except ParseError:
            continue
        assert "SECRET" not in repr(result)
        assert len(repr(result)) < 5_000


SCRIPTS = [
    "<img src=x onerror=alert(1)>",
    "<script>alert(1)</script>",
    "<svg/onload=alert(1)>",
    '<a href="javascript:alert(1)">x</a>',
    '<a href=" java\tscript:alert(1)">x</a>',
    '<iframe srcdoc="<script>alert(1)</script>"></iframe>',
    "<math><mtext><table><mglyph><style><img src=x onerror=alert(1)>",
    "<style>@import 'http://evil.test'</style>",
    '<form action="http://evil.test"><input name=password></form>',
    '<a href="data:text/html,<script>alert(1)</script>">x</a>',
    "<img src=\"x` `\" onerror='alert(1)'>",
    '<noscript><p title="</noscript><img src=x onerror=alert(1)>">',
]


def is_harmless(markup: str) -> bool:
    if not markup.strip():
        return True
    root = html.fromstring(f"<div>{markup}</div>")
    for element in root.iter():
        if element.tag in {
            "script",
            "style",
            "iframe",
            "svg",
            "math",
            "form",
            "input",
            "object",
            "base",
        }:
            return False
        for name, value in element.attrib.items():
            scheme = "".join(value.split()).lower()
            if name.startswith("on") or scheme.startswith(("javascript:", "data:", "vbscript:")):
                return False
    return True


@advisory(
    "CVE-2023-27592",
    "GHSA-378w-3fqw-3555",
    "RSS-Bridge-1822",
    "RSS-Bridge-2468",
    "CVE-2026-27645",
    "CVE-2026-29038",
    "CVE-2025-62780",
    "CVE-2025-52558",
)
@pytest.mark.parametrize("markup", SCRIPTS)
def test_no_script_leaves_in_feeds(advisory, markup):
    assert is_harmless(sanitize.clean(markup, base_url="http://a.test/"))
    paragraph = f"<p>{'خبر من القاهرة اليوم عن الطقس والناس ' * 12}</p>"
    inner = f"<article><h1>خبر</h1>{markup}{paragraph * 4}</article>"
    page = f"<html><head><title>{markup}</title></head><body>{inner}</body></html>"
    article = extract(page.encode(), url="http://a.test/1")
    assert is_harmless(article.html)
    made = change(title=markup, html=sanitize.clean(markup + paragraph), summary=markup)
    for format_name in ("rss", "atom"):
        root = etree.fromstring(written(format_name, made))
        for element in root.iter(
            "{*}title", "{*}description", "{*}encoded", "{*}content", "{*}summary"
        ):
            assert not len(element)  # markup is text here, never elements of the feed
        for element in root.iter("{*}encoded", "{*}content"):
            assert is_harmless(element.text or "")


@advisory("GHSA-44pq-9929-f8mq")
@pytest.mark.parametrize(
    "link",
    [
        "javascript:alert(1)",
        " JaVaScRiPt:alert(1)",
        "java&#10;script:alert(1)",
        "data:text/html,x",
        "vbscript:x",
        "file:///etc/passwd",
    ],
)
def test_links_of_entries_open_web_pages_only(advisory, link):
    result = parsed(feed(f"<item><title>a</title><link>{link}</link><guid>{link}</guid></item>"))
    for entry in result.entries:
        assert entry.url is None or entry.url.startswith(("http://", "https://"))
    anchor = f'<a class=x href="{link}">عنوان خبر طويل بما يكفي</a>'
    listing = f"<html><body><ul><li>{anchor}</li></ul></body></html>"
    try:
        found = parsed(listing.encode(), "listing", links="a.x").entries
    except ParseError:
        found = ()
    assert all(entry.url.startswith("http") for entry in found if entry.url)


@advisory("CVE-2026-29039")
@pytest.mark.parametrize(
    "selector",
    [
        "/html/body[contains(unparsed-text('/etc/hostname'), '')]",
        "/html[document('/etc/hostname')]",
        "//*[json-doc('/etc/hostname')]",
        "//*[doc('file:///etc/hostname')]",
    ],
)
def test_selectors_read_no_files(advisory, selector):
    tricky = source(selectors={"title": (selector,), "body": (selector,)})
    body = f"<html><body><h1>خبر</h1><p>{'نص ' * 100}</p></body></html>".encode()
    article = extract(body, url="http://a.test/1", source=tricky)
    hostname = Path("/etc/hostname").read_text("utf-8").strip()
    assert hostname not in (article.title or "")
    assert all(hostname not in paragraph for paragraph in article.paragraphs)


@advisory("GHSA-cc65-xxvf-f7r9", "lessons-2")
@pytest.mark.timeout(60)
def test_patterns_of_sources_run_in_linear_time(advisory):
    from aggregator.urls import keys

    keys._search_of(r"(a+)+$")("a" * 50_000 + "!")


# ------------------------------------------------------------------ one file, many requests


@advisory("GHSA-83jp-rww3-57rr")
def test_many_sources_of_one_host_do_not_flood_it(advisory):
    """An OPML file may name one victim a thousand times; the host's budget stays one."""
    pages = {f"/{n}": reply(b"x") for n in range(30)}
    pages["/robots.txt"] = reply(b"")
    with serve(pages) as site:
        crawl(
            [ask(f"{site.url}/{n}", source(id=f"s{n}", homepage=site.url)) for n in range(30)],
            config(delay_s=0.02),
        )
    assert site.peak_in_flight == 1
    assert site.paths().count("/robots.txt") == 1
    assert min(site.gaps()) >= 0.018


# ------------------------------------------------------------------ files and secrets


@advisory("CVE-2022-23497", "CVE-2026-25527", "CVE-2026-29065")
def test_names_from_the_net_name_no_files(advisory, tmp_path):
    folder = tmp_path / "archive"
    evil = Page(
        url="http://a.test/../../../../tmp/evil",
        body=b"x",
        headers={"content-disposition": 'attachment; filename="../../evil"'},
    )
    with Archive(folder) as archive:
        archive.write(evil, "../../evil", NOW)
    assert {path.name for path in tmp_path.rglob("*")} == {
        "archive",
        "index.tsv",
        "aggregator-20251110-00001.warc.gz",
    }


@advisory("CVE-2023-22481")
def test_secrets_are_not_logged(advisory, caplog):
    secret = "s3cret"  # noqa: S105
    whole = Config(
        alert_secret=secret,
        smtp=f"smtp://u:{secret}@a.test",
        api_token=secret,
        proxy=f"http://u:{secret}@a.test",
        database=f"postgresql://u:{secret}@a.test/x",
        alert_webhook=f"http://a.test/{secret}",
    )
    assert secret not in repr(whole)
    assert secret not in str(fault("dns", f"http://user:{secret}@a.test/feed"))
    with caplog.at_level(logging.DEBUG), serve({"/": reply(status=500)}) as site:
        url = f"http://user:{secret}@127.0.0.1:{site.port}/"
        crawl([ask(url)], config(alert_secret=secret), LOG_LEVEL="INFO")
        [outcome] = crawl([ask(url)], config(allow_networks=()))
    assert secret not in str(outcome.error)
    assert secret not in caplog.text


@advisory("GHSA-hp8h-jqfm-v7x5")
def test_errors_are_one_line_whatever_the_net_says(advisory):
    error = fault("bad_http", "http://a.test/\r\n\x1b[31mfake", "line\nline\u2028line")
    assert isinstance(error, AggregatorError)
    assert "\n" not in str(error)
    assert "\r" not in str(error)
