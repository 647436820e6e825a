"""Validators of the documents that leave the program, written from the standards themselves.

``check(name, document)`` says which rules a document breaks: the part that a grammar can say is in
RELAX NG (run by ``jing``, where it is installed) or JSON Schema, the rest is here.
"""

import json
import re
import shutil
import subprocess
import tempfile
from collections import Counter
from collections.abc import Sequence
from email.utils import parsedate_to_datetime
from pathlib import Path

import jsonschema
from lxml import etree

HERE = Path(__file__).parent
ATOM = "{http://www.w3.org/2005/Atom}"
CONTENT = "{http://purl.org/rss/1.0/modules/content/}encoded"
JING = shutil.which("jing")
_RELATIVE = re.compile(r"""\s(?:src|href)=["'](?!https?:|mailto:)""")


def check(name: str, document: bytes) -> list[str]:
    """Return the rules that the document breaks; none for a valid one."""
    return {"rss": rss, "atom": atom, "json": json_feed, "opml": opml, "ninjs": ninjs}[name](
        document
    )


def grammar(name: str, document: bytes) -> list[str]:
    """Return what ``jing`` says of the document; nothing where it is not installed."""
    return grammars(name, [document])[0]


def grammars(name: str, documents: Sequence[bytes]) -> list[list[str]]:
    """Return what ``jing`` says of each document, in one run: its start is what takes time."""
    faults: list[list[str]] = [[] for _ in documents]
    if JING is None:
        return faults
    with tempfile.TemporaryDirectory() as folder:
        paths = [Path(folder) / f"{index}.xml" for index in range(len(documents))]
        for path, document in zip(paths, documents, strict=True):
            path.write_bytes(document)
        command = [JING, "-c", str(HERE / f"{name}.rnc"), *map(str, paths)]
        done = subprocess.run(command, capture_output=True, text=True, check=False, timeout=300)
    for line in done.stdout.splitlines():
        where, _, fault = line.partition(".xml:")
        faults[int(where.rpartition("/")[2])].append(fault)
    return faults


def rss(document: bytes) -> list[str]:
    """RSS 2.0: the grammar, unique ids, dates that exist, addresses that are whole."""
    faults = grammar("rss", document)
    root = etree.fromstring(document)
    items = root.findall("channel/item")
    faults += _repeated("guid", (item.findtext("guid") for item in items))
    for moment in root.iter("pubDate", "lastBuildDate"):
        parsed = parsedate_to_datetime(moment.text)
        if moment.text[:3] != f"{parsed:%a}":
            faults.append(f"{moment.text} is no {moment.text[:3]}")
    for item in items:
        if item.find("title") is None and item.find("description") is None:
            faults.append("an item has neither title nor description")
        names = [each.tag for each in item]
        if CONTENT in names and names.index(CONTENT) < names.index("description"):
            faults.append("content:encoded stands before description")
        faults += _addresses(item.findtext(CONTENT) or "")
    return faults + _characters(document)


def atom(document: bytes) -> list[str]:
    """Atom: the grammar, and what RFC 4287 says beyond it."""
    faults = grammar("atom", document)
    root = etree.fromstring(document)
    entries = root.findall(f"{ATOM}entry")
    faults += _repeated("id", (entry.findtext(f"{ATOM}id") for entry in entries))
    has_author = root.find(f"{ATOM}author") is not None
    for entry in entries:
        if not has_author and entry.find(f"{ATOM}author") is None:
            faults.append("an entry has no author (4.1.2)")
        links = [
            (link.get("rel", "alternate"), link.get("type"), link.get("hreflang"))
            for link in entry.findall(f"{ATOM}link")
        ]
        alternates = [link for link in links if link[0] == "alternate"]
        faults += _repeated("alternate link", alternates)
        content = entry.find(f"{ATOM}content")
        if content is None and not alternates:
            faults.append("an entry has neither content nor an alternate link (4.1.2)")
        faults += _addresses("" if content is None else content.text or "")
    newest = max((entry.findtext(f"{ATOM}updated") for entry in entries), default=None)
    if newest and root.findtext(f"{ATOM}updated") < newest[:10]:
        faults.append("the feed is older than its newest entry")
    return faults + _characters(document)


def json_feed(document: bytes) -> list[str]:
    """JSON Feed 1.1: the schema and unique ids."""
    data = json.loads(document)
    faults = _schema("json_feed", data)
    faults += _repeated("id", (item.get("id") for item in data["items"]))
    for item in data["items"]:
        faults += _addresses(item.get("content_html", ""))
    return faults


def opml(document: bytes) -> list[str]:
    """OPML 2.0: the grammar."""
    etree.fromstring(document)
    return grammar("opml", document) + _characters(document)


def ninjs(document: bytes) -> list[str]:
    """Return the faults of the ninjs 1.4 objects, one a line."""
    return [fault for line in document.splitlines() for fault in _schema("ninjs", json.loads(line))]


def _schema(name: str, data: object) -> list[str]:
    schema = json.loads((HERE / f"{name}.json").read_text(encoding="utf-8"))
    validator = jsonschema.Draft202012Validator(schema)
    return [f"{'/'.join(map(str, e.path))}: {e.message[:200]}" for e in validator.iter_errors(data)]


def _repeated(what: str, values) -> list[str]:
    return [f"{what} {value} repeats" for value, n in Counter(values).items() if n > 1]


def _addresses(html: str) -> list[str]:
    found = _RELATIVE.search(html)
    return (
        [f"relative address in the text: {html[found.start() : found.end() + 40]}"] if found else []
    )


def _characters(document: bytes) -> list[str]:
    faults = (
        [] if document.startswith(b'<?xml version="1.0" encoding="utf-8"?>') else ["declaration"]
    )
    controls = set(document) & (set(range(32)) - {9, 10, 13})
    return faults + [f"control byte {byte:#04x}" for byte in sorted(controls)]
