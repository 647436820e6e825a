"""The service: resources on Starlette, behind a front that checks hosts and keeps prepared answers.

Reads run in a thread pool. A document that was made since the store last changed is sent again as
it is; the newest change number is looked at once a second at most.
"""

import asyncio
import time
from collections.abc import AsyncIterator, Awaitable, Callable
from functools import lru_cache
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl, unquote, urlsplit

from starlette.concurrency import iterate_in_threadpool, run_in_threadpool
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response, StreamingResponse
from starlette.routing import Route, Router
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from aggregator.errors import AggregatorError, StoreError
from aggregator.store import reading
from aggregator.web import api, conditional, feeds, headers, openapi, pages, status
from aggregator.web.answers import Answer, Prepared
from aggregator.web.asked import Asked, RefusedError
from aggregator.web.limits import Buckets, key_is_known
from aggregator.web.links import Links, full
from aggregator.web.problems import problem
from aggregator.web.site import Cache, Site
from aggregator.web.texts import LANGUAGES

#: Longest path and query.
MOST_TARGET = 8192
#: Seconds between two looks at the log while a long poll waits.
POLL_S = 0.25
STATIC = Path(__file__).parent / "static"
_TYPES = {
    ".css": "text/css; charset=utf-8",
    ".js": "text/javascript; charset=utf-8",
    ".svg": "image/svg+xml",
}
_READING = ("GET", "HEAD")
Resource = Callable[[Site, Asked], Answer]


def create_app(site: Site) -> ASGIApp:
    """Return the ASGI application of a site."""
    return Front(site, Service(site))


class Front:
    """Checks what every request must have, answers from memory, adds the headers of safety."""

    def __init__(self, site: Site, service: "Service") -> None:
        self.site = site
        self.service = service
        self.hosts = headers.allowed_hosts(site.config)
        self.prefix = urlsplit(site.config.base_url).path.rstrip("/")

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request."""
        if scope["type"] != "http":
            await self.service.app(scope, receive, send)
            return
        given: dict[bytes, bytes] = dict(scope["headers"])
        if scope["method"] in _READING:
            if not self.site.is_fresh():
                await self._refresh()
            prepared = self.service.cache.get(self.key(scope, given), self.site.seq)
            if prepared is not None:
                await self.service.send(prepared, scope, given, send)
                return
        await self._slowly(scope, receive, send, given)

    async def _refresh(self) -> None:
        try:
            await run_in_threadpool(self.site.refresh)
        except StoreError:
            return  # the resource will say so

    def key(self, scope: Scope, given: dict[bytes, bytes]) -> tuple[object, ...]:
        """Return what an answer depends on."""
        return (
            scope.get("raw_path") or scope["path"],
            scope["query_string"],
            given.get(b"host"),
            scope.get("scheme"),
            *_reader(given.get(b"accept"), given.get(b"accept-language"), given.get(b"cookie")),
        )

    async def _slowly(
        self, scope: Scope, receive: Receive, send: Send, given: dict[bytes, bytes]
    ) -> None:
        refusal = self._refusal(scope, given)
        if refusal is not None:
            await self.service.refuse(scope, given, send, refusal)
            return
        scope["app"] = self  # makes the router raise what it would answer in its own words
        scope["aggregator.given"] = given
        scope["aggregator.key"] = self.key(scope, given)
        started = False

        async def guarded(message: Message) -> None:
            nonlocal started
            if message["type"] == "http.response.start":
                started = True
                self.service.complete(message, given)
            await send(message)

        try:
            await self.service.app(scope, receive, guarded)
        except Exception as error:  # the edge: one line for the client, the rest for the log
            if started:
                raise
            extra = tuple((getattr(error, "headers", None) or {}).items())
            await self.service.refuse(scope, given, send, _as_refusal(error), extra)
            if not isinstance(error, (AggregatorError, HTTPException)):
                raise

    def _refusal(self, scope: Scope, given: dict[bytes, bytes]) -> RefusedError | None:
        host = given.get(b"host", b"").decode("latin-1")
        listening = scope.get("server") or (None, None)
        if not headers.host_is_allowed(host, self.hosts, listening[0]):
            return RefusedError(421, "this service does not go by that name", host[:80])
        target = len(scope.get("raw_path") or b"") + len(scope["query_string"])
        if target > MOST_TARGET:
            return RefusedError(414, "address is too long", f"{target} bytes")
        if "\x00" in scope["path"] or "\ufffd" in scope["path"]:
            return RefusedError(400, "address is not UTF-8 text")
        return None


@lru_cache(maxsize=1024)
def _reader(
    accept: bytes | None, language: bytes | None, cookie: bytes | None
) -> tuple[bool, str | None]:
    """Return what of the reader's headers an answer depends on: HTML or not, which language."""
    html = conditional.prefers_html(None if accept is None else accept.decode("latin-1"))
    chosen = _cookie_language(cookie)
    if chosen is None and language is not None:
        chosen = conditional.interface_language(language.decode("latin-1"), "") or None
    return html, chosen


