"""What was asked, as resources see it, and the refusals that they answer with."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from urllib.parse import quote, urlencode

from aggregator.errors import AggregatorError
from aggregator.types import Filter
from aggregator.web.links import Links

#: Longest value of a query parameter.
LONGEST = 1000


class RefusedError(AggregatorError):
    """The request cannot be answered; one line says why."""

    def __init__(
        self, status: int, message: str, identity: object = None, cause: object = None
    ) -> None:
        super().__init__(message, identity, cause)
        self.status = status


@dataclass(frozen=True, kw_only=True)
class Asked:
    """A request without its connection.

    Attributes:
        path: below the prefix, decoded, begins with a slash.
        query: one value a name, the last; ``lists`` has all of those that may repeat.
        params: parts of the path by name.
        lang: interface language.
        base: public address without a slash at the end.
        html: whether a person's browser asks.
        switch: this page in the other language, where that is another file.
    """

    path: str = "/"
    query: Mapping[str, str] = field(default_factory=dict)
    lists: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    params: Mapping[str, str] = field(default_factory=dict)
    lang: str = "ar"
    base: str = ""
    html: bool = True
    links: Links = field(default_factory=Links)
    switch: str | None = None

    def text(self, name: str) -> str | None:
        """Return a parameter, None where it is missing or blank.

        Raises:
            RefusedError: it is longer than anybody means.
        """
        value = self.query.get(name, "").strip()
        if len(value) > LONGEST:
            raise RefusedError(414, "parameter is too long", name, f"at most {LONGEST} characters")
        if "\ufffd" in value or "\x00" in value:
            raise RefusedError(400, "parameter is not UTF-8 text", name)
        return value or None

    def number(self, name: str, default: int, least: int, most: int) -> int:
        """Return a whole number in a range."""
        value = self.text(name)
        if value is None:
            return default
        digits = value.removeprefix("-")
        if not (digits.isascii() and digits.isdigit()) or len(digits) > 18:
            raise RefusedError(400, "not a whole number", f"{name}={value[:40]}")
        if not least <= int(value) <= most:
            raise RefusedError(
                400, "number out of range", f"{name}={value[:40]}", f"from {least} to {most}"
            )
        return int(value)

    def flag(self, name: str) -> bool:
        """Return whether a switch is on."""
        value = (self.text(name) or "").lower()
        if value not in {"", "0", "1", "true", "false", "yes", "no"}:
            raise RefusedError(400, "not a switch", f"{name}={value[:40]}", "1 or 0")
        return value in {"1", "true", "yes"}

    def country(self) -> str | None:
        """Return the country filter."""
        value = self.text("country")
        if value is not None and not (len(value) == 2 and value.isascii() and value.isalpha()):
            raise RefusedError(400, "not a country", value[:40], "two letters, like EG")
        return value.upper() if value else None

    def filter(self, sources: Mapping[str, object]) -> Filter:
        """Return the articles that the query asks for: ``source country language keyword cluster``.

        Raises:
            RefusedError: unknown source, something that is no country.
        """
        named = tuple(filter(None, (each.strip() for each in self.lists.get("source", ()))))
        if unknown := [each for each in named if each not in sources]:
            raise RefusedError(404, "unknown source", unknown[0][:60])
        cluster = self.text("cluster")
        return Filter(
            sources=named[:50],
            country=self.country(),
            language=self.text("language"),
            keyword=self.text("keyword"),
            cluster=cluster,
        )

    def again(self, **changes: str | None) -> str:
        """Return this address with some parameters changed; None takes one away."""
        pairs = [
            (name, value)
            for name in self.query
            for value in (self.lists.get(name) or (self.query[name],))
            if name not in changes and value and name != "lang"
        ]
        pairs += [(name, value) for name, value in changes.items() if value]
        asked = urlencode(pairs)
        here = self.links.page(quote(self.path.removeprefix("/"), safe="/:"))
        return here + ("?" + asked if asked else "")
