"""What a page prints for readers: the date beside its headline, and dates with a label.

Around the headline a short line with a date is the article's. Further off only a label or the name
of its element (``class="entry-date"``) makes it so, and never inside comments, teasers or menus.
"""

import re
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from aggregator.extract.dates.claim import Claim, Home, Role, read
from aggregator.extract.dates.lines import Line, headline, lines
from aggregator.extract.dates.machine import of_element
from aggregator.extract.document import Document, text_of
from aggregator.extract.hints import BITS, HIDDEN_STYLE, hint_mask

#: lines before and after the headline, and letters of text between, within which a date is near
_BEFORE, _AFTER, _LETTERS = 4, 20, 900
#: levels from the headline to the element around both, within which a labelled date is its own
_INSIDE = 6
#: letters of a line that is read at all, and words of a date line without a label
_LONGEST_LINE, _MOST_WORDS = 260, 14
#: a line before the date's that may be its label
_LONGEST_LABEL = 30
_DIGIT = re.compile(r"[0-9\u0660-\u0669\u06f0-\u06f9\u0966-\u096f\u09e6-\u09ef]")
_DATE_NAME = re.compile(
    r"entry-?date|post-?date|postdate|article-?date|news-?date|pub-?date|publish|posted|dateline"
    r"|date-?time|datetime|timestamp|byline|meta-?date|date-?meta|(?:^|[\s_-])(?:date|time)(?:$|[\s_-])"
    r"|datum|fecha|tarih|tareekh|tarekh|entry-meta|post-meta|article-?info|news-?info|submitted",
    re.IGNORECASE,
)
_CHANGED_NAME = re.compile(
    r"modified|last-?updat|date-?updat|updat\w*-?(?:date|time)|changed|lastmod", re.IGNORECASE
)
_FOREIGN = (
    BITS["comment"] | BITS["related"] | BITS["nav"] | BITS["footer"] | BITS["ad"] | BITS["cookie"]
    | BITS["sidebar"] | BITS["card"]
)  # fmt: skip
_FOREIGN_TAGS = frozenset(("nav", "footer", "aside"))
#: blocks that quote or show something of another day
_QUOTING = frozenset(("blockquote", "figure", "figcaption"))


@dataclass(frozen=True, slots=True)
class Printed:
    """A printed date of the article.

    Attributes:
        labelled: the line says that it is the publication, or the update.
        near: it stands by the headline.
        up: levels from the headline to the element that holds both.
        distance: lines from the headline; negative before it.
        look: tag and class of its element and the one around: alike in lists.
    """

    claim: Claim
    labelled: bool
    near: bool
    named: bool
    up: int
    distance: int
    look: str

    @property
    def rank(self) -> tuple[int, int, int, int]:
        """The lower, the surer."""
        if self.near:
            return (0, self.up, not self.labelled, abs(self.distance))
        return (1, not self.labelled, self.up, abs(self.distance))


def find_printed(doc: Document, home: Home, now: datetime | None) -> list[Printed]:
    """Return the printed dates that may be the article's, surest first."""
    found = lines(doc)
    top = headline(doc, found)
    above = _chain(found[top].element) if top is not None else {}
    letters = 0
    made: list[Printed] = []
    for index, line in enumerate(found):
        distance = index - top if top is not None else 9999
        near = -_BEFORE <= distance <= _AFTER and letters <= _LETTERS
        if distance > 0:
            letters += len(line.text)
        if distance == 0 and not line.times:
            continue
        if line.times or (near or len(line.text) <= _LONGEST_LINE) and _DIGIT.search(line.text):
            label = found[index - 1].text if index else ""
            made += _of_line(line, label, near, distance, above, home, now)
    return sorted(_single(_no_lists(made)), key=lambda each: each.rank)


def _no_lists(found: list[Printed]) -> list[Printed]:
    """Leave out near ones that look alike but name several days: teasers beside the headline."""
    days: dict[str, set[date]] = {}
    for each in found:
        if each.near:
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


