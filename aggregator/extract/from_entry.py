"""An article out of its announcement: where the feed holds the whole text, or all there is."""

from datetime import datetime

from aggregator import language, sanitize
from aggregator.arabic import direction
from aggregator.types import Article, Entry, Moment, Source
from aggregator.urls import display_url


def from_entry(entry: Entry, source: Source, *, teaser: bool = False) -> Article:
    """Return the article that an entry with an address describes.

    Args:
        entry: the announcement.
        source: whose it is.
        teaser: what it carries is not the whole text, so that the article has no body.
    """
    spoken = entry.language or source.language
    carried = "" if teaser else entry.html or ""
    body = sanitize.clean(carried, base_url=entry.url or source.homepage) if carried else ""
    paragraphs = sanitize.paragraphs(body)
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
