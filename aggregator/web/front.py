"""The front: checks what every request must have, answers from memory, names what went wrong.

A document that was made since the store last changed is sent again as it is; the newest change
number is looked at once a second at most.
"""

from urllib.parse import urlsplit

from starlette.concurrency import run_in_threadpool
from starlette.exceptions import HTTPException
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from aggregator.errors import AggregatorError, StoreError
from aggregator.web import headers
from aggregator.web.asked import RefusedError
from aggregator.web.inbound import MOST_TARGET, Given, visitor
from aggregator.web.service import Service
from aggregator.web.site import Site

_READING = ("GET", "HEAD")


class Front:
    """Checks what every request must have, answers from memory, adds the headers of safety."""

    def __init__(self, site: Site, service: Service, app: ASGIApp) -> None:
        self.site = site
        self.service = service
        self.app = app
        self.hosts = headers.allowed_hosts(site.config)
        self.prefix = urlsplit(site.config.base_url).path.rstrip("/")

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request."""
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        given: Given = dict(scope["headers"])
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

    def key(self, scope: Scope, given: Given) -> tuple[object, ...]:
        """Return what an answer depends on."""
        return (
            scope.get("raw_path") or scope["path"],
            scope["query_string"],
            given.get(b"host"),
            scope.get("scheme"),
            *visitor(given.get(b"accept"), given.get(b"accept-language"), given.get(b"cookie")),
        )

    async def _slowly(self, scope: Scope, receive: Receive, send: Send, given: Given) -> None:
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
            await self.app(scope, receive, guarded)
        except Exception as error:  # the edge: one line for the client, the rest for the log
            if started:
                raise
            extra = tuple((getattr(error, "headers", None) or {}).items())
            await self.service.refuse(scope, given, send, _as_refusal(error), extra)
            if not isinstance(error, (AggregatorError, HTTPException)):
                raise

    def _refusal(self, scope: Scope, given: Given) -> RefusedError | None:
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


def _as_refusal(error: Exception) -> RefusedError:
    if isinstance(error, RefusedError):
        return error
    if isinstance(error, HTTPException):
        return RefusedError(error.status_code, error.detail)
    if isinstance(error, StoreError):
        return RefusedError(503, "the store does not answer")
    return RefusedError(500, "something went wrong here")
