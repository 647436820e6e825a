"""ninjs 1.4, IPTC's news in JSON: one news object a line.

Source: iptc.org/std/ninjs, schema 1.4. A deleted article is a canceled object; what ninjs has no
property for is left out.
"""

from collections.abc import Iterable
from typing import Any, Final

from aggregator.exporters import shared
from aggregator.exporters.json_feed import dumps, filled
from aggregator.types import Change, Feed, Image, Record, Related

CONTENT_TYPE = "application/x-ndjson; charset=utf-8"
SUFFIX = ".ninjs.jsonl"

_STANDARD: Final = {
    "name": "ninjs",
    "version": "1.4",
    "schema": "http://www.iptc.org/std/ninjs/ninjs-schema_1.4.json",
}


def write(feed: Feed, changes: Iterable[Change]) -> shared.Document:
    """Yield a news object for each change, in the order given."""
    del feed
    count = 0
    for change in changes:
        yield dumps(news_object(change)) + b"\n"
        count += 1
    return count


def news_object(change: Change) -> dict[str, Any]:
    """Return the change as a ninjs object."""
    record = change.record
    if record is None:
        return {"$standard": _STANDARD, "uri": change.id, "pubstatus": "canceled"}
    source = record.source
    return filled(
        **{"$standard": _STANDARD},
        uri=record.id,
        type="text",
        representationtype="complete",
        version=str(record.version),
        firstcreated=shared.rfc3339(shared.published(record)),
        versioncreated=shared.rfc3339(shared.updated(change, record)),
        pubstatus="usable",
        copyrightholder=source.name,
        usageterms="Not free of charge at the source" if record.free_access is False else None,
        language=record.language,
        headline=record.title,
        byline=", ".join(record.authors),
        description_text=record.summary,
        body_text="\n\n".join(record.paragraphs),
        body_html=record.html,
        charcount=sum(map(len, record.paragraphs)),
        wordcount=sum(len(text.split()) for text in record.paragraphs),
        subject=[{"name": tag, "rel": "about"} for tag in shared.tags(record)],
        infosource=_sources(record),
        altids={"url": record.url},
        associations=_associations(record),
    )


def _sources(record: Record) -> list[dict[str, str]]:
    sources = [{"name": record.source.name, "rel": "publishedBy", "code": record.source.id}]
    if record.credit:
        sources.append({"name": record.credit, "rel": "originatedBy"})
    return sources


def _associations(record: Record) -> dict[str, Any]:
    images = {f"image_{i}": _picture(image) for i, image in enumerate(record.images, 1)}
    related = {f"related_{i}": _related(each) for i, each in enumerate(record.related, 1)}
    return images | related


def _picture(image: Image) -> dict[str, Any]:
    rendition = filled(
        href=image.url,
        mimetype=shared.image_type(image.url),
        width=image.width,
        height=image.height,
    )
    return filled(
        uri=image.url, type="picture", description_text=image.alt, renditions={"main": rendition}
    )


def _related(related: Related) -> dict[str, Any]:
    return filled(
        uri=related.id,
        type="text",
        representationtype="incomplete",
        headline=related.title,
        altids={"url": related.url},
    )
