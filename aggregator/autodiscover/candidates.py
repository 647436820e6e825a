"""Where a site may announce its articles: what its pages link to, and where such things often lie.

Candidates only; whoever uses them looks at each.
"""

import re
from collections import Counter
from collections.abc import Iterator
from typing import Any, Final

from aggregator.urls import absolute, canonical, host, same_site

#: Places of feeds, the commonest first.
FEED_PLACES: Final = (
    *("/feed", "/rss", "/rss.xml", "/feed/", "/atom.xml", "/feeds", "/index.xml", "/rss.aspx"),
    *("/feed.xml", "/?feed=rss2", "/index.php?format=feed&type=rss", "/feed.json"),
)
SITEMAP_PLACES: Final = (
    *("/sitemap.xml", "/news-sitemap.xml", "/sitemap-news.xml", "/sitemap_index.xml"),
    *("/sitemap_news.xml", "/googlenews.xml"),
)
#: Candidates that are taken from one page.
_MOST: Final = 60

_FEED_TYPES: Final = frozenset(
    {
        *("application/rss+xml", "application/atom+xml", "application/feed+json"),
        *("application/rdf+xml", "application/xml", "text/xml"),
    }
)
_FEED_WORD: Final = re.compile(
    r"(?:^|[/.?=&_-])(?:rss\d?|atom|feeds?|rdf)(?:$|[/.?=&_-])|rss(?:feed|section|\.)|\.xml$",
    re.IGNORECASE,
)
_FEED_TEXT: Final = re.compile(r"\bRSS\b|خلاص(?:ة|ات)|تلقيمات", re.IGNORECASE)
_NO_FEED: Final = re.compile(
    r"comment|wp-json|oembed|sitemap|opensearch|osd\.xml|manifest|/tag/|/author/|\.(?:png|jpg|css|js)\b",
    re.IGNORECASE,
)
_FEED_HOSTS: Final = ("feeds.feedburner.com", "feedproxy.google.com", "feeds.feedblitz.com")


def feed_links(root: Any, base: str) -> tuple[dict[str, str | None], dict[str, str | None]]:
    """Return the feeds that a page declares, and links that may be feeds, with their titles."""
    declared: dict[str, str | None] = {}
    for link in root.iter("link"):
        relations = (link.get("rel") or "").lower().split()
        kind = (link.get("type") or "").partition(";")[0].strip().lower()
        if "feed" in relations or ("alternate" in relations and kind in _FEED_TYPES):
            _add(declared, link.get("href"), link.get("title"), base)
    linked: dict[str, str | None] = {}
    for anchor in root.iter("a"):
        href = anchor.get("href") or ""
        if _FEED_WORD.search(href) or _FEED_TEXT.search(_label(anchor)):
            _add(linked, href, _label(anchor), base)
        if len(linked) >= _MOST:
            break
    return declared, {url: title for url, title in linked.items() if url not in declared}


def _add(found: dict[str, str | None], href: str | None, title: str | None, base: str) -> None:
    url = absolute(base, href)
    if url is None or _NO_FEED.search(url) or len(found) >= _MOST:
        return
    url = url.partition("#")[0]
    if same_site(url, base) or host(url) in _FEED_HOSTS:
        found.setdefault(url, (title or "").strip() or None)


def _label(anchor: Any) -> str:
    texts = [*anchor.itertext(), anchor.get("title") or "", anchor.get("aria-label") or ""]
    texts += [image.get("alt") or "" for image in anchor.iter("img")]
    return " ".join(" ".join(texts).split())[:200]


def links_selector(root: Any, base: str, urls: frozenset[str]) -> str | None:
    """Return the CSS selector that finds these links and few others; None where none does.

    Args:
        root: of the listing.
        base: its address.
        urls: canonical addresses of the links that are wanted.
    """
    found: Counter[str] = Counter()
    wanted: dict[str, set[str]] = {}
    for anchor in root.iter("a"):
        url = absolute(base, anchor.get("href"))
        key = canonical(url) if url else ""
        for selector in set(_selectors_of(anchor)):
            if key in urls:
                wanted.setdefault(selector, set()).add(key)
            elif key:
                found[selector] += 1
    best = max(
        wanted, key=lambda each: (len(wanted[each]) - 2 * found[each], -len(each)), default=None
    )
    if best is None or len(wanted[best]) < 0.6 * len(urls) or found[best] > 0.1 * len(wanted[best]):
        return None
    return best


_NAME: Final = re.compile(r"[A-Za-z][A-Za-z0-9_-]{1,40}")
_HEADINGS: Final = ("h1", "h2", "h3", "h4", "h5")


def _selectors_of(anchor: Any) -> Iterator[str]:
    """Yield selectors that find an anchor: by its class, or by its near ancestors'."""
    for name in _classes(anchor):
        yield f"a.{name}"
    for level, element in enumerate(anchor.iterancestors()):
        if level > 3 or element.tag in {"body", "html"}:
            return
        if element.tag in _HEADINGS:
            yield f"{element.tag} a"
        for name in _classes(element):
            yield f".{name} a"
            if level == 0:
                yield f"{element.tag}.{name} > a"


def _classes(element: Any) -> list[str]:
    return [name for name in (element.get("class") or "").split()[:5] if _NAME.fullmatch(name)]
