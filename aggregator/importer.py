"""Files to import, read strictly: text cards or JSON Lines, a whole file or nothing.

Which of the two a file is, its content tells. What comes out is checked (types, addresses, times)
and safe (legal characters, allow-listed HTML), but not yet an article of the store: ids are kept
where the file has them, sources are matched with :func:`source_of`, and :func:`record` fills what a
card cannot know. No store, no clock.
"""

import hashlib
import uuid
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from pathlib import Path
from typing import Any, Final
from urllib.parse import urlsplit

import orjson

from aggregator import cards, language, sanitize
from aggregator.arabic import direction, fold
from aggregator.errors import ImportFileError, ParseError
from aggregator.record import RECORD_FIELDS, SCHEMA, loads, read_fields
from aggregator.safe_xml import legal
from aggregator.types import Event, Record, Related, Source, SourceRef

#: Namespace of the ids that cards get: the same card has the same id in every store.
NAMESPACE: Final = uuid.UUID("c1f3c5f2-6e39-5a0e-9c43-0d8a51b6b7e4")

_HEADER: Final = frozenset({"schema", "seq", "event", "changed", "at"})
_ADDRESSES: Final = frozenset({"http", "https", "urn"})


@dataclass(frozen=True, slots=True, kw_only=True)
class Imported:
    """One article, or the end of one, as a file tells it.

    Attributes:
        where: ``path:line``, for messages.
        event: ``deleted`` has an id and nothing else.
        id: None where the file gives none.
        source: with as much as the file says; an id or a name, or neither for a card without one.
        fields: the other fields of the record that the file has, checked, in their Python types.
    """

    where: str
    event: Event = "new"
    id: str | None = None
    reason: str | None = None
    source: SourceRef | None = None
    fields: Mapping[str, Any] = field(default_factory=dict)


def read_file(path: Path | str) -> list[Imported]:
    """Return what the file holds.

    Raises:
        ImportFileError: the file cannot be read or any part of it is damaged; the identity is
            ``path:line``.
    """
    return list(iterate(path))


def iterate(path: Path | str) -> Iterator[Imported]:
    """Yield what the file holds, for files too long for memory; see :func:`read_file`.

    Whoever stores what comes must be able to take it back: damage may come at the last line.
    """
    path = Path(path)
    try:
        with path.open("rb") as stream:
            first = _first_line(stream)
            stream.seek(0)
            if first is None:
                raise ImportFileError("nothing to import", path, "the file is empty")
            if first.startswith(b"{"):
                yield from _lines(stream, path)
            else:
                yield from _cards(stream.read(), path)
    except OSError as error:
        raise ImportFileError("file cannot be read", path, error.strerror) from error


def source_of(imported: Imported, sources: Mapping[str, Source]) -> Source:
    """Return the source of the catalogue that is meant, or one made from what the file says.

    Found by id, else by name under the identity fold.

    Args:
        imported: what :func:`read_file` returned.
        sources: the catalogue, by id.
    """
    ref = imported.source
    if ref is None:
        return _stranger(SourceRef(id="", name="", homepage="", country="", language=""), imported)
    if ref.id in sources:
        return sources[ref.id]
    name = fold(ref.name, "identity")
    for source in sources.values():
        if name and name in {fold(source.name, "identity"), fold(source.name_en or "", "identity")}:
            return source
    return _stranger(ref, imported)