def _of_line(
    line: Line,
    label: str,
    near: bool,
    distance: int,
    above: dict[Any, int],
    home: Home,
    now: datetime | None,
) -> list[Printed]:
    words = _words(line.text)
    text = line.text
    if words > _MOST_WORDS and (own := _own_text(line.element)):
        text, words = own, _words(own)
    if words > 3 * _MOST_WORDS:
        return []
    if label and len(label) <= _LONGEST_LABEL and not _DIGIT.search(label):
        text = f"{label} {text}"
    claims = {role: _read(text, line, role, home, now) for role in ("published", "updated")}
    if not any(claims.values()):
        return []
    place = _Place(line.element, above)
    if place.quoting or place.hidden:
        return []
    made = []
    for role, claim in claims.items():
        other = claims["updated" if role == "published" else "published"]
        if claim is None:
            continue
        labelled = other is None or other.value != claim.value
        if place.changed and not labelled:
            if role == "published":
                continue
            labelled = True
        if role == "updated" and not labelled:
            continue
        if words > (_MOST_WORDS + 4 if labelled else _MOST_WORDS):
            continue
        is_near = near and not place.navigation
        if distance < 0:
            close = place.up <= (4 if distance >= -2 else 2) or (distance == -1 and line.times)
            is_near = is_near and bool(close or place.named or labelled)
        far = labelled or (place.named and distance > 0 and words <= 6)
        if is_near or (far and not place.foreign) or (labelled and place.up <= _INSIDE):
            made.append(
                Printed(claim, labelled, is_near, place.named, place.up, distance, place.look)
            )
    return made


def _words(text: str) -> int:
    return sum(word[:1].isalpha() for word in text.split())


def _own_text(element: Any) -> str | None:
    """Return the text of an element inside a longer line, if its class says that it is a date."""
    name = f"{element.get('class') or ''} {element.get('id') or ''}"
    if element.tag == "time" or _DATE_NAME.search(name[:400]):
        return text_of(element)
    return None


def _read(text: str, line: Line, role: Role, home: Home, now: datetime | None) -> Claim | None:
    """Return what the line says, by its ``time`` element where that says the same more exactly."""
    claim = read(text, role, "page", "printed", home, now)
    for time in line.times[:3]:
        exact = of_element(time, role, "printed", home, now)
        if exact is None:
            continue
        if claim is not None:
            if abs((exact.day - claim.day).days) <= 1:
                return exact
        elif not _DIGIT.search(line.text):
            return exact  # only the attribute has it: "2 hours ago"
    return claim


class _Place:
    """Where an element stands, as far as it bears on a date inside."""

    __slots__ = ("changed", "foreign", "hidden", "look", "named", "navigation", "quoting", "up")

    def __init__(self, element: Any, above: dict[Any, int]) -> None:
        self.changed = self.foreign = self.hidden = self.named = False
        self.navigation = self.quoting = False
        self.up = 99
        self.look = ""
        for depth, each in enumerate((element, *element.iterancestors())):
            if each in above:
                self.up = min(self.up, above[each])
                if depth > 8:
                    break
            self._look(each, depth)

    def _look(self, element: Any, depth: int) -> None:
        tag = element.tag
        self.navigation |= tag == "nav"
        self.foreign |= tag in _FOREIGN_TAGS
        self.quoting |= tag in _QUOTING
        name = f"{element.get('class') or ''} {element.get('id') or ''}"
        if depth > 8 or (len(name) == 1 and depth > 1):
            return
        if depth < 2:
            self.look += f"{tag}.{name}/"
        if depth < 3:
            self.named |= bool(_DATE_NAME.search(name[:400]))
            self.changed |= bool(_CHANGED_NAME.search(name[:400]))
        if depth < 5:
            self.foreign |= bool(hint_mask(name) & _FOREIGN)
        if HIDDEN_STYLE.search(element.get("style") or ""):
            self.hidden = True
