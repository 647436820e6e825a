"""Endpoints that are more than a document: the long poll, redirects, preflights, static files."""

import asyncio
import time
from collections.abc import AsyncIterator, Awaitable, Callable
from pathlib import Path
from urllib.parse import unquote

from starlette.concurrency import iterate_in_threadpool, run_in_threadpool
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response, StreamingResponse

from aggregator.store import reading
from aggregator.web import api, headers
from aggregator.web.answers import Answer, Prepared
from aggregator.web.asked import RefusedError
from aggregator.web.links import full
from aggregator.web.service import Sending, Service

#: Seconds between two looks at the log while a long poll waits.
POLL_S = 0.25
STATIC = Path(__file__).parent / "static"
_TYPES = {
    ".css": "text/css; charset=utf-8",
    ".js": "text/javascript; charset=utf-8",
    ".svg": "image/svg+xml",
}
Bound = Callable[[Service, Request], Awaitable[Response]]


async def changes(service: Service, request: Request) -> Response:
    """Stream the log after a number; wait for it to grow where there is nothing yet."""
    service.admit(request)
    site = service.site
    asked = service.asked(request.scope, request.scope["aggregator.given"])
    await run_in_threadpool(site.refresh)
    since = api.cursor(site, asked)
    wait = asked.number("wait", 0, 0, api.MOST_WAIT_S)
    limit = asked.number("limit", api.MOST_CHANGES, 1, api.MOST_CHANGES)
    wanted = asked.filter(site.sources)
    lines = api.changes(site, since, wanted, limit)
    first = await run_in_threadpool(next, lines, b"")
    until = time.monotonic() + wait
    while not first and time.monotonic() < until:
        if await request.is_disconnected():
            break
        await asyncio.sleep(POLL_S)
        was = site.seq
        if await run_in_threadpool(site.refresh) != was:
            lines = api.changes(site, since, wanted, limit)
            first = await run_in_threadpool(next, lines, b"")
    site.count("changes")

    async def stream() -> AsyncIterator[bytes]:
        if first:
            yield first
            async for piece in iterate_in_threadpool(lines):
                yield piece

    return StreamingResponse(
        stream(),
        media_type=api.JSONL,
        headers={"cache-control": "no-store", "x-aggregator-seq": str(site.seq)},
    )


async def by_address(service: Service, request: Request) -> Response:
    """Lead from any address that an article was ever known by to its page."""
    asked = service.asked(request.scope, request.scope["aggregator.given"])
    address = asked.text("url")
    if address is None:
        raise RefusedError(400, "an address is needed", "url")

    def look() -> str | None:
        with service.site.store.read() as connection:
            row = reading.find_article(connection, address)
        return row.id if row else None

    found = await run_in_threadpool(look)
    if found is None:
        raise RefusedError(404, "unknown article", address[:80])
    return RedirectResponse(service.links.article(full(found)), 303)


def moved(path: str) -> Bound:
    """Return an endpoint that leads to another address for good."""

    async def endpoint(service: Service, request: Request) -> Response:
        del request
        return RedirectResponse(service.prefix + path, 308)

    return endpoint


async def other(service: Service, request: Request) -> Response:
    """Answer a browser that asks first whether a page of another origin may ask."""
    if request.method != "OPTIONS":
        raise HTTPException(404)
    allowed = headers.cors(service.site.config, request.headers.get("origin"))
    rest = {
        "allow": "GET, HEAD, OPTIONS",
        "access-control-allow-methods": "GET, HEAD",
        "access-control-allow-headers": "authorization, x-api-key",
        "access-control-max-age": "86400",
    }
    return Response(status_code=204, headers=rest if allowed else {"allow": rest["allow"]})


async def static(service: Service, request: Request) -> Response:
    """Answer with a file of ours."""
    name = request.path_params["name"]
    found = await run_in_threadpool(static_file, name)
    if found is None:
        raise RefusedError(404, "no such file", name[:60])
    prepared = Prepared(found, service.safety)
    service.cache.put(request.scope["aggregator.key"], service.site.seq, prepared)
    return Sending(service, prepared)


def static_file(name: str) -> Answer | None:
    """Return a file of ours: style sheet, script, icon."""
    path = STATIC / unquote(name)
    kind = _TYPES.get(path.suffix)
    if kind is None or path.parent != STATIC or not path.is_file():
        return None
    return Answer(body=path.read_bytes(), content_type=kind, cache="public, max-age=3600")
