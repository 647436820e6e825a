"""Signatures: what fits, what does not, whatever is sent."""

import base64
import hashlib
import hmac

import pytest
from hypothesis import given
from hypothesis import strategies as st

from aggregator import signing

SECRET = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"  # noqa: S105 (of the specification)
BODY = b'{"test": 2432232314}'
AT = 1614265330


def test_the_example_of_the_specification() -> None:
    made = signing.webhook_headers(BODY, SECRET, "msg_p5jXN8AQM9LWM0D4loKWxJek", AT)
    assert made["webhook-signature"] == "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE="
    assert signing.is_webhook(BODY, SECRET, made, AT + 10)


def test_a_message_with_anything_changed_is_not_ours() -> None:
    made = signing.webhook_headers(BODY, SECRET, "msg_1", AT)
    assert signing.is_webhook(BODY, SECRET, made, AT)
    assert not signing.is_webhook(BODY + b" ", SECRET, made, AT)
    assert not signing.is_webhook(BODY, SECRET + "BBBB", made, AT)
    assert not signing.is_webhook(BODY, SECRET, made | {"webhook-id": "msg_2"}, AT)
    assert not signing.is_webhook(BODY, SECRET, made | {"webhook-timestamp": str(AT + 1)}, AT)
    assert not signing.is_webhook(BODY, SECRET, made, AT + 301)
    assert not signing.is_webhook(BODY, SECRET, made, AT - 301)


def test_one_of_several_signatures_is_enough_while_a_secret_is_changed() -> None:
    made = signing.webhook_headers(BODY, SECRET, "msg_1", AT)
    both = made | {"webhook-signature": "v1,AAAA v2,x " + made["webhook-signature"]}
    assert signing.is_webhook(BODY, SECRET, both, AT)


@pytest.mark.parametrize(
    "secret", ["", "short", "whsec_", "whsec_AAAA", "whsec_not base64 at all!"]
)
def test_weak_secrets_are_refused(secret: str) -> None:
    with pytest.raises(ValueError, match=r"bytes|base64"):
        signing.key_of(secret)


def test_a_secret_without_prefix_is_taken_as_it_stands() -> None:
    assert signing.key_of("كلمة سر طويلة بما يكفي") == "كلمة سر طويلة بما يكفي".encode()
    key = base64.b64decode(signing.secret_of(bytes(range(32))).removeprefix("whsec_"))
    assert key == bytes(range(32))


@pytest.mark.parametrize("method", ["sha1", "sha256", "sha384", "sha512"])
def test_what_a_hub_signed_is_taken(method: str) -> None:
    good = hmac.new(b"secret", BODY, getattr(hashlib, method)).hexdigest()
    assert signing.is_from_hub(BODY, "secret", f"{method}={good}")
    assert signing.is_from_hub(BODY, "secret", f"{method.upper()}={good.upper()}")
    assert not signing.is_from_hub(BODY + b"x", "secret", f"{method}={good}")
    assert not signing.is_from_hub(BODY, "other", f"{method}={good}")


@pytest.mark.parametrize(
    "header", [None, "", "sha256", "sha256=", "md5=ab", "=", "sha1=é", "x=y=z"]
)
def test_what_nobody_signed_is_not_taken(header: str | None) -> None:
    assert not signing.is_from_hub(BODY, "secret", header)


@given(st.binary(max_size=50), st.text(max_size=80), st.text(max_size=80))
def test_no_header_breaks_the_check(body: bytes, first: str, second: str) -> None:
    assert not signing.is_from_hub(body, "secret", first)
    given_ = {"webhook-id": first, "webhook-timestamp": second, "webhook-signature": f"v1,{first}"}
    assert not signing.is_webhook(body, SECRET, given_, AT)
    assert not signing.is_our_address(first, second, bytes(32))


@given(st.text(max_size=100), st.text(max_size=100))
def test_an_address_is_signed_for_itself_alone(one: str, other: str) -> None:
    key = b"k" * 32
    made = signing.address_signature(one, key)
    assert signing.is_our_address(one, made, key)
    assert signing.is_our_address(other, made, key) == (one == other)
    assert not signing.is_our_address(one, made, b"other" * 7)
