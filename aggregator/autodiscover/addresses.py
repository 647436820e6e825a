"""What the addresses of a site's articles have in common, as patterns (RE2)."""

import re
from collections import Counter
from collections.abc import Iterable, Sequence
from typing import Final
from urllib.parse import unquote, urlsplit

from aggregator.urls import host, matches_any

#: Addresses below which nothing is concluded.
ENOUGH: Final = 5
_MOST_PATTERNS: Final = 3
_NUMBER: Final = re.compile(r"(?<!\d)\d{4,15}(?!\d)")
_AT_START: Final = re.compile(r"\d{4,15}(?!\d)")
_AT_END: Final = re.compile(r"(?<!\d)\d{4,15}$")
_YEARS: Final = range(1990, 2100)
_GROUP: Final = r"(\d{4,})"
_END: Final = "/?(?:[?#]|$)"
#: A path that says more than "anything below the root".
_TELLING: Final = re.compile(r"\\d|/[^\[/(\\]{2,}/")
_SPECIAL: Final = re.compile(r"([.^$*+?{}\[\]\\|()])")


def patterns(urls: Sequence[str]) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """Return patterns of article addresses, and those that hold their number in a group.

    Empty where too few addresses are known or they have too little in common: a wrong pattern
    loses articles, none loses nothing.
    """
    if len(urls) < ENOUGH:
        return (), ()
    hosts = sorted({host(url).removeprefix("www.") for url in urls})
    if len(hosts) > 3:
        return (), ()
    start = _start(hosts, has_port=any(urlsplit(url).netloc.rpartition(":")[1] for url in urls))
    groups: dict[tuple[int, bool], list[list[str]]] = {}
    for url in urls:
        parts = _parts(url)
        groups.setdefault((len(parts[0]), bool(parts[1])), []).append(parts[0])
    if any(queried for _, queried in groups):
        return _by_query(urls, start)
    articles, identities = [], []
    for rows in sorted(groups.values(), key=len, reverse=True)[:_MOST_PATTERNS]:
        if len(rows) < max(2, 0.1 * len(urls)):
            continue
        at = _number_place(rows)
        path = _path(rows, at)
        if not _TELLING.search(path):
            return (), ()
        articles.append(start + path.replace(_GROUP, _GROUP.strip("()")) + _END)
        if at is not None:
            identities.append(start + path + _END)
    if sum(matches_any(url, articles) for url in urls) < 0.9 * len(urls):
        return (), ()
    return tuple(articles), tuple(identities)


def _parts(url: str) -> tuple[list[str], str]:
    parts = urlsplit(url)
    return [segment for segment in unquote(parts.path).split("/") if segment], parts.query


def _start(hosts: Iterable[str], *, has_port: bool) -> str:
    names = "|".join(map(_literal, hosts))
    port = r"(?::\d+)?" if has_port else ""
    return rf"^https?://(?:www\.)?(?:{names}){port}"


def _literal(text: str) -> str:
    return _SPECIAL.sub(r"\\\1", text)


def _number_place(rows: list[list[str]]) -> int | None:
    """Return the segment whose number is each address's own, from the end."""
    for at in reversed(range(len(rows[0]))):
        stems = [row[at].removesuffix(_ending(row[at])) for row in rows]
        numbers = [_NUMBER.findall(stem) for stem in stems]
        at_end = all(map(_AT_END.search, stems))
        if not all(found and (at_end or len(found) == 1) for found in numbers):
            continue
        values = {found[-1] for found in numbers}
        years = all(len(value) == 4 and int(value) in _YEARS for value in values)
        if len(values) == len({tuple(row) for row in rows}) and not years:
            return at
    return None


def _path(rows: list[list[str]], capture: int | None = None) -> str:
    return "".join(
        "/" + _segment([row[at] for row in rows], capture=at == capture)
        for at in range(len(rows[0]))
    )


def _segment(values: list[str], *, capture: bool) -> str:
    """Return the pattern of one segment over all addresses."""
    number = _GROUP if capture else r"\d+"
    if all(value.isdigit() for value in values):
        return number
    endings = {_ending(value) for value in values}
    ending = _literal(endings.pop()) if len(endings) == 1 else ""
    if capture:
        stems = [value.removesuffix(_ending(value)) for value in values]
        at_end = all(map(_AT_END.search, stems))
        pure = all(map(str.isdigit, stems))
        before = "" if pure or (all(map(_AT_START.match, stems)) and not at_end) else "[^/]*?"
        after = ending if at_end else "(?:[^0-9/][^/]*)?"
        return before + number + after
    return _literal(values[0]) if len(set(values)) == 1 else "[^/]+"


def _ending(value: str) -> str:
    match = re.search(r"\.(?:s?html?|php|aspx?|jsp)$", value, re.IGNORECASE)
    return match[0] if match else ""


def _by_query(urls: Sequence[str], start: str) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """Return the patterns of a site whose addresses differ in one parameter."""
    paths = {tuple(_parts(url)[0]) for url in urls}
    names: Counter[str] = Counter()
    values: dict[str, set[str]] = {}
    for url in urls:
        for pair in _parts(url)[1].split("&"):
            name, _, value = pair.partition("=")
            if value.isdigit():
                names[name] += 1
                values.setdefault(name, set()).add(value)
    own = [name for name in names if names[name] == len(urls) == len(values[name])]
    if len(paths) != 1 or not own:
        return (), ()
    path = "".join("/" + _literal(segment) for segment in paths.pop()) or "/"
    start += path + r"\?(?:[^#]*&)?" + _literal(own[0])
    return (start + r"=\d+",), (start + r"=(\d+)",)
