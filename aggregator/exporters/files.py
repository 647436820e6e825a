"""Files replaced as a whole: a reader sees the old one or the new one, never a part."""

import contextlib
import os
import secrets
from collections.abc import Generator, Iterable, Iterator
from pathlib import Path

from aggregator.errors import ExportError


def replace(
    path: Path, chunks: Iterable[bytes], *, format_: str | None = None, sync: bool = True
) -> int:
    """Write the chunks to the file in one step and return how many bytes were written.

    The bytes go to a temporary file in the same folder, reach the disk and then take the name.
    A document without entries (no bytes, or a writer that returns 0) leaves an old file as it is.
    A device or pipe is written to directly; of a symbolic link, the target is replaced.

    Args:
        path: the file; its folder is made where it is missing.
        chunks: the document.
        format_: what is written, for the error.
        sync: wait until the disk has it; without, a power cut may bring the old file back.

    Raises:
        ExportError: the folder cannot be written or the disk is full; the old file stays.
    """
    try:
        if path.exists() and not path.is_file() and not path.is_dir():
            with path.open("wb") as stream:
                return sum(map(stream.write, chunks))
        path = path.resolve()
        path.parent.mkdir(parents=True, exist_ok=True)
        return _replace(path, chunks, sync=sync)
    except OSError as error:
        what = f"{format_} cannot be written" if format_ else "file cannot be written"
        raise ExportError(what, path, error.strerror or error) from error


class _Document:
    """The chunks, and whether what they came from says that it had no entries."""

    def __init__(self, chunks: Iterable[bytes]) -> None:
        self._chunks = chunks
        self.size = 0
        self.entries: int | None = None

    def __iter__(self) -> Iterator[bytes]:
        chunks = self._chunks
        if isinstance(chunks, Generator):
            self.entries = yield from chunks
        else:
            yield from chunks

    def is_empty(self) -> bool:
        return self.size == 0 or self.entries == 0


def _replace(path: Path, chunks: Iterable[bytes], *, sync: bool) -> int:
    temporary = path.with_name(f".{path.name[:100]}.{secrets.token_hex(6)}.part")
    document = _Document(chunks)
    try:
        with temporary.open("xb", buffering=1 << 18) as stream:
            for chunk in document:
                document.size += stream.write(chunk)
            stream.flush()
            if sync:
                os.fsync(stream.fileno())
        if path.exists():
            if document.is_empty():
                temporary.unlink()
                return 0
            temporary.chmod(path.stat().st_mode & 0o777)
        temporary.replace(path)
    except BaseException:
        with contextlib.suppress(OSError):
            temporary.unlink()
        raise
    if sync:
        _sync_folder(path.parent)
    return document.size


def _sync_folder(folder: Path) -> None:
    """Make the new name last through a power cut, where the system can."""
    with contextlib.suppress(OSError):
        descriptor = os.open(folder, os.O_RDONLY)
        try:
            os.fsync(descriptor)
        finally:
            os.close(descriptor)
