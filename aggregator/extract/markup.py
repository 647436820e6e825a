"""Write the kept blocks of a page as HTML: headings, lists, quotes, tables, pictures, links.

The tree is not touched: HTML is written from the blocks. What comes out is exactly what
``aggregator.sanitize.clean`` would leave of it: the writer knows no other elements, escapes all
text and asks ``sanitize.address`` for each address; only tables, which parsers rearrange, still
pass the cleaner. Depth is bounded, time linear in the blocks.
"""

from collections import Counter
from collections.abc import Sequence
from itertools import groupby
from operator import itemgetter
from typing import Any, NamedTuple

from aggregator import sanitize
from aggregator.extract.blocks import BOLD, CODE, ITALIC, SUB, SUPER, words
from aggregator.extract.document import Document
from aggregator.extract.hints import BITS
from aggregator.extract.images import from_element, is_picture, same_picture
from aggregator.extract.opening import MOST_LETTERS, OPENING_BLOCKS, is_opening_line
from aggregator.extract.pieces import Block, Blocks, Context, Medium
from aggregator.safe_xml import legal
from aggregator.types import Image

_GROUPS = words("ul ol li blockquote table tr td th caption figure figcaption dl dt dd")
_HEADINGS = {"h1": "h2", "h2": "h2", "h3": "h3", "h4": "h4", "h5": "h5", "h6": "h6"}
_PARENTS = {
    "li": ("ul", "ol"), "tr": ("table",), "td": ("tr",), "th": ("tr",), "caption": ("table",),
    "figcaption": ("figure",), "dt": ("dl",), "dd": ("dl",),
}  # fmt: skip
_STYLES = ((BOLD, "strong"), (ITALIC, "em"), (SUPER, "sup"), (SUB, "sub"), (CODE, "code"))
#: a list item, cell or quote with more blocks than this is the page's layout
_MOST_IN_GROUP = 12
_MOST_DEEP = 6
_STRANGE = (
    BITS["related"] | BITS["share"] | BITS["comment"] | BITS["newsletter"] | BITS["byline"]
    | BITS["ad"] | BITS["nav"] | BITS["footer"]
)  # fmt: skip


class Written(NamedTuple):
    """Allow-listed HTML with absolute addresses, and the pictures in it."""

    html: str
    images: tuple[Image, ...]


def write(page: Blocks, kept: Sequence[Block], doc: Document, language: str) -> Written:
    """Return the kept blocks, in document order, and the pictures between them as HTML."""
    if not kept:
        return Written("", ())
    groups = _Groups(kept)
    pictures = _pictures(page, kept, doc, language)
    writer = _Writer(doc.base_url)
    images: list[Image] = []
    for index, block in enumerate(kept):
        for markup, image in pictures.get(block.index, ()):
            writer.close_to(())
            writer.out.append(markup)
            images += [image] if image else []
        path = groups.path(block.context)
        writer.close_to(path)
        writer.block(block, path)
        if index + 1 == len(kept):
            for markup, image in pictures.get(block.index + 1, ()):
                writer.close_to(())
                writer.out.append(markup)
                images += [image] if image else []
    writer.close_to(())
    html = legal("".join(writer.out)).replace("\xa0", "&nbsp;")
    if "<table>" in html:
        html = sanitize.clean(html, base_url=doc.base_url)
    return Written(html, tuple(images))


def _content(text: str) -> str:
    """Return the text as the content of an element, its no-break blanks still as they are."""
    if "&" in text:
        text = text.replace("&", "&amp;")
    if "<" in text or ">" in text:
        text = text.replace("<", "&lt;").replace(">", "&gt;")
    return text


def _attribute(text: str) -> str:
    """Return the text as an attribute's value, without what looks like a tag."""
    text = text.replace("<", "\u2039").replace(">", "\u203a")
    return _content(text).replace('"', "&quot;")


class _Groups:
    """Which elements above a block are lists, quotes and tables, and no layout."""

    def __init__(self, kept: Sequence[Block]) -> None:
        self.paths: dict[int, tuple[Context, ...]] = {}
        counts: Counter[Context] = Counter()
        level = Counter(block.context for block in kept)
        while level:
            above: Counter[Context] = Counter()
            for context, count in level.items():
                counts[context] += count
                if context.parent is not None:
                    above[context.parent] += count
            level = above
        self.layout = {
            id(context)
            for context, count in counts.items()
            if context.tag in ("li", "td", "th", "figure", "dd", "tr")
            and (count > _MOST_IN_GROUP or (context.tag != "li" and count == len(kept)))
        }

    def path(self, context: Context) -> tuple[Context, ...]:
        """Return the groups that the block stands in, outermost first; only whole ones."""
        known = self.paths.get(id(context))
        if known is not None:
            return known
        found: list[Context] = []
        step: Context | None = context
        while step is not None:
            if step.tag in _GROUPS:
                if id(step) in self.layout:
                    found = [c for c in found if c.tag in ("ul", "ol", "blockquote", "li")]
                    break
                found.append(step)
            step = step.parent
        found = found[: _MOST_DEEP * 3][::-1]
        path: list[Context] = []
        for each in found:
            wanted = _PARENTS.get(each.tag)
            if wanted and not (path and path[-1].tag in wanted):
                continue
            path.append(each)
        self.paths[id(context)] = tuple(path)
        return self.paths[id(context)]


