"""feedparser's own assertions, evaluated without ``eval`` on its result and on ours.

An assertion is a Python condition over ``feed`` and ``entries``. It is read as a syntax tree of
which only comparisons, ``and``, ``or``, ``not``, names, constants and subscripts are understood;
anything else makes the assertion one that we do not judge.
"""

import ast
import operator
import re
from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from html import escape
from typing import Any

from aggregator import sanitize
from aggregator.seeds.elements import person
from aggregator.seeds.moments import moment
from aggregator.seeds.parsed import ParsedSeed
from aggregator.seeds.texts import literal, plain
from aggregator.types import Entry, Moment, Source

Path = tuple[Any, ...]

#: What of feedparser's result concerns title, link, id, dates, summary, content and author.
_TEXTS = {
    "title": "title",
    "summary": "summary",
    "description": "summary",
    "subtitle": "summary",
    "tagline": "summary",
    "info": "summary",
}
_DATES = {
    "published": "published",
    "issued": "published",
    "created": "published",
    "date": "published",
    "updated": "updated",
    "modified": "updated",
}
_OPERATORS: dict[type[ast.cmpop], Callable[[Any, Any], bool]] = {
    ast.Eq: operator.eq,
    ast.NotEq: operator.ne,
    ast.In: lambda a, b: a in b,
    ast.NotIn: lambda a, b: a not in b,
    ast.Is: operator.is_,
    ast.IsNot: operator.is_not,
}


#: we turn players into links, feedparser drops them
_PLAYER = re.compile(r"</?(?:iframe|embed)\b[^<>]*>")


class NotOursError(Exception):
    """The assertion is about something that we do not judge."""


def path_of(node: ast.expr) -> Path | None:
    """Return ``entries[0]['title']`` as ``("entries", 0, "title")``; None where it is no path."""
    if isinstance(node, ast.Name):
        return (node.id,)
    if isinstance(node, ast.Attribute):
        inner = path_of(node.value)
        return None if inner is None else (*inner, node.attr)
    if isinstance(node, ast.Subscript) and isinstance(node.slice, ast.Constant):
        inner = path_of(node.value)
        return None if inner is None else (*inner, node.slice.value)
    return None


def holds_for_feedparser(expression: str, result: Mapping[str, Any]) -> bool:
    """Return whether the assertion holds for a result of feedparser."""

    def value(node: ast.expr) -> Any:
        path = path_of(node)
        if path is None:
            return ast.literal_eval(node)
        found: Any = result
        for step in path:
            found = found[step]
        return found

    def test(node: ast.expr) -> bool:
        if isinstance(node, ast.BoolOp):
            results = map(test, node.values)
            return all(results) if isinstance(node.op, ast.And) else any(results)
        if isinstance(node, ast.UnaryOp) and isinstance(node.op, ast.Not):
            return not test(node.operand)
        if isinstance(node, ast.Compare):
            left = value(node.left)
            for how, right_node in zip(node.ops, node.comparators, strict=True):
                right = value(right_node)
                if not _OPERATORS[type(how)](left, right):
                    return False
                left = right
            return True
        return bool(value(node))

    try:
        return test(ast.parse(expression, mode="eval").body)
    except (KeyError, IndexError, TypeError, AttributeError, ValueError):
        return False


