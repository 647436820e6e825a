"""Who wrote it: names out of structured data or a byline, cleaned of what is no name.

Clean means: no "By" or «كتب:» before them, no addresses, dates, roles of machines ("admin"), no
name of the site itself; each person once, in the order of the page. Several names in one string
are parted at commas, slashes and the word for "and". What remains may still be an agency or a
desk, where the page says so.
"""

import itertools
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from functools import cache
from importlib import resources
from typing import Any, NamedTuple

from lxml import etree

from aggregator.extract.credit import places
from aggregator.extract.document import Document, text_of
from aggregator.extract.site_names import is_outlet, titled_name
from aggregator.extract.values import key, plain, strings
from aggregator.types import Entry

MOST_AUTHORS = 12
MOST_LETTERS = 70
MOST_WORDS = 7

_META_NAMES = (
    "author",
    "article:author",
    "article:author_name",
    "og:article:author",
    "parsely-author",
    "sailthru.author",
    "dc.creator",
    "dcterms.creator",
    "dc:creator",
    "dcsext.author",
    "cxenseparse:author",
    "byl",
    "authors",
    "citation_author",
)
_ADDRESS = re.compile(r"\S*(?:https?:|www\.|@|://)\S*|\(\s*\)|<[^>]*>")
_DATE = re.compile(r"\d{1,4}\s*[-/.:]\s*\d{1,2}|\b(?:19|20)\d\d\b|\d{1,2}\s+\w{3,}\s+\d{4}")
#: what stands in brackets, and a day behind a name, glued to it or not
_ASIDE = re.compile(r"\([^()]{0,60}\)|\[[^\[\]]{0,60}\]")
_DAY_BEHIND = re.compile(
    r"(?<=\w)(?<![A-Z])\W*(?:Jan|Feb|Mar|Apr|May|Jun|Jul|Aug|Sept?|Oct|Nov|Dec)[a-z]{0,6}\.?"
    r"\s\d{1,2}(?:st|nd|rd|th)?\b.*"
    r"|(?<=[^\W\d_])\W*\d{1,4}[/.-]\d{1,2}[/.-]\d{2,4}\b.*"
    r"|(?<=[^\W\d_])\W*\d{1,2}\s+[^\W\d_]{3,12},?\s+(?:19|20)\d\d\b.*",
    re.DOTALL,
)
_PARTS = re.compile(r"\s*(?:[,،;؛|/•·&\n]|\s[-–—]\s)\s*")
_EDGES = " \t\n.,،;؛:-–—|/\\•·\"'“”«»*"
_TITLES = re.compile(
    r"(?:jr|sr|ph\.?\s?d|m\.?d|dvm|cfp|esq|mba|cpa|rd|rn|ii|iii)\.?", re.IGNORECASE
)
#: where bylines stand, if not in structured data
_BOXES = frozenset((
    "a", "span", "div", "p", "li", "td", "address", "h4", "h5", "h6", "b", "strong", "em", "i",
    "font", "small", "header", "footer", "ul", "figcaption", "cite",
))  # fmt: skip
_SMALL_BOXES = frozenset(("span", "h5", "h6"))
_NAMES = ("uthor", "yline", "writer", "Writer", "writeBy", "write-by", "written-by")
_EXACTLY = ("by", "reporter")
_PROFILE = re.compile(r"/(?:authors?|autor(?:en|in|es)?|kateb|writers?)/")
#: what each of these holds
_PATHS = ("/aut", "/kateb", "/writer")
#: labels that count only where two to four names with capitals are all that follows
_FOREIGN = ("Por", "Von", "Par", "Door", "di ", "Autor", "Автор", "Текст", "लेखक")
#: how the label of a byline begins, and all of it but for the English one
_BEGINNINGS = ("By ", "كتب", "بقلم", "حاور", "نویسنده", "מאת", *_FOREIGN)
_WROTE = r"(?:كتبت?(?:ها|ه)?|بقلم|حاور(?:ت?ها?)|نویسنده|מאת)"
_SAID = re.compile(rf"\s*(?:{_WROTE}\s*[:：/–-]\s*[^\W\d_]|بقلم\s+[^\W\d_]|By\s+[A-Z]\w+ [A-Z])")
_LABEL = re.compile(rf"\s*{_WROTE}\s*[:：،,]\s*|\s*بقلم\s*")
_CAPITAL = r"(?:[^\W\d_a-zа-яё][\w’'.-]*+|d[aeo]s?|v[ao]n|der)"
_SIGNED = re.compile(
    rf"\s*(?:(?:Por|Von|Par|Door|di)\s|(?:Autor|Автор|Текст|लेखक)\s?:)\s*{_CAPITAL}(?:\s{_CAPITAL}){{1,3}}"
    r"(?=\s*(?:$|[,|•·]))"
)
_SAYING: Any = etree.XPath(
    f"descendant::text()[{' or '.join(f'contains(., {word!r})' for word in _BEGINNINGS)}]"
)
#: the same at the beginning of a text, asked of the page's bytes: far faster than the search above
_MAY_SAY = re.compile(
    rb">(?:\s|&nbsp;|&#\w{2,5};|\xc2\xa0)*+(?:%b)" % "|".join(_BEGINNINGS).encode()
)
_NAMED: Any = etree.XPath(".//*[@itemprop='name' or @rel='author']|.//a[contains(@href,'author')]")


