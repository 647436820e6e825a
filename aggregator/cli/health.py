"""``aggregator health``: how each source fares."""

import json
from typing import TYPE_CHECKING, Any

import click

from aggregator.cli import App

if TYPE_CHECKING:
    from aggregator.health import Health
    from aggregator.types import Source


@click.command()
@click.argument("ids", nargs=-1, metavar="[SOURCE]...")
@click.option("--all", "everything", is_flag=True, help="Also those that were never polled.")
@click.option("--json", "as_json", is_flag=True, help="Print JSON.")
@click.pass_obj
def health(app: App, ids: tuple[str, ...], everything: bool, as_json: bool) -> None:
    """Show how each source fares: ok, quiet, broken, blocked, changed, moved; why, since when."""
    from aggregator import catalogue
    from aggregator.crawl.session import utc_now
    from aggregator.watching import health_of

    chosen = catalogue.choose(app.sources, ids) if ids else list(app.sources.values())
    now = utc_now()
    with app.open(must_exist=True).read() as connection:
        judged = [(source, health_of(connection, source, now)) for source in chosen]
    shown = [
        (source, found) for source, found in judged if ids or everything or found.state != "unknown"
    ]
    if as_json:
        click.echo(json.dumps([_plain(*each) for each in shown], ensure_ascii=False, indent=1))
        return
    _print(app, shown)


def _plain(source: "Source", found: "Health") -> dict[str, Any]:
    return {
        "source": source.id,
        "name": source.name,
        "state": found.state,
        "kind": found.kind,
        "why": found.why,
        "since": found.since.isoformat() if found.since else None,
        "failures": found.failures,
        "fields": list(found.fields),
        "notes": list(found.notes),
    }


def _print(app: App, shown: "list[tuple[Source, Health]]") -> None:
    from aggregator.cli.tables import table
    from aggregator.wording import told

    say = app.say
    order = ("broken", "blocked", "changed", "moved", "quiet", "unknown", "ok")
    shown.sort(key=lambda each: (order.index(each[1].state), each[0].id))
    rows = [
        (
            source.id,
            say(found.state),
            f"{found.since:%Y-%m-%d %H:%M}" if found.since else "-",
            "; ".join(told(each, app.lang) for each in (found.why, *found.notes) if each),
        )
        for source, found in shown
    ]
    if not rows:
        click.echo(say("Nothing was crawled yet: run `aggregator crawl`."))
        return
    click.echo(
        table([say(word) for word in ("source", "state", "since", "why")], rows, wrapped=(3,))
    )
    well = sum(found.state in {"ok", "quiet", "moved"} for _, found in shown)
    click.echo(say("{well} of {count} sources are well", well=well, count=len(shown)))
