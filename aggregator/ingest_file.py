"""A file of cards or JSON Lines into the store: whole, or nothing of it."""

from collections import Counter
from collections.abc import Mapping
from dataclasses import fields
from datetime import datetime
from pathlib import Path

from aggregator import importer, ingest
from aggregator.draft import Draft
from aggregator.identity import STRONG, Alias
from aggregator.store import articles
from aggregator.store.writer import Writer
from aggregator.types import Article, Record, Source

_SHARED = tuple(each.name for each in fields(Article) if each.name in Record.__slots__)


def ingest_file(
    path: Path, writer: Writer, sources: Mapping[str, Source], now: datetime
) -> Counter[str]:
    """Write what a file holds into the open transaction; return outcome → count.

    Raises:
        ImportFileError: the file is damaged; the caller rolls back, nothing of it is stored.
    """
    count: Counter[str] = Counter()
    for imported in importer.iterate(path):
        if imported.event == "deleted":
            count["deleted"] += _delete(imported, writer)
            continue
        source = importer.source_of(imported, sources)
        record = importer.record(imported, source, now)
        article = Article(**{name: getattr(record, name) for name in _SHARED})
        draft = Draft(article=article, source=source, seen=now, imported=record)
        done = ingest.ingest(draft, writer)
        count[done.outcome or "unchanged"] += 1
    return count


def _delete(imported: importer.Imported, writer: Writer) -> bool:
    if imported.id is None:
        return False
    names = [Alias(STRONG, "", imported.id)]
    pks = articles.find(writer.connection, names).values()
    removed = [ingest.remove(pk, writer, reason=imported.reason or "request") for pk in pks]
    return any(removed)
