"""The fields of a record, one reader each: a JSON value in, a checked Python value out.

Readers raise :class:`~aggregator.errors.ParseError` that names the key and what it must be.
"""

import difflib
from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any, Final, get_args

from aggregator.errors import ParseError
from aggregator.types import CopyRef, Direction, Event, Image, Precision, Related, SourceRef

#: Rises only when a reader of the old form would break.
SCHEMA: Final = 1

Reader = Callable[[str, Any], Any]


def read_fields(
    data: Mapping[str, Any], readers: Mapping[str, Reader] | None = None
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
            raise wrong(key, "is unknown" + (f", did you mean {near[0]}?" if near else ""))
        found[key] = reader(key, value)
    return found


def wrong(key: str, cause: str) -> ParseError:
    """Return the error that says which key is wrong, and what it must be."""
    return ParseError("record cannot be read", f"key {key}", cause)


def read_text(key: str, value: Any) -> str:
    """Return the string."""
    if not isinstance(value, str):
        raise wrong(key, "must be a string")
    return value


def read_text_or_none(key: str, value: Any) -> str | None:
    """Return the string, or None for null."""
    return None if value is None else read_text(key, value)


def _texts(key: str, value: Any) -> tuple[str, ...]:
    if not isinstance(value, list) or not all(isinstance(item, str) for item in value):
        raise wrong(key, "must be a list of strings")
    return tuple(value)


def _time(key: str, value: Any) -> datetime:
    try:
        moment = datetime.fromisoformat(value)
    except (TypeError, ValueError):
        moment = None
    if moment is None or moment.tzinfo is None:
        raise wrong(key, "must be a time with offset (RFC 3339)")
    return moment


def _time_or_none(key: str, value: Any) -> datetime | None:
    return None if value is None else _time(key, value)


def _count(least: int) -> Callable[[str, Any], int]:
    def read(key: str, value: Any) -> int:
        if not isinstance(value, int) or isinstance(value, bool) or value < least:
            raise wrong(key, f"must be a whole number from {least}")
        return value

    return read


def _size(key: str, value: Any) -> int | None:
    return None if value is None else _count(0)(key, value)


def _flag_or_none(key: str, value: Any) -> bool | None:
    if value is not None and not isinstance(value, bool):
        raise wrong(key, "must be true, false or null")
    return value


def _choice(type_: Any, *, nullable: bool = False) -> Reader:
    allowed = get_args(type_) + ((None,) if nullable else ())
    words = ", ".join("null" if word is None else word for word in allowed)

    def read(key: str, value: Any) -> Any:
        # A list is not hashable and not in the tuple either: compare, do not look up.
        if not any(value == word for word in allowed):
            raise wrong(key, f"must be one of {words}")
        return value

    return read


def _words(key: str, value: Any) -> dict[str, str]:
    if not isinstance(value, dict) or not all(isinstance(item, str) for item in value.values()):
        raise wrong(key, "must be an object of strings")
    return value


def _thing(make: Callable[..., Any], readers: Mapping[str, Reader]) -> Reader:
    def read(key: str, value: Any) -> Any:
        if not isinstance(value, dict):
            raise wrong(key, "must be an object")
        fields = {}
        for name, item in value.items():
            reader = readers.get(name)
            if reader is None:
                raise wrong(f"{key}.{name}", "is unknown")
            fields[name] = reader(f"{key}.{name}", item)
        try:
            return make(**fields)
        except TypeError:
            missing = [name for name in readers if name not in fields]
            raise wrong(f"{key}.{missing[0]}", "is missing") from None

    return read


def _things(make: Callable[..., Any], readers: Mapping[str, Reader]) -> Reader:
    read_one = _thing(make, readers)

    def read(key: str, value: Any) -> tuple[Any, ...]:
        if not isinstance(value, list):
            raise wrong(key, "must be a list of objects")
        return tuple(read_one(f"{key}[{index}]", item) for index, item in enumerate(value))

    return read


HEADER_FIELDS: Final[Mapping[str, Reader]] = {
    "schema": _count(1),
    "seq": _count(1),
    "event": _choice(Event),
    "changed": _texts,
    "at": _time,
}

#: Key of a record → its reader, in the order of the keys.
RECORD_FIELDS: Final[Mapping[str, Reader]] = {
    "id": read_text,
    "url": read_text,
    "title": read_text,
    "published": _time_or_none,
    "published_precision": _choice(Precision, nullable=True),
    "published_origin": read_text_or_none,
    "updated": _time_or_none,
    "first_seen": _time,
    "paragraphs": _texts,
    "html": read_text,
    "summary": read_text_or_none,
    "source": _thing(
        SourceRef, dict.fromkeys(("id", "name", "homepage", "country", "language"), read_text)
    ),
    "authors": _texts,
    "categories": _texts,
    "keywords": _texts,
    "related": _things(
        Related,
        {
            "id": read_text,
            "url": read_text,
            "title": read_text,
            "source": read_text_or_none,
            "paragraphs": _texts,
        },
    ),
    "images": _things(
        Image, {"url": read_text, "width": _size, "height": _size, "alt": read_text_or_none}
    ),
    "language": read_text,
    "direction": _choice(Direction),
    "credit": read_text_or_none,
    "copy_of": read_text_or_none,
    "also_in": _things(CopyRef, dict.fromkeys(("id", "source", "url"), read_text)),
    "cluster": read_text_or_none,
    "version": _count(1),
    "free_access": _flag_or_none,
    "origins": _words,
}

#: Keys without which there is no record.
REQUIRED: Final = ("id", "url", "title", "first_seen", "source", "language", "direction")
