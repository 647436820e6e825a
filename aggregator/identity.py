"""Which stored article an announced one is: pure rules over what the store knows.

An article is known by aliases. Each has a strength:

    strong   its addresses (canonical keys), the identity number in the path over all hosts
    medium   its guid within one feed; its path without the host
    weak     its folded title and day, its folded text, its lead, each within the source

A strong alias decides alone. A medium one needs a second sign and about the same time, for guids
are reused for other stories and shared by several entries; then the guid is dropped and the address
decides. A weak one needs the same text and the same minute as well, for daily reports share their
titles and most of their words. And neither holds for two articles that are announced side by side.

Rules come from the complaints of reader users: guids that follow the title, hold it, flip their
scheme, count up or change for the whole site; one guid for all; slugs rewritten after an edit.
No clock, no store, no network.
"""

import hashlib
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from urllib.parse import urlsplit

from aggregator.arabic import fold
from aggregator.types import Article, Entry, Source
from aggregator.urls import address_keys, canonical

STRONG, MEDIUM, WEAK = 3, 2, 1

#: Shares of common words from which two titles, and two texts, are one; weak names ask for more.
SAME_TITLE = 0.5
SAME_TEXT = 0.6
SAME_WORDS = 0.8
#: A path shorter than this, or without a digit, may be any page of any host.
LEAST_PATH = 12
#: Letters of the folded text that make its lead; a shorter text has none.
LEAD = 160
#: Longest time between two publication dates of one article: an edit may bump it, a guid that is
#: used again belongs to another day.
SAME_DAY = timedelta(hours=18)
#: The same for weak names: the site says the same time, perhaps without the seconds.
SAME_MINUTE = timedelta(minutes=5)


@dataclass(frozen=True, slots=True, order=True)
class Alias:
    """One name of an article. ``scope`` is empty for names that hold over all sources."""

    strength: int
    scope: str
    key: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Known:
    """What identity needs to know of a stored article."""

    pk: int
    source_id: str
    url: str
    title: str
    published: datetime | None
    words: frozenset[str]
    deleted: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Identity:
    """The decision.

    Attributes:
        pk: the stored article, None for a new one.
        aliases: the names to keep for it; misleading ones are left out.
        reason: which sign decided, for logs and tests.
    """

    pk: int | None
    aliases: tuple[Alias, ...]
    reason: str


def aliases(
    article: Article, source: Source, *, entry: Entry | None = None, seed_url: str | None = None
) -> tuple[Alias, ...]:
    """Return every name of an article, strongest first, without repetition."""
    found: dict[Alias, None] = {}
    announced = (entry.url,) if entry and entry.url else ()
    for url in dict.fromkeys((article.url, *announced, *article.addresses)):
        if not url.lower().startswith(("http://", "https://")):
            continue  # an imported card may have no address
        for key in address_keys(url, source.identity_patterns):
            numbered = key.startswith("id:")
            found[Alias(STRONG, source.id if numbered else "", key)] = None
        if path := _path_key(url):
            found[Alias(MEDIUM, source.id, path)] = None
    if entry and entry.guid and seed_url:
        found[Alias(MEDIUM, f"{source.id} {canonical(seed_url)}", f"guid:{entry.guid.strip()}")] = (
            None
        )
    if title := title_key(article.title, article.published):
        found[Alias(WEAK, source.id, title)] = None
    for key in _text_keys(article.paragraphs):
        found[Alias(WEAK, source.id, key)] = None
    return tuple(sorted(found, reverse=True))


def title_key(title: str | None, published: datetime | None) -> str | None:
    """Return the weak alias of a title: folded, with its day; None for titles that say nothing."""
    folded = fold(title or "", "search")
    if len(folded) < 8:
        return None
    return f"title:{folded}|{published.date() if published else ''}"


def _text_keys(paragraphs: Iterable[str]) -> Iterable[str]:
    """Yield the weak aliases of a text: all of it, and its lead. Short texts have none."""
    text = fold(" ".join(paragraphs), "search")
    for name, part in (("text", text), ("lead", text[:LEAD])):
        if len(text) > LEAD:
            digest = hashlib.blake2b(part.encode("utf-8", "replace"), digest_size=12)
            yield f"{name}:{digest.hexdigest()}"


def _path_key(url: str) -> str | None:
    """Return the part of an address that stays when a site changes its host, if it is telling."""
    parts = urlsplit(canonical(url))
    path = parts.path + (f"?{parts.query}" if parts.query else "")
    telling = len(path) >= LEAST_PATH and any(letter.isdigit() for letter in path)
    return f"path:{path}" if telling else None


def words(title: str | None, paragraphs: Iterable[str]) -> frozenset[str]:
    """Return the folded words of an article, for comparing texts."""
    return frozenset(fold(" ".join((title or "", *paragraphs)), "search").split())


def identify(
    names: Sequence[Alias],
    matches: Mapping[Alias, int],
    known: Mapping[int, Known],
    *,
    article: Article,
    text: frozenset[str],
    present: frozenset[str] = frozenset(),
    shared_guid: bool = False,
) -> Identity:
    """Decide which stored article the names belong to.

    Args:
        names: all names of the announced article (:func:`aliases`).
        matches: the names that the store knows, with the article each belongs to.
        known: those articles.
        article: the announced article.
        text: its :func:`words`.
        present: canonical addresses that the same seed document announces now.
        shared_guid: several entries of that document carry this guid.
    """
    kept = tuple(name for name in names if not (shared_guid and name.key.startswith("guid:")))
    misleading: set[Alias] = set()
    own = {name.key for name in kept if name.strength == STRONG}
    for name in kept:
        pk = matches.get(name)
        if pk is None or pk not in known:
            continue
        if name.strength == STRONG or _agrees(name, known[pk], article, text, own, present):
            return Identity(pk=pk, aliases=_keep(kept, misleading), reason=name.key.split(":")[0])
        misleading.add(name)
    return Identity(pk=None, aliases=_keep(kept, misleading), reason="new")


def _keep(names: Sequence[Alias], misleading: set[Alias]) -> tuple[Alias, ...]:
    return tuple(name for name in names if name not in misleading)


def _agrees(
    name: Alias,
    old: Known,
    article: Article,
    text: frozenset[str],
    own: set[str],
    present: frozenset[str],
) -> bool:
    """Return whether a medium or weak name is borne out by a second sign."""
    old_key = canonical(old.url)
    if old_key in present and old_key not in own:
        return False  # both are announced side by side: two articles
    likeness = overlap(text, old.words)
    if name.strength == WEAK:
        near = _near(article.published, old.published, SAME_MINUTE)
        return near and likeness >= SAME_WORDS
    if not _near(article.published, old.published, SAME_DAY):
        return False
    titles = overlap(words(article.title, ()), words(old.title, ()))
    return likeness >= SAME_TEXT or titles >= SAME_TITLE


def overlap(a: frozenset[str], b: frozenset[str]) -> float:
    """Return the share of common words, 0 to 1 (Jaccard); 0 where either is empty."""
    return len(a & b) / len(a | b) if a and b else 0.0


def _near(a: datetime | None, b: datetime | None, within: timedelta) -> bool:
    return a is None or b is None or abs(a - b) <= within
