"""Who calls: sign-in with a name and a token, the header that follows, the token of changes.

The token stands in a header that no browser sends on its own, so that no page elsewhere can act
for somebody. Apps of the Reader's time send a second token (``T``) with each change: it is checked
where it is given.
"""

import hashlib
import hmac
import time
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from sqlalchemy import Connection
from starlette.exceptions import HTTPException

from aggregator.store import readers
from aggregator.store.readers import Reader
from aggregator.web.answers import Answer
from aggregator.web.limits import Buckets
from aggregator.web.reader_sync.given import Given

#: Wrong tokens of one address in a minute before it has to wait.
FAILURES = 20
TEXT = "text/plain; charset=utf-8"
PRIVATE = "no-store, private"
_SCHEME = "googlelogin auth="


@dataclass
class Gate:
    """Lets in who has a token, and slows down who tries many."""

    failures: Buckets = field(default_factory=lambda: Buckets(FAILURES))

    def sign_in(self, connection: Connection, given: Given, client: str) -> Answer:
        """Answer ``ClientLogin``: the name and the token, in the form that the header wants."""
        name, token = given.text("Email"), given.text("Passwd")
        if self._known(connection, name, token) is None:
            self._failed(client)
            return Answer(
                body=b"Error=BadAuthentication\n", content_type=TEXT, status=401, cache=PRIVATE
            )
        auth = f"{name}/{token}"
        body = f"SID={auth}\nLSID={auth}\nAuth={auth}\n".encode()
        return Answer(body=body, content_type=TEXT, cache=PRIVATE)

    def reader(self, connection: Connection, header: str | None, client: str) -> Reader:
        """Return who calls.

        Raises:
            HTTPException: 401, or 429 after too many wrong ones.
        """
        value = (header or "")[:400].strip()
        if value[: len(_SCHEME)].lower() == _SCHEME:
            name, _, token = value[len(_SCHEME) :].partition("/")
            found = self._known(connection, name, token)
            if found is not None:
                return found
            self._failed(client)
        raise HTTPException(
            401, "sign in: POST /accounts/ClientLogin", {"www-authenticate": "GoogleLogin"}
        )

    def _known(self, connection: Connection, name: str, token: str) -> Reader | None:
        reader = readers.find(connection, name[:60]) if token else None
        expected = reader.token_hash if reader else "-" * 64
        right = hmac.compare_digest(readers.hashed(token), expected)
        return reader if right else None

    def _failed(self, client: str) -> None:
        wait_s = self.failures.wait_s(client, time.monotonic())
        if wait_s:
            raise HTTPException(
                429, "too many wrong tokens", {"retry-after": str(max(1, round(wait_s + 0.5)))}
            )


def change_token(reader: Reader, now: datetime) -> str:
    """Return the token that changes carry; good for a day or two, 57 letters as the Reader's."""
    text = f"change {now:%Y-%m-%d}"
    return hmac.new(reader.token_hash.encode(), text.encode(), hashlib.sha256).hexdigest()[:57]


def check_change_token(reader: Reader, given: str, now: datetime) -> None:
    """Refuse a change whose token is not of today or yesterday; the header alone is enough.

    Raises:
        HTTPException: 401; the app then asks for another one.
    """
    if not given:
        return
    good = (change_token(reader, now - timedelta(days=days)) for days in (0, 1))
    if not any(hmac.compare_digest(given.encode(), each.encode()) for each in good):
        raise HTTPException(401, "token has expired", {"x-reader-google-bad-token": "true"})
