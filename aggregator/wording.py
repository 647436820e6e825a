"""Messages as a key and its parts: English by itself, Arabic from ``wording.json`` beside it.

A :class:`Message` is a string, its English text, so that logs, JSON and the store take it as it is;
whoever shows it to people asks :func:`told` for their language. Parts may be messages themselves.
A message whose number needs a plural has a table of forms in Arabic, by its part ``count``.
"""

import json
from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import Any, Self


class Message(str):
    """An English text that knows what it was made from.

    >>> Message("{count} times", count=3)
    '3 times'
    """

    key: str
    parts: Mapping[str, object]

    def __new__(cls, key: str, **parts: object) -> Self:
        """Make the text: the key with its ``{places}`` filled."""
        self = super().__new__(cls, key.format_map(parts) if parts else key)
        self.key = key
        self.parts = parts
        return self


@cache
def table() -> Mapping[str, Any]:
    """Return the Arabic texts: key → text, or → plural form → text."""
    path = Path(__file__).with_name("wording.json")
    found: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))
    return found


def told(message: str, lang: str) -> str:
    """Return a message in a language, ``ar`` or ``en``; what has no translation stays as it is."""
    if lang != "ar":
        return str(message)
    if not isinstance(message, Message):
        found = table().get(message, message)
        return found if isinstance(found, str) else message
    text = table().get(message.key, message.key)
    if not isinstance(text, str):
        text = text.get(_form(message.parts.get("count")), text["other"])
    parts = {
        name: told(part, lang) if isinstance(part, str) else part
        for name, part in message.parts.items()
    }
    return str(text.format_map(parts)) if parts else str(text)


def _form(number: object) -> str:
    """Return the plural form (CLDR, ar) that a whole number takes; two, few, or other."""
    if not isinstance(number, int):
        return "other"
    if number in {1, 2}:
        return ("one", "two")[number - 1]
    return "few" if 3 <= number % 100 <= 10 else "other"
