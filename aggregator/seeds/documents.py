"""What lies in the bytes of a seed: which kind of document, in which letters, or why none.

XML comes out as UTF-8 without byte order mark, declaration and whatever stood before the root, so
that a parser has nothing to guess. RFC 7303 gives the order of labels; evidence overrules them.
"""

import re
import zlib
from dataclasses import dataclass
from typing import Final

from aggregator.arabic import decode
from aggregator.challenges import obstacle as obstacle_in
from aggregator.seeds.parsed import unreadable
from aggregator.types import Page, Source

#: Bytes of a document after its own compression.
MAX_BYTES: Final = 50_000_000
#: Roots of documents that announce articles.
ROOTS: Final = frozenset({"rss", "rdf", "feed", "urlset", "sitemapindex"})

_GZIP: Final = b"\x1f\x8b"
_BOM: Final = b"\xef\xbb\xbf"
_HEAD: Final = 65_536
#: XML 1.0 appendix F: what "<" looks like where letters have two or four bytes.
_WIDE: Final = (
    (b"<\0\0\0", "utf-32-le"),
    (b"\0\0\0<", "utf-32-be"),
    (b"<\0", "utf-16-le"),
    (b"\0<", "utf-16-be"),
)
_DECLARATION: Final = re.compile(
    rb"""\s*<\?xml\b[^<>?]{0,200}?(?:encoding\s*=\s*["']([\w.:-]{1,40})["'][^<>]{0,100})?\?>"""
)
_CHARSET: Final = re.compile(r"charset\s*=\s*[\"']?\s*([\w.:-]+)", re.IGNORECASE)
_SKIPPED: Final = re.compile(
    rb"\s+|<\?.*?\?>|<!--.*?-->|<!DOCTYPE[^>\[]*(?:\[.*?\]\s*)?>", re.DOTALL | re.IGNORECASE
)
_ROOT: Final = re.compile(rb"<(?:[A-Za-z_][\w.-]{0,30}:)?([A-Za-z_][\w.-]{0,60})[\s/>]")
_BURIED: Final = re.compile(
    rb"(?:<\?xml\b[^<>]{0,200}\?>\s*)?<(?:rss|feed|rdf:RDF|urlset|sitemapindex)[\s>]", re.IGNORECASE
)
#: C1 controls and references to them, which mean the letters of windows-1252 (HTML standard).
_CONTROL: Final = re.compile(rb"\xc2[\x80-\x9f]|&#(?:0?1[2-5][0-9]|x0{0,2}[89][0-9A-Fa-f]);")
_HTML_ROOTS: Final = frozenset(
    {*("html", "head", "body", "div", "script", "p", "br", "b", "title", "meta", "table", "center")}
)
_PASSWORD: Final = re.compile(rb"<input\b[^>]{0,300}\btype\s*=\s*[\"']?password", re.IGNORECASE)
_TITLE: Final = re.compile(rb"<title[^>]{0,100}>([^<]{0,200})", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Document:
    """The body of a seed, ready to be parsed.

    Attributes:
        kind: ``json``, ``html``, ``text``, or the local name of the XML root in lower case.
        data: UTF-8.
        notes: what was odd about it.
    """

    kind: str
    data: bytes
    notes: tuple[str, ...] = ()


def read(page: Page, source: Source) -> Document:
    """Return the document in a page.

    Raises:
        ParseError: empty, too large, or gzip that is none.
    """
    body = page.body
    notes: list[str] = []
    if body.startswith(_GZIP):
        body = unpacked(body, page.url)
    if not body.strip():
        raise unreadable(page.url, "the answer is empty")
    data = _utf8(body, page, source, notes)
    start = data[:64].lstrip()
    if start[:1] in {b"{", b"["}:
        return Document("json", data, tuple(notes))
    data, kind = _from_root(_CONTROL.sub(_meant, data), notes)
    return Document(kind, data, tuple(notes))


def unpacked(body: bytes, url: str, limit: int = MAX_BYTES) -> bytes:
    """Return what a gzip file holds, as far as it is sound.

    Raises:
        ParseError: more than ``limit`` bytes, or nothing can be read.
    """
    engine = zlib.decompressobj(wbits=31)
    try:
        data = engine.decompress(body, limit + 1)
    except zlib.error as error:
        raise unreadable(url, "the gzip file is damaged") from error
    if len(data) > limit:
        raise unreadable(url, f"more than {limit} bytes after decompression")
    return data


def refusal(document: Document, wanted: str) -> str:
    """Return in plain words why a document is not what was wanted."""
    head = document.data[:_HEAD]
    if document.kind == "html":
        title = _TITLE.search(head)
        words = " ".join(title[1].decode("utf-8", "replace").split())[:80] if title else ""
        named = f" ({words})" if words else ""
        obstacle = obstacle_in(200, {}, document.data)
        if obstacle is None and _PASSWORD.search(document.data[:500_000]):
            obstacle = "login"
        if obstacle:
            return f"a {obstacle} page{named} instead of {wanted}"
        return f"an HTML page{named} instead of {wanted}"
    if document.kind == "text":
        return f"plain text or bytes instead of {wanted}"
    return f"{document.kind} instead of {wanted}"


def _utf8(body: bytes, page: Page, source: Source, notes: list[str]) -> bytes:
    for start, encoding in _WIDE:
        if body.startswith(start):
            return body.decode(encoding, "replace").encode("utf-8", "replace")
    head = _DECLARATION.match(body[:1024].removeprefix(_BOM))
    declared = head[1].decode("ascii").lower() if head and head[1] else None
    content_type = page.headers.get("content-type", "")
    label = _CHARSET.search(content_type)
    header = label[1].lower() if label else None
    plain = declared in {None, "utf-8", "utf8"} and header in {None, "utf-8", "utf8"}
    if plain or body.startswith(_BOM):
        try:
            body.decode()
        except UnicodeDecodeError:
            notes.append("labelled UTF-8, but is not")
        else:
            return body.removeprefix(_BOM)
    decoded = decode(
        body,
        header=content_type or None if declared or not source.charset else source.charset,
        xml_declaration=declared,
        country=source.country,
    )
    if decoded.repaired:
        notes.append(f"read as {decoded.encoding}")
    return decoded.text.encode("utf-8", "replace")


def _meant(match: re.Match[bytes]) -> bytes:
    found = match[0]
    if found.startswith(b"&"):
        digits = found[2:-1].decode("ascii")
        number = int(digits[1:], 16) if digits.startswith("x") else int(digits)
    else:
        number = found[1]
    if not 128 <= number < 160:
        return found
    return bytes([number]).decode("cp1252", "ignore").encode()


def _from_root(data: bytes, notes: list[str]) -> tuple[bytes, str]:
    """Return the document from its declaration's end or root on, and the root's name."""
    at = 0
    while match := _SKIPPED.match(data, at, _HEAD):
        at = match.end()
    declaration = _DECLARATION.match(data)
    begin = declaration.end() if declaration else 0
    root = _ROOT.match(data, at)
    name = root[1].decode("ascii", "replace").lower() if root else ""
    if name in ROOTS:
        return data[begin:], name
    if buried := _BURIED.search(data, 0, _HEAD):
        notes.append("something stood before the document")
        declaration = _DECLARATION.match(data, buried.start())
        begin = declaration.end() if declaration else buried.start()
        root = _ROOT.search(data, begin)
        return data[begin:], root[1].decode("ascii").lower() if root else "text"
    if name in _HTML_ROOTS or b"<html" in data[:2048].lower():
        return data, "html"
    return (data[begin:], name) if name else (data, "text")
