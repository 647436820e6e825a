"""One page to one article: the readers of single fields put together.

Order of trust: the source's selectors, JSON-LD, microdata and Open Graph, the feed's entry, what
the page shows. Every field that was found has its origin, every repair and disagreement a note.
Pure: no network, no clock, never an exception, whatever the page.
"""

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from html import escape
from typing import Any

from aggregator import language, sanitize
from aggregator.arabic import direction
from aggregator.extract import json_ld, selectors
from aggregator.extract.address import find_address
from aggregator.extract.authors import find_authors
from aggregator.extract.body import Body, extract_body
from aggregator.extract.credit import find_credit, without_credit_lines
from aggregator.extract.dates import find_dates
from aggregator.extract.document import Document, parse
from aggregator.extract.images import find_images
from aggregator.extract.metadata import find_categories, find_summary, free_access
from aggregator.extract.opening_headline import headline_of_text
from aggregator.extract.script_text import carried_text
from aggregator.extract.site_names import declared_names, site_names
from aggregator.extract.title import find_title
from aggregator.extract.values import plain, strings
from aggregator.extract.verdict import judge
from aggregator.types import Article, Entry, Moment, Source, Verdict

#: A body of fewer letters may be a teaser; longer text elsewhere then stands in for it.
THIN_LETTERS = 300
#: Text elsewhere stands in only if it is so much longer.
LONGER = 1.5
#: Letters from the beginning by which direction and language are judged.
SAMPLE = 400

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_TAG = re.compile(r"<(?:/p|/div|/h\d|/li|br)\b[^<>]{0,100}>", re.IGNORECASE)
_LINES = re.compile(r"\s*[\r\n]+\s*")


@dataclass(slots=True)
class _Gathered:
    """Origins and notes as they come in."""

    origins: dict[str, str] = field(default_factory=dict)
    notes: list[str] = field(default_factory=list)

    def origin(self, name: str, origin: str | None) -> None:
        if origin:
            self.origins[name] = origin


def extract(
    html: bytes | str,
    *,
    url: str,
    source: Source | None = None,
    entry: Entry | None = None,
    headers: Mapping[str, str] | None = None,
    now: datetime | None = None,
    redirects: Iterable[str] = (),
) -> Article:
    """Return what a page says, each field with its origin.

    Args:
        html: the page's bytes, or text already decoded.
        url: the final address.
        source: whose page it is; None for an unknown site.
        entry: the announcement that led here.
        headers: of the response, names in lower case; only ``content-type`` counts.
        now: aware; dates after it are none. None: no such check.
        redirects: addresses that led here, in order.
    """
    doc = parse(html, url=url, charset=(headers or {}).get("content-type"), source=source)
    return read(doc, entry=entry, now=now, redirects=redirects)


def read(
    doc: Document,
    *,
    entry: Entry | None = None,
    now: datetime | None = None,
    redirects: Iterable[str] = (),
) -> Article:
    """Return what a parsed page says; see :func:`extract`."""
    got = _Gathered(notes=list(doc.notes))
    rules = doc.source.selectors if doc.source else {}
    said = _said_language(doc, entry)
    node = json_ld.main(doc.json_ld, doc.url)
    names = site_names(doc)

    title, notes = find_title(
        doc,
        node=node,
        language=said,
        names=names,
        entry=entry,
        selected=selectors.texts(doc, rules.get("title", ())),
    )
    got.notes += notes

    shown, origin, addresses, notes = find_address(doc, node=node, entry=entry, redirects=redirects)
    got.notes += notes
    got.origin("url", origin)

    body = extract_body(
        doc,
        selectors=rules.get("body", ()),
        remove=rules.get("remove", ()),
        title=title.value if title else None,
    )
    title, body = headline_of_text(doc, title, names, body)
    headline = title.value if title else None
    got.origin("title", title.origin if title else None)
    dates = find_dates(
        doc,
        source=doc.source,
        entry=entry,
        now=now,
        title=headline,
        selectors=rules.get("date", ()),
        updated_selectors=rules.get("updated", ()),
    )
    got.notes += dates.notes
    verdict = judge(doc, body, title=headline, published=dates.published, url=doc.url)
    paragraphs, markup, origin = _fullest(body, node, entry, doc, said, headline)
    if verdict.kind == "empty" and paragraphs:  # the page's own script would write the text
        verdict = Verdict(kind="article", reasons=(f"text from {origin}",))
    got.origin("paragraphs", origin if paragraphs else None)

    sample = "\n".join((headline or "", *paragraphs[:20]))[:SAMPLE]
    spoken = language.detect(sample, source_language=said)
    common = {"node": node, "language": said, "entry": entry}
    fields = _people_and_things(doc, common, names, body, headline, got)
    bylines = (*fields["authors"], *strings((node or {}).get("creditText")))
    credit = find_credit(paragraphs, bylines)
    paragraphs, markup = without_credit_lines(paragraphs, markup, credited=credit is not None)
    got.origin("credit", "text" if credit else None)
    got.origin("published", dates.published.origin if dates.published else None)
    got.origin("updated", dates.updated.origin if dates.updated else None)
    return Article(
        url=shown,
        title=headline,
        published=_value(dates.published),
        published_precision=dates.published.precision if dates.published else None,
        published_origin=dates.published.origin if dates.published else None,
        updated=_value(dates.updated),
        paragraphs=paragraphs,
        html=markup,
        language=spoken,
        direction=direction(sample),
        credit=credit,
        free_access=free_access(doc, node),
        addresses=addresses,
        origins=got.origins,
        notes=tuple(dict.fromkeys(got.notes)),
        verdict=verdict,
        **fields,
    )


