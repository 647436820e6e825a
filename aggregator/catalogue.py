"""Reads the catalogue: folders of YAML files, one source a file, and the rule sets they share.

A file holds exactly the keys below; a wrong one is an error that names file and key and the nearest
right key. ``rules: NAME`` takes what the source does not say itself from ``rules/NAME.yaml`` in the
catalogue of the program (a content management system that many sources share).
"""

import difflib
import re
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from functools import cache
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import yaml

from aggregator.errors import CatalogueError, UsageError
from aggregator.types import Seed, Source

BUNDLED = Path(__file__).parent / "sources"
#: Fields that a selector can be given for; ``remove`` is cut out of the body.
SELECTOR_FIELDS = (
    "title",
    "date",
    "updated",
    "body",
    "author",
    "image",
    "summary",
    "categories",
    "remove",
)
REQUIRED = ("id", "name", "homepage", "country", "language", "seeds")
_Loader = getattr(yaml, "CSafeLoader", yaml.SafeLoader)


class _WrongError(ValueError):
    """A value is not what its key asks for."""


def load(folders: Sequence[str] = ("bundled",)) -> dict[str, Source]:
    """Return the sources of these folders by id, in the order of their ids.

    Raises:
        CatalogueError: a folder is missing, a file is wrong, two files have one id.
    """
    found: dict[str, Source] = {}
    for folder in folders:
        root = BUNDLED if folder == "bundled" else Path(folder).expanduser()
        if not root.is_dir():
            raise CatalogueError("no such folder of sources", root)
        for path in sorted(root.rglob("*.yaml")):
            if path.parent.name == "rules":
                continue
            source = load_file(path)
            if source.id in found:
                raise CatalogueError("two sources have one id", path, found[source.id].path)
            found[source.id] = source
    return dict(sorted(found.items()))


def choose(sources: Mapping[str, Source], ids: Iterable[str]) -> list[Source]:
    """Return the named sources.

    Raises:
        UsageError: an unknown id, with the nearest known one.
    """
    names = list(ids)
    known(names, sources)
    return [sources[name] for name in names]


def known(ids: Iterable[str], sources: Collection[str]) -> None:
    """See that all ids are known.

    Raises:
        UsageError: an unknown id, with the nearest known one.
    """
    for name in ids:
        if name not in sources:
            near = difflib.get_close_matches(name, sources, n=1)
            hint = f"did you mean {near[0]}?" if near else "see `aggregator sources list`"
            raise UsageError("unknown source", name, hint)


def load_file(path: Path) -> Source:
    """Return the source that a file describes.

    Raises:
        CatalogueError: with file and key.
    """
    data = _read(path)
    if "rules" in data:
        data = _with_rules(data, path)
    return _source(data, path)


def from_mapping(data: Mapping[str, Any], where: str = "source") -> Source:
    """Return the source that a mapping of the same shape describes; raises like a file."""
    return _source(dict(data), Path(where))


def _read(path: Path) -> dict[str, Any]:
    try:
        data = yaml.load(path.read_text(encoding="utf-8"), Loader=_Loader)  # noqa: S506 (safe)
    except (OSError, UnicodeDecodeError, yaml.YAMLError) as error:
        raise CatalogueError("source file cannot be read", path, error) from error
    if not isinstance(data, dict):
        raise CatalogueError("source file is not a mapping", path)
    return data


@cache
def _rules(name: str) -> Mapping[str, Any]:
    return _read(BUNDLED / "rules" / f"{name}.yaml")


def _with_rules(data: dict[str, Any], path: Path) -> dict[str, Any]:
    name = data["rules"]
    if not isinstance(name, str) or not re.fullmatch(r"[a-z0-9_-]+", name):
        raise CatalogueError("wrong value", f"{path}: rules", "the name of a rule set")
    if not (BUNDLED / "rules" / f"{name}.yaml").is_file():
        known = sorted(each.stem for each in (BUNDLED / "rules").glob("*.yaml"))
        raise CatalogueError("no such rule set", f"{path}: rules", f"known: {', '.join(known)}")
    merged = {**_rules(name), **data}
    selectors = {**_rules(name).get("selectors", {}), **data.get("selectors", {})}
    return {**merged, "selectors": selectors} if selectors else merged


