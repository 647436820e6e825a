"""One page as one gzip member: a response record, or a revisit record for a known payload."""

import hashlib
import re
from base64 import b32encode
from dataclasses import dataclass
from datetime import UTC, datetime
from io import BytesIO
from typing import Final

from aggregator import __version__
from aggregator.types import Page

_TOKEN: Final = re.compile(r"[!#$%&'*+.^_`|~0-9A-Za-z-]+")  # RFC 9110 §5.6.2
_CONTROLS: Final = re.compile(r"[\x00-\x20\x7f]+")
#: Headers that do not fit a body that was decompressed and put together.
OF_THE_WIRE: Final = frozenset({"content-encoding", "transfer-encoding", "content-length"})
SOURCE: Final = "Aggregator-Source"
REQUESTED: Final = "Aggregator-Requested"
REDIRECT: Final = "Aggregator-Redirect"


@dataclass(frozen=True, slots=True, kw_only=True)
class Position:
    """A place in an archive: resume with it after a stop."""

    file: str
    offset: int


@dataclass(slots=True)
class Known:
    """Where a payload was first kept."""

    url: str
    date: str
    file: str
    offset: int


def digest_of(body: bytes) -> str:
    """Return the name of a payload as WARC writes it."""
    return "sha1:" + b32encode(hashlib.sha1(body, usedforsecurity=False).digest()).decode()


def clean(text: str) -> str:
    """Return an address that breaks neither a header nor a line of the index."""
    return _CONTROLS.sub("%20", text.encode("utf-8", "replace").decode())


def page_record(
    page: Page, source_id: str, date: datetime, digest: str, known: Known | None
) -> bytes:
    """Return a response record, or a revisit record if the payload is known, as a gzip member."""
    from warcio.statusandheaders import StatusAndHeaders
    from warcio.warcwriter import WARCWriter

    pairs = [
        (name, " ".join(value.split()))
        for name, value in page.headers.items()
        if name.lower() not in OF_THE_WIRE and _TOKEN.fullmatch(name)
    ]
    pairs.append(("content-length", str(len(page.body))))
    http = StatusAndHeaders(f"{page.status} X", pairs, protocol="HTTP/1.1")
    extra = {"WARC-Date": warc_date(date), "WARC-Payload-Digest": digest, SOURCE: source_id}
    if page.requested and page.requested != page.url:
        extra[REQUESTED] = clean(page.requested)
    if page.redirects:
        extra[REDIRECT] = " ".join(map(clean, page.redirects))
    out = BytesIO()
    writer = WARCWriter(out, gzip=True, warc_version="1.1")
    if known is None:
        record = writer.create_warc_record(
            clean(page.url),
            "response",
            payload=BytesIO(page.body),
            length=len(page.body),  # without, it makes a temporary file and leaves it open
            http_headers=http,
            warc_headers_dict=extra,
        )
    else:
        record = writer.create_revisit_record(
            clean(page.url),
            digest,
            known.url,
            known.date,
            http_headers=http,
            warc_headers_dict=extra,
        )
    writer.write_record(record)
    return out.getvalue()


def file_record(name: str) -> bytes:
    """Return the record that a file begins with, as a gzip member."""
    from warcio.warcwriter import WARCWriter

    out = BytesIO()
    writer = WARCWriter(out, gzip=True, warc_version="1.1")
    info = {"software": f"aggregator/{__version__}", "format": "WARC File Format 1.1"}
    writer.write_record(writer.create_warcinfo_record(name, info))
    return out.getvalue()


def warc_date(date: datetime) -> str:
    """Return a time as WARC writes it: UTC, whole seconds."""
    return date.astimezone(UTC).isoformat(timespec="seconds").replace("+00:00", "Z")
