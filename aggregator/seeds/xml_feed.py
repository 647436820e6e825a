"""RSS 0.9x to 2.0, RDF and Atom 0.3 and 1.0 from one parsed tree: the way of well-formed feeds.

Names are folded, so that prefixes, cases and namespace addresses of all ages come to the same.
What differs between the families is only where an element's markup is declared.
"""

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Final

from aggregator.seeds import elements
from aggregator.seeds.elements import Fields, first_text, person, text_of
from aggregator.seeds.moments import moment
from aggregator.seeds.names import name_of, space_of
from aggregator.seeds.parsed import MAX_ENTRIES, ParsedSeed
from aggregator.seeds.pictures import pictures
from aggregator.seeds.texts import MAX_SUMMARY, literal, plain, whole_addresses
from aggregator.types import Entry, Moment, Source
from aggregator.urls import absolute

_TITLES: Final = ("title", "dc:title", "media:title", "itunes:title")
_PUBLISHED: Final = ("pubdate", "published", "issued", "dcterms:issued", "created")
_PUBLISHED_LATE: Final = ("dcterms:created", "dc:date", "date", "dcterms:date", "dcterms:available")
_UPDATED: Final = ("updated", "modified", "dcterms:modified", "lastmod", "lastbuilddate")
_CONTENTS: Final = ("content:encoded", "xhtml:body", "xhtml:div", "body", "fullitem", "content")
_SUMMARIES: Final = ("description", "summary", "itunes:summary", "dc:description", "abstract")
_SUMMARIES_LATE: Final = ("dcterms:abstract", "media:description", "itunes:subtitle")
_PEOPLE: Final = ("author", "dc:creator", "itunes:author", "dc:author", "dcterms:creator")
_CATEGORIES: Final = ("category", "dc:subject", "itunes:category", "media:category")
_WORD_LISTS: Final = ("keywords", "tags", "media:keywords", "itunes:keywords")
_ORIGINS: Final = ("feedburner:origlink", "pheedo:origlink")
_PERIODS: Final = {"hourly": 3600, "daily": 86400, "weekly": 604800}
_PERIODS_LONG: Final = {"monthly": 2592000, "yearly": 31536000}
_ABOUT: Final = "{http://www.w3.org/1999/02/22-rdf-syntax-ns#}about"
#: Most authors, and most categories, of one entry.
_MOST: Final = 30


@dataclass(slots=True)
class Reading:
    """What holds for all entries of one document."""

    source: Source
    now: datetime
    base: str
    own: str = ""
    has_bases: bool = False
    language: str = "ar"
    notes: list[str] = field(default_factory=list)

    def base_of(self, element: Any) -> str:
        """Return the base address inside an element."""
        return elements.base_of(element, self.base) if self.has_bases else self.base

    def fields_of(self, element: Any) -> Fields:
        """Return the children of an element; those of Atom go by their bare names."""
        found = elements.fields_of(element, self.own)
        for name in [name for name in found if name.startswith("atom:")]:
            bare = name[5:]
            if bare != "link":
                found.setdefault(bare, []).extend(found[name])
        return found

    def moment(self, fields: Fields, *names: str) -> Moment | None:
        """Return the first date that can be read, in the order of the names."""
        for name in names:
            for element in fields.get(name, ()):
                found = moment(text_of(element), source=self.source, now=self.now, origin="feed")
                if found:
                    return found
        return None


def read(root: Any, *, source: Source, now: datetime, base: str, has_bases: bool) -> ParsedSeed:
    """Return what the tree of a feed says.

    Args:
        root: ``rss``, ``rdf`` or ``feed``.
        source: its zone and language fill the gaps.
        now: the caller's clock.
        base: the document's own address.
        has_bases: whether ``xml:base`` occurs.
    """
    own = space_of(root.tag)
    reading = Reading(source=source, now=now, base=base, own=own, has_bases=has_bases)
    kind = name_of(root.tag, own)
    items, channel = _items_and_channel(root, own)
    top = reading.fields_of(channel)
    language = first_text(top, "language", "dc:language") or elements.language_of(channel)
    reading.language = _tag(language) or source.language
    entries = tuple(
        _entry(item, position, reading) for position, item in enumerate(items[:MAX_ENTRIES])
    )
    return _feed(top, channel, entries, _tag(language), kind, reading)


