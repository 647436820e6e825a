"""Parquet: one row a change, the record's keys as columns, for analysis.

Times are UTC microseconds; the offset that the source gave stands in ``published_offset_min``.
pyarrow is only imported here, when the format is asked for.
"""

from collections.abc import Iterable
from datetime import UTC
from itertools import islice
from pathlib import Path
from typing import Any, Final

import orjson

from aggregator.errors import ExportError, UsageError
from aggregator.exporters.shared import Document
from aggregator.record import dumps
from aggregator.types import Change, Feed

CONTENT_TYPE = "application/vnd.apache.parquet"
SUFFIX = ".parquet"

#: Rows that are held before they are written; also the rows of a row group.
ROW_GROUP: Final = 2000
#: Days that are written at the same time; an older one gets a further file.
OPEN_DAYS: Final = 16


def write(feed: Feed, changes: Iterable[Change], *, row_group: int = ROW_GROUP) -> Document:
    """Yield one Parquet file, a row group a piece."""
    del feed
    arrow, parquet = _import()
    sink, schema, count = _Sink(), _schema(arrow), 0
    rows = iter(changes)
    with parquet.ParquetWriter(sink, schema, compression="zstd") as writer:
        while group := [_row(change) for change in islice(rows, row_group)]:
            writer.write_batch(arrow.RecordBatch.from_pylist(group, schema=schema))
            count += len(group)
            yield sink.take()
    yield sink.take()
    return count


def write_days(
    folder: Path, changes: Iterable[Change], *, row_group: int = ROW_GROUP
) -> dict[str, int]:
    """Write ``day=2025-11-07/part-0.parquet`` and so on, and return the rows of each day.

    The day is that of ``first_seen`` in UTC (of ``at`` for a deletion): it never changes, so an
    article's rows lie in the same folder for ever.

    Args:
        folder: an empty or new folder; files in it are never overwritten.
        changes: in any order; those in order of arrival are written best.
        row_group: rows held for a day before they are written.

    Raises:
        ExportError: the folder cannot be written.
    """
    arrow, parquet = _import()
    days = _Days(folder, arrow, parquet, row_group)
    try:
        try:
            for change in changes:
                days.add(change)
        finally:
            days.close()
    except OSError as error:
        raise ExportError("parquet cannot be written", folder, error.strerror) from error
    return days.counts


class _Days:
    """The files of the days that are being written."""

    def __init__(self, folder: Path, arrow: Any, parquet: Any, row_group: int) -> None:
        self.counts: dict[str, int] = {}
        self._folder, self._arrow, self._parquet = folder, arrow, parquet
        self._row_group = row_group
        self._schema = _schema(arrow)
        self._writers: dict[str, tuple[Any, list[dict[str, Any]]]] = {}

    def add(self, change: Change) -> None:
        moment = change.record.first_seen if change.record else change.at
        day = f"{moment.astimezone(UTC):%Y-%m-%d}"
        # The day used last moves to the end, so that the one at the front is the one to close.
        opened = self._writers.pop(day, None) or self._open(day)
        self._writers[day] = opened
        opened[1].append(_row(change))
        self.counts[day] = self.counts.get(day, 0) + 1
        if len(opened[1]) >= self._row_group:
            self._flush(*opened)
        if len(self._writers) > OPEN_DAYS:
            self._close(next(iter(self._writers)))

    def close(self) -> None:
        for day in list(self._writers):
            self._close(day)

    def _open(self, day: str) -> tuple[Any, list[dict[str, Any]]]:
        folder = self._folder / f"day={day}"
        folder.mkdir(parents=True, exist_ok=True)
        number = sum(1 for _ in folder.glob("part-*.parquet"))
        path = folder / f"part-{number}.parquet"
        return self._parquet.ParquetWriter(path, self._schema, compression="zstd"), []

    def _flush(self, writer: Any, rows: list[dict[str, Any]]) -> None:
        if rows:
            writer.write_batch(self._arrow.RecordBatch.from_pylist(rows, schema=self._schema))
            rows.clear()

    def _close(self, day: str) -> None:
        writer, rows = self._writers.pop(day)
        self._flush(writer, rows)
        writer.close()


class _Sink:
    """A file to write to whose bytes are taken away as they come."""

    closed = False

    def __init__(self) -> None:
        self._chunks: list[bytes] = []
        self._position = 0

    def write(self, data: Any) -> int:
        self._chunks.append(bytes(data))
        self._position += len(self._chunks[-1])
        return len(self._chunks[-1])

    def take(self) -> bytes:
        data = b"".join(self._chunks)
        self._chunks.clear()
        return data

    def tell(self) -> int:
        return self._position

    def flush(self) -> None:
        pass

    def close(self) -> None:
        pass

    def writable(self) -> bool:
        return True

    def readable(self) -> bool:
        return False

    def seekable(self) -> bool:
        return False


def _import() -> tuple[Any, Any]:
    try:
        import pyarrow
        import pyarrow.parquet
    except ImportError as error:
        raise UsageError(
            "parquet needs pyarrow", None, "pip install 'aggregator[parquet]'"
        ) from error
    return pyarrow, pyarrow.parquet


def _row(change: Change) -> dict[str, Any]:
    row: dict[str, Any] = {
        "seq": change.seq,
        "event": change.event,
        "changed": list(change.changed),
        "at": change.at,
        "id": change.id,
        "reason": change.reason,
    }
    record = change.record
    if record is None:
        return row
    row |= orjson.loads(dumps(record))
    row |= {
        "published": record.published,
        "updated": record.updated,
        "first_seen": record.first_seen,
        "origins": list(record.origins.items()),
    }
    offset = record.published.utcoffset() if record.published else None
    row["published_offset_min"] = None if offset is None else int(offset.total_seconds() // 60)
    return row


def _schema(arrow: Any) -> Any:
    text, number, flag = arrow.string(), arrow.int32(), arrow.bool_()
    texts, moment = arrow.list_(text), arrow.timestamp("us", tz="UTC")

    def struct(**fields: Any) -> Any:
        return arrow.struct(list(fields.items()))

    columns: dict[str, Any] = {
        "seq": arrow.int64(),
        "event": text,
        "changed": texts,
        "at": moment,
        "id": text,
        "reason": text,
        "url": text,
        "title": text,
        "published": moment,
        "published_offset_min": arrow.int16(),
        "published_precision": text,
        "published_origin": text,
        "updated": moment,
        "first_seen": moment,
        "paragraphs": texts,
        "html": text,
        "summary": text,
        "source": struct(id=text, name=text, homepage=text, country=text, language=text),
        "authors": texts,
        "categories": texts,
        "keywords": texts,
        "related": arrow.list_(
            struct(id=text, url=text, title=text, source=text, paragraphs=texts)
        ),
        "images": arrow.list_(struct(url=text, width=number, height=number, alt=text)),
        "language": text,
        "direction": text,
        "credit": text,
        "copy_of": text,
        "also_in": arrow.list_(struct(id=text, source=text, url=text)),
        "cluster": text,
        "version": number,
        "free_access": flag,
        "origins": arrow.map_(text, text),
    }
    return arrow.schema(list(columns.items()))
