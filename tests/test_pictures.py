"""The picture proxy: only what our pages named, only pictures, only from outside."""

import asyncio
import struct
import zlib
from dataclasses import replace
from datetime import datetime
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlencode, urlsplit

import pytest
from hypothesis import given
from hypothesis import strategies as st
from lxml import html

from aggregator import publishing, signing
from aggregator.config import Config
from aggregator.store import jobs, reading
from aggregator.store.engine import Store
from aggregator.types import Filter, Image
from aggregator.web.picture_files import PictureFiles, kind_of
from tests import crawl_support
from tests.crawl_support import reply
from tests.web_support import BROWSER, SOURCES, TestClient, client, draft, put, service


def png(size: int = 0) -> bytes:
    def chunk(name: bytes, data: bytes) -> bytes:
        crc = struct.pack(">I", zlib.crc32(name + data))
        return struct.pack(">I", len(data)) + name + data + crc

    head = chunk(b"IHDR", struct.pack(">IIBBBBB", 1, 1, 8, 2, 0, 0, 0))
    pixels = chunk(b"IDAT", zlib.compress(b"\0\0\0\0"))
    return b"\x89PNG\r\n\x1a\n" + head + pixels + chunk(b"teXt", b"x" * size) + chunk(b"IEND", b"")


PNG = png()
SVG = b'<svg xmlns="http://www.w3.org/2000/svg" onload="alert(1)"/>'


class Site:
    """Pages that show pictures of a host on loopback."""

    def __init__(self, store: Store, config: Config, now: datetime) -> None:
        self.site = service(store, config, now)
        self.web = client(self.site, **BROWSER)
        with store.write() as connection:
            self.key = jobs.signing_key(connection, "pictures")

    def get(self, url: str, signature: str | None = None, **headers: str) -> Any:
        signed = signing.address_signature(url, self.key) if signature is None else signature
        return self.web.get(f"/picture?{urlencode({'u': url, 's': signed})}", headers=headers)


@pytest.fixture
def proxying(config: Config) -> Config:
    return replace(config, page_images="proxy", picture_bytes=10_000)


@pytest.fixture
def site(store: Store, proxying: Config, now: datetime) -> Site:
    return Site(store, proxying, now)


def pictures_of(page: str) -> list[str]:
    """Return the pictures of an article's page, without our own icon."""
    found = [image.get("src") or "" for image in html.document_fromstring(page).iter("img")]
    return [address for address in found if not address.endswith("static/icon.svg")]


def page_with_picture(web: TestClient, store: Store, now: datetime, url: str) -> str:
    text = f'<p>نص الخبر في أول الأمر</p><p><img src="{url}?in" alt="داخل"></p>'
    put(store, now, draft(1, now, images=(Image(url=url, alt="المعرض"),), html=text))
    with store.read() as connection:
        (row,) = reading.living(connection, Filter())
    return web.get(f"/article/{row.id}").text


def test_a_page_shows_pictures_from_our_own_host(store: Store, site: Site, now: datetime) -> None:
    with crawl_support.serve({"/a.png": reply(PNG)}) as host:
        text = page_with_picture(site.web, store, now, f"{host.url}/a.png")
        sources = pictures_of(text)
        assert len(sources) == 2
        for source in sources:
            assert source.startswith("/picture?u=http")
            answer = site.web.get(source)
            assert (answer.status_code, answer.content) == (200, PNG)
    assert "img-src 'self'" in site.web.get("/").headers["content-security-policy"]
    asked = host.asked[0]
    assert "cookie" not in asked.headers
    assert "referer" not in asked.headers
    assert "accept-language" not in asked.headers


