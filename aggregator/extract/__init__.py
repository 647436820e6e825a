"""From a news page to an article: one tree, parsed once, every field with its origin.

``extract`` is the door. It is pure and never raises, whatever the page.
"""

from aggregator.extract.article import extract
from aggregator.extract.document import Document, parse

__all__ = ["Document", "extract", "parse"]
