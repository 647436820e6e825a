"""Pages kept as WARC 1.1 files, and read back from them.

One gzip member a record, response and revisit records only. File names are ours alone: day and
number. A record is in a file whole or not at all: what a crash or a full disk left behind is cut
off before the next one is written. One writer at a time; the store's lock sees to it.

Bodies are kept as they were after decompression, so ``Content-Encoding`` is not among the headers.
Reading takes any WARC file, ours or not, up to a size per body. Source: ISO 28500:2017.
"""

import contextlib
import hashlib
import logging
import os
import re
from base64 import b32encode
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from io import BytesIO
from pathlib import Path
from types import TracebackType
from typing import Any, Final, Self

from aggregator import __version__
from aggregator.errors import ImportFileError, StoreError
from aggregator.types import Page

log = logging.getLogger(__name__)

MAX_FILE_BYTES: Final = 500_000_000
MAX_BODY_BYTES: Final = 10_000_000
#: Payloads whose repetition is noticed.
_MAX_KNOWN: Final = 200_000
_NAME: Final = re.compile(r"aggregator-(\d{8})-(\d{5,9})\.warc\.gz")
_INDEX: Final = "index.tsv"
_TOKEN: Final = re.compile(r"[!#$%&'*+.^_`|~0-9A-Za-z-]+")  # RFC 9110 §5.6.2
_CONTROLS: Final = re.compile(r"[\x00-\x20\x7f]+")
#: Headers that do not fit a body that was decompressed and put together.
_OF_THE_WIRE: Final = frozenset({"content-encoding", "transfer-encoding", "content-length"})
_SOURCE: Final = "Aggregator-Source"
_REQUESTED: Final = "Aggregator-Requested"
_REDIRECT: Final = "Aggregator-Redirect"


@dataclass(frozen=True, slots=True, kw_only=True)
class Position:
    """A place in an archive: resume with it after a stop."""

    file: str
    offset: int


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


@dataclass(slots=True)
class _Known:
    """Where a payload was first kept."""

    url: str
    date: str
    file: str
    offset: int


@dataclass(slots=True)
class _Index:
    """The lines of the index file: what is known of payloads, and where files should end."""

    payloads: dict[str, _Known] = field(default_factory=dict)
    ends: dict[str, int] = field(default_factory=dict)


# ------------------------------------------------------------------ writing


class Archive:
    """Writes pages into the WARC files of a folder; use it as a context manager.

    Args:
        folder: made if it is missing.
        max_bytes: a file that has grown beyond this is followed by a new one.
    """

    def __init__(self, folder: Path, *, max_bytes: int = MAX_FILE_BYTES) -> None:
        self._folder, self._max_bytes = folder, max_bytes
        self._file: Any = None
        self._name = ""
        self._size = 0
        self._index_file: Any = None
        try:
            folder.mkdir(parents=True, exist_ok=True)
            self._index = _read_index(folder)
        except OSError as error:
            raise StoreError("archive cannot be opened", folder, error) from error

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()

    def write(self, page: Page, source_id: str, at: datetime) -> Position:
        """Keep a page; return where it is.

        Args:
            page: as fetched. A body that is in the archive already is named, not kept again.
            source_id: whose page it is.
            at: when it was fetched, aware.

        Raises:
            StoreError: the disk is full or cannot be written; the archive is as it was before.
        """
        date = at.astimezone(UTC)
        self._turn(date.strftime("%Y%m%d"))
        digest = _digest(page.body)
        known = self._index.payloads.get(digest) if page.body else None
        record = _record(page, source_id, date, digest, known)
        position = Position(file=self._name, offset=self._size)
        self._append(record)
        line = _line(digest, page.url, date, position, len(record), is_first=known is None)
        self._note(line)
        _learn(self._index, line)
        return position

    def close(self) -> None:
        """Close the files."""
        for each in (self._file, self._index_file):
            if each is not None:
                each.close()
        self._file = self._index_file = None

    def _turn(self, day: str) -> None:
        """See to it that the right file is open."""
        if self._file is not None and f"-{day}-" in self._name and self._size < self._max_bytes:
            return
        self.close()
        try:
            self._name = self._choose(day)
            path = self._folder / self._name
            self._file = path.open("ab", buffering=0)
            self._size = os.fstat(self._file.fileno()).st_size
            whole = self._index.ends.get(self._name, 0)
            if self._size != whole:
                self._file.truncate(whole)
                self._size = whole
            self._index_file = (self._folder / _INDEX).open("ab", buffering=0)
        except OSError as error:
            self.close()
            raise StoreError("archive cannot be opened", self._folder, error) from error
        if not self._size:
            self._append(_file_record(self._name))
            self._index.ends[self._name] = self._size

    def _choose(self, day: str) -> str:
        """Return the day's last file if there is room in it, else the next number of all."""
        numbers = {
            int(match[2]): match[1]
            for path in self._folder.iterdir()
            if (match := _NAME.fullmatch(path.name))
        }
        last = max(numbers, default=0)
        if last and numbers[last] == day:
            name = f"aggregator-{day}-{last:05d}.warc.gz"
            end = self._index.ends.get(name)
            size = (self._folder / name).stat().st_size
            if end is not None and end <= size and end < self._max_bytes:
                return name
        return f"aggregator-{day}-{last + 1:05d}.warc.gz"

    def _append(self, data: bytes) -> None:
        try:
            rest = memoryview(data)
            while rest:
                rest = rest[self._file.write(rest) :]
        except OSError as error:
            path = self._folder / self._name
            try:
                self._file.truncate(self._size)
            except OSError:  # the next opening cuts it off
                log.warning("archive keeps a torn end: %s", path)
            raise StoreError("page cannot be archived", path, error) from error
        self._size += len(data)

    def _note(self, line: str) -> None:
        """Add a line to the index. Without it, the next opening cuts the record off."""
        data = line.encode()
        before = os.fstat(self._index_file.fileno()).st_size
        try:
            if self._index_file.write(data) != len(data):
                raise OSError("no space for the index")
        except OSError as error:
            path = self._folder / _INDEX
            with contextlib.suppress(OSError):
                self._index_file.truncate(before)
            raise StoreError("page cannot be archived", path, error) from error