def record(imported: Imported, source: Source, now: datetime) -> Record:
    """Return the record; what the file does not say is derived, ``first_seen`` is ``now``.

    Args:
        imported: not a deletion.
        source: from :func:`source_of`.
        now: the caller's clock, UTC.
    """
    fields = dict(imported.fields)
    title: str = fields["title"]
    paragraphs: tuple[str, ...] = fields.get("paragraphs") or ()
    html: str = fields.get("html") or ""
    if html and not paragraphs:
        paragraphs = sanitize.paragraphs(html)
    sample = "\n".join((title, *paragraphs))
    id_ = imported.id or _id(source.id, title, fields.get("published"))
    derived: dict[str, Any] = {
        "url": id_,  # No address is known: the name of the article opens nothing, but is unique.
        "first_seen": now,
        "language": language.detect(sample, source.language or None) or source.language or "und",
        "direction": direction(sample),
    }
    ref = SourceRef(
        id=source.id,
        name=source.name,
        homepage=source.homepage,
        country=source.country,
        language=source.language or derived["language"],
    )
    fixed: dict[str, Any] = {
        "id": id_,
        "source": ref,
        "paragraphs": paragraphs,
        "html": html or sanitize.from_paragraphs(paragraphs),
    }
    return Record(**(derived | fields | fixed))


# Text cards


def _cards(data: bytes, path: Path) -> Iterator[Imported]:
    for card in cards.parse(_decode(data, path), path=path):
        moment = card.published
        fields: dict[str, Any] = {
            "title": card.title,
            "paragraphs": card.paragraphs,
            "keywords": card.keywords,
            "related": tuple(_related(title, texts) for title, texts in card.related),
            "origins": {"title": "card", "paragraphs": "card"},
        }
        if moment:
            fields |= {
                "published": moment.value,
                "published_precision": moment.precision,
                "published_origin": moment.origin,
            }
        source = None
        if card.source:
            source = SourceRef(id="", name=card.source, homepage="", country="", language="")
        yield Imported(where=f"{path}:{card.line}", source=source, fields=fields)


def _related(title: str, paragraphs: tuple[str, ...]) -> Related:
    text = fold("\n".join((title, *paragraphs)), "identity")
    id_ = f"urn:uuid:{uuid.uuid5(NAMESPACE, text)}"
    return Related(id=id_, url=id_, title=title, paragraphs=paragraphs)


def _id(source: str, title: str, published: datetime | None) -> str:
    day = f"{published:%Y-%m-%d}" if published else ""
    return f"urn:uuid:{uuid.uuid5(NAMESPACE, ' '.join((source, day, fold(title, 'identity'))))}"


def _stranger(ref: SourceRef, imported: Imported) -> Source:
    """Return a source that the catalogue does not know, the same one for the same name."""
    name = fold(ref.name, "identity")
    digest = hashlib.blake2b(name.encode("utf-8", "replace"), digest_size=5).hexdigest()
    spoken = ref.language
    if not spoken:
        texts = (imported.fields.get("title", ""), *imported.fields.get("paragraphs", ()))
        spoken = language.detect("\n".join(texts)) or "und"
    return Source(
        id=ref.id or f"import-{digest}",
        name=ref.name,
        homepage=ref.homepage,
        country=ref.country,
        language=spoken,
        seeds=(),
        enabled=False,
    )


# JSON Lines


def _lines(stream: Any, path: Path) -> Iterator[Imported]:
    for number, line in enumerate(stream, 1):
        text = _decode(line, path, number)
        if not text.strip():
            continue
        where = f"{path}:{number}"
        try:
            yield _line(text, where)
        except ParseError as error:
            parts = [str(part) for part in (error.identity, error.cause) if part]
            raise ImportFileError("line is damaged", where, ": ".join(parts)) from error


def _line(text: str, where: str) -> Imported:
    try:
        data = orjson.loads(text)
    except orjson.JSONDecodeError as error:
        raise ParseError("record cannot be read", None, f"not JSON: {error}") from error
    if not isinstance(data, dict):
        raise ParseError("record cannot be read", None, "must be a JSON object")
    if data.get("schema", SCHEMA) != SCHEMA:
        raise ParseError("record cannot be read", "key schema", f"must be {SCHEMA}")
    if data.get("event") == "deleted":
        change = loads(text)
        return Imported(where=where, event="deleted", id=change.id, reason=change.reason)
    if "seq" in data:
        change = loads(text)
        assert change.record is not None  # noqa: S101 -- loads() promises it for these events
        return _checked(where, change.event, _fields(change.record))
    body = {key: value for key, value in data.items() if key not in _HEADER}
    source = _partial_source(body.pop("source", None))
    return _checked(where, "new", read_fields(body) | {"source": source})


