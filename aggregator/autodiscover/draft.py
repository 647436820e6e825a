"""A draft of a source: what was found, how sure each fact is, and the file that says so."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, Literal

import yaml

from aggregator.types import Page, Seed, Source

Certainty = Literal["sure", "likely", "guess"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Fact:
    """One thing that a draft says of a source.

    Attributes:
        field: the key in the source's file; for seeds the seed's address.
        value: as a person reads it.
        certainty: ``sure``: seen to work or said by several signs; ``likely``: said by one;
            ``guess``: nothing says it.
        why: the signs, in few words.
    """

    field: str
    value: str
    certainty: Certainty
    why: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Draft:
    """What was found of a site.

    Attributes:
        source: complete enough to be crawled; its country is ``ZZ`` where nothing tells it.
        facts: in the order of the file's keys.
        article: a page of an article as fetched, to be kept as a test; None where none came.
        notes: what was tried in vain or left out, one phrase each.
    """

    source: Source
    facts: tuple[Fact, ...] = ()
    article: Page | None = None
    notes: tuple[str, ...] = ()


class _Flow(dict[str, Any]):
    """A mapping that is written on one line."""


class _Dumper(yaml.SafeDumper):
    """Writes lists inside mappings indented."""

    def increase_indent(self, flow: bool = False, indentless: bool = False) -> None:
        """Indent lists as people do."""
        super().increase_indent(flow, indentless=False)


_Dumper.add_representer(
    _Flow, lambda dumper, data: dumper.represent_mapping("tag:yaml.org,2002:map", data, True)
)


def to_yaml(draft: Draft) -> str:
    """Return the file of the source, with a comment for each fact that is not sure."""
    text = yaml.dump(
        _mapping(draft.source),
        Dumper=_Dumper,
        allow_unicode=True,
        sort_keys=False,
        width=1000,
        default_flow_style=False,
    )
    return "".join(f"# {line}\n" for line in _doubts(draft)) + text


def _doubts(draft: Draft) -> Iterator[str]:
    for fact in draft.facts:
        if fact.certainty != "sure":
            words = f"{fact.field}: {fact.certainty}: {fact.why}"
            yield " ".join(words.split())[:150]


def _mapping(source: Source) -> dict[str, Any]:
    data: dict[str, Any] = {
        "id": source.id,
        "name": source.name,
        "homepage": source.homepage,
        "country": source.country,
        "timezone": source.timezone,
        "language": source.language,
        "kind": source.kind,
        "evidence": source.evidence,
        "seeds": [_seed(seed) for seed in source.seeds],
    }
    for key in ("article_patterns", "identity_patterns", "hosts", "notes"):
        if values := getattr(source, key):
            data[key] = list(values)
    if source.charset:
        data["charset"] = source.charset
    return data


def _seed(seed: Seed) -> _Flow:
    data = _Flow(kind=seed.kind, url=seed.url)
    if seed.links:
        data["links"] = seed.links
    if seed.title:
        data["title"] = seed.title
    if not seed.enabled:
        data["enabled"] = False
    return data
