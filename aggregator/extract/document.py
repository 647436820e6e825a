"""A page, parsed once: the tree that all readers share and what stands in its head.

Promise: ``parse`` never raises, whatever the bytes; its work and memory are linear in a page that
is cut at ``MAX_BYTES`` bytes and ``MAX_TAGS`` tags. The tree holds no comments, no processing
instructions and no illegal XML characters, and is nowhere deeper than ``MAX_DEPTH``. Readers share
it: **nobody changes it**; who must cut works on a copy or on marks of its own.
"""

import itertools
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Any

from lxml import etree, html

from aggregator import urls
from aggregator.arabic import decode
from aggregator.extract import json_ld
from aggregator.extract.trimming import with_short_tags, without_scripts
from aggregator.types import Source

MAX_BYTES = 10_000_000
MAX_TAGS = 60_000
#: Recursive readers (copying in C, Python's own limit) are safe up to here.
MAX_DEPTH = 240
MAX_META = 2_000
MAX_VALUE = 20_000

# C1 controls are legal and stay: they tell of UTF-8 read as Latin, which display mends
_ILLEGAL = bytes({*range(32), 127} - {9, 10, 13})
_FORBIDDEN = (b"\xef\xbf\xbe", b"\xef\xbf\xbf")
_META_CHARSET = re.compile(
    rb"""<meta[^>]{0,300}?charset\s{0,9}=\s{0,9}["']?\s{0,9}([\w.:-]{1,40})""", re.IGNORECASE
)
_XML_CHARSET = re.compile(
    rb"""^\s{0,99}<\?xml[^>]{0,200}?encoding\s{0,9}=\s{0,9}["']([\w.:-]{1,40})""", re.IGNORECASE
)
# U+0085 is no blank here: it is half of an Arabic letter in UTF-8 read as Latin
_BLANK = re.compile(r"[^\S\x85]+")
#: elements that are looked for in one walk
_TAGS = ("meta", "script", "base", "title", "h1", "link", "a")
_ITEMPROP: Any = etree.XPath("descendant::*[@itemprop]")
_PROPERTY: Any = etree.XPath("descendant::*[@property and not(self::meta)]")


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Document:
    """One page as all readers see it.

    Attributes:
        root: the ``html`` element; shared, never changed.
        url: the address the page was served under.
        base_url: what relative addresses start from (``<base>`` heeded).
        language: as the page declares it (``lang``, meta), not judged.
        title_tag: text of ``<title>``, blanks folded; None where empty.
        h1: texts of all ``h1``, blanks folded, empty ones left out, in document order.
        meta: lower-case ``name``, ``property``, ``itemprop`` or ``http-equiv`` of ``<meta>`` → its
            contents in document order, trimmed, empty ones left out.
        json_ld: all JSON-LD objects flattened, in document order; see :mod:`.json_ld`.
        rels: lower-case ``rel`` → the ``link`` elements that have it, then the ``a``, in order.
        itemprops: lower-case name of microdata (``itemprop``, also of ``<meta>``) or RDFa
            (``property`` without its prefix) → its elements, in order.
        markup: the bytes that the tree was made of, UTF-8; what does not occur here need not be
            searched for there.
        scripts: what stood in the ``script`` elements, as UTF-8 and in order, JSON-LD left out; in
            the tree these and ``style`` are empty.
        notes: what had to be repaired or cut.
    """

    root: Any
    url: str
    base_url: str
    language: str | None = None
    title_tag: str | None = None
    h1: tuple[str, ...] = ()
    meta: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    json_ld: tuple[Mapping[str, Any], ...] = ()
    rels: Mapping[str, tuple[Any, ...]] = field(default_factory=dict)
    itemprops: Mapping[str, tuple[Any, ...]] = field(default_factory=dict)
    markup: bytes = b""
    scripts: tuple[bytes, ...] = ()
    source: Source | None = None
    notes: tuple[str, ...] = ()

    def first(self, *names: str) -> str | None:
        """Return the first content among these meta names, tried in order."""
        for name in names:
            if values := self.meta.get(name):
                return values[0]
        return None

    def absolute(self, address: str | None) -> str | None:
        """Return an address of the page made whole; None unless it is http(s)."""
        return urls.absolute(self.base_url, address)


