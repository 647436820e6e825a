"""``aggregator sources``: the catalogue."""

import json
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from aggregator.cli import App

if TYPE_CHECKING:
    from aggregator.types import Page, Source


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


@sources.command()
@click.argument("ids", nargs=-1, metavar="[ID]...")
@click.pass_obj
def check(app: App, ids: tuple[str, ...]) -> int:
    """Look at sources from the network up: name, robots, seeds, entries, page, fields.

    Without ids all enabled ones. Exit code 1 if something is not well.
    """
    from aggregator import catalogue
    from aggregator.crawl import checking
    from aggregator.crawl.fetching import Fetcher
    from aggregator.crawl.session import utc_now
    from aggregator.wording import told

    chosen = (
        catalogue.choose(app.sources, ids)
        if ids
        else [source for source in app.sources.values() if source.enabled]
    )
    ailing = 0
    with Fetcher(app.config) as fetcher:
        for source in chosen:
            click.echo(f"{source.id}  {source.name}")
            well = True
            for found in checking.check(source, fetcher.get, utc_now()):
                well = well and (found.ok or found.step in checking.FIELDS[3:])
                step, said = told(found.step, app.lang), told(found.said, app.lang)
                click.echo(f"  {'✓' if found.ok else '✗'} {step:<10} {said}")
            ailing += not well
    return 1 if ailing else 0


@sources.command()
@click.argument("url")
@click.option("--dir", "folder", type=click.Path(path_type=Path), help="Folder of source files.")
@click.option("--dry-run", is_flag=True, help="Print the file, write nothing.")
@click.pass_obj
def add(app: App, url: str, folder: Path | None, dry_run: bool) -> int:
    """Find feeds, sitemaps and listings from a home page and write the source's file.

    Says what it is sure of and what not. The page of an article is kept beside the file.
    """
    from aggregator import autodiscover
    from aggregator.crawl.fetching import Fetcher
    from aggregator.crawl.session import utc_now
    from aggregator.errors import FetchError, UsageError
    from aggregator.exporters.files import replace

    with Fetcher(app.config) as fetcher:

        def fetch(address: str) -> "Page | None":
            try:
                return fetcher.get(address)
            except FetchError as error:
                click.echo(f"  ✗ {error}", err=True)
                return None

        draft = autodiscover.discover(url, fetch, now=utc_now())
    for fact in draft.facts:
        mark = {"sure": "✓", "likely": "~", "guess": "?"}[fact.certainty]
        click.echo(f"  {mark} {fact.field}: {fact.value} ({fact.why})")
    for note in draft.notes:
        click.echo(f"    {note}")
    text = autodiscover.to_yaml(draft)
    if dry_run:
        click.echo(text)
        return 0
    own = [Path(each) for each in app.config.sources if each != "bundled"]
    root = folder or (own[0] if own else Path("sources"))
    path = root / draft.source.country / f"{draft.source.id}.yaml"
    if path.exists():
        raise UsageError("there is such a file already", path, "remove it, or edit it")
    path.parent.mkdir(parents=True, exist_ok=True)
    replace(path, [text.encode()])
    click.echo(app.say("written: {path}", path=path))
    if draft.article is not None:
        import gzip

        kept = path.with_suffix(".html.gz")
        replace(kept, [gzip.compress(draft.article.body, mtime=0)])
        click.echo(app.say("written: {path}", path=kept))
    if root not in own:
        click.echo(f"  AGGREGATOR_SOURCES=bundled:{root} aggregator crawl {draft.source.id}")
    return 0


@sources.command("import")
@click.argument("file", type=click.Path(path_type=Path, exists=True, dir_okay=False))
@click.option("--dir", "folder", type=click.Path(path_type=Path), default=Path("sources"))
@click.pass_obj
def import_opml(app: App, file: Path, folder: Path) -> int:
    """Make source files out of an OPML list; its folders become notes, a bad feed is named."""
    from aggregator import opml
    from aggregator.autodiscover import Draft, to_yaml
    from aggregator.exporters.files import replace

    read = opml.read(file.read_bytes(), name=str(file))
    for note in read.notes:
        app.fail(f"{file}: {note}")
    known = {seed.url for source in app.sources.values() for seed in source.seeds}
    written = 0
    for source in opml.drafts(read.outlines):
        path = folder / source.country / f"{source.id}.yaml"
        if path.exists() or any(seed.url in known for seed in source.seeds):
            click.echo(app.say("known already: {name}", name=source.name))
            continue
        path.parent.mkdir(parents=True, exist_ok=True)
        replace(path, [to_yaml(Draft(source=source)).encode()])
        written += 1
    click.echo(app.say("{count} sources written to {path}", count=written, path=folder))
    return 1 if app.failures else 0
