"""Pictures on the disk: told by their first bytes, kept within bounds, the longest unused go first.

Names of files are hashes of addresses: nothing of the net gets into a path. Several processes may
share the folder; each counts for itself, so that the bound holds for what each has seen.
"""

import contextlib
import hashlib
import os
import secrets
import threading
from pathlib import Path
from typing import Final

#: Part of the bound that is left after old pictures went.
_KEPT: Final = 0.9
_FORMATS: Final = (
    (b"\xff\xd8\xff", "image/jpeg"),
    (b"\x89PNG\r\n\x1a\n", "image/png"),
    (b"GIF87a", "image/gif"),
    (b"GIF89a", "image/gif"),
)
_AVIF: Final = (b"avif", b"avis")


def kind_of(body: bytes) -> str | None:
    """Return the media type of a picture that browsers show without running anything, else None.

    No SVG, which is a document with scripts, whatever it is called.

    >>> kind_of(b"GIF89a..."), kind_of(b"<svg/>")
    ('image/gif', None)
    """
    for start, kind in _FORMATS:
        if body.startswith(start):
            return kind
    if body[:4] == b"RIFF" and body[8:12] == b"WEBP":
        return "image/webp"
    if body[4:8] == b"ftyp" and any(body[at : at + 4] in _AVIF for at in (8, *range(16, 64, 4))):
        return "image/avif"
    return None


class PictureFiles:
    """A folder of pictures by address; use from any thread.

    Args:
        folder: made when the first picture is kept.
        most_bytes: room for all of them; 0 keeps none.
    """

    def __init__(self, folder: Path, most_bytes: int) -> None:
        self._folder, self._most = folder, most_bytes
        self._held: int | None = None
        self._lock = threading.Lock()

    def get(self, url: str) -> bytes | None:
        """Return a picture that was kept."""
        path = self._path(url)
        try:
            body = path.read_bytes()
        except OSError:
            return None
        with contextlib.suppress(OSError):
            os.utime(path)  # it was used
        return body

    def put(self, url: str, body: bytes) -> None:
        """Keep a picture, if there is room for one of its size; a full disk keeps none."""
        if len(body) > self._most // 2:
            return
        path = self._path(url)
        made = path.with_name(f"{path.name}.{secrets.token_hex(4)}.tmp")
        with self._lock:
            try:
                path.parent.mkdir(parents=True, exist_ok=True)
                made.write_bytes(body)
                made.replace(path)
            except OSError:
                with contextlib.suppress(OSError):
                    made.unlink(missing_ok=True)
                return
            self._held = self._measure() if self._held is None else self._held + len(body)
            if self._held > self._most:
                self._held = self._shrink()

    def _path(self, url: str) -> Path:
        name = hashlib.sha256(url.encode("utf-8", "surrogatepass")).hexdigest()
        return self._folder / name[:2] / name

    def _files(self) -> list[tuple[float, int, Path]]:
        """Return when each was last used, its size, and where it is; the longest unused first."""
        found = []
        for path in self._folder.glob("??/*"):
            with contextlib.suppress(OSError):
                about = path.stat()
                found.append((about.st_mtime, about.st_size, path))
        return sorted(found)

    def _measure(self) -> int:
        return sum(size for _, size, _ in self._files())

    def _shrink(self) -> int:
        files = self._files()
        held = sum(size for _, size, _ in files)
        for _, size, path in files:
            if held <= self._most * _KEPT:
                break
            with contextlib.suppress(OSError):
                path.unlink()
                held -= size
        return held
