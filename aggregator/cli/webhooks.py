"""``aggregator webhooks``: who gets every change pushed, and what they did not take."""

import secrets
import sys
from typing import TYPE_CHECKING, Any

import click

from aggregator.cli import App
from aggregator.errors import UsageError

if TYPE_CHECKING:
    from collections import Counter

    from aggregator.push.webhooks import Deliverer
    from aggregator.store.engine import Store
    from aggregator.store.webhooks import Webhook
    from aggregator.types import Filter


@click.group()
def webhooks() -> None:
    """Push every change to other programs: signed, in order, at least once."""


@webhooks.command()
@click.argument("url")
@click.option("--source", "sources", multiple=True, help="Only this source (may be repeated).")
@click.option("--country", help="Only sources of this country (EG, MA …).")
@click.option("--language", "spoken", help="Only articles in this language (ar, fr …).")
@click.option("--keyword", help="Only articles with this keyword.")
@click.option("--query", help="Only articles that match a search.")
@click.option("--cluster", help="Only articles on this event.")
@click.option("--since", type=click.IntRange(min=0), help="Begin after this number; else now.")
@click.option("--secret", help="Key that signs the messages; - reads it from standard input.")
@click.pass_obj
def add(app: App, /, url: str, since: int | None, secret: str | None, **parts: Any) -> None:
    """Tell the program at URL of every change that is yet to come.

    Without --secret one is made and shown this once: the receiver needs it.
    """
    from aggregator import signing
    from aggregator.crawl.session import utc_now
    from aggregator.store import reading
    from aggregator.store import webhooks as stored

    _check_url(url)
    wanted = _filter(app, parts)
    made = secret is None
    key = signing.secret_of(secrets.token_bytes(32)) if secret is None else _given(secret)
    store = app.open()
    try:
        with store.write() as connection:
            newest = reading.last_seq(connection)
            cursor = newest if since is None else since
            if cursor > newest:
                raise UsageError(
                    "cursor is ahead of the log", f"--since {since}", f"the newest is {newest}"
                )
            number = stored.add(
                connection,
                uid=secrets.token_hex(8),
                url=url,
                secret=key,
                wanted=wanted,
                cursor=cursor,
                now=utc_now(),
            )
    finally:
        store.close()
    click.echo(app.say("webhook {number} added", number=number))
    if made:
        click.echo(app.say("its secret, shown only now: {secret}", secret=key))


def _check_url(url: str) -> None:
    from urllib.parse import urlsplit

    try:
        parts = urlsplit(url)
        usable = parts.scheme in {"http", "https"} and parts.hostname and parts.port != 0
    except ValueError:
        usable = False
    if not usable or any(sign <= " " or sign == "\x7f" for sign in url):
        raise UsageError("not an address", url[:80], "http or https")
    if "@" in parts.netloc:
        raise UsageError("no name and password in an address", parts.hostname, "use --secret")


def _filter(app: App, parts: dict[str, Any]) -> "Filter":
    from aggregator import catalogue
    from aggregator.types import Filter

    catalogue.choose(app.sources, parts["sources"])  # names an unknown source
    if parts["country"] and len(parts["country"]) != 2:
        raise UsageError("not a country", parts["country"], "two letters, like EG")
    return Filter(
        sources=parts["sources"],
        country=parts["country"],
        language=parts["spoken"],
        keyword=parts["keyword"],
        query=parts["query"],
        cluster=parts["cluster"],
    )


def _given(secret: str) -> str:
    from aggregator import signing

    key = sys.stdin.readline().strip() if secret == "-" else secret  # noqa: S105 (no secret)
    try:
        signing.key_of(key)
    except ValueError as error:
        raise UsageError("secret is not usable", "--secret", str(error)) from None
    return key


@webhooks.command("list")
@click.option("--json", "as_json", is_flag=True, help="Print JSON.")
@click.pass_obj
def list_(app: App, as_json: bool) -> None:
    """Show who is told what, and how far each is; never a secret."""
    import json

    from aggregator.cli.tables import table
    from aggregator.store import reading
    from aggregator.store import webhooks as stored

    with app.open(must_exist=True).read() as connection:
        hooks = stored.webhooks(connection)
        dead = stored.dead_counts(connection)
        newest = reading.last_seq(connection)
    if as_json:
        shown = [_plain(hook, newest, dead.get(hook.pk, 0)) for hook in hooks]
        click.echo(json.dumps(shown, ensure_ascii=False, indent=1))
        return
    if not hooks:
        click.echo(app.say("No webhooks."))
        return
    rows = [
        (
            hook.pk,
            _shown(hook.url),
            app.say(hook.state),
            max(newest - hook.cursor, 0),
            dead.get(hook.pk, 0),
            hook.reason or "",
        )
        for hook in hooks
    ]
    heads = [app.say(word) for word in ("webhook", "address", "state", "behind", "dead", "why")]
    click.echo(table(heads, rows, right=(0, 3, 4)))


