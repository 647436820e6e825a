"""Reads OPML: subscription lists of feed readers, ours among them, as outlines and as sources.

One bad outline does not stop the others; whoever declares entities is refused; number, depth and
length are bounded. Nothing is fetched, so a list cannot make us ask anybody for anything. OPML 1.0
and 2.0 (opml.org/spec2.opml).
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field, replace
from typing import Any, Final

from aggregator import country, language, safe_xml
from aggregator.arabic import display
from aggregator.errors import ParseError
from aggregator.types import Seed, Source
from aggregator.urls import absolute, canonical

#: Feeds that are taken of one list, levels of folders, bytes of the file.
MAX_OUTLINES: Final = 5_000
MAX_DEPTH: Final = 10
MAX_BYTES: Final = 20_000_000
_MAX_NAME: Final = 300


@dataclass(frozen=True, slots=True, kw_only=True)
class Outline:
    """One feed of a list.

    Attributes:
        categories: folders that it lies in, from the outside in, joined by ``/``; then the
            categories that it names itself.
    """

    feed_url: str
    title: str | None = None
    home_url: str | None = None
    language: str | None = None
    categories: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Subscriptions:
    """What a list holds; ``notes`` names what was left out, one phrase each."""

    outlines: tuple[Outline, ...]
    title: str | None = None
    notes: tuple[str, ...] = ()


@dataclass(slots=True)
class _Reading:
    found: dict[str, Outline] = field(default_factory=dict)
    notes: list[str] = field(default_factory=list)


def read(data: bytes, *, name: str = "OPML") -> Subscriptions:
    """Return the feeds of a list, each once, with the folders of all its places.

    Args:
        data: the file.
        name: what errors call it.

    Raises:
        ParseError: no OPML, or one that declares entities.
    """
    if len(data) > MAX_BYTES:
        raise ParseError("OPML cannot be read", name, f"more than {MAX_BYTES} bytes")
    if b"<!ENTITY" in data:
        raise ParseError("OPML cannot be read", name, "it declares entities")
    try:
        root = safe_xml.parse(data, limit=MAX_BYTES)
    except ParseError as error:
        raise ParseError("OPML cannot be read", name, error.cause or error.message) from error
    body = root if _name(root) == "body" else _child(root, "body")
    if _name(root) not in {"opml", "body", "outlinedocument"} or body is None:
        raise ParseError("OPML cannot be read", name, f"{_name(root)} instead of opml with a body")
    reading = _Reading()
    for element, folders in _walk(body):
        if len(reading.found) >= MAX_OUTLINES:
            reading.notes.append(f"only the first {MAX_OUTLINES} feeds")
            break
        _take(element, folders, reading)
    head = _child(root, "head")
    title = None if head is None else _child(head, "title")
    return Subscriptions(
        outlines=tuple(reading.found.values()),
        title=None if title is None else _shown(title.text),
        notes=tuple(reading.notes),
    )


def drafts(outlines: Iterable[Outline]) -> tuple[Source, ...]:
    """Return a source for each site of the outlines, with all its feeds as seeds.

    Country and language are what the list says, else what address and title tell; a country that
    nothing tells is ``ZZ``. Folders stand in the notes.
    """
    grouped: dict[str, list[Outline]] = {}
    for outline in outlines:
        grouped.setdefault(canonical(_home(outline)), []).append(outline)
    made: dict[str, Source] = {}
    for group in grouped.values():
        source = _source(group)
        number, unique = 2, source.id
        while unique in made:
            unique, number = f"{source.id}_{number}", number + 1
        made[unique] = replace(source, id=unique)
    return tuple(made.values())


def _walk(body: Any) -> Iterator[tuple[Any, tuple[str, ...]]]:
    """Yield the outlines in order with the names of their folders, without recursion."""
    waiting: list[tuple[Any, tuple[str, ...]]] = [(child, ()) for child in reversed(body)]
    while waiting:
        element, folders = waiting.pop()
        if _name(element) != "outline":
            continue
        yield element, folders
        if len(element) and len(folders) < MAX_DEPTH:
            inside = folders
            if not _attribute(element, "xmlurl"):
                label = _shown(_attribute(element, "text") or _attribute(element, "title"))
                inside = (*folders, label) if label else folders
            waiting.extend((child, inside) for child in reversed(element))


def _take(element: Any, folders: tuple[str, ...], reading: _Reading) -> None:
    stated = _attribute(element, "xmlurl") or ""
    if not stated and _attribute(element, "type") in {"rss", "atom", "feed"}:
        stated = _attribute(element, "url") or ""
    if not stated:
        return
    url = absolute("", stated.replace("feed://", "https://"))
    title = _shown(_attribute(element, "title") or _attribute(element, "text"))
    if url is None:
        reading.notes.append(f"no web address: {stated[:100]}")
        return
    categories = ["/".join(folders)] if folders else []
    named = (_attribute(element, "category") or "").split(",")
    categories += [shown for each in named if (shown := _shown(each.strip().strip("/")))]
    outline = Outline(
        feed_url=url,
        title=None if title == stated else title,
        home_url=absolute("", _attribute(element, "htmlurl")),
        language=_language(_attribute(element, "language")),
        categories=tuple(dict.fromkeys(categories)),
    )
    key = canonical(url)
    before = reading.found.get(key)
    if before:
        both = dict.fromkeys((*before.categories, *outline.categories))
        outline = replace(before, categories=tuple(both))
    reading.found[key] = outline


def _name(element: Any) -> str:
    tag = element.tag
    return tag.rpartition("}")[2].lower() if isinstance(tag, str) else ""


def _child(element: Any, name: str) -> Any:
    return next((child for child in element if _name(child) == name), None)


def _attribute(element: Any, name: str) -> str | None:
    """Return an attribute, whatever the case of its name."""
    for key, value in element.attrib.items():
        if key.lower() == name:
            return str(value).strip() or None
    return None


def _shown(text: str | None) -> str | None:
    return display(text[:_MAX_NAME]).text if text else None


def _language(text: str | None) -> str | None:
    tag = (text or "").replace("_", "-")
    return tag if 2 <= len(tag) <= 20 and tag.replace("-", "").isalnum() and tag.isascii() else None


def _home(outline: Outline) -> str:
    return outline.home_url or absolute(outline.feed_url, "/") or outline.feed_url


def _source(group: list[Outline]) -> Source:
    first = group[0]
    home = _home(first)
    names = [each.title for each in group if each.title]
    name = _common_name(names) or country.source_id(home)
    folders = tuple(dict.fromkeys(folder for each in group for folder in each.categories))
    stated = next((folder for folder in folders if _is_country(folder)), None)
    tags = [each.language for each in group if each.language]
    code = stated or country.by_domain(home) or country.by_tag(tags[0] if tags else None)
    tag = tags[0] if tags else language.detect(" ".join(names))
    return Source(
        id=country.source_id(home),
        name=name,
        homepage=home,
        country=code or country.UNKNOWN,
        language=tag or "und",
        timezone=country.timezone_of(code) or "UTC",
        seeds=tuple(
            Seed(kind="feed", url=each.feed_url, title=_section(each.title, name)) for each in group
        ),
        notes=tuple(f"folder: {folder}" for folder in folders if folder != stated),
    )


def _is_country(folder: str) -> bool:
    return len(folder) == 2 and country.timezone_of(folder) is not None


def _common_name(names: list[str]) -> str | None:
    """Return what the titles of one site's feeds begin with: ``name: section``."""
    if not names:
        return None
    heads = {name.partition(": ")[0] for name in names}
    return heads.pop() if len(heads) == 1 else min(names, key=len)


def _section(title: str | None, name: str) -> str | None:
    if not title or title == name:
        return None
    return title.removeprefix(f"{name}: ")
