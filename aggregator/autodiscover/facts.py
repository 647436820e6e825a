"""What a site says of itself: name, language, country, zone, charset, kind, each with its signs."""

import json
import re
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Any, Final

from aggregator import country, language
from aggregator.arabic import decode, display, fold
from aggregator.autodiscover.draft import Certainty, Fact
from aggregator.types import Entry, Page
from aggregator.urls import absolute, same_site

_SEPARATORS: Final = re.compile(r"\s+[|\u2013\u2014:\u00b7\u2022\u00bb-]+\s+|\s*[|\u00bb]\s*|:\s+")
_HOME_WORDS: Final = frozenset(
    {
        *("home", "homepage", "home page", "accueil", "الرئيسية", "الصفحة الرئيسية", "rss", "feed"),
        *("موقع", "latest news", "آخر الأخبار", "اخر الاخبار", "أخبار", "news", "صفحه اصلی"),
    }
)
_ORGANISATIONS: Final = frozenset(
    {"Organization", "NewsMediaOrganization", "WebSite", "Corporation", "Periodical", "Newspaper"}
)
_META_NAMES: Final = (
    *("og:site_name", "application-name", "apple-mobile-web-app-title", "al:android:app_name"),
    *("al:ios:app_name", "twitter:app:name:iphone", "dc.publisher", "copyright"),
)
_PHONE: Final = re.compile(r"(?:tel:|whatsapp\.com/send\?phone=|wa\.me/)\s*(?:\+|00|%2B)?(\d{2,3})")
_CODES: Final = (
    "20=EG 212=MA 213=DZ 216=TN 218=LY 222=MR 249=SD 961=LB 962=JO 963=SY 964=IQ 965=KW 966=SA "
    "967=YE 968=OM 970=PS 971=AE 973=BH 974=QA 98=IR 92=PK 90=TR 33=FR 44=GB 49=DE 252=SO 253=DJ"
)
_PHONE_CODES: Final = dict(pair.split("=") for pair in _CODES.split())
_KINDS: Final = (
    ("agency", re.compile(r"وكالة|\bagency\b|\bagence\b|خبرگزاری", re.IGNORECASE)),
    (
        "broadcaster",
        re.compile(r"قناة|تلفزيون|إذاعة|راديو|\btv\b|\bradio\b|télévision", re.IGNORECASE),
    ),
    ("newspaper", re.compile(r"جريدة|صحيفة|journal|newspaper|daily|times|روزنامه", re.IGNORECASE)),
    ("portal", re.compile(r"بوابة|موقع|\bportal\b|\bnews\b|أخبار|\.com", re.IGNORECASE)),
)
_LABELLED: Final = re.compile(rb"<meta[^>]{0,200}charset", re.IGNORECASE)
#: What Arab countries' clocks say, for a feed whose dates have an offset: too many for one answer.
_OFFSETS: Final = {2.0: ("EG", "LY"), 1.0: ("MA", "DZ", "TN"), 4.0: ("AE", "OM")}


@dataclass(frozen=True, slots=True)
class Signs:
    """What there is to judge by.

    Attributes:
        page: the home page as fetched; ``root`` its tree.
        feed_titles: titles that its feeds give themselves.
        entries: of all seeds that were read.
    """

    page: Page
    root: Any
    feed_titles: tuple[str, ...] = ()
    feed_languages: tuple[str, ...] = ()
    entries: tuple[Entry, ...] = ()


