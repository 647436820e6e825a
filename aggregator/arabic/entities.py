"""Character references that were escaped once too often."""

import re
from html import unescape

_REFERENCE = re.compile("&(?:#[0-9]{1,7}|#[xX][0-9a-fA-F]{1,6}|[A-Za-z][A-Za-z0-9]{1,31});")


def undo_references(text: str) -> str:
    """Return ``text`` with character references undone, up to three layers deep.

    Only whole references with their semicolon count, so that ``AT&T`` and addresses stay.
    """
    for _ in range(3):
        if "&" not in text:
            return text
        undone = _REFERENCE.sub(lambda reference: unescape(reference.group()), text)
        if undone == text:
            return text
        text = undone
    return text
