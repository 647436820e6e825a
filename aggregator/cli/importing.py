"""``aggregator import``: text cards and JSON Lines into the store, whole files or nothing."""

from pathlib import Path

import click

from aggregator.cli import App
from aggregator.errors import AggregatorError


@click.command("import")
@click.argument(
    "files", nargs=-1, required=True, metavar="FILE...", type=click.Path(path_type=Path)
)
@click.pass_obj
def import_(app: App, files: tuple[Path, ...]) -> int:
    """Read text cards or JSON Lines into the store.

    A damaged file is named with its line, and nothing of it is stored; the other files go on.
    """
    from aggregator.crawl.lock import hold
    from aggregator.crawl.session import Session
    from aggregator.ingest_file import ingest_file

    store = app.open()
    with hold(store, app.config.data):
        session = Session(config=app.config, sources=app.sources, store=store)
        try:
            for path in files:
                try:
                    count = ingest_file(path, session.writer, session.sources, session.now())
                except AggregatorError as error:
                    session.writer.rollback()
                    app.fail(str(error))
                    continue
                session.commit()
                click.echo(
                    app.say(
                        "{path}: {new} new, {edited} edited, {same} unchanged",
                        path=path,
                        new=count["new"],
                        edited=count["edited"],
                        same=count["unchanged"] + count["purged"],
                    ),
                    err=True,
                )
        finally:
            session.close(keep=False)
    return 1 if app.failures else 0
