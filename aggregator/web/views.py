"""What pages show, as plain values: rows of the store in, view models out. Pure."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from urllib.parse import urlencode

from markupsafe import Markup

from aggregator import query as queries
from aggregator import record as codec
from aggregator import revision, sanitize
from aggregator.arabic import direction
from aggregator.store.browsing import Line
from aggregator.store.reading import Version
from aggregator.types import Record, Source
from aggregator.web.links import Links
from aggregator.web.texts import Texts

#: Sources named below an event before "and so many more".
NAMED = 4
#: Characters of a summary on a list.
TEASER = 280
#: Words around a change in the history.
AROUND = 8


@dataclass(frozen=True, slots=True, kw_only=True)
class Item:
    """An article on a list; every text has its own direction."""

    id: str
    href: str
    title: str
    lang: str
    dir: str
    source: str
    source_href: str
    source_dir: str
    when: str
    datetime: str
    is_copy: bool = False
    teaser: Markup | str = ""
    url: str = ""
    version: int = 1


@dataclass(frozen=True, slots=True, kw_only=True)
class Story:
    """An event on the front page: the report that came first, and who followed."""

    lead: Item
    href: str
    others: tuple[Item, ...]
    more: int
    reports: int
    sources: int
    day: str
    keywords: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Step:
    """One version of an article and how it differs from the one before."""

    version: int
    when: str
    datetime: str
    kind: str
    title: tuple[revision.Difference, ...] = ()
    text: tuple[revision.Difference, ...] = ()


def source_name(source_id: str, sources: Mapping[str, Source]) -> str:
    """Return a source's name, its id where the catalogue has it no more."""
    source = sources.get(source_id)
    return source.name if source else source_id


def item(
    line: Line,
    links: Links,
    texts: Texts,
    sources: Mapping[str, Source],
    *,
    teaser: Markup | str = "",
) -> Item:
    """Return an article of a list."""
    name = source_name(line.source_id, sources)
    base = direction(line.title, "rtl" if line.language[:2] in {"ar", "fa", "ur"} else "ltr")
    return Item(
        id=line.id,
        href=links.article(line.id),
        title=line.title,
        lang=line.language,
        dir=base,
        source=name,
        source_href=links.source(line.source_id),
        source_dir=direction(name),
        when=texts.when(line.when),
        datetime=line.when.isoformat(),
        is_copy=line.copy_of is not None,
        teaser=teaser,
        url=line.url,
        version=line.version,
    )


def teaser(record: Record | None) -> str:
    """Return the beginning of what an article says, cut at a word."""
    if record is None:
        return ""
    text = record.summary or (record.paragraphs[0] if record.paragraphs else "")
    return shorten(text)


def shorten(text: str, most: int = TEASER) -> str:
    """Return a text of at most so many characters, cut between words.

    >>> shorten("one two three", 9)
    'one two …'
    """
    if len(text) <= most:
        return text
    cut = text[:most].rpartition(" ")[0] or text[:most]
    return f"{cut} …"


def group(lines: Iterable[Line], members: Iterable[Line]) -> list[list[Line]]:
    """Return events in the order in which ``lines`` first names them, each oldest report first.

    Args:
        lines: the last to arrive first.
        members: all articles of their clusters.
    """
    by_cluster: dict[str, list[Line]] = {}
    for line in members:
        if line.cluster:
            by_cluster.setdefault(line.cluster, []).append(line)
    found: list[list[Line]] = []
    seen: set[str] = set()
    for line in lines:
        if line.cluster is None:
            found.append([line])
        elif line.cluster not in seen:
            seen.add(line.cluster)
            found.append(in_order(by_cluster.get(line.cluster, [line])))
    return found


def in_order(lines: Iterable[Line]) -> list[Line]:
    """Return reports of an event as they came: the first source first, originals before copies."""
    return sorted(lines, key=lambda line: (line.copy_of is not None, line.when, line.pk))


def story(
    reports: Sequence[Line],
    record: Record | None,
    links: Links,
    texts: Texts,
    sources: Mapping[str, Source],
) -> Story:
    """Return an event of the front page from its reports, the first one first."""
    lead, *rest = reports
    others: list[Line] = []
    named = {lead.source_id}
    for line in rest:
        if line.source_id not in named:
            named.add(line.source_id)
            others.append(line)
    words = record.keywords[:4] if record else ()
    return Story(
        lead=item(lead, links, texts, sources, teaser=teaser(record)),
        href=links.event(lead.cluster) if lead.cluster and rest else links.article(lead.id),
        others=tuple(item(line, links, texts, sources) for line in others[:NAMED]),
        more=max(len(others) - NAMED, 0),
        reports=len(reports),
        sources=len(named),
        day=texts.day(max(line.first_seen for line in reports)),
        keywords=tuple((word, links.keyword(word)) for word in words),
    )


