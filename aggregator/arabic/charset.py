"""Bytes to text, by evidence first and by labels second."""

import codecs
import re
from dataclasses import dataclass

_CHARSET = re.compile(r"""charset\s*=\s*["']?\s*([\w.:-]+)""", re.IGNORECASE)
_XML = re.compile(rb"""^\s*<\?xml[^>]{0,200}encoding\s*=\s*["']([\w.:-]+)""")
_META = re.compile(rb"""<meta[^>]{0,300}charset\s*=\s*["']?\s*([\w.:-]+)""", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Decoded:
    """Decoded text.

    Attributes:
        text: without a byte order mark; U+FFFD only where bytes have no meaning.
        encoding: name of the encoding used, lower case, as the WHATWG Encoding Standard spells it.
        repaired: whether a label was overruled or damaged bytes were mended.
    """

    text: str
    encoding: str
    repaired: bool


def _label(value: str | None) -> str | None:
    if not value:
        return None
    found = _CHARSET.search(value)
    name = (found[1] if found else value).strip().strip("\"'").lower()
    name = {"iso-8859-1": "windows-1252", "latin1": "windows-1252", "us-ascii": "windows-1252"}.get(
        name, name
    )
    try:
        codec = codecs.lookup(name).name
    except (LookupError, ValueError):
        return None
    return codec.replace("cp125", "windows-125").replace("iso8859-", "iso-8859-")


def decode(
    body: bytes,
    header: str | None = None,
    meta: str | None = None,
    xml_declaration: str | None = None,
    country: str | None = None,
) -> Decoded:
    """Return ``body`` as text."""
    for mark, name in (
        (b"\xef\xbb\xbf", "utf-8"),
        (b"\xff\xfe", "utf-16-le"),
        (b"\xfe\xff", "utf-16-be"),
    ):
        if body.startswith(mark):
            return Decoded(body[len(mark) :].decode(name, "replace"), name, repaired=False)
    if meta is None and (found := _META.search(body[:4096])):
        meta = found[1].decode("ascii", "replace")
    if xml_declaration is None and (found := _XML.search(body[:1024])):
        xml_declaration = found[1].decode("ascii", "replace")
    labels = [label for raw in (header, xml_declaration, meta) if (label := _label(raw))]
    try:
        return Decoded(
            body.decode("utf-8"), "utf-8", repaired=bool(labels) and labels[0] != "utf-8"
        )
    except UnicodeDecodeError as error:
        if error.start > 0.98 * len(body) or len(
            body.decode("utf-8", "replace").encode()
        ) < 1.1 * len(body):
            return Decoded(body.decode("utf-8", "replace"), "utf-8", repaired=True)
    for label in (*labels, "windows-1256"):
        if label in {"utf-8", "windows-1252"}:
            continue
        try:
            return Decoded(body.decode(label), label, repaired=False)
        except (UnicodeDecodeError, LookupError):
            continue
    return Decoded(body.decode("windows-1256", "replace"), "windows-1256", repaired=True)
