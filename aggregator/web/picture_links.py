"""Under which addresses pages load pictures: their own, the proxy's, or none."""

from collections.abc import Callable
from typing import Final

from aggregator import signing
from aggregator.errors import StoreError
from aggregator.store import jobs
from aggregator.web.asked import Asked
from aggregator.web.site import Site

PATH: Final = "picture"
_KEY: Final = "pictures"


def addresses(site: Site, asked: Asked) -> Callable[[str], str] | None:
    """Return what gives the address under which a page may load a picture; None: it may not."""
    if site.config.page_images == "direct":
        return str
    if site.config.page_images != "proxy" or asked.links.is_static:
        return None
    try:
        key = key_of(site)
    except StoreError:  # a store that can only be read has no key: pictures stay links
        return None

    def address(url: str) -> str:
        return asked.links.page(PATH, u=url, s=signing.address_signature(url, key))

    return address


def key_of(site: Site) -> bytes:
    """Return the store's key for addresses of pictures, made when it is first needed."""
    if site.picture_key is None:
        with site.store.read() as connection:
            site.picture_key = jobs.known_key(connection, _KEY)
    if site.picture_key is None:
        with site.store.write() as connection:
            site.picture_key = jobs.signing_key(connection, _KEY)
    return site.picture_key
