"""Other pages that belong to an article: the next of several, print and AMP versions, live updates.

``next_page`` follows what a page says of itself (``rel=next``, links with words for *next* or a
number) and only to an address that is a page of the same article: same host, same path save for a
page number. Pure functions; the crawler does the fetching.
"""

import itertools
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache
from typing import Any
from urllib.parse import parse_qsl, urlsplit

from aggregator.arabic import display
from aggregator.extract.blocks import segment
from aggregator.extract.document import Document, text_of

MOST_LINKS = 3_000
MOST_UPDATES = 500

_NEXT_WORDS = frozenset(
    (
        "next", "next page", "next »", "continue", "التالي", "التالية", "الصفحة التالية", "بعدی",
        "صفحه بعد", "weiter", "nächste seite", "nächste", "suivant", "page suivante", "siguiente",
        "página siguiente", "próxima", "próxima página", "seguinte", "successiva", "avanti",
        "volgende", "nästa", "neste", "næste", "seuraava", "następna", "další", "sonraki",
        "далее", "следующая", "次へ", "次のページ", "下一页", "下一頁", "다음", "आगे", "अगला",
    )
)  # fmt: skip
_BACK_WORDS = frozenset(
    (
        "1", "١", "السابق", "السابقة", "الصفحة السابقة", "قبلی", "صفحه قبل", "previous", "prev",
        "previous page", "précédent", "zurück", "anterior", "önceki", "предыдущая",
    )
)  # fmt: skip
_BACK_RELS = frozenset(("prev", "previous", "first", "start", "canonical"))
_NUMBER_KEYS = frozenset(
    ("page", "p", "pg", "pagenum", "page_no", "paged", "start", "seite", "pagina")
)
_PATH_NUMBER = re.compile(
    r"(?:/(?:page|p|seite|pagina|صفحة)[/-]?|/|[-_,](?:p(?:age)?|seite)?[-_]?)(\d{1,3})"
    r"(/|\.\w{2,5})?$",
    re.IGNORECASE,
)
_TRIM = " \t\n»›>→←«‹<|.…"


def next_page(doc: Document, *, first: str | None = None) -> str | None:
    """Return the absolute address of the article's next page; None where this is the last.

    Args:
        doc: a page of the article.
        first: the address of its first page; None: this is the first. Only so does ``/news/7``
            beside ``/news/8`` count as two articles and ``/story/2`` beside ``/story/3`` as pages.
    """
    here, start = doc.url, first or doc.url
    number = _number(here) if first else 1
    for node in doc.root.iter("link"):
        if "next" in (node.get("rel") or "").lower().split():
            address = doc.absolute(node.get("href"))
            if address and _is_page(start, address, number + 1):
                return address
    candidates: list[tuple[int, str]] = []
    for count, node in enumerate(doc.root.iter("a")):
        if count >= MOST_LINKS:
            break
        href = node.get("href") or ""
        if not _names_number(href, number + 1):
            continue  # most links: quicker told by their address than by their words
        rank = _rank(node, number)
        if rank:
            address = doc.absolute(href)
            if address and _is_page(start, address, number + 1):
                candidates.append((rank, address))
    return min(candidates)[1] if candidates else None


def _names_number(href: str, number: int) -> bool:
    """Whether an address may carry this page number; digits of other scripts may be any."""
    return bool(_lone(number).search(href)) or not href.isascii()


@lru_cache(maxsize=256)
def _lone(number: int) -> re.Pattern[str]:
    return re.compile(rf"(?<!\d)0*{number}(?!\d)")


def _rank(node: Any, number: int) -> int:
    """Return how plainly a link says that it leads to the next page: 1 best, 0 not at all."""
    if "next" in (node.get("rel") or "").lower().split():
        return 1
    words = text_of(node).lower().strip(_TRIM) if len(node) < 5 else ""
    label = (node.get("aria-label") or node.get("title") or "").lower().strip(_TRIM)
    if words in _NEXT_WORDS or label in _NEXT_WORDS:
        return 2
    return 3 if words == str(number + 1) else 0


