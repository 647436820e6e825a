"""Writes pages into the WARC files of a folder; what a crash or a full disk tore off is cut."""

import contextlib
import logging
import os
from datetime import UTC, datetime
from pathlib import Path
from types import TracebackType
from typing import Any, Final, Self

from aggregator.archive.index import INDEX, NAME, index_line, learn, read_index
from aggregator.archive.records import Position, digest_of, file_record, page_record
from aggregator.errors import StoreError
from aggregator.types import Page

log = logging.getLogger(__name__)

MAX_FILE_BYTES: Final = 500_000_000


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
            self._index = read_index(folder)
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
        digest = digest_of(page.body)
        known = self._index.payloads.get(digest) if page.body else None
        record = page_record(page, source_id, date, digest, known)
        position = Position(file=self._name, offset=self._size)
        self._append(record)
        line = index_line(digest, page.url, date, position, len(record), is_first=known is None)
        self._note(line)
        learn(self._index, line)
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
            self._index_file = (self._folder / INDEX).open("ab", buffering=0)
        except OSError as error:
            self.close()
            raise StoreError("archive cannot be opened", self._folder, error) from error
        if not self._size:
            self._append(file_record(self._name))
            self._index.ends[self._name] = self._size

    def _choose(self, day: str) -> str:
        """Return the day's last file if there is room in it, else the next number of all."""
        numbers = {
            int(match[2]): match[1]
            for path in self._folder.iterdir()
            if (match := NAME.fullmatch(path.name))
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
            path = self._folder / INDEX
            with contextlib.suppress(OSError):
                self._index_file.truncate(before)
            raise StoreError("page cannot be archived", path, error) from error
