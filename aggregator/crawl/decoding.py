"""Undo the compression of a body piece by piece, never growing beyond its limits.

Knows gzip, deflate (with and without zlib's header, both are served), br and zstd, and two layers
of them. No network. Limits count what comes out, and a stream that explodes is stopped before the
bytes are made.
"""

import zlib
from collections.abc import Callable
from typing import Any, Final, Protocol

import brotli  # type: ignore[import-untyped]

from aggregator.faults import fault

try:
    from compression import zstd  # type: ignore[import-not-found,unused-ignore]
except ImportError:  # before Python 3.14
    from backports import zstd

#: Small bodies may shrink as well as they like: a page of blanks is no attack.
RATIO_FLOOR_BYTES: Final = 1_000_000
#: A second layer is a common mistake of servers, a third one is none.
MAX_LAYERS: Final = 2
#: Members of a gzip body: 64 KiB blocks of bgzip need 160 for 10 MB; empty ones cost time only.
_MAX_MEMBERS: Final = 1000
#: Largest window that RFC 9659 lets a server use, 8 MB; a frame may ask for gigabytes otherwise.
_ZSTD_WINDOW_LOG: Final = 23
ACCEPT_ENCODING: Final = b"gzip, deflate, br, zstd"
_GZIP, _DEFLATE, _RAW = 31, 15, -15


class _Decoder(Protocol):
    """One layer: bytes in, at most ``room`` bytes out at a time."""

    def feed(self, data: bytes, room: int) -> bytes:
        """Take bytes, return what they make; call with none for the rest."""

    @property
    def hungry(self) -> bool:
        """Whether all that was fed has come out."""

    @property
    def done(self) -> bool:
        """Whether the stream ended as its format says it must."""


class _Zlib:
    """gzip of one or more members, or deflate in either form."""

    def __init__(self, wbits: int) -> None:
        self._wbits = wbits
        self._stream: Any = zlib.decompressobj(wbits)
        self._tail = b""  # fed, not yet used
        self._held = b""  # half of a mark of two bytes
        self._begun = False
        self._members = 1

    def feed(self, data: bytes, room: int) -> bytes:
        data = self._held + self._tail + data
        self._held = self._tail = b""
        if self._stream.eof:
            data = data.lstrip(b"\0")  # padding after a member
            if self._wbits != _GZIP or not data.startswith(b"\x1f\x8b"):
                self._held = data if data == b"\x1f" else b""
                return b""  # rubbish behind a whole body is common and harmless
            self._members += 1
            if self._members > _MAX_MEMBERS:
                raise ValueError("too many gzip members")
            self._stream = zlib.decompressobj(self._wbits)
        if not self._begun and len(data) < 2:  # zlib's header tells the two forms apart
            self._held = data
            return b""
        try:
            out: bytes = self._stream.decompress(data, room)
        except zlib.error:
            if self._begun or self._wbits != _DEFLATE:
                raise
            self._wbits, self._stream = _RAW, zlib.decompressobj(_RAW)
            out = self._stream.decompress(data, room)
        self._begun = True
        self._tail = self._stream.unused_data or self._stream.unconsumed_tail
        return out

    @property
    def hungry(self) -> bool:
        return not self._tail

    @property
    def done(self) -> bool:
        return bool(self._stream.eof)


class _Brotli:
    def __init__(self) -> None:
        self._stream: Any = brotli.Decompressor()

    def feed(self, data: bytes, room: int) -> bytes:
        if self.done:
            return b""
        out: bytes = self._stream.process(data, output_buffer_limit=room)
        return out

    @property
    def hungry(self) -> bool:
        return self.done or bool(self._stream.can_accept_more_data())

    @property
    def done(self) -> bool:
        return bool(self._stream.is_finished())


class _Zstd:
    def __init__(self) -> None:
        self._stream = self._new()

    @staticmethod
    def _new() -> Any:
        limit = {zstd.DecompressionParameter.window_log_max: _ZSTD_WINDOW_LOG}
        return zstd.ZstdDecompressor(options=limit)

    def feed(self, data: bytes, room: int) -> bytes:
        if self._stream.eof:
            data = self._stream.unused_data + data
            if not data:
                return b""
            self._stream = self._new()  # the next frame
        out: bytes = self._stream.decompress(data, room)
        return out

    @property
    def hungry(self) -> bool:
        if self._stream.eof:
            return not self._stream.unused_data
        return bool(self._stream.needs_input)

    @property
    def done(self) -> bool:
        return bool(self._stream.eof)


