"""Log lines: for people on a terminal, JSON for programs; secrets never.

Everything logs through the standard library; structlog only shapes the lines. Each line about a
source or an address carries it in its text.
"""

import logging
import re
import sys
from collections.abc import MutableMapping
from functools import cached_property
from typing import Any, Final

#: ``user:password@`` in addresses, and tokens in queries.
_SECRETS: Final = (
    (re.compile(r"(://)[^/\s:@]{1,200}:[^/\s@]{1,200}@"), r"\1***@"),
    (
        re.compile(r"\b((?:token|key|secret|password|signature)=)[^&\s]{1,500}", re.IGNORECASE),
        r"\1***",
    ),
)


class _Late(logging.Formatter):
    """Shapes lines by structlog, which is imported with the first: most commands log nothing."""

    @cached_property
    def _inner(self) -> logging.Formatter:
        import structlog

        shared: list[Any] = [
            structlog.stdlib.add_log_level,
            structlog.processors.TimeStamper(fmt="iso", utc=True),
            hide_secrets,
        ]
        shape: Any = (
            structlog.dev.ConsoleRenderer()
            if sys.stderr.isatty()
            else structlog.processors.JSONRenderer()
        )
        return structlog.stdlib.ProcessorFormatter(
            foreign_pre_chain=shared,
            processors=[
                structlog.stdlib.ProcessorFormatter.remove_processors_meta,
                structlog.processors.format_exc_info,
                shape,
            ],
        )

    def format(self, record: logging.LogRecord) -> str:
        """Return the line."""
        return self._inner.format(record)


def configure(level: int = logging.WARNING) -> None:
    """Send log lines of this level and above to standard error."""
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(_Late())
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
