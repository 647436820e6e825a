"""``aggregator replay``: extract again from stored pages."""

from pathlib import Path

import click

from aggregator.cli import App


@click.command()
@click.argument(
    "warcs", nargs=-1, required=True, metavar="WARC...", type=click.Path(path_type=Path)
)
@click.option("--source", help="Only pages of this source.")
@click.option("--dry-run", is_flag=True, help="Say what would change, keep nothing.")
@click.pass_obj
def replay(app: App, warcs: tuple[Path, ...], source: str | None, dry_run: bool) -> int:
    """Extract again from stored pages (WARC files or folders of them), without the network."""
    from collections import Counter

    from aggregator import replaying
    from aggregator.crawl.lock import hold
    from aggregator.crawl.session import utc_now
    from aggregator.store.writer import Writer

    store = app.open()
    count: Counter[str] = Counter()
    with hold(store, app.config.data), Writer(store) as writer:
        for done in replaying.replay(
            warcs, writer, app.sources, utc_now(), only=source, dry_run=dry_run
        ):
            word = done.outcome.partition(":")[0]
            count[word] += 1
            if word in {"new", "edited", "refused"}:
                click.echo(f"{done.outcome}  {done.url}  {done.title or ''}".rstrip())
    words = ("new", "edited", "unchanged", "refused")
    click.echo(", ".join(f"{count[word]} {app.say(word)}" for word in words), err=True)
    if dry_run:
        click.echo(app.say("Nothing was written."), err=True)
    return 0
