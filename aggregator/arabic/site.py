"""The name of a site split off a title: «… - بوابة الوفد», «BBC News | …».

A part between separators is the site's if it is the name, the name with or without what says its
kind (بوابة, نيوز, the, .com), its transliteration (هسبريس, Hespress), its domain, or the name with
a slogan behind it. Sections between title and name go with the name. Some title is always left;
where nothing is sure nothing is split.
"""

import re
from dataclasses import dataclass
from functools import cache, lru_cache
from importlib.resources import files

from aggregator.arabic.fold import fold
from aggregator.arabic.skeleton import skeleton, spelled_letters

#: A bar needs no blanks; a hyphen without a blank on either side belongs to a word.
_SEPARATOR = re.compile(
    "(?:(?<!\\s)\\s+)?(?:\\|+|::+|\u00a6|\u2016|\uff5c)\\s*"
    "|(?<!\\s)\\s+(?:[-\u2010-\u2015\u2212\u0640~\u2022\u00b7\u2605\u25cf\u00bb\u00ab\u203a\u2039>/\\\\]+|&raquo;)\\s+"
    "|(?<!\\s)\\s+:\\s+|(?<!\\s)\\s+[-\u2013\u2014](?=\\S)|(?<=\\S)[-\u2013\u2014]\\s+(?=\\S)"
)
#: What may tie a name of several words to the title without blanks.
_TIGHT_END = re.compile(r"(?:(?<!\s)\s+)?[-\u2013\u2014|:\xbb]\s*$")
_TIGHT_START = re.compile(r"\s*[-\u2013\u2014|:\xab\xbb]\s*")
_DOMAIN = re.compile(r"(?:https?://)?(?:www\.)?([\w-]+(?:\.[\w-]+)*\.[a-z]{2,12})/?", re.IGNORECASE)
#: What a domain says behind the name of its kind.
_OUTLET_IN_LABEL = re.compile(
    r"(.{3,60}?)-?(?:news|online|press|tv|gate|today|live|net|web|agency|portal|media|info|24)"
)
#: A title longer than this is no title; its end is enough.
_LONGEST = 2000
_MOST_PARTS = 12
#: Words that only say the kind of outlet, more than the name has; words of a name by sound.
_MOST_KIND_WORDS, _MOST_SPOKEN, _MOST_SECTION_WORDS = 4, 3, 3
_FEWEST_CONSONANTS = 2
#: What a template prints beside the name: a day, the number of a page.
_DAY_OR_PAGE = re.compile(
    r"\s*(?:\d{1,4}[./-]\d{1,2}[./-]\d{1,4}|(?:صفحة|الصفحة|page)\s+\d{1,4})\s*", re.IGNORECASE
)
#: A short form in brackets behind the name: وكالة الأنباء السعودية (واس).
_SHORT_FORM = re.compile(r"\s*\([^()]{1,12}\)\s*$")
_LONGEST_SHORT_FORM = 6
#: A name with an ending of domains, in Arabic letters.
_ARABIC_DOMAIN = re.compile(r"\.(?:نت|كوم|أورغ|تي في)$")


#: The same behind a name of several words: Le Matin.ma.
_DOMAIN_END = re.compile(r"(?<= )([^\s.]+)\.[a-z]{2,4}\s*$", re.IGNORECASE)
#: A name in two scripts side by side: Hespress هسبريس.
_TWO_SCRIPTS = re.compile(
    r"(?P<latin>[A-Za-z][\w .'-]*[\w])\s+(?P<arabic>[\u0621-\u064a][\u0621-\u0652 ]*)"
)


@dataclass(frozen=True, slots=True)
class _Part:
    """A piece between separators: where it lies in the title, and its folded words."""

    start: int
    end: int
    words: tuple[str, ...]


def split_site(title: str, site: str) -> tuple[str, str | None]:
    """Return the title without the site's name, and the part split off.

    Args:
        title: display text.
        site: the name as the source is known by, or its domain.

    Returns:
        The title, never empty unless it was; the name with what stood beside it, None if nothing
        was split off.

    >>> split_site("أسعار الذهب اليوم | اليوم السابع", "اليوم السابع")
    ('أسعار الذهب اليوم', 'اليوم السابع')
    """
    if not _words(site) or len(title) > _LONGEST:
        return title, None
    parts = _parts(title)
    if len(parts) > 1:
        first = _first_of_suffix(title, parts, site)
        if first and not _is_quoted(title, parts[first]):
            left = _without_front(title, parts[:first], site) or title[: parts[first - 1].end]
            return left.strip(), title[parts[first].start :].strip()
        last = _last_of_prefix(title, parts, site)
        if last is not None:
            return title[parts[last + 1].start :].strip(), title[: parts[last].end].strip()
    return _without_tight_name(title, site)


