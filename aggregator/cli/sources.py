"""``aggregator sources``: the catalogue."""

import json
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from aggregator.cli import App

if TYPE_CHECKING:
    from aggregator.types import Source


@click.group()
def sources() -> None:
    """The catalogue of sources: list, show, add, check, import, export."""


@sources.command("list")
@click.option("--country", help="Only this country (EG, MA …).")
@click.option("--language", "spoken", help="Only this language (ar, fr …).")
@click.option("--all", "everything", is_flag=True, help="Also those that are switched off.")
@click.option("--json", "as_json", is_flag=True, help="Print JSON.")
@click.pass_obj
def list_(
    app: App, country: str | None, spoken: str | None, everything: bool, as_json: bool
) -> None:
    """List the sources: what they are, how well proven, and whether their rules are tested."""
    from aggregator.cli.tables import table

    chosen = [
        source
        for source in app.sources.values()
        if (everything or source.enabled)
        and (not country or source.country == country.upper())
        and (not spoken or source.language == spoken)
    ]
    if as_json:
        click.echo(json.dumps([_plain(each) for each in chosen], ensure_ascii=False, indent=1))
        return
    say = app.say
    rows = [
        (
            each.id,
            each.name,
            each.country,
            each.language,
            len(each.seeds),
            say(each.evidence),
            each.verified or "",
            "✓" if each.tested else "",
            say("on") if each.enabled else say("off"),
        )
        for each in chosen
    ]
    heads = ("source", "name", "in", "lang", "seeds", "proof", "seen", "test", "")
    click.echo(table([say(head) if head else "" for head in heads], rows, right=(4,)))
    click.echo(say("{count} sources", count=len(rows)))


def _plain(source: "Source") -> dict[str, Any]:
    return {key: value for key, value in asdict(source).items() if value not in (None, (), {})}


@sources.command()
@click.argument("source_id", metavar="ID")
@click.option("--json", "as_json", is_flag=True, help="Print JSON.")
@click.pass_obj
def show(app: App, source_id: str, as_json: bool) -> None:
    """Show one source as its file and its rule set say it."""
    import yaml

    from aggregator import catalogue

    source = catalogue.choose(app.sources, [source_id])[0]
    data = json.loads(json.dumps(_plain(source), ensure_ascii=False))
    if as_json:
        click.echo(json.dumps(data, ensure_ascii=False, indent=1))
        return
    click.echo(yaml.safe_dump(data, allow_unicode=True, sort_keys=False, width=100).rstrip())


@sources.command("export")
@click.option("--output", type=click.Path(path_type=Path), help="File; replaced as a whole.")
@click.pass_obj
def export_opml(app: App, output: Path | None) -> None:
    """Write the enabled sources as OPML, for any feed reader."""
    from aggregator.cli.exporting import opml_chunks, write
    from aggregator.types import Filter

    write(opml_chunks(app, Filter()), output, "opml")
