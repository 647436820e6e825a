"""The Arabic core: folding, display, dates, charset, direction, tokens. Language only, no news.

Every door takes any ``str`` or ``bytes``, raises nothing, and needs time linear in the input.
All but the fold is imported when it is first asked for: most processes need a part of it.
"""

from importlib import import_module
from typing import TYPE_CHECKING, Any

from aggregator.arabic.fold import fold

if TYPE_CHECKING:
    from aggregator.arabic.charset import Decoded, decode
    from aggregator.arabic.dates import ParsedDate, parse_date
    from aggregator.arabic.showing import Display, display
    from aggregator.arabic.sides import direction, isolate
    from aggregator.arabic.site import split_site
    from aggregator.arabic.tokens import (
        content_words,
        sentences,
        stop_words,
        strip_clitics,
        words,
    )

__all__ = [
    "Decoded",
    "Display",
    "ParsedDate",
    "content_words",
    "decode",
    "direction",
    "display",
    "fold",
    "isolate",
    "parse_date",
    "sentences",
    "split_site",
    "stop_words",
    "strip_clitics",
    "words",
]

#: Door → module. No module has the name of such a door: its import would hide the door.
_LATER = {
    **dict.fromkeys(("Decoded", "decode"), "charset"),
    **dict.fromkeys(("ParsedDate", "parse_date"), "dates"),
    **dict.fromkeys(("Display", "display"), "showing"),
    **dict.fromkeys(("direction", "isolate"), "sides"),
    "split_site": "site",
    **dict.fromkeys(
        ("content_words", "sentences", "stop_words", "strip_clitics", "words"), "tokens"
    ),
}


def __getattr__(name: str) -> Any:
    """Return a door whose module nobody needed before (PEP 562)."""
    if name not in _LATER:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    found = getattr(import_module(f"{__name__}.{_LATER[name]}"), name)
    globals()[name] = found
    return found