def _items_and_channel(root: Any, own: str) -> tuple[list[Any], Any]:
    items, channel = [], None
    for element in root.iter():
        if type(element.tag) is not str:
            continue
        name = name_of(element.tag, own)
        if name in {"item", "entry", "atom:entry"}:
            items.append(element)
        elif name == "channel" and channel is None:
            channel = element
    return items, root if channel is None else channel


def _feed(
    top: Fields,
    channel: Any,
    entries: tuple[Entry, ...],
    language: str | None,
    kind: str,
    r: Reading,
) -> ParsedSeed:
    base = r.base_of(channel)
    period = (first_text(top, "sy:updateperiod") or "").lower()
    seconds = _PERIODS.get(period) or _PERIODS_LONG.get(period)
    frequency = elements.number(first_text(top, "sy:updatefrequency")) or 1
    ttl = elements.number(first_text(top, "ttl"))
    links = [*top.get("atom:link", ()), *top.get("link", ())]
    return ParsedSeed(
        entries=entries,
        format={"rss": "rss", "rdf": "rdf"}.get(kind, "atom"),
        title=_title(top, r),
        description=_shown(
            top,
            ("description", "subtitle", "tagline", "info", "dc:description", "itunes:summary"),
            r,
        ),
        id=_identifier(first_text(top, "id", "guid"), base) or channel.get(_ABOUT),
        home_url=_link(top, base),
        language=language,
        authors=_people(top, ("managingeditor", *_PEOPLE, "webmaster")),
        updated=r.moment(top, "lastbuilddate", *_UPDATED, *_PUBLISHED, *_PUBLISHED_LATE),
        ttl_s=ttl * 60 if ttl else None,
        update_period_s=seconds // frequency if seconds else None,
        hub=_related(links, "hub", base),
        self_url=_related(links, "self", base),
        notes=tuple(r.notes),
    )


def _identifier(text: str | None, base: str) -> str | None:
    """Return a feed's id; a relative one, which should not be, is as seen from its document."""
    return absolute(base, text) if text and "/" in text and ":" not in text else text


def _related(links: list[Any], relation: str, base: str) -> str | None:
    for link in links:
        if relation in (link.get("rel") or "").lower().split():
            return absolute(base, link.get("href") or base)
    return None


def _entry(item: Any, position: int, r: Reading) -> Entry:
    fields = r.fields_of(item)
    base = r.base_of(item)
    guid = first_text(fields, "guid", "id", "dc:identifier")
    guid = guid or item.get(_ABOUT)
    summary, html = _texts(fields, r, base)
    language = _tag(first_text(fields, "dc:language", "language") or item.get(elements.XML_LANG))
    return Entry(
        url=_entry_link(fields, base, guid),
        guid=guid,
        title=_title(fields, r),
        summary=summary,
        html=html,
        published=r.moment(fields, *_PUBLISHED) or r.moment(fields, *_PUBLISHED_LATE),
        updated=r.moment(fields, *_UPDATED),
        authors=_people(fields, _PEOPLE),
        categories=_categories(fields, r),
        images=pictures(fields, base),
        language=language,
        position=position,
    )


def _title(fields: Fields, r: Reading) -> str | None:
    return _shown(fields, _TITLES, r)


def _shown(fields: Fields, names: tuple[str, ...], r: Reading) -> str | None:
    """Return the first of these elements that shows anything, as display text."""
    for name in names:
        for element in fields.get(name, ()):
            text, is_markup = _marked_up(element)
            shown = plain(text, r.language) if is_markup else literal(text, r.language)
            if shown:
                return shown
    return None


def _marked_up(element: Any) -> tuple[str, bool]:
    """Return an element's text and whether it may hold HTML: in RSS always, in Atom as declared."""
    if name_of(element.tag).startswith("atom:"):
        return elements.construct(element)
    return elements.inner_markup(element), True


