"""schema.org in JSON-LD: a ``DataFeed`` of ``NewsArticle``, an article a line.

Sources: schema.org/NewsArticle, schema.org/DataFeed. Dates that are known to the day or month only
are written so, as schema.org's ``Date`` allows.
"""

from collections.abc import Iterable
from datetime import datetime
from typing import Any, Final

from aggregator.exporters import shared
from aggregator.exporters.json_feed import dumps, filled
from aggregator.types import Change, Feed, Image, Record

CONTENT_TYPE = "application/ld+json; charset=utf-8"
SUFFIX = ".jsonld"

_CONTEXT: Final = "https://schema.org"


def write(feed: Feed, changes: Iterable[Change]) -> shared.Document:
    """Yield the data feed: its head, then an article a piece, in the order given."""
    head = filled(
        **{"@context": _CONTEXT, "@type": "DataFeed", "@id": feed.id},
        name=feed.title,
        url=feed.self_url or feed.home_url,
        description=feed.description,
        inLanguage=feed.language,
    )
    yield dumps(head)[:-1] + b',"dataFeedElement":[\n'
    count = 0
    for change, record in shared.articles(changes):
        yield (b",\n" if count else b"") + dumps(news_article(change, record))
        count += 1
    yield b"\n]}\n"
    return count


def news_article(change: Change, record: Record, *, text: bool = True) -> dict[str, Any]:
    """Return the article as a ``NewsArticle`` without ``@context``.

    Args:
        change: the change that the record came with.
        record: the article.
        text: whether ``articleBody`` is wanted.
    """
    source = record.source
    return filled(
        **{"@type": "NewsArticle", "@id": record.id},
        identifier=record.id,
        url=record.url,
        mainEntityOfPage=record.url,
        headline=record.title,
        description=record.summary,
        articleBody="\n\n".join(record.paragraphs) if text else None,
        datePublished=_date(record.published, record.published_precision),
        dateModified=shared.rfc3339(shared.updated(change, record)),
        inLanguage=record.language,
        author=[{"@type": "Person", "name": name} for name in record.authors],
        publisher=filled(
            **{"@type": "NewsMediaOrganization"}, name=source.name, url=source.homepage
        ),
        image=[_image(image) for image in record.images],
        articleSection=record.categories,
        keywords=record.keywords,
        creditText=record.credit,
        isBasedOn=record.copy_of,
        isAccessibleForFree=record.free_access,
        version=record.version,
    )


def _date(moment: datetime | None, precision: str | None) -> str | None:
    if moment is None:
        return None
    if precision == "month":
        return f"{moment:%Y-%m}"
    return f"{moment:%Y-%m-%d}" if precision == "day" else shared.rfc3339(moment)


def _image(image: Image) -> dict[str, Any]:
    return filled(
        **{"@type": "ImageObject"},
        url=image.url,
        width=image.width,
        height=image.height,
        caption=image.alt,
    )