def _number(url: str) -> int:
    """Return the page number that an address carries; 1 where it carries none."""
    parts = urlsplit(url)
    for key, value in parse_qsl(parts.query):
        if key.lower() in _NUMBER_KEYS and value.isdigit() and len(value) < 4:
            return int(value)
    match = _PATH_NUMBER.search(parts.path)
    return int(match[1]) if match and int(match[1]) < 100 else 1


def _is_page(first: str, there: str, number: int) -> bool:
    """Whether an address is that page of the article whose first page is ``first``."""
    if _number(there) != number:
        return False
    ours, theirs = urlsplit(first), urlsplit(there)
    if (ours.hostname or "").removeprefix("www.") != (theirs.hostname or "").removeprefix("www."):
        return False
    if _query(ours.query) != _query(theirs.query):
        return False
    own = ours.path.rstrip("/")
    path = theirs.path.rstrip("/")
    if path == own:
        return True
    cut = _PATH_NUMBER.search(path)
    if cut is None:
        return False
    ending = cut[2] or ""
    stem = f"{path[: cut.start()]}{ending}"
    # the first page may itself be number 1: /story/1 → /story/2
    ones = _PATH_NUMBER.search(own)
    if ones is not None and int(ones[1]) == 1 and own[: ones.start()] == path[: cut.start()]:
        return True
    return stem == own or path[: cut.start()] == own


def is_further_page(doc: Document) -> bool:
    """Return whether a page is not its article's first: numbered, and it says which is."""
    number = _number(doc.url)
    if number < 2:
        return False
    for href in _ways_back(doc):
        address = doc.absolute(href)
        if not address or not urlsplit(address).path.strip("/"):
            continue  # the home page is nobody's first page
        if _number(address) in {1, number - 1} and _is_page(address, doc.url, number):
            return True
    return False


def _ways_back(doc: Document) -> Iterator[str]:
    """Yield where a page leads back to: by its head, by words, by number 1."""
    for node in doc.root.iter("link"):
        if _BACK_RELS.intersection((node.get("rel") or "").lower().split()):
            yield node.get("href") or ""
    for node in itertools.islice(doc.root.iter("a"), MOST_LINKS):
        words = text_of(node).lower().strip(_TRIM) if len(node) < 5 else ""
        rels = (node.get("rel") or "").lower().split()
        if words in _BACK_WORDS or "prev" in rels:
            yield node.get("href") or ""


def _query(query: str) -> frozenset[tuple[str, str]]:
    pairs = parse_qsl(query)
    return frozenset(pair for pair in pairs if pair[0].lower() not in _NUMBER_KEYS)


def alternatives(doc: Document) -> tuple[str, ...]:
    """Return addresses of other versions of the same article, the fuller kind first.

    Print versions, AMP (``rel=amphtml``), one-page versions and the canonical page of an AMP one.
    """
    found: dict[str, int] = {}
    here = doc.url.split("#")[0]
    for href, rank in (*_declared_versions(doc), *_print_links(doc)):
        address = doc.absolute(href)
        if address and address.split("#")[0] != here:
            found.setdefault(address, rank)
    return tuple(sorted(found, key=lambda address: found[address]))


def _declared_versions(doc: Document) -> Iterator[tuple[str, int]]:
    is_amp = doc.root.get("amp") is not None or doc.root.get("⚡") is not None
    for node in doc.root.iter("link"):
        rels = (node.get("rel") or "").lower().split()
        href = node.get("href") or ""
        if "amphtml" in rels:
            yield href, 3
        elif "alternate" in rels and "print" in (node.get("media") or "").lower():
            yield href, 1
        elif "canonical" in rels and is_amp:
            yield href, 2