def _texts(fields: Fields, r: Reading, base: str) -> tuple[str | None, str | None]:
    """Return the summary as display text and the body as HTML."""
    content = _first(fields, _CONTENTS)
    given = [
        element
        for name in (*_SUMMARIES, *_SUMMARIES_LATE)
        for element in fields.get(name, ())
        if len(element) or (element.text and element.text.strip())
    ]
    if (
        content is None
        and len(given) > 1
        and name_of(given[1].tag, r.own) in {"summary", "description"}
    ):
        content = given[1]
    teaser = given[0] if given else None
    body = content if content is not None else teaser
    html = None
    if body is not None:
        text, is_markup = _marked_up(body)
        html = whole_addresses(text, r.base_of(body)) if is_markup else _as_html(text)
    if teaser is None:
        return None, html or None
    text, is_markup = _marked_up(teaser)
    if content is None and len(text) > 20 * MAX_SUMMARY:
        return None, html or None
    summary = plain(text, r.language) if is_markup else literal(text, r.language)
    if content is None and summary and len(summary) > MAX_SUMMARY:
        summary = None
    return summary, html or None


def _as_html(text: str) -> str:
    return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")


def _first(fields: Fields, names: tuple[str, ...]) -> Any:
    for name in names:
        for element in fields.get(name, ()):
            if len(element) or (element.text and element.text.strip()):
                return element
    return None


def _entry_link(fields: Fields, base: str, guid: str | None) -> str | None:
    for name in _ORIGINS:
        for element in fields.get(name, ()):
            if url := absolute(base, text_of(element)):
                return url
    if url := _link(fields, base):
        return url
    if guid and _is_permalink(guid, fields):
        return absolute(base, guid)
    content = _content_elsewhere(fields)
    return absolute(base, content) if content else None


def _is_permalink(guid: str, fields: Fields) -> bool:
    stated = [(e.get("isPermaLink") or "").lower() for e in fields.get("guid", ())]
    if guid[:8].lower().startswith(("http://", "https://")):
        return "false" not in stated
    return "true" in stated and "/" in guid


def _content_elsewhere(fields: Fields) -> str | None:
    pages = (e for e in fields.get("content", ()) if "html" in (e.get("type") or ""))
    return next((e.get("src") for e in pages if e.get("src")), None)


def _link(fields: Fields, base: str) -> str | None:
    """Return the address for people: a plain link, else Atom's alternate, HTML before others."""
    alternates: list[str] = []
    found_html = False
    for element in (*fields.get("link", ()), *fields.get("atom:link", ())):
        relation = (element.get("rel") or "alternate").strip().lower()
        if relation.rpartition("/")[2] != "alternate":
            continue
        href = element.get("href")
        url = absolute(base, text_of(element) if href is None else href)
        if url:
            is_html = (element.get("type") or "text/html").lower() in {"text/html", "html"}
            alternates.insert(0 if is_html and not found_html else len(alternates), url)
            found_html = found_html or is_html
    return alternates[0] if alternates else None


def _people(fields: Fields, names: tuple[str, ...]) -> tuple[str, ...]:
    found: dict[str, None] = {}
    for name in names:
        for element in fields.get(name, ()):
            text = text_of(element) if len(element) == 0 else _named(element)
            shown = plain(person(text)) if text else None
            if shown:
                found[shown] = None
        if found:
            break
    return tuple(found)[:_MOST]


def _named(element: Any) -> str:
    inner = elements.fields_of(element, space_of(element.tag))
    text = first_text(inner, "name", "atom:name", "email", "atom:email")
    return text or ("" if inner else text_of(element))


def _categories(fields: Fields, r: Reading) -> tuple[str, ...]:
    found: dict[str, None] = {}
    for element in _category_elements(fields):
        text = element.get("label") or element.get("term") or element.get("text")
        text = text or text_of(element)
        if shown := plain(text[:300], r.language):
            found[shown] = None
    for name in _WORD_LISTS:
        for element in fields.get(name, ()):
            for word in text_of(element)[:3000].replace("،", ",").split(","):
                if shown := plain(word, r.language):
                    found[shown] = None
    return tuple(found)[:_MOST]


def _category_elements(fields: Fields) -> Iterator[Any]:
    for name in _CATEGORIES:
        for element in fields.get(name, ()):
            yield element
            if name == "itunes:category":
                yield from element
    for name in ("media:group", "media:content"):
        for element in fields.get(name, ()):
            yield from element.iter("{*}category")


def _tag(language: str | None) -> str | None:
    """Return a language tag as BCP 47 writes it, None where it cannot be one."""
    if not language:
        return None
    text = language.strip().replace("_", "-")
    letters = text.replace("-", "")
    if not (letters.isascii() and letters.isalnum() and 2 <= len(text.split("-")[0]) <= 8):
        return None
    return text if len(text) <= 35 else None