def language_of(signs: Signs) -> Fact:
    """Return the language of the titles, and whether the page and its feeds say the same."""
    stated = [signs.root.get("lang") or "", *_metas(signs.root, "og:locale", "content-language")]
    stated += signs.feed_languages
    tags = [tag.replace("_", "-").split(",")[0].strip() for tag in stated if tag.strip()]
    text = " ".join(entry.title for entry in signs.entries[:40] if entry.title)
    read = language.detect(text) if text else None
    said = [tag for tag in tags if 2 <= len(tag.split("-")[0]) <= 3]
    if read and any(tag.lower().split("-")[0] == read for tag in said):
        return Fact(field="language", value=read, certainty="sure", why="titles and page agree")
    if read:
        why = f"titles are {read}, the page says {said[0]}" if said else "the titles"
        return Fact(field="language", value=read, certainty="likely", why=why)
    if said:
        value = said[0].lower().split("-")[0]
        return Fact(field="language", value=value, certainty="likely", why="the page says so")
    return Fact(field="language", value="und", certainty="guess", why="nothing tells it")


def country_of(signs: Signs) -> Fact:
    """Return the country by domain, else by tags of language, structured data and phone codes."""
    votes: Counter[str] = Counter()
    whys: dict[str, list[str]] = {}
    for code, weight, why in _country_signs(signs):
        votes[code] += weight
        whys.setdefault(code, []).append(why)
    if not votes:
        why = "nothing tells it; fill it in"
        return Fact(field="country", value=country.UNKNOWN, certainty="guess", why=why)
    code, weight = votes.most_common(1)[0]
    certainty: Certainty = "sure" if weight >= 4 else "likely" if weight >= 2 else "guess"
    return Fact(field="country", value=code, certainty=certainty, why=", ".join(whys[code][:3]))


def _country_signs(signs: Signs) -> Iterator[tuple[str, int, str]]:
    if code := country.by_domain(signs.page.url):
        yield code, 4, "its domain"
    tags = [signs.root.get("lang"), *_metas(signs.root, "og:locale", "content-language")]
    for tag in dict.fromkeys((*tags, *signs.feed_languages)):
        if code := country.by_tag(tag):
            yield code, 2, f"language {tag}"
    for thing in _structured(signs.root):
        address = thing.get("address")
        stated = address.get("addressCountry") if isinstance(address, dict) else None
        if isinstance(stated, dict):
            stated = stated.get("name")
        if isinstance(stated, str) and country.timezone_of(stated.strip().upper()):
            yield stated.strip().upper(), 3, "structured data"
    phones = {
        _PHONE_CODES.get(number[:3]) or _PHONE_CODES.get(number[:2]) for number in _phones(signs)
    }
    for code in phones - {None}:
        if code:
            yield code, 2, "its telephone numbers"
    for code in _by_offsets(signs.entries):
        yield code, 1, "the offset of its dates"


def _phones(signs: Signs) -> list[str]:
    hrefs = (anchor.get("href") or "" for anchor in signs.root.iter("a"))
    return [match[1] for href in hrefs if (match := _PHONE.search(href))]


def _by_offsets(entries: Iterable[Entry]) -> tuple[str, ...]:
    offsets = {
        offset / timedelta(hours=1)
        for entry in entries
        if entry.published and (offset := entry.published.value.utcoffset())
    }
    return _OFFSETS.get(offsets.pop(), ()) if len(offsets) == 1 else ()


def timezone_of(code: str, certainty: Certainty) -> Fact:
    """Return the zone of the country's capital."""
    zone = country.timezone_of(code)
    if zone:
        return Fact(field="timezone", value=zone, certainty=certainty, why=f"capital of {code}")
    return Fact(field="timezone", value="UTC", certainty="guess", why="the country is not known")


def charset_of(signs: Signs) -> Fact | None:
    """Return the charset that the pages are really in, where they do not say so themselves."""
    header = signs.page.headers.get("content-type")
    found = decode(signs.page.body, header=header)
    labelled = "charset" in (header or "").lower() or _LABELLED.search(signs.page.body[:4096])
    if found.encoding == "utf-8" or (labelled and not found.repaired):
        return None
    why = "its labels say otherwise" if labelled else "it has no label"
    return Fact(field="charset", value=found.encoding, certainty="likely", why=why)


