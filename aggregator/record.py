r"""The record as JSON: written byte for byte the same for the same article, read strictly.

The order of the keys is the order of the fields of :class:`~aggregator.types.Record`; letters stay
letters (UTF-8, never ``\uXXXX``); times are RFC 3339 with offset, UTC as ``Z``. A line of JSON
Lines is a header (``schema, seq, event, changed, at``) spliced before the record's own bytes, so
that stored records go out without being read or encoded again. No clock, no files, no network.
"""

import difflib
from collections.abc import Callable, Collection, Mapping
from datetime import datetime
from functools import lru_cache
from typing import Any, Final, get_args

import orjson

from aggregator.errors import ParseError
from aggregator.safe_xml import legal
from aggregator.types import (
    Change,
    CopyRef,
    Direction,
    Event,
    Image,
    Precision,
    Record,
    Related,
    SourceRef,
)

#: Rises only when a reader of the old form would break.
SCHEMA: Final = 1

_OPTIONS: Final = orjson.OPT_UTC_Z
_EVENTS: Final = {"new": b"new", "edited": b"edited", "deleted": b"deleted"}


def dumps(record: Record) -> bytes:
    """Return the record's JSON object, on one line, without the change header.

    Lone surrogates and control characters are left out: UTF-8 cannot carry the ones, and the
    others would have to be written as escapes.

    Raises:
        ValueError: a time has no offset; that is a fault of the caller, never of the data.
    """
    for name in ("published", "updated", "first_seen"):
        moment: datetime | None = getattr(record, name)
        if moment is not None and moment.tzinfo is None:
            raise ValueError(f"{name} of {record.id} has no offset")
    try:
        data = orjson.dumps(record, _plain, _OPTIONS)
    except orjson.JSONEncodeError:
        # Lone surrogates, or a subclass that orjson does not take: the slow way, through str.
        return orjson.dumps(_storable(record), _plain, _OPTIONS)
    if b"\\u00" in data:
        return orjson.dumps(_storable(record), _plain, _OPTIONS)
    return data


def line(
    *,
    seq: int,
    event: Event,
    changed: Collection[str] = (),
    at: datetime | str,
    id: str | None = None,  # noqa: A002 -- the key's name in the record
    record_json: bytes | None = None,
    reason: str | None = None,
) -> bytes:
    """Return one line of JSON Lines, line end included.

    Args:
        seq: the number of the change.
        event: what happened.
        changed: names of the fields that an edit changed.
        at: when it was recorded; a string is taken as written (RFC 3339 UTC).
        id: of a deleted article; otherwise it stands in the record.
        record_json: what :func:`dumps` returned for the article; None for a deleted one.
        reason: why it was deleted.
    """
    if record_json is None:
        head = {"schema": SCHEMA, "seq": seq, "event": event, "at": at, "id": id}
        return orjson.dumps(head | {"reason": reason}, option=_OPTIONS | orjson.OPT_APPEND_NEWLINE)
    names = _names(tuple(changed)) if changed else b"[]"
    head_json = b'{"schema":%d,"seq":%d,"event":"%b","changed":%b,"at":%b,' % (
        SCHEMA,
        seq,
        _EVENTS[event],
        names,
        orjson.dumps(at, option=_OPTIONS),
    )
    return b"".join((head_json, memoryview(record_json)[1:], b"\n"))


def dump_change(change: Change) -> bytes:
    """Return the change as one line of JSON Lines."""
    return line(
        seq=change.seq,
        event=change.event,
        changed=change.changed,
        at=change.at,
        id=change.id,
        record_json=None if change.record is None else dumps(change.record),
        reason=change.reason,
    )


def load(record_json: bytes | str) -> Record:
    """Return the record that :func:`dumps` wrote; keys with a default may be missing.

    The bytes are the program's own: only their shape is checked, not each value. Lines from
    elsewhere are for :func:`loads`.

    Raises:
        ParseError: not a record; names the key and what it must be.
    """
    try:
        return _trusted(_object(_decode(record_json)))
    except (AttributeError, KeyError, TypeError, ValueError):
        # An older form, or damage: the careful way knows the defaults, and names the key.
        return _record(_object(_decode(record_json)), known=())


def loads(text: bytes | str) -> Change:
    """Return the change that a line of JSON Lines tells.

    Raises:
        ParseError: not such a line; names the key and what it must be.
    """
    data = _object(_decode(text))
    head = read_fields({k: v for k, v in data.items() if k in _HEADER}, _HEADER)
    if data.get("schema") != SCHEMA:
        raise _wrong("schema", f"must be {SCHEMA}")
    for name in ("seq", "event", "at"):
        if name not in head:
            raise _wrong(name, "is missing")
    event: Event = head["event"]
    changed = head.get("changed", ())
    if event == "deleted":
        rest = {k: v for k, v in data.items() if k not in _HEADER or k == "reason"}
        fields = read_fields(rest, {"id": _text, "reason": _text_or_none})
        if "id" not in fields:
            raise _wrong("id", "is missing")
        return Change(seq=head["seq"], event=event, at=head["at"], **fields)
    record = _record(data, known=_HEADER)
    return Change(
        seq=head["seq"], event=event, at=head["at"], id=record.id, changed=changed, record=record
    )


