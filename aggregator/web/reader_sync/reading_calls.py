"""Calls that ask: who am I, what do I follow, what is there to read."""

from collections.abc import Iterable, Sequence
from typing import Any

from aggregator.store import browsing, reader_streams, readers
from aggregator.store.reader_streams import Item, Wanted
from aggregator.types import Record
from aggregator.web.answers import Answer
from aggregator.web.reader_sync import access, ids, items
from aggregator.web.reader_sync.call import Call, as_json, as_text
from aggregator.web.reader_sync.given import of_stream, wanted

#: Articles of a page with texts, and of one of names alone.
MOST_CONTENTS, MOST_IDS = 500, 10_000
#: Greatest count that apps show; beyond it they write "1000+".
_MOST_COUNT = 1_000_000


def user_info(call: Call) -> Answer:
    """``user-info``."""
    reader = call.reader
    number = str(reader.pk)
    return as_json(
        {
            "userId": number,
            "userName": reader.name,
            "userProfileId": number,
            "userEmail": "",
            "isBloggerUser": False,
            "signupTimeSec": int(reader.created.timestamp()),
        }
    )


def token(call: Call) -> Answer:
    """``token``: what changes carry."""
    return as_text(access.change_token(call.reader, call.now))


def tags(call: Call) -> Answer:
    """``tag/list``: the stars, and the folders."""
    names = [{"id": f"{ids.STATES}starred"}]
    names += [{"id": f"{ids.LABELS}{label}", "type": "folder"} for label in call.labels()]
    return as_json({"tags": names})


def subscriptions(call: Call) -> Answer:
    """``subscription/list``."""
    return as_json({"subscriptions": [_subscription(call, name) for name in call.feeds]})


def _subscription(call: Call, source_id: str) -> dict[str, Any]:
    source, label = call.sources.get(source_id), call.follows[source_id].label
    folder = {"id": f"{ids.LABELS}{label}", "label": label, "type": "folder"}
    return {
        "id": f"{ids.FEEDS}{source_id}",
        "title": call.title(source_id),
        "categories": [folder] if label else [],
        "url": f"{call.base}/feeds/source/{source_id}.rss",
        "htmlUrl": source.homepage if source else "",
        "iconUrl": "",
    }


def unread_counts(call: Call) -> Answer:
    """``unread-count``: of each source, each folder, and of all."""
    asked = Wanted(having=frozenset({"unread"}))
    counts = reader_streams.count(call.connection, call.reader.pk, call.follows, asked)
    found = [_count(f"{ids.FEEDS}{name}", [counts[name]]) for name in call.feeds if name in counts]
    for label in call.labels():
        own = of_stream(ids.Stream("label", label), call.follows)
        parts = [counts[name] for name in sorted(own) if name in counts]
        if parts:
            found.append(_count(f"{ids.LABELS}{label}", parts))
    if counts:
        found.append(_count(f"{ids.STATES}reading-list", list(counts.values())))
    return as_json({"max": _MOST_COUNT, "unreadcounts": found})


def _count(name: str, parts: Sequence[tuple[int, Any]]) -> dict[str, Any]:
    newest = max(moment for _, moment in parts)
    return {
        "id": name,
        "count": sum(number for number, _ in parts),
        "newestItemTimestampUsec": f"{int(newest.timestamp())}{newest.microsecond:06}",
    }


def item_ids(call: Call) -> Answer:
    """``stream/items/ids``: a page of names, with when each arrived."""
    page, following = _page(call, call.given.number("n", 20, MOST_IDS))
    found: dict[str, Any] = {
        "itemRefs": [
            {
                "id": str(each.pk),
                "directStreamIds": [f"{ids.FEEDS}{each.source_id}"],
                "timestampUsec": (
                    f"{int(each.first_seen.timestamp())}{each.first_seen.microsecond:06}"
                ),
            }
            for each in page
        ]
    }
    return as_json(found | ({"continuation": following} if following else {}))


def item_count(call: Call) -> Answer:
    """``stream/items/count``."""
    asked = wanted(call.given, call.given.stream(), call.follows)
    counts = reader_streams.count(call.connection, call.reader.pk, call.follows, asked)
    return as_text(str(sum(number for number, _ in counts.values())))


def contents(call: Call) -> Answer:
    """``stream/contents``: a page of articles."""
    page, following = _page(call, call.given.number("n", 20, MOST_CONTENTS))
    name = _stream(call).name
    found: dict[str, Any] = {
        "direction": "rtl",
        "id": name,
        "title": _title(call),
        "self": [{"href": f"{call.base}/reader/api/0/stream/contents/{name}"}],
        "updated": int(max((each.first_seen for each in page), default=call.now).timestamp()),
        "items": [
            items.as_json(pk, record, mark, follow)
            for pk, record, mark, follow in _articles(call, [each.pk for each in page])
        ],
    }
    return as_json(found | ({"continuation": following} if following else {}))


def items_contents(call: Call) -> Answer:
    """``stream/items/contents``: the articles that are named."""
    pks = list(dict.fromkeys(call.given.items()))
    return as_json(
        {
            "direction": "rtl",
            "id": f"{ids.STATES}reading-list",
            "title": call.reader.name,
            "self": [{"href": f"{call.base}/reader/api/0/stream/items/contents"}],
            "updated": int(call.now.timestamp()),
            "items": [items.as_json(*each) for each in _articles(call, pks)],
        }
    )


def atom(call: Call) -> Answer:
    """``/reader/atom/STREAM``: the same as ``stream/contents`` as an Atom document."""
    page, following = _page(call, call.given.number("n", 20, MOST_CONTENTS))
    updated = max((each.first_seen for each in page), default=call.now)
    body = items.atom_head(_stream(call).name, _title(call), updated, following)
    body += b"".join(items.as_atom(*each) for each in _articles(call, [each.pk for each in page]))
    return Answer(body=body + b"</feed>\n", content_type=items.ATOM, cache=access.PRIVATE)


def preferences(call: Call) -> Answer:
    """``preference/list`` and ``preference/stream/list``: nothing to prefer."""
    return as_json({"prefs": []} if call.path.endswith("preference/list") else {"streamprefs": {}})


def _stream(call: Call) -> ids.Stream:
    if not call.path and not call.given.text("s"):
        return ids.Stream("state", "reading-list")
    found = ids.stream(call.path) if call.path else None
    return found or call.given.stream()


def _title(call: Call) -> str:
    stream = _stream(call)
    return call.title(stream.value) if stream.kind == "feed" else stream.value


def _page(call: Call, number: int) -> tuple[list[Item], str | None]:
    """Return a page and what the next one is asked for with."""
    asked = wanted(call.given, _stream(call), call.follows)
    found = reader_streams.items(call.connection, call.reader.pk, call.follows, asked, number + 1)
    page = found[:number]
    return page, str(page[-1].pk) if len(found) > number else None


def _articles(
    call: Call, pks: Sequence[int]
) -> Iterable[tuple[int, Record, readers.Mark | None, readers.Follow | None]]:
    """Return these articles as far as they are there, with what was said of them."""
    records = browsing.records(call.connection, pks, living=True)
    marks = readers.marked(call.connection, call.reader.pk, pks)
    for pk in pks:
        if pk in records:
            record = records[pk]
            yield pk, record, marks.get(pk), call.follows.get(record.source.id)
