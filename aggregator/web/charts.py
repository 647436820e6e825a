"""Small charts as inline SVG: no script, no colours of their own (the style sheet has them).

Each has a title that says in words what it shows; pages put the numbers beside it as a table.
"""

from collections.abc import Sequence

from markupsafe import Markup, escape

_GAP = 2


def bars(
    values: Sequence[int],
    labels: Sequence[str],
    title: str,
    *,
    height: int = 96,
    width: int = 380,
) -> Markup:
    """Return a column for each value, in reading order from left to right.

    Time runs from left to right in both languages, as on every chart people know.
    """
    most = max(values, default=0)
    step = width / max(len(values), 1)
    parts = [_open(title, width, height + 16, "bars")]
    for index, (value, label) in enumerate(zip(values, labels, strict=True)):
        tall = round(value / most * (height - 4)) if most else 0
        tall = max(tall, 2 if value else 1)
        parts.append(
            f'<rect class="{"bar" if value else "none"}" x="{index * step:.1f}"'
            f' y="{height - tall}" width="{max(step - _GAP, 1):.1f}" height="{tall}" rx="1.5">'
            f"<title>{escape(label)}: {value}</title></rect>"
        )
    if labels:
        parts.append(f'<text x="0" y="{height + 13}">{escape(labels[0])}</text>')
        parts.append(
            f'<text x="{width}" y="{height + 13}" text-anchor="end">{escape(labels[-1])}</text>'
        )
    if most:
        parts.append(f'<text x="{width}" y="10" text-anchor="end" class="most">{most}</text>')
    return Markup("".join((*parts, "</svg>")))  # noqa: S704 -- every part is escaped or a number


def shares(parts: Sequence[tuple[str, str, int]], title: str, *, width: int = 380) -> Markup:
    """Return one bar divided by shares; each part is (class, label, number)."""
    total = sum(number for *_, number in parts)
    drawn, x = [_open(title, width, 18, "shares")], 0.0
    for name, label, number in parts:
        if not number:
            continue
        wide = number / total * width
        drawn.append(
            f'<rect class="{escape(name)}" x="{x:.1f}" y="0" width="{max(wide - 1, 1):.1f}"'
            f' height="18"><title>{escape(label)}: {number}</title></rect>'
        )
        x += wide
    return Markup("".join((*drawn, "</svg>")))  # noqa: S704 -- every part is escaped or a number


def level(share: float, title: str, *, width: int = 160) -> Markup:
    """Return a level from 0 to 1."""
    share = min(max(share, 0.0), 1.0)
    name = "good" if share >= 0.7 else "poor" if share < 0.25 else "fair"
    return Markup(  # noqa: S704 -- every part is escaped or a number
        _open(title, width, 10, "level")
        + f'<rect class="whole" width="{width}" height="10" rx="5"/>'
        + f'<rect class="{name}" width="{round(width * share)}" height="10" rx="5"/></svg>'
    )


def _open(title: str, width: int, height: int, name: str) -> str:
    label = escape(title)
    return (
        f'<svg class="chart {name}" viewBox="0 0 {width} {height}" role="img"'
        f' aria-label="{label}" focusable="false">'
    )
