"""Which links of a page lead to articles, judged by their shape and by where they stand.

No site is known here: numbers, dates and long slugs in addresses, sentences as anchor texts and
headings speak for an article; menus, footers and words like ``tag`` speak against.
"""

import re
from typing import Any, Final
from urllib.parse import unquote, urlsplit

#: A link that reaches this is taken for an article's.
ENOUGH: Final = 4

_NUMBER: Final = re.compile(r"(?<!\d)\d{4,15}(?!\d)")
_DATE: Final = re.compile(r"/(?:19|20)\d\d[-/](?:0?[1-9]|1[0-2])(?:[-/]|$)")
_SLUG: Final = re.compile(r"[-_+ ]+")
_ENDING: Final = re.compile(r"\.(?:s?html?|php|aspx?|jsp|story)$", re.IGNORECASE)
_FILE: Final = re.compile(
    r"\.(?:jpe?g|png|gif|webp|svg|pdf|mp[34]|zip|xml|rss|css|js|ico|apk)$", re.IGNORECASE
)
_OTHER_SEGMENTS: Final = frozenset(
    {
        *("tag", "tags", "category", "categories", "author", "authors", "writer", "writers"),
        *("page", "search", "login", "signin", "register", "account", "user", "users", "contact"),
        *("contact-us", "about", "about-us", "privacy", "privacy-policy", "terms", "advertise"),
        *("rss", "feed", "feeds", "subscribe", "newsletter", "archive", "calendar", "wp-admin"),
        *("wp-login.php", "cart", "shop", "sitemap", "topic", "topics", "section", "sections"),
        *(
            "keyword",
            "label",
            "profile",
            "member",
            "members",
            "jobs",
            "careers",
            "weather",
            "amp",
            "print",
            "share",
        ),
        *("وسم", "الوسوم", "تصنيف", "كاتب", "اتصل-بنا", "من-نحن", "سياسة-الخصوصية"),
    }
)
_FURNITURE_TAGS: Final = frozenset({"nav", "footer", "menu"})
_FURNITURE: Final = re.compile(
    r"(?:^|[\s_-])(?:nav(?:bar|igation)?|menu|footer|breadcrumbs?|social|share|login|copyright|"
    r"pagination|pager|cookie|lang(?:uage)?s?|tags?)(?:$|[\s_-])",
    re.IGNORECASE,
)
_HEADINGS: Final = frozenset({"h1", "h2", "h3", "h4", "h5"})


def path_score(url: str) -> int:
    """Return how much an address looks like an article's: from -5 up, 2 and more are likely."""
    parts = urlsplit(url)
    path = unquote(parts.path).rstrip("/").lower()
    if not path and not parts.query:
        return -5
    if _FILE.search(path):
        return -5
    segments = [segment for segment in path.split("/") if segment]
    score = 0
    if any(segment in _OTHER_SEGMENTS for segment in segments[:-1] or segments):
        score -= 3
    last = _ENDING.sub("", segments[-1]) if segments else ""
    if _NUMBER.search(last) or _NUMBER.search(parts.query):
        score += 2
    elif _NUMBER.search(path):
        score += 1
    if _DATE.search(path + "/"):
        score += 2
    words = [word for word in _SLUG.split(last) if len(word) > 1]
    if len(words) >= 4:
        score += 3
    elif len(words) == 3:
        score += 1
    return score + (1 if len(segments) > 1 else 0)


def text_score(text: str) -> int:
    """Return how much an anchor's text looks like a headline: from -2 to 3."""
    words = len(text.split())
    if words == 0:
        return 0
    if words < 3:
        return -2
    return 3 if words >= 5 and len(text) >= 25 else 1


def place_score(anchor: Any) -> int:
    """Return how much an anchor's place speaks for an article: -4 in menus, 2 in headings."""
    score = 0
    for level, element in enumerate(_upwards(anchor)):
        if element.tag in _HEADINGS and level < 4:
            score = 2
        if element.tag == "article" and not score:
            score = 1
        if element.tag in _FURNITURE_TAGS or element.get("role") == "navigation":
            return -4
        names = f"{element.get('class') or ''} {element.get('id') or ''}"
        if level and element.tag not in {"body", "html"} and _FURNITURE.search(names[:300]):
            return -4
    if any(child.tag in _HEADINGS for child in anchor.iter()):
        score = max(score, 2)
    return score


def shape(url: str) -> str:
    """Return an address with its numbers and slugs made alike: ``/story/N/S``.

    >>> shape("https://akhbar.example/story/2025/11/7/some-long-title-here/719000.html")
    '/story/N/N/N/S/N.html'
    """
    parts = urlsplit(url)
    made = [_shape_of(segment) for segment in unquote(parts.path).strip("/").split("/")]
    names = sorted(pair.partition("=")[0] for pair in parts.query.split("&") if pair)
    return "/" + "/".join(made) + ("?" + "&".join(names) if names else "")


def _shape_of(segment: str) -> str:
    ending = _ENDING.search(segment)
    name = segment[: ending.start()] if ending else segment
    if name.isdigit():
        made = "N"
    elif len(_SLUG.split(name)) >= 3 or len(name) > 30:
        made = "S"
    else:
        made = re.sub(r"\d+", "N", name)
    return made + (ending[0].lower() if ending else "")


def _upwards(element: Any) -> list[Any]:
    found: list[Any] = []
    while element is not None and len(found) < 12:
        found.append(element)
        element = element.getparent()
    return found
