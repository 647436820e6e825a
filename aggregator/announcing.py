"""What a seed's document asks for: which of its entries are new, moved, known or gone.

Pure: entries and what the store knows of them go in, a plan comes out.
"""

import hashlib
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Protocol

import orjson

from aggregator.arabic import fold
from aggregator.types import Entry, Image, Moment, SeedKind, Source
from aggregator.urls import canonical, matches_any

#: Letters of text from which a feed's body may be the whole article.
FULL_TEXT_LETTERS = 600
#: Ends of teasers.
CUT_MARKS = ("…", "...", "[...]", "[…]", "المزيد", "read more", "lire la suite", "»")
#: So many unknown entries at once, so many of them with titles of known articles, are old news.
RENUMBERED, RENUMBERED_SHARE = 20, 0.8
#: Entries that are checked at their pages because they vanished, per poll.
MOST_CHECKS = 10


class Seen(Protocol):
    """What is known of an entry from earlier polls."""

    @property
    def announced(self) -> str:
        """What it said of itself when it was taken."""

    @property
    def state(self) -> str:
        """Its state in the queue."""


class Announced:
    """An entry with its key within the seed and what it says of itself.

    It may be read in one process and queued in another, where most entries are only written down:
    so it travels as the text that the queue takes, and is an entry again when somebody asks.

    Attributes:
        key: see :func:`entry_key`.
        says: see :func:`says`.
        url, guid: of the entry.
        whole: by the letters of its markup it may hold the whole text, so that no page is needed.
    """

    __slots__ = ("_entry", "_text", "guid", "key", "says", "url", "whole")

    def __init__(self, key: str, says: str, entry: Entry, *, whole: bool) -> None:
        self.key, self.says, self.whole = key, says, whole
        self.url, self.guid = entry.url, entry.guid
        self._entry: Entry | None = entry
        self._text: str | None = None

    @property
    def entry(self) -> Entry:
        """The entry itself."""
        if self._entry is None:
            self._entry = entry_of(self._text or "")
        return self._entry

    @property
    def text(self) -> str:
        """The entry as the queue takes it."""
        if self._text is None:
            self._text = dump_entry(self.entry)
        return self._text

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Announced) and self.__getstate__() == other.__getstate__()

    __hash__ = None  # type: ignore[assignment]

    def __getstate__(self) -> tuple[str | bool | None, ...]:
        return self.key, self.says, self.url, self.guid, self.whole, self.text

    def __setstate__(self, state: tuple[Any, ...]) -> None:
        self.key, self.says, self.url, self.guid, self.whole, self._text = state
        self._entry = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Plan:
    """What to do with the entries of one poll.

    Attributes:
        take: unknown ones and those that moved, newest first as announced.
        new: how many of these were never seen in this seed.
        keys: all keys, in order.
        shared_guids: guids that several entries carry.
        vanished: keys that an earlier poll showed and this one skips over.
    """

    take: tuple[Announced, ...]
    new: int
    keys: tuple[str, ...]
    shared_guids: frozenset[str]
    vanished: tuple[str, ...]


def entry_key(entry: Entry) -> str | None:
    """Return what an entry is known by within its seed; None where it says nothing of itself."""
    if entry.url:
        return canonical(entry.url)
    if entry.guid:
        return f"guid:{entry.guid}"
    return f"title:{fold(entry.title, 'search')}" if entry.title else None


def says(entry: Entry) -> str:
    """Return what an entry says of itself, short: another value means that it moved."""
    title = fold(entry.title or "", "identity")
    updated = entry.updated.value.isoformat() if entry.updated else ""
    body = hashlib.blake2b((entry.html or "").encode("utf-8", "replace"), digest_size=6)
    return f"{updated}|{title[:120]}|{body.hexdigest() if entry.html else ''}"