class Ours:
    """Our reading of a feed, asked in feedparser's words."""

    def __init__(self, parsed: ParsedSeed, source: Source, now: datetime) -> None:
        self._parsed = parsed
        self._source = source
        self._now = now

    def holds(self, expression: str) -> bool:
        """Return whether the assertion holds for us.

        Raises:
            NotOursError: it concerns something else.
        """
        return self._test(ast.parse(expression, mode="eval").body)

    def _test(self, node: ast.expr) -> bool:
        if isinstance(node, ast.BoolOp):
            results = [self._test(value) for value in node.values]
            return all(results) if isinstance(node.op, ast.And) else any(results)
        if isinstance(node, ast.UnaryOp) and isinstance(node.op, ast.Not):
            if path_of(node.operand) == ("bozo",):
                return True
            return not self._test(node.operand)
        if isinstance(node, ast.Compare) and all(isinstance(op, ast.Eq) for op in node.ops):
            paths = [path_of(each) for each in (node.left, *node.comparators)]
            constant = self._constant(node)
            known = [path for path in paths if path is not None]
            results = [self._equals(path, constant) for path in known]
            return all(results)
        if path_of(node) == ("bozo",):
            return True
        raise NotOursError(ast.dump(node))

    @staticmethod
    def _constant(node: ast.Compare) -> Any:
        for each in (node.left, *node.comparators):
            if path_of(each) is None:
                try:
                    return ast.literal_eval(each)
                except ValueError as error:
                    raise NotOursError(ast.dump(each)) from error
        raise NotOursError("no constant")

    def _equals(self, path: Path, constant: Any) -> bool:
        if path[0] == "entries" and len(path) > 2 and isinstance(path[1], int):
            words = path[2:]
            known = self._parsed.entries
            part: Entry | ParsedSeed | None = known[path[1]] if path[1] < len(known) else None
        elif path[0] == "feed" and len(path) > 1:
            part, words = self._parsed, path[1:]
        else:
            raise NotOursError(str(path))
        compare = self._comparer(words)
        return part is not None and compare(part, constant)

    def _comparer(self, words: Path) -> Callable[[Any, Any], bool]:
        first, rest = words[0], words[1:]
        name = str(first).removesuffix("_detail")
        if name in _TEXTS and rest in {(), ("value",)}:
            kind = _TEXTS[name]
            return self._title if kind == "title" else self._body
        if first == "content" and len(rest) == 2 and rest[1] == "value":
            return self._body
        if first == "link" and not rest:
            return _link
        if first == "links" and rest == (0, "href"):
            return _link
        if first in {"id", "guid"} and not rest:
            return _id
        if first == "author" and not rest:
            return _author
        if (first == "author_detail" and rest == ("name",)) or (
            first == "authors" and len(rest) == 2 and rest[1] == "name"
        ):
            return _author
        date = str(first).removesuffix("_parsed")
        if date in _DATES and not rest:
            return lambda part, constant: self._date(part, _DATES[date], constant)
        raise NotOursError(str(words))

    def _title(self, part: Entry | ParsedSeed, constant: str) -> bool:
        return (part.title or "") in _shown(constant, self._source.language)

    def _body(self, part: Entry | ParsedSeed, constant: str) -> bool:
        if isinstance(part, ParsedSeed):
            return (part.description or "") in _shown(constant, self._source.language)
        if part.html is not None and same_html(part.html, constant):
            return True
        return (part.summary or "") in _shown(constant, self._source.language)

    def _date(self, part: Entry | ParsedSeed, name: str, constant: Any) -> bool:
        # What a feed calls updated may be all it says of the time at which it was published.
        found = getattr(part, name, None) or getattr(part, "published", None) or part.updated
        if isinstance(constant, tuple):
            return found is not None and _utc(found) == constant[:6]
        want = moment(constant, source=self._source, now=self._now, origin="feed")
        return (found and found.value) == (want and want.value)


def same_html(ours: str, theirs: str) -> bool:
    """Return whether both show the same once they are made safe."""
    ours = _PLAYER.sub("", ours)
    clean, texts = (
        sanitize.clean(ours),
        {sanitize.to_text(theirs), sanitize.to_text(escape(theirs))},
    )
    return clean == sanitize.clean(theirs) or (bool(clean) and sanitize.to_text(ours) in texts)


def _shown(text: str, language: str) -> set[str]:
    return {plain(text, language) or "", literal(text, language) or ""}


def _link(part: Entry | ParsedSeed, constant: str) -> bool:
    ours = part.home_url if isinstance(part, ParsedSeed) else part.url
    pictures = () if isinstance(part, ParsedSeed) else part.images
    more = [part.self_url, part.hub] if isinstance(part, ParsedSeed) else []
    return constant in {ours, *more, *(image.url for image in pictures)}


def _id(part: Entry | ParsedSeed, constant: str) -> bool:
    return constant == (part.id if isinstance(part, ParsedSeed) else part.guid)


def _author(part: Entry | ParsedSeed, constant: str) -> bool:
    return person(constant) in part.authors


def _utc(found: Moment) -> tuple[int, ...]:
    return found.value.astimezone(UTC).timetuple()[:6]
