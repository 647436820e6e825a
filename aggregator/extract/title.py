"""The title of a page: candidates compete by how many places say the same words.

What stands printed in ``h1`` weighs most, for a reader sees it; JSON-LD, Open Graph, the feed's
entry and ``<title>`` confirm it or, where they agree with one another and not with any ``h1``,
overrule it. Names of sites and sections are split off. The words are the winner's; their spelling
is that of most places that have the same words, since tags inside headings swallow blanks.
"""

import re
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any, NamedTuple

from lxml import etree

from aggregator.arabic import split_site
from aggregator.extract.document import Document, text_of
from aggregator.extract.values import Found, key, plain, strings
from aggregator.types import Entry
from aggregator.urls import host
from aggregator.urls import site as owner

MOST_TITLE = 1000
#: at most so many headings of a page are looked at
MOST_HEADINGS = 40
#: and so many lines, where no h1 will do
MOST_LINES = 4_000

#: how much each place says about the title
_WEIGHTS = {
    "heading": 2.25,
    "named": 1.75,
    "feed": 1.5,
    "json_ld": 1.0,
    "open_graph": 1.0,
    "microdata": 1.0,
    "meta": 0.5,
    "twitter": 0.5,
    "title_tag": 0.5,
}
_META_NAMES = (
    "parsely-title",
    "sailthru.title",
    "dc.title",
    "dcterms.title",
    "dc:title",
    "title",
    "headline",
    "hdl",
    "cxenseparse:title",
)
#: places that are mostly filled by one machine out of one field
_COPIES = frozenset(("twitter", "meta", "title_tag"))
_CUT_SHORT = ("…", "...")
#: a heading that names the site is no longer; a title in front of it
_LONGEST_NAME, _ANY = 40, "title of some words"
#: keys of titles that templates put on every page
_EVERY_PAGE = re.compile(
    "(?:الصفحه)?الرءيسيه|تفاصيلالخبر|التفاصيل|تفاصيل|خبر|home(?:page)?|untitled(?:document)?"
    "|(?:news)?details|startseite|accueil|inicio"
)
#: a heading that shares no word with what the head says of the page
_STRAY = 0.3

_SEPARATOR = re.compile(
    r"\s*[|｜│¦]+\s*|\s+[-–—−·•:»«›‹/~✩]+\s+|：|\s+::\s+|(?<=[^\W\d])-\s+(?=[^\W\d_])|\s*[<>]+\s*"
)
_PIPE = re.compile(r"\s*[|｜│¦]+\s*")
#: separators that were left without anything to separate
_EDGE = re.compile(r"^[\s|｜│¦\-–—·•]+(?=\w)|(?<=\s)[|｜│¦\-–—·•]+\s*$|[|｜│¦]+\s*$")
_LINES: Any = etree.XPath(
    "/html/body/descendant::text()[string-length(.)>7]"
    "[not(parent::a or parent::script or parent::style or parent::option or ancestor::noscript)]"
)
_WORD = re.compile(r"\w+")
_TITLE_CLASS = re.compile(
    r"(?:^|[\s_-])(?:entry|post|article|news|story|page|single)[_-]?(?:title|headline)(?:$|[\s_-])",
    re.IGNORECASE,
)


class Candidate(NamedTuple):
    """One place's word for the title; ``parts`` are its whole and its ends, by key."""

    place: str
    text: str
    parts: Mapping[str, str]


