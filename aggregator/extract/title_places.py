"""The places of a page that say its title: the head, the data, the feed, and what is printed."""

import re
from collections.abc import Iterator, Mapping, Sequence
from typing import Any, NamedTuple

from lxml import etree

from aggregator.extract.document import Document, text_of
from aggregator.extract.site_names import SEPARATOR
from aggregator.extract.values import key, plain, strings
from aggregator.types import Entry

MOST_TITLE = 1000
#: at most so many headings of a page are looked at
MOST_HEADINGS = 40
#: and so many lines, where no h1 will do
MOST_LINES = 4_000

_META_NAMES = (
    "parsely-title",
    "sailthru.title",
    "dc.title",
    "dcterms.title",
    "dc:title",
    "title",
    "headline",
    "hdl",
    "cxenseparse:title",
)
_LINES: Any = etree.XPath(
    "/html/body/descendant::text()[string-length(.)>7]"
    "[not(parent::a or parent::script or parent::style or parent::option or ancestor::noscript)]"
)
_WITH_ELEMENTS: Any = etree.XPath("/html/body/descendant::h1[*]")
_TITLE_CLASS = re.compile(
    r"(?:^|[\s_-])(?:entry|post|article|news|story|page|single)[_-]?(?:title|headline)(?:$|[\s_-])",
    re.IGNORECASE,
)
#: the line over a headline, where it is an element inside h1
_KICKER = re.compile(
    r"kicker|overline|topline|eyebrow|roofline|dachzeile|spitzmarke|surtitle|sur-?titre|antetitulo"
    r"|occhiello",
    re.IGNORECASE,
)
#: what ties it to the headline, and the least letters of one
_TIE, _LEAST_HEADLINE = " :|-\u2013\u2014\u00b7\u2022/", 8


class Candidate(NamedTuple):
    """One place's word for the title; ``parts`` are its whole and its ends, by key."""

    place: str
    text: str
    parts: Mapping[str, str]


def said(
    doc: Document, node: Mapping[str, Any] | None, entry: Entry | None, language: str
) -> Iterator[Candidate]:
    """Yield what is said of the title anywhere but in the headings."""
    raw: list[tuple[str, object]] = []
    if entry and entry.title:
        raw.append(("feed", entry.title))
    if node:
        raw += [("json_ld", text) for text in strings(node.get("headline") or node.get("name"))[:1]]
    raw += [("open_graph", text) for text in doc.meta.get("og:title", ())[:1]]
    raw += [("microdata", text) for text in _microdata(doc)]
    raw += [("twitter", text) for text in doc.meta.get("twitter:title", ())[:1]]
    raw += [("meta", text) for text in (doc.first(*_META_NAMES),) if text]
    raw.append(("title_tag", doc.title_tag))
    for place, value in raw:
        if text := plain(value, language, MOST_TITLE):
            yield candidate(place, text)


def _microdata(doc: Document) -> list[str]:
    nodes = [node for node in doc.itemprops.get("headline", ()) if node.tag != "meta"]
    return [text for text in map(text_of, nodes[:1]) if text and text not in doc.h1]


def candidate(place: str, text: str) -> Candidate:
    """Return a text with its parts between separators, the first and the last four."""
    parts = {key(text): text}
    cuts = list(SEPARATOR.finditer(text))
    for cut in (*cuts[:4], *cuts[-4:]):
        for part in (text[: cut.start()], text[cut.end() :]):
            parts.setdefault(key(part), part.strip())
    parts.pop("", None)
    return Candidate(place, text, parts)


def headings(doc: Document, stated: Sequence[Candidate], language: str) -> list[Candidate]:
    """Return what the first ``h1`` say, without the lines over the headlines.

    A line over the headline that JSON-LD or the feed count to the title stays.
    """
    if not doc.h1:
        return []
    wholes = {key(each.text) for each in stated if each.place in ("json_ld", "feed")}
    doubtful = any(key(text) not in wholes for text in doc.h1[:MOST_HEADINGS])
    kickers = _kickers(doc) if doubtful else {}
    found = []
    for text in doc.h1:
        shown = plain(text, language, MOST_TITLE)
        if (over := kickers.get(text)) and key(shown) not in wholes:
            rest = shown.removeprefix(plain(over, language, MOST_TITLE)).lstrip(_TIE)
            shown = rest if len(rest) >= _LEAST_HEADLINE else shown
        if shown:
            found.append(candidate("heading", shown))
    return found[:MOST_HEADINGS]


def _kickers(doc: Document) -> dict[str, str]:
    """Return the line over the headline by the text of its ``h1``, which begins with it.

    Its class says that it is not the headline.
    """
    found: dict[str, str] = {}
    for node in _WITH_ELEMENTS(doc.root)[:MOST_HEADINGS]:
        first = node[0]
        name = first.get("class") or ""
        if not _KICKER.search(name[:200]) or (node.text or "").strip():
            continue
        if over := text_of(first):
            found[text_of(node)] = over
    return found


def known_lines(doc: Document, said: Sequence[Candidate], language: str) -> list[Candidate]:
    """Return what is printed as a line of its own and known to the head of the page.

    It stands in for ``h1`` in pages that make their headlines of other tags. Links do not count:
    they hold the names of the site and of its sections.
    """
    known = {words: len(part) for each in said for words, part in each.parts.items()}
    lengths = range(min(known.values(), default=1) - 4, max(known.values(), default=0) + 5)
    found: dict[str, Candidate] = {}
    for text in _LINES(doc.root)[:MOST_LINES]:
        text = text.strip()
        if len(text) in lengths and len(text) > 7 and (words := key(text)) in known:
            found.setdefault(words, candidate("heading", plain(text, language, MOST_TITLE)))
    return sorted(found.values(), key=lambda each: -len(each.text))[:3]


def named_headings(doc: Document, language: str) -> list[Candidate]:
    """Return the one lower heading whose class says that it is the title, if there is but one.

    Themes that keep ``h1`` for the name of the site mark the headline so; lists have many of them.
    """
    found: list[str] = []
    for node in doc.root.iter("h2", "h3"):
        name = (node.get("class") or "")[:200]
        if not _TITLE_CLASS.search(name) or "sub" in name.lower():
            continue
        if text := text_of(node):
            found.append(text)
            if len(found) > 1:
                return []
    return [candidate("named", plain(text, language, MOST_TITLE)) for text in found]
