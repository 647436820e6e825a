"""Writes what a placement says into the records of all articles that it concerns.

An arrival may be a copy, or make others its copies; join an event, or show that two are one; be
related to others, and be the better related article for some. Each record that changes is patched
and noted in the log, without a new version.
"""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from itertools import chain
from typing import Any

from aggregator.clusters import parts
from aggregator.draft import Draft
from aggregator.neighbours import stored
from aggregator.placing import ARRIVAL, Placement
from aggregator.similarity import fingerprint
from aggregator.store import articles
from aggregator.store.neighbours import SqlNeighbours
from aggregator.store.writer import Writer
from aggregator.types import CopyRef, Record, Related

#: Letters of a related article that travel with a record.
RELATED_LETTERS = 4000
#: Copies that an original names; of more, only each copy itself says whose it is.
MOST_COPIES = 100
#: Members of an event from which it is looked whether they still hold together.
LEAST_MEMBERS = 2
#: Records that are brought up to date at once.
_AT_ONCE = 64


def own_fields(placement: Placement, writer: Writer) -> dict[str, Any]:
    """Return the fields of the article's own record that the placement decides."""
    wanted = [pk for pk, _ in placement.entry.related]
    heads = [pk for pk in (placement.root, placement.dethroned) if pk is not None]
    found = articles.get(writer.connection, [*heads, *placement.joined]) if heads else {}
    fields: dict[str, Any] = {"cluster": placement.cluster}
    if wanted:
        others = articles.objects(writer.connection, wanted)
        shown = (_related(others[pk]) for pk in wanted if pk in others)
        fields["related"] = tuple(
            Related(**each | {"paragraphs": tuple(each["paragraphs"])}) for each in shown
        )
    if placement.root in found:
        original = found[placement.root].record
        fields |= {"copy_of": original.id, "cluster": original.cluster}
    elif placement.dethroned in found:
        old = found[placement.dethroned].record
        joined = [found[pk].record for pk in placement.joined if pk in found]
        copies = [each for one in (old, *joined) for each in (_copy(one), *one.also_in)]
        fields |= {"also_in": tuple(copies[:MOST_COPIES]), "cluster": old.cluster}
    return fields


def relate_others(draft: Draft, record: Record, writer: Writer) -> None:
    """Index a stored article and patch all others that its coming concerns."""
    placement, pk = draft.placement, draft.pk
    if placement is None or pk is None:
        return
    index = SqlNeighbours(writer.connection)
    index.add([replace(placement.entry, pk=pk, cluster=record.cluster)], new=True)
    if placement.merged and record.cluster is not None:
        moved = index.merge(record.cluster, placement.merged)
        _patch(writer, moved, lambda _: {"cluster": record.cluster})
    if placement.root is not None:
        _add_copies(placement.root, record, placement.joined, index, writer)
    if placement.dethroned is not None:
        moved = index.reroot(pk, [placement.dethroned, *placement.joined])
        _patch(writer, moved, lambda _: {"copy_of": record.id, "also_in": ()}, copy_of=pk)
    if placement.refreshed:
        lists = {
            other: [(pk if each == ARRIVAL else each, score) for each, score in scored]
            for other, scored in placement.refreshed.items()
        }
        index.relate(lists)
        writer.later(_refresh_related, lists)


def _add_copies(
    root: int, record: Record, joined: Sequence[int], index: SqlNeighbours, writer: Writer
) -> None:
    """Name a new copy in its original, and make originals that it joins copies as well."""
    copies = [record]
    if joined:
        original = articles.get(writer.connection, [root]).get(root)
        moved = index.reroot(root, joined)
        if original is not None:
            head = original.record.id
            _patch(writer, moved, lambda _: {"copy_of": head, "also_in": ()}, copy_of=root)
        found = articles.get(writer.connection, moved[:MOST_COPIES])
        copies += [kept.record for kept in found.values() if kept.state == "live"]

    def with_all(old: Record) -> dict[str, Any]:
        for copy in copies:
            old = replace(old, also_in=_with_copy(old, copy))
        return {"also_in": old.also_in}

    _patch(writer, [root], with_all)


def reindex(pk: int, record: Record, seen: datetime, writer: Writer) -> None:
    """Put the new text of an article into the index; it stays where it was.

    An article that was deleted and came back is indexed anew. An edit may part an event that hung
    together by the old text.
    """
    index = SqlNeighbours(writer.connection)
    old = next(iter(index.get([pk])), None)
    print_ = fingerprint(record.title, record.paragraphs, record.language, record.published)
    first_seen = old.seen if old and old.seen else seen.timestamp()
    source = old.source if old else f"{record.source.id} {record.source.name}"
    new = stored(pk, print_, seen=first_seen, source=source, credit=record.credit)
    if old is not None:
        new = replace(new, cluster=old.cluster, root=old.root, related=old.related)
    else:
        new = replace(new, cluster=record.cluster)
    index.add([new])
    if record.cluster is not None:
        _part(record.cluster, index, writer)


