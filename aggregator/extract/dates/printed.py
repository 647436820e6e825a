"""What a page prints for readers: the date beside its headline, and dates with a label.

Around the headline a short line with a date is the article's. Further off only a label or the name
of its element (``class="entry-date"``) makes it so, and never inside comments, teasers or menus.
"""

import re
from dataclasses import dataclass, replace
from datetime import date, datetime
from typing import Any, NamedTuple

from lxml import etree

from aggregator.arabic.dates.lexicon import tokens
from aggregator.extract.dates.claim import Claim, Home, read, read_printed
from aggregator.extract.dates.lines import Line, headline, lines
from aggregator.extract.dates.place import Place, is_dated
from aggregator.extract.document import Document, text_of

#: lines before and after the headline, and letters of text between, within which a date is near
_BEFORE, _AFTER, _LETTERS = 6, 20, 900
_HOLDING = ("datetime", "data-datetime", "data-timestamp", "data-date", "data-time", "title")
_WITH_DATES: Any = etree.XPath(
    "/html/body/descendant::*[@data-datetime or @data-timestamp or @data-date or @data-time"
    " or (@datetime and not(self::time))"
    " or (@title and (self::abbr or contains(@class, 'date') or contains(@class, 'time')))]"
)
_MOST_HOLDERS = 200
#: letters of a line that is read at all, and words of a date line
_LONGEST_LINE, _MOST_WORDS = 260, 14
#: words beside the only day that a page prints: weekday, month, the word for "o'clock"
_ONLY_WORDS = 3
#: a line before the date's that may be its label
_LONGEST_LABEL = 30
_DIGIT = re.compile(r"\d")
_PROSE_WORDS = 4
#: the end of running text, which tells of other days
_SENTENCE = re.compile(r"^[^|•·/]*[.!?؟…۔。]\W{0,3}$")
_AS_OF = re.compile(r"(?:^|[|•·,–-]\s?)Stand(?::|\s)")
#: what a date without a clock needs: a year, or two numbers before one of two digits
_YEAR = re.compile(r"\d{4}|\d\d?\W{1,3}\d\d?\W{1,3}\d\d|\d\d?\W{0,2}\w{3,12}\W{1,2}\d\d(?!\d)|\d年")
#: a relative line is short
_LONGEST_AGO = 60


@dataclass(frozen=True, slots=True)
class Printed:
    """A printed date of the article.

    Attributes:
        labelled: the line says that it is the publication, or the update.
        near: it stands by the headline.
        up: levels from the headline to the element that holds both.
        distance: lines from the headline; negative before it.
        look: tag and class of its element and the one around: alike in lists.
        only: far from the headline, but the one day that the page prints at all.
    """

    claim: Claim
    labelled: bool
    near: bool
    up: int
    distance: int
    look: str
    only: bool = False

    @property
    def rank(self) -> tuple[int, int, int, int]:
        """The lower, the surer."""
        if self.only:
            return (2, 0, self.up, abs(self.distance))
        if self.near:
            return (0, self.up + (self.distance < 0), not self.labelled, abs(self.distance))
        return (1, not self.labelled, self.up, abs(self.distance))


def find_printed(
    doc: Document, home: Home, now: datetime | None, title: str | None = None
) -> list[Printed]:
    """Return the printed dates that may be the article's, surest first."""
    found = lines(doc)
    top = headline(doc, found, title)
    above = _chain(found[top].element) if top is not None else {}
    letters = 0
    made: list[Printed] = []
    seen = _Seen()
    for index, line in enumerate(found):
        distance = index - top if top is not None else 9999
        near = -_BEFORE <= distance <= _AFTER and letters <= _LETTERS
        if distance > 0:
            letters += len(line.text)
        if distance == 0 and not line.times:
            continue
        if _readable(line, near, now):
            spot = _Spot(distance, near, _label(found[index - 1]) if index else "")
            made += _of_line(line, spot, above, home, now, seen)
    made = [each for each in made if each.distance >= 0 or len(seen.by_look[each.look]) == 1]
    made = _single(_no_lists(made)) or _attributes(doc, above, home, now)
    if (only := seen.only) and not any(each.claim.role == "published" for each in made):
        made.append(only)
    return sorted(made, key=lambda each: each.rank)


def _attributes(
    doc: Document, above: dict[Any, int], home: Home, now: datetime | None
) -> list[Printed]:
    """Return the day that elements hold in attributes for scripts to print, if they name but one.

    That is ``data-timestamp`` and its kin, ``<relative-time datetime>``, and a ``title`` under
    "2 weeks ago".
    """
    found: list[Printed] = []
    for element in _WITH_DATES(doc.root)[:_MOST_HOLDERS]:
        claims = (
            read(element.get(name), "published", "page", "printed", home, now)
            for name in _HOLDING
            if element.get(name)
        )
        claim = next(filter(None, claims), None)
        if claim is None:
            continue
        place = Place(element, above)
        if not (place.foreign or place.hidden or place.quoting or place.changed):
            found.append(Printed(claim, False, False, place.up, 0, place.look))
    return found[:1] if len({each.claim.day for each in found}) == 1 else []


def _label(line: Line) -> str:
    """Return a short line that says which date follows in the next; else an empty text."""
    text = line.text
    if line.level >= 0 or len(text) > _LONGEST_LABEL or _DIGIT.search(text):
        return ""
    return text if any("role" in token.means for token in tokens(text)) else ""


