"""News from every source as one clean record: crawl, mend, keep, publish."""

__version__ = "0.1.0"
