"""Progress bars, on a terminal only; elsewhere nothing is drawn."""

import contextlib
import sys
from collections.abc import Callable, Iterator


@contextlib.contextmanager
def bars() -> Iterator[Callable[[str, int, int | None], None]]:
    """Yield a function that shows how far something is: name, done, in all."""
    if not sys.stderr.isatty():
        yield lambda name, done, whole: None
        return
    from rich.console import Console
    from rich.progress import Progress, TaskID

    with Progress(console=Console(stderr=True), transient=True) as drawn:
        tasks: dict[str, TaskID] = {}

        def show(name: str, done: int, whole: int | None) -> None:
            if name not in tasks:
                tasks[name] = drawn.add_task(name, total=whole)
            drawn.update(tasks[name], completed=done, total=whole)

        yield show
