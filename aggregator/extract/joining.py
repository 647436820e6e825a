"""One article out of several pages: further pages joined, a fuller version, dated live updates.

Pure: :func:`begin` and :func:`go_on` say which address is wanted next, the caller fetches it or
ends with what there is. At most :data:`MOST_PAGES` pages, none twice; a page that brings nothing
new ends the article, so that links that lead on for ever (or to pages of comments) cost one page.
Nothing is done about pages that say they are not free to read.
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime, tzinfo
from html import escape
from typing import Final, Literal
from zoneinfo import ZoneInfo

from lxml import etree, html

from aggregator import sanitize
from aggregator.arabic import fold
from aggregator.extract.article import THIN_LETTERS
from aggregator.extract.document import Document, text_of
from aggregator.extract.pages import LiveUpdate, alternatives, live_updates, next_page
from aggregator.types import Article
from aggregator.urls import host, same_site

#: Pages of one article, the first counted.
MOST_PAGES: Final = 10
#: Other versions of a thin page that are tried.
MOST_VERSIONS: Final = 2
#: Another version stands in for the page if its text is so much longer.
LONGER: Final = 1.5
#: Letters by which a line of a live blog is known again.
_KEY_LETTERS: Final = 60
_OTHER_KINDS: Final = frozenset({"listing", "forum", "product", "login", "error"})


@dataclass(frozen=True, slots=True, kw_only=True)
class Gathering:
    """An article and the page that may complete it.

    Attributes:
        article: what is known so far; good to be stored as it is.
        first: address of the first page.
        pages: addresses of all pages that were asked for, the wanted one included.
        wanted: the address to read next; None: nothing more is to be had.
        why: what is hoped for there: the article's next page, or a version with more text.
        versions: more addresses of other versions.
    """

    article: Article
    first: str
    pages: tuple[str, ...] = ()
    wanted: str | None = None
    why: Literal["next", "fuller"] | None = None
    versions: tuple[str, ...] = ()


def begin(doc: Document, article: Article) -> Gathering:
    """Return the article of a first page, with its live updates, and what else to read."""
    article = with_updates(article, doc)
    start = Gathering(article=article, first=doc.url, pages=(_plain(doc.url),))
    if article.free_access is False:
        return start
    if article.verdict.is_article and (address := next_page(doc)):
        return _asking(start, address, "next")
    if article.verdict.kind in {"article", "empty"} and _letters(article) < THIN_LETTERS:
        own = {host(doc.url), *(doc.source.hosts if doc.source else ())}
        versions = tuple(
            address
            for address in alternatives(doc)
            if same_site(address, doc.url) or host(address) in own
        )
        return _next_version(replace(start, versions=versions[:MOST_VERSIONS]))
    return start


def go_on(gathering: Gathering, doc: Document, article: Article) -> Gathering:
    """Return the gathering after the page that it wanted.

    Args:
        gathering: from :func:`begin` or an earlier call.
        doc: the page as it came; redirects may have led elsewhere.
        article: what it says, read like any page.
    """
    article = with_updates(article, doc)
    if gathering.why == "fuller":
        return _with_version(gathering, doc, article)
    ended = replace(gathering, wanted=None, why=None)
    if article.verdict.kind in _OTHER_KINDS or not _same_host(doc.url, gathering.first):
        return ended
    if _plain(doc.url) in gathering.pages[:-1]:
        return ended
    joined = join(gathering.article, article)
    if joined is gathering.article:
        return ended
    addresses = dict.fromkeys((*joined.addresses, doc.url))
    more = replace(ended, article=replace(joined, addresses=tuple(addresses)))
    address = next_page(doc, first=gathering.first)
    return _asking(more, address, "next") if address else more


def join(article: Article, part: Article) -> Article:
    """Return the article with what its next page adds; the same object if that is nothing.

    Paragraphs that were there before (a title, a lead that each page repeats) are not added again.
    """
    known = {fold(text, "identity") for text in (article.title or "", *article.paragraphs)}
    added = tuple(text for text in part.paragraphs if fold(text, "identity") not in known)
    if not added:
        return article
    markup = part.html
    if len(added) < len(part.paragraphs):
        markup = "".join(
            piece for text, piece in _pieces(markup) if fold(text, "identity") not in known
        )
    images = {image.url: image for image in (*article.images, *part.images)}
    return replace(
        article,
        paragraphs=(*article.paragraphs, *added),
        html=article.html + markup,
        images=tuple(images.values()),
    )


def with_updates(article: Article, doc: Document) -> Article:
    """Return the article of a live blog as its introduction and its dated updates.

    Each update begins with its time in the source's zone, as text and as ``<time>``; any other
    page's article is returned as it is.
    """
    updates = live_updates(doc)
    if not updates:
        return article
    zone = _zone(doc)
    keys = {_key(line) for update in updates for line in (update.title, *update.paragraphs) if line}
    intro = tuple(_intro(article.paragraphs, keys))
    markup = "".join(_intro_markup(article.html, keys))
    times = [update.published for update in updates if update.published]
    newest = max((*times, *((article.updated,) if article.updated else ())), default=None)
    return replace(
        article,
        paragraphs=(*intro, *(line for each in updates for line in _lines(each, zone))),
        html=markup + "".join(_markup(each, zone) for each in updates),
        updated=newest,
        origins={
            **article.origins,
            "paragraphs": "json_ld",
            **({"updated": "json_ld"} if newest != article.updated else {}),
        },
        notes=(*article.notes, f"live blog: {len(updates)} updates"),
    )


def _asking(gathering: Gathering, address: str, why: Literal["next", "fuller"]) -> Gathering:
    plain = _plain(address)
    if plain in gathering.pages or len(gathering.pages) >= MOST_PAGES:
        return gathering
    return replace(gathering, wanted=address, why=why, pages=(*gathering.pages, plain))


def _next_version(gathering: Gathering) -> Gathering:
    if not gathering.versions:
        return replace(gathering, wanted=None, why=None)
    address, *others = gathering.versions
    left = replace(gathering, wanted=None, why=None, versions=tuple(others))
    asking = _asking(left, address, "fuller")
    return asking if asking.wanted else _next_version(left)


def _with_version(gathering: Gathering, doc: Document, other: Article) -> Gathering:
    own = gathering.article
    is_better = other.verdict.is_article and _letters(other) > max(LONGER * _letters(own), 80)
    if not is_better or other.free_access is False:
        return _next_version(gathering)
    kept = own if own.verdict.is_article else other
    article = replace(
        kept,
        url=own.url,
        title=own.title or other.title,
        paragraphs=other.paragraphs,
        html=other.html,
        images=own.images or other.images,
        addresses=tuple(dict.fromkeys((*own.addresses, *other.addresses, doc.url))),
        origins={**other.origins, **kept.origins, "paragraphs": "version"},
        notes=(*own.notes, f"text from another version: {doc.url}"),
    )
    return replace(gathering, article=article, wanted=None, why=None, versions=())


def _letters(article: Article) -> int:
    return sum(map(len, article.paragraphs))


def _plain(url: str) -> str:
    return url.partition("#")[0]


def _same_host(a: str, b: str) -> bool:
    return host(a).removeprefix("www.") == host(b).removeprefix("www.")


def _pieces(markup: str) -> Iterator[tuple[str, str]]:
    """Yield text and markup of the outermost elements of clean HTML."""
    try:
        found = html.fragments_fromstring(markup) if markup.strip() else []
    except (etree.LxmlError, ValueError):
        found = []
    for piece in found:
        if isinstance(piece, str):
            yield piece.strip(), escape(piece, quote=False)
        else:
            yield text_of(piece), etree.tostring(piece, encoding="unicode", method="html")


def _key(text: str) -> str:
    return fold(text, "identity")[:_KEY_LETTERS]


def _intro(paragraphs: Sequence[str], keys: set[str]) -> Iterator[str]:
    """Yield the paragraphs before the first that belongs to an update."""
    found: list[str] = []
    for text in paragraphs:
        if _key(text) in keys:
            while found and not _has_words(found[-1]):  # the first update's time
                found.pop()
            break
        found.append(text)
    yield from found


def _intro_markup(markup: str, keys: set[str]) -> Iterator[str]:
    kept: list[tuple[str, str]] = []
    for text, piece in _pieces(markup):
        if any(_key(line) in keys for line in sanitize.paragraphs(piece)):
            while kept and not _has_words(kept[-1][0]):
                kept.pop()
            break
        kept.append((text, piece))
    return (piece for _, piece in kept)


def _has_words(text: str) -> bool:
    return sum(letter.isalpha() for letter in text) > 3


def _zone(doc: Document) -> tzinfo:
    try:
        return ZoneInfo(doc.source.timezone) if doc.source else UTC
    except (ValueError, OSError):
        return UTC


def _stamp(moment: datetime | None, zone: tzinfo) -> str:
    try:
        return f"{moment.astimezone(zone):%Y-%m-%d %H:%M}" if moment else ""
    except (OverflowError, ValueError):
        return ""


def _lines(update: LiveUpdate, zone: tzinfo) -> Iterable[str]:
    head = " – ".join(filter(None, (_stamp(update.published, zone), update.title)))
    return (*((head,) if head else ()), *update.paragraphs)


def _markup(update: LiveUpdate, zone: tzinfo) -> str:
    stamp = _stamp(update.published, zone)
    parts = []
    if stamp and update.published:
        parts.append(f'<time datetime="{update.published.isoformat()}">{stamp}</time>')
    if update.title:
        parts.append(escape(update.title, quote=False))
    head = f"<h3>{' – '.join(parts)}</h3>" if parts else ""
    return head + sanitize.from_paragraphs(update.paragraphs)