def keyed(entries: Iterable[Entry], source: Source, kind: SeedKind = "feed") -> list[Announced]:
    """Return the entries that can be articles, each key once.

    What a feed shows is an article; sitemaps and listings show all kinds of pages, and the
    source's address patterns tell them apart.
    """
    found: dict[str, Announced] = {}
    for entry in entries:
        key = entry_key(entry)
        if key is None or key in found:
            continue
        if kind != "feed" and entry.url and not _may_be_article(entry.url, source):
            continue
        letters = len(entry.html or "")  # as markup it is longer than as text
        whole = bool(entry.url) and is_whole(entry, source, letters=letters)
        found[key] = Announced(key, says(entry), entry, whole=whole)
    return list(found.values())


def _may_be_article(url: str, source: Source) -> bool:
    return not source.article_patterns or matches_any(url, source.article_patterns)


def plan(
    announced: Sequence[Announced],
    seen: Mapping[str, Seen],
    *,
    previous: Sequence[str] = (),
) -> Plan:
    """Return what to do.

    Args:
        announced: the entries of this poll.
        seen: what is known of them, by key.
        previous: the keys of the poll before, in its order.
    """
    take = tuple(each for each in announced if each.key not in seen or _moved(each, seen[each.key]))
    guids = Counter(each.guid for each in announced if each.guid)
    keys = tuple(each.key for each in announced)
    return Plan(
        take=take,
        new=sum(each.key not in seen for each in take),
        keys=keys,
        shared_guids=frozenset(guid for guid, count in guids.items() if count > 1),
        vanished=vanished(previous, keys),
    )


def _moved(announced: Announced, seen: Seen) -> bool:
    if seen.state == "gone":
        return True  # it vanished with its page, and is announced again
    return seen.announced != announced.says and seen.state != "pending"


def is_renumbering(unknown: int, titles_known: int) -> bool:
    """Return whether a site gave its old articles new addresses and guids all at once.

    Args:
        unknown: entries of one poll whose addresses nobody knows.
        titles_known: those of them whose title and day the source's articles have.
    """
    return unknown >= RENUMBERED and titles_known >= unknown * RENUMBERED_SHARE


def vanished(previous: Sequence[str], now: Sequence[str]) -> tuple[str, ...]:
    """Return keys that are gone though an entry that stood below them is still there.

    An entry that merely aged out of the window has nothing below it any more.
    """
    there = set(now)
    last = max((index for index, key in enumerate(previous) if key in there), default=0)
    return tuple(key for key in previous[:last] if key not in there)[:MOST_CHECKS]


def is_whole(entry: Entry, source: Source, *, letters: int) -> bool:
    """Return whether a feed's entry holds the whole text, so that its page need not be fetched.

    Args:
        entry: the announcement.
        source: its ``full_text`` setting decides if it is set.
        letters: length of the entry's body as plain text.
    """
    if source.full_text == "page" or not entry.html or not entry.title:
        return False
    if source.full_text == "feed":
        return letters > 0
    if letters < FULL_TEXT_LETTERS or not entry.published:
        return False
    return not entry.html.rstrip().lower().removesuffix("</p>").rstrip().endswith(CUT_MARKS)


def row(announced: Announced) -> dict[str, str | None]:
    """Return an entry as the queue takes it."""
    return {
        "entry_key": announced.key,
        "url": announced.url,
        "guid": announced.guid,
        "announced": announced.says,
        "entry": announced.text,
    }


def dump_entry(entry: Entry) -> str:
    """Return an entry as JSON, for the queue."""
    return orjson.dumps(entry).decode()


def load_entry(text: str | None) -> Entry | None:
    """Return the entry that :func:`dump_entry` wrote, if it is still there."""
    return entry_of(text) if text else None


def entry_of(text: str) -> Entry:
    """Return the entry that :func:`dump_entry` wrote."""
    data: dict[str, Any] = orjson.loads(text)
    for name in ("published", "updated"):
        data[name] = _moment(data.get(name))
    data["images"] = tuple(Image(**image) for image in data.get("images", ()))
    for name in ("authors", "categories"):
        data[name] = tuple(data.get(name, ()))
    return Entry(**data)


def _moment(data: dict[str, Any] | None) -> Moment | None:
    if not data:
        return None
    return Moment(**{**data, "value": datetime.fromisoformat(data["value"])})
