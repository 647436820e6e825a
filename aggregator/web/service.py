"""How a resource becomes an answer on the wire: asked in a thread, prepared, kept, sent."""

import time
from collections.abc import Awaitable, Callable
from typing import Any
from urllib.parse import urlsplit

from starlette.concurrency import run_in_threadpool
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response
from starlette.types import Receive, Scope, Send

from aggregator.web import headers, inbound
from aggregator.web.answers import Answer, Prepared
from aggregator.web.asked import Asked, RefusedError
from aggregator.web.inbound import Given
from aggregator.web.limits import Buckets, key_is_known
from aggregator.web.links import Links
from aggregator.web.problems import problem
from aggregator.web.site import Cache, Site
from aggregator.web.texts import LANGUAGES

Resource = Callable[[Site, Asked], Answer]
Endpoint = Callable[[Request], Awaitable[Response]]


class Service:
    """What endpoints share: the site, the kept answers, the limits."""

    def __init__(self, site: Site) -> None:
        self.site = site
        self.cache = Cache()
        self.safety = headers.security(site.config)
        self.buckets = Buckets(site.config.api_rate)
        self.prefix = urlsplit(site.config.base_url).path.rstrip("/")
        self.default = site.config.lang if site.config.lang in LANGUAGES else "ar"
        self.links = Links(self.prefix)

    def asked(self, scope: Scope, given: Given) -> Asked:
        """Return the request as resources see it."""
        return inbound.asked(
            scope,
            given,
            default=self.default,
            base_url=self.site.config.base_url,
            links=self.links,
        )

    def page(self, resource: Resource) -> Endpoint:
        """Return the endpoint of a document that everybody may have; it is kept."""

        async def endpoint(request: Request) -> Response:
            return await self.answer(request, resource, cached=True)

        return endpoint

    def api(self, resource: Resource) -> Endpoint:
        """Return the endpoint of a document for programs; it is made anew each time."""

        async def endpoint(request: Request) -> Response:
            self.admit(request)
            return await self.answer(request, resource, cached=False)

        return endpoint

    async def answer(self, request: Request, resource: Resource, *, cached: bool) -> Response:
        """Make the document in a thread."""
        scope = request.scope
        given = scope["aggregator.given"]
        seq = self.site.seq
        made = await run_in_threadpool(resource, self.site, self.asked(scope, given))
        prepared = Prepared(made, self.safety)
        if cached and made.status == 200:
            self.cache.put(scope["aggregator.key"], seq, prepared)
        return Sending(self, prepared)

    def admit(self, request: Request) -> None:
        """Refuse who has no key or asks too often.

        Raises:
            HTTPException: 401 or 429.
        """
        authorization = request.headers.get("authorization")
        keyed = request.headers.get("x-api-key")
        if not key_is_known(authorization, keyed, self.site.config.api_keys):
            raise HTTPException(401, "a key is needed: Authorization: Bearer KEY")
        self.limit(request)

    def limit(self, request: Request) -> None:
        """Refuse who asks too often.

        Raises:
            HTTPException: 429.
        """
        client = request.client.host if request.client else "?"
        wait_s = self.buckets.wait_s(client, time.monotonic())
        if wait_s:
            raise HTTPException(
                429, "too many requests", {"retry-after": str(max(1, round(wait_s + 0.5)))}
            )

    async def send(self, prepared: Prepared, scope: Scope, given: Given, send: Send) -> None:
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

    def _extra(self, scope: Scope, given: Given) -> list[tuple[bytes, bytes]]:
        origin = given.get(b"origin")
        found = headers.cors(self.site.config, origin.decode("latin-1") if origin else None)
        for lang in LANGUAGES:
            if f"lang={lang}".encode() in scope["query_string"].split(b"&"):
                where = self.prefix or "/"
                cookie = f"lang={lang}; Path={where}; Max-Age=31536000; SameSite=Lax; HttpOnly"
                found.append((b"set-cookie", cookie.encode()))
        return found

    def complete(self, message: Any, given: Given) -> None:
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
        given: Given,
        send: Send,
        error: RefusedError,
        extra: tuple[tuple[str, str], ...] = (),
    ) -> None:
        """Send one line that says why not."""
        asked = self.asked({**scope, "path_params": {}}, given)
        answer = problem(asked, error.status, str(error), extra)
        self.site.count(f"refused_{error.status}")
        await self.send(Prepared(answer, self.safety), scope, {}, send)


class Sending(Response):
    """Hands a prepared answer through Starlette."""

    def __init__(self, service: Service, prepared: Prepared) -> None:
        self.service = service
        self.prepared = prepared
        self.background = None

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Send it."""
        del receive
        await self.service.send(self.prepared, scope, scope["aggregator.given"], send)
