"""``aggregator users``: who may read in an app, with a token of their own."""

import re

import click

from aggregator.cli import App
from aggregator.errors import UsageError

_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._@-]{0,59}")


@click.group()
def users() -> None:
    """People who read in an app: add, list, new token, remove."""


@users.command()
@click.argument("name")
@click.option("--source", "sources", multiple=True, help="Follow only this one (repeat).")
@click.pass_obj
def add(app: App, name: str, sources: tuple[str, ...]) -> None:
    """Let NAME read in an app; prints the token, once. Follows all sources unless told which."""
    from aggregator.crawl.session import utc_now
    from aggregator.store import readers
    from aggregator.web.reader_sync.call import FRESH

    if not _NAME.fullmatch(name):
        raise UsageError("not a name", name[:60], "Latin letters, digits and . _ - @")
    if unknown := [each for each in sources if each not in app.sources]:
        raise UsageError("unknown source", unknown[0], "see `aggregator sources list`")
    enabled = [each.id for each in app.sources.values() if each.enabled]
    token, now = readers.new_token(), utc_now()
    store = app.open()
    with store.write() as connection:
        pk = readers.add(connection, name, token, now)
        if pk is None:
            raise UsageError("there is a user of that name", name, "see `aggregator users token`")
        readers.follow(connection, pk, sources or enabled, now - FRESH)
    click.echo(app.say("{name} may sign in with this token (shown once):", name=name))
    click.echo(token)


@users.command("list")
@click.pass_obj
def list_(app: App) -> None:
    """Show who may read in an app, and how many sources each follows."""
    from aggregator.store import readers

    with app.open(must_exist=True).read() as connection:
        for reader in readers.everyone(connection):
            count = len(readers.followed(connection, reader.pk))
            click.echo(f"{reader.name}\t{count}\t{reader.created:%Y-%m-%d}")


@users.command()
@click.argument("name")
@click.pass_obj
def token(app: App, name: str) -> None:
    """Give NAME a new token; the old one is worth nothing from then on."""
    from aggregator.store import readers

    fresh = readers.new_token()
    with app.open(must_exist=True).write() as connection:
        if not readers.set_token(connection, name, fresh):
            raise UsageError("unknown user", name)
    click.echo(app.say("{name} may sign in with this token (shown once):", name=name))
    click.echo(fresh)


@users.command()
@click.argument("name")
@click.pass_obj
def remove(app: App, name: str) -> None:
    """Forget NAME, with all that was marked."""
    from aggregator.store import readers

    with app.open(must_exist=True).write() as connection:
        if not readers.remove(connection, name):
            raise UsageError("unknown user", name)