def leave(pk: int, record: Record, writer: Writer) -> None:
    """Take an article out of the index; its copies get another original, its event may part."""
    index = SqlNeighbours(writer.connection)
    heirs = [each.pk for each in index.copies(pk)]
    index.purge(pk)
    if heirs:
        found = articles.get(writer.connection, heirs)
        living = [each for each in heirs if each in found and found[each].state == "live"]
        if living:
            first, *others = living
            also_in = tuple(_copy(found[each].record) for each in others[:MOST_COPIES])
            _patch(writer, [first], lambda _: {"copy_of": None, "also_in": also_in}, copy_of=0)
            heir = found[first].record.id
            _patch(writer, others, lambda _: {"copy_of": heir}, copy_of=first)
    if record.cluster is not None:
        _part(record.cluster, index, writer)


def _part(cluster: str, index: SqlNeighbours, writer: Writer) -> None:
    """Give an event's members that hold together without the others a label of their own."""
    members = index.members(cluster)
    if len(members) < LEAST_MEMBERS:
        return
    terms = {term for each in members for term in each.print.terms.salience}
    weights = index.weights(terms)
    found = parts(members, lambda term: weights.get(term, 0.0))
    for part in found[1:]:
        founder = articles.get(writer.connection, part[:1]).get(part[0])
        if founder is None:
            continue
        label = founder.record.id
        for each in part:
            index.assign(each, label)
        moved = [*part, *(copy.pk for each in part for copy in index.copies(each))]
        _patch(writer, moved, lambda _, label=label: {"cluster": label})


def _refresh_related(writer: Writer, pks: Collection[int]) -> None:
    """Write into records which related articles the index has for them by now."""
    index = SqlNeighbours(writer.connection)
    stale = list(pks)
    for at in range(0, len(stale), _AT_ONCE):
        lists = index.related(stale[at : at + _AT_ONCE])
        wanted = {*lists, *chain.from_iterable(lists.values())}
        found = articles.objects(writer.connection, wanted)
        for pk, others in lists.items():
            record = found.get(pk)
            if record is None:
                continue
            shown = [_related(found[each]) for each in others if each in found]
            if shown != record["related"]:
                articles.rewrite(writer.connection, pk, record | {"related": shown})
                version = record["version"]
                writer.note(pk, record["id"], "edited", version=version, changed=("related",))


def _patch(writer: Writer, pks: Iterable[int], fields: Any, *, copy_of: int | None = None) -> None:
    """Write fields into records of living articles, and note those that really changed.

    ``copy_of`` is the key of the new original, 0 for none, None where it stays.
    """
    for pk, kept in articles.get(writer.connection, pks).items():
        record = replace(kept.record, **fields(kept.record))
        if record == kept.record or kept.state != "live":
            continue
        changed = [
            name
            for name in ("related", "copy_of", "also_in", "cluster")
            if getattr(record, name) != getattr(kept.record, name)
        ]
        articles.patch(
            writer.connection,
            pk,
            record,
            copy_of=kept.copy_of if copy_of is None else copy_of or None,
        )
        writer.note(pk, record.id, "edited", version=record.version, changed=changed)


def _related(record: Mapping[str, Any]) -> dict[str, Any]:
    """Return an article, a JSON object, as readers of another one need it."""
    return {
        "id": record["id"],
        "url": record["url"],
        "title": record["title"],
        "source": record["source"]["name"],
        "paragraphs": _cut(record["paragraphs"]),
    }


def _cut(paragraphs: Sequence[str]) -> list[str]:
    kept: list[str] = []
    letters = 0
    for paragraph in paragraphs:
        letters += len(paragraph)
        if letters > RELATED_LETTERS and kept:
            break
        kept.append(paragraph)
    return kept


def _copy(record: Record) -> CopyRef:
    return CopyRef(id=record.id, source=record.source.id, url=record.url)


def _with_copy(record: Record, copy: Record) -> tuple[CopyRef, ...]:
    """Return the copies of an original with one more, up to a number that stays readable."""
    if any(each.id == copy.id for each in record.also_in) or len(record.also_in) >= MOST_COPIES:
        return record.also_in
    return (*record.also_in, _copy(copy))
