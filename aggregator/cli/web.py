"""``aggregator serve`` and ``publish``: the pages, feeds and API on the air, or as files."""

import os
from pathlib import Path

import click

from aggregator.cli import App
from aggregator.errors import UsageError

_LOOPBACK = {"127.0.0.1", "::1", "localhost"}


@click.command()
@click.option("--host", default="127.0.0.1", show_default=True, help="Address to listen on.")
@click.option("--port", type=click.IntRange(0, 65535), default=8000, show_default=True)
@click.option("--access-log", is_flag=True, help="Print a line for each request.")
@click.pass_obj
def serve(app: App, host: str, port: int, access_log: bool) -> None:
    """Serve pages, feeds and API; on loopback only, unless --host says otherwise."""
    import uvicorn

    from aggregator.push.beside import serving
    from aggregator.web.app import create_app
    from aggregator.web.site import Site, utc_now

    config = app.config
    if host not in _LOOPBACK and not (config.base_url or config.hosts):
        raise UsageError(
            "who may call is not said", host, "set AGGREGATOR_BASE_URL or AGGREGATOR_HOSTS"
        )
    app.log("WARNING")
    store = app.open()
    try:
        site = Site(config=config, sources=app.sources, store=store)
        settings = uvicorn.Config(
            create_app(site),
            host=host,
            port=port,
            log_level="debug" if app.debug else "warning",
            access_log=access_log,
            server_header=False,
            timeout_graceful_shutdown=5,
            lifespan="off",
        )
        socket = settings.bind_socket()
        socket.listen(settings.backlog)  # who reads the line below may call at once
        where = socket.getsockname()
        name = f"[{where[0]}]" if ":" in str(where[0]) else where[0]
        click.echo(app.say("Serving on {address}", address=f"http://{name}:{where[1]}/"))
        with serving(config, store, utc_now, lambda: site.sources):
            uvicorn.Server(settings).run(sockets=[socket])
    finally:
        store.close()


@click.command()
@click.argument("folder", metavar="DIR", type=click.Path(path_type=Path, file_okay=False))
@click.option("--all", "everything", is_flag=True, help="Write again what did not change, too.")
@click.pass_obj
def publish(app: App, folder: Path, everything: bool) -> None:
    """Write pages and feeds into DIR as files for any web server; only what changed."""
    from aggregator.crawl.session import utc_now
    from aggregator.publishing import publish as write
    from aggregator.push.beside import after_publishing

    store = app.open(must_exist=True)
    try:
        done = write(
            app.config,
            app.sources,
            store,
            folder,
            now=utc_now(),
            everything=everything,
            processes=os.cpu_count() or 1,
        )
        told = after_publishing(app.config, store, utc_now)
    finally:
        store.close()
    click.echo(
        app.say("{written} files written, {same} unchanged", written=done.written, same=done.same)
    )
    if told["feeds"]:
        click.echo(app.say("hubs were told of {count} feeds", count=told["feeds"]))
    if told["failed"]:
        app.fail(app.say("a hub was not told; the next run tells it"))
