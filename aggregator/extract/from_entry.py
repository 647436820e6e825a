"""An article out of its announcement: where the feed holds the whole text, or all there is."""

from datetime import datetime

from lxml import html as lxml_html

from aggregator import language
from aggregator.arabic import direction, display
from aggregator.sanitize import clean
from aggregator.types import Article, Entry, Moment, Source
from aggregator.urls import display_url

_BLOCKS = {"p", "li", "h1", "h2", "h3", "h4", "h5", "h6", "blockquote", "td", "div", "pre"}


def from_entry(entry: Entry, source: Source, *, now: datetime) -> Article:
    """Return the article that an entry with an address describes."""
    del now
    spoken = entry.language or source.language
    body = clean(entry.html, base_url=entry.url or source.homepage) if entry.html else ""
    paragraphs = _paragraphs(body, spoken)
    text = "\n".join((entry.title or "", *paragraphs, entry.summary or ""))
    published, updated = entry.published, entry.updated
    origins = {
        name: "feed"
        for name in ("title", "summary", "authors", "categories", "images")
        if getattr(entry, name)
    }
    if paragraphs:
        origins["paragraphs"] = "feed"
    return Article(
        url=display_url(entry.url or source.homepage),
        title=entry.title,
        published=_value(published),
        published_precision=published.precision if published else None,
        published_origin=published.origin if published else None,
        updated=_value(updated),
        paragraphs=paragraphs,
        html=body,
        summary=entry.summary,
        authors=entry.authors,
        categories=entry.categories,
        images=entry.images,
        language=language.detect(text, source_language=spoken),
        direction=direction(text),
        addresses=(entry.url,) if entry.url else (),
        origins=origins,
    )


def _value(moment: Moment | None) -> datetime | None:
    return moment.value if moment else None


def _paragraphs(body: str, spoken: str) -> tuple[str, ...]:
    """Return the plain paragraphs of clean HTML; ``<br><br>`` parts them too."""
    if not body:
        return ()
    root = lxml_html.fragment_fromstring(body, create_parent="div")
    parts: list[str] = []
    gathered: list[str] = []

    def finish() -> None:
        for piece in "".join(gathered).split("\n\n"):
            shown = display(" ".join(piece.split()), spoken).text
            if shown:
                parts.append(shown)
        gathered.clear()

    for event, node in _walk(root):
        if node.tag in _BLOCKS:
            finish()
        if event == "start":
            if node.tag == "br":
                gathered.append("\n")
            gathered.append((node.text or "").replace("\n", " "))
        else:
            gathered.append((node.tail or "").replace("\n", " "))
    finish()
    return tuple(parts)


def _walk(root: lxml_html.HtmlElement):  # type: ignore[no-untyped-def]
    from lxml import etree

    return etree.iterwalk(root, events=("start", "end"))