class _Words(NamedTuple):
    before: re.Pattern[str]
    after: re.Pattern[str]
    between: re.Pattern[str]
    nobody: frozenset[str]


def find_authors(
    doc: Document,
    *,
    node: Mapping[str, Any] | None,
    language: str,
    names: Iterable[str],
    entry: Entry | None = None,
    selected: Sequence[str] = (),
) -> tuple[tuple[str, ...], str | None]:
    """Return the authors and where they came from; the first place that names anybody wins."""
    own = {key(name) for name in names}
    node = node or {}
    writers = node.get("author") or node.get("creator")
    site = titled_name(doc)
    if is_outlet(site) or _is_organization(writers):
        own.add(key(site))
    places: list[tuple[str, Iterable[str]]] = [
        ("selector", selected),
        ("json_ld", strings(_resolved(writers, doc))),
        ("meta", (text for name in _META_NAMES for text in doc.meta.get(name, ()))),
        ("feed", entry.authors if entry else ()),
    ]
    for origin, raw in places:
        if people := clean_names(raw, language, own):
            return people, origin
    for lines in _on_page(doc):
        if people := clean_names(lines, language, own):
            return people, "page"
    return (), None


def clean_names(
    raw: Iterable[str], language: str, not_these: Iterable[str] = ()
) -> tuple[str, ...]:
    """Return the names of people in raw bylines, each once, at most ``MOST_AUTHORS``.

    >>> clean_names(["By John Smith and Anna Lee", "admin"], "en")
    ('John Smith', 'Anna Lee')
    >>> clean_names(["كتب: محمد علي"], "ar")
    ('محمد علي',)
    """
    unwanted = frozenset(not_these)
    found: dict[str, str] = {}
    for line in raw:
        for name in _names_in(plain(line, language, 400)):
            own = key(name)
            if own and own not in unwanted and own not in _words().nobody:
                found.setdefault(own, name)
        if len(found) >= MOST_AUTHORS:
            break
    return tuple(found.values())[:MOST_AUTHORS]


def _names_in(line: str) -> Iterable[str]:
    words = _words()
    if line.startswith(("http:", "https:", "www.", "/", "@")):
        return
    line = _DAY_BEHIND.sub("", _ASIDE.sub(" ", _ADDRESS.sub(" ", line)))
    line = words.after.sub("", line)
    line = words.between.sub(",", line)
    parts = [part.strip(_EDGES) for part in _PARTS.split(line)]
    names = [
        words.before.sub("", part).strip(_EDGES)
        for number, part in enumerate(parts)
        if not (number and _TITLES.fullmatch(part))
    ]
    known = places() if len(names) > 1 else ()  # الدمام - فهد العتيبي
    yield from (name for name in names if _is_name(name) and name not in known)


def _is_name(name: str) -> bool:
    return (
        1 < len(name) <= MOST_LETTERS
        and len(name.split()) <= MOST_WORDS
        and any(letter.isalpha() for letter in name)
        and not _DATE.search(name)
        and sum(letter.isdigit() for letter in name) <= 4
        and "http" not in name
    )


def _is_organization(writers: Any) -> bool:
    return isinstance(writers, Mapping) and str(writers.get("@type")).endswith("Organization")


def _resolved(people: Any, doc: Document) -> Any:
    """Return authors of JSON-LD with bare references (``{"@id": …}``) looked up."""
    listed = people if isinstance(people, list) else [people]
    known = None
    found: list[Any] = []
    for person in listed[:MOST_AUTHORS]:
        if isinstance(person, Mapping) and "name" not in person and "@id" in person:
            if known is None:
                known = {each["@id"]: each for each in doc.json_ld if _is_named(each)}
            person = known.get(person["@id"]) if isinstance(person["@id"], str) else None
        found.append(person)
    return found


