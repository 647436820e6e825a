"""Know a month whose Arabic name is misspelt by one letter: سبتمر, نوفمبير, اكتوير."""

from collections.abc import Iterator
from functools import cache

from aggregator.arabic.dates.lexicon import Month, month_names

#: a shorter name is one letter away from too many words
_SHORTEST = 6
_LONGEST = 10


def misspelt(word: str) -> Month | None:
    """Return the one Gregorian month whose name ``word`` misses by a letter, or None.

    A letter may be missing, added, another one or in another place. Only to be asked where a day
    stands before the word and a year after it.
    """
    if not (_SHORTEST - 1 <= len(word) <= _LONGEST and "\u0600" <= word[0] <= "\u06ff"):
        return None
    near = {month for form in _with_one_less(word) if (month := _near().get(form))}
    return near.pop() if len(near) == 1 else None


def _with_one_less(word: str) -> Iterator[str]:
    """Yield a word and its forms without one letter; two words near each other share one."""
    yield word
    yield from (word[:at] + word[at + 1 :] for at in range(len(word)))


@cache
def _near() -> dict[str, Month | None]:
    near: dict[str, Month | None] = {}
    for name, months in month_names():
        gregorian = {month.calendar for month in months} == {"gregorian"}
        if gregorian and len(name) >= _SHORTEST and "\u0600" <= name[0] <= "\u06ff":
            month = Month(months[0].number, "gregorian", None)
            for form in _with_one_less(name):
                near[form] = month if near.get(form, month) == month else None
    return near