def _readable(line: Line, near: bool, now: datetime | None) -> bool:
    """Whether a line is worth reading."""
    if line.times:
        return True
    if len(line.text) > _LONGEST_LINE and not near:
        return False
    if now is None:
        return _YEAR.search(line.text[:_LONGEST_LINE]) is not None
    return _DIGIT.search(line.text) is not None or (near and len(line.text) <= _LONGEST_AGO)


def _no_lists(found: list[Printed]) -> list[Printed]:
    """Leave out near ones that look alike but name several days: teasers beside the headline."""
    days: dict[str, set[date]] = {}
    for each in found:
        if each.near and not each.labelled:
            days.setdefault(each.look, set()).add(each.claim.day)
    return [each for each in found if not each.near or each.labelled or len(days[each.look]) == 1]


def _single(found: list[Printed]) -> list[Printed]:
    """Leave out far ones where they name several days: lists, archives, comments."""
    far = {
        role: {each.claim.day for each in found if not each.near and each.claim.role == role}
        for role in ("published", "updated")
    }
    return [each for each in found if each.near or len(far[each.claim.role]) == 1]


def _chain(element: Any) -> dict[Any, int]:
    return {each: up for up, each in enumerate((element, *element.iterancestors()))}


class _Said(NamedTuple):
    claim: Claim
    labelled: bool


@dataclass(frozen=True, slots=True)
class _Spot:
    """Where a line stands: lines from the headline, near it or not, the line before."""

    distance: int
    near: bool
    label: str


def _of_line(
    line: Line,
    spot: _Spot,
    above: dict[Any, int],
    home: Home,
    now: datetime | None,
    seen: "_Seen",
) -> list[Printed]:
    """Return what a line says of the page's dates; its days go into ``seen`` anyway."""
    text, words = _text(line, spot.label)
    if words > 3 * _MOST_WORDS:
        return []
    published, updated = read_printed(text, home, now)
    if published is None and updated is None:
        return []
    place = Place(line.element, above)
    seen.take(published, updated, place, spot, words)
    if place.quoting or place.hidden:
        return []
    found = _claims(text, published, updated, place.changed)
    labelled = any(each.labelled for each in found)
    if words > (_MOST_WORDS + 4 if labelled else _MOST_WORDS):
        return []
    if not labelled and words > _PROSE_WORDS and _SENTENCE.search(text):
        return []
    near = spot.near and place.beside(spot.distance, labelled)
    if not near and not place.stands_for_page(spot.distance, labelled, words):
        return []
    return [
        Printed(each.claim, each.labelled, near, place.up, spot.distance, place.look)
        for each in found
    ]


def _claims(
    text: str, published: Claim | None, updated: Claim | None, changed: bool
) -> list[_Said]:
    """Return what a line says, and which of it is labelled.

    One date without a label is the publication, unless the name of its element says ``changed``.
    "Stand: 28.04.2020" of German pages is the day on which the text held good: mostly the only
    date they print.
    """
    if published is not None and updated is not None and published.value == updated.value:
        return [_Said(updated if changed else published, changed)]
    if published is None and updated is not None and _AS_OF.search(text):
        return [_Said(updated, True), _Said(replace(updated, role="published"), False)]
    return [_Said(claim, True) for claim in (published, updated) if claim]


def _text(line: Line, label: str) -> tuple[str, int]:
    """Return what is to be read, and the number of its words.

    The attribute of a ``time`` element stands in for its text, which may be "2 hours ago"; of a
    long line only the part is taken whose class says that it is a date; a short line before is a
    label.
    """
    text = line.text
    words = _words(text)
    for time in line.times[:3]:
        exact = time.get("datetime") or ""
        if len(exact) > 7 and exact[:4].isdigit():
            shown = text_of(time)
            if shown and shown in text:
                text = text.replace(shown, f" {exact} ", 1)
            else:
                text = f"{text} {exact}"
    if words > _MOST_WORDS and (own := _own_text(line.element)):
        return own, _words(own)
    return f"{label} {text}" if label else text, words


def _words(text: str) -> int:
    return sum(word[:1].isalpha() for word in text.split())


def _own_text(element: Any) -> str | None:
    """Return the text of an element inside a longer line, if its class says that it is a date."""
    if element.tag == "time" or is_dated(element):
        return text_of(element)
    return None


class _Seen:
    """All days that a page prints, whatever they are about."""

    __slots__ = ("_claim", "_days", "by_look")

    def __init__(self) -> None:
        self.by_look: dict[str, set[date]] = {}
        self._days: set[date] = set()
        self._claim: Printed | None = None

    def take(
        self,
        published: Claim | None,
        updated: Claim | None,
        place: Place,
        spot: _Spot,
        words: int,
    ) -> None:
        """Take in a line."""
        for claim in (published, updated):
            if claim is not None:
                self._days.add(claim.day)
                self.by_look.setdefault(place.look, set()).add(claim.day)
        if published is None or self._claim or words > _ONLY_WORDS or spot.distance < -_BEFORE:
            return
        if not (place.quoting or place.hidden or place.navigation or place.changed):
            self._claim = Printed(
                published, False, False, place.up, spot.distance, place.look, only=True
            )

    @property
    def only(self) -> Printed | None:
        """The day, if it is one and no change; what stands well above the headline may be today."""
        return self._claim if len(self._days) == 1 else None
