"""The words of the interface in Arabic and English, with their plurals, and dates as people say."""

import json
from collections.abc import Mapping
from datetime import UTC, datetime
from functools import cache
from pathlib import Path
from typing import Any

from aggregator.wording import told

LANGUAGES = ("ar", "en")
DIRECTIONS = {"ar": "rtl", "en": "ltr"}


@cache
def table() -> Mapping[str, Any]:
    """Return the words: key → language → text, or key → plural form → language → text."""
    path = Path(__file__).with_name("texts.json")
    found: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))
    return found


def plural(number: int, lang: str) -> str:
    """Return the plural form that a number takes (CLDR's cardinal rules, ar and en).

    ``hundred`` is CLDR's ``other`` of Arabic: 100 to 102, 200 to 202 …

    >>> [plural(n, "ar") for n in (0, 1, 2, 5, 11, 100)]
    ['zero', 'one', 'two', 'few', 'other', 'hundred']
    """
    if lang != "ar":
        return "one" if number == 1 else "other"
    if number in {0, 1, 2}:
        return ("zero", "one", "two")[number]
    rest = number % 100
    if 3 <= rest <= 10:
        return "few"
    return "hundred" if rest < 3 else "other"


class Texts:
    """The words of one language; ``t("key")`` for templates."""

    def __init__(self, lang: str) -> None:
        self.lang = lang
        self.dir = DIRECTIONS[lang]

    def __call__(self, key: str, **parts: object) -> str:
        """Return a text with its places filled; the key itself where nobody wrote one."""
        entry = table().get(key)
        text = entry[self.lang] if entry else key
        return text.format(**parts) if parts else str(text)

    def told(self, message: str) -> str:
        """Return why a source fares as it does, in this language."""
        return told(message, self.lang)

    def count(self, key: str, number: int) -> str:
        """Return a text with a number, in the form that the number takes."""
        forms = table()[key]
        form = plural(number, self.lang)
        chosen = forms.get(form) or forms["other"]
        return str(chosen[self.lang].format(n=self.number(number)))

    def number(self, value: int) -> str:
        """Return a number with thousands apart."""
        return f"{value:,}"

    def language(self, code: str) -> str:
        """Return the name of a language, its code where it has none here."""
        entry = table().get(f"lang_{code.partition('-')[0]}")
        return entry[self.lang] if entry else code

    def day(self, moment: datetime) -> str:
        """Return the day: ``10 November 2025``."""
        month = table()["months"][self.lang].split()[moment.month - 1]
        return f"{moment.day} {month} {moment.year}"

    def weekday(self, moment: datetime) -> str:
        """Return the name of the weekday."""
        return str(table()["weekdays"][self.lang].split()[moment.weekday()])

    def when(self, moment: datetime, precision: str | None = "minute") -> str:
        """Return a time no finer than it is known; hours are UTC and say so.

        Lists put sources of many zones side by side; the script shows the reader's own zone.
        """
        if precision == "month":
            return self.day(moment).partition(" ")[2]
        if precision == "day":
            return self.day(moment)
        moment = moment.astimezone(UTC)
        comma = "،" if self.lang == "ar" else ","
        return f"{self.day(moment)}{comma} {moment:%H:%M} {self('utc')}"


@cache
def texts(lang: str) -> Texts:
    """Return the words of a language."""
    return Texts(lang)
