"""What a site calls itself, and titles without it and without the sections beside it."""

import re
from collections.abc import Iterable

from aggregator.arabic import split_site
from aggregator.extract.document import Document
from aggregator.extract.values import key, strings
from aggregator.urls import host
from aggregator.urls import site as owner

#: what stands between a title and the names behind it
SEPARATOR = re.compile(
    r"\s*[|｜│¦]+\s*|\s+[-–—−·•:»«›‹/~✩]+\s+|：|\s+::\s+|(?<=[^\W\d])-\s+(?=[^\W\d_])|\s*[<>]+\s*"
)
_PIPE = re.compile(r"\s*[|｜│¦]+\s*")
#: separators that were left without anything to separate
_EDGE = re.compile(r"^[\s|｜│¦\-–—·•]+(?=\w)|(?<=\s)[|｜│¦\-–—·•]+\s*$|[|｜│¦]+\s*$")


#: what calls itself an outlet: "وكالة الأنباء الليبية"
_OUTLET = re.compile(
    r"(?:وكالة|صحيفة|شبكة|قناة|بوابة|جريدة|موقع|إذاعة|راديو|تلفزيون|خبرگزاری|روزنامه)"
    r"(?: [^\W\d_]+){1,4}"
)


def is_outlet(name: str) -> bool:
    """Return whether a name says of itself that it is an agency's, a paper's or a channel's."""
    return _OUTLET.fullmatch(name) is not None


def titled_name(doc: Document) -> str:
    """Return what ``<title>`` ends with behind a separator; mostly the site, at times a person."""
    title = doc.title_tag or ""
    end = max((cut.end() for cut in SEPARATOR.finditer(title)), default=len(title))
    return title[end:].strip()


def site_names(doc: Document) -> tuple[str, ...]:
    """Return what the site calls itself and what its host is called."""
    site = host(doc.url)
    return tuple(
        dict.fromkeys(
            (*declared_names(doc), site, site.removeprefix("www."), owner(site).partition(".")[0])
        )
    )


def declared_names(doc: Document) -> tuple[str, ...]:
    """Return what the site calls itself: its source's names, metadata, publisher."""
    names: list[str] = []
    if doc.source:
        names += [doc.source.name, doc.source.name_en or ""]
    for name in ("og:site_name", "application-name", "apple-mobile-web-app-title", "publisher"):
        names += doc.meta.get(name, ())
    for node in doc.json_ld[:50]:
        names += strings(node.get("publisher"))[:2]
        if "WebSite" in strings(node.get("@type")):
            names += strings(node.get("name"))[:1]
    return tuple(dict.fromkeys(name.strip() for name in names if 1 < len(name.strip()) < 80))


def without_site(title: str, names: Iterable[str]) -> str:
    """Return a title without names of the site and the sections that stand before them."""
    names = tuple(names)
    keys = {key(name) for name in names}
    cut = False
    for _ in range(4):
        title = _EDGE.sub("", title)
        shorter = _end_off(title, keys)
        if shorter == title:
            break
        title, cut = shorter, True
    if not cut:
        for name in names:
            title, suffix = split_site(title, name)
            if suffix:
                break
    return _section_off(title).strip()


def _end_off(title: str, keys: set[str]) -> str:
    """Take one end off that is, but for an ending, a name of the site."""
    cuts = list(SEPARATOR.finditer(title))
    for cut in reversed(cuts[-3:]):
        tail, head = title[cut.end() :], title[: cut.start()].strip()
        if head and _is_name(tail, keys):
            return head
    for cut in cuts[:2]:
        head, tail = title[: cut.start()], title[cut.end() :].strip()
        if tail and key(head) in keys and len(tail) >= 8:
            return tail
    return title


def _is_name(text: str, keys: set[str]) -> bool:
    """Whether a part of a title is a name of the site, or begins with one: "Metro News" for metro.

    A short name must stand there as a word of its own: "Starmer" does not begin with Star.
    """
    own = key(text)
    if not own or own in keys:
        return True
    if len(text) > 40:
        return False
    first = key(text.split()[0])
    return any(
        first == name
        or (len(name) > 5 and own.startswith(name) and len(own) <= len(name) + 12)
        or (len(own) > 5 and name.startswith(own))
        for name in keys
        if len(name) > 3
    )


def _section_off(title: str) -> str:
    """Take a short last part after a bar off: ``… | Opinion``."""
    cuts = list(_PIPE.finditer(title))
    for cut in reversed(cuts):
        head, tail = title[: cut.start()].strip(), title[cut.end() :]
        if len(tail) > 40 or len(tail.split()) > 4 or len(head) < max(12, len(tail)):
            break
        title = head
    return title
