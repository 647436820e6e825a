"""Say what a page is: an article, or which other kind, with the signs that say so.

The door is :func:`judge`. Without a sign against it a page with a body is an article: an article
named wrongly is lost, a wrong page stored is only noise. What a page says of itself for machines
(JSON-LD, ``og:type``, generator) counts most, then its address, then its shape. Pure, never raises.
"""

import re
from collections.abc import Iterator
from itertools import islice
from typing import Any, NamedTuple
from urllib.parse import unquote, urlsplit

from aggregator.extract import verdict_signs as signs_of
from aggregator.extract.body import Body
from aggregator.extract.document import Document
from aggregator.types import Moment, PageKind, Verdict


class _Signs(NamedTuple):
    """What is looked at, gathered once."""

    types: frozenset[str]
    og_type: str
    generator: str
    #: host and path with query, host without www
    address: str
    path: str
    typed: bool
    #: by what is written for machines, or in any way
    dated: bool
    day_known: bool
    signed: bool
    body: Body
    chars: int
    title: str


def judge(
    doc: Document,
    body: Body,
    *,
    title: str | None,
    published: Moment | None,
    url: str,
) -> Verdict:
    """Return what the page is and why.

    Args:
        doc: the page.
        body: what ``extract_body`` found on it.
        title: as found.
        published: as found, with its origin.
        url: the address the page was served under.
    """
    signs = _gather(doc, body, title, published, url)
    for look in _LOOKS:
        found = look(doc, signs)
        if found is not None:
            return Verdict(kind=found[0], reasons=found[1:])
    return Verdict(kind="article", reasons=tuple(_for_an_article(signs)))


def _gather(
    doc: Document, body: Body, title: str | None, published: Moment | None, url: str
) -> _Signs:
    types = frozenset(_types(doc))
    parts = urlsplit(url)
    host = (parts.hostname or "").removeprefix("www.")
    path = unquote(parts.path or "/")[:1000]
    query = f"?{parts.query[:300]}" if parts.query else ""
    return _Signs(
        types=types,
        og_type=(doc.first("og:type") or "").lower(),
        generator=" ".join(doc.meta.get("generator", ()))[:300],
        address=f"{host}{path}{query}",
        path=path,
        typed=bool(types & signs_of.ARTICLE_TYPES),
        dated=published is not None and published.origin in signs_of.MACHINE_DATES,
        day_known=published is not None,
        signed=doc.first("author", "article:author", "parsely-author", "dc.creator") is not None,
        body=body,
        chars=sum(map(len, body.paragraphs)),
        title=f"{title or ''} {doc.title_tag or ''}"[:600],
    )


def _types(doc: Document) -> Iterator[str]:
    """Return the JSON-LD types of the page, lower case without prefix."""
    for node in doc.json_ld:
        value = node.get("@type")
        for each in value if isinstance(value, list) else [value]:
            if isinstance(each, str):
                yield re.split(r"[/#:]", each)[-1].lower()


_Found = tuple[Any, ...] | None


def _kind(kind: PageKind, *reasons: str) -> tuple[Any, ...]:
    return (kind, *reasons)


def _refusal(doc: Document, signs: _Signs) -> _Found:
    """Challenge pages, soft 404 and walls: little text and a title that says it."""
    if signs.chars > signs_of.MOST_ERROR_CHARS or (signs.typed and signs.chars > 300):
        return None
    text = f"{signs.title} {' '.join(doc.h1)[:300]} {' '.join(signs.body.paragraphs[:3])[:300]}"
    if match := signs_of.CHALLENGE.search(text):
        return _kind("error", f"challenge: {match[0].lower()}")
    heads = (doc.title_tag or "", *doc.h1, *signs.body.paragraphs[:2])
    if any(len(head) < 160 and signs_of.NOT_FOUND.search(head) for head in heads):
        return _kind("error", "says that the page is not there")
    if signs.chars < 400 and _marked(doc):
        return _kind("error", "challenge script and hardly any text")
    password = any(
        (node.get("type") or "").lower() == "password" for node in doc.root.iter("input")
    )
    says_login = any(signs_of.LOGIN.search(head) for head in (doc.title_tag or "", *doc.h1[:2]))
    if says_login or (password and signs.chars < 300 and not signs.dated):
        return _kind("login", "asks to sign in" if says_login else "a password field, no text")
    return None


