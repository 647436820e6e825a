"""Which addresses are let through, asked about the address of the socket itself."""

import asyncio
import datetime as dt
import ipaddress
import socket
import ssl
from pathlib import Path
from typing import Any

import pytest
from aiohttp.abc import AbstractResolver, ResolveResult
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID
from hypothesis import given
from hypothesis import strategies as st

from aggregator.config import Config
from aggregator.crawl.address_guard import is_allowed, refusal
from aggregator.crawl.transport import Transport
from aggregator.errors import FetchError
from tests.crawl_support import reply, serve

_TABLE = (Path(__file__).parent / "data/crawl/addresses.tsv").read_text("utf-8").splitlines()
ADDRESSES = [line.split("\t") for line in _TABLE if not line.startswith("#")]
REFUSED = [address for address, verdict in ADDRESSES if verdict == "refused"]
ALLOWED = [address for address, verdict in ADDRESSES if verdict == "allowed"]


@pytest.mark.parametrize("address", REFUSED)
def test_special_addresses_are_refused(address):
    assert refusal(address)


@pytest.mark.parametrize("address", ALLOWED)
def test_public_addresses_are_allowed(address):
    assert is_allowed(address)


@pytest.mark.parametrize(
    "text", ["", "localhost", "127.1", "2130706433", "0x7f000001", "0177.0.0.1", "1.2.3.4.5", "::g"]
)
def test_what_is_no_address_is_refused(text):
    assert refusal(text) == "no IP address"


def test_allowed_networks_pass_and_only_as_they_are_written():
    loopback = (ipaddress.ip_network("127.0.0.0/8"),)
    assert is_allowed("127.1.2.3", loopback)
    assert not is_allowed("10.0.0.1", loopback)
    assert not is_allowed("::1", loopback)
    assert not is_allowed("::ffff:127.0.0.1", loopback)
    assert is_allowed("::ffff:127.0.0.1", (ipaddress.ip_network("::ffff:127.0.0.0/104"),))
    assert is_allowed("64:ff9b::808:808", (ipaddress.ip_network("64:ff9b::/96"),))


@given(st.ip_addresses())
def test_nothing_that_python_calls_private_is_allowed(address):
    if is_allowed(address):
        assert address.is_global
        assert not address.is_multicast
        assert not address.is_reserved


@given(st.ip_addresses(v=4))
def test_no_clothing_of_an_address_gets_it_through(address):
    number = int(address)
    for dressed in (
        ipaddress.IPv6Address(number),
        ipaddress.IPv6Address(0xFFFF << 32 | number),
        ipaddress.IPv6Address((0x64FF9B << 96) | number),
        ipaddress.IPv6Address((0x2002 << 112) | (number << 80) | 1),
        ipaddress.IPv6Address((0x20010000 << 96) | (number ^ 0xFFFFFFFF)),
    ):
        assert not is_allowed(dressed)


# ------------------------------------------------------------------ at the socket


class Names(AbstractResolver):
    """Answers with the given addresses, one list after the other."""

    def __init__(self, *answers: list[str]) -> None:
        self.answers = list(answers)
        self.asked: list[str] = []

    async def resolve(self, host: str, port: int = 0, family: Any = 0) -> list[ResolveResult]:
        self.asked.append(host)
        answer = self.answers.pop(0) if len(self.answers) > 1 else self.answers[0]
        return [
            ResolveResult(
                hostname=host,
                host=address,
                port=port,
                family=socket.AF_INET6 if ":" in address else socket.AF_INET,
                proto=0,
                flags=socket.AI_NUMERICHOST,
            )
            for address in answer
        ]

    async def close(self) -> None: ...


def fetch(url: str, config: Config, **options: Any) -> Any:
    async def main() -> Any:
        transport = Transport(config, **options)
        try:
            return await transport.request(url)
        finally:
            await transport.close()

    return asyncio.run(main())


def only(*networks: str, **values: Any) -> Config:
    return Config(allow_networks=tuple(map(ipaddress.ip_network, networks)), timeout_s=3, **values)


@pytest.mark.parametrize(
    "answer",
    [["127.0.0.1"], ["127.0.0.1", "127.0.0.2"], ["::1", "127.0.0.1"], ["::ffff:127.0.0.1"]],
)
def test_a_name_that_leads_inside_is_refused(answer):
    with serve({"/": reply(b"secret")}) as site:
        with pytest.raises(FetchError) as caught:
            fetch(f"http://news.test:{site.port}/", Config(timeout_s=3), resolver=Names(answer))
        assert caught.value.kind == "blocked_address"
        assert site.connections == 0


def test_of_several_addresses_only_allowed_ones_are_connected_to():
    with serve({"/": reply(b"secret")}) as inside:
        config = only("127.0.0.2/32")
        names = Names(["127.0.0.1", "127.0.0.2"])
        with pytest.raises(FetchError):  # nobody listens at 127.0.0.2
            fetch(f"http://news.test:{inside.port}/", config, resolver=names)
        assert inside.connections == 0