def find_title(
    doc: Document,
    *,
    node: Mapping[str, Any] | None,
    language: str,
    names: Sequence[str],
    entry: Entry | None = None,
    selected: Sequence[str] = (),
) -> tuple[Found | None, tuple[str, ...]]:
    """Return the title with its origin, and notes.

    Args:
        doc: the page.
        node: its JSON-LD article.
        language: what its text is probably in.
        names: what the site calls itself, from :func:`site_names`.
        entry: its announcement.
        selected: what the source's own selectors found.
    """
    for raw in selected:
        if text := without_site(plain(raw, language, MOST_TITLE), names):
            return Found(text, "selector"), ()
    said = list(_said(doc, node, entry, language))
    printed = [_candidate("heading", plain(text, language, MOST_TITLE)) for text in doc.h1]
    printed = [each for each in printed[:MOST_HEADINGS] if each.text]
    printed = [each for each in printed if not _names_site(each, said, names)]
    if printed:  # what is said of every page says nothing of this one
        said = [each for each in said if not _EVERY_PAGE.fullmatch(key(each.text))]
    if not any(_confirmed(each, said) and not _is_tail(each, said) for each in printed):
        lines = [*_other_headings(doc, said, language), *_named_headings(doc, language)]
        printed += [each for each in lines if not _names_site(each, said, names)]
    winner = _winner(printed, said, names)
    if winner is None:
        return None, ("no title",)
    text = without_site(_spelling(winner, [*said, *printed]), names)
    notes = () if _agreed(text, said) else ("title: page and metadata differ",)
    return Found(text, _origin(text, printed, said)), notes


def site_names(doc: Document) -> tuple[str, ...]:
    """Return what the site calls itself and what its host is called."""
    site = host(doc.url)
    return tuple(
        dict.fromkeys(
            (*declared_names(doc), site, site.removeprefix("www."), owner(site).partition(".")[0])
        )
    )


def declared_names(doc: Document) -> tuple[str, ...]:
    """Return what the site calls itself: its source's names, metadata, publisher."""
    names: list[str] = []
    if doc.source:
        names += [doc.source.name, doc.source.name_en or ""]
    for name in ("og:site_name", "application-name", "apple-mobile-web-app-title", "publisher"):
        names += doc.meta.get(name, ())
    for node in doc.json_ld[:50]:
        names += strings(node.get("publisher"))[:2]
        if "WebSite" in strings(node.get("@type")):
            names += strings(node.get("name"))[:1]
    return tuple(dict.fromkeys(name.strip() for name in names if 1 < len(name.strip()) < 80))


def without_site(title: str, names: Iterable[str]) -> str:
    """Return a title without names of the site and the sections that stand before them."""
    names = tuple(names)
    keys = {key(name) for name in names}
    cut = False
    for _ in range(4):
        title = _EDGE.sub("", title)
        shorter = _end_off(title, keys)
        if shorter == title:
            break
        title, cut = shorter, True
    if not cut:
        for name in names:
            title, suffix = split_site(title, name)
            if suffix:
                break
    return _section_off(title).strip()


def _end_off(title: str, keys: set[str]) -> str:
    """Take one end off that is, but for an ending, a name of the site."""
    cuts = list(_SEPARATOR.finditer(title))
    for cut in reversed(cuts[-3:]):
        tail, head = title[cut.end() :], title[: cut.start()].strip()
        if head and _is_name(tail, keys):
            return head
    for cut in cuts[:2]:
        head, tail = title[: cut.start()], title[cut.end() :].strip()
        if tail and key(head) in keys and len(tail) >= 8:
            return tail
    return title


def _is_name(text: str, keys: set[str]) -> bool:
    """Whether a part of a title is a name of the site, or begins with one: "Metro News" for metro.

    A short name must stand there as a word of its own: "Starmer" does not begin with Star.
    """
    own = key(text)
    if not own or own in keys:
        return True
    if len(text) > 40:
        return False
    first = key(text.split()[0])
    return any(
        first == name
        or (len(name) > 5 and own.startswith(name) and len(own) <= len(name) + 12)
        or (len(own) > 5 and name.startswith(own))
        for name in keys
        if len(name) > 3
    )


def _section_off(title: str) -> str:
    """Take a short last part after a bar off: ``… | Opinion``."""
    cuts = list(_PIPE.finditer(title))
    for cut in reversed(cuts):
        head, tail = title[: cut.start()].strip(), title[cut.end() :]
        if len(tail) > 40 or len(tail.split()) > 4 or len(head) < max(12, len(tail)):
            break
        title = head
    return title


