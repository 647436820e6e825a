"""The first two steps of a draft: is it fit to be stored, and its text as readers see it.

Pure. Bad parts are left out and named in ``notes``; a draft without title, address or any text is
refused with the reason.
"""

from collections.abc import Iterable
from dataclasses import replace
from datetime import datetime, timedelta

from aggregator import language
from aggregator.arabic import direction, display, fold
from aggregator.draft import Draft

#: No newspaper had a web page before.
EARLIEST_YEAR = 1990
#: A clock may be wrong, or a time said without its zone; more is no honest date.
FUTURE = timedelta(hours=14)
MOST_TITLE = 1000
MOST_PARAGRAPHS = 5000
MOST_NAMES = 50


def refusal(draft: Draft) -> str | None:
    """Return why a draft is not to be stored, None where it is: a word and its reasons."""
    article = draft.article
    if not article.verdict.is_article:
        return ": ".join((article.verdict.kind, *article.verdict.reasons[:3]))
    if not article.title or not article.title.strip():
        return "no title"
    if not article.url.lower().startswith(("http://", "https://")):
        return "no address"
    if not (article.paragraphs or article.summary or article.images):
        return "no text"
    return None


def normalize(draft: Draft) -> Draft | None:
    """Return the draft with display text in every field; None where its title is unreadable."""
    article = draft.article
    if draft.ready is not None:
        return replace(draft, article=draft.ready.article)
    said = article.language or draft.source.language
    title = _line(article.title, said)
    if title is None:
        return None
    paragraphs = tuple(_lines(article.paragraphs[:MOST_PARAGRAPHS], said))
    if paragraphs and fold(paragraphs[0], "search") == fold(title, "search"):
        paragraphs = paragraphs[1:]
    text = "\n".join((title, *paragraphs))
    spoken = article.language or language.detect(text, source_language=draft.source.language)
    notes = list(article.notes)
    published = _honest(article.published, draft.seen, notes)
    kept = published is not None
    cleaned = replace(
        article,
        title=title[:MOST_TITLE],
        paragraphs=paragraphs,
        summary=_line(article.summary, said),
        authors=_names(article.authors, said),
        categories=_names(article.categories, said),
        published=published,
        published_precision=article.published_precision if kept else None,
        published_origin=article.published_origin if kept else None,
        updated=_honest(article.updated, draft.seen, notes),
        language=spoken or draft.source.language,
        direction=direction(text),
        notes=tuple(notes),
    )
    return replace(draft, article=cleaned)


def _line(text: str | None, said: str) -> str | None:
    if not text:
        return None
    shown = display(text, said).text
    return " ".join(shown.split()) or None if shown else None


def _lines(paragraphs: Iterable[str], said: str) -> Iterable[str]:
    for paragraph in paragraphs:
        if line := _line(paragraph, said):
            yield line


def _names(names: Iterable[str], said: str) -> tuple[str, ...]:
    lines = (_line(name, said) for name in names)
    return tuple(dict.fromkeys(line for line in lines if line))[:MOST_NAMES]


def _honest(value: datetime | None, now: datetime, notes: list[str]) -> datetime | None:
    """Return a date that can be true, else None with a note."""
    if value is None:
        return None
    if value.tzinfo is None or value.year < EARLIEST_YEAR or value - now > FUTURE:
        notes.append(f"date refused: {value.isoformat()}")
        return None
    return value
