"""JSON → record: the store's own bytes quickly, lines from elsewhere strictly."""

from collections.abc import Collection, Mapping
from datetime import datetime
from functools import lru_cache
from typing import Any

import orjson

from aggregator.errors import ParseError
from aggregator.record.fields import (
    HEADER_FIELDS,
    REQUIRED,
    SCHEMA,
    read_fields,
    read_text,
    read_text_or_none,
    wrong,
)
from aggregator.types import Change, CopyRef, Event, Image, Record, Related, SourceRef


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
    head = read_fields({k: v for k, v in data.items() if k in HEADER_FIELDS}, HEADER_FIELDS)
    if data.get("schema") != SCHEMA:
        raise wrong("schema", f"must be {SCHEMA}")
    for name in ("seq", "event", "at"):
        if name not in head:
            raise wrong(name, "is missing")
    event: Event = head["event"]
    changed = head.get("changed", ())
    if event == "deleted":
        rest = {k: v for k, v in data.items() if k not in HEADER_FIELDS or k == "reason"}
        fields = read_fields(rest, {"id": read_text, "reason": read_text_or_none})
        if "id" not in fields:
            raise wrong("id", "is missing")
        return Change(seq=head["seq"], event=event, at=head["at"], **fields)
    record = _record(data, known=HEADER_FIELDS)
    return Change(
        seq=head["seq"], event=event, at=head["at"], id=record.id, changed=changed, record=record
    )


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
            raise wrong(name, "is missing")
    return Record(**fields)


def _decode(text: bytes | str) -> Any:
    try:
        return orjson.loads(text)
    except orjson.JSONDecodeError as error:
        raise ParseError("record cannot be read", None, f"not JSON: {error}") from error


def _object(data: Any) -> dict[str, Any]:
    if not isinstance(data, dict):
        raise ParseError("record cannot be read", None, "must be a JSON object")
    return data