def test_a_picture_is_fetched_once_and_told_by_what_it_is(site: Site) -> None:
    lying = reply(PNG, headers=["Content-Type: text/html", "Set-Cookie: a=b"])
    with crawl_support.serve({"/a": lying}) as host:
        answers = [site.get(f"{host.url}/a") for _ in range(3)]
    assert {each.headers["content-type"] for each in answers} == {"image/png"}
    assert len(host.asked) == 1
    first = answers[0]
    assert "set-cookie" not in first.headers
    assert "max-age=604800" in first.headers["cache-control"]
    assert first.headers["content-security-policy"] == "default-src 'none'; sandbox"
    assert first.headers["x-content-type-options"] == "nosniff"
    assert first.headers["cross-origin-resource-policy"] == "same-origin"
    again = site.get(f"{host.url}/a", **{"if-none-match": first.headers["etag"]})
    assert (again.status_code, again.content) == (304, b"")


@pytest.mark.parametrize(
    "body",
    [
        SVG, b"<?xml version='1.0'?>" + SVG, b"<html><script>alert(1)</script>", b"", b"BM" + PNG,
        b"GIF86a" + PNG, b"%PDF-1.7", b"RIFF\0\0\0\0WAVE", b"\0\0\0\x18ftypheic" + b"\0" * 40,
    ],
)  # fmt: skip
def test_what_is_no_picture_is_not_passed_on(site: Site, body: bytes) -> None:
    page = reply(body, headers=["Content-Type: image/png"])
    with crawl_support.serve({"/a.png": page}) as host:
        for _ in range(2):
            answer = site.get(f"{host.url}/a.png")
            assert answer.status_code == 502
            assert b"alert" not in answer.content
        assert len(host.asked) == 1  # nor asked for again at once


def test_only_addresses_that_we_signed_are_fetched(site: Site) -> None:
    with crawl_support.serve({"/a.png": reply(PNG)}) as host:
        url = f"{host.url}/a.png"
        good = signing.address_signature(url, site.key)
        for bad in ("", "x", good[:-1], good + "A", good.swapcase(), "é"):
            assert site.get(url, bad).status_code == 403
        assert site.get(f"{url}?x", good).status_code == 403
        assert site.web.get("/picture").status_code == 403
        assert site.web.get(f"/picture?{urlencode({'u': url})}").status_code == 403
        assert host.asked == []


def test_inner_addresses_are_refused_after_redirects_too(
    store: Store, proxying: Config, now: datetime
) -> None:
    site = Site(store, proxying, now)  # only 127/8 may be asked here
    for target in ("http://10.0.0.1/a.png", "http://[::1]/a.png", "file:///etc/passwd", "//0/"):
        moved = reply(status=302, headers=[f"Location: {target}"])
        with crawl_support.serve({"/a": moved}) as host:
            assert site.get(f"{host.url}/a").status_code == 502
    closed = Site(store, replace(proxying, allow_networks=()), now)
    with crawl_support.serve({"/a": reply(PNG)}) as host:
        assert closed.get(f"{host.url}/a").status_code == 502
        assert host.asked == []


def test_redirects_are_followed_but_not_for_ever(site: Site) -> None:
    pages = {
        "/old": reply(status=301, headers=["Location: /new"]),
        "/new": reply(PNG),
        "/loop": reply(status=302, headers=["Location: /loop"]),
    }
    with crawl_support.serve(pages) as host:
        assert site.get(f"{host.url}/old").content == PNG
        assert site.get(f"{host.url}/loop").status_code == 502
        assert host.paths().count("/loop") == 6


def test_large_pictures_are_not_passed_on(site: Site) -> None:
    async def endless(_: Any, writer: asyncio.StreamWriter) -> None:
        writer.write(b"HTTP/1.1 200 OK\r\n\r\n" + PNG)
        for _ in range(50):
            writer.write(b"x" * 1000)
            await writer.drain()

    squeezed = zlib.compress(png(200_000))
    pages = {
        "/said": reply(png(20_000)),
        "/endless": endless,
        "/bomb": reply(squeezed, headers=["Content-Encoding: deflate"]),
    }
    with crawl_support.serve(pages) as host:
        for path in pages:
            assert site.get(host.url + path).status_code == 502