_DECODERS: Final[dict[str, Callable[[], _Decoder]]] = {
    "gzip": lambda: _Zlib(_GZIP),
    "x-gzip": lambda: _Zlib(_GZIP),
    "deflate": lambda: _Zlib(_DEFLATE),
    "br": _Brotli,
    "zstd": _Zstd,
}
_ERRORS = (zlib.error, brotli.error, zstd.ZstdError, EOFError, ValueError)


def layers(content_encoding: str) -> tuple[str, ...]:
    """Return the layers to undo, outermost first, of a Content-Encoding header.

    Words that name no compression (``identity``, ``utf-8`` …) are left out: servers write many.
    """
    words = (word.strip().lower() for word in content_encoding.split(","))
    return tuple(word for word in words if word in _DECODERS)[::-1]


class Body:
    """Collects a body, decompressed, within its limits.

    Args:
        url: named in errors.
        encoding: the Content-Encoding header, as sent; empty if none.
        max_bytes: most bytes, before and after decompression.
        max_ratio: most growth by decompression, above :data:`RATIO_FLOOR_BYTES`.
        cut: keep the first ``max_bytes`` of a longer body instead of raising.
    """

    def __init__(
        self, url: str, encoding: str, max_bytes: int, max_ratio: float, *, cut: bool = False
    ) -> None:
        self.wire_bytes = 0
        self.is_cut = False
        self._url, self._max_bytes, self._max_ratio, self._cut = url, max_bytes, max_ratio, cut
        self._names = layers(encoding) if encoding else ()
        if len(self._names) > MAX_LAYERS:
            raise fault("bad_encoding", url, f"{len(self._names)} layers of compression")
        self._decoders = [_DECODERS[name]() for name in self._names]
        self._made = [0] * len(self._decoders)
        self._chunks: list[bytes] = []
        self._size = 0

    def feed(self, chunk: bytes) -> None:
        """Take bytes as they came.

        Raises:
            FetchError: ``too_large``, ``bomb`` or ``bad_encoding``.
        """
        is_gzip = self._names[:1] in {("gzip",), ("x-gzip",)}
        if is_gzip and not self.wire_bytes and not chunk.startswith(b"\x1f"):
            self._decoders = []  # says gzip, sends plain text
        self.wire_bytes += len(chunk)
        if self.wire_bytes > self._max_bytes and not self._cut:
            raise fault("too_large", self._url, f"more than {self._max_bytes} bytes")
        try:
            self._push(chunk, 0)
        except _ERRORS as error:
            raise fault("bad_encoding", self._url, error) from error

    def finish(self) -> bytes:
        """Return the whole body.

        Raises:
            FetchError: ``truncated``: the compressed stream has no end.
        """
        if self.wire_bytes and not self.is_cut and not all(each.done for each in self._decoders):
            raise fault("truncated", self._url, "compressed data has no end")
        return self._chunks[0] if len(self._chunks) == 1 else b"".join(self._chunks)

    def _push(self, data: bytes, layer: int) -> None:
        """Send bytes through the layers from this one on."""
        if layer == len(self._decoders):
            self._keep(data)
            return
        decoder = self._decoders[layer]
        by_ratio = max(RATIO_FLOOR_BYTES, int(self.wire_bytes * self._max_ratio))
        limit = min(self._max_bytes, by_ratio)
        while not self.is_cut:
            out = decoder.feed(data, limit - self._made[layer] + 1)
            data = b""
            self._made[layer] += len(out)
            if self._made[layer] > limit and not (self._cut and limit == self._max_bytes):
                kind = "too_large" if self._made[layer] > self._max_bytes else "bomb"
                raise fault(kind, self._url, f"{self.wire_bytes} bytes make more than {limit}")
            if out:
                self._push(out, layer + 1)
            if decoder.hungry:
                return

    def _keep(self, data: bytes) -> None:
        room = self._max_bytes - self._size
        if len(data) > room:  # only where the rest is to be cut off: see feed() and _push()
            data, self.is_cut = data[:room], True
        self._size += len(data)
        self._chunks.append(data)
