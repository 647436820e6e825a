"""Body, dates and verdict until their modules stand. Goes away."""

from dataclasses import dataclass
from datetime import datetime
from html import escape
from typing import Any

from aggregator.types import ARTICLE, Image, Moment, Verdict


@dataclass(frozen=True, slots=True)
class Body:
    paragraphs: tuple[str, ...] = ()
    html: str = ""
    images: tuple[Image, ...] = ()
    origin: str = "generic"
    notes: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class FoundDates:
    published: Moment | None = None
    updated: Moment | None = None
    notes: tuple[str, ...] = ()


def extract_body(doc: Any, *, selectors: Any = (), remove: Any = (), title: Any = None) -> Body:
    from aggregator.extract import selectors as own

    texts = own.texts(doc, selectors)
    origin = "selector"
    if not texts:
        import copy

        import trafilatura

        text = trafilatura.extract(copy.deepcopy(doc.root), fast=True, include_comments=False) or ""
        texts, origin = [line for line in text.split("\n") if line.strip()], "generic"
    return Body(tuple(texts), "".join(f"<p>{escape(text)}</p>" for text in texts), (), origin)


def find_dates(
    doc: Any, *, source: Any, entry: Any, now: Any, selectors: Any, updated_selectors: Any
) -> FoundDates:
    for name in ("article:published_time", "datepublished"):
        for value in doc.meta.get(name, ()):
            try:
                moment = datetime.fromisoformat(value)
            except ValueError:
                continue
            if moment.tzinfo:
                return FoundDates(Moment(value=moment, precision="second", origin="meta"))
    return FoundDates(entry.published if entry else None)


def judge(doc: Any, body: Any, *, title: Any, published: Any, url: str) -> Verdict:
    return ARTICLE