def _is_named(node: Mapping[str, Any]) -> bool:
    return isinstance(node.get("@id"), str) and "name" in node


def _on_page(doc: Document) -> Iterator[list[str]]:
    """Yield what may be the byline, likeliest first.

    That is what microdata or ``rel=author`` mark; boxes that are called author or byline; links to
    an author's page; lines that begin as bylines do: «كتب: …», "By …".
    """
    yield _first_named([*doc.itemprops.get("author", ()), *doc.itemprops.get("creator", ())])
    yield _first_named(node for node in doc.rels.get("author", ()) if node.tag == "a")
    yield _first_named(_called(doc))
    yield next(([text] for text in _linked(doc) if 2 < len(text) < 60), [])
    if not _MAY_SAY.search(doc.markup):
        return
    lines = itertools.islice(_said(doc), 20)
    yield [line for line in lines if len(line) <= 90][:1]


def _said(doc: Document) -> Iterator[str]:
    """Yield the lines that begin as bylines do; one that is all label goes on in the next box."""
    for text in _SAYING(doc.root):
        if len(text) >= 200 or (box := text.getparent()).tag not in _BOXES:
            continue
        if _SAID.match(text):
            yield " ".join(text.split())
        elif text.is_text and text.lstrip().startswith(_FOREIGN):
            # the name may stand in a box of its own; behind a link a sentence goes on instead
            beginning = " ".join("".join(itertools.islice(box.itertext(), 4)).split())
            if signed := _SIGNED.match(text) or _SIGNED.match(beginning):
                yield " ".join(signed[0].split())
        elif _LABEL.fullmatch(text):
            inner = box[0] if text.is_text and len(box) else box.getnext()
            if inner is not None and (name := text_of(inner)):
                yield f"{text.strip(' ,،:')}: {name}"


def _called(doc: Document) -> list[Any]:
    """Return the elements that are called author or byline."""
    found = []
    for node in doc.root.iter(*_BOXES):  # a loop is faster than a search by XPath for this
        if not _is_called(node):
            continue
        if node.tag != "a" or not _PROFILE.search(node.get("href") or ""):
            found.append(node)
            if len(found) == MOST_AUTHORS:
                break
    return found


def _is_called(node: Any) -> bool:
    called = node.get("class")
    if called and (called in _EXACTLY or any(part in called for part in _NAMES)):
        return True
    if node.tag not in _SMALL_BOXES:
        return False
    called = node.get("id")  # lblAuthor; a larger box of this name may hold more than names
    return bool(called) and not len(node) and any(part in called for part in _NAMES)


def _linked(doc: Document) -> Iterator[str]:
    """Yield the texts of links to authors' pages."""
    if any(part.encode() in doc.markup for part in _PATHS):
        links = (link for link in doc.root.iter("a") if _is_profile(link.get("href") or ""))
        yield from map(text_of, itertools.islice(links, 20))


def _is_profile(address: str) -> bool:
    return any(part in address for part in _PATHS) and _PROFILE.search(address) is not None


def _first_named(nodes: Iterable[Any]) -> list[str]:
    for node in list(nodes)[:MOST_AUTHORS]:
        named = [text_of(each) or each.get("content", "") for each in _NAMED(node)[:MOST_AUTHORS]]
        if named := [text for text in named if text]:
            return named
        text = text_of(node) or node.get("content", "")
        if 2 < len(text) <= 120:
            return [text]
    return []


@cache
def _words() -> _Words:
    kinds: dict[str, list[str]] = {"before": [], "after": [], "between": [], "nobody": []}
    text = resources.files("aggregator.extract").joinpath("data/bylines.tsv").read_text("utf-8")
    for line in text.splitlines():
        kind, _, value = line.partition("\t")
        if value and not line.startswith("#"):
            kinds[kind].append(value)
    before, after, between = (
        "|".join(re.escape(word) for word in sorted(kinds[kind], key=len, reverse=True))
        for kind in ("before", "after", "between")
    )
    return _Words(
        before=re.compile(rf"^(?:(?:{before})(?:\s*[:：/-]\s*|\s+|$)){{1,2}}", re.IGNORECASE),
        after=re.compile(rf"(?:^|\s)(?:{after})(?:\s|:|$).*", re.IGNORECASE),
        between=re.compile(rf"(?<=\S)\s+(?:{between})\s+(?=\S)", re.IGNORECASE),
        nobody=frozenset(key(word) for word in kinds["nobody"]),
    )
