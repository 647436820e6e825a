"""The command line: one short function a command, one module a family, imported when called.

Nothing heavy is imported here, so that ``aggregator --help`` answers at once.
"""

import gc
import importlib
import os
import sys
from dataclasses import dataclass, field
from functools import cached_property
from typing import TYPE_CHECKING, Any

import click

from aggregator import __version__
from aggregator.cli.messages import language, say
from aggregator.errors import AggregatorError

if TYPE_CHECKING:
    from aggregator.config import Config
    from aggregator.store.engine import Store
    from aggregator.types import Source

#: command → (module, function, help); the help stands here so that listing imports nothing.
COMMANDS = {
    "demo": ("demo", "demo", "Crawl the bundled sample sites and show what comes out."),
    "crawl": ("crawling", "crawl", "Crawl the sources that are due, or those named."),
    "backfill": ("backfill", "backfill", "Fetch what sources published in a period that is over."),
    "run": ("crawling", "run_", "Keep crawling, each source on its own rhythm, until SIGTERM."),
    "sources": ("sources", "sources", "The catalogue: list, show, add, check, import, export."),
    "export": ("exporting", "export", "Write articles as jsonl, rss, atom, json, text, opml …"),
    "import": ("importing", "import_", "Read text cards or JSON Lines into the store."),
    "search": ("reading", "search", "Find articles; spelling of hamza, ya and ta does not matter."),
    "show": ("reading", "show", "Show one article with its versions, copies and event."),
    "health": ("health", "health", "How each source fares, why, and since when."),
    "serve": ("web", "serve", "Serve pages, feeds and API on loopback, or where you say."),
    "publish": ("web", "publish", "Write pages and feeds as files for any web server."),
    "webhooks": ("webhooks", "webhooks", "Push every change to other programs, signed."),
    "users": ("users", "users", "People who read in an app, each with a token."),
    "replay": ("replay", "replay", "Extract again from stored pages, without the network."),
    "db": ("db", "db", "The store: upgrade, check, copy, prune, back up."),
}


@dataclass
class App:
    """What commands share; made lazily, so that a command pays only for what it uses."""

    lang: str
    debug: bool = False
    failures: list[str] = field(default_factory=list)

    @cached_property
    def config(self) -> "Config":
        """The configuration of the environment."""
        from aggregator.config import Config

        return Config.load(os.environ)

    @cached_property
    def sources(self) -> "dict[str, Source]":
        """The catalogue."""
        from aggregator import catalogue

        return catalogue.load(self.config.sources)

    def open(self, *, must_exist: bool = False) -> "Store":
        """Return the opened store."""
        from aggregator.store.engine import Store

        return Store.open(self.config.database_url, must_exist=must_exist)

    def log(self, level: str) -> None:
        """Set up log lines on standard error."""
        import logging

        from aggregator import logs

        logs.configure(logging.DEBUG if self.debug else logging.getLevelName(level))

    def say(self, text: str, **parts: object) -> str:
        """Return a message in the user's language."""
        return say(text, self.lang, **parts)

    def fail(self, line: str) -> None:
        """Name a failure on standard error; the command goes on and ends with code 1."""
        self.failures.append(line)
        click.echo(f"aggregator: {line}", err=True)


class _Lazy(click.Group):
    """Finds commands by name and imports their module only then."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        return list(COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        if cmd_name not in COMMANDS:
            return None
        module, name, _ = COMMANDS[cmd_name]
        command = getattr(importlib.import_module(f"aggregator.cli.{module}"), name)
        assert isinstance(command, click.Command)  # noqa: S101 (COMMANDS is ours)
        return command

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        lang = language(ctx.params.get("lang"), os.environ)
        rows = [(name, say(text, lang)) for name, (_, _, text) in COMMANDS.items()]
        with formatter.section(say("Commands", lang)):
            formatter.write_dl(rows)

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        try:
            return super().resolve_command(ctx, args)
        except click.UsageError as error:
            import difflib

            near = difflib.get_close_matches(args[0], COMMANDS, n=1)
            hint = f"did you mean {near[0]}?" if near else "see aggregator --help"
            raise click.UsageError(f"no such command: {args[0]}: {hint}", ctx) from error


@click.group(cls=_Lazy, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(__version__, prog_name="aggregator", message="%(prog)s %(version)s")
@click.option(
    "--lang", type=click.Choice(["en", "ar"]), is_eager=True, help="Language of messages."
)
@click.option("--debug", is_flag=True, help="Show tracebacks and every log line.")
@click.pass_context
def cli(ctx: click.Context, lang: str | None, debug: bool) -> None:
    """News from every source as one clean record: crawl, mend, keep, publish. Arabic first."""
    ctx.obj = App(lang=language(lang, os.environ), debug=debug)


def run(arguments: list[str] | None = None) -> None:
    """Run the command line and leave with the contract's exit code."""
    # Imports and stores make many objects that stay; looking at all of them for circles after every
    # 700 new ones takes a sixth of a short command.
    gc.set_threshold(50_000, 20, 20)
    sys.exit(main(arguments))


def main(arguments: list[str] | None = None) -> int:
    """Run a command and return its exit code: 0, 1 some failed, 2 wrong use, 75 busy."""
    debug = "--debug" in (arguments if arguments is not None else sys.argv)
    try:
        result: Any = cli.main(args=arguments, prog_name="aggregator", standalone_mode=False)
    except click.exceptions.Exit as leave:
        return leave.exit_code
    except BrokenPipeError:
        sys.stderr.close()  # the reader has left: `aggregator export … | head`
        return 0
    except (click.Abort, KeyboardInterrupt):
        return _complain("interrupted", 130)
    except Exception as error:
        if debug:
            raise
        return _explain(error)
    return int(result) if isinstance(result, int) else 0


def _explain(error: Exception) -> int:
    """Print one line about an error and return its exit code."""
    if isinstance(error, AggregatorError):
        return _complain(_translated(error), error.exit_code)
    if isinstance(error, click.ClickException):
        return _complain(" ".join(error.format_message().split()).rstrip("."), 2)
    if isinstance(error, OSError):
        return _complain(f"{error.strerror or error}: {error.filename or ''}".rstrip(": "), 1)
    about = f"unexpected error: {type(error).__name__}: {' '.join(str(error).split())}"
    return _complain(f"{about} (run again with --debug and tell us)", 1)


def _translated(error: AggregatorError) -> str:
    lang = language(_asked_language(), os.environ)
    if lang == "en":
        return str(error)
    words = type(error).__new__(type(error))
    AggregatorError.__init__(
        words,
        say(error.message, lang),
        error.identity,
        say(error.cause, lang) if isinstance(error.cause, str) else error.cause,
    )
    return str(words)


def _asked_language() -> str | None:
    arguments = sys.argv
    for index, word in enumerate(arguments):
        if word.startswith("--lang="):
            return word.removeprefix("--lang=")
        if word == "--lang" and index + 1 < len(arguments):
            return arguments[index + 1]
    return None


def _complain(line: str, code: int) -> int:
    click.echo(f"aggregator: {line}", err=True)
    return code