def timestamp(moment: datetime) -> str:
    """Return the time in the form that records use: RFC 3339, UTC as ``Z``.

    >>> from datetime import UTC
    >>> timestamp(datetime(2025, 11, 7, 8, 30, tzinfo=UTC))
    '2025-11-07T08:30:00Z'
    """
    text = moment.isoformat()
    return text[:-6] + "Z" if text.endswith("+00:00") else text


def read_fields(
    data: Mapping[str, Any], readers: Mapping[str, Callable[[str, Any], Any]] | None = None
) -> dict[str, Any]:
    """Return the fields of a record that ``data`` holds, checked and in their Python types.

    Args:
        data: a JSON object; keys may be missing, none may be unknown.
        readers: key → reader; None: those of :class:`~aggregator.types.Record`.

    Raises:
        ParseError: names the key and what it must be.
    """
    readers = RECORD_FIELDS if readers is None else readers
    found = {}
    for key, value in data.items():
        reader = readers.get(key)
        if reader is None:
            near = difflib.get_close_matches(key, readers, n=1)
            raise _wrong(key, "is unknown" + (f", did you mean {near[0]}?" if near else ""))
        found[key] = reader(key, value)
    return found


def _trusted(data: dict[str, Any]) -> Record:
    """Return the record of a complete object; much faster than checking each value."""
    published, updated, source = data["published"], data["updated"], data["source"]
    data["published"] = datetime.fromisoformat(published) if published else None
    data["updated"] = datetime.fromisoformat(updated) if updated else None
    data["first_seen"] = datetime.fromisoformat(data["first_seen"])
    data["source"] = _source_ref(
        source["id"], source["name"], source["homepage"], source["country"], source["language"]
    )
    for name in ("paragraphs", "authors", "categories", "keywords"):
        data[name] = tuple(data[name])
    data["related"] = tuple(map(_related, data["related"])) if data["related"] else ()
    data["images"] = tuple([Image(**each) for each in data["images"]])
    data["also_in"] = tuple([CopyRef(**each) for each in data["also_in"]])
    return Record(**data)


@lru_cache(maxsize=4096)
def _source_ref(id_: str, name: str, homepage: str, country: str, language: str) -> SourceRef:
    # One object for all the articles of a source.
    return SourceRef(id=id_, name=name, homepage=homepage, country=country, language=language)


def _related(data: dict[str, Any]) -> Related:
    data["paragraphs"] = tuple(data["paragraphs"])
    return Related(**data)


def _record(data: Mapping[str, Any], known: Collection[str]) -> Record:
    fields = read_fields({k: v for k, v in data.items() if k not in known} if known else data)
    for name in REQUIRED:
        if name not in fields:
            raise _wrong(name, "is missing")
    return Record(**fields)


def _wrong(key: str, cause: str) -> ParseError:
    return ParseError("record cannot be read", f"key {key}", cause)


def _decode(text: bytes | str) -> Any:
    try:
        return orjson.loads(text)
    except orjson.JSONDecodeError as error:
        raise ParseError("record cannot be read", None, f"not JSON: {error}") from error


def _object(data: Any) -> dict[str, Any]:
    if not isinstance(data, dict):
        raise ParseError("record cannot be read", None, "must be a JSON object")
    return data


@lru_cache(maxsize=512)
def _names(changed: tuple[str, ...]) -> bytes:
    return orjson.dumps(changed)


def _plain(value: Any) -> Any:
    """Return what orjson can write for the types it does not know."""
    if isinstance(value, Mapping):
        return dict(value)
    if isinstance(value, str):
        return str(value)
    raise TypeError(f"{type(value).__name__} has no place in a record")


def _storable(value: Any) -> Any:
    if isinstance(value, str):
        return legal(value)
    if isinstance(value, Mapping):
        return {_storable(key): _storable(item) for key, item in value.items()}
    if isinstance(value, (tuple, list)):
        return [_storable(item) for item in value]
    if hasattr(value, "__dataclass_fields__"):
        return {name: _storable(getattr(value, name)) for name in value.__dataclass_fields__}
    return value


# Readers: key and JSON value in, checked Python value out.


def _text(key: str, value: Any) -> str:
    if not isinstance(value, str):
        raise _wrong(key, "must be a string")
    return value