def _said(
    doc: Document, node: Mapping[str, Any] | None, entry: Entry | None, language: str
) -> Iterator[Candidate]:
    """Yield what is said of the title anywhere but in the headings."""
    raw: list[tuple[str, object]] = []
    if entry and entry.title:
        raw.append(("feed", entry.title))
    if node:
        raw += [("json_ld", text) for text in strings(node.get("headline") or node.get("name"))[:1]]
    raw += [("open_graph", text) for text in doc.meta.get("og:title", ())[:1]]
    raw += [("microdata", text) for text in _microdata(doc)]
    raw += [("twitter", text) for text in doc.meta.get("twitter:title", ())[:1]]
    raw += [("meta", text) for text in (doc.first(*_META_NAMES),) if text]
    raw.append(("title_tag", doc.title_tag))
    for place, value in raw:
        if text := plain(value, language, MOST_TITLE):
            yield _candidate(place, text)


def _microdata(doc: Document) -> list[str]:
    nodes = [node for node in doc.itemprops.get("headline", ()) if node.tag != "meta"]
    return [text for text in map(text_of, nodes[:1]) if text and text not in doc.h1]


def _candidate(place: str, text: str) -> Candidate:
    parts = {key(text): text}
    cuts = list(_SEPARATOR.finditer(text))
    for cut in (*cuts[:4], *cuts[-4:]):
        for part in (text[: cut.start()], text[cut.end() :]):
            parts.setdefault(key(part), part.strip())
    parts.pop("", None)
    return Candidate(place, text, parts)


def _leads(heading: Candidate, said: Sequence[Candidate]) -> bool:
    """Whether the head of the page says a heading's words, not merely ends with them."""
    own = key(heading.text)
    return any(own in each.parts and key(each.text).startswith(own) for each in said)


def _is_tail(heading: Candidate, said: Sequence[Candidate]) -> bool:
    """Whether ``<title>`` ends with a heading, as it does with the name of the site."""
    own = key(heading.text)
    return any(
        each.place == "title_tag" and own in each.parts and not key(each.text).startswith(own)
        for each in said
    )


def _names_site(heading: Candidate, said: Sequence[Candidate], names: Sequence[str]) -> bool:
    """Whether a heading is the site's name, in the script of the page: what titles end with."""
    if len(heading.text) > _LONGEST_NAME or not _is_tail(heading, said):
        return False
    return any(split_site(f"{_ANY} | {heading.text}", name)[1] == heading.text for name in names)


def _confirmed(heading: Candidate, said: Sequence[Candidate]) -> bool:
    own = key(heading.text)
    return any(own in each.parts for each in said) or _shares_words(heading, said)


def _shares_words(heading: Candidate, said: Sequence[Candidate]) -> bool:
    own = _words(heading.text)
    return not said or any(own & _words(each.text) for each in said)


def _words(text: str) -> set[str]:
    """Return the telling words of a text; for scripts without blanks, its pairs of letters."""
    found = {key(word) for word in _WORD.findall(text)[:200]}
    long = {word for word in found if len(word) > 3}
    wide = {word[i : i + 2] for word in found if len(word) > 7 for i in range(len(word) - 1)}
    if any(ord(letter) > 0x2E7F for letter in text[:50]):
        return wide | found
    return long or found


def _other_headings(doc: Document, said: Sequence[Candidate], language: str) -> list[Candidate]:
    """Return what is printed as a line of its own and known to the head of the page.

    It stands in for ``h1`` in pages that make their headlines of other tags. Links do not count:
    they hold the names of the site and of its sections.
    """
    known = {words: len(part) for each in said for words, part in each.parts.items()}
    lengths = range(min(known.values(), default=1) - 4, max(known.values(), default=0) + 5)
    found: dict[str, Candidate] = {}
    for text in _LINES(doc.root)[:MOST_LINES]:
        text = text.strip()
        if len(text) in lengths and len(text) > 7 and (words := key(text)) in known:
            found.setdefault(words, _candidate("heading", plain(text, language, MOST_TITLE)))
    return sorted(found.values(), key=lambda each: -len(each.text))[:3]


