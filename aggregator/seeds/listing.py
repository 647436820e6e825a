"""Listings: pages that show links to articles, by the source's selector or by their shape."""

import re
from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Final

from aggregator.seeds import documents, feed, links
from aggregator.seeds.moments import moment
from aggregator.seeds.parsed import ParsedSeed, unreadable
from aggregator.seeds.texts import plain
from aggregator.types import Entry, Image, Moment, Page, Seed, Source
from aggregator.urls import absolute, canonical, host, matches_any, same_site

#: Links that are looked at, and entries that are kept, of one page.
MAX_LINKS: Final = 3_000
MAX_ENTRIES: Final = 300

_WANTED: Final = "a listing"
_EMPTY_WORDS: Final = frozenset(
    {
        *("المزيد", "اقرأ المزيد", "إقرأ المزيد", "قراءة المزيد", "اقرا المزيد", "التفاصيل"),
        *("لقراءة المزيد", "تفاصيل", "شاهد", "read more", "more", "continue reading", "details"),
        *(
            "lire la suite",
            "lire plus",
            "suite",
            "weiterlesen",
            "بیشتر",
            "ادامه مطلب",
            "مزید پڑھیں",
        ),
    }
)
_NEXT_WORDS: Final = frozenset(
    {
        *("التالي", "التالى", "الصفحة التالية", "السابقة", "next", "next page", "older posts"),
        *("older", "suivant", "page suivante", "بعدی", "اگلا", ">", "›", "»", "→"),
    }
)
_DATE_PLACES: Final = (
    ".//time | .//*[contains(@class,'date') or contains(@class,'time') "
    "or contains(@itemprop,'date')]"
)
_LAZY: Final = ("data-src", "data-original", "data-lazy-src", "data-lazy", "src")
_HEADINGS: Final = ".//h1 | .//h2 | .//h3 | .//h4 | .//h5"
_SPACES: Final = re.compile(r"\s+")


@dataclass(slots=True)
class _Found:
    """All anchors of a page that lead to one address."""

    url: str
    anchors: list[Any] = field(default_factory=list)
    text: str = ""
    score: int = 0


def parse(page: Page, seed: Seed, *, source: Source, now: datetime) -> ParsedSeed:
    """Return the articles that a page links to, in its order; ``next_urls`` is the page after it.

    With ``seed.links`` those that the selector finds; without, or where it finds none any more,
    those that match the source's article patterns or look like articles.

    Args:
        page: HTML in any charset; a feed in its place is read as a feed.
        seed: its ``links`` is CSS, or XPath if it begins with ``/`` or ``(``.
        source: its hosts bound the links, its patterns choose among them.
        now: aware; the caller's clock.

    Raises:
        ParseError: empty, a login or challenge page, or no link to an article.
    """
    document = documents.read(page, source)
    if document.kind in {"rss", "rdf", "feed"}:
        return feed.from_document(document, page, source=source, now=now)
    root = tree(document.data)
    if root is None:
        raise unreadable(page.url, documents.refusal(document, _WANTED))
    base = base_of(root, page)
    notes = list(document.notes)
    found = _selected(root, seed, base, notes)
    if not found:
        found = _by_shape(root, page, source, base)
    if not found:
        raise unreadable(page.url, _why_none(document))
    entries = tuple(
        _entry(each, position, base, source, now)
        for position, each in enumerate(list(found.values())[:MAX_ENTRIES])
    )
    return ParsedSeed(
        entries=entries,
        format="html",
        title=plain(root.findtext(".//title"), source.language),
        home_url=page.url,
        language=root.get("lang") or None,
        next_urls=_next_page(root, page, base),
        notes=tuple(notes),
    )


def tree(data: bytes) -> Any:
    """Return the root of an HTML page in UTF-8, None where there is no element."""
    from lxml import etree, html

    parser = html.HTMLParser(encoding="utf-8", remove_comments=True, remove_pis=True)
    try:
        return html.document_fromstring(data, parser=parser)
    except (etree.ParserError, etree.XMLSyntaxError, ValueError):
        return None


def base_of(root: Any, page: Page) -> str:
    """Return the address that a page's relative addresses are relative to."""
    stated = root.find(".//base[@href]")
    return (stated is not None and absolute(page.url, stated.get("href"))) or page.url


def _why_none(document: documents.Document) -> str:
    reason = documents.refusal(document, _WANTED)
    return (
        reason if reason.startswith(("a login", "a challenge")) else "no link leads to an article"
    )


def _select(root: Any, selector: str) -> list[Any]:
    from cssselect import SelectorError
    from lxml import etree

    try:
        if selector.startswith(("/", "(")):
            chosen = root.xpath(selector)
        else:
            chosen = root.cssselect(selector)
    except (etree.XPathError, SelectorError, ValueError):
        return []
    return [each for each in chosen if hasattr(each, "tag")] if isinstance(chosen, list) else []


def _selected(root: Any, seed: Seed, base: str, notes: list[str]) -> dict[str, _Found]:
    if not seed.links:
        return {}
    found = _gathered(map(_anchor_of, _select(root, seed.links)), base)
    if not found:
        notes.append("the selector of links finds none")
    return found