def _source(data: dict[str, Any], path: Path) -> Source:
    for key in REQUIRED:
        if key not in data:
            raise CatalogueError("key is missing", f"{path}: {key}")
    values: dict[str, Any] = {}
    for key, value in data.items():
        if key not in _READERS:
            near = difflib.get_close_matches(str(key), _READERS, n=1)
            raise CatalogueError(
                "unknown key", f"{path}: {key}", f"did you mean {near[0]}?" if near else None
            )
        name, read = _READERS[key]
        try:
            values[name] = read(value)
        except _WrongError as error:
            raise CatalogueError("wrong value", f"{path}: {key}", str(error)) from error
    return Source(**values, path=str(path))


def _text(value: Any) -> str:
    if not isinstance(value, str) or not value.strip():
        raise _WrongError("must be a text")
    return value.strip()


def _address(value: Any) -> str:
    text = _text(value)
    if not re.match(r"https?://[^/\s]+", text):
        raise _WrongError(f"must be an http(s) address, not {text[:80]!r}")
    return text


def _matching(pattern: str, what: str) -> Callable[[Any], str]:
    def read(value: Any) -> str:
        text = _text(value)
        if not re.fullmatch(pattern, text):
            raise _WrongError(f"must be {what}, not {text[:40]!r}")
        return text

    return read


def _one_of(*words: str) -> Callable[[Any], str]:
    def read(value: Any) -> str:
        if value not in words:
            near = difflib.get_close_matches(str(value), words, n=1)
            hint = f"; did you mean {near[0]}?" if near else ""
            raise _WrongError(f"must be one of {', '.join(words)}{hint}")
        return str(value)

    return read


def _texts(value: Any) -> tuple[str, ...]:
    if isinstance(value, str):
        return (_text(value),)
    if not isinstance(value, list):
        raise _WrongError("must be a text or a list of texts")
    return tuple(_text(each) for each in value)


def _patterns(value: Any) -> tuple[str, ...]:
    import re2

    for pattern in (found := _texts(value)):
        try:
            re2.compile(pattern)
        except re2.error as error:
            raise _WrongError(f"{pattern!r} is no RE2 pattern: {error}") from error
    return found


def _timezone(value: Any) -> str:
    try:
        ZoneInfo(_text(value))
    except (KeyError, ValueError, OSError) as error:
        raise _WrongError(f"{value!r} is no IANA time zone") from error
    return str(value)


def _number(value: Any) -> float:
    if isinstance(value, bool) or not isinstance(value, int | float) or not 0 <= value <= 86400:
        raise _WrongError("must be a number from 0 to 86400")
    return float(value)


def _count(value: Any) -> int:
    if isinstance(value, bool) or not isinstance(value, int) or not 1 <= value <= 64:
        raise _WrongError("must be a whole number from 1 to 64")
    return value


def _flag(value: Any) -> bool:
    if not isinstance(value, bool):
        raise _WrongError("must be true or false")
    return value


def _day(value: Any) -> str:
    return _matching(r"\d{4}-\d{2}-\d{2}", "a day like 2026-11-24")(str(value))


def _headers(value: Any) -> dict[str, str]:
    if not isinstance(value, dict):
        raise _WrongError("must be a mapping of header to value")
    return {_text(name): _text(text) for name, text in value.items()}


def _selectors(value: Any) -> dict[str, tuple[str, ...]]:
    if not isinstance(value, dict):
        raise _WrongError("must be a mapping of field to selectors")
    for name in value:
        if name not in SELECTOR_FIELDS:
            near = difflib.get_close_matches(str(name), SELECTOR_FIELDS, n=1)
            hint = f"; did you mean {near[0]}?" if near else ""
            raise _WrongError(f"unknown field {name!r}{hint}")
    return {name: tuple(_selector(each) for each in _texts(value[name])) for name in value}