def _print_links(doc: Document) -> Iterator[tuple[str, int]]:
    host = (urlsplit(doc.url).hostname or "").removeprefix("www.")
    for count, node in enumerate(doc.root.iter("a")):
        if count >= MOST_LINKS:
            break
        href = node.get("href") or ""
        if _says_print(href):
            address = doc.absolute(href)
            if address and (urlsplit(address).hostname or "").removeprefix("www.") == host:
                yield href, 1


_PRINT = re.compile(
    r"(?:^|[/?&=_.-])(?:print|printer|printview|printable|druck|drucken|imprimir|imprimer|stampa|"
    r"single-?page|view-?all|singlepage|طباعة)(?:$|[/?&=_.-])",
    re.IGNORECASE,
)


def _says_print(href: str) -> bool:
    if not href or len(href) > 2000 or href.startswith(("javascript:", "mailto:", "#")):
        return False
    return bool(_PRINT.search(href))


@dataclass(frozen=True, slots=True, kw_only=True)
class LiveUpdate:
    """One entry of a live blog; ``published`` is aware or None, texts are display text."""

    title: str | None
    published: datetime | None
    paragraphs: tuple[str, ...]


def live_updates(doc: Document) -> tuple[LiveUpdate, ...]:
    """Return the dated updates of a live blog as its JSON-LD or microdata has them, as shown.

    Empty where the page is no live blog.
    """
    language = doc.language or "ar"
    found = [*_json_updates(doc, language)] or [*_marked_updates(doc, language)]
    return tuple(found[:MOST_UPDATES])


def _json_updates(doc: Document, language: str) -> Iterator[LiveUpdate]:
    for node in doc.json_ld:
        updates = node.get("liveBlogUpdate")
        if isinstance(updates, Mapping):
            updates = [updates]
        if not isinstance(updates, list):
            continue
        for each in updates[:MOST_UPDATES]:
            if not isinstance(each, Mapping):
                continue
            raw = each.get("articleBody")
            texts = _lines(raw, language) if isinstance(raw, str) else ()
            title = each.get("headline")
            shown = display(title[:2000], language).text if isinstance(title, str) else None
            if texts or shown:
                yield LiveUpdate(
                    title=shown, published=_moment(each.get("datePublished")), paragraphs=texts
                )
        return


def _marked_updates(doc: Document, language: str) -> Iterator[LiveUpdate]:
    for node in doc.root.iter("article", "div", "li", "section"):
        prop = node.get("itemprop") or ""
        if "liveBlogUpdate" not in prop:
            continue
        times = [each for each in node.iter("time", "meta") if _stamp(each)]
        heads = [text_of(each) for each in node.iter("h2", "h3", "h4")]
        texts = tuple(
            shown
            for block in segment(node).blocks
            if block.context.tag != "time" and (shown := display(block.text, language).text)
        )
        title = heads[0] if heads else None
        if texts:
            yield LiveUpdate(
                title=title,
                published=_moment(_stamp(times[0])) if times else None,
                paragraphs=tuple(text for text in texts if text != title),
            )


def _stamp(node: Any) -> str | None:
    value = node.get("datetime") or (
        node.get("content") if node.get("itemprop") == "datePublished" else None
    )
    return str(value) if value else None


def _moment(value: Any) -> datetime | None:
    """Return an aware datetime of an ISO 8601 stamp; None where it is none or naive."""
    if not isinstance(value, str):
        return None
    try:
        found = datetime.fromisoformat(value.strip()[:40])
    except ValueError:
        return None
    return found if found.tzinfo else None


_BREAKS = re.compile(r"<(?:/p|/div|/h\d|/li|br)\b[^<>]{0,100}>|\n", re.IGNORECASE)
_TAGS = re.compile(r"<[^<>]{1,2000}>")


def _lines(raw: str, language: str) -> tuple[str, ...]:
    lines = (_TAGS.sub(" ", line) for line in _BREAKS.sub("\n", raw[:500_000]).split("\n"))
    return tuple(
        shown for line in lines if line.strip() and (shown := display(line, language).text)
    )
