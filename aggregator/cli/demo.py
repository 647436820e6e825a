"""``aggregator demo``: the whole path on bundled sites, on loopback, in a folder of its own."""

import shutil
from dataclasses import replace
from datetime import UTC, datetime
from ipaddress import ip_network
from pathlib import Path
from typing import TYPE_CHECKING

import click

from aggregator.cli import App
from aggregator.errors import UsageError

if TYPE_CHECKING:
    from aggregator.config import Config
    from aggregator.crawl.session import Session
    from aggregator.demo.server import SampleWeb
    from aggregator.store.engine import Store

#: A day each; the sample articles are of the days before.
DAYS = (datetime(2025, 11, 10, 20, tzinfo=UTC), datetime(2025, 11, 11, 12, tzinfo=UTC))
MARK = ".aggregator-demo"


@click.command()
@click.option(
    "--out",
    type=click.Path(path_type=Path, file_okay=False),
    default=Path("demo"),
    show_default=True,
    help="Folder for what comes out; made anew.",
)
@click.pass_obj
def demo(app: App, out: Path) -> int:
    """Crawl the bundled sample sites twice and show what comes out.

    Talks to loopback only and touches no store of yours.
    """
    from aggregator.config import Config
    from aggregator.demo.server import SampleWeb
    from aggregator.store.engine import Store

    _make_anew(out)
    config = Config(
        data=out / "data",
        allow_networks=(ip_network("127.0.0.0/8"),),
        delay_s=0.0,
        timeout_s=10.0,
        retries=0,
    )
    say = app.say
    store = Store.open(config.database_url)
    try:
        with SampleWeb() as web:
            for web.day in (1, 2):
                session = _crawl(config, store, web)
                _report(app, session, web.day)
            written = _export(app, config, store, web, out)
        card = _card(store)
    finally:
        store.close()
    click.echo(f"\n{say('The seed record, as it came out:')}\n")
    click.echo(card)
    click.echo(f"\n{say('Written:')}")
    for path in written:
        click.echo(f"  {path}")
    click.echo(f"\n{say('Go on:')}")
    click.echo(f"  .venv/bin/aggregator crawl alwafd     {say('crawl the real site')}")
    command = f"AGGREGATOR_DATA={out / 'data'} .venv/bin/aggregator serve"
    click.echo(f"  {command}  {say('open it in a browser')}")
    click.echo(f"  .venv/bin/aggregator sources list     {say('all sources of the catalogue')}")
    click.echo(f"  .venv/bin/aggregator --help           {say('all commands')}")
    return 0


def _make_anew(out: Path) -> None:
    if out.exists() and any(out.iterdir()) and not (out / MARK).exists():
        raise UsageError("folder is not empty and not a demo's", out, "give another with --out")
    if out.exists():
        shutil.rmtree(out)
    out.mkdir(parents=True)
    (out / MARK).touch()


def _crawl(config: "Config", store: "Store", web: "SampleWeb") -> "Session":
    from aggregator.crawl import run
    from aggregator.crawl.session import Session

    sources = web.sources()
    moment = DAYS[web.day - 1]
    session = Session(config=config, sources=sources, store=store, now=lambda: moment)
    try:
        run.run(session, list(sources))
    finally:
        session.close()
    return session


def _report(app: App, session: "Session", day: int) -> None:
    from aggregator.cli.tables import crawl_table

    title = app.say("First crawl") if day == 1 else app.say("Second crawl, a day later")
    click.echo(f"{title}\n{crawl_table(app, session)}")
    for line in session.failures:
        click.echo(f"  ! {line}")


def _export(app: App, config: "Config", store: "Store", web: "SampleWeb", out: Path) -> list[Path]:
    from aggregator import exporters
    from aggregator.exporters.files import replace as write
    from aggregator.feeds import describe, newest_first
    from aggregator.store import reading
    from aggregator.types import Filter

    sources = {name: replace(each, enabled=True) for name, each in web.sources().items()}
    written = []
    with store.read() as connection:
        path = out / "articles.jsonl"
        write(path, (row.line() for row in reading.living(connection, Filter())))
        written.append(path)
        for format_ in ("rss", "atom", "json"):
            module = exporters.exporter(format_)
            for name in ("", *sources):
                wanted = Filter(sources=(name,) if name else ())
                rows = reading.newest(connection, wanted, limit=config.feed_limit)
                feed = describe(config, wanted, sources, lang=app.lang)
                path = out / "feeds" / f"{name or 'all'}{module.SUFFIX}"
                path.parent.mkdir(exist_ok=True)
                write(path, module.write(feed, newest_first(rows)), format_=format_)
                if not name:
                    written.append(path)
    return written


def _card(store: "Store") -> str:
    from aggregator import cards
    from aggregator.store import reading
    from aggregator.types import Filter

    with store.read() as connection:
        rows = reading.living(connection, Filter(sources=("wafd",)))
        records = [change.record for row in rows if (change := row.change()).record]
    found = next(record for record in records if record and "كازاخستان تختار" in record.title)
    return cards.write(found).rstrip()
