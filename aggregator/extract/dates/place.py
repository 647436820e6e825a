"""Where an element with a date stands, as far as that tells whose date it is."""

import re
from functools import lru_cache
from typing import Any, NamedTuple

from aggregator.extract.hints import BITS, HIDDEN_STYLE, hint_mask

#: levels from the headline to the element around both, within which a labelled date is its own
_INSIDE = 6
#: words of a date line without a label
_FEW_WORDS = 6
_DATE_NAME = re.compile(
    r"entry-?date|post-?date|postdate|article-?date|news-?date|pub-?date|publish|posted|dateline"
    r"|date-?time|datetime|timestamp|byline|meta-?date|date-?meta|(?:^|[\s_-])(?:date|time)(?:$|[\s_-])"
    r"|datum|fecha|tarih|tareekh|tarekh|entry-meta|post-meta|article-?info|news-?info|submitted",
    re.IGNORECASE,
)
_MASTHEAD = re.compile(
    r"(?:^|[\s_-])(?:site-?head(?:er)?|page-?header|main-?header|masthead|top-?bar|top-?nav|nav-?bar"
    r"|header|top|today|current-?(?:date|time)|date-?now|clock-?now)(?:$|\s)",
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
#: letters of class and id that are looked at
_LONGEST_NAME = 400
#: blocks that quote or show something of another day
_QUOTING = frozenset(("blockquote", "figure", "figcaption"))


class _Name(NamedTuple):
    """What class and id say of an element."""

    dated: bool
    changed: bool
    masthead: bool
    foreign: bool


@lru_cache(maxsize=2048)
def _read_name(name: str) -> _Name:
    """Return what a name says; the lines of a page share most of the elements around them."""
    return _Name(
        dated=_DATE_NAME.search(name) is not None,
        changed=_CHANGED_NAME.search(name) is not None,
        masthead=_MASTHEAD.search(name) is not None,
        foreign=bool(hint_mask(name) & _FOREIGN),
    )


def _name_of(element: Any) -> str:
    return f"{element.get('class') or ''} {element.get('id') or ''}"


def is_dated(element: Any) -> bool:
    """Whether class or id say that an element is a date."""
    return _read_name(_name_of(element)[:_LONGEST_NAME]).dated


class Place:
    """Where an element stands, as far as it bears on a date inside."""

    __slots__ = (
        "changed", "foreign", "hidden", "look", "masthead", "named", "navigation", "quoting",
        "time", "up",
    )  # fmt: skip

    def __init__(self, element: Any, above: dict[Any, int]) -> None:
        self.changed = self.foreign = self.hidden = self.named = self.masthead = False
        self.navigation = self.quoting = False
        self.up = 99
        self.look = ""
        self.time = element.tag == "time"
        for depth, each in enumerate((element, *element.iterancestors())):
            if each in above:
                self.up = min(self.up, above[each])
                if depth > 8:
                    break
            name = _name_of(each)
            said = _read_name(name[:_LONGEST_NAME])
            if each not in above and self.up == 99:  # the head of the site prints today's date
                self.masthead |= said.masthead or (each.tag == "header" and not said.dated)
            self._look(each, depth, name, said)

    def beside(self, distance: int, labelled: bool) -> bool:
        """Whether a line near the headline belongs to it; before it more is asked."""
        if self.navigation or (distance < 0 and self.masthead and not self.time):
            return False
        if distance >= 0 or self.named or labelled:
            return True
        return self.up <= (4 if distance >= -2 else 2) or (distance == -1 and self.time)

    def stands_for_page(self, distance: int, labelled: bool, words: int) -> bool:
        """Whether a line away from the headline is about the page."""
        if labelled and self.up <= _INSIDE:
            return True
        named = self.named and distance > 0 and words <= _FEW_WORDS
        return (labelled or named) and not self.foreign

    def _look(self, element: Any, depth: int, name: str, said: _Name) -> None:
        tag = element.tag
        self.navigation |= tag == "nav"
        self.foreign |= tag in _FOREIGN_TAGS
        self.quoting |= tag in _QUOTING
        if depth > 8 or (len(name) == 1 and depth > 1):
            return
        if depth < 2:
            self.look += f"{tag}.{name}/"
        if depth < 3:
            self.named |= said.dated
            self.changed |= said.changed
        if depth < 5:
            self.foreign |= said.foreign
        style = element.get("style")
        if style and HIDDEN_STYLE.search(style):
            self.hidden = True
