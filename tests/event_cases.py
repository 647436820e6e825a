"""Reads the reports of known events and the pairs of texts in ``tests/data``."""

import json
from collections import Counter
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Any

from aggregator.neighbourhood import Arrival, arrive
from aggregator.neighbours import Neighbours, Stored, stored
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
    for path in (DATA / "golden" / "neardup.jsonl", DATA / "events" / "pairs.jsonl"):
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
