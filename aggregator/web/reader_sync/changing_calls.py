"""Calls that change something: what is followed, what is read, what is starred."""

from collections.abc import Callable

from aggregator.store import reader_streams, readers
from aggregator.web.answers import Answer
from aggregator.web.asked import RefusedError
from aggregator.web.reader_sync import ids
from aggregator.web.reader_sync.call import FRESH, OK, Call, as_json
from aggregator.web.reader_sync.given import of_stream

#: What tags say of an article when they are put on it; taken away they say the opposite.
_READ = {"read": True, "kept-unread": False, "unread": False}


def edit_subscription(call: Call) -> Answer:
    """``subscription/edit``: follow, follow no longer, rename, put into a folder."""
    actions: dict[str, Callable[[Call, str], None]] = {
        "subscribe": _subscribe,
        "unsubscribe": _unsubscribe,
        "edit": _describe,
    }
    action = actions.get(call.given.text("ac"))
    if action is None:
        raise RefusedError(400, "not an action", f"ac={call.given.text('ac')[:40]}")
    named = call.given.lists.get("s", ())
    if not 0 < len(named) <= readers.MANY:
        raise RefusedError(400, "which source is not said", "s")
    found = [call.source(each) for each in named]
    for name, text in zip(found, named, strict=True):
        if name is None:
            raise RefusedError(404, "unknown source", text[:80])
        action(call, name)
    return OK


def _subscribe(call: Call, source_id: str) -> None:
    readers.follow(call.connection, call.reader.pk, [source_id], call.now - FRESH)
    _describe(call, source_id)


def _unsubscribe(call: Call, source_id: str) -> None:
    readers.unfollow(call.connection, call.reader.pk, [source_id])


def _describe(call: Call, source_id: str) -> None:
    values: dict[str, str | None] = {}
    if title := call.given.name("t"):
        values["title"] = title
    if call.given.text("r"):
        values["label"] = None
    if call.given.text("a"):
        values["label"] = _label(call, "a")
    readers.describe(call.connection, call.reader.pk, source_id, values)


def quick_add(call: Call) -> Answer:
    """``subscription/quickadd``: follow a source by any of its addresses."""
    text = call.given.text("quickadd")[:2000]
    name = call.source(text)
    if name is None:
        return as_json({"numResults": 0, "query": text, "error": "unknown source"})
    readers.follow(call.connection, call.reader.pk, [name], call.now - FRESH)
    stream = f"{ids.FEEDS}{name}"
    title = call.title(name)
    return as_json({"numResults": 1, "query": text, "streamId": stream, "streamName": title})


def rename_tag(call: Call) -> Answer:
    """``rename-tag``: another name for a folder."""
    old = _label(call, "s") if call.given.text("s") else call.given.name("t")
    new = _label(call, "dest")
    if old is None:
        raise RefusedError(400, "which folder is not said", "s")
    readers.relabel(call.connection, call.reader.pk, old, new)
    return OK


def disable_tag(call: Call) -> Answer:
    """``disable-tag``: take a folder away; what was in it stays."""
    old = _label(call, "s") if call.given.text("s") else call.given.name("t")
    if old is None:
        raise RefusedError(400, "which folder is not said", "s")
    readers.relabel(call.connection, call.reader.pk, old, None)
    return OK


def edit_tag(call: Call) -> Answer:
    """``edit-tag``: read, unread, starred, not starred. Other tags mean nothing here."""
    pks = reader_streams.existing(call.connection, call.given.items())
    said: dict[str, bool] = {}
    for name, is_put in (("r", False), ("a", True)):  # what is put on counts more
        for text in call.given.lists.get(name, ()):
            tag = ids.stream(text)
            if tag is None or tag.kind != "state":
                raise RefusedError(400, "articles have no such tags here", text[:60])
            if tag.value == "starred":
                said["is_starred"] = is_put
            elif tag.value in _READ:
                said["is_read"] = _READ[tag.value] is is_put
    if said:
        readers.mark(call.connection, call.reader.pk, pks, call.now, **said)
    return OK


def read_all(call: Call) -> Answer:
    """``mark-all-as-read``: of a stream, as far as it had come at ``ts``."""
    stream = call.given.stream()
    until = call.given.moment("ts") or call.now
    if stream.kind == "state" and stream.value != "reading-list":
        raise RefusedError(400, "not a stream of sources", stream.name[:60])
    sources = sorted(of_stream(stream, call.follows))
    readers.read_all(call.connection, call.reader.pk, sources, until, call.now)
    return OK


def _label(call: Call, parameter: str) -> str:
    value = call.given.name(parameter) or ""
    found = ids.stream(value)
    if found is None or found.kind != "label":
        raise RefusedError(400, "not a folder", f"{parameter}={value[:60]}")
    return found.value
