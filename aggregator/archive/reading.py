"""Reads the pages of any WARC file, ours or not, in order."""

import logging
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Final

from aggregator.archive.index import Index, read_near
from aggregator.archive.records import (
    OF_THE_WIRE,
    REDIRECT,
    REQUESTED,
    SOURCE,
    Position,
    digest_of,
)
from aggregator.errors import ImportFileError
from aggregator.types import Page

log = logging.getLogger(__name__)

MAX_BODY_BYTES: Final = 10_000_000


@dataclass(frozen=True, slots=True, kw_only=True)
class Stored:
    """A page read from an archive.

    Attributes:
        source_id: whose page it is, if we wrote it.
        position: where its record begins.
    """

    page: Page
    source_id: str | None
    position: Position


def read(paths: Iterable[Path], *, max_body_bytes: int = MAX_BODY_BYTES) -> Iterator[Page]:
    """Yield the pages of WARC files; see :func:`records`."""
    for stored in records(paths, max_body_bytes=max_body_bytes):
        yield stored.page


def records(
    paths: Iterable[Path],
    *,
    after: Position | None = None,
    max_body_bytes: int = MAX_BODY_BYTES,
) -> Iterator[Stored]:
    """Yield the pages of WARC files, in order, each with its place.

    Args:
        paths: files, ours or not; folders stand for the WARC files in them, by name.
        after: begin behind this record; files before its file are passed over.
        max_body_bytes: longer bodies, after decompression, are left out.

    A revisit record yields its page with the body that it names, where that was met before or lies
    in the folder's index; else it is left out. A torn last record is left out.

    Raises:
        ImportFileError: a file cannot be read, or is no WARC file.
    """
    files = list(_files(paths))
    seen: dict[str, tuple[Path, int]] = {}
    if after is not None:
        names = [path.name for path in files]
        if after.file not in names:
            raise ImportFileError("no such file among those given", after.file)
        files = files[names.index(after.file) :]
    for path in files:
        start = after.offset if after is not None and path.name == after.file else 0
        for stored in _records_of(path, start, seen, max_body_bytes):
            if start == 0 or stored.position.offset > start:
                yield stored


def size(paths: Iterable[Path]) -> int:
    """Return the bytes of WARC files; folders stand for the WARC files in them."""
    return sum(path.stat().st_size for path in _files(paths) if path.is_file())


def size_before(paths: Iterable[Path], position: Position) -> int:
    """Return how many bytes stand before a place that :func:`records` told."""
    before = 0
    for path in _files(paths):
        if path.name == position.file:
            return before + position.offset
        before += path.stat().st_size
    return before


def _files(paths: Iterable[Path]) -> Iterator[Path]:
    for path in paths:
        if path.is_dir():
            yield from sorted(each for each in path.iterdir() if ".warc" in each.suffixes)
        else:
            yield path


def _records_of(
    path: Path, start: int, seen: dict[str, tuple[Path, int]], most: int
) -> Iterator[Stored]:
    from warcio.archiveiterator import ArchiveIterator
    from warcio.exceptions import ArchiveLoadFailed

    index = read_near(path)
    try:
        with path.open("rb") as file:
            file.seek(start)
            archive = ArchiveIterator(file)
            found = False
            for record in archive:
                found = True
                offset = archive.offset  # its own method reads to the end first
                if record.rec_type not in {"response", "revisit"} or record.http_headers is None:
                    continue
                body = _body(record, path, offset, seen, index, most)
                if body is not None:
                    position = Position(file=path.name, offset=offset)
                    yield _stored(record, body, position)
            if not found and start == 0 and path.stat().st_size:
                raise ImportFileError("not a WARC file", path)
    except ArchiveLoadFailed as error:
        raise ImportFileError("not a WARC file", path, str(error).strip()) from error
    except (OSError, ValueError, EOFError) as error:
        raise ImportFileError("WARC file cannot be read", path, error) from error


def _body(
    record: Any,
    path: Path,
    offset: int,
    seen: dict[str, tuple[Path, int]],
    index: Index,
    most: int,
) -> bytes | None:
    """Return the body of a record, None where it is torn, too long or not to be found."""
    digest = record.rec_headers.get_header("WARC-Payload-Digest")
    if record.rec_type == "response":
        body = _content(record, most)
        if body is not None and digest:
            seen.setdefault(digest, (path, offset))
        return body
    if digest in seen:
        return _body_at(*seen[digest], most)
    known = index.payloads.get(digest or "")
    return _body_at(path.parent / known.file, known.offset, most) if known else None


def _content(record: Any, most: int) -> bytes | None:
    stream, chunks, size = record.content_stream(), [], 0
    while chunk := stream.read(65_536):
        chunks.append(chunk)
        size += len(chunk)
        if size > most:
            log.warning("page left out, longer than %s bytes: %s", most, _url(record))
            return None
    body = b"".join(chunks)
    digest = record.rec_headers.get_header("WARC-Payload-Digest")
    if record.rec_headers.get_header(SOURCE) and digest != digest_of(body):
        log.warning("page left out, not as it was written: %s", _url(record))
        return None
    return body


def _body_at(path: Path, offset: int, most: int) -> bytes | None:
    from warcio.archiveiterator import ArchiveIterator
    from warcio.exceptions import ArchiveLoadFailed

    try:
        with path.open("rb") as file:
            file.seek(offset)
            for record in ArchiveIterator(file):
                return _content(record, most)
    except (OSError, ArchiveLoadFailed):
        log.warning("earlier page is not to be found: %s: %s", path, offset)
    return None


def _url(record: Any) -> str:
    return str(record.rec_headers.get_header("WARC-Target-URI") or "")


def _stored(record: Any, body: bytes, position: Position) -> Stored:
    header = record.rec_headers.get_header
    http: Mapping[str, str] = {}
    for name, value in record.http_headers.headers:
        key = name.lower()
        if key not in OF_THE_WIRE:
            http = {**http, key: f"{http[key]}, {value}" if key in http else value}
    url = _url(record).strip("<>")
    status = record.http_headers.get_statuscode()
    redirects = tuple((header(REDIRECT) or "").split())
    page = Page(
        url=url,
        body=body,
        status=int(status) if str(status).isdigit() else 0,
        headers=http,
        requested=header(REQUESTED) or url,
        redirects=redirects,
        fetched=_date(header("WARC-Date")),
    )
    return Stored(page=page, source_id=header(SOURCE), position=position)


def _date(text: str | None) -> datetime | None:
    try:
        date = datetime.fromisoformat(text or "")
    except ValueError:
        return None
    return date if date.tzinfo else date.replace(tzinfo=UTC)