def _without_front(title: str, parts: list[_Part], site: str) -> str | None:
    """Return what a name at the front too leaves of the parts: «عكاظ | … | عكاظ»."""
    if len(parts) < 2 or not any(parts[0].words == name.words for name in _names(site)):
        return None
    return title[parts[1].start : parts[-1].end]


def _is_quoted(title: str, part: _Part) -> bool:
    """Whether a part begins inside a quotation: «الأخبار - أخبار اليوم»."""
    before = title[: part.start]
    return before.count("«") > before.count("»") and "»" in title[part.start :]


def _parts(title: str) -> list[_Part]:
    cuts = list(_SEPARATOR.finditer(title))[-_MOST_PARTS:]
    edges = [0, *(edge for cut in cuts for edge in cut.span()), len(title)]
    spans = zip(edges[::2], edges[1::2], strict=True)
    return [
        _Part(start, end, _words(_DOMAIN_END.sub(r"\1", title[start:end])))
        for start, end in spans
        if title[start:end].strip()
    ]


@lru_cache(maxsize=1024)
def _words(text: str) -> tuple[str, ...]:
    return tuple(fold(text, "search").split())


def _first_of_suffix(title: str, parts: list[_Part], site: str) -> int:
    """Return the index of the first part that belongs to the site at the end, 0 if none does."""
    last = len(parts) - 1
    if _is_name(title, parts[last], site) or _is_name_with_slogan(parts, last, site):
        return _with_neighbours(title, parts, last, site)
    if last > 1 and _is_short_form(parts[last].words) and _is_whole_name(parts[last - 1], site):
        return _with_neighbours(title, parts, last - 1, site)
    behind = _is_slogan(parts[last].words) or _is_beside(title, parts[last])
    if behind and last > 1 and _is_name(title, parts[last - 1], site):
        return _with_neighbours(title, parts, last - 1, site)
    return 0


def _with_neighbours(title: str, parts: list[_Part], named: int, site: str) -> int:
    """Return the first of the parts before ``named`` that go with the name, never 0."""
    first = named
    while first > 1:
        part = parts[first - 1]
        if not (_is_name(title, part, site) or _is_beside(title, part)):
            break
        first -= 1
    return first


def _is_beside(title: str, part: _Part) -> bool:
    """Whether a part is what stands between title and name: a section, a day, a page's number."""
    day = _DAY_OR_PAGE.fullmatch(title, part.start, part.end)
    return day is not None or _is_section(part.words)


def _is_short_form(words: tuple[str, ...]) -> bool:
    return len(words) == 1 and len(words[0]) <= _LONGEST_SHORT_FORM


def _is_whole_name(part: _Part, site: str) -> bool:
    """Whether a part is the name word by word, and too long a name to be there by chance."""
    return len(part.words) > 1 and any(part.words == name.words for name in _names(site))


def _last_of_prefix(title: str, parts: list[_Part], site: str) -> int | None:
    """Return the index of the last part that belongs to the site at the beginning."""
    if not _is_name(title, parts[0], site):
        return None
    last = 0
    while last + 2 < len(parts) and (
        _is_section(parts[last + 1].words) or _is_name(title, parts[last + 1], site)
    ):
        last += 1
    return last


def _without_tight_name(title: str, site: str) -> tuple[str, str | None]:
    """Split a name of two words or more that hangs on the title: «…-اليوم السابع», «قناة س: …»."""
    size = len(site)
    if len(_words(site)) < 2 or len(title) <= size + 1:
        return _without_kind_and_name(title, site)
    head, tail = title[:-size], title[-size:]
    hanging = _TIGHT_END.search(head) if _words(tail) == _words(site) else None
    if hanging and (left := head[: hanging.start()].strip()):
        return left, tail.strip()
    head, tail = title[:size], title[size:]
    hanging = _TIGHT_START.match(tail) if _words(head) == _words(site) else None
    if hanging and (left := tail[hanging.end() :].strip()):
        return left, head.strip()
    return _without_kind_and_name(title, site)


def _without_kind_and_name(title: str, site: str) -> tuple[str, str | None]:
    """Split «جريدة هسبريس: …»: the name behind the word for its kind, and a colon."""
    head, colon, left = title.partition(":")
    words = _words(head)
    if not (colon and left.strip() and 1 < len(words) <= _MOST_KIND_WORDS):
        return title, None
    if words[0] not in _vocabulary("outlet") or words == _core(words):
        return title, None
    if any(_core(words) == name.core for name in _names(site)):
        return left.strip(), head.strip()
    return title, None


