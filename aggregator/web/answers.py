"""An answer: the document, and all headers that do not depend on who asks.

``Prepared`` holds each answer as bytes ready to send: whole, compressed, or "you have it" (304).
"""

import gzip
from dataclasses import dataclass, field
from datetime import datetime
from functools import cached_property

from aggregator.web import conditional

HTML = "text/html; charset=utf-8"
JSON = "application/json; charset=utf-8"
#: Smaller bodies are sent as they are: the headers weigh more.
_LEAST_GZIP = 600
Headers = list[tuple[bytes, bytes]]


@dataclass(frozen=True, kw_only=True)
class Answer:
    """A document as a resource gives it.

    Attributes:
        modified: when what it shows last changed; None where nobody can say.
        cache: ``Cache-Control``.
        vary: request headers that it depends on, beside Accept-Encoding.
        headers: further ones.
        lasts_s: how long it may be kept by us while the store does not change; None: for ever.
    """

    body: bytes
    content_type: str
    status: int = 200
    modified: datetime | None = None
    cache: str = "no-cache"
    vary: tuple[str, ...] = ()
    headers: tuple[tuple[str, str], ...] = ()
    lasts_s: float | None = None


@dataclass
class Prepared:
    """An answer in the forms in which it is sent."""

    answer: Answer
    security: Headers
    tag: str = field(init=False)

    def __post_init__(self) -> None:
        self.tag = conditional.etag(self.answer.body)

    @cached_property
    def size_bytes(self) -> int:
        """What it weighs in memory, both forms."""
        return len(self.answer.body) * 4 // 3 + 2000

    @cached_property
    def _shared(self) -> Headers:
        answer = self.answer
        pairs = [("cache-control", answer.cache), ("etag", self.tag)]
        if answer.modified is not None:
            pairs.append(("last-modified", conditional.http_date(answer.modified)))
        pairs.append(("vary", ", ".join(("Accept-Encoding", *answer.vary))))
        pairs += answer.headers
        return [(name.encode(), _latin(value)) for name, value in pairs] + self.security

    @cached_property
    def _gzipped(self) -> bytes | None:
        if len(self.answer.body) < _LEAST_GZIP:
            return None
        packed = gzip.compress(self.answer.body, 5, mtime=0)
        return packed if len(packed) < len(self.answer.body) else None

    @cached_property
    def whole(self) -> tuple[int, Headers, bytes]:
        """Return status, headers and body as they are."""
        return self._form(self.answer.body, None)

    @cached_property
    def compressed(self) -> tuple[int, Headers, bytes]:
        """Return status, headers and body for who takes gzip."""
        packed = self._gzipped
        return self.whole if packed is None else self._form(packed, b"gzip")

    @cached_property
    def unchanged(self) -> tuple[int, Headers, bytes]:
        """Return the 304."""
        return (304, self._shared, b"")

    def _form(self, body: bytes, encoding: bytes | None) -> tuple[int, Headers, bytes]:
        own: Headers = [
            (b"content-type", self.answer.content_type.encode()),
            (b"content-length", str(len(body)).encode()),
        ]
        if encoding:
            own.append((b"content-encoding", encoding))
        return (self.answer.status, own + self._shared, body)

    def choose(self, headers: "dict[bytes, bytes]") -> tuple[int, Headers, bytes]:
        """Return the form that a request (headers by lower-case name) is answered with."""
        tag, since = headers.get(b"if-none-match"), headers.get(b"if-modified-since")
        if (
            (tag is not None or since is not None)
            and self.answer.status == 200
            and conditional.not_modified(
                self.tag,
                self.answer.modified,
                if_none_match=None if tag is None else tag.decode("latin-1"),
                if_modified_since=None if since is None else since.decode("latin-1"),
            )
        ):
            return self.unchanged
        takes = headers.get(b"accept-encoding")
        if takes is not None and conditional.accepts_gzip(takes.decode("latin-1")):
            return self.compressed
        return self.whole


def _latin(value: str) -> bytes:
    """Return a header value as bytes; what could end the header early is left out."""
    return value.replace("\r", "").replace("\n", "").encode("latin-1", "ignore")
