"""When people are told that a source is in trouble: once, and once when it is well again.

Pure: decides, and writes an alert as JSON, as a mail and as an entry of an Atom feed of its
own. Alerts are never articles. Sending is :mod:`aggregator.crawl.notify`.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from email.headerregistry import Address
from email.message import EmailMessage
from email.utils import format_datetime
from typing import Any, Final, Literal
from uuid import NAMESPACE_URL, uuid5

import orjson

from aggregator.config import Config
from aggregator.health import Health
from aggregator.safe_xml import attribute, escape, legal_utf8

FEED_LENGTH: Final = 50


@dataclass(frozen=True, slots=True, kw_only=True)
class Alert:
    """What is told.

    Attributes:
        event: ``trouble`` or ``recovered``.
        source: the source's id; ``name`` in its own script.
        state: of :class:`Health`, now.
        since: when the trouble began.
        at: when this was decided.
    """

    event: Literal["trouble", "recovered"]
    source: str
    name: str
    state: str
    why: str
    since: datetime | None
    at: datetime

    @property
    def id(self) -> str:
        """The same whenever it is sent again."""
        at = _rfc3339(self.at)
        return f"urn:uuid:{uuid5(NAMESPACE_URL, f'aggregator/alerts/{self.source}/{at}')}"

    @property
    def title(self) -> str:
        """One line for people."""
        if self.event == "recovered":
            return f"{self.name} ({self.source}): well again"
        return f"{self.name} ({self.source}): {self.state}: {self.why}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Decision:
    """An alert, if there is one to send, and when the last trouble was told (to be stored)."""

    alert: Alert | None
    alerted_at: datetime | None


def decide(
    health: Health,
    *,
    source: str,
    name: str,
    alerted_at: datetime | None,
    now: datetime,
    config: Config,
) -> Decision:
    """Return whether to tell.

    Args:
        health: as judged now.
        source: id.
        name: for people.
        alerted_at: when trouble of this source was told and not yet taken back; None if it is not.
        now: the caller's clock.
        config: ``alert_failures`` failures in a row and ``alert_after_s`` of trouble are needed;
            states that no failure makes (quiet, changed) need the time alone.

    A source that goes from one trouble into another is told once.
    """
    if health.is_well:
        if alerted_at is None or health.state == "unknown":
            return Decision(alert=None, alerted_at=alerted_at)
        alert = _alert("recovered", health, source, name, alerted_at, now)
        return Decision(alert=alert, alerted_at=None)
    lasted = now - (health.since or now)
    often = health.failures == 0 or health.failures >= config.alert_failures
    long = lasted >= timedelta(seconds=config.alert_after_s)
    if alerted_at is not None or not (often and long):
        return Decision(alert=None, alerted_at=alerted_at)
    alert = _alert("trouble", health, source, name, health.since, now)
    return Decision(alert=alert, alerted_at=now)


def _alert(
    event: Literal["trouble", "recovered"],
    health: Health,
    source: str,
    name: str,
    since: datetime | None,
    now: datetime,
) -> Alert:
    return Alert(
        event=event,
        source=source,
        name=name,
        state=health.state,
        why=health.why,
        since=since,
        at=now,
    )


def as_json(alert: Alert) -> bytes:
    """Return the body of a webhook."""
    return orjson.dumps(
        {
            "schema": 1,
            "event": alert.event,
            "source": alert.source,
            "name": alert.name,
            "state": alert.state,
            "why": alert.why,
            "since": _rfc3339(alert.since) if alert.since else None,
            "at": _rfc3339(alert.at),
        }
    )


def as_mail(alert: Alert, *, to: str, sender: str) -> EmailMessage:
    """Return the mail; what came from the net cannot add headers."""
    message = EmailMessage()
    message["Subject"] = " ".join(f"[aggregator] {alert.title}".split())[:200]
    message["From"] = Address("aggregator", addr_spec=sender)
    message["To"] = to
    message["Date"] = format_datetime(alert.at.astimezone(UTC))
    message["Auto-Submitted"] = "auto-generated"
    lines = [alert.title, ""]
    if alert.since:
        lines.append(f"since {_rfc3339(alert.since)}")
    lines += [f"at {_rfc3339(alert.at)}", "", f"aggregator sources check {alert.source}"]
    message.set_content("\n".join(lines))
    return message


def as_feed(alerts: Sequence[Alert], *, self_url: str | None = None) -> bytes:
    """Return an Atom feed (RFC 4287) of the newest alerts, with stable bytes.

    Args:
        alerts: newest first.
        self_url: where it is served.
    """
    shown = alerts[:FEED_LENGTH]
    updated = shown[0].at if shown else datetime(1970, 1, 1, tzinfo=UTC)
    link = f'<link rel="self" href="{attribute(self_url)}"/>' if self_url else ""
    entries = "".join(map(_entry, shown))
    return legal_utf8(
        '<?xml version="1.0" encoding="utf-8"?>\n'
        '<feed xmlns="http://www.w3.org/2005/Atom"><title>aggregator: alerts</title>'
        f"<id>urn:uuid:{uuid5(NAMESPACE_URL, 'aggregator/alerts')}</id>{link}"
        f"<updated>{_rfc3339(updated)}</updated>"
        f"<author><name>aggregator</name></author>{entries}</feed>\n"
    )


def _entry(alert: Alert) -> str:
    since = f" since {_rfc3339(alert.since)}" if alert.since else ""
    return (
        f"<entry><title>{escape(alert.title)}</title><id>{alert.id}</id>"
        f"<updated>{_rfc3339(alert.at)}</updated>"
        f'<category term="{alert.event}"/><category term="{attribute(alert.state)}"/>'
        f"<summary>{escape(alert.title + since)}</summary>"
        f"<content>{escape(alert.title + since)}</content></entry>"
    )


def _rfc3339(at: datetime) -> str:
    return at.astimezone(UTC).isoformat(timespec="seconds").replace("+00:00", "Z")


def load(data: Mapping[str, Any]) -> Alert:
    """Return the alert that was kept as a JSON object of its fields."""
    since = data["since"]
    return Alert(
        event=data["event"],
        source=data["source"],
        name=data["name"],
        state=data["state"],
        why=data["why"],
        since=datetime.fromisoformat(since) if since else None,
        at=datetime.fromisoformat(data["at"]),
    )