def _fields(of: Record) -> dict[str, Any]:
    return {name: getattr(of, name) for name in RECORD_FIELDS}


def _partial_source(value: Any) -> SourceRef | None:
    """Return the source of a line that other programs wrote: a name, or an object with gaps."""
    if isinstance(value, str):
        value = {"name": value}
    if not isinstance(value, dict) or not (value.get("id") or value.get("name")):
        raise ParseError("record cannot be read", "key source", "must have an id or a name")
    empty = dict.fromkeys(("id", "name", "homepage", "country", "language"), "")
    ref: SourceRef = read_fields({"source": empty | value})["source"]
    return ref if ref.name else replace(ref, name=ref.id)


def _checked(where: str, event: Event, fields: dict[str, Any]) -> Imported:
    """Return the fields with safe content, or say which one can never be stored."""
    if not fields.get("title", "").strip():
        raise ParseError("record cannot be read", "key title", "must not be empty")
    if (fields.get("published") is None) != (fields.get("published_precision") is None):
        raise ParseError(
            "record cannot be read", "key published_precision", "must come with published"
        )
    base = fields.get("url")
    for key, url in _addresses(fields):
        parts = _split(url)
        if parts is None or parts[0] not in _ADDRESSES or not parts[1]:
            raise ParseError("record cannot be read", f"key {key}", "must be an http(s) address")
    safe = {key: _legal(value) for key, value in fields.items()}
    if safe.get("html"):
        safe["html"] = sanitize.clean(safe["html"], base_url=base)
    id_, source = safe.pop("id", None), safe.pop("source", None)
    return Imported(where=where, event=event, id=id_, source=source, fields=safe)


def _addresses(fields: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    if "url" in fields:
        yield "url", fields["url"]
    for name in ("related", "images", "also_in"):
        for index, each in enumerate(fields.get(name, ())):
            yield f"{name}[{index}].url", each.url
    source = fields.get("source")
    if source and source.homepage:
        yield "source.homepage", source.homepage


def _split(url: str) -> tuple[str, str] | None:
    try:
        parts = urlsplit(url)
    except ValueError:
        return None
    return parts.scheme, parts.netloc or (parts.path if parts.scheme == "urn" else "")


def _legal(value: Any) -> Any:
    """Return the value with legal characters only, all the way down."""
    if isinstance(value, str):
        return legal(value)
    if isinstance(value, tuple):
        return tuple(map(_legal, value))
    if isinstance(value, dict):
        return {_legal(key): _legal(item) for key, item in value.items()}
    if hasattr(value, "__dataclass_fields__"):
        names = value.__dataclass_fields__
        return replace(value, **{name: _legal(getattr(value, name)) for name in names})
    return value


# Bytes


def _first_line(stream: Any) -> bytes | None:
    for line in stream:
        if stripped := line.removeprefix(b"\xef\xbb\xbf").strip():
            return bytes(stripped)
    return None


def _decode(data: bytes, path: Path, number: int = 1) -> str:
    """Return the text of the bytes; damage is named by its line."""
    try:
        text = data.decode("utf-8")
    except UnicodeDecodeError as error:
        line = number + data.count(b"\n", 0, error.start)
        raise ImportFileError("file is not UTF-8", f"{path}:{line}", error.reason) from error
    nul = text.find("\x00")
    if nul >= 0:
        line = number + text.count("\n", 0, nul)
        raise ImportFileError("file is damaged", f"{path}:{line}", "it holds NUL bytes")
    return text.removeprefix("\ufeff")
