"""What the words in ``class`` and ``id`` say about an element, as bits.

The words stand in ``data/hints.tsv``, several languages a line. Classes of one site repeat over all
its pages, and words over all sites, so both are remembered up to a limit. No network, no clock.
"""

import re
from importlib.resources import files
from typing import Final

_WORDS_IN = re.compile(r"[a-z]+")
_CAMEL = re.compile(r"(?<=[a-z])(?=[A-Z])")
#: longer class attributes are cut: nobody needs them and a hostile page may have megabytes
_MAX_LENGTH = 400
_MAX_REMEMBERED = 20_000

HIDDEN_STYLE: Final = re.compile(r"display\s*:\s*none|visibility\s*:\s*hidden", re.IGNORECASE)


def _load() -> tuple[dict[str, int], dict[str, int], re.Pattern[str], tuple[int, ...]]:
    """Return category → bit, word → bits, a pattern for parts of words, its groups' bits."""
    bits: dict[str, int] = {}
    words: dict[str, int] = {}
    parts: list[str] = []
    of_group: list[int] = []
    table = files("aggregator.extract") / "data" / "hints.tsv"
    for line in table.read_text("utf-8").splitlines():
        if not line or line.startswith("#"):
            continue
        category, _, listed = line.partition("\t")
        bit = bits.setdefault(category, 1 << len(bits))
        for word in listed.split():
            if "*" not in word:
                word = word.replace("-", "")
                words[word] = words.get(word, 0) | bit
                continue
            body = re.escape(word.strip("*").replace("-", ""))
            before = "" if word.startswith("*") else r"^"
            after = "" if word.endswith("*") else r"$"
            parts.append(f"{before}{body}{after}")
            of_group.append(bit)
    pattern = re.compile("|".join(f"({part})" for part in parts))
    return bits, words, pattern, tuple(of_group)


BITS, _WORDS, _PARTS, _GROUP_BITS = _load()
CATEGORIES: Final = tuple(BITS)
THING: Final = BITS["thing"]
MATTER: Final = BITS["matter"]
BODY: Final = BITS["body"]

_of_word: dict[str, int] = dict(_WORDS)
_of_name: dict[str, int] = {}


def _word_mask(word: str) -> int:
    mask = 0
    for match in _PARTS.finditer(word):
        mask |= _GROUP_BITS[(match.lastindex or 1) - 1]
    if len(_of_word) > _MAX_REMEMBERED:
        _of_word.clear()
        _of_word.update(_WORDS)
    _of_word[word] = mask
    return mask


def hint_mask(name: str) -> int:
    """Return the hint bits of ``name``, the text of a class or id attribute or both.

    >>> bool(hint_mask("story__body-text") & BODY), bool(hint_mask("c-42") & BODY)
    (True, False)
    """
    known = _of_name.get(name)
    if known is not None:
        return known
    short = name[:_MAX_LENGTH]
    if not short.islower():
        short = _CAMEL.sub("-", short).lower()
    mask = 0
    before = ""
    for word in _WORDS_IN.findall(short):
        found = _of_word.get(word)
        mask |= _word_mask(word) if found is None else found
        if before and (found := _of_word.get(before + word)):
            mask |= found
        before = word
    if mask & THING and mask & MATTER:
        mask |= BODY
    if len(_of_name) > _MAX_REMEMBERED:
        _of_name.clear()
    _of_name[name] = mask
    return mask