def name_of(signs: Signs, spoken: str) -> Fact:
    """Return the name in the site's own script that most signs agree on."""
    votes: Counter[str] = Counter()
    shown: dict[str, str] = {}
    for text, weight in _name_signs(signs):
        name = display(text[:150], spoken).text
        if not name or fold(name, "search") in {fold(word, "search") for word in _HOME_WORDS}:
            continue
        key = fold(name, "search")
        votes[key] += weight + (2 if _own_script(name, spoken) else 0)
        shown.setdefault(key, name)
    if not votes:
        value = country.source_id(signs.page.url)
        return Fact(field="name", value=value, certainty="guess", why="nothing names it")
    key, _ = votes.most_common(1)[0]
    said = sum(1 for text, _ in _name_signs(signs) if fold(text, "search") == key)
    certainty: Certainty = "sure" if said >= 2 else "likely"
    return Fact(field="name", value=shown[key], certainty=certainty, why=f"{said} signs say so")


def _name_signs(signs: Signs) -> Iterator[tuple[str, int]]:
    for text in _metas(signs.root, *_META_NAMES):
        yield text, 3
    for thing in _structured(signs.root):
        if isinstance(thing.get("name"), str):
            yield thing["name"], 3
    title = signs.root.findtext(".//title") or ""
    for text in (title, *signs.feed_titles):
        parts = [part for part in _SEPARATORS.split(" ".join(text.split())) if part]
        for part in parts:
            yield part, 1
        if len(parts) > 1 and len(text) < 40:
            yield text, 1
    for image in signs.root.xpath(
        "//a[@href='/']//img[@alt] | //*[contains(@class,'logo')]//img[@alt]"
    ):
        yield image.get("alt") or "", 1


def _own_script(name: str, spoken: str) -> bool:
    found = language.detect(name)
    arabic = {"ar", "fa", "ur", "ckb", "ps"}
    return found == spoken or (found in arabic and spoken in arabic)


def kind_of(name: str) -> Fact:
    """Return what kind of source a name speaks of."""
    for kind, words in _KINDS:
        if words.search(name):
            return Fact(field="kind", value=kind, certainty="likely", why="its name")
    return Fact(field="kind", value="newspaper", certainty="guess", why="nothing tells it")


def hosts_of(page: Page, urls: Sequence[str]) -> tuple[str, ...]:
    """Return the hosts of articles that lie under the site's own name, beside the home page's."""
    from aggregator.urls import host

    home = host(page.url)
    found = {host(url) for url in urls if same_site(url, page.url)}
    return tuple(sorted(found - {home}))


def _metas(root: Any, *names: str) -> list[str]:
    found: dict[str, list[str]] = {}
    for meta in root.iter("meta"):
        key = meta.get("property") or meta.get("name") or meta.get("http-equiv") or ""
        if text := (meta.get("content") or "").strip():
            found.setdefault(key.lower(), []).append(text)
    return [text for name in names for text in found.get(name, ())]


def _structured(root: Any) -> list[dict[str, Any]]:
    """Return what structured data says of organisations and the site itself."""
    found: list[dict[str, Any]] = []
    for script in root.xpath("//script[@type='application/ld+json']")[:20]:
        try:
            waiting = [json.loads((script.text or "")[:200_000])]
        except (ValueError, RecursionError):
            continue
        for _ in range(500):
            if not waiting:
                break
            each = waiting.pop()
            if isinstance(each, list):
                waiting.extend(each[:100])
            elif isinstance(each, dict):
                kinds = each.get("@type")
                kinds = kinds if isinstance(kinds, list) else [kinds]
                if _ORGANISATIONS & {kind for kind in kinds if isinstance(kind, str)}:
                    found.append(each)
                waiting.extend(value for value in each.values() if isinstance(value, dict | list))
    return found


def home_of(url: str) -> str:
    """Return the root of the site at an address."""
    return absolute(url, "/") or url
