"""Tables for people, never wider than the terminal; plain text when nobody watches."""

import io
from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING

from aggregator.cli import App

if TYPE_CHECKING:
    from aggregator.crawl.session import Session


def table(
    headers: Sequence[str],
    rows: Iterable[Sequence[object]],
    *,
    right: Sequence[int] = (),
    wrapped: Sequence[int] = (),
) -> str:
    """Return a table; columns in ``right`` hold numbers, those in ``wrapped`` whole sentences.

    Sentences go on in the next line; what else does not fit is cut short.
    """
    from rich import box
    from rich.console import Console
    from rich.table import Table

    drawn = Table(box=box.SIMPLE_HEAD, pad_edge=False)
    for index, header in enumerate(headers):
        drawn.add_column(
            header,
            justify="right" if index in right else "left",
            overflow="fold" if index in wrapped else "ellipsis",
            no_wrap=index not in wrapped,
        )
    for row in rows:
        drawn.add_row(*("" if cell is None else str(cell) for cell in row))
    out = io.StringIO()
    Console(file=out, width=_width(), no_color=True, highlight=False).print(drawn)
    return "\n".join(line.rstrip() for line in out.getvalue().splitlines() if line.strip())


def _width() -> int:
    import shutil

    return min(shutil.get_terminal_size((80, 24)).columns, 120)


def crawl_table(app: App, session: "Session") -> str:
    """Return what a run brought, a row a source."""
    say = app.say
    headers = [
        say("source"),
        say("new"),
        say("edited"),
        say("deleted"),
        say("refused"),
        say("failed"),
        say("state"),
    ]
    rows = []
    for source_id, count in sorted(session.tally.items()):
        failed = count["failed"]
        if count["seed_failed"] and count["seed_failed"] >= count["polls"]:
            state = say("failed")
        elif count["polls"] and count["not_modified"] == count["polls"]:
            state = say("not modified")
        else:
            state = say("ok")
        rows.append(
            (
                source_id,
                count["new"],
                count["edited"],
                count["deleted"],
                count["rejected"],
                failed,
                state,
            )
        )
    return table(headers, rows, right=(1, 2, 3, 4, 5))
