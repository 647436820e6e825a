"""Choose between claims that disagree: which day is the publication, which the last change.

The surest kind of evidence wins, with these exceptions, each a pattern of real pages:

* A "publication" that equals the stated change to the second, while another claim is earlier, is
  the change: templates print one field twice.
* Where machine-readable claims disagree, the page's own labelled line decides.
* A bare ``date`` says not which date it is: a date printed by the headline is surer, and one that
  is later than the stated change is none.
* What is stated as a change never becomes a publication.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import timedelta

from aggregator.extract.dates.claim import Claim
from aggregator.extract.dates.printed import Printed

#: claims of one moment may lie so far apart: zones, and the hours between writing and publishing
SAME = timedelta(days=1)
_HOURS = timedelta(hours=12)


@dataclass(frozen=True, slots=True)
class Weighed:
    """The outcome; ``notes`` name disagreements."""

    published: Claim | None
    updated: Claim | None
    notes: tuple[str, ...]


def weigh(
    own: Sequence[Claim],
    machine: Sequence[Claim],
    entry: Sequence[Claim],
    printed: Sequence[Printed],
    address: Claim | None,
) -> Weighed:
    """Return the dates that the evidence supports.

    Args:
        own: by the source's selectors, in their order.
        machine: from JSON-LD, meta and microdata, surest first.
        entry: from the feed or sitemap.
        printed: surest first.
        address: the day in the address.
    """
    changes = [
        *(claim for claim in own if claim.role == "updated"),
        *(claim for claim in machine if claim.role == "updated"),
        *(each.claim for each in printed if each.claim.role == "updated"),
        *(claim for claim in entry if claim.role == "updated"),
    ]
    stated = _without_changes([claim for claim in machine if claim.role == "published"], changes)
    shown = [each for each in printed if each.claim.role == "published"]
    labelled = [each.claim for each in shown if each.labelled]
    near = [each.claim for each in shown if not each.labelled and not each.only]
    changed = {change.day for change in changes}
    only = [each.claim for each in shown if each.only and each.claim.day not in changed]
    unsure = [
        claim
        for claim in machine
        if claim.role == "unsure" and not any(_later(claim, change) for change in changes)
    ]
    selected = [claim for claim in own if claim.role == "published"]
    announced = [claim for claim in entry if claim.role == "published"]
    order = [*selected, *stated, *announced, *labelled, *near, *unsure]
    if labelled and not selected and _doubtful(stated, labelled[0]):
        order = [*labelled, *order]
    if address is not None:
        order.append(address)
    order += only
    published = order[0] if order else None
    if published is not None:
        published = _finest(published, order)
    updated = next((change for change in changes if _after(change, published)), None)
    return Weighed(published, updated, tuple(_disagreements(published, order)))


def _without_changes(stated: list[Claim], changes: list[Claim]) -> list[Claim]:
    """Leave out publications that are the stated change while another one is earlier."""
    moments = {change.value for change in changes}
    first = min((claim.day for claim in stated), default=None)
    return [
        claim
        for claim in stated
        if claim.value not in moments or first is None or claim.day - SAME <= first
    ]


def _later(claim: Claim, change: Claim) -> bool:
    """Whether a claim lies after a change, zones and the clock of the editors aside."""
    if claim.precision in ("day", "month") or change.precision in ("day", "month"):
        return claim.day > change.day + SAME
    return claim.value > change.value + _HOURS


def _doubtful(stated: list[Claim], label: Claim) -> bool:
    """Whether the machine's claims leave room for the label: they are one family, or differ."""
    if not stated or abs(stated[0].day - label.day) <= SAME:
        return False
    families = {claim.origin for claim in stated if abs(claim.day - stated[0].day) <= SAME}
    return len(families) < 2


def _finest(chosen: Claim, order: Iterable[Claim]) -> Claim:
    """Return the most exact claim for the same day, where the chosen one has only the day."""
    if chosen.precision not in ("day", "month"):
        return chosen
    for claim in order:
        if claim.precision in ("day", "month") or claim.role == "updated":
            continue
        if claim.day == chosen.day or (
            chosen.precision == "month" and claim.day.replace(day=1) == chosen.day
        ):
            return replace(claim, role=chosen.role)
    return chosen


def _after(change: Claim, published: Claim | None) -> bool:
    return published is None or change.day + SAME >= published.day


def _disagreements(published: Claim | None, order: Iterable[Claim]) -> Iterable[str]:
    """Yield a phrase for each kind of claim that names another day."""
    if published is None:
        return
    seen: set[str] = set()
    for claim in order:
        if abs(claim.day - published.day) > SAME and claim.name not in seen:
            seen.add(claim.name)
            yield (
                f"published: {published.name} says {published.day.isoformat()}, "
                f"{claim.name} {claim.day.isoformat()}"
            )
