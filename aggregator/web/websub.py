"""Where WebSub hubs call us: they confirm what we asked for, and push.

Source: W3C WebSub §5.3 (a challenge is echoed only for what was asked), §6 and §8 (signature). A
push that is not signed by our secret is answered as if it were, and changes nothing. One that is
lets the seed be polled at once; its content is not used.
"""

import asyncio
import logging
from datetime import datetime, timedelta
from typing import Any, Final

from starlette.concurrency import run_in_threadpool
from starlette.requests import ClientDisconnect, Request
from starlette.responses import PlainTextResponse, Response

from aggregator import signing
from aggregator.store import websub
from aggregator.store.websub import Subscription
from aggregator.web.asked import RefusedError
from aggregator.web.service import Service
from aggregator.web.site import Site

log = logging.getLogger(__name__)

#: Seconds for which a hub may confirm what it was asked for, and that a push may take.
ASKED_S: Final = 86_400
BODY_S: Final = 30.0
#: Bounds of leases, in seconds, and what is taken where a hub names none.
LEAST_LEASE_S, MOST_LEASE_S, USUAL_LEASE_S = 60, 365 * 86_400, 10 * 86_400
#: A hub that pushes without end causes no more than a poll in so many seconds.
LEAST_BETWEEN_S: Final = 60.0
DENIED_S: Final = 86_400
_TOKEN: Final = 43
_MOST_CHALLENGE: Final = 1000


async def confirm(service: Service, request: Request) -> Response:
    """Answer a hub that asks whether it was we who asked."""
    token = request.path_params["token"]
    query = service.asked(request.scope, request.scope["aggregator.given"]).query
    mode = query.get("hub.mode", "")
    challenge = query.get("hub.challenge", "")
    accepted = await run_in_threadpool(_confirm, service.site, token, query)
    if not accepted:
        raise RefusedError(404, "nobody asked for this", mode[:20])
    answer = challenge if mode != "denied" else ""
    return PlainTextResponse(answer, headers={"cache-control": "no-store"})


def _confirm(site: Site, token: str, query: Any) -> bool:
    mode, now = query.get("hub.mode", ""), site.now()
    if _find(site, token) is None:  # only reads: a stranger must not hold up writers
        return False
    with site.store.write() as connection:
        found = websub.by_token(connection, token)
        if found is None or query.get("hub.topic") != found.topic:
            return False
        if mode == "denied":
            values = _denied(found, query.get("hub.reason", ""), now)
        elif not _is_awaited(found, mode, now) or not _is_challenge(query.get("hub.challenge")):
            return False
        elif mode == "unsubscribe":
            websub.forget(connection, found.source_id, found.seed_url)
            return True
        else:
            values = _active(query.get("hub.lease_seconds", ""), now)
        websub.save(connection, found.source_id, found.seed_url, values)
    return True


def _is_awaited(found: Subscription, mode: str, now: datetime) -> bool:
    if found.asked is None or found.asked != mode or found.asked_at is None:
        return False
    return timedelta(0) <= now - found.asked_at <= timedelta(seconds=ASKED_S)


def _is_challenge(text: str | None) -> bool:
    return bool(text) and len(text or "") <= _MOST_CHALLENGE


def _active(lease: str, now: datetime) -> dict[str, Any]:
    """Return what is written when a hub has confirmed; it is asked anew in good time."""
    digits = lease.isascii() and lease.isdigit() and len(lease) < 12
    lease_s = min(max(int(lease), LEAST_LEASE_S), MOST_LEASE_S) if digits else USUAL_LEASE_S
    return {
        "state": "active",
        "attempts": 0,
        "reason": None,
        "lease_until": now + timedelta(seconds=lease_s),
        "next_at": now + timedelta(seconds=lease_s * 3 / 4),
    }


def _denied(found: Subscription, reason: str, now: datetime) -> dict[str, Any]:
    log.warning("hub %s of %s: denied", found.hub, found.source_id)
    return {
        "state": "denied",
        "lease_until": None,
        "reason": " ".join(reason.split())[:200] or None,
        "next_at": now + timedelta(seconds=DENIED_S),
    }


async def pushed(service: Service, request: Request) -> Response:
    """Take what a hub pushes."""
    site, token = service.site, request.path_params["token"]
    found = await run_in_threadpool(_find, site, token)
    if found is None or found.state == "leaving":
        raise RefusedError(410, "nobody is subscribed here")
    body = await _body(request, site.config.max_body_bytes)
    if signing.is_from_hub(body, found.secret, request.headers.get("x-hub-signature")):
        site.count("pushed")
        await run_in_threadpool(_due, site, found)
    else:
        site.count("pushed_unsigned")
        log.warning("hub %s of %s: a push that it did not sign", found.hub, found.source_id)
    return Response(status_code=202)


def _find(site: Site, token: str) -> Subscription | None:
    if len(token) != _TOKEN:
        return None
    with site.store.read() as connection:
        return websub.by_token(connection, token)


async def _body(request: Request, most: int) -> bytes:
    """Return the body.

    Raises:
        RefusedError: it is too large, or does not come.
    """
    announced = request.headers.get("content-length", "")
    if announced.isascii() and announced.isdigit() and int(announced[:15]) > most:
        raise RefusedError(413, "content is too large", f"at most {most} bytes")
    pieces: list[bytes] = []
    size = 0
    try:
        async with asyncio.timeout(BODY_S):
            async for piece in request.stream():
                size += len(piece)
                if size > most:
                    raise RefusedError(413, "content is too large", f"at most {most} bytes")
                pieces.append(piece)
    except TimeoutError as error:
        raise RefusedError(408, "content does not come") from error
    except ClientDisconnect as error:
        raise RefusedError(400, "content ended early") from error
    return b"".join(pieces)


def _due(site: Site, found: Subscription) -> None:
    """Let the seed be polled now, or a little later if it was just polled."""
    now = site.now()
    with site.store.write() as connection:
        polled = websub.polled_at(connection, found.source_id, found.seed_url)
        at = now
        if polled is not None and polled <= now:
            pause_s = min(site.config.poll_min_s, LEAST_BETWEEN_S)
            at = max(now, polled + timedelta(seconds=pause_s))
        websub.make_due(connection, found.source_id, found.seed_url, at)
        values = {"pushed_at": now, "pushes": found.pushes + 1}
        websub.save(connection, found.source_id, found.seed_url, values)
