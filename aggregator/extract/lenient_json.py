"""Read what is nearly JSON: missing or doubled commas, bare quotes, raw line breaks, a cut end.

Promise: never raises, does not recurse, time linear in the text. A text that is JSON should be read
by :mod:`json`; this reads the rest as its writer probably meant it.
"""

import json
import re
from typing import Any

#: deeper containers are left out
MAX_DEPTH = 60

_TOKEN = re.compile(r'\s*+(?:([{}\[\],:])|(")|([^\s{}\[\],:"]++))')
_TO_QUOTE = re.compile(r'[^"\\]*+(?:\\.[^"\\]*+)*+', re.DOTALL)
_AFTER = re.compile(r"(\s*+)(.?)", re.DOTALL)
_AFTER_COMMA = re.compile(r'\s*+(?:[",{}\[\]]|-?\d|true\b|false\b|null\b|$)')
_KEY = re.compile(r'"[^"\\\n]{0,100}"\s*+:')
_ESCAPE = re.compile(r"\\(?:u([0-9a-fA-F]{4})|(.))", re.DOTALL)
_LETTERS = {"b": "\b", "f": "\f", "n": "\n", "r": "\r", "t": "\t"}
_WORDS: dict[str, Any] = {"true": True, "false": False, "null": None}
_NO_KEY = object()


class _Reader:
    """Containers that are still open, innermost last, each with the key that waits for a value."""

    def __init__(self) -> None:
        self.found: list[Any] = []
        self.open: list[tuple[Any, list[Any]]] = [(self.found, [_NO_KEY])]
        self.left_out = 0

    def add(self, value: Any) -> None:
        container, key = self.open[-1]
        if isinstance(container, list):
            container.append(value)
        elif key[0] is not _NO_KEY:
            container[key[0]] = value
            key[0] = _NO_KEY
        elif isinstance(value, str):
            key[0] = value

    def awaits_key(self) -> bool:
        container, key = self.open[-1]
        return isinstance(container, dict) and key[0] is _NO_KEY

    def sign(self, sign: str) -> None:
        if sign in "{[":
            if self.left_out or len(self.open) > MAX_DEPTH:
                self.left_out += 1
                return
            container: Any = {} if sign == "{" else []
            self.add(container)
            self.open.append((container, [_NO_KEY]))
        elif sign in "}]":
            self._close(dict if sign == "}" else list)
        elif sign == ",":
            self.open[-1][1][0] = _NO_KEY

    def _close(self, kind: type) -> None:
        if self.left_out:
            self.left_out -= 1
            return
        for depth in range(len(self.open) - 1, 0, -1):
            if isinstance(self.open[depth][0], kind):
                del self.open[depth:]
                return


def values(text: str) -> list[Any]:
    """Return the values in a text, outermost ones in order; empty where there are none.

    >>> values('{"a": "say "yes"", "b": [1,, 2,]} {"c": "cut o')
    [{'a': 'say "yes"', 'b': [1, 2]}, {'c': 'cut o'}]
    """
    reader = _Reader()
    position = 0
    while match := _TOKEN.match(text, position):
        position = match.end()
        sign, quote, word = match.groups()
        if sign:
            reader.sign(sign)
            continue
        if quote:
            value, position = _string(text, position, is_key=reader.awaits_key())
        else:
            value = _word(word)
        if not reader.left_out:
            reader.add(value)
    return reader.found


def _string(text: str, start: int, *, is_key: bool) -> tuple[str, int]:
    """Return the string that begins behind a quote, and where the text goes on."""
    position = start
    while True:
        match = _TO_QUOTE.match(text, position)
        end = match.end() if match else position
        if end >= len(text) or text[end] != '"':
            return _unescaped(text[start:]), len(text)
        if _is_end(text, end + 1, is_key=is_key):
            return _unescaped(text[start:end]), end + 1
        position = end + 1


def _is_end(text: str, position: int, *, is_key: bool) -> bool:
    """Whether a quote ends its string, by what follows it."""
    match = _AFTER.match(text, position)
    blanks, following = match.groups() if match else ("", "")
    if following in {"", "}", "]"}:
        return True
    if following == ":":
        return is_key
    if following == ",":
        return bool(_AFTER_COMMA.match(text, position + len(blanks) + 1))
    if following == '"':
        return "\n" in blanks or bool(_KEY.match(text, position + len(blanks)))
    return following in "{["


def _unescaped(raw: str) -> str:
    if "\\" not in raw:
        return raw
    try:
        return str(json.loads(f'"{raw}"', strict=False))
    except ValueError:
        text = _ESCAPE.sub(_letter, raw)
        return text.encode("utf-16", "surrogatepass").decode("utf-16", "replace")


def _letter(match: re.Match[str]) -> str:
    return chr(int(match[1], 16)) if match[1] else _LETTERS.get(match[2], match[2])


def _word(word: str) -> Any:
    if word in _WORDS:
        return _WORDS[word]
    try:
        return json.loads(word) if len(word) < 30 else word
    except ValueError:
        return word
