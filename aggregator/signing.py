"""Signatures: of what we push, of what hubs push to us, and of addresses that only we can make.

Sources: Standard Webhooks 1.0 (``webhook-id``, ``webhook-timestamp``, ``webhook-signature``, the
secret as ``whsec_`` and base64), W3C WebSub §8 (``X-Hub-Signature``), RFC 2104 (HMAC). Everything
is compared in constant time. Pure: secrets and times are given.
"""

import base64
import binascii
import hashlib
import hmac
from collections.abc import Mapping
from typing import Final

ID_HEADER: Final = "webhook-id"
TIMESTAMP_HEADER: Final = "webhook-timestamp"
SIGNATURE_HEADER: Final = "webhook-signature"
SECRET_PREFIX: Final = "whsec_"  # noqa: S105 (a prefix, no secret)
#: Shortest key, in bytes: half of what the hash could use.
LEAST_KEY: Final = 16
#: Seconds by which the clocks of sender and receiver may differ.
TOLERANCE_S: Final = 300
_HUB_METHODS: Final = frozenset({"sha1", "sha256", "sha384", "sha512"})
#: Bytes of the signature in an address: 128 bits cannot be guessed.
_SHORT: Final = 16


def secret_of(key: bytes) -> str:
    """Return a key as receivers write it down.

    >>> secret_of(bytes(16))
    'whsec_AAAAAAAAAAAAAAAAAAAAAA=='
    """
    return SECRET_PREFIX + base64.b64encode(key).decode("ascii")


def key_of(secret: str) -> bytes:
    """Return the key of a secret: decoded after ``whsec_``, else its letters as they are.

    Raises:
        ValueError: it is too short, or no base64 where it should be.
    """
    if secret.startswith(SECRET_PREFIX):
        try:
            key = base64.b64decode(secret.removeprefix(SECRET_PREFIX), validate=True)
        except binascii.Error as error:
            raise ValueError("no base64 after whsec_") from error
    else:
        key = secret.encode("utf-8")
    if len(key) < LEAST_KEY:
        raise ValueError(f"at least {LEAST_KEY} bytes are needed")
    return key


def webhook_headers(body: bytes, secret: str, message_id: str, timestamp: int) -> dict[str, str]:
    """Return the three headers of a message; the time is signed, so that it cannot be replayed."""
    return {
        ID_HEADER: message_id,
        TIMESTAMP_HEADER: str(timestamp),
        SIGNATURE_HEADER: "v1," + _webhook_signature(body, secret, message_id, str(timestamp)),
    }


def _webhook_signature(body: bytes, secret: str, message_id: str, timestamp: str) -> str:
    signed = f"{message_id}.{timestamp}.".encode() + body
    digest = hmac.new(key_of(secret), signed, hashlib.sha256).digest()
    return base64.b64encode(digest).decode("ascii")


def is_webhook(body: bytes, secret: str, headers: Mapping[str, str], now_s: float) -> bool:
    """Return whether a message is ours and fresh; for receivers written in Python.

    Args:
        body: as it came, not decoded and written again.
        secret: what the hook was added with.
        headers: with names in lower case.
        now_s: the receiver's clock, seconds since 1970.
    """
    timestamp = headers.get(TIMESTAMP_HEADER, "")
    if not (timestamp.isascii() and timestamp.isdigit() and len(timestamp) <= 12):
        return False
    if abs(now_s - int(timestamp)) > TOLERANCE_S:
        return False
    wanted = _webhook_signature(body, secret, headers.get(ID_HEADER, ""), timestamp).encode()
    given = headers.get(SIGNATURE_HEADER, "").split(" ")
    found = [each.removeprefix("v1,") for each in given if each.startswith("v1,")]
    return any(hmac.compare_digest(each.encode("utf-8", "replace"), wanted) for each in found)


def is_from_hub(body: bytes, secret: str, header: str | None) -> bool:
    """Return whether an ``X-Hub-Signature`` fits: sha1, sha256, sha384 or sha512, in hex."""
    method, _, given = (header or "").strip().partition("=")
    if method.lower() not in _HUB_METHODS:
        return False
    wanted = hmac.new(secret.encode(), body, method.lower()).hexdigest()
    return hmac.compare_digest(given.strip().lower().encode("utf-8", "replace"), wanted.encode())


def address_signature(address: str, key: bytes) -> str:
    """Return what proves that we made an address, short enough for a query."""
    digest = hmac.new(key, address.encode("utf-8", "surrogatepass"), hashlib.sha256).digest()
    return base64.urlsafe_b64encode(digest[:_SHORT]).decode("ascii").rstrip("=")


def is_our_address(address: str, signature: str, key: bytes) -> bool:
    """Return whether we signed an address."""
    wanted = address_signature(address, key).encode()
    return hmac.compare_digest(signature.encode("utf-8", "replace"), wanted)
