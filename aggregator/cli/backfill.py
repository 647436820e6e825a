"""``aggregator backfill``: what sources published before we knew them."""

from datetime import datetime

import click

from aggregator.cli import App

#: Pages of a source in one run, unless told otherwise; the queue keeps the rest.
_MOST = 10_000


@click.command()
@click.argument("ids", nargs=-1, required=True, metavar="SOURCE...")
@click.option(
    "--since", "first", type=click.DateTime(["%Y-%m-%d"]), required=True, help="First day."
)
@click.option("--until", "last", type=click.DateTime(["%Y-%m-%d"]), help="Last day; today.")
@click.option(
    "--limit",
    type=click.IntRange(min=1),
    default=_MOST,
    show_default=True,
    help="Most pages for each source in this run.",
)
@click.pass_obj
def backfill(
    app: App, ids: tuple[str, ...], first: datetime, last: datetime | None, limit: int
) -> int:
    """Walk back through the sitemaps and paged listings of sources, for a period.

    As polite as any crawl. Stopped or at its limit, the queue keeps what is left: the next crawl,
    or the same command again, goes on there.
    """
    from aggregator.backfilling import Period
    from aggregator.cli.progress import bars
    from aggregator.cli.tables import crawl_table
    from aggregator.crawl import run
    from aggregator.crawl.lock import hold
    from aggregator.crawl.session import Session, utc_now

    period = Period(first.date(), last.date() if last else utc_now().date())
    if period.last < period.first:
        raise click.UsageError("--until is before --since")
    app.log("ERROR")
    store = app.open()
    with hold(store, app.config.data):
        session = Session(config=app.config, sources=app.sources, store=store, period=period)
        wanted = [source.id for source in session.chosen(ids)]
        keep = False
        try:
            with bars() as show:
                session.progress = lambda *_: show(
                    app.say("articles"), sum(each["new"] for each in session.tally.values()), None
                )
                run.run(session, wanted, limit=limit)
            keep = True
        finally:
            session.close(keep=keep)
    for line in session.failures:
        app.fail(line)
    click.echo(crawl_table(app, session))
    return 1 if session.failures else 0
