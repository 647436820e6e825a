"""Names of articles and streams, as apps write them."""

from dataclasses import dataclass
from typing import Literal

LONG = "tag:google.com,2005:reader/item/"
STATES = "user/-/state/com.google/"
LABELS = "user/-/label/"
FEEDS = "feed/"
#: Greatest number of an article: a signed 64-bit integer.
_MOST = 2**63 - 1
Kind = Literal["feed", "label", "state"]


@dataclass(frozen=True, slots=True)
class Stream:
    """A list of articles: of a source, of a folder, or in a state.

    Attributes:
        value: id or address of the source, name of the folder or of the state.
    """

    kind: Kind
    value: str

    @property
    def name(self) -> str:
        """The name that apps know it by."""
        return {"feed": FEEDS, "label": LABELS, "state": STATES}[self.kind] + self.value


def long_id(pk: int) -> str:
    """Return the long name of an article.

    >>> long_id(26)
    'tag:google.com,2005:reader/item/000000000000001a'
    """
    return f"{LONG}{pk:016x}"


def item(text: str) -> int | None:
    """Return the number of an article from its long or short name; None if it is no such name.

    Apps send the long form with and without leading zeros, its sixteen digits alone, and decimals.

    >>> [item(each) for each in (LONG + "1a", "000000000000001a", "26", "x", "-1")]
    [26, 26, 26, None, None]
    """
    digits, base = text.strip(), 10
    if digits.startswith(LONG):
        digits, base = digits.removeprefix(LONG), 16
    elif len(digits) == 16:
        base = 16
    if not digits.isascii() or not digits.isalnum() or len(digits) > 19:
        return None
    try:
        number = int(digits, base)
    except ValueError:
        return None
    return number if 0 < number <= _MOST else None


def stream(text: str) -> Stream | None:
    """Return a stream from its name; a user's number in it says nothing, everybody has their own.

    >>> stream("user/1234/state/com.google/starred")
    Stream(kind='state', value='starred')
    """
    text = text.strip()
    if text.startswith(FEEDS):
        return Stream("feed", text.removeprefix(FEEDS)) if text != FEEDS else None
    parts = text.split("/", 2)
    if len(parts) != 3 or parts[0] != "user":
        return None
    rest = parts[2]
    for prefix, kind in (("state/com.google/", "state"), ("label/", "label")):
        value = rest.removeprefix(prefix)
        if value and value != rest:
            return Stream("label" if kind == "label" else "state", value)
    return None
