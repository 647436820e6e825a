"""Reads the reports of known events and the pairs of texts in ``tests/data``."""

import json
from collections import Counter
from dataclasses import dataclass, field, replace
from datetime import datetime
from pathlib import Path
from typing import Any

from aggregator.neighbours import Neighbours, Stored, stored
from aggregator.placing import ARRIVAL, find_copy, place
from aggregator.similarity import fingerprint

DATA = Path(__file__).parent / "data"


@dataclass
class Report:
    """A report of a known event."""

    id: str
    event: str
    published: datetime | None
    title: str
    language: str = "ar"
    source: str = ""
    paragraphs: list[str] = field(default_factory=list)


def reports(*names: str) -> list[Report]:
    """Return the reports of ``data/events/NAME.txt``."""
    found: list[Report] = []
    for name in names:
        event = ""
        path = DATA / "events" / f"{name}.txt"
        for line in path.read_text(encoding="utf-8").splitlines():
            if line.startswith("# "):
                event = line[2:]
            elif line.startswith("@ "):
                source, at, language, title = line[2:].split(" | ", 3)
                found.append(
                    Report(
                        id=f"{event}/{len(found)}",
                        event=event,
                        published=datetime.fromisoformat(at),
                        title=title,
                        language=language,
                        source=source,
                    )
                )
            elif line:
                found[-1].paragraphs.append(line)
    return found


def pairs() -> list[dict[str, Any]]:
    """Return the golden pairs and our own of the same kinds."""
    found = []
    own = [DATA / "events" / name for name in ("pairs.jsonl", "pairs-fresh.jsonl")]
    for path in (DATA / "golden" / "neardup.jsonl", *own):
        found += [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()]
    return found


def as_report(number: str, text: dict[str, Any]) -> Report:
    """Return one side of a pair as a report."""
    return Report(
        id=number,
        event="",
        published=datetime.fromisoformat(text["published"]),
        title=text["title"],
        source=text["source"],
        paragraphs=text["text"].split("\n"),
    )


def entry(pk: int, report: Report, **more: Any) -> Stored:
    """Return a report as what the index takes, seen when it was published."""
    print_ = fingerprint(report.title, report.paragraphs, report.language, report.published)
    seen = more.pop("seen", None) or (report.published.timestamp() if report.published else 1.7e9)
    return stored(pk, print_, seen=seen, source=report.source, **more)


@dataclass
class Arrival:
    """What an arrival changed in the index."""

    cluster: str
    copy_of: int | None = None
    adopted: tuple[int, ...] = ()
    founded: bool = False
    merged: tuple[str, ...] = ()
    moved: tuple[int, ...] = ()
    related: tuple[int, ...] = ()
    refreshed: dict[int, tuple[int, ...]] = field(default_factory=dict)


def arrive(entry: Stored, index: Neighbours, *, label: str, window_days: int = 7) -> Arrival:
    """Place an article and write the index, as the store does."""
    placement = place(find_copy(replace(entry, pk=ARRIVAL), index), index, window_days)
    cluster = placement.cluster or label
    index.add([replace(placement.entry, pk=entry.pk, cluster=cluster)])
    adopted: list[int] = []
    if placement.dethroned is not None:
        adopted = index.reroot(entry.pk, [placement.dethroned, *placement.joined])
    elif placement.root is not None and placement.joined:
        adopted = index.reroot(placement.root, placement.joined)
    moved = index.merge(cluster, placement.merged) if placement.merged else []
    lists = {
        other: [(entry.pk if pk == ARRIVAL else pk, score) for pk, score in scored]
        for other, scored in placement.refreshed.items()
    }
    index.relate(lists)
    return Arrival(
        cluster=cluster,
        copy_of=placement.root,
        adopted=tuple(adopted),
        founded=placement.cluster is None,
        merged=placement.merged,
        moved=tuple(moved),
        related=tuple(pk for pk, _ in placement.entry.related),
        refreshed={other: tuple(pk for pk, _ in scored) for other, scored in lists.items()},
    )


def arrive_all(found: list[Report], index: Neighbours) -> tuple[list[str], list[Arrival]]:
    """Return the clusters of reports that arrive in order of time, and each arrival."""
    order = sorted(range(len(found)), key=lambda at: str(found[at].published))
    labels = [""] * len(found)
    arrivals: list[Arrival] = []
    for at in order:
        arrival = arrive(entry(at, found[at]), index, label=found[at].id)
        labels[at] = arrival.cluster
        for moved in arrival.moved:
            labels[moved] = arrival.cluster
        arrivals.append(arrival)
    return labels, arrivals


def bcubed(events: list[str], labels: list[str]) -> float:
    """Return B-cubed F1."""
    both = Counter(zip(labels, events, strict=True))
    by_label, by_event = Counter(labels), Counter(events)
    each = list(zip(labels, events, strict=True))
    precision = sum(both[one] / by_label[one[0]] for one in each) / len(each)
    recall = sum(both[one] / by_event[one[1]] for one in each) / len(each)
    return 2 * precision * recall / (precision + recall)