#: Elements that stand in a head (HTML, section 4.2), and what pages put there unseen.
_IN_HEAD = frozenset(
    {"title", "meta", "link", "script", "style", "base", "noscript", "template", "object"}
)


def parse(
    page: bytes | str, *, url: str, charset: str | None = None, source: Source | None = None
) -> Document:
    """Return the page as a document.

    Args:
        page: bytes as served, or text already decoded.
        url: the address it was served under.
        charset: the charset of the HTTP header, or the whole ``Content-Type`` value.
        source: whose page it is; its ``charset`` is heeded.
    """
    notes: list[str] = []
    data, scripts = _trimmed(_utf8(page, charset, source, notes))
    root = _tree(data, notes)
    tags = _of_interest(root)
    meta = _meta(tags["meta"])
    linked = [
        "".join(script.itertext())
        for script in tags["script"]
        if "ld+json" in (script.get("type") or "").lower()
    ]
    found, repairs = json_ld.nodes(linked)
    base = next((node.get("href") for node in tags["base"] if node.get("href")), "")
    return Document(
        root=root,
        url=url,
        base_url=(urls.absolute(url, base) if base else None) or url,
        language=_language(root, meta),
        title_tag=_title(tags["title"]),
        h1=tuple(filter(None, map(text_of, tags["h1"]))),
        meta=meta,
        json_ld=found,
        rels=_rels((*tags["link"], *tags["a"])),
        itemprops=_itemprops(root, data),
        markup=data,
        scripts=scripts,
        source=source,
        notes=(*notes, *repairs),
    )


def text_of(node: Any) -> str:
    """Return all text inside an element, blanks folded to one and trimmed."""
    return _BLANK.sub(" ", "".join(node.itertext())).strip(" ")


def _utf8(page: bytes | str, charset: str | None, source: Source | None, notes: list[str]) -> bytes:
    """Return a page of whatever encoding as UTF-8, cut to ``MAX_BYTES``."""
    if isinstance(page, str):
        text = page[:MAX_BYTES]
    else:
        head = page[:4096]
        declared = _XML_CHARSET.search(head)
        meta = _META_CHARSET.search(head)
        decoded = decode(
            page[:MAX_BYTES],
            header=(source.charset if source else None) or charset,
            meta=meta[1].decode("ascii", "replace") if meta else None,
            xml_declaration=declared[1].decode("ascii", "replace") if declared else None,
            country=source.country if source else None,
        )
        if decoded.repaired:
            notes.append(f"charset repaired: {decoded.encoding}")
        if decoded.encoding == "utf-8" and not decoded.repaired and len(page) <= MAX_BYTES:
            return page.removeprefix(b"\xef\xbb\xbf")
        text = decoded.text
    if len(page) > MAX_BYTES:
        notes.append("page cut: too large")
    # lone surrogates have no encoding and go here
    return text.encode("utf-8", "ignore")


def _trimmed(data: bytes) -> tuple[bytes, tuple[bytes, ...]]:
    """Return UTF-8 without scripts and what XML forbids, and what the scripts held."""
    kept, scripts = without_scripts(data)  # first: half of a page need not be looked at then
    legal = _legal(kept)
    if len(legal) == len(kept):
        return legal, scripts
    return without_scripts(_legal(data))  # a script may have been hidden behind such characters


def _legal(data: bytes) -> bytes:
    """Return UTF-8 without the characters that XML forbids."""
    data = data.translate(None, _ILLEGAL)
    if b"\xef\xbf" in data:
        for forbidden in _FORBIDDEN:
            data = data.replace(forbidden, b"")
    return data


def _tree(data: bytes, notes: list[str]) -> Any:
    """Return the ``html`` element of UTF-8 of whatever kind."""
    if data.count(b"<") > MAX_TAGS:
        data = _few_tags(data)
        notes.append("page cut: too many tags")
    data, cut = with_short_tags(data)
    if cut:
        notes.append("page cut: too many attributes")
    # the encoding is named, so that no declaration inside the page counts
    parser = html.HTMLParser(
        encoding="utf-8", huge_tree=True, remove_comments=True, remove_pis=True
    )
    # the parser's own lookup calls Python for each element that anybody touches
    parser.set_element_class_lookup(etree.ElementDefaultClassLookup(element=html.HtmlElement))
    try:
        root = html.document_fromstring(data, parser=parser)
    except (etree.LxmlError, ValueError):
        root = html.document_fromstring(b"<html><body></body></html>")
    _open_body(root)
    if _deep()(root):
        _flatten(root)
        notes.append("page flattened: too deep")
    return root