def _cookie_language(cookie: bytes | None) -> str | None:
    for part in (cookie or b"").decode("latin-1")[:4000].split(";"):
        name, _, value = part.strip().partition("=")
        if name == "lang" and value in LANGUAGES:
            return value
    return None


def _as_refusal(error: Exception) -> RefusedError:
    if isinstance(error, RefusedError):
        return error
    if isinstance(error, HTTPException):
        return RefusedError(error.status_code, error.detail)
    if isinstance(error, StoreError):
        return RefusedError(503, "the store does not answer")
    return RefusedError(500, "something went wrong here")


class Service:
    """The routes, and how an answer goes out."""

    def __init__(self, site: Site) -> None:
        self.site = site
        self.cache = Cache()
        self.safety = headers.security(site.config)
        self.buckets = Buckets(site.config.api_rate)
        self.prefix = urlsplit(site.config.base_url).path.rstrip("/")
        self.default = site.config.lang if site.config.lang in LANGUAGES else "ar"
        self.links = Links(self.prefix)
        self.app = Router(self._routes())

    def _routes(self) -> list[Route]:
        shown: dict[str, Resource] = {
            "/": pages.front,
            "/search": pages.search,
            "/keywords": pages.keywords,
            "/keyword/{name:path}": pages.keyword,
            "/event/{id}": pages.event,
            "/article/{id}": pages.article,
            "/sources": status.sources,
            "/source/{id}": status.source,
            "/health": status.health,
            "/feeds/all.opml": feeds.subscriptions,
            "/feeds/{kind}/{value:path}.{format}": feeds.feed,
            "/feeds/{kind}.{format}": feeds.feed,
            "/metrics": api.metrics,
        }
        asked_for: dict[str, Resource] = {
            "/api/articles": api.articles,
            "/api/articles/{id}/versions": api.versions,
            "/api/articles/{id}": api.article,
            "/api/sources": api.sources,
            "/api/sources/{id}": api.source,
            "/api/health": api.health,
            "/api/search": api.search,
            "/api/openapi.json": self._openapi,
        }
        routes = [Route("/article", self._by_address, methods=["GET"])]
        routes += [Route("/opml", self._moved("/feeds/all.opml"), methods=["GET"])]
        routes += [Route(path, self._page(each), methods=["GET"]) for path, each in shown.items()]
        routes += [
            Route(path, self._api(each), methods=["GET"]) for path, each in asked_for.items()
        ]
        routes.append(Route("/api/changes", self._changes, methods=["GET"]))
        routes.append(Route("/api/{rest:path}", self._other, methods=["GET", "OPTIONS"]))
        routes.append(Route("/static/{name}", self._static, methods=["GET"]))
        return routes

    # -------------------------------------------------------------- what was asked

    def asked(self, scope: Scope, given: dict[bytes, bytes]) -> Asked:
        """Return the request as resources see it."""
        raw = scope["query_string"].decode("latin-1")
        pairs = parse_qsl(raw[:MOST_TARGET], keep_blank_values=True, errors="replace")
        lists: dict[str, tuple[str, ...]] = {}
        for name, value in pairs[:200]:
            lists[name] = (*lists.get(name, ()), value)
        query = {name: values[-1] for name, values in lists.items()}
        html, chosen = _reader(
            given.get(b"accept"), given.get(b"accept-language"), given.get(b"cookie")
        )
        lang = query.get("lang", "")
        path = scope["path"]
        return Asked(
            path=path,
            query=query,
            lists=lists,
            params={name: str(value) for name, value in scope.get("path_params", {}).items()},
            lang=lang if lang in LANGUAGES else chosen or self.default,
            base=self._base(scope, given),
            html=html,
            links=self.links,
        )

    def _base(self, scope: Scope, given: dict[bytes, bytes]) -> str:
        if self.site.config.base_url:
            return self.site.config.base_url.rstrip("/")
        host = given.get(b"host", b"localhost").decode("latin-1").lower()
        return f"{scope.get('scheme', 'http')}://{host}"

    # -------------------------------------------------------------- endpoints

    def _page(self, resource: Resource) -> Callable[[Request], Awaitable[Response]]:
        async def endpoint(request: Request) -> Response:
            return await self._answer(request, resource, cached=True)

        return endpoint

    def _api(self, resource: Resource) -> Callable[[Request], Awaitable[Response]]:
        async def endpoint(request: Request) -> Response:
            self._admit(request)
            return await self._answer(request, resource, cached=False)

        return endpoint

    async def _answer(self, request: Request, resource: Resource, *, cached: bool) -> Response:
        scope = request.scope
        given = scope["aggregator.given"]
        seq = self.site.seq
        made = await run_in_threadpool(resource, self.site, self.asked(scope, given))
        prepared = Prepared(made, self.safety)
        if cached and made.status == 200:
            self.cache.put(scope["aggregator.key"], seq, prepared)
        return _Sending(self, prepared)

    def _admit(self, request: Request) -> None:
        """Refuse who has no key or asks too often.

        Raises:
            HTTPException: 401 or 429.
        """
        authorization = request.headers.get("authorization")
        keyed = request.headers.get("x-api-key")
        if not key_is_known(authorization, keyed, self.site.config.api_keys):
            raise HTTPException(401, "a key is needed: Authorization: Bearer KEY")
        client = request.client.host if request.client else "?"
        wait_s = self.buckets.wait_s(client, time.monotonic())
        if wait_s:
            raise HTTPException(
                429, "too many requests", {"retry-after": str(max(1, round(wait_s + 0.5)))}
            )

    async def _changes(self, request: Request) -> Response:
        self._admit(request)
        asked = self.asked(request.scope, request.scope["aggregator.given"])
        await run_in_threadpool(self.site.refresh)
        since = api.cursor(self.site, asked)
        wait = asked.number("wait", 0, 0, api.MOST_WAIT_S)
        limit = asked.number("limit", api.MOST_CHANGES, 1, api.MOST_CHANGES)
        wanted = asked.filter(self.site.sources)
        lines = api.changes(self.site, since, wanted, limit)
        first = await run_in_threadpool(next, lines, b"")
        until = time.monotonic() + wait
        while not first and time.monotonic() < until:
            if await request.is_disconnected():
                break
            await asyncio.sleep(POLL_S)
            was = self.site.seq
            if await run_in_threadpool(self.site.refresh) != was:
                lines = api.changes(self.site, since, wanted, limit)
                first = await run_in_threadpool(next, lines, b"")
        self.site.count("changes")

        async def stream() -> AsyncIterator[bytes]:
            if first:
                yield first
                async for piece in iterate_in_threadpool(lines):
                    yield piece

        return StreamingResponse(
            stream(),
            media_type=api.JSONL,
            headers={"cache-control": "no-store", "x-aggregator-seq": str(self.site.seq)},
        )

    def _openapi(self, site: Site, asked: Asked) -> Answer:
        return api.answer(openapi.document(asked.base, keys=bool(site.config.api_keys)))

    async def _by_address(self, request: Request) -> Response:
        """Lead from any address that an article was ever known by to its page."""
        asked = self.asked(request.scope, request.scope["aggregator.given"])
        address = asked.text("url")
        if address is None:
            raise RefusedError(400, "an address is needed", "url")

        def look() -> str | None:
            with self.site.store.read() as connection:
                row = reading.find_article(connection, address)
            return row.id if row else None

        found = await run_in_threadpool(look)
        if found is None:
            raise RefusedError(404, "unknown article", address[:80])
        return RedirectResponse(self.links.article(full(found)), 303)

    def _moved(self, path: str) -> Callable[[Request], Awaitable[Response]]:
        async def endpoint(request: Request) -> Response:
            del request
            return RedirectResponse(self.prefix + path, 308)

        return endpoint

    async def _other(self, request: Request) -> Response:
        """Answer a browser that asks first whether a page of another origin may ask."""
        if request.method != "OPTIONS":
            raise HTTPException(404)
        allowed = headers.cors(self.site.config, request.headers.get("origin"))
        rest = {
            "allow": "GET, HEAD, OPTIONS",
            "access-control-allow-methods": "GET, HEAD",
            "access-control-allow-headers": "authorization, x-api-key",
            "access-control-max-age": "86400",
        }
        return Response(status_code=204, headers=rest if allowed else {"allow": rest["allow"]})

    async def _static(self, request: Request) -> Response:
        name = request.path_params["name"]
        found = await run_in_threadpool(static_file, name)
        if found is None:
            raise RefusedError(404, "no such file", name[:60])
        prepared = Prepared(found, self.safety)
        self.cache.put(request.scope["aggregator.key"], self.site.seq, prepared)
        return _Sending(self, prepared)

    # -------------------------------------------------------------- answers

    async def send(
        self, prepared: Prepared, scope: Scope, given: dict[bytes, bytes], send: Send
    ) -> None:
        """Send a prepared answer in the form that was asked for."""
        code, fields, body = prepared.choose(given)
        if self.site.config.cors or b"lang=" in scope["query_string"]:
            fields = [*fields, *self._extra(scope, given)]
        counts = self.site.counts
        name = "304" if code == 304 else "answered"
        counts[name] = counts.get(name, 0) + 1
        await send({"type": "http.response.start", "status": code, "headers": fields})
        await send(
            {"type": "http.response.body", "body": b"" if scope["method"] == "HEAD" else body}
        )

    def _extra(self, scope: Scope, given: dict[bytes, bytes]) -> list[tuple[bytes, bytes]]:
        origin = given.get(b"origin")
        found = headers.cors(self.site.config, origin.decode("latin-1") if origin else None)
        for lang in LANGUAGES:
            if f"lang={lang}".encode() in scope["query_string"].split(b"&"):
                where = self.prefix or "/"
                cookie = f"lang={lang}; Path={where}; Max-Age=31536000; SameSite=Lax; HttpOnly"
                found.append((b"set-cookie", cookie.encode()))
        return found

    def complete(self, message: Any, given: dict[bytes, bytes]) -> None:
        """Add what every answer has to one that Starlette made."""
        fields = list(message["headers"])
        if not any(name == b"content-security-policy" for name, _ in fields):
            origin = given.get(b"origin")
            fields += self.safety
            fields += headers.cors(self.site.config, origin.decode("latin-1") if origin else None)
        message["headers"] = fields

    async def refuse(
        self,
        scope: Scope,
        given: dict[bytes, bytes],
        send: Send,
        error: RefusedError,
        extra: tuple[tuple[str, str], ...] = (),
    ) -> None:
        """Send one line that says why not."""
        asked = self.asked({**scope, "path_params": {}}, given)
        answer = problem(asked, error.status, str(error), extra)
        self.site.count(f"refused_{error.status}")
        await self.send(Prepared(answer, self.safety), scope, {}, send)


class _Sending(Response):
    """Hands a prepared answer through Starlette."""

    def __init__(self, service: Service, prepared: Prepared) -> None:
        self.service = service
        self.prepared = prepared
        self.background = None

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Send it."""
        del receive
        await self.service.send(self.prepared, scope, scope["aggregator.given"], send)


def static_file(name: str) -> Answer | None:
    """Return a file of ours: style sheet, script, icon."""
    path = STATIC / unquote(name)
    kind = _TYPES.get(path.suffix)
    if kind is None or path.parent != STATIC or not path.is_file():
        return None
    return Answer(body=path.read_bytes(), content_type=kind, cache="public, max-age=3600")
