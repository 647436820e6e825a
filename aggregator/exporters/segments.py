"""The log as numbered files: a line for each change, old files compressed, a manifest of all.

    000001.jsonl.gz   complete, never touched again
    000002.jsonl      grows at its end
    manifest.json     the complete ones: file, first_seq, last_seq, lines, bytes, sha256

A reader follows by ``last_seq``: it takes the segments that begin behind its own cursor, then the
lines of the growing file. After a crash at any point a new writer drops a half-written last line
and goes on behind the last whole one: no change is lost or told twice.
"""

import gzip
import hashlib
import os
from collections.abc import Iterable, Iterator
from pathlib import Path
from types import TracebackType
from typing import Any, BinaryIO, Final

import orjson

from aggregator.errors import ExportError
from aggregator.exporters.files import replace
from aggregator.record import SCHEMA

MANIFEST: Final = "manifest.json"
#: Lines of a segment: some hundred megabytes before compression.
LINES: Final = 100_000


class Segments:
    """A folder of segments, open for writing.

    Attributes:
        last_seq: number of the last change that the folder holds; 0 for none. Ask the store for
            what came after it.

    Raises:
        ExportError: the folder cannot be read or written, or is damaged.
    """

    def __init__(self, folder: Path, *, lines: int = LINES) -> None:
        self._folder = folder
        self._most = lines
        try:
            folder.mkdir(parents=True, exist_ok=True)
            self._complete: list[dict[str, Any]] = _manifest(folder)
            self.last_seq: int = self._complete[-1]["last_seq"] if self._complete else 0
            self._stream, self._count, self._first = self._resume()
        except OSError as error:
            raise self._failed(error) from error

    def __enter__(self) -> "Segments":
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()

    def append(self, lines: Iterable[bytes]) -> int:
        """Write lines of JSON Lines behind the others, in order; return how many.

        Lines that the folder has already (by ``seq``) are passed over. All are on the disk when
        this returns.
        """
        written = 0
        try:
            for line in lines:
                seq = _seq(line)
                if seq <= self.last_seq:
                    continue
                self._stream.write(line)
                self._first = self._first or seq
                self.last_seq = seq
                self._count += 1
                written += 1
                if self._count >= self._most:
                    self._rotate()
            self._flush()
        except OSError as error:
            raise self._failed(error) from error
        return written

    def close(self) -> None:
        """Close the growing file; it goes on growing when the folder is opened again."""
        self._stream.close()

    @property
    def _number(self) -> int:
        return len(self._complete) + 1

    def _path(self, number: int) -> Path:
        return self._folder / f"{number:06}.jsonl"

    def _resume(self) -> tuple[BinaryIO, int, int]:
        """Open the growing file behind its last whole line."""
        if self._complete:
            # A crash came between the manifest and the end of the file it replaces.
            self._path(len(self._complete)).unlink(missing_ok=True)
        path = self._path(self._number)
        path.touch()
        count = first = size = 0
        with path.open("rb") as stream:
            for line in stream:
                if not line.endswith(b"\n"):
                    break
                self.last_seq = _seq(line)
                first = first or self.last_seq
                count += 1
                size += len(line)
        os.truncate(path, size)
        return path.open("ab", buffering=1 << 18), count, first

    def _flush(self) -> None:
        self._stream.flush()
        os.fsync(self._stream.fileno())

    def _rotate(self) -> None:
        """Compress the growing file, enter it in the manifest, begin the next."""
        self._flush()
        self._stream.close()
        path = self._path(self._number)
        digest, size = hashlib.sha256(), 0

        def packed() -> Iterator[bytes]:
            sink = _Chunks()
            # No time and no name inside: the same lines give the same bytes.
            with path.open("rb") as stream, gzip.GzipFile("", "wb", 6, sink, mtime=0) as archive:
                while chunk := stream.read(1 << 20):
                    archive.write(chunk)
                    yield sink.take()
            yield sink.take()

        def counted() -> Iterator[bytes]:
            nonlocal size
            for chunk in packed():
                digest.update(chunk)
                size += len(chunk)
                yield chunk

        target = path.with_name(f"{path.name}.gz")
        replace(target, counted(), format_="jsonl")
        self._complete.append(
            {
                "file": target.name,
                "first_seq": self._first,
                "last_seq": self.last_seq,
                "lines": self._count,
                "bytes": size,
                "sha256": digest.hexdigest(),
            }
        )
        document = {"schema": SCHEMA, "segments": self._complete}
        replace(self._folder / MANIFEST, [orjson.dumps(document, option=orjson.OPT_INDENT_2)])
        path.unlink()
        self._stream = self._path(self._number).open("ab", buffering=1 << 18)
        self._count = self._first = 0

    def _failed(self, error: OSError) -> ExportError:
        return ExportError("segments cannot be written", self._folder, error.strerror or error)


def read(folder: Path, since: int = 0) -> Iterator[bytes]:
    """Yield the lines after a change's number, in order, line ends included.

    Raises:
        ExportError: the folder cannot be read or is damaged.
    """
    try:
        complete = _manifest(folder)
        for segment in complete:
            if segment["last_seq"] > since:
                with gzip.open(folder / segment["file"], "rb") as stream:
                    yield from (line for line in stream if _seq(line) > since)
        yield from _growing(folder / f"{len(complete) + 1:06}.jsonl", since)
    except (OSError, EOFError) as error:
        raise ExportError("segments cannot be read", folder, error) from error


def _growing(path: Path, since: int) -> Iterator[bytes]:
    try:
        stream = path.open("rb")
    except FileNotFoundError:
        return  # Nothing yet, or a writer has just packed it: the next reading finds it.
    with stream:
        for line in stream:
            if line.endswith(b"\n") and _seq(line) > since:
                yield line


class _Chunks:
    """A file whose bytes are taken away as they come."""

    def __init__(self) -> None:
        self._chunks: list[bytes] = []

    def write(self, data: bytes) -> int:
        self._chunks.append(bytes(data))
        return len(data)

    def flush(self) -> None:
        """Do nothing: there is nothing behind this."""

    def take(self) -> bytes:
        data = b"".join(self._chunks)
        self._chunks.clear()
        return data


def _manifest(folder: Path) -> list[dict[str, Any]]:
    path = folder / MANIFEST
    if not path.exists():
        return []
    try:
        segments: list[dict[str, Any]] = orjson.loads(path.read_bytes())["segments"]
    except (orjson.JSONDecodeError, KeyError, TypeError) as error:
        raise ExportError("manifest is damaged", path, error) from error
    return segments


def _seq(line: bytes) -> int:
    """Return the number of a line that :func:`aggregator.record.line` wrote."""
    # The header comes first: no need to read the whole record.
    start = line.find(b'"seq":', 0, 64) + 6
    end = line.find(b",", start, start + 24)
    try:
        return int(line[start:end])
    except ValueError as error:
        raise ExportError("segment is damaged", None, f"no number in {line[:60]!r}") from error
