"""The store's half of an article's path: identify → deduplicate → enrich → store.

Each step reads through the writer's connection, so that it sees what earlier articles of the same
transaction wrote; each decides by one pure core function. ``ingest`` runs them all and is what
imports and replays call; the pipelines call them one by one.
"""

import hashlib
import uuid
from dataclasses import fields, replace
from typing import Any

from aggregator import (
    cleaning,
    identity,
    keywords,
    neighbours,
    placing,
    relating,
    revision,
    similarity,
)
from aggregator.arabic import fold
from aggregator.draft import Draft, Ready
from aggregator.placing import ARRIVAL
from aggregator.store import articles, queue
from aggregator.store.keyword_counts import keyword_counts
from aggregator.store.neighbours import SqlNeighbours
from aggregator.store.writer import Writer
from aggregator.types import Article, Record, SourceRef

#: Namespace of our ids: one store made anew from the same sites gives the same ids.
NAMESPACE = uuid.UUID("6f1d5c1e-6a0f-5d8e-9b57-3c1f0a5b7c11")
_BROUGHT = tuple(each.name for each in fields(Article) if each.name in Record.__slots__)


def ingest(draft: Draft, writer: Writer) -> Draft:
    """Bring a normalized draft into the store, up to the writer's next commit."""
    return store(enrich(deduplicate(identify(draft, writer), writer), writer), writer)


def ready(draft: Draft) -> Ready | None:
    """Return what can be known of an extracted draft without the store; None: it is refused."""
    normal, _ = clean(draft)
    return None if normal is None else foreseen(normal).ready


def foreseen(draft: Draft) -> Draft:
    """Return a normalized draft with all that the steps ask for and others cannot change."""
    if _ready(draft) is not None:
        return draft
    article = draft.article
    return replace(
        draft, ready=Ready(article=article, print=_print(article), candidates=_about(article))
    )


def identify(draft: Draft, writer: Writer) -> Draft:
    """Return the draft with its names and, if the store has it, its article."""
    writer.claim()
    names = identity.aliases(
        draft.article, draft.source, entry=draft.entry, seed_url=draft.seed_url
    )
    if draft.imported:
        names = (identity.Alias(identity.STRONG, "", draft.imported.id), *names)
    matches = articles.find(writer.connection, names)
    if not matches:
        return replace(draft, names=names)
    decided = identity.identify(
        names,
        matches,
        articles.known(writer.connection, matches.values()),
        article=draft.article,
        text=identity.words(draft.article.title, draft.article.paragraphs),
        present=draft.present,
        shared_guid=draft.shared_guid,
    )
    return replace(draft, names=decided.aliases, pk=decided.pk)


def deduplicate(draft: Draft, writer: Writer) -> Draft:
    """Return the draft with the article that it repeats, or that repeats it."""
    if draft.pk is not None:
        return draft  # an edit stays where its article is
    article = draft.article
    known = _ready(draft)
    entry = neighbours.stored(
        ARRIVAL,
        known.print if known else _print(article),
        seen=draft.seen.timestamp(),
        source=f"{draft.source.id} {draft.source.name}",
        credit=article.credit,
    )
    placement = placing.find_copy(entry, SqlNeighbours(writer.connection))
    return replace(draft, placement=placement)


def _print(article: Article) -> similarity.Fingerprint:
    return similarity.fingerprint(
        article.title, article.paragraphs, article.language or "ar", article.published
    )


def _ready(draft: Draft) -> Ready | None:
    """Return what was worked out beforehand, if the article is still the one it is of."""
    known = draft.ready
    return known if known is not None and known.article is draft.article else None


def enrich(draft: Draft, writer: Writer, *, window_days: int = 7) -> Draft:
    """Return the draft with its keywords, event and related articles."""
    known = _ready(draft)
    found = known.candidates if known else _about(draft.article)
    connection = writer.connection
    words = keywords.best(
        found,
        background=lambda phrases: keyword_counts(connection, phrases),
        documents=articles.count(connection),
    )
    placement = draft.placement
    if placement is not None:
        placement = placing.place(placement, SqlNeighbours(writer.connection), window_days)
    return replace(draft, keywords=tuple(words), placement=placement)


def _about(article: Article) -> keywords.Candidates:
    """Return what a normalized article may be about."""
    language = article.language or "ar"
    tags = article.categories
    return keywords.candidates(article.title or "", article.paragraphs, language, tags=tags)


def store(draft: Draft, writer: Writer) -> Draft:
    """Write the article, its names, its former state and the change; settle its entry."""
    done = _change(draft, draft.pk, writer) if draft.pk is not None else _add(draft, writer)
    if done.pk is None:
        raise AssertionError("a stored article has a key")
    names = done.names
    if done.outcome == "new":
        record_id = new_id(draft) if draft.imported is None else draft.imported.id
        names = (identity.Alias(identity.STRONG, "", record_id), *names)
    articles.add_aliases(writer.connection, done.pk, names, draft.seen)
    if draft.sighting is not None:
        queue.settle(writer.connection, draft.sighting, "stored", article_pk=done.pk)
    return done


