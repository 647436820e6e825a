"""Sends alerts: by webhook, signed as all webhooks are and through the same guard, and by mail."""

import asyncio
import contextlib
import logging
import smtplib
import ssl
import threading
import time
from collections.abc import Callable
from typing import Final, Literal
from urllib.parse import unquote, urlsplit

from aggregator import signing
from aggregator.alerts import Alert, as_json, as_mail
from aggregator.config import Config
from aggregator.crawl.headers import user_agent
from aggregator.crawl.transport import Transport
from aggregator.errors import AggregatorError, ConfigError
from aggregator.faults import fault, kind_of_status

log = logging.getLogger(__name__)
Channel = Literal["webhook", "mail"]
_TIMEOUT_S: Final = 20.0
_PORTS: Final = {"smtp": 587, "smtps": 465}


def channels(config: Config) -> tuple[Channel, ...]:
    """Return the ways to people that the configuration names."""
    found: list[Channel] = []
    if config.alert_webhook:
        found.append("webhook")
    if config.alert_mail and config.smtp:
        found.append("mail")
    return tuple(found)


async def send(alert: Alert, channel: Channel, config: Config, transport: Transport) -> None:
    """Send an alert one way.

    Raises:
        AggregatorError: it was not taken.
    """
    if channel == "webhook":
        await send_webhook(alert, config, transport)
    else:
        await _aside(lambda: send_mail(alert, config))


async def _aside(work: Callable[[], None]) -> None:
    """Do what blocks in a thread for which the end of the program does not wait."""
    loop = asyncio.get_running_loop()
    done: asyncio.Future[None] = loop.create_future()

    def settle(error: Exception | None) -> None:
        if not done.done():
            done.set_exception(error) if error else done.set_result(None)

    def run() -> None:
        error: Exception | None = None
        try:
            work()
        except Exception as caught:  # noqa: BLE001 (handed on to who waits)
            error = caught
        with contextlib.suppress(RuntimeError):  # the loop may be closed by now
            loop.call_soon_threadsafe(settle, error)

    threading.Thread(target=run, daemon=True).start()
    await done


async def send_webhook(alert: Alert, config: Config, transport: Transport) -> None:
    """Post an alert as JSON, signed where there is a key; redirects are not followed.

    Raises:
        FetchError: it was not taken.
    """
    body = as_json(alert)
    headers = {
        "Content-Type": "application/json",
        "User-Agent": user_agent(config.contact),
    }
    if config.alert_secret:
        sent = int(time.time())
        headers |= signing.webhook_headers(body, config.alert_secret, alert.id, sent)
    reply = await transport.request(
        config.alert_webhook,
        method="POST",
        headers=headers,
        data=body,
        timeout_s=_TIMEOUT_S,
        max_body_bytes=10_000,
        cut=True,
    )
    kind = kind_of_status(reply.status)
    if kind:
        raise fault(kind, config.alert_webhook, status=reply.status)


def send_mail(alert: Alert, config: Config) -> None:
    """Send an alert by SMTP; blocks.

    TLS is used from the start for ``smtps:``, and for ``smtp:`` if the server offers it; a password
    is never sent without.

    Raises:
        ConfigError: the address of the server is not usable.
        AggregatorError: it was not taken; the password is not part of the message.
    """
    parts = urlsplit(config.smtp)
    if parts.scheme not in _PORTS or not parts.hostname:
        raise ConfigError("setting has no usable value", "smtp", "smtp://user:password@host:port")
    host, port = parts.hostname, parts.port or _PORTS[parts.scheme]
    user = unquote(parts.username or "")
    sender = user if "@" in user else f"aggregator@{host}"
    message = as_mail(alert, to=config.alert_mail, sender=sender)
    tls = ssl.create_default_context()
    try:
        with _connect(parts.scheme, host, port, tls) as server:
            is_secret = parts.scheme == "smtps"
            if not is_secret and server.has_extn("starttls"):
                server.starttls(context=tls)
                is_secret = True
            if user:
                if not is_secret:
                    raise ConfigError("mail server offers no TLS", host, "no password is sent")
                server.login(user, unquote(parts.password or ""))
            server.send_message(message)
    except (OSError, smtplib.SMTPException) as error:
        raise AggregatorError(
            "mail cannot be sent", f"{host}:{port}", type(error).__name__
        ) from None


def _connect(scheme: str, host: str, port: int, tls: ssl.SSLContext) -> smtplib.SMTP:
    if scheme == "smtps":
        return smtplib.SMTP_SSL(host, port, timeout=_TIMEOUT_S, context=tls)
    server = smtplib.SMTP(host, port, timeout=_TIMEOUT_S)
    server.ehlo()
    return server