def _shown(url: str) -> str:
    """Return an address without its query, which may hold a key."""
    head, mark, _ = url.partition("?")
    return head + ("?…" if mark else "")


def _plain(hook: "Webhook", newest: int, dead: int) -> dict[str, Any]:
    from dataclasses import asdict

    wanted = {name: value for name, value in asdict(hook.wanted).items() if value}
    return {
        "webhook": hook.pk,
        "url": _shown(hook.url),
        "filter": wanted,
        "state": hook.state,
        "cursor": hook.cursor,
        "behind": max(newest - hook.cursor, 0),
        "attempts": hook.attempts,
        "next_at": hook.next_at.isoformat() if hook.next_at else None,
        "delivered_at": hook.delivered_at.isoformat() if hook.delivered_at else None,
        "why": hook.reason,
        "dead": dead,
    }


@webhooks.command()
@click.argument("number", type=int)
@click.pass_obj
def remove(app: App, number: int) -> None:
    """Forget a webhook with all that it did not take."""
    from aggregator.store import webhooks as stored

    store = app.open(must_exist=True)
    with store.write() as connection:
        if not stored.remove(connection, number):
            raise UsageError("no such webhook", number)
    click.echo(app.say("webhook {number} removed", number=number))


@webhooks.command()
@click.argument("number", type=int)
@click.pass_obj
def test(app: App, number: int) -> int:
    """Send a signed message without changes and say what came back."""
    hook, store = _find(app, number)

    async def act(deliverer: "Deliverer") -> Any:
        return await deliverer.test(hook)

    answer = _with_deliverer(app, store, act)
    if answer.kind is not None:
        app.fail(app.say("webhook {number}: {why}", number=number, why=answer.reason))
        return 1
    click.echo(app.say("the receiver took it: {status}", status=answer.status))
    return 0


@webhooks.command()
@click.argument("number", type=int, required=False)
@click.pass_obj
def dead(app: App, number: int | None) -> None:
    """List messages that were not taken, however often they were sent."""
    from aggregator.cli.tables import table
    from aggregator.store import webhooks as stored

    with app.open(must_exist=True).read() as connection:
        letters = stored.dead_letters(connection, number)
    if not letters:
        click.echo(app.say("No dead letters."))
        return
    rows = [
        (
            letter.webhook_pk,
            f"{letter.first_seq}-{letter.last_seq}",
            letter.count,
            f"{letter.at:%Y-%m-%d %H:%M}",
            letter.reason or "",
        )
        for letter in letters
    ]
    heads = [app.say(word) for word in ("webhook", "numbers", "changes", "since", "why")]
    click.echo(table(heads, rows, right=(0, 2)))


@webhooks.command()
@click.argument("number", type=int)
@click.pass_obj
def retry(app: App, number: int) -> int:
    """Switch a webhook on again, and send what it did not take, oldest first."""
    hook, store = _find(app, number)

    async def act(deliverer: "Deliverer") -> Any:
        return await deliverer.retry(hook)

    return _tell(app, _with_deliverer(app, store, act, locked=True))


@webhooks.command()
@click.pass_obj
def deliver(app: App) -> int:
    """Deliver what is due now, then leave: for cron, where neither serve nor run is running.

    Exit code 1 if a receiver did not take a message, 75 if another process delivers.
    """
    store = app.open(must_exist=True)

    async def act(deliverer: "Deliverer") -> Any:
        return await deliverer.turn()

    return _tell(app, _with_deliverer(app, store, act, locked=True))


def _tell(app: App, tally: "Counter[str]") -> int:
    click.echo(
        app.say(
            "{changes} changes delivered in {messages} messages",
            changes=tally["changes"],
            messages=tally["messages"],
        )
    )
    bad = tally["failed"] + tally["dead"] + tally["off"]
    if bad:
        app.fail(app.say("{count} messages were not taken", count=bad))
    return 1 if bad else 0


def _find(app: App, number: int) -> "tuple[Webhook, Store]":
    from aggregator.store import webhooks as stored

    store = app.open(must_exist=True)
    with store.read() as connection:
        found = stored.webhooks(connection, number)
    if not found:
        raise UsageError("no such webhook", number)
    return found[0], store


def _with_deliverer(app: App, store: "Store", act: Any, *, locked: bool = False) -> Any:
    """Run something with a deliverer in a loop of its own; ``locked``: as the only one."""
    import asyncio
    import contextlib

    from aggregator.crawl.session import utc_now
    from aggregator.crawl.transport import Transport
    from aggregator.push.service import held
    from aggregator.push.webhooks import Deliverer

    app.log("WARNING")

    async def main(lease: Any) -> Any:
        transport = Transport(app.config)
        deliverer = Deliverer(app.config, store, transport, utc_now)
        try:
            if lease is None:
                return await act(deliverer)
            deliverer.may_go = lambda: bool(lease.is_held)
            async with lease.renewed():
                return await act(deliverer)
        finally:
            await transport.close()

    taken = held(store, "webhooks", app.config.lease_s) if locked else contextlib.nullcontext()
    with taken as lease:
        return asyncio.run(main(lease))