def test_a_name_that_changes_its_mind_is_asked_about_again_at_the_socket():
    """Rebinding: the first answer is fine, the next one leads inside."""

    async def main(port: int) -> list[str]:
        kinds = []
        transport = Transport(only("127.0.0.2/32"), resolver=Names(["127.0.0.2"], ["127.0.0.1"]))
        for _ in range(2):
            try:
                await transport.request(f"http://news.test:{port}/")
            except FetchError as error:
                kinds.append(error.kind)
            transport._session.connector.clear_dns_cache()  # as if its time to live were over
        await transport.close()
        return kinds

    with serve({"/": reply(b"secret")}) as site:
        assert asyncio.run(main(site.port)) == ["refused", "blocked_address"]
        assert site.connections == 0


def test_a_proxy_is_trusted_but_not_with_addresses_of_the_inside():
    with serve() as proxy:
        proxy.pages = {"http://news.test/": reply(b"by proxy")}
        config = Config(proxy=proxy.url, timeout_s=3)
        assert fetch("http://news.test/", config).body == b"by proxy"
        with pytest.raises(FetchError) as caught:
            fetch("http://169.254.169.254/latest/meta-data/", config)
        assert caught.value.kind == "blocked_address"
        assert len(proxy.asked) == 1
    with pytest.raises(FetchError) as caught:
        fetch("http://news.test/", config)
    assert caught.value.kind == "proxy"


# ------------------------------------------------------------------ TLS


def certificate(folder, names, *, days=10, issuer=None):
    """Write key and certificate; return (path, certificate, key)."""
    key = ec.generate_private_key(ec.SECP256R1())
    subject = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, names[0])])
    now = dt.datetime.now(dt.UTC)
    sans = [
        x509.IPAddress(ipaddress.ip_address(name)) if name[0].isdigit() else x509.DNSName(name)
        for name in names
    ]
    signer, signer_key = issuer or (None, key)
    built = (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(signer.subject if signer else subject)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - dt.timedelta(days=20))
        .not_valid_after(now + dt.timedelta(days=days))
        .add_extension(x509.SubjectAlternativeName(sans), critical=False)
        .add_extension(x509.BasicConstraints(ca=issuer is None, path_length=None), critical=True)
        .sign(signer_key, hashes.SHA256())
    )
    path = folder / f"{names[0]}{days}.pem"
    path.write_bytes(
        key.private_bytes(
            serialization.Encoding.PEM,
            serialization.PrivateFormat.PKCS8,
            serialization.NoEncryption(),
        )
        + built.public_bytes(serialization.Encoding.PEM)
    )
    return path, built, key


@pytest.mark.parametrize(
    ("names", "days", "trusted", "kind"),
    [
        (["127.0.0.1"], 10, True, None),
        (["127.0.0.1"], 10, False, "tls"),
        (["other.test"], 10, True, "tls"),
        (["127.0.0.1"], -10, True, "tls"),
    ],
)
def test_certificates_are_verified(tmp_path, names, days, trusted, kind):
    authority, made, key = certificate(tmp_path, ["authority.test"])
    path, _, _ = certificate(tmp_path, names, days=days, issuer=(made, key))
    server = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    server.load_cert_chain(path)
    client = ssl.create_default_context()
    if trusted:
        client.load_verify_locations(authority)
    with serve({"/": reply(b"x")}, ssl_context=server) as site:
        url = f"https://127.0.0.1:{site.port}/"
        if kind is None:
            answer = fetch(url, only("127.0.0.0/8"), tls=client)
            assert answer.body == b"x"
            assert answer.certificate
        else:
            with pytest.raises(FetchError) as caught:
                fetch(url, only("127.0.0.0/8"), tls=client)
            assert caught.value.kind == kind
            assert site.asked == []


def test_plain_http_behind_https_is_named():
    with serve({"/": reply(b"x")}) as site, pytest.raises(FetchError) as caught:
        fetch(f"https://127.0.0.1:{site.port}/", only("127.0.0.0/8"))
    assert caught.value.kind in {"tls", "reset", "timeout"}


@pytest.mark.parametrize(
    "url", ["ftp://a.test/", "file:///etc/passwd", "javascript:1", "//a.test/", "a", ""]
)
def test_only_http_and_https(url):
    with pytest.raises(FetchError) as caught:
        fetch(url, Config())
    assert caught.value.kind == "scheme"


@pytest.mark.parametrize(
    "url",
    [
        "http://",
        "http:///x",
        "http://a.test:99999/",
        "http://[::1/",
        "http://2130706433/",
        "http://127.1/",
    ],
)
def test_unusable_addresses_are_named(url):
    with pytest.raises(FetchError) as caught:
        fetch(url, only("127.0.0.0/8"))
    assert caught.value.kind == "bad_url"


@pytest.mark.parametrize(
    "host", ["localhost", "0x7f.1", "017700000001", "127.0.0.1.", "localhost."]
)
def test_every_spelling_of_loopback_is_refused(host):
    with serve({"/": reply(b"secret")}) as site:
        with pytest.raises(FetchError) as caught:
            fetch(f"http://{host}:{site.port}/", Config(timeout_s=3))
        assert caught.value.kind in {"blocked_address", "dns", "bad_url"}
        assert site.connections == 0