def _add(draft: Draft, writer: Writer) -> Draft:
    record = _record(draft)
    root = None
    if draft.placement is not None:
        fields = relating.own_fields(draft.placement, writer)
        kept = {name: value for name, value in fields.items() if value}
        record = replace(record, **{"cluster": record.id, **kept})
        root = draft.placement.root
    pk = articles.add(
        writer.connection,
        record,
        now=draft.seen,
        content_hash=content_hash(record),
        copy_of=root,
    )
    writer.note(pk, record.id, "new", version=record.version)
    done = replace(draft, pk=pk, outcome="new")
    relating.relate_others(done, record, writer)
    return done


def _with_imported(draft: Draft, decided: revision.Revision) -> revision.Revision:
    """Return the revision with the store's own fields that an import brings along."""
    if draft.imported is None:
        return decided
    brought = {name: getattr(draft.imported, name) for name in ("keywords", "related")}
    other = {
        name: value
        for name, value in brought.items()
        if value and value != getattr(decided.record, name)
    }
    if not other:
        return decided
    return replace(
        decided,
        kind="minor" if decided.kind == "none" else decided.kind,
        changed=(*decided.changed, *other),
        record=replace(decided.record, **other),
    )


def _change(draft: Draft, pk: int, writer: Writer) -> Draft:
    if articles.state_of(writer.connection, pk) == "purged":
        return replace(draft, outcome="purged")
    old = articles.get(writer.connection, [pk])[pk]
    decided = _with_imported(draft, revision.revise(old.record, draft.article))
    restored = old.state == "deleted"
    if decided.kind == "none" and not restored:
        articles.touch(writer.connection, {pk: draft.seen})
        return replace(draft, outcome="unchanged")
    record = decided.record
    if decided.real and draft.keywords and draft.keywords != record.keywords:
        record = replace(record, keywords=draft.keywords)
    if decided.real:
        articles.keep_version(
            writer.connection,
            pk,
            old.record,
            at=draft.seen,
            kind=decided.kind,
            changed=decided.changed,
        )
    articles.change(
        writer.connection,
        pk,
        record,
        now=draft.seen,
        content_hash=content_hash(record),
        revised=decided.real,
    )
    if restored or {"title", "paragraphs", "published"}.intersection(decided.changed):
        relating.reindex(pk, record, draft.seen, writer)
    writer.note(pk, record.id, "edited", version=record.version, changed=decided.changed)
    return replace(draft, outcome="edited")


def _record(draft: Draft) -> Record:
    """Return the first record of a new article."""
    source, article, imported = draft.source, draft.article, draft.imported
    if imported is not None:
        return replace(imported, keywords=imported.keywords or draft.keywords)
    brought: dict[str, Any] = {name: getattr(article, name) for name in _BROUGHT}
    brought["language"] = article.language or source.language
    brought["title"] = article.title or ""
    return Record(
        **brought,
        id=new_id(draft),
        first_seen=draft.seen,
        source=SourceRef(
            id=source.id,
            name=source.name,
            homepage=source.homepage,
            country=source.country,
            language=source.language,
        ),
        keywords=draft.keywords,
    )


def new_id(draft: Draft) -> str:
    """Return the id of a new article, made from its strongest name within its source."""
    strong = [name for name in draft.names if name.strength == identity.STRONG]
    own = next((name for name in strong if name.scope), strong[0] if strong else None)
    name = f"{draft.source.id} {own.key if own else draft.article.title}"
    return f"urn:uuid:{uuid.uuid5(NAMESPACE, name)}"


def content_hash(record: Record) -> str:
    """Return the hash of title and body under the identity fold: equal for equal texts."""
    text = fold("\n".join((record.title, *record.paragraphs)), "identity")
    return hashlib.blake2b(text.encode("utf-8", "replace"), digest_size=16).hexdigest()


def remove(pk: int, writer: Writer, *, reason: str) -> bool:
    """Mark an article as deleted; False where it was not living any more."""
    writer.claim()
    stored = articles.get(writer.connection, [pk]).get(pk)
    if stored is None or stored.state != "live":
        return False
    articles.delete_article(writer.connection, pk, state="deleted")
    relating.leave(pk, stored.record, writer)
    writer.note(pk, stored.record.id, "deleted", version=stored.record.version, reason=reason)
    return True


def refuse(draft: Draft, writer: Writer, reason: str) -> None:
    """Settle the entry of a draft that is not stored."""
    if draft.sighting is not None:
        queue.settle(writer.connection, draft.sighting, "rejected", reason=reason[:300])


def clean(draft: Draft) -> tuple[Draft | None, str]:
    """Return the normalized draft, or None and why it is refused."""
    if reason := cleaning.refusal(draft):
        return None, reason
    normalized = cleaning.normalize(draft)
    return (normalized, "") if normalized else (None, "unreadable title")
