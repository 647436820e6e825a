"""The Arabic core: folding, display, dates, charset, direction, tokens. Language only, no news.

Every door takes any ``str`` or ``bytes``, raises nothing, and needs time linear in the input.
"""

from aggregator.arabic.charset import Decoded, decode
from aggregator.arabic.dates import ParsedDate, parse_date
from aggregator.arabic.direction import direction, isolate
from aggregator.arabic.display import Display, display
from aggregator.arabic.fold import fold
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