def test_a_slow_picture_is_given_up(site: Site, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("aggregator.web.pictures.TIMEOUT_S", 0.3)

    async def hang(*_: Any) -> None:
        await asyncio.sleep(30)

    with crawl_support.serve({"/a": hang}) as host:
        assert site.get(f"{host.url}/a").status_code == 502


@pytest.mark.parametrize("mode", ["link", "direct"])
def test_it_is_off_unless_it_is_switched_on(
    store: Store, config: Config, now: datetime, mode: str
) -> None:
    site = Site(store, replace(config, page_images=mode), now)
    with crawl_support.serve({"/a.png": reply(PNG)}) as host:
        assert site.get(f"{host.url}/a.png").status_code == 404
        assert "/picture?" not in page_with_picture(site.web, store, now, f"{host.url}/a.png")


def test_files_show_links_since_they_have_no_proxy(
    store: Store, proxying: Config, now: datetime, tmp_path: Path
) -> None:
    put(store, now, draft(1, now, images=(Image(url="https://p.example/a.png"),)))
    publishing.publish(proxying, SOURCES, store, tmp_path / "www", now=now)
    pages = [path.read_text(encoding="utf-8") for path in (tmp_path / "www").rglob("article/*")]
    assert pages
    for text in pages:
        assert "/picture?" not in text
        assert pictures_of(text) == []


def test_the_room_on_the_disk_is_bounded(tmp_path: Path) -> None:
    files = PictureFiles(tmp_path / "pictures", 10_000)
    for number in range(40):
        files.put(f"https://a.example/{number}", png(1000))
        files.get("https://a.example/0")  # in use all the time
    held = [path for path in tmp_path.rglob("*") if path.is_file()]
    assert 5 <= len(held) <= 10
    assert sum(path.stat().st_size for path in held) <= 10_000
    assert files.get("https://a.example/39") == png(1000)
    assert files.get("https://a.example/1") is None
    again = PictureFiles(tmp_path / "pictures", 10_000)  # another process, the same folder
    for number in range(100, 110):
        again.put(f"https://a.example/{number}", png(1000))
    assert sum(path.stat().st_size for path in tmp_path.rglob("*") if path.is_file()) <= 10_000


def test_no_room_and_no_folder_keep_nothing(tmp_path: Path) -> None:
    none = PictureFiles(tmp_path / "a", 0)
    none.put("https://a.example/", PNG)
    assert none.get("https://a.example/") is None
    blocked = tmp_path / "file"
    blocked.write_bytes(b"")
    files = PictureFiles(blocked, 10_000)
    files.put("https://a.example/", PNG)
    assert files.get("https://a.example/") is None


@given(st.binary(max_size=80))
def test_kinds_are_told_by_first_bytes_alone(body: bytes) -> None:
    assert kind_of(b"\xff\xd8\xff" + body) == "image/jpeg"
    assert kind_of(b"GIF89a" + body) == "image/gif"
    assert kind_of(b"RIFFsizeWEBP" + body) == "image/webp"
    assert kind_of(b"\0\0\0\x20ftypavif" + body) == "image/avif"
    assert kind_of(b"<" + body) in {None, "image/avif"}
    assert kind_of(b"<svg " + body[:3]) is None


def test_who_asks_at_once_waits_for_one_request(proxying: Config) -> None:
    from aggregator.web.pictures import Pictures

    async def slow(_: Any, writer: asyncio.StreamWriter) -> None:
        await asyncio.sleep(0.2)
        writer.write(reply(PNG))

    async def main(url: str) -> list[bytes]:
        pictures = Pictures(proxying)
        return await asyncio.gather(*(pictures.get(url) for _ in range(10)))

    with crawl_support.serve({"/a": slow}) as host:
        assert asyncio.run(main(f"{host.url}/a")) == [PNG] * 10
        assert len(host.asked) == 1


def test_an_address_of_a_page_holds_nothing_but_the_picture(
    store: Store, site: Site, now: datetime
) -> None:
    text = page_with_picture(site.web, store, now, "https://p.example/صورة.png?a=1&b=2")
    source = pictures_of(text)[0]
    asked = parse_qs(urlsplit(source).query)
    assert set(asked) == {"u", "s"}
    assert signing.is_our_address(asked["u"][0], asked["s"][0], site.key)