def _open_body(root: Any) -> None:
    """Let the body begin where a page without a body tag shows something.

    The parser knows HTML 4 alone: ``<title>…</title><article>…`` leaves the article in the head.
    """
    head = root.find("head")
    first = None if head is None else next((e for e in head if e.tag not in _IN_HEAD), None)
    if head is None or first is None:
        return
    body = root.find("body")
    if body is None:
        body = etree.SubElement(root, "body")
    shown = [first, *first.itersiblings()]
    shown[-1].tail = (shown[-1].tail or "") + (body.text or "")
    body.text = None
    body[:0] = shown


def _few_tags(data: bytes) -> bytes:
    """Return the page up to its ``MAX_TAGS``-th tag."""
    for number, match in enumerate(re.finditer(b"<", data)):
        if number >= MAX_TAGS:
            return data[: match.start()]
    return data


@lru_cache(maxsize=1)
def _deep() -> Any:
    return etree.XPath("boolean(" + "/*" * MAX_DEPTH + ")")


def _flatten(root: Any) -> None:
    """Turn what nests deeper than ``MAX_DEPTH`` into text of its ancestor at that depth."""
    deepest: Any = etree.XPath("/*" * (MAX_DEPTH - 1))
    for node in deepest(root):
        if len(node):
            words = " ".join("".join(node.itertext()).split())
            tail = node.tail
            node.clear()
            node.text, node.tail = words, tail


def _of_interest(root: Any) -> dict[str, list[Any]]:
    """Return the elements that several readers look for, by their tags, in one walk."""
    found: dict[str, list[Any]] = {name: [] for name in _TAGS}
    for node in root.iter(*_TAGS):
        found[node.tag].append(node)
    return found


def _rels(nodes: Iterable[Any]) -> dict[str, tuple[Any, ...]]:
    found: dict[str, list[Any]] = {}
    for node in nodes:
        if rel := node.get("rel"):
            for name in rel.lower().split()[:6]:
                found.setdefault(name, []).append(node)
    return {name: tuple(nodes) for name, nodes in found.items()}


def _meta(nodes: Iterable[Any]) -> dict[str, tuple[str, ...]]:
    found: dict[str, list[str]] = {}
    for node in itertools.islice(nodes, MAX_META):
        content = (node.get("content") or node.get("value") or "").strip()
        if not content:
            continue
        for attribute in ("name", "property", "itemprop", "http-equiv"):
            name = node.get(attribute)
            if name:
                found.setdefault(name.strip().lower()[:200], []).append(content[:MAX_VALUE])
    return {name: tuple(dict.fromkeys(values)) for name, values in found.items()}


def _itemprops(root: Any, data: bytes) -> dict[str, tuple[Any, ...]]:
    found: dict[str, list[Any]] = {}
    nodes = _ITEMPROP(root)[:MAX_META] if b"itemprop" in data else []
    if b"typeof" in data:
        nodes += _PROPERTY(root)[:MAX_META]
    for node in nodes:
        names = (node.get("itemprop") or node.get("property") or "").lower().split()
        for name in names[:4]:
            found.setdefault(name.rpartition(":")[2], []).append(node)
    return {name: tuple(nodes) for name, nodes in found.items()}


def _title(nodes: Iterable[Any]) -> str | None:
    for node in nodes:
        parent = node.getparent()
        if parent is None or parent.tag != "svg":
            return text_of(node)[:MAX_VALUE] or None
    return None


def _language(root: Any, meta: Mapping[str, tuple[str, ...]]) -> str | None:
    declared = (
        root.get("lang")
        or root.get("xml:lang")
        or root.get("{http://www.w3.org/XML/1998/namespace}lang")
    )
    for value in (
        declared,
        *(
            meta.get(name, ("",))[0]
            for name in ("content-language", "language", "dc.language", "og:locale")
        ),
    ):
        tag = (value or "").strip().replace("_", "-").split(",")[0]
        if re.fullmatch(r"[A-Za-z]{2,3}(-[A-Za-z0-9]{2,8})*", tag):
            return tag
    return None
