"""What an app gave with a call: its parameters, checked, and what they ask for."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime

from aggregator.store.reader_streams import State, Wanted
from aggregator.store.readers import Follow
from aggregator.web.asked import RefusedError
from aggregator.web.reader_sync import ids

#: Articles that one call may name.
MOST_ITEMS = 1000
#: Letters of a folder's or a source's name.
LONGEST_NAME = 200

#: What tags mean; the whole reading list is no state of an article.
_STATES: dict[str, set[State]] = {
    "reading-list": set(),
    "read": {"read"},
    "kept-unread": {"unread"},
    "unread": {"unread"},
    "fresh": {"unread"},
    "starred": {"starred"},
}


@dataclass(frozen=True)
class Given:
    """Parameters of the address and of the form together."""

    lists: Mapping[str, tuple[str, ...]] = field(default_factory=dict)

    def text(self, name: str) -> str:
        """Return a value, empty where there is none."""
        return self.lists.get(name, ("",))[-1].strip()

    def number(self, name: str, default: int, most: int) -> int:
        """Return a whole number, at most so much: apps ask for more than anybody gives."""
        value = self.text(name)
        if not value:
            return default
        if not (value.isascii() and value.isdigit()) or len(value) > 18:
            raise RefusedError(400, "not a whole number", f"{name}={value[:40]}")
        return min(max(int(value), 1), most)

    def moment(self, name: str) -> datetime | None:
        """Return a time since 1970 in seconds, milli-, micro- or nanoseconds: by its length."""
        value = self.text(name)
        if not value or value == "0":
            return None
        if not (value.isascii() and value.isdigit()) or len(value) > 20:
            raise RefusedError(400, "not a time", f"{name}={value[:40]}")
        number = int(value)
        for digits, scale in ((11, 1), (14, 1_000), (17, 1_000_000), (20, 1_000_000_000)):
            if len(value) <= digits:
                seconds, rest = divmod(number, scale)
                micros = rest * 1_000_000 // scale
                break
        try:
            return datetime.fromtimestamp(seconds, UTC).replace(microsecond=micros)
        except (OverflowError, ValueError, OSError) as error:
            raise RefusedError(400, "not a time", f"{name}={value[:40]}") from error

    def items(self) -> list[int]:
        """Return the articles that are named."""
        named = self.lists.get("i", ())
        if len(named) > MOST_ITEMS:
            raise RefusedError(400, "too many items", None, f"at most {MOST_ITEMS}")
        found = [ids.item(each) for each in named]
        if None in found:
            raise RefusedError(400, "not an item", named[found.index(None)][:60])
        return [pk for pk in found if pk is not None]

    def stream(self, name: str = "s") -> ids.Stream:
        """Return the stream that is named."""
        value = self.text(name)
        found = ids.stream(value)
        if found is None:
            raise RefusedError(400, "not a stream", f"{name}={value[:60]}")
        return found

    def name(self, parameter: str) -> str | None:
        """Return a name that somebody gave, as one line."""
        value = " ".join(self.text(parameter).split())
        if len(value) > LONGEST_NAME or "\ufffd" in value or "\x00" in value:
            raise RefusedError(400, "not a name", value[:40])
        return value or None


def wanted(given: Given, stream: ids.Stream, follows: Mapping[str, Follow]) -> Wanted:
    """Return which articles a call asks for: stream and ``xt it ot nt r c``."""
    having, lacking = set[State](), set[State]()
    sources: frozenset[str] | None = None
    included = [stream, *_streams(given, "it")]
    for each in included:
        if each.kind == "state" and each.value in _STATES:
            having |= _STATES[each.value]
        elif each.kind == "state":  # what is shared, liked …: nothing ever is, here
            sources = frozenset()
        else:
            own = of_stream(each, follows)
            sources = own if sources is None else sources & own
    for each in _streams(given, "xt"):
        if each.kind == "state":
            lacking |= _STATES.get(each.value, set())
        else:
            own = of_stream(each, follows)
            sources = (frozenset(follows) if sources is None else sources) - own
    after = given.text("c")
    if after and not (after.isascii() and after.isdigit() and len(after) <= 18):
        raise RefusedError(400, "not a continuation", after[:40])
    return Wanted(
        sources=sources,
        having=frozenset(having),
        lacking=frozenset(lacking),
        oldest=given.moment("ot"),
        newest=given.moment("nt"),
        after=int(after) if after else None,
        is_ascending=given.text("r") == "o",
    )


def of_stream(stream: ids.Stream, follows: Mapping[str, Follow]) -> frozenset[str]:
    """Return the sources of a stream that are followed."""
    if stream.kind == "feed":
        return frozenset({stream.value} & follows.keys())
    if stream.kind == "label":
        return frozenset(name for name, each in follows.items() if each.label == stream.value)
    return frozenset(follows)


def _streams(given: Given, name: str) -> list[ids.Stream]:
    found = [ids.stream(each) for each in given.lists.get(name, ()) if each.strip()]
    if None in found:
        raise RefusedError(400, "not a stream", f"{name}={given.text(name)[:60]}")
    return [each for each in found if each is not None]
