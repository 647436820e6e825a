"""Which address is which call, for GET and for forms."""

from collections.abc import Callable

from sqlalchemy import Connection
from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from aggregator.web import inbound
from aggregator.web.answers import Answer, Prepared
from aggregator.web.asked import RefusedError
from aggregator.web.reader_sync import access, changing_calls, reading_calls
from aggregator.web.reader_sync.access import Gate
from aggregator.web.reader_sync.call import Call
from aggregator.web.reader_sync.given import Given
from aggregator.web.service import Endpoint, Sending, Service

#: Bytes of a form, and how many parameters it may have.
MOST_FORM, MOST_PARAMETERS = 200_000, 3000
#: Where apps look for the interface: at the root, and where FreshRSS has it.
PREFIXES = ("", "/api/greader.php")
Handler = Callable[[Call], Answer]
_API = "/reader/api/0"
_READING: dict[str, Handler] = {
    f"{_API}/user-info": reading_calls.user_info,
    f"{_API}/token": reading_calls.token,
    f"{_API}/tag/list": reading_calls.tags,
    f"{_API}/subscription/list": reading_calls.subscriptions,
    f"{_API}/unread-count": reading_calls.unread_counts,
    f"{_API}/stream/items/ids": reading_calls.item_ids,
    f"{_API}/stream/items/count": reading_calls.item_count,
    f"{_API}/stream/items/contents": reading_calls.items_contents,
    f"{_API}/stream/contents": reading_calls.contents,
    f"{_API}/stream/contents/{{stream:path}}": reading_calls.contents,
    f"{_API}/preference/list": reading_calls.preferences,
    f"{_API}/preference/stream/list": reading_calls.preferences,
    "/reader/atom/{stream:path}": reading_calls.atom,
}
_CHANGING: dict[str, Handler] = {
    f"{_API}/subscription/edit": changing_calls.edit_subscription,
    f"{_API}/subscription/quickadd": changing_calls.quick_add,
    f"{_API}/rename-tag": changing_calls.rename_tag,
    f"{_API}/disable-tag": changing_calls.disable_tag,
    f"{_API}/edit-tag": changing_calls.edit_tag,
    f"{_API}/mark-all-as-read": changing_calls.read_all,
}


def routes(service: Service) -> list[Route]:
    """Return the routes of the interface."""
    gate = Gate()
    found = []
    for prefix in PREFIXES:
        found.append(
            Route(f"{prefix}/accounts/ClientLogin", _sign_in(service, gate), methods=["POST"])
        )
        for path, handler in _READING.items():
            endpoint = _call(service, gate, handler, changes=False)
            found.append(Route(prefix + path, endpoint, methods=["GET", "POST"]))
        for path, handler in _CHANGING.items():
            endpoint = _call(service, gate, handler, changes=True)
            found.append(Route(prefix + path, endpoint, methods=["POST"]))
    return found


def _sign_in(service: Service, gate: Gate) -> Endpoint:
    async def endpoint(request: Request) -> Response:
        service.limit(request)
        given = Given(inbound.parameters(await _form(request)))

        def answer() -> Answer:
            with service.site.store.read() as connection:
                return gate.sign_in(connection, given, _client(request))

        return Sending(service, Prepared(await run_in_threadpool(answer), service.safety))

    return endpoint


def _call(service: Service, gate: Gate, handler: Handler, *, changes: bool) -> Endpoint:
    async def endpoint(request: Request) -> Response:
        service.limit(request)
        raw = request.scope["query_string"]
        if request.method == "POST":
            raw = b"&".join(filter(None, (raw, await _form(request))))
        given = Given(inbound.parameters(raw, MOST_PARAMETERS))
        header, client = request.headers.get("authorization"), _client(request)

        def answer() -> Answer:
            store, site = service.site.store, service.site
            with store.read() as connection:
                reader = gate.reader(connection, header, client)
                call = Call(
                    connection=connection,
                    reader=reader,
                    given=given,
                    sources=site.sources,
                    base=inbound.base(
                        request.scope, request.scope["aggregator.given"], site.config.base_url
                    ),
                    now=site.now(),
                    path=str(request.path_params.get("stream", "")),
                )
                if not changes:
                    return handler(call)
            access.check_change_token(reader, given.text("T"), call.now)
            with store.write() as connection:
                return handler(_through(call, connection))

        made = await run_in_threadpool(answer)
        service.site.count("reader_changes" if changes else "reader_calls")
        return Sending(service, Prepared(made, service.safety))

    return endpoint


def _through(call: Call, connection: Connection) -> Call:
    """Return the same call on another connection."""
    return Call(
        connection=connection,
        reader=call.reader,
        given=call.given,
        sources=call.sources,
        base=call.base,
        now=call.now,
        path=call.path,
    )


def _client(request: Request) -> str:
    return request.client.host if request.client else "?"


async def _form(request: Request) -> bytes:
    """Return the body of a form as it came.

    Raises:
        RefusedError: it is larger than any that means well.
    """
    parts, size = [], 0
    async for part in request.stream():
        size += len(part)
        if size > MOST_FORM:
            raise RefusedError(413, "form is too large", None, f"at most {MOST_FORM} bytes")
        parts.append(part)
    return b"".join(parts)