class _Writer:
    """Writes elements and remembers what is open."""

    def __init__(self, base_url: str) -> None:
        self.base_url = base_url
        self.out: list[str] = []
        self.open: tuple[Context, ...] = ()

    def close_to(self, path: tuple[Context, ...]) -> None:
        """Close and open groups until exactly ``path`` is open."""
        common = 0
        for ours, theirs in zip(self.open, path, strict=False):
            if ours is not theirs:
                break
            common += 1
        self.out += [f"</{context.tag}>" for context in reversed(self.open[common:])]
        self.out += [f"<{context.tag}>" for context in path[common:]]
        self.open = path

    def block(self, block: Block, path: tuple[Context, ...]) -> None:
        """Write one block inside what is open."""
        tag = block.context.tag
        inside = path[-1].tag if path else ""
        markup = _inline(block, self.base_url)
        if tag in _HEADINGS and inside not in ("td", "th", "figcaption", "dt"):
            markup = f"<{_HEADINGS[tag]}>{markup}</{_HEADINGS[tag]}>"
        elif tag == "pre":
            markup = f"<pre>{_content(block.text)}</pre>"
        elif inside in ("figcaption", "caption", "dt") or block.context is (path or (None,))[-1]:
            if self.out and self.out[-1].endswith(("</p>", "</a>", " ")):
                markup = f"<br>{markup}"
        else:
            markup = f"<p{_direction(block.context)}>{markup}</p>"
        self.out.append(markup)


def _direction(context: Context) -> str:
    found = context.element.get("dir")
    return f' dir="{found.lower()}"' if found and found.lower() in ("rtl", "ltr", "auto") else ""


def _inline(block: Block, base_url: str) -> str:
    """Return the block's text with its links and emphasis."""
    if len(block.runs) == 1:
        return _run(*block.runs[0], base_url).strip()
    out: list[str] = []
    for (link, style), runs in groupby(block.runs, key=itemgetter(1, 2)):
        out.append(_run("".join([run[0] for run in runs]), link, style, base_url))
    return "".join(out).strip()


def _run(text: str, link: Any, style: int, base_url: str) -> str:
    text = _content(text).replace("\u2028", "<br>")
    if text.isspace():
        return text
    if style:
        for bit, tag in _STYLES:
            if style & bit:
                text = f"<{tag}>{text}</{tag}>"
    if link is not None and (target := link.get("href")):
        address = sanitize.address(target, base_url, mail=True)
        if address:
            text = f'<a href="{_attribute(address)}" rel="noopener noreferrer">{text}</a>'
    return text


def _pictures(
    page: Blocks, kept: Sequence[Block], doc: Document, language: str
) -> dict[int, list[tuple[str, Image | None]]]:
    """Return the media among the kept blocks, by the block they stand before."""
    places = sorted({block.index for block in kept})
    first, last = _start_of_pictures(page, places[0]), places[-1]
    holds = _Holds(places)
    found: dict[int, list[tuple[str, Image | None]]] = {}
    seen: set[str] = set()
    for medium in page.media:
        if not first <= medium.before <= last + 1 or len(seen) > 100:
            continue
        if not _belongs(medium, holds):
            continue
        markup, image = _medium(medium.element, doc, language)
        name = same_picture(image.url) if image else markup
        if not markup or name in seen:
            continue
        seen.add(name)
        place = next((p for p in places if p >= medium.before), last + 1)
        found.setdefault(place, []).append((markup, image))
    return found


def _start_of_pictures(page: Blocks, text: int) -> int:
    """Return the first block before which a picture may be the text's: just below the headline.

    Without an ``h1`` near by, pictures above the day and the byline count.
    """
    first = text
    for i in range(text - 1, max(0, text - OPENING_BLOCKS) - 1, -1):
        block = page.blocks[i]
        if block.context.tag == "h1":
            return i + 1
        if len(block.text) > MOST_LETTERS:
            break
        if first == i + 1 and is_opening_line(block.text):
            first = i
    return first


class _Holds:
    """Whether a range of blocks holds a kept one."""

    def __init__(self, places: Sequence[int]) -> None:
        self.upto = [0] * (places[-1] + 2)
        for place in places:
            self.upto[place + 1] = 1
        for i in range(1, len(self.upto)):
            self.upto[i] += self.upto[i - 1]

    def any(self, start: int, end: int) -> bool:
        top = len(self.upto) - 1
        return self.upto[min(end, top)] > self.upto[min(start, top)]


def _belongs(medium: Medium, holds: _Holds) -> bool:
    """Whether kept text stands close enough around the medium."""
    context: Context | None = medium.context
    strange = 0
    for _ in range(6):
        if context is None:
            return False
        if holds.any(context.start, context.end):
            return not strange & _STRANGE
        strange |= context.mask
        context = context.parent
    return False


def _medium(element: Any, doc: Document, language: str) -> tuple[str, Image | None]:
    """Return the HTML of a picture or player, and the picture."""
    tag = element.tag
    if tag in ("iframe", "video", "audio", "embed", "object"):
        source = element.get("src") or element.get("data-src") or element.get("data")
        if not source and tag in ("video", "audio"):
            inner = next(element.iter("source"), None)
            source = inner.get("src") if inner is not None else None
        address = doc.absolute(source)
        if not address:
            return "", None
        safe = sanitize.address(address)
        if not safe:
            return "", None
        shown = _content(element.get("title") or address)
        link = f'<a href="{_attribute(safe)}" rel="noopener noreferrer">{shown}</a>'
        return f"<p>{link}</p>", None
    if tag == "noscript":
        inner = next(element.iter("img"), None)
        if inner is None:
            return "", None
        element = inner
    image = from_element(element, doc.base_url, language)
    if image is None or not is_picture(image):
        return "", None
    sizes = "".join(
        f' {name}="{value}"' for name, value in (("width", image.width), ("height", image.height))
        if value
    )  # fmt: skip
    alt = f' alt="{_attribute(image.alt)}"' if image.alt else ""
    return f'<figure><img src="{_attribute(image.url)}"{alt}{sizes}></figure>', image
