"""Log lines: for people on a terminal, JSON for programs; secrets never.

Everything logs through the standard library; structlog only shapes the lines. Each line about a
source or an address carries it in its text.
"""

import logging
import re
import sys
from collections.abc import MutableMapping
from typing import Any, Final

import structlog

#: ``user:password@`` in addresses, and tokens in queries.
_SECRETS: Final = (
    (re.compile(r"(://)[^/\s:@]{1,200}:[^/\s@]{1,200}@"), r"\1***@"),
    (
        re.compile(r"\b((?:token|key|secret|password|signature)=)[^&\s]{1,500}", re.IGNORECASE),
        r"\1***",
    ),
)


def configure(level: int = logging.WARNING) -> None:
    """Send log lines of this level and above to standard error."""
    shared: list[Any] = [
        structlog.stdlib.add_log_level,
        structlog.processors.TimeStamper(fmt="iso", utc=True),
        hide_secrets,
    ]
    people = sys.stderr.isatty()
    shape: Any = structlog.dev.ConsoleRenderer() if people else structlog.processors.JSONRenderer()
    formatter = structlog.stdlib.ProcessorFormatter(
        foreign_pre_chain=shared,
        processors=[
            structlog.stdlib.ProcessorFormatter.remove_processors_meta,
            structlog.processors.format_exc_info,
            shape,
        ],
    )
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(formatter)
    root = logging.getLogger()
    root.handlers[:] = [handler]
    root.setLevel(level)
    if level > logging.DEBUG:  # a crawl names its errors itself, in one line each
        logging.getLogger("scrapy.core.scraper").setLevel(logging.CRITICAL)
        logging.getLogger("scrapy").setLevel(logging.WARNING)  # its settings are not news


def hide_secrets(
    _logger: Any, _method: str, event: MutableMapping[str, Any]
) -> MutableMapping[str, Any]:
    """Return the event without passwords and tokens in its text."""
    text = str(event.get("event", ""))
    for pattern, shown in _SECRETS:
        text = pattern.sub(shown, text)
    event["event"] = text
    return event