def _text_or_none(key: str, value: Any) -> str | None:
    return None if value is None else _text(key, value)


def _texts(key: str, value: Any) -> tuple[str, ...]:
    if not isinstance(value, list) or not all(isinstance(item, str) for item in value):
        raise _wrong(key, "must be a list of strings")
    return tuple(value)


def _time(key: str, value: Any) -> datetime:
    try:
        moment = datetime.fromisoformat(value)
    except (TypeError, ValueError):
        moment = None
    if moment is None or moment.tzinfo is None:
        raise _wrong(key, "must be a time with offset (RFC 3339)")
    return moment


def _time_or_none(key: str, value: Any) -> datetime | None:
    return None if value is None else _time(key, value)


def _count(least: int) -> Callable[[str, Any], int]:
    def read(key: str, value: Any) -> int:
        if not isinstance(value, int) or isinstance(value, bool) or value < least:
            raise _wrong(key, f"must be a whole number from {least}")
        return value

    return read


def _size(key: str, value: Any) -> int | None:
    return None if value is None else _count(0)(key, value)


def _flag_or_none(key: str, value: Any) -> bool | None:
    if value is not None and not isinstance(value, bool):
        raise _wrong(key, "must be true, false or null")
    return value


def _choice(type_: Any, *, nullable: bool = False) -> Callable[[str, Any], Any]:
    allowed = get_args(type_) + ((None,) if nullable else ())
    words = ", ".join("null" if word is None else word for word in allowed)

    def read(key: str, value: Any) -> Any:
        # A list is not hashable and not in the tuple either: compare, do not look up.
        if not any(value == word for word in allowed):
            raise _wrong(key, f"must be one of {words}")
        return value

    return read


def _words(key: str, value: Any) -> dict[str, str]:
    if not isinstance(value, dict) or not all(isinstance(item, str) for item in value.values()):
        raise _wrong(key, "must be an object of strings")
    return value


def _thing(
    make: Callable[..., Any], readers: Mapping[str, Callable[[str, Any], Any]]
) -> Callable[[str, Any], Any]:
    def read(key: str, value: Any) -> Any:
        if not isinstance(value, dict):
            raise _wrong(key, "must be an object")
        fields = {}
        for name, item in value.items():
            reader = readers.get(name)
            if reader is None:
                raise _wrong(f"{key}.{name}", "is unknown")
            fields[name] = reader(f"{key}.{name}", item)
        try:
            return make(**fields)
        except TypeError:
            missing = [name for name in readers if name not in fields]
            raise _wrong(f"{key}.{missing[0]}", "is missing") from None

    return read


def _things(
    make: Callable[..., Any], readers: Mapping[str, Callable[[str, Any], Any]]
) -> Callable[[str, Any], Any]:
    read_one = _thing(make, readers)

    def read(key: str, value: Any) -> tuple[Any, ...]:
        if not isinstance(value, list):
            raise _wrong(key, "must be a list of objects")
        return tuple(read_one(f"{key}[{index}]", item) for index, item in enumerate(value))

    return read


_HEADER: Final[Mapping[str, Callable[[str, Any], Any]]] = {
    "schema": _count(1),
    "seq": _count(1),
    "event": _choice(Event),
    "changed": _texts,
    "at": _time,
}

#: Key of a record → its reader, in the order of the keys.
RECORD_FIELDS: Final[Mapping[str, Callable[[str, Any], Any]]] = {
    "id": _text,
    "url": _text,
    "title": _text,
    "published": _time_or_none,
    "published_precision": _choice(Precision, nullable=True),
    "published_origin": _text_or_none,
    "updated": _time_or_none,
    "first_seen": _time,
    "paragraphs": _texts,
    "html": _text,
    "summary": _text_or_none,
    "source": _thing(
        SourceRef, dict.fromkeys(("id", "name", "homepage", "country", "language"), _text)
    ),
    "authors": _texts,
    "categories": _texts,
    "keywords": _texts,
    "related": _things(
        Related,
        {"id": _text, "url": _text, "title": _text, "source": _text_or_none, "paragraphs": _texts},
    ),
    "images": _things(Image, {"url": _text, "width": _size, "height": _size, "alt": _text_or_none}),
    "language": _text,
    "direction": _choice(Direction),
    "credit": _text_or_none,
    "copy_of": _text_or_none,
    "also_in": _things(CopyRef, dict.fromkeys(("id", "source", "url"), _text)),
    "cluster": _text_or_none,
    "version": _count(1),
    "free_access": _flag_or_none,
    "origins": _words,
}

#: Keys without which there is no record.
REQUIRED: Final = ("id", "url", "title", "first_seen", "source", "language", "direction")
