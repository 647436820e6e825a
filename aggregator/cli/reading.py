"""``aggregator search`` and ``show``: looking into the store."""

import sys
from typing import TYPE_CHECKING

import click

from aggregator.cli import App
from aggregator.errors import UsageError

if TYPE_CHECKING:
    from sqlalchemy import Connection

    from aggregator.store.reading import Row


@click.command()
@click.argument("query", nargs=-1, required=True)
@click.option("--source", "sources", multiple=True, help="Only this source (may be repeated).")
@click.option("--limit", type=click.IntRange(1, 1000), default=20, show_default=True)
@click.option("--json", "as_json", is_flag=True, help="Print JSON Lines.")
@click.pass_obj
def search(
    app: App, query: tuple[str, ...], sources: tuple[str, ...], limit: int, as_json: bool
) -> int:
    """Find articles; «phrases» in quotes, -words left out. Exit code 0, also without a match."""
    from aggregator.store import searching
    from aggregator.types import Filter

    with app.open(must_exist=True).read() as connection:
        wanted = Filter(sources=sources) if sources else None
        rows = searching.search(connection, " ".join(query), wanted, limit=limit)
    if as_json:
        out = sys.stdout.buffer
        out.writelines(row.line() for row in rows)
        return 0
    if not rows:
        click.echo(app.say("Nothing found."), err=True)
    for row in rows:
        record = row.change().record
        if record is None:
            continue
        day = record.published.date().isoformat() if record.published else "          "
        click.echo(f"{day}  {record.title}\n            {record.source.name}  {record.url}")
    return 0


@click.command()
@click.argument("article", metavar="ID")
@click.option("--json", "as_json", is_flag=True, help="Print the record as JSON.")
@click.pass_obj
def show(app: App, article: str, as_json: bool) -> int:
    """Show one article with its versions and their differences, copies, event and related."""
    from aggregator.store import reading

    with app.open(must_exist=True).read() as connection:
        row = reading.find_article(connection, article)
        if row is None:
            raise UsageError("no such article", article, "an id (urn:uuid:…) or an address")
        if as_json:
            sys.stdout.buffer.write(row.line())
            return 0
        _print(app, connection, row)
    return 0


def _print(app: App, connection: "Connection", row: "Row") -> None:
    from aggregator import exporters
    from aggregator.cli.versions import versions_text
    from aggregator.feeds import describe
    from aggregator.store.reading import versions
    from aggregator.types import Filter

    change = row.change()
    record = change.record
    if record is None:
        click.echo(f"{row.id}\n{app.say('deleted')}: {row.reason} ({row.at:%Y-%m-%d %H:%M} UTC)")
        return
    feed = describe(app.config, Filter(), app.sources, lang=app.lang)
    card = b"".join(exporters.exporter("text").write(feed, [change]))
    click.echo(card.decode().rstrip())
    click.echo()
    facts = {
        "id": record.id,
        "url": record.url,
        "first seen": f"{record.first_seen:%Y-%m-%d %H:%M} UTC",
        "credit": record.credit,
        "copy of": record.copy_of,
        "event": record.cluster,
        "version": record.version,
    }
    for name, value in facts.items():
        if value is not None:
            click.echo(f"{app.say(name)}: {value}")
    for copy in record.also_in:
        click.echo(f"{app.say('also in')}: {copy.source}  {copy.url}")
    click.echo(versions_text(app, record, versions(connection, row.pk)), nl=False)
