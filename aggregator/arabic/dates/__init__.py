"""Dates as people print them, in Arabic first: one line of text in, one moment out.

Promise: no date rather than a wrong one; the precision says how much was printed; never an
exception; linear time. No network, no clock: relative words count from ``now``.
"""

from aggregator.arabic.dates.line import ParsedDate, parse_date, parse_roles

__all__ = ["ParsedDate", "parse_date", "parse_roles"]
