"""``aggregator db``: the store itself."""

from pathlib import Path

import click

from aggregator.cli import App


@click.group()
def db() -> None:
    """The store: upgrade, check, back up, prune, copy."""


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


@db.command()
@click.option("--days", type=click.FloatRange(min=0), help="Age in days.")
@click.option("--articles", type=click.IntRange(min=0), help="Newest articles of each source.")
@click.option("--megabytes", type=click.FloatRange(min=0), help="Size of each source's records.")
@click.pass_obj
def prune(app: App, days: float | None, articles: int | None, megabytes: float | None) -> None:
    """Let articles beyond the limits go; they leave tombstones and never come back.

    Without options the limits are AGGREGATOR_KEEP_DAYS, _ARTICLES and _MEGABYTES.
    """
    from aggregator.crawl.session import utc_now
    from aggregator.store.retention import Limits
    from aggregator.store.retention import prune as purge

    config = app.config
    limits = Limits(
        days=config.keep_days if days is None else days,
        articles=config.keep_articles if articles is None else articles,
        megabytes=config.keep_megabytes if megabytes is None else megabytes,
    )
    count = purge(app.open(must_exist=True), limits, utc_now())
    click.echo(app.say("{count} articles purged", count=count))


@db.command("copy")
@click.argument("url")
@click.pass_obj
def copy_(app: App, url: str) -> None:
    """Move this store to the database at URL (postgresql+psycopg://…); resumable, verified."""
    from aggregator.cli.progress import bars
    from aggregator.crawl.lock import hold
    from aggregator.store.copying import copy
    from aggregator.store.engine import Store

    source = app.open(must_exist=True)
    with hold(source, app.config.data), bars() as progress:
        counts = copy(source, Store.open(url), progress)
    count = counts["articles"]
    click.echo(app.say("{count} articles copied and verified", count=count))
