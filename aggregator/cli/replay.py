"""``aggregator replay``: extract again from stored pages."""

import contextlib
import os
from collections import Counter
from collections.abc import Iterator
from concurrent.futures import Executor
from pathlib import Path

import click

from aggregator.cli import App

#: Bytes of archives from which on it pays to start processes.
_LARGE = 5_000_000


@click.command()
@click.argument(
    "warcs", nargs=-1, required=True, metavar="WARC...", type=click.Path(path_type=Path)
)
@click.option("--source", help="Only pages of this source.")
@click.option("--dry-run", is_flag=True, help="Say what would change, keep nothing.")
@click.option("--resume", is_flag=True, help="Go on where the same replay was stopped.")
@click.option(
    "--workers", type=click.IntRange(0, 1024), help="Extract in so many processes (0: in this one)."
)
@click.option("--dask", "address", help="Extract on the cluster of this Dask scheduler (tcp://…).")
@click.pass_obj
def replay(
    app: App,
    warcs: tuple[Path, ...],
    source: str | None,
    dry_run: bool,
    resume: bool,
    workers: int | None,
    address: str | None,
) -> int:
    """Extract again from stored pages (WARC files or folders of them), without the network.

    A page that is older than what its article says now is passed over. Exit code 1 if pages could
    not be extracted, 75 if another process works on this store.
    """
    from aggregator import archive, replaying
    from aggregator.bookmark import Bookmark
    from aggregator.cli.progress import bars
    from aggregator.crawl.lock import hold
    from aggregator.crawl.session import utc_now
    from aggregator.store.writer import Writer

    if workers and address:
        raise click.UsageError("--workers starts processes here, --dask uses others: give one")
    if source:
        from aggregator import catalogue

        catalogue.choose(app.sources, [source])  # names an unknown source before anything begins
    store = app.open()
    mark = Bookmark(app.config.data, warcs, source or "", "dry" if dry_run else "")
    whole = archive.size(warcs)
    count: Counter[str] = Counter()
    with hold(store, app.config.data), Writer(store) as writer, bars() as show:
        after, pages = mark.read() if resume else (None, 0)
        with _place(address, workers, whole) as (executor, width):
            for done in replaying.replay(
                warcs, writer, app.sources, utc_now(),
                only=source, dry_run=dry_run, after=after, executor=executor, width=width,
            ):  # fmt: skip
                _tell(app, done.outcome, done.url, done.title, count)
                pages += 1
                if done.position is not None:
                    mark.write(done.position, pages)
                    show(app.say("pages"), archive.size_before(warcs, done.position), whole)
        mark.remove()
    words = ("new", "edited", "unchanged", "older", "refused", "failed")
    click.echo(", ".join(f"{count[word]} {app.say(word)}" for word in words), err=True)
    if dry_run:
        click.echo(app.say("Nothing was written."), err=True)
    return 1 if count["failed"] else 0


def _tell(app: App, outcome: str, url: str, title: str | None, count: Counter[str]) -> None:
    word, _, why = outcome.partition(": ")
    count[word] += 1
    if word == "failed":
        app.fail(f"page was not extracted: {url}: {why}")
    elif word in {"new", "edited", "refused"}:
        click.echo(f"{outcome}  {url}  {title or ''}".rstrip())


@contextlib.contextmanager
def _place(
    address: str | None, workers: int | None, size: int
) -> Iterator[tuple[Executor | None, int]]:
    """Yield where pages are extracted, and how many at once; None: in this process."""
    if workers is None:
        cores = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else 1
        workers = cores if cores > 1 and size > _LARGE else 0
    if address:
        from aggregator.cluster import executors, needs_dask

        needs_dask()
        with executors.standing(address) as place:
            yield place
    elif workers:
        from aggregator.cluster import executors

        with executors.processes(workers) as place:
            yield place
    else:
        yield None, 1
