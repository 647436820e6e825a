"""The history of an article, for people: what each version changed, word by word."""

from collections.abc import Sequence
from typing import TYPE_CHECKING

from aggregator import record as codec
from aggregator import revision

if TYPE_CHECKING:
    from aggregator.cli import App
    from aggregator.store.reading import Version
    from aggregator.types import Record

#: Words of unchanged text shown around a change.
AROUND = 6


def versions_text(app: "App", newest: "Record", old: "Sequence[Version]") -> str:
    """Return one block a version, oldest first; empty where nothing was ever changed."""
    states = [codec.load(each.record_json) for each in old]
    blocks = []
    for index, each in enumerate(old):
        after = states[index + 1] if index + 1 < len(states) else newest
        head = f"\n{app.say('version')} {each.version + 1} · {each.at:%Y-%m-%d %H:%M} UTC · "
        head += f"{app.say(each.kind)} ({', '.join(app.say(name) for name in each.changed)})"
        blocks.append("\n".join((head, *_changes(states[index], after))))
    return "".join(f"{block}\n" for block in blocks)


def _changes(before: "Record", after: "Record") -> list[str]:
    lines = []
    for name in ("title", "paragraphs"):
        old, new = _plain(getattr(before, name)), _plain(getattr(after, name))
        if old != new:
            lines.append("  " + _marked(revision.difference(old, new)))
    if before.published != after.published:
        lines.append(f"  [-{before.published}-] {{+{after.published}+}}")
    return lines


def _plain(value: str | tuple[str, ...]) -> str:
    return value if isinstance(value, str) else "\n".join(value)


def _marked(parts: "Sequence[revision.Difference]") -> str:
    shown = []
    for part in parts:
        words = part.text.split()
        if part.op == "cut":
            shown.append(f"[-{part.text}-]")
        elif part.op == "added":
            shown.append(f"{{+{part.text}+}}")
        elif len(words) > 2 * AROUND:
            shown.append(" ".join((*words[:AROUND], "…", *words[-AROUND:])))
        else:
            shown.append(part.text)
    return " ".join(shown)
