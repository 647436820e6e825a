"""Text that was decoded with the wrong character set, brought back."""

import re

_LATIN_RUN = re.compile(
    "[\x00-\xff\u0152\u0153\u0160\u0161\u0178\u017d\u017e\u0192\u02c6\u02dc\u2013\u2014\u2018-\u201e\u2020-\u2022\u2026\u2030\u2039\u203a\u20ac\u2122]+"
)
_SUSPECT = re.compile(
    "[\x80-\xff][\x80-\xff\u0152-\u2122]|[طظعغ][\x80-\xff\u0152-\u2122پگچژٹڈڑکںھ،؛؟]|[\u0e38\u0e39]"
)


def _codec(name: str, fallback: str = "latin-1") -> dict[str, int]:
    table = {}
    for byte in range(256):
        for codec in (name, fallback):
            try:
                char = bytes([byte]).decode(codec)
            except UnicodeDecodeError:
                continue
            table.setdefault(char, byte)
            if codec == name:
                break
    return table


_SLOPPY = {name: _codec(name) for name in ("cp1252", "cp1256")} | {
    "cp874": _codec("cp874", "cp1252")
}


def _encode(text: str, name: str) -> bytes | None:
    table = _SLOPPY[name]
    try:
        return bytes([table[c] for c in text])
    except KeyError:
        return None


def repair(text: str) -> tuple[str, bool]:
    """Return the text as it was meant and whether anything was repaired."""
    start = text
    for _ in range(3):
        if not _SUSPECT.search(text):
            break
        better = _step(text)
        if better is None:
            break
        text = better
    return text, text != start


def _step(text: str) -> str | None:
    for name in _SLOPPY:
        raw = _encode(text, name)
        if raw is None:
            continue
        try:
            return raw.decode("utf-8")
        except UnicodeDecodeError:
            pass
    raw = _encode(text, "cp1252")
    if raw is not None:
        found = raw.decode("cp1256")
        letters = sum("\u0621" <= c <= "\u064a" for c in found)
        if letters >= 0.6 * sum(c.isalpha() and not c.isascii() for c in found):
            return found
    return None


_LOST = re.compile("[?\ufffd\u061f]")


def is_lost(text: str) -> bool:
    """Whether nothing is left but the signs that stand for unreadable letters."""
    signs = len(_LOST.findall(text))
    return signs >= 2 and not any(c.isalnum() for c in text)
