"""Record → JSON: the same bytes for the same article, and lines spliced from stored bytes."""

from collections.abc import Collection, Mapping
from datetime import datetime
from functools import lru_cache
from typing import Any, Final

import orjson

from aggregator.record.fields import SCHEMA
from aggregator.safe_xml import legal
from aggregator.types import Change, Event, Record

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


def timestamp(moment: datetime) -> str:
    """Return the time in the form that records use: RFC 3339, UTC as ``Z``.

    >>> from datetime import UTC
    >>> timestamp(datetime(2025, 11, 7, 8, 30, tzinfo=UTC))
    '2025-11-07T08:30:00Z'
    """
    text = moment.isoformat()
    return text[:-6] + "Z" if text.endswith("+00:00") else text


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