def _named_headings(doc: Document, language: str) -> list[Candidate]:
    """Return the one lower heading whose class says that it is the title, if there is but one.

    Themes that keep ``h1`` for the name of the site mark the headline so; lists have many of them.
    """
    found: list[str] = []
    for node in doc.root.iter("h2", "h3"):
        name = (node.get("class") or "")[:200]
        if not _TITLE_CLASS.search(name) or "sub" in name.lower():
            continue
        if text := text_of(node):
            found.append(text)
            if len(found) > 1:
                return []
    return [_candidate("named", plain(text, language, MOST_TITLE)) for text in found]


def _winner(
    printed: Sequence[Candidate], said: Sequence[Candidate], names: Sequence[str]
) -> str | None:
    """Return the key of the words that most places agree on."""
    own_names = {key(name) for name in names}
    machine_made = _copies_title_tag(said)
    best, best_score = None, 0.0
    everywhere = (*printed, *said)
    for number, candidate in enumerate(everywhere):
        words = key(candidate.text)
        if not words or (words in own_names and len(everywhere) > 1):
            continue
        if candidate.text.endswith(_CUT_SHORT) and _goes_on(words, everywhere):
            continue
        places = {each.place for each in said if words in each.parts}
        if machine_made == words:
            places.discard("title_tag")
        score = sum(_WEIGHTS[place] for place in places - _COPIES)
        score += min(0.9, sum(_WEIGHTS[place] for place in places & _COPIES))
        score += max(
            (_printed_weight(each, said) for each in printed if key(each.text) == words),
            default=0.0,
        )
        score -= number * 1e-4
        if score > best_score:
            best, best_score = words, score
    return best


def _goes_on(words: str, candidates: Iterable[Candidate]) -> bool:
    """Whether another place says the same and more: this one was cut to a length."""
    return any(key(each.text).startswith(words) and words not in each.parts for each in candidates)


def _printed_weight(heading: Candidate, said: Sequence[Candidate]) -> float:
    if heading.place == "named":
        return _WEIGHTS["named"]
    words = key(heading.text)
    if any(_is_rest_of(words, each, said) for each in said if each.place == "title_tag"):
        return 0.0
    if not _confirmed(heading, said):
        return _STRAY
    return _WEIGHTS["heading"] + (0.25 if _leads(heading, said) else 0.0)


def _is_rest_of(words: str, title_tag: Candidate, said: Sequence[Candidate]) -> bool:
    """Whether a heading is what ``<title>`` adds to the title: the site's name, mostly."""
    whole = key(title_tag.text)
    others = {key(each.text) for each in said if each.place in {"open_graph", "json_ld", "feed"}}
    return any(
        other != words and len(other) > 8 and whole in {other + words, words + other}
        for other in others
    )


def _copies_title_tag(said: Sequence[Candidate]) -> str | None:
    """Return the key of an ``og:title`` that is ``<title>`` again: it is one word, not two."""
    by_place = {each.place: key(each.text) for each in said}
    title = by_place.get("title_tag")
    return title if title and title == by_place.get("open_graph") else None


def _spelling(words: str, candidates: Iterable[Candidate]) -> str:
    """Return the spelling that most places have for the same words; Open Graph's at a tie."""
    votes: Counter[str] = Counter()
    for each in candidates:
        if words in each.parts:
            votes[each.parts[words]] += 4 + 5 * (each.place == "open_graph")
    return votes.most_common(1)[0][0]


def _agreed(text: str, said: Sequence[Candidate]) -> bool:
    own = key(text)
    places = [each for each in said if each.place in {"json_ld", "open_graph", "feed"}]
    return not places or any(own in each.parts for each in places)


def _origin(text: str, printed: Sequence[Candidate], said: Sequence[Candidate]) -> str:
    own = key(text)
    for place in ("json_ld", "open_graph", "microdata", "feed", "meta"):
        if any(own == key(each.text) for each in said if each.place == place):
            return place
    if any(own == key(each.text) for each in printed):
        return "page"
    return "generic"