def _anchor_of(element: Any) -> Any:
    """Return the anchor that a selected element is, holds or lies in."""
    if element.tag == "a":
        return element
    inner = element.find(".//a[@href]")
    if inner is not None:
        return inner
    return next(element.iterancestors("a"), element)


def _gathered(anchors: Iterable[Any], base: str) -> dict[str, _Found]:
    found: dict[str, _Found] = {}
    for anchor, _ in zip(anchors, range(MAX_LINKS), strict=False):
        url = absolute(base, anchor.get("href"))
        if url is None:
            continue
        each = found.setdefault(canonical(url), _Found(url))
        each.anchors.append(anchor)
        text = _anchor_text(anchor)
        if len(text) > len(each.text):
            each.text = text
    return found


def _anchor_text(anchor: Any) -> str:
    """Return the headline that an anchor shows, empty where it shows none."""
    headings = anchor.xpath(_HEADINGS)
    text = _flat(headings[0]) if headings else _flat(anchor)
    if not text or text.strip(" .:»›«‹…<>").lower() in _EMPTY_WORDS:
        text = anchor.get("title") or anchor.get("aria-label") or ""
    return _SPACES.sub(" ", text).strip()[:500]


def _flat(element: Any) -> str:
    return _SPACES.sub(" ", "".join(element.itertext()))[:2000].strip()


def _by_shape(root: Any, page: Page, source: Source, base: str) -> dict[str, _Found]:
    all_links = _gathered(root.iter("a"), base)
    all_links.pop(canonical(page.url), None)
    hosts = {host(page.url), host(source.homepage), *source.hosts}
    near = {
        key: each
        for key, each in all_links.items()
        if host(each.url) in hosts or same_site(each.url, page.url)
    }
    if source.article_patterns:
        matching = {k: e for k, e in near.items() if matches_any(e.url, source.article_patterns)}
        if matching:
            return matching
    for each in near.values():
        place = max(map(links.place_score, each.anchors))
        each.score = links.path_score(each.url) + links.text_score(each.text) + place
    sure = {key: each for key, each in near.items() if each.score >= links.ENOUGH}
    shapes = Counter(links.shape(each.url) for each in sure.values())
    usual = {shape for shape, count in shapes.items() if count >= 3}
    # A link of the usual shape needs less to be believed.
    return {
        key: each
        for key, each in near.items()
        if key in sure or (each.score >= 2 and links.shape(each.url) in usual)
    }


def _entry(each: _Found, position: int, base: str, source: Source, now: datetime) -> Entry:
    card = _card(each, base)
    text = each.text or _heading_of(card)
    return Entry(
        url=each.url,
        title=plain(text, source.language),
        published=_date_in(card, source, now),
        images=_image_in(card, base),
        position=position,
    )


def _card(each: _Found, base: str) -> Any:
    """Return the largest element round an anchor that leads to nothing but this article."""
    key = canonical(each.url)
    same = {anchor.get("href") for anchor in each.anchors}
    card = each.anchors[0]
    for element in _climb(card):
        for anchor in element.iter("a"):
            href = anchor.get("href")
            if not href or href in same:
                continue
            url = absolute(base, href)
            if url and canonical(url) != key:
                return card
            same.add(href)
        card = element
    return card


def _climb(element: Any) -> Iterator[Any]:
    for level, parent in enumerate(element.iterancestors()):
        if level > 4 or parent.tag in {"body", "html", "main"}:
            return
        yield parent


def _heading_of(card: Any) -> str:
    headings = card.xpath(_HEADINGS)
    return _flat(headings[0])[:500] if headings else ""


def _date_in(card: Any, source: Source, now: datetime) -> Moment | None:
    for element in card.xpath(_DATE_PLACES)[:5]:
        for text in (element.get("datetime"), element.get("content"), _flat(element)):
            if not text or len(text) > 80:
                continue
            if found := moment(text, source=source, now=now, origin="page"):
                return found
    return None


def _image_in(card: Any, base: str) -> tuple[Image, ...]:
    for picture in card.iter("img"):
        for name in _LAZY:
            url = absolute(base, picture.get(name))
            if url:
                return (Image(url=url, alt=plain(picture.get("alt"))),)
    return ()


def _next_page(root: Any, page: Page, base: str) -> tuple[str, ...]:
    stated = root.xpath("//link[@rel='next'][@href] | //a[@rel='next'][@href]")
    likely = root.xpath("//a[@href][contains(@class,'next') or ../@class[contains(.,'next')]]")
    named = [a for a in root.iter("a") if _is_next(a)]
    for element in (*stated, *likely, *named):
        url = absolute(base, element.get("href"))
        if url and same_site(url, page.url) and canonical(url) != canonical(page.url):
            return (url,)
    return ()


def _is_next(anchor: Any) -> bool:
    if len(anchor) > 2:
        return False
    return _flat(anchor).strip().lower() in _NEXT_WORDS