@dataclass(frozen=True, slots=True)
class _Name:
    """One way to write a site's name.

    Attributes:
        core: the words without those that say the kind of outlet; all where nothing else is left.
        skeletons: how the core sounds; of a domain also without its outlet: almadenahnews.
    """

    words: tuple[str, ...]
    core: tuple[str, ...]
    skeletons: frozenset[str]
    letters: str | None
    domain: str | None


@lru_cache(maxsize=256)
def _names(site: str) -> tuple[_Name, ...]:
    pieces = [site, _ARABIC_DOMAIN.sub("", site)]
    pieces += re.split(r"\s*[()|]\s*|\s+[-\u2013\u2014/]\s+", site)
    if both := _TWO_SCRIPTS.fullmatch(site):
        pieces += both.groups()
    return tuple(_name(piece) for piece in dict.fromkeys(pieces) if _words(piece))


def _name(text: str) -> _Name:
    domain = _DOMAIN.fullmatch(text.strip())
    words = (domain[1].lower().split(".")[-2],) if domain else _words(text)
    core = _core(words)
    spoken = {skeleton(core)}
    if domain and (outlet := _OUTLET_IN_LABEL.fullmatch(words[0])):
        spoken.add(skeleton((outlet[1],)))
    return _Name(
        words=words,
        core=core,
        skeletons=frozenset(each for each in spoken if len(each) >= _FEWEST_CONSONANTS),
        letters=spelled_letters(core),
        domain=domain[1].lower() if domain else None,
    )


def _core(words: tuple[str, ...]) -> tuple[str, ...]:
    return tuple(word for word in words if word not in _vocabulary("outlet")) or words


def _is_name(title: str, part: _Part, site: str) -> bool:
    domain = _DOMAIN.fullmatch(title[part.start : part.end].strip())
    if domain:
        return _is_domain(domain[1].lower(), site) or domain[0].lower().startswith("www.")
    short = _SHORT_FORM.search(title, part.start, part.end)
    words = _words(title[part.start : short.start()]) if short else part.words
    core = _core(words)
    return any(_is_written(words, core, name) for name in _names(site))


def _is_written(words: tuple[str, ...], core: tuple[str, ...], name: _Name) -> bool:
    """Whether the words of a part write the name: letter by letter, in its core, or by sound."""
    if words == name.words:
        return True
    if len(words) > len(name.words) + _MOST_KIND_WORDS:
        return False
    if words[1:] == name.words and words[0] in _vocabulary("outlet"):
        return True
    if core == name.core:
        if not _vocabulary("everyday").issuperset(core):
            return True
        # «الوطن العربي» is no «الوطن»: what says the kind of it would stand before it.
        return len(words) >= len(name.words) and words[-len(core) :] == core
    if "".join(core) in {"".join(name.core), name.letters}:
        return True
    if _is_latin(core) is _is_latin(name.core) or len(core) > _MOST_SPOKEN:
        return False
    return skeleton(core) in name.skeletons or (
        name.domain is not None and skeleton(words) in name.skeletons
    )


def _is_latin(words: tuple[str, ...]) -> bool:
    return all(word.isascii() for word in words)


def _is_domain(domain: str, site: str) -> bool:
    label = re.sub("[-_]", "", domain.split(".")[-2])
    for name in _names(site):
        if domain == name.domain or label == "".join(name.core) or label == name.letters:
            return True
        if not _is_latin(name.core) and skeleton((label,)) in {
            *name.skeletons,
            skeleton(name.words),
        }:
            return True
    return False


def _is_name_with_slogan(parts: list[_Part], index: int, site: str) -> bool:
    """Whether a part is the name and what it is: هسبريس جريدة إلكترونية مغربية."""
    name, words = _words(site), parts[index].words
    return words[: len(name)] == name and _is_slogan(words[len(name) :])


def _is_slogan(words: tuple[str, ...]) -> bool:
    known = sum(word in _vocabulary("outlet") or word in _vocabulary("slogan") for word in words)
    return known > 0 and 2 * known >= len(words)


def _is_section(words: tuple[str, ...]) -> bool:
    if len(words) == 2 and words[0] == "اخبار" and words[1] in _vocabulary("everyday"):
        return True
    return 0 < len(words) <= _MOST_SECTION_WORDS and _vocabulary("section").issuperset(words)


@cache
def _vocabulary(kind: str) -> frozenset[str]:
    path = files("aggregator.arabic").joinpath("data", "site-words.tsv")
    rows = (line.partition("\t") for line in path.read_text(encoding="utf-8").splitlines())
    return frozenset(word for key, _, text in rows if key == kind for word in _words(text))