def _marked(doc: Document) -> bool:
    for count, node in enumerate(doc.root.iter("script", "form", "div")):
        if count > 300:
            break
        name = " ".join(filter(None, (node.get("src"), node.get("id"), node.get("class"),
                                      node.get("action")))).lower()  # fmt: skip
        if any(mark in name for mark in signs_of.CHALLENGE_MARKS):
            return True
    return False


def _nothing(doc: Document, signs: _Signs) -> _Found:
    if signs.chars:
        return None
    if _forum(doc, signs):
        return _forum(doc, signs)
    if (count := _headlines(doc)) >= signs_of.MANY_HEADLINES and not signs.typed:
        return _kind("listing", f"{count} linked headlines, no text")
    return _kind("empty", "no body")


def _headlines(doc: Document) -> int:
    """Return how many links of the page are as long as headlines; no more are counted than asked.

    Each is looked at by its own text, so that a link around a whole page costs no more.
    """
    count = 0
    for number, link in enumerate(doc.root.iter("a")):
        words = "".join(islice(link.itertext(), 20))[:400].split()
        count += len(words) >= signs_of.HEADLINE_WORDS
        if count >= signs_of.MANY_HEADLINES or number >= signs_of.MOST_LINKS:
            break
    return count


def _forum(doc: Document, signs: _Signs) -> _Found:
    if signs.types & {"newsarticle", "blogposting"}:
        return None
    reasons = []
    if found := signs.types & signs_of.FORUM_TYPES:
        reasons.append(f"json-ld: {min(found)}")
    if signs_of.FORUM_MAKER.search(signs.generator):
        reasons.append(f"generator: {signs.generator[:40]}")
    if match := signs_of.FORUM_ADDRESS.search(signs.address):
        reasons.append(f"address: {match[0]}")
    marks = f"{doc.root.get('id') or ''} {doc.root.get('class') or ''}".lower()
    if "xenforo" in marks or "phpbb" in marks or "discourse" in marks:
        reasons.append("markup of a forum")
    if not reasons or (len(reasons) == 1 and reasons[0] == "json-ld: question"):
        return None
    if signs.typed and len(reasons) < 2:
        return None
    return _kind("forum", *reasons)


def _product(doc: Document, signs: _Signs) -> _Found:
    if signs.og_type.startswith("product"):
        kind: PageKind = "listing" if "group" in signs.og_type else "product"
        return _kind(kind, f"og:type: {signs.og_type}")
    if signs.typed or signs.dated:
        return None
    if found := signs.types & signs_of.PRODUCT_TYPES:
        return _kind("product", f"json-ld: {min(found)}, no article, no date")
    if (
        (match := signs_of.PRODUCT_ADDRESS.search(signs.address))
        and not signs.signed
        and signs.chars < 4000
    ):
        return _kind("product", f"address: {match[0]}", "no date")
    return None


def _listing(doc: Document, signs: _Signs) -> _Found:
    body = signs.body
    if signs.typed and signs.dated:
        return None
    if body.linked > 0.6 and len(body.paragraphs) >= 8:
        return _kind("listing", "most of its text is links")
    if signs.path in ("", "/") and not signs.typed and _is_home(doc, body):
        return _kind("listing", "home page")
    if signs.typed or signs.day_known:
        return None
    if (found := signs.types & signs_of.LISTING_TYPES) and body.sure < 0.95:
        return _kind("listing", f"json-ld: {min(found)}, no date")
    if (match := signs_of.LISTING_ADDRESS.search(signs.address)) and (
        not signs.signed or body.sure < 0.9
    ):
        return _kind("listing", f"address: {match[0]}", "no date")
    if body.density > 0.55 and body.sure < 0.8 and not signs.signed:
        return _kind("listing", "most of the page is links, no date")
    if signs.signed or signs.chars > signs_of.MOST_OFFER_CHARS:
        return None
    if (count := len(signs_of.PRICE.findall(_text(doc)))) >= signs_of.MANY_PRICES:
        return _kind("listing", f"{count} prices, no date")
    return None


