"""What the page says of its article beside title, date, people and pictures.

Summary, the source's own sections and tags, and whether the text is free to read. Structured data
first (JSON-LD, Open Graph, Parsely, Dublin Core, microdata), then the feed's entry.
"""

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any

from aggregator.extract.document import Document, text_of
from aggregator.extract.json_ld import types_of
from aggregator.extract.values import Found, key, plain, strings
from aggregator.types import Entry

MOST_SUMMARY = 1_500
MOST_CATEGORIES = 30
MOST_LETTERS = 60

_SUMMARIES = (
    ("open_graph", ("og:description",)),
    ("meta", ("description", "twitter:description", "dc.description", "sailthru.description")),
)
_SECTIONS = ("article:section", "parsely-section", "section", "cxenseparse:category", "category")
_TAGS = ("article:tag", "parsely-tags", "og:article:tag", "sailthru.tags", "news_keywords")
_LISTED = re.compile(r"\s*[,،;؛|]\s*")
#: what editors' systems put where a section should be
_NO_CATEGORY = frozenset(
    key(word)
    for word in (
        "uncategorized", "uncategorised", "non classé", "sin categoría", "home", "homepage", "news",
        "article", "articles", "all", "default", "story", "post", "index", "startseite", "accueil",
        "inicio", "غير مصنف", "غير مصنفة", "بدون تصنيف", "الرئيسية", "الصفحة الرئيسية", "عام",
    )
)  # fmt: skip


def find_summary(
    doc: Document,
    *,
    node: Mapping[str, Any] | None,
    language: str,
    title: str | None,
    names: Iterable[str],
    entry: Entry | None = None,
    selected: Sequence[str] = (),
) -> Found | None:
    """Return the summary; one that only repeats the title or the site's own words is none."""
    places: list[tuple[str, Iterable[object]]] = [("selector", selected)]
    if node:
        places.append(("json_ld", strings(node.get("description") or node.get("abstract"))[:1]))
    places += [(origin, [doc.first(*names)]) for origin, names in _SUMMARIES]
    places.append(("feed", [entry.summary if entry else None]))
    unwanted = {key(title or ""), *(key(name) for name in names)}
    for origin, values in places:
        for value in values:
            text = plain(value, language, MOST_SUMMARY)
            if len(text) > 15 and key(text) not in unwanted:
                return Found(text, origin)
    return None


def find_categories(
    doc: Document,
    *,
    node: Mapping[str, Any] | None,
    language: str,
    names: Iterable[str],
    entry: Entry | None = None,
    selected: Sequence[str] = (),
) -> tuple[tuple[str, ...], str | None]:
    """Return the source's sections, then its tags, each once, and where the first came from."""
    unwanted = {key(name) for name in names} | _NO_CATEGORY
    found: dict[str, str] = {}
    first: str | None = None
    for origin, raw in _categories(doc, node, entry, selected):
        for text in _LISTED.split(plain(raw, language, 2_000)):
            text = text.strip(" #\"'«»“”.-–•")
            own = key(text)
            if not 1 < len(text) <= MOST_LETTERS or not own or own in unwanted or own in found:
                continue
            if len(text.split()) > 6 or own.isdigit():
                continue
            found[own] = text
            first = first or origin
            if len(found) >= MOST_CATEGORIES:
                return tuple(found.values()), first
    return tuple(found.values()), first


def free_access(doc: Document, node: Mapping[str, Any] | None) -> bool | None:
    """Return whether the page says that its text is free: schema.org or content_tier."""
    for value in ((node or {}).get("isAccessibleForFree"), _microdata_free(doc)):
        if isinstance(value, bool):
            return value
        word = str(value or "").strip().lower().rsplit("/", 1)[-1]
        if word in {"false", "no", "0"}:
            return False
        if word in {"true", "yes", "1"}:
            return True
    tier = (doc.first("article:content_tier", "content_tier", "article:opinion_tier") or "").lower()
    return {"locked": False, "paid": False, "premium": False, "free": True}.get(tier)


def _categories(
    doc: Document, node: Mapping[str, Any] | None, entry: Entry | None, selected: Sequence[str]
) -> Iterator[tuple[str, str]]:
    node = node or {}
    places: tuple[tuple[str, Iterable[str]], ...] = (
        ("selector", selected),
        ("json_ld", strings(node.get("articleSection"))),
        ("open_graph", _metas(doc, _SECTIONS)),
        ("json_ld", _crumbs(doc)),
        ("json_ld", strings([node.get("keywords"), node.get("about")])),
        ("open_graph", _metas(doc, _TAGS)),
        ("page", map(text_of, doc.rels.get("tag", ())[:MOST_CATEGORIES])),
        ("feed", entry.categories if entry else ()),
    )
    for origin, texts in places:
        for text in texts:
            yield origin, text


def _metas(doc: Document, names: Iterable[str]) -> Iterator[str]:
    for name in names:
        yield from doc.meta.get(name, ())


def _crumbs(doc: Document) -> Iterator[str]:
    """Yield the inner crumbs of a breadcrumb list: not the home page, not the article."""
    for node in doc.json_ld:
        items = node.get("itemListElement")
        if "breadcrumblist" not in types_of(node) or not isinstance(items, list):
            continue
        names = [_crumb(item) for item in items[:10] if isinstance(item, Mapping)]
        own = {key(doc.title_tag or ""), *(key(text) for text in doc.h1)}
        for name in names[1:]:
            folded = key(name)
            if name and not any(folded and folded in other for other in own):
                yield name
        return


def _crumb(item: Mapping[str, Any]) -> str:
    inner = item.get("item")
    values = strings(item.get("name")) or (
        strings(inner, ("name",)) if isinstance(inner, Mapping) else []
    )
    return values[0] if values else ""


def _microdata_free(doc: Document) -> str | None:
    return doc.first("isaccessibleforfree")
