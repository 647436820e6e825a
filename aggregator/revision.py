"""What an edit changed and whether it matters: pure comparison of two states of one article.

``version`` and the feeds' ``updated`` move only on real changes: of the title, the body, or the
publication time. A source that bumps its date, reorders its tags or serves another picture size
says nothing new.
"""

import difflib
from collections.abc import Sequence
from dataclasses import dataclass, fields, replace
from typing import Literal

from aggregator.arabic import fold
from aggregator.types import Article, Record

Kind = Literal["none", "minor", "typo", "title", "body", "correction", "update", "date"]

#: Fields an article brings along; all others of a record are the store's own.
CARRIED = tuple(each.name for each in fields(Article) if each.name in Record.__slots__)
#: Fields whose change makes a new version.
REAL = frozenset({"title", "paragraphs", "published"})
#: Fields that change by themselves: never news. ``html`` follows ``paragraphs``.
SILENT = frozenset({"updated", "origins", "published_origin", "html", "images", "direction"})
#: Share of equal text above which a changed body is a typo mended.
TYPO = 0.985
#: Words that say a correction was made.
CORRECTION = ("تصحيح", "تصويب", "correction", "corrigendum", "correctif", "berichtigung")


@dataclass(frozen=True, slots=True, kw_only=True)
class Revision:
    """The outcome of a comparison.

    Attributes:
        kind: ``none``: nothing to keep; ``minor``: kept, no new version; others: a new version.
        changed: names of the changed fields, in record order.
        record: the record after the change, with ``version`` moved if it is real.
    """

    kind: Kind
    changed: tuple[str, ...]
    record: Record

    @property
    def real(self) -> bool:
        """Whether readers should be told."""
        return self.kind not in {"none", "minor"}


def revise(old: Record, new: Article) -> Revision:
    """Return what ``new`` says that ``old`` did not.

    A field that is empty in ``new`` is kept as it was: a thin or walled page takes nothing away.
    """
    values = {name: getattr(new, name) for name in CARRIED}
    if not new.paragraphs:
        values.pop("html", None)
    said = {name: value for name, value in values.items() if value not in (None, (), "")}
    if not _date_matters(old, new):
        for name in ("published", "published_precision", "published_origin"):
            said.pop(name, None)
    changed = tuple(
        each.name
        for each in fields(Record)
        if each.name in said and _differs(each.name, getattr(old, each.name), said[each.name])
    )
    telling = tuple(name for name in changed if name not in SILENT)
    if not telling:
        return Revision(kind="none", changed=(), record=old)
    kind = _kind(old, new, telling)
    version = old.version + (kind != "minor")
    record = replace(old, **{name: said[name] for name in said}, version=version)
    return Revision(kind=kind, changed=changed, record=record)


def _differs(name: str, old: object, new: object) -> bool:
    if name == "title":
        return " ".join(str(old).split()) != " ".join(str(new).split())
    if name == "paragraphs":
        return _text(old) != _text(new)  # type: ignore[arg-type]
    return old != new


def _text(paragraphs: Sequence[str]) -> str:
    """Return the text with blanks and paragraph borders evened out."""
    return " ".join(" ".join(paragraphs).split())


def _date_matters(old: Record, new: Article) -> bool:
    """Return whether the new date tells more than the old: an honest date is not given up."""
    if new.published is None:
        return False
    if old.published is None:
        return True
    finer = ("month", "day", "hour", "minute", "second")
    was = finer.index(old.published_precision or "second")
    now = finer.index(new.published_precision or "second")
    if now < was:
        return False
    if now == was:
        return old.published != new.published
    return abs((old.published - new.published).total_seconds()) > 60 or now > was


def _kind(old: Record, new: Article, changed: tuple[str, ...]) -> Kind:
    real = REAL.intersection(changed)
    if not real:
        return "minor"
    if real == {"published"}:
        only_finer = (
            new.published is not None
            and old.published is not None
            and old.published.date() == new.published.date()
        )
        return "minor" if only_finer else "date"
    if _mentions_correction(old, new):
        return "correction"
    if "paragraphs" in real:
        return _body_kind(old, new)
    old_title, new_title = fold(old.title, "search"), fold(new.title or "", "search")
    return "typo" if old_title == new_title else "title"


def _mentions_correction(old: Record, new: Article) -> bool:
    before, after = f"{old.title} {_text(old.paragraphs)}", f"{new.title} {_text(new.paragraphs)}"
    return any(word in after.lower() and word not in before.lower() for word in CORRECTION)


def _body_kind(old: Record, new: Article) -> Kind:
    before, after = set(old.paragraphs), set(new.paragraphs)
    if before < after:
        return "update"
    a, b = fold(_text(old.paragraphs), "search"), fold(_text(new.paragraphs), "search")
    if a == b:
        return "typo"
    lost, gained = sorted(before - after), sorted(after - before)
    close = len(lost) == len(gained) and all(
        difflib.SequenceMatcher(None, x[:2000], y[:2000], autojunk=False).quick_ratio() >= TYPO
        for x, y in zip(lost, gained, strict=True)
    )
    return "typo" if close else "body"


@dataclass(frozen=True, slots=True)
class Difference:
    """One stretch of a text: ``op`` is ``same``, ``cut`` or ``added``."""

    op: Literal["same", "cut", "added"]
    text: str


def difference(old: str, new: str) -> tuple[Difference, ...]:
    """Return the word-by-word difference of two texts, for people to read.

    Texts over 20,000 words are compared by paragraph, to stay linear in practice.
    """
    a, b = old.split(" "), new.split(" ")
    if len(a) + len(b) > 20_000:
        a, b = old.split("\n"), new.split("\n")
    parts: list[Difference] = []
    matcher = difflib.SequenceMatcher(None, a, b, autojunk=True)
    for op, i, j, k, m in matcher.get_opcodes():
        if op == "equal":
            parts.append(Difference("same", " ".join(a[i:j])))
            continue
        if j > i:
            parts.append(Difference("cut", " ".join(a[i:j])))
        if m > k:
            parts.append(Difference("added", " ".join(b[k:m])))
    return tuple(parts)
