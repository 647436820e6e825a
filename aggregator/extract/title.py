"""The title of a page: candidates compete by how many places say the same words.

What stands printed in ``h1`` weighs most, for a reader sees it; JSON-LD, Open Graph, the feed's
entry and ``<title>`` confirm it or, where they agree with one another and not with any ``h1``,
overrule it. Names of sites and sections are split off. The words are the winner's; their spelling
is that of most places that have the same words, since tags inside headings swallow blanks.
"""

import re
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from aggregator.arabic import split_site
from aggregator.extract import title_places as places
from aggregator.extract.document import Document
from aggregator.extract.site_names import is_outlet, without_site
from aggregator.extract.title_places import MOST_TITLE, Candidate
from aggregator.extract.values import Found, key, plain
from aggregator.types import Entry

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

_WORD = re.compile(r"\w+")


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
    said = list(places.said(doc, node, entry, language))
    printed = places.headings(doc, said, language)
    printed = [each for each in printed if not _names_site(each, said, names)]
    if printed:  # what is said of every page says nothing of this one
        said = [each for each in said if not _EVERY_PAGE.fullmatch(key(each.text))]
    if all(is_outlet(each.text) for each in printed) and (
        titles := places.named_headings(doc, language)
    ):
        # the head and the h1 of every page name the outlet
        said, printed = [each for each in said if not is_outlet(each.text)], titles
    if not any(_confirmed(each, said) and not _is_tail(each, said) for each in printed):
        lines = [*places.known_lines(doc, said, language), *places.named_headings(doc, language)]
        printed += [each for each in lines if not _names_site(each, said, names)]
    winner = _winner(printed, said, names)
    if winner is None:
        return None, ("no title",)
    text = without_site(_spelling(winner, [*said, *printed]), names)
    notes = () if _agreed(text, said) else ("title: page and metadata differ",)
    return Found(text, _origin(text, printed, said)), notes


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
    """Whether a heading is what ``<title>`` adds to the title: the site's name, mostly.

    A longer heading that ``<title>`` begins with is the title, and Open Graph names the site.
    """
    whole = key(title_tag.text)
    others = {key(each.text) for each in said if each.place in {"open_graph", "json_ld", "feed"}}
    return any(
        other != words
        and len(other) > 8
        and (whole == other + words or (whole == words + other and len(words) <= len(other)))
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
