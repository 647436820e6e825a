"""The name of a site split off a title."""

import re

from aggregator.arabic.fold import fold

_SEPARATOR = re.compile("\\s+(?:[|\u2013\u2014:»«\u2022\u00b7>-]|::|\\|\\|)\\s+|\\s*\\|\\s*")


def split_site(title: str, site: str) -> tuple[str, str | None]:
    """Return the title without the site's name, and the part split off (None: nothing)."""
    name = fold(site, "search")
    if not name:
        return title, None
    for cut in _SEPARATOR.finditer(title):
        head, tail = title[: cut.start()], title[cut.end() :]
        if fold(tail, "search") == name and head.strip():
            return head.strip(), tail.strip()
        if fold(head, "search") == name and tail.strip():
            return tail.strip(), head.strip()
    return title, None
