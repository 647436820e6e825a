"""``aggregator crawl``: one run over the sources that are due."""

import gc
import json
from pathlib import Path
from typing import TYPE_CHECKING

import click

from aggregator.cli import App

if TYPE_CHECKING:
    from collections.abc import Callable

    from aggregator.crawl.asked import Asked
    from aggregator.crawl.session import Session
    from aggregator.store.engine import Store


@click.command()
@click.argument("ids", nargs=-1, metavar="[SOURCE]...")
@click.option("--all", "everything", is_flag=True, help="All enabled sources, due or not.")
@click.option("--limit", type=click.IntRange(min=0), help="Most new pages for each source.")
@click.option("--json", "as_json", is_flag=True, help="Print the outcome as JSON.")
@click.option(
    "--metrics",
    type=click.Path(path_type=Path),
    help="Write figures for Prometheus' textfile collector.",
)
@click.pass_obj
def crawl(
    app: App,
    ids: tuple[str, ...],
    everything: bool,
    limit: int | None,
    as_json: bool,
    metrics: Path | None,
) -> int:
    """Crawl the sources that are due, or those named.

    Exit code 1 if something failed (each failure is named on standard error), 75 if another
    process works on this store.
    """
    from aggregator.crawl.asked import by_signals

    with by_signals() as asked:
        from aggregator.cli.tables import crawl_table
        from aggregator.crawl.lock import hold
        from aggregator.crawl.session import Session

        app.log("ERROR")
        store = app.open()
        with hold(store, app.config.data):
            session = Session(config=app.config, sources=app.sources, store=store)
            wanted = _crawl(app, session, asked, ids, limit=limit, everything=everything)
        if metrics:
            _write_metrics(app, store, metrics)
        for line in session.failures:
            app.fail(line)
        if as_json:
            click.echo(json.dumps({name: dict(count) for name, count in session.tally.items()}))
        elif not wanted:
            click.echo(app.say("Nothing is due."))
        else:
            click.echo(crawl_table(app, session))
    return 1 if session.failures else 0


def _write_metrics(app: App, store: "Store", path: Path) -> None:
    from aggregator import metrics
    from aggregator.crawl.session import utc_now
    from aggregator.exporters.files import replace

    replace(path, [metrics.text(store, app.sources, utc_now()).encode()])


def _crawl(
    app: App,
    session: "Session",
    asked: "Asked",
    ids: tuple[str, ...],
    *,
    limit: int | None,
    everything: bool,
) -> list[str]:
    """Crawl within a session, which is closed then; return the sources that were asked."""
    from aggregator.crawl.due import due
    from aggregator.crawl.upkeep import upkeep

    keep = False
    try:
        wanted = [source.id for source in session.chosen(ids)]
        only_due = not ids and not everything
        if only_due:
            wanted = due(session, wanted)
        _obey(asked, session)
        if wanted:
            from aggregator.crawl.beside import start_early

            start_early(session, wanted)
            from aggregator.cli.progress import bars
            from aggregator.crawl import lean

            lean.import_all()
            from aggregator.crawl import run

            gc.freeze()  # what was imported stays: no collection need look at it again
            with bars() as show:
                session.progress = _shown(app, session, show, len(wanted))
                run.run(session, wanted, limit=limit, due=only_due)
        upkeep(session)
        keep = True
    finally:
        session.close(keep=keep)
    return wanted


def _obey(asked: "Asked", session: "Session") -> None:
    """Let signals end this session, now if one came already."""
    asked.leave, asked.reload = session.stopping.set, session.reload
    if asked.to_end:
        session.stopping.set()


def _shown(
    app: App, session: "Session", show: "Callable[[str, int, int | None], None]", whole: int
) -> "Callable[[str, str], None]":
    """Return what draws a run's progress: sources polled, articles brought."""

    def draw(_source: str, outcome: str) -> None:
        if outcome in {"polls", "seed_failed"}:
            show(app.say("sources"), len(session.tally), whole)
        else:
            tally = session.tally.values()
            brought = sum(count["new"] + count["edited"] for count in tally)
            show(app.say("articles"), brought, None)

    return draw


@click.command("run")
@click.argument("ids", nargs=-1, metavar="[SOURCE]...")
@click.option(
    "--workers", type=click.IntRange(1, 1024), help="Crawl with so many processes (PostgreSQL)."
)
@click.option("--dask", "address", help="Crawl on the cluster of this Dask scheduler (tcp://…).")
@click.pass_obj
def run_(app: App, ids: tuple[str, ...], workers: int | None, address: str | None) -> int:
    """Keep crawling, each source on its own rhythm, until SIGTERM; SIGHUP reads sources anew.

    Exit code 75 if another process works on this store.
    """
    from aggregator.crawl.asked import by_signals

    app.log("INFO")
    address = address or ("" if workers else app.config.dask)
    if workers and address:
        raise click.UsageError("--workers starts processes here, --dask uses others: give one")
    if workers or address:  # which hears signals itself
        _on_cluster(app, ids, workers, address)
        return 0
    with by_signals() as asked:
        from aggregator.crawl.lock import hold

        store = app.open()
        with hold(store, app.config.data):
            _serve(app, store, asked, ids)
    return 0


def _serve(app: App, store: "Store", asked: "Asked", ids: tuple[str, ...]) -> None:
    from aggregator.crawl import lean

    lean.import_all()
    from aggregator.crawl import run
    from aggregator.crawl.session import Session, utc_now
    from aggregator.push.beside import crawling

    session = Session(config=app.config, sources=app.sources, store=store, service=True)
    keep = False
    try:
        session.chosen(ids)  # names an unknown source before anything begins
        _obey(asked, session)
        with crawling(app.config, store, utc_now):
            run.run(session, list(ids), due=True)
        keep = True
    finally:
        session.close(keep=keep)


def _on_cluster(app: App, ids: tuple[str, ...], workers: int | None, address: str) -> None:
    from aggregator import catalogue
    from aggregator.cluster import needs_dask, service
    from aggregator.crawl.lock import hold
    from aggregator.crawl.session import utc_now
    from aggregator.push.beside import crawling

    needs_dask()
    catalogue.choose(app.sources, ids)  # names an unknown source before anything begins
    store = app.open()
    with hold(store, app.config.data), crawling(app.config, store, utc_now):
        service.serve(app.config, app.sources, store, ids, workers=workers, address=address)