def _cards(doc: Document, signs: _Signs) -> _Found:
    """Summaries below linked headlines; a day that is only printed may be the first card's."""
    body = signs.body
    if signs.typed or signs.dated or body.linked < signs_of.LINKED_CARDS:
        return None
    if body.carded < signs_of.IN_CARDS:
        return None
    return _kind("listing", "its text stands below linked headlines, no date")


def _is_home(doc: Document, body: Body) -> bool:
    if body.sure < 0.92 or body.linked > 0.25:
        return True
    return _headlines(doc) >= signs_of.MANY_HEADLINES and len(body.paragraphs) < 15


def _manual(doc: Document, signs: _Signs) -> _Found:
    if signs.typed and "techarticle" not in signs.types:
        return None
    if match := signs_of.DOCS_ADDRESS.search(signs.address):
        return _kind("other", f"manual: address: {match[0][:60]}")
    if signs_of.DOCS_MAKER.search(signs.generator):
        return _kind("other", f"manual: generator: {signs.generator[:40]}")
    return None


def _offer(doc: Document, signs: _Signs) -> _Found:
    """Pages of firms: a service, a contact, a calculator."""
    if signs.typed or signs.day_known:
        return None
    if signs.chars < 8000 and (match := signs_of.SERVICE_ADDRESS.search(signs.path)):
        return _kind("other", f"address: {match[0]}", "no date")
    if signs.signed:
        return None
    if (found := signs.types & signs_of.BUSINESS_TYPES) and signs.chars < 5000:
        return _kind("other", f"json-ld: {min(found)}, no article, no date")
    if signs.body.sure < 0.7:
        return _kind("other", "no connected text, no date, no author")
    weight = signs.chars if signs.chars >= signs_of.FEW_WORDS else _weight(*signs.body.paragraphs)
    if weight < signs_of.FEW_WORDS and signs.og_type != "article":
        return _kind("other", "a few words, no date, no author")
    if signs.chars > signs_of.MOST_OFFER_CHARS:
        return None
    calls = {match.lower() for match in signs_of.CALL.findall(_text(doc))}
    if len(calls) >= 3 and signs.og_type != "article":
        return _kind("other", f"calls to customers: {', '.join(sorted(calls)[:3])}", "no date")
    return None


def _pieces(doc: Document, signs: _Signs) -> _Found:
    """Weather, prayer times, rates: figures and labels, none of them a sentence."""
    if signs.typed or signs.dated or signs.signed or signs.og_type == "article":
        return None
    texts = signs.body.paragraphs
    if signs.chars > signs_of.LITTLE_TEXT or len(texts) < signs_of.FEW_PIECES:
        return None
    if max(map(_weight, texts)) >= signs_of.LEAST_SENTENCE:
        return None
    if match := signs_of.LISTING_ADDRESS.search(signs.address):  # the days of its cards
        return _kind("listing", f"address: {match[0]}", "short pieces, no sentence")
    return _kind("other", "short pieces, no sentence")


def _weight(*texts: str) -> int:
    """Return the length in letters of an alphabet: Chinese, Japanese and Korean signs hold more."""
    return sum(len(text) + 2 * len(signs_of.DENSE.findall(text)) for text in texts)


_LOOKS = (
    _refusal, _nothing, _forum, _product, _listing, _cards, _manual, _offer, _pieces
)  # fmt: skip


def _text(doc: Document) -> str:
    """Return the first part of the page's text, scripts left out."""
    found: list[str] = []
    size = 0
    for node in doc.root.iter():
        if node.tag in signs_of.SILENT:
            continue
        for text in (node.text, node.tail):
            if text:
                found.append(text[:60_000])
                size += len(text)
        if size > 60_000:
            break
    return " ".join(found)


def _for_an_article(signs: _Signs) -> Iterator[str]:
    if signs.typed:
        yield f"json-ld: {min(signs.types & signs_of.ARTICLE_TYPES)}"
    if signs.og_type == "article":
        yield "og:type: article"
    if signs.dated:
        yield "dated"
    yield f"{signs.chars} characters of text"