def _digest(body: bytes) -> str:
    return "sha1:" + b32encode(hashlib.sha1(body, usedforsecurity=False).digest()).decode()


def _clean(text: str) -> str:
    return _CONTROLS.sub("%20", text.encode("utf-8", "replace").decode())


def _record(page: Page, source_id: str, date: datetime, digest: str, known: _Known | None) -> bytes:
    """Return a response record, or a revisit record if the payload is known, as a gzip member."""
    from warcio.statusandheaders import StatusAndHeaders
    from warcio.warcwriter import WARCWriter

    pairs = [
        (name, " ".join(value.split()))
        for name, value in page.headers.items()
        if name.lower() not in _OF_THE_WIRE and _TOKEN.fullmatch(name)
    ]
    pairs.append(("content-length", str(len(page.body))))
    http = StatusAndHeaders(f"{page.status} X", pairs, protocol="HTTP/1.1")
    extra = {"WARC-Date": _warc_date(date), "WARC-Payload-Digest": digest, _SOURCE: source_id}
    if page.requested and page.requested != page.url:
        extra[_REQUESTED] = _clean(page.requested)
    if page.redirects:
        extra[_REDIRECT] = " ".join(map(_clean, page.redirects))
    out = BytesIO()
    writer = WARCWriter(out, gzip=True, warc_version="1.1")
    if known is None:
        record = writer.create_warc_record(
            _clean(page.url),
            "response",
            payload=BytesIO(page.body),
            length=len(page.body),  # without, it makes a temporary file and leaves it open
            http_headers=http,
            warc_headers_dict=extra,
        )
    else:
        record = writer.create_revisit_record(
            _clean(page.url),
            digest,
            known.url,
            known.date,
            http_headers=http,
            warc_headers_dict=extra,
        )
    writer.write_record(record)
    return out.getvalue()


def _file_record(name: str) -> bytes:
    from warcio.warcwriter import WARCWriter

    out = BytesIO()
    writer = WARCWriter(out, gzip=True, warc_version="1.1")
    info = {"software": f"aggregator/{__version__}", "format": "WARC File Format 1.1"}
    writer.write_record(writer.create_warcinfo_record(name, info))
    return out.getvalue()


def _warc_date(date: datetime) -> str:
    return date.astimezone(UTC).isoformat(timespec="seconds").replace("+00:00", "Z")


# ------------------------------------------------------------------ the index


def _line(
    digest: str, url: str, date: datetime, position: Position, length: int, *, is_first: bool
) -> str:
    parts = (
        digest if is_first else "-",
        position.file,
        str(position.offset),
        str(position.offset + length),
        _warc_date(date),
        _clean(url),
    )
    return "\t".join(parts) + "\n"


def _read_index(folder: Path) -> _Index:
    index = _Index()
    path = folder / _INDEX
    if not path.exists():
        return index
    data = path.read_bytes()
    whole = data.rfind(b"\n") + 1
    if whole != len(data):  # a torn last line: its record is cut off as well
        os.truncate(path, whole)
    for line in data[:whole].decode("utf-8", "replace").splitlines():
        _learn(index, line)
    return index


def _learn(index: _Index, line: str) -> None:
    parts = line.rstrip("\n").split("\t")
    if len(parts) != 6 or not parts[2].isdigit() or not parts[3].isdigit():
        return
    digest, file, offset, end, date, url = parts
    if not _NAME.fullmatch(file):
        return
    index.ends[file] = max(int(end), index.ends.get(file, 0))
    if digest != "-" and len(index.payloads) < _MAX_KNOWN:
        index.payloads.setdefault(digest, _Known(url, date, file, int(offset)))


# ------------------------------------------------------------------ reading


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

    index = _read_index_near(path)
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


def _read_index_near(path: Path) -> _Index:
    try:
        data = (path.parent / _INDEX).read_text("utf-8", "replace")
    except OSError:
        return _Index()
    index = _Index()
    for line in data.splitlines():
        _learn(index, line)
    return index


def _body(
    record: Any,
    path: Path,
    offset: int,
    seen: dict[str, tuple[Path, int]],
    index: _Index,
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
    if record.rec_headers.get_header(_SOURCE) and digest != _digest(body):
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
        if key not in _OF_THE_WIRE:
            http = {**http, key: f"{http[key]}, {value}" if key in http else value}
    url = _url(record).strip("<>")
    status = record.http_headers.get_statuscode()
    redirects = tuple((header(_REDIRECT) or "").split())
    page = Page(
        url=url,
        body=body,
        status=int(status) if str(status).isdigit() else 0,
        headers=http,
        requested=header(_REQUESTED) or url,
        redirects=redirects,
        fetched=_date(header("WARC-Date")),
    )
    return Stored(page=page, source_id=header(_SOURCE), position=position)


def _date(text: str | None) -> datetime | None:
    try:
        date = datetime.fromisoformat(text or "")
    except ValueError:
        return None
    return date if date.tzinfo else date.replace(tzinfo=UTC)
