"""The picture proxy: pages show pictures, and readers' browsers ask no other host for anything.

Only addresses that our own pages named are fetched: each carries a signature of the store's own
key. Every request takes the guarded way out, after each redirect again; no cookie, no referrer.
What is passed on is a picture by its first bytes, of a bounded size, under a policy of its own.
"""

import asyncio
import logging
import time
from collections import OrderedDict
from typing import Final

from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import Response

from aggregator import signing
from aggregator.config import Config
from aggregator.errors import FetchError
from aggregator.faults import fault, kind_of_status
from aggregator.urls import absolute
from aggregator.web.asked import RefusedError
from aggregator.web.picture_files import PictureFiles, kind_of
from aggregator.web.picture_links import key_of
from aggregator.web.service import Service

log = logging.getLogger(__name__)

#: How long browsers keep a picture, and how long we do not ask again for one that failed.
LASTS_S: Final = 7 * 86_400
FAILED_S: Final = 600.0
#: Requests to other hosts at a time, seconds for each picture, redirects.
AT_ONCE: Final = 8
TIMEOUT_S: Final = 15.0
MOST_REDIRECTS: Final = 5
_MOST_FAILED: Final = 2000
_REDIRECTS: Final = frozenset({301, 302, 303, 307, 308})
_ACCEPT: Final = "image/avif,image/webp,image/png,image/jpeg,image/gif;q=0.9"
_POLICY: Final = "default-src 'none'; sandbox"


class Pictures:
    """Fetches pictures once, however many ask, and keeps them."""

    def __init__(self, config: Config) -> None:
        self._config = config
        self._files = PictureFiles(config.data / "pictures", config.picture_cache_bytes)
        self._under_way: dict[str, asyncio.Future[bytes]] = {}
        self._failed: OrderedDict[str, float] = OrderedDict()
        self._gate = asyncio.Semaphore(AT_ONCE)

    async def get(self, url: str) -> bytes:
        """Return a picture.

        Raises:
            FetchError: there is none, or there was none a moment ago.
        """
        kept = await run_in_threadpool(self._files.get, url)
        if kept is not None and kind_of(kept) is not None:
            return kept
        if self._failed.get(url, 0.0) > time.monotonic():
            raise fault("unreadable", url)
        running = self._under_way.get(url)
        if running is None:
            running = asyncio.ensure_future(self._fetch(url))
            self._under_way[url] = running
            running.add_done_callback(lambda _: self._under_way.pop(url, None))
        return await asyncio.shield(running)

    async def _fetch(self, url: str) -> bytes:
        try:
            async with self._gate:
                body = await fetch(self._config, url)
        except FetchError:
            self._failed[url] = time.monotonic() + FAILED_S
            while len(self._failed) > _MOST_FAILED:
                self._failed.popitem(last=False)
            raise
        await run_in_threadpool(self._files.put, url, body)
        return body


async def fetch(config: Config, url: str) -> bytes:
    """Return the picture at an address.

    Raises:
        FetchError: nothing came, or no picture.
    """
    from aggregator.crawl.headers import user_agent
    from aggregator.crawl.transport import Transport

    headers = {"User-Agent": user_agent(config.contact), "Accept": _ACCEPT}
    transport = Transport(config)
    end = time.monotonic() + TIMEOUT_S
    try:
        target = url
        for _ in range(MOST_REDIRECTS + 1):
            reply = await transport.request(
                target,
                headers=headers,
                timeout_s=max(end - time.monotonic(), 0.1),
                max_body_bytes=config.picture_bytes,
            )
            if reply.status not in _REDIRECTS:
                break
            given = {name.lower(): value for name, value in reply.headers}
            where = given.get(b"location", b"").decode("utf-8", "replace")
            target = absolute(target, where) or ""
        else:
            raise fault("redirect_limit", url)
    finally:
        await transport.close()
    if reply.status != 200:
        raise fault(kind_of_status(reply.status) or "unreadable", url, status=reply.status)
    if kind_of(reply.body) is None:
        raise fault("unreadable", url, "no picture")
    return reply.body


async def picture(service: Service, pictures: Pictures, request: Request) -> Response:
    """Answer with a picture that one of our pages named."""
    site = service.site
    if site.config.page_images != "proxy":
        raise RefusedError(404, "no pictures are passed on here")
    query = service.asked(request.scope, request.scope["aggregator.given"]).query
    url, signature = query.get("u", ""), query.get("s", "")
    key = await run_in_threadpool(key_of, site)
    if not signing.is_our_address(url, signature, key):
        raise RefusedError(403, "no page of ours named this picture")
    tag = f'"{signature}"'
    headers = {
        **{name.decode(): value.decode() for name, value in service.safety},
        "content-security-policy": _POLICY,
        "cross-origin-resource-policy": "same-origin",
        "cache-control": f"public, max-age={LASTS_S}, immutable",
        "etag": tag,
    }
    if request.headers.get("if-none-match") == tag:
        return Response(status_code=304, headers=headers)
    try:
        body = await pictures.get(url)
    except FetchError as error:
        site.count("pictures_failed")
        log.info("picture: %s", error)
        raise RefusedError(502, "the picture cannot be had", None, error.kind) from None
    site.count("pictures")
    return Response(body, media_type=kind_of(body), headers=headers)
