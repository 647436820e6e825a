"""``aggregator db``: the store itself."""

from pathlib import Path

import click

from aggregator.cli import App


@click.group()
def db() -> None:
    """The store: upgrade, check, back up."""


@db.command()
@click.pass_obj
def upgrade(app: App) -> None:
    """Bring the store to this program's version (also done by itself on first use)."""
    from aggregator.store.engine import HEAD

    store = app.open()
    click.echo(app.say("{url} is at version {head}", url=store.url, head=HEAD))


@db.command()
@click.pass_obj
def check(app: App) -> int:
    """Check the store: integrity, numbers without gaps, records that can be read."""
    from aggregator.store.checks import problems

    store = app.open(must_exist=True)
    found = 0
    for line in problems(store):
        found += 1
        app.fail(line)
    click.echo(app.say("{count} problems", count=found))
    return 1 if found else 0


@db.command()
@click.argument("target", type=click.Path(path_type=Path))
@click.pass_obj
def backup(app: App, target: Path) -> None:
    """Copy a SQLite store to TARGET while it is in use."""
    from aggregator.store.checks import backup as copy

    copy(app.open(must_exist=True), target)
    click.echo(app.say("copied to {path}", path=target))
