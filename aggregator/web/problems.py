"""Refusals and faults as documents, in the form that was asked for: JSON, text or a page."""

from http import HTTPStatus

from aggregator.web import api
from aggregator.web.answers import HTML, Answer
from aggregator.web.asked import Asked
from aggregator.web.rendering import render
from aggregator.web.texts import table, texts

_FOR_PROGRAMS = ("/metrics", "/reader/", "/accounts/")


def problem(
    asked: Asked, status: int, reason: str, headers: tuple[tuple[str, str], ...] = ()
) -> Answer:
    """Return the answer to a request that failed; the reason is one line.

    Args:
        asked: its path and whether a browser asks decide the form.
        status: 4xx or 5xx.
        reason: shown as it is, escaped.
        headers: further ones, like Retry-After.
    """
    line = " ".join(reason.split())[:500] or HTTPStatus(status).phrase
    if asked.path.startswith("/api/"):
        answer = api.answer({"error": line, "status": status})
        body, kind = answer.body, answer.content_type
    elif asked.html and not asked.path.startswith(_FOR_PROGRAMS):
        heading = f"error_{status}" if f"error_{status}" in table() else "error"
        words = texts(asked.lang)
        body = render("error.html", asked, status=status, reason=line, heading=words(heading))
        kind = HTML
    else:
        body, kind = f"{line}\n".encode("utf-8", "replace"), "text/plain; charset=utf-8"
    return Answer(
        body=body,
        content_type=kind,
        status=status,
        cache="no-store",
        headers=headers,
        vary=("Accept", "Accept-Language", "Cookie"),
    )
