"""Which parts of an address say nothing of the article: trackers, AMP and print marks.

The words stand in ``marks.txt``; this module only reads and applies them.
"""

import re
from collections.abc import Callable
from pathlib import Path
from typing import Any, NamedTuple
from urllib.parse import unquote

from aggregator.urls.escapes import PATH, normal


class Names(NamedTuple):
    """Names of parameters; a value that is not None must match for the name to count."""

    exact: dict[str, Callable[[str], Any] | None]
    beginnings: tuple[str, ...]


_SECTIONS: dict[str, list[str]] = {}
for _line in Path(__file__).with_name("marks.txt").read_text(encoding="utf-8").splitlines():
    if _line.startswith("["):
        _SECTIONS[_line.strip("[] ")] = []
    elif _line and not _line.startswith("#"):
        next(reversed(_SECTIONS.values())).append(_line)


def _names(section: str) -> Names:
    exact: dict[str, Callable[[str], Any] | None] = {}
    beginnings = []
    for line in _SECTIONS[section]:
        name, _, pattern = line.partition(" ")
        if name.endswith("*"):
            beginnings.append(name[:-1])
        else:
            exact[name] = re.compile(pattern).fullmatch if pattern else None
    return Names(exact, tuple(beginnings))


def _words(section: str) -> frozenset[str]:
    return frozenset(" ".join(_SECTIONS[section]).split())


TRACKERS = _names("trackers")
VARIANTS = _names("variants")
SHARED_LABELS = _words("shared labels")
HOSTING = _words("hosting")
_NAMED_AFTER = frozenset(normal(word, PATH).lower() for word in _words("named after"))
_AMP_SEGMENTS = _words("amp segments")
_AMP_FILES = _words("amp files")
_PRINT_SEGMENTS = _words("print segments")


def named(pair: str, names: Names) -> bool:
    """Return whether a parameter, ``name=value`` as it stands in the query, is one of ``names``."""
    name, _, value = pair.partition("=")
    name = (unquote(name) if "%" in name else name).lower()
    if name in names.exact:
        meets = names.exact[name]
        return meets is None or meets(value.lower()) is not None
    return name.startswith(names.beginnings)


def without_marks(segments: list[str]) -> list[str]:
    """Drop the segments that make a path the AMP or print form of another."""
    kept: list[str] = []
    for segment in segments:
        name = segment.lower()
        in_front = not kept or (len(kept) == 1 and len(kept[0]) == 2)
        if (name in _AMP_SEGMENTS or (name == "print" and in_front)) and not _is_name(kept):
            continue
        kept.append(segment)
    while len(kept) > 1 and not _is_name(kept[:-1]):
        name = kept[-1].lower()
        if not (name in _PRINT_SEGMENTS or name in _AMP_FILES):
            break
        kept.pop()
    return kept


def _is_name(before: list[str]) -> bool:
    return bool(before) and before[-1].lower() in _NAMED_AFTER
