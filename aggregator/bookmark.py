"""Where a long work over files has got to: kept beside the store, so that a stop costs little.

The work itself is done at least once; what it does twice must come out the same.
"""

import hashlib
from collections.abc import Iterable
from dataclasses import asdict
from pathlib import Path

import orjson

from aggregator import __version__
from aggregator.archive import Position
from aggregator.exporters import files


class Bookmark:
    """The last finished page of a work over archives.

    Args:
        folder: of the program's data; the mark is a small file in it.
        paths: the archives. Another set, other words or another version is another work.
        words: what else tells this work from others.
    """

    def __init__(self, folder: Path, paths: Iterable[Path], *words: str) -> None:
        parts = [__version__, *words, *(str(path.resolve()) for path in paths)]
        name = hashlib.sha256("\n".join(parts).encode()).hexdigest()[:16]
        self._path = folder / "replays" / f"{name}.json"

    def read(self) -> tuple[Position | None, int]:
        """Return the last finished page and how many were done; None where there is no mark."""
        try:
            data = orjson.loads(self._path.read_bytes())
            return Position(file=data["file"], offset=data["offset"]), data["pages"]
        except (OSError, ValueError, KeyError, TypeError):
            return None, 0  # none, or a damaged one: from the start is always right

    def write(self, position: Position, pages: int) -> None:
        """Move the mark.

        Raises:
            ExportError: the folder cannot be written.
        """
        mark = orjson.dumps(asdict(position) | {"pages": pages})
        files.replace(self._path, [mark], sync=False)

    def remove(self) -> None:
        """Take the mark away: the work is done."""
        self._path.unlink(missing_ok=True)
