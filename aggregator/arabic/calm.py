"""Whether a text is beyond doubt as its reader should see it: most of all text, told cheaply.

A text is calm if it holds ordinary letters, digits and signs only, none of them in a neighbourhood
on which ``display`` acts: no reference or tag, no blank too many, nothing that a misread text looks
like, no order of letters that is reversed. What is not calm may be in order all the same.
"""

import re

from aggregator.arabic.forms import stands_reversed

#: Letters of Arabic and of western Europe, harakat, digits and typography; ASCII has a way of its
#: own. Capitals with accents are not calm: they are what most misread text is made of.
_CALM = re.compile(
    "[ !-%'-;=-~\xe0-\xfe\u0621-\u063a\u0641-\u0652\u0660-\u0669\u060c\u061b\u061f\u066a"
    "\xab\xbb\u2013\u2014\u2018\u2019\u201c\u201d\u2026]*+"
)
_SIGNS = "\xab\xbb\u2013\u2014\u2018\u2019\u201c\u201d\u2026\u060c\u061b\u061f"
_DOUBTFUL = re.compile(
    "[\xe0-\xfe][^\x00-\x7f]"  # UTF-8 read as Latin
    f"|[\u0622\u0623\u0637-\u063a][{_SIGNS}][\u0622\u0623\u0637-\u063a]"  # and as windows-1256
    f"|[A-Za-z][\u0622-\u0625][{_SIGNS}]|[\u0622-\u0625][{_SIGNS}][A-Za-z]"  # accents as well
    "|\u2014\xab"  # ال read as Mac Roman
    "|[?\u061f][?\u061f]"  # lost text
    "|[\u064b-\u0652][\u064b-\u0652]"  # marks have an order
    "| [ \u060c\u061b\u061f]"
)


def is_calm(text: str) -> bool:
    """Return whether ``display`` would give ``text`` back as it is; False: it may or may not.

    >>> is_calm("الحكومة تعلن خطة جديدة، والسوق يترقب"), is_calm("R&amp;D"), is_calm("ط§ظ„")
    (True, False, False)
    """
    if not text or text[0] == " " or text[-1] == " ":
        return False
    if text.isascii():
        return (
            text.isprintable()
            and "&" not in text
            and "<" not in text
            and "  " not in text
            and "??" not in text
        )
    return (
        _CALM.fullmatch(text) is not None
        and _DOUBTFUL.search(text) is None
        and not stands_reversed(text, thorough=True)
    )