def _selector(text: str) -> str:
    """Check that a selector is CSS, or XPath where it begins with ``/`` or ``(``."""
    from lxml import cssselect, etree

    try:
        if text.startswith(("/", "(")):
            etree.XPath(text)
        else:
            cssselect.CSSSelector(text, translator="html")
    except (etree.XPathSyntaxError, cssselect.SelectorError) as error:
        raise _WrongError(f"{text!r} is no selector: {error}") from error
    return text


def _seeds(value: Any) -> tuple[Seed, ...]:
    if not isinstance(value, list) or not value:
        raise _WrongError("must be a list of at least one seed")
    return tuple(_seed(each, number) for number, each in enumerate(value, start=1))


def _seed(value: Any, number: int) -> Seed:
    if not isinstance(value, dict):
        raise _WrongError(f"seed {number} must be a mapping of kind and url")
    values: dict[str, Any] = {}
    for key, part in value.items():
        if key not in _SEED_READERS:
            near = difflib.get_close_matches(str(key), _SEED_READERS, n=1)
            hint = f"; did you mean {near[0]}?" if near else ""
            raise _WrongError(f"seed {number}: unknown key {key!r}{hint}")
        try:
            values[key] = _SEED_READERS[key](part)
        except _WrongError as error:
            raise _WrongError(f"seed {number}: {key} {error}") from error
    for key in ("kind", "url"):
        if key not in values:
            raise _WrongError(f"seed {number}: {key} is missing")
    return Seed(**values)


def _evidence_count(value: Any) -> int:
    if isinstance(value, bool) or not isinstance(value, int) or value < 0:
        raise _WrongError("must be a whole number")
    return value


_SEED_READERS: Mapping[str, Callable[[Any], Any]] = {
    "kind": _one_of("feed", "sitemap", "listing"),
    "url": _address,
    "links": _selector,
    "title": _text,
    "evidence": _evidence_count,
    "enabled": _flag,
}

#: key of the file → field of ``Source`` and how its value is read
_READERS: Mapping[str, tuple[str, Callable[[Any], Any]]] = {
    "id": ("id", _matching(r"[a-z0-9][a-z0-9_.-]*", "lower case letters, digits, . _ -")),
    "name": ("name", _text),
    "name_en": ("name_en", _text),
    "homepage": ("homepage", _address),
    "country": ("country", _matching(r"[A-Z]{2}", "two capital letters (ISO 3166)")),
    "timezone": ("timezone", _timezone),
    "language": ("language", _matching(r"[a-z]{2,3}(-[A-Za-z0-9]+)*", "a language tag (BCP 47)")),
    "kind": ("kind", _matching(r"[a-z_]+", "a word: newspaper, broadcaster, agency, portal …")),
    "seeds": ("seeds", _seeds),
    "selectors": ("selectors", _selectors),
    "article_patterns": ("article_patterns", _patterns),
    "identity_patterns": ("identity_patterns", _patterns),
    "hosts": ("hosts", _texts),
    "charset": ("charset", _text),
    "headers": ("headers", _headers),
    "cookies": ("cookies", _flag),
    "delay": ("delay_s", _number),
    "concurrency": ("concurrency", _count),
    "robots": ("robots", _one_of("obey", "ignore")),
    "full_text": ("full_text", _one_of("feed", "page")),
    "date_order": ("date_order", _one_of("dmy", "mdy")),
    "archive": ("archive", _flag),
    "enabled": ("enabled", _flag),
    "evidence": ("evidence", _one_of("high", "medium", "low")),
    "verified": ("verified", _day),
    "rules": ("rules", _text),
    "tested": ("tested", _flag),
    "notes": ("notes", _texts),
}
