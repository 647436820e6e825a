"""Messages in the user's language: English in the code, Arabic from ``ar.json`` beside it."""

import json
from collections.abc import Mapping
from functools import cache
from pathlib import Path


def language(asked: str | None, environ: Mapping[str, str]) -> str:
    """Return ``ar`` where it is asked for or the locale is Arabic, else ``en``."""
    if asked in {"ar", "en"}:
        return asked
    said = environ.get("AGGREGATOR_LANG") or next(
        (environ[name] for name in ("LC_ALL", "LC_MESSAGES", "LANG") if environ.get(name)), ""
    )
    return "ar" if said.lower().startswith("ar") else "en"


@cache
def _arabic() -> Mapping[str, str]:
    table: dict[str, str] = json.loads(
        Path(__file__).with_name("ar.json").read_text(encoding="utf-8")
    )
    return table


def say(text: str, lang: str, **parts: object) -> str:
    """Return a message in a language, its ``{places}`` filled; unknown ones stay English."""
    shown = _arabic().get(text, text) if lang == "ar" else text
    return shown.format(**parts) if parts else shown