def _people_and_things(
    doc: Document,
    common: Mapping[str, Any],
    names: Sequence[str],
    body: Body,
    title: str | None,
    got: _Gathered,
) -> dict[str, Any]:
    """Return authors, categories, images and summary by the names of their fields."""
    rules = doc.source.selectors if doc.source else {}

    def chosen(name: str) -> list[str]:
        return selectors.texts(doc, rules.get(name, ()))

    authors, origin = find_authors(
        doc, names=declared_names(doc), selected=chosen("author"), **common
    )
    got.origin("authors", origin)
    categories, origin = find_categories(doc, names=names, selected=chosen("categories"), **common)
    got.origin("categories", origin)
    pictures = selectors.nodes(doc, rules.get("image", ()))
    images, origin = find_images(doc, selected=pictures, body=body.images, **common)
    got.origin("images", origin)
    summary = find_summary(doc, names=names, title=title, selected=chosen("summary"), **common)
    got.origin("summary", summary.origin if summary else None)
    return {
        "authors": authors,
        "categories": categories,
        "images": images,
        "summary": summary.value if summary else None,
    }


def _said_language(doc: Document, entry: Entry | None) -> str:
    """Return the language that the text is in as far as others say."""
    for said in (
        doc.source.language if doc.source else None,
        entry.language if entry else None,
        doc.language,
    ):
        if said:
            return said
    return "ar"


def _fullest(
    body: Body,
    node: Mapping[str, Any] | None,
    entry: Entry | None,
    doc: Document,
    said: str,
    title: str | None,
) -> tuple[tuple[str, ...], str, str]:
    """Return paragraphs, HTML and origin of the body, or of a fuller text where it is thin."""
    letters = sum(map(len, body.paragraphs))
    feed_is_whole = doc.source is not None and doc.source.full_text == "feed"
    if entry and entry.html and doc.source and (letters < THIN_LETTERS or feed_is_whole):
        from aggregator.extract.from_entry import from_entry

        told = from_entry(entry, doc.source)
        length = sum(map(len, told.paragraphs))
        if length and (feed_is_whole or length > LONGER * letters):
            return told.paragraphs, told.html, "feed"
    if letters < THIN_LETTERS and node:
        paragraphs = _article_body(node, said)
        if sum(map(len, paragraphs)) > max(LONGER * letters, 80):
            return paragraphs, "".join(f"<p>{escape(text)}</p>" for text in paragraphs), "json_ld"
    if letters < THIN_LETTERS and (carried := carried_text(doc.scripts, title)):
        markup = sanitize.clean(carried, base_url=doc.base_url)
        paragraphs = sanitize.paragraphs(markup)
        if sum(map(len, paragraphs)) > LONGER * letters:
            return paragraphs, markup, "script"
    return tuple(body.paragraphs), body.html, body.origin


def _article_body(node: Mapping[str, Any], said: str) -> tuple[str, ...]:
    text = next(iter(strings(node.get("articleBody"))), "")[:500_000]
    lines = _LINES.split(_TAG.sub("\n", text))
    return tuple(filter(None, (plain(line, said) for line in lines)))


def _value(moment: Moment | None) -> datetime | None:
    return moment.value if moment else None