def history(
    newest: Record, old: Sequence[Version], texts: Texts, first_seen: datetime
) -> list[Step]:
    """Return the versions of an article, newest first, each with what it changed."""
    states = [codec.load(each.record_json) for each in old]
    steps = [
        Step(version=1, when=texts.when(first_seen), datetime=first_seen.isoformat(), kind="first")
    ]
    for index, each in enumerate(old):
        after = states[index + 1] if index + 1 < len(states) else newest
        before = states[index]
        steps.append(
            Step(
                version=each.version + 1,
                when=texts.when(each.at),
                datetime=each.at.isoformat(),
                kind=each.kind,
                title=_difference(before.title, after.title),
                text=_difference("\n".join(before.paragraphs), "\n".join(after.paragraphs)),
            )
        )
    return steps[::-1]


def _difference(old: str, new: str) -> tuple[revision.Difference, ...]:
    if old == new:
        return ()
    parts = revision.difference(old, new)
    last = len(parts) - 1
    return tuple(
        revision.Difference(part.op, _abridged(part.text, index == 0, index == last))
        if part.op == "same"
        else part
        for index, part in enumerate(parts)
    )


def _abridged(text: str, is_first: bool, is_last: bool) -> str:
    """Return unchanged text with its middle (or its far end) left out."""
    words = text.split()
    if len(words) <= 2 * AROUND:
        return " ".join(words)
    head = [] if is_first else words[:AROUND]
    tail = [] if is_last else words[-AROUND:]
    return " ".join((*head, "…", *tail))


def highlight(text: str, asked: queries.Query) -> Markup:
    """Return a text with the words of a query marked, whatever their spelling."""
    wanted = {word for phrase in asked.phrases for word in phrase}
    if not wanted:
        return Markup("%s") % text
    pieces: list[str] = []
    for word in text.split(" "):
        found = wanted.intersection(queries.search_words(word))
        pieces.append(str((Markup("<mark>%s</mark>") if found else Markup("%s")) % word))
    return Markup(" ".join(pieces))  # noqa: S704 -- every piece is escaped above


def passage(record: Record, asked: queries.Query) -> Markup:
    """Return the part of an article that answers a query best, its words marked."""
    wanted = {word for phrase in asked.phrases for word in phrase}
    best, most = record.summary or "", 0
    for paragraph in record.paragraphs[:60]:
        found = len(wanted.intersection(queries.search_words(paragraph[:3000])))
        if found > most:
            best, most = paragraph, found
    return highlight(_window(best or teaser(record), wanted), asked)


def _window(text: str, wanted: set[str]) -> str:
    if len(text) <= TEASER:
        return text
    words = text.split(" ")
    for index, word in enumerate(words):
        if wanted.intersection(queries.search_words(word)):
            start = max(0, index - 8)
            return ("… " if start else "") + shorten(" ".join(words[start:]))
    return shorten(text)


def body(record: Record, *, picture: Callable[[str], str] | None, label: str) -> Markup:
    """Return the text of an article as safe HTML; cleaned again, whoever stored it.

    Args:
        record: the article.
        picture: gives the address under which the page may load one; None: each is a link.
        label: what such a link is called where the picture has no text.
    """
    html = sanitize.clean(record.html) if record.html else ""
    if not html:
        html = sanitize.from_paragraphs(record.paragraphs)
    return Markup(_with_pictures(html, picture, label))  # noqa: S704 -- cleaned above


def _with_pictures(html: str, picture: Callable[[str], str] | None, label: str) -> str:
    if "<img" not in html:
        return html
    from lxml import html as lxml_html

    root = lxml_html.fragment_fromstring(html, create_parent="div")
    for image in root.iter("img"):
        if picture:
            image.set("src", picture(image.get("src") or ""))
            image.set("loading", "lazy")
            image.set("referrerpolicy", "no-referrer")
            image.set("decoding", "async")
            continue
        text = f"{label}: {image.get('alt')}" if image.get("alt") else label
        image.tag, address = "a", image.get("src") or ""
        image.attrib.clear()
        image.set("class", "picture")
        image.set("rel", "noopener noreferrer nofollow")
        if sanitize.address(address):
            image.set("href", address)
        image.text = text
    text = str(lxml_html.tostring(root, encoding="unicode"))
    return text[len("<div>") : -len("</div>")]


def query_string(values: Mapping[str, str | None]) -> str:
    """Return the parts that are set as the query of an address, with its question mark."""
    asked = urlencode({name: value for name, value in values.items() if value})
    return f"?{asked}" if asked else ""
