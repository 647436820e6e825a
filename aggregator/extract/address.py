"""Which address opens the article, and all others that the page gives for itself.

The source's own canonical link wins where it is believable: on the same site, no home page, no
section above this page, not another article. It is shown without trackers, with the scheme that
the site really serves.
"""

import re
from collections.abc import Iterable, Mapping
from functools import lru_cache
from typing import Any
from urllib.parse import urlsplit

from aggregator.extract.document import Document
from aggregator.extract.json_ld import addresses_of
from aggregator.types import Entry
from aggregator.urls import address_keys, canonical, display_url, same_site

MOST_ADDRESSES = 20

#: a page repeats its own address in many places
_key = lru_cache(maxsize=512)(canonical)

_NUMBER = re.compile(r"\d{4,}")


def find_address(
    doc: Document,
    *,
    node: Mapping[str, Any] | None = None,
    entry: Entry | None = None,
    redirects: Iterable[str] = (),
) -> tuple[str, str, tuple[str, ...], tuple[str, ...]]:
    """Return the address to show, its origin, all other addresses, and notes."""
    links = _links(doc)
    given = [*links["canonical"], *doc.meta.get("og:url", ())]
    data = addresses_of(node) if node else []
    said = [whole for raw in (*given, *data) if (whole := doc.absolute(raw))]
    notes: list[str] = []
    chosen, origin = doc.url, "page"
    for raw in links["canonical"][:1] or doc.meta.get("og:url", ())[:1]:
        whole = doc.absolute(raw)
        if whole is None:
            continue
        if why := _unbelievable(whole, doc, said):
            notes.append(f"canonical refused: {why}")
            continue
        chosen = _as_served(whole, doc.url)
        origin = "canonical" if links["canonical"] else "open_graph"
    shown = display_url(chosen)
    others = [
        *said,
        *(
            whole
            for name in ("amphtml", "shortlink")
            for raw in links[name]
            if (whole := doc.absolute(raw))
        ),
        doc.url,
        *redirects,
        *((entry.url,) if entry and entry.url else ()),
    ]
    kept = dict.fromkeys(
        other for other in others if other != shown and _may_be_alias(other, shown, doc)
    )
    return shown, origin, tuple(kept)[:MOST_ADDRESSES], tuple(notes)


def _links(doc: Document) -> dict[str, list[str]]:
    return {
        name: [
            href
            for link in doc.rels.get(name, ())[:3]
            if link.tag == "link" and (href := (link.get("href") or "").strip())
        ]
        for name in ("canonical", "amphtml", "shortlink")
    }


def _unbelievable(whole: str, doc: Document, said: list[str]) -> str | None:
    """Return why a canonical link cannot be this article's, None where it can."""
    if not _is_own(whole, doc):
        return "another site"
    theirs, ours = _key(whole), _key(doc.url)
    if theirs == ours:
        return None
    patterns = doc.source.identity_patterns if doc.source else ()
    if patterns:
        ids = [set(address_keys(each, patterns)[1:]) for each in (whole, doc.url)]
        if all(ids):
            return None if ids[0] & ids[1] else "another article"
    there, here = urlsplit(theirs), urlsplit(ours)
    if there.path in {"", "/"} and not there.query and (here.path not in {"", "/"} or here.query):
        return "the home page"
    if (here.path + "/").startswith(there.path.rstrip("/") + "/") and not there.query:
        # a part of a longer address may still be the article if another place agrees
        return None if _agreed(theirs, said) > 1 else "a page above"
    numbers = (
        set(_NUMBER.findall(there.path + there.query)),
        set(_NUMBER.findall(here.path + here.query)),
    )
    if all(numbers) and not numbers[0] & numbers[1] and _agreed(theirs, said) < 2:
        return "another article"
    return None


def _agreed(wanted: str, said: Iterable[str]) -> int:
    return sum(_key(each) == wanted for each in said)


def _is_own(address: str, doc: Document) -> bool:
    if same_site(address, doc.url):
        return True
    if not doc.source:
        return False
    hosts = (doc.source.homepage, *(f"https://{name}" for name in doc.source.hosts))
    return any(same_site(address, each) for each in hosts)


def _as_served(address: str, served: str) -> str:
    """Return an address with the scheme of the page where both name the same host."""
    a, b = urlsplit(address), urlsplit(served)
    if a.netloc.lower() == b.netloc.lower() and a.scheme != b.scheme:
        return f"{b.scheme}{address[len(a.scheme) :]}"
    return address


def _may_be_alias(other: str, shown: str, doc: Document) -> bool:
    """Whether an address is this article's and not the site's or another's."""
    if not other or not _is_own(other, doc):
        return False
    parts = urlsplit(_key(other))
    if parts.path in {"", "/"} and not parts.query:
        return urlsplit(shown).path in {"", "/"}
    return not (_key(other) != _key(shown) and _unbelievable(other, doc, []) in _OTHERS)


_OTHERS = frozenset(("the home page", "a page above", "another article"))
