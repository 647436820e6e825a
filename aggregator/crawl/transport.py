"""One guarded way out: every byte that comes from the net to us comes through here.

A :class:`Transport` makes single HTTP(S) requests, follows nothing, keeps connections open, and
holds these promises: it connects only to addresses that the guard lets through, asked for the very
address of the socket; only http and https; certificates are verified; one clock runs over name
lookup, connection, header and body; bodies are counted after decompression; headers are bounded.
Whatever goes wrong is a :class:`FetchError` whose ``kind`` is a word of :mod:`aggregator.faults`.
Knows nothing of Scrapy, robots.txt or delays.
"""

import asyncio
import errno
import socket
import ssl
from collections.abc import Iterable, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from functools import cache
from typing import Any, Final, TypeVar

import aiohttp
import yarl
from aiohttp.abc import AbstractResolver, ResolveResult

from aggregator.config import Config
from aggregator.crawl.address_guard import parse, refusal
from aggregator.crawl.decoding import Body
from aggregator.errors import FetchError
from aggregator.faults import fault

#: Name lookups block a thread each, and a dead name blocks it for long; the loop's own pool is
#: small (4 threads in uvloop), so that a few dead names would hold up all others.
_DNS_THREADS: Final = 32
_DNS_CACHE_S: Final = 300
_DNS_CACHE_NAMES: Final = 10_000
#: Longest wait for one connection, so that one dead address of several does not eat all the time.
_CONNECT_S: Final = 10.0
_MAX_HEADER_BYTES: Final = 16_384  # one header; some policies of news sites go beyond 8 KiB
_MAX_HEADERS: Final = 200
_KEEP_ALIVE_S: Final = 75.0
_UNREACHABLE: Final = frozenset(
    {errno.ENETUNREACH, errno.EHOSTUNREACH, errno.ENETDOWN, errno.EHOSTDOWN, errno.EADDRNOTAVAIL}
)
_E = TypeVar("_E", bound=BaseException)
_SKIP_AUTO: Final = ("Accept", "Accept-Encoding", "Content-Type", "User-Agent")


@dataclass(frozen=True, slots=True, kw_only=True)
class Reply:
    """An answer, whatever its status.

    Attributes:
        headers: in order, as sent, with Content-Encoding and Content-Length as on the wire.
        body: decompressed; ``is_cut`` if it was longer and a part was asked for.
        address: the address that was connected to; None behind a proxy.
        wire_bytes: size of the body on the wire.
        certificate: DER form, None for http.
    """

    url: str
    status: int
    headers: tuple[tuple[bytes, bytes], ...]
    body: bytes
    is_cut: bool
    address: str | None
    wire_bytes: int
    protocol: str
    certificate: bytes | None


class _RefusedError(OSError):
    """The guard's no, in the only form that the connector passes on."""

    #: Survives where the connector makes one error out of several; connect() never gives it.
    number: Final = errno.EILSEQ

    def __init__(self, address: str, reason: str) -> None:
        super().__init__(self.number, f"{address} is {reason}")


class _Resolver(AbstractResolver):
    """Name lookup by the system, in threads of its own."""

    def __init__(self) -> None:
        self._pool = ThreadPoolExecutor(_DNS_THREADS, thread_name_prefix="dns")

    async def resolve(
        self, host: str, port: int = 0, family: socket.AddressFamily = socket.AF_UNSPEC
    ) -> list[ResolveResult]:
        loop = asyncio.get_running_loop()
        found = await loop.run_in_executor(self._pool, _look_up, host, port, family)
        return [
            ResolveResult(
                hostname=host,
                host=str(address[0]),
                port=port,
                family=each,
                proto=proto,
                flags=socket.AI_NUMERICHOST | socket.AI_NUMERICSERV,
            )
            for each, _, proto, _, address in found
            if each in {socket.AF_INET, socket.AF_INET6}
        ]

    async def close(self) -> None:
        self._pool.shutdown(wait=False, cancel_futures=True)


@cache
def _verifying() -> ssl.SSLContext:
    """Return what verifies certificates; making it takes 40 ms, which feeds by http do without."""
    context = ssl.create_default_context()
    context.set_alpn_protocols(["http/1.1"])
    return context


def _look_up(host: str, port: int, family: socket.AddressFamily) -> list[Any]:
    try:
        return socket.getaddrinfo(
            host, port, type=socket.SOCK_STREAM, family=family, flags=socket.AI_ADDRCONFIG
        )
    except UnicodeError as error:  # labels too long or empty
        raise OSError(None, str(error)) from error


class _Response(aiohttp.ClientResponse):
    """Keeps what the connection says, which is lost once a short answer has been read."""

    peer: str | None = None
    certificate: bytes | None = None

    async def start(self, connection: Any) -> aiohttp.ClientResponse:
        transport = connection.transport
        if transport is not None:
            peername = transport.get_extra_info("peername")
            self.peer = peername[0] if peername else None
            tls = transport.get_extra_info("ssl_object")
            self.certificate = tls.getpeercert(binary_form=True) if tls is not None else None
        return await super().start(connection)


class Transport:
    """Makes requests; open it once for many, close it at the end.

    Args:
        config: limits, allowed networks, proxy. With a proxy, the proxy is trusted to keep us from
            names of inner hosts; addresses written into a URL are still checked here.
        resolver: asks for names; tests give their own.
        tls: how to trust certificates; None: those that the system trusts.
    """

    def __init__(
        self,
        config: Config,
        *,
        resolver: AbstractResolver | None = None,
        tls: ssl.SSLContext | None = None,
    ) -> None:
        self._config = config
        self._resolver = resolver
        self._tls = tls
        self._session: aiohttp.ClientSession | None = None
        self._running: set[asyncio.Task[Any]] = set()

    async def request(
        self,
        url: str,
        *,
        method: str = "GET",
        headers: Iterable[tuple[bytes, bytes]] | Mapping[str, str] = (),
        data: bytes | None = None,
        timeout_s: float | None = None,
        max_body_bytes: int | None = None,
        cut: bool = False,
    ) -> Reply:
        """Return the answer to one request.

        Args:
            url: absolute, quoted as it is to be sent.
            method: GET, HEAD or POST.
            headers: all that are sent, beside Host and those of the body.
            data: the body to send.
            timeout_s: for everything from the lookup of the name to the last byte.
            max_body_bytes: most bytes after decompression.
            cut: return the first ``max_body_bytes`` of a longer body instead of raising.

        Raises:
            FetchError: see :mod:`aggregator.faults`.
        """
        limit_s = self._config.timeout_s if timeout_s is None else timeout_s
        most = self._config.max_body_bytes if max_body_bytes is None else max_body_bytes
        task = asyncio.current_task()
        assert task is not None  # noqa: S101 - a coroutine of asyncio always runs in one
        self._running.add(task)
        try:
            async with asyncio.timeout(limit_s):
                return await self._request(url, method, headers, data, most, cut)
        except FetchError:
            raise
        except TimeoutError as error:
            raise fault("timeout", url, f"after {limit_s:g} s") from error
        except asyncio.CancelledError:
            if task in self._running:
                raise
            task.uncancel()  # it was abandon() that cancelled, and this answers it
            raise fault("stopped", url) from None
        except Exception as error:
            raise _translate(error, url) from error
        finally:
            self._running.discard(task)

    def abandon(self) -> None:
        """End all requests that are under way with a fault ``stopped``."""
        running, self._running = self._running, set()
        for task in running:
            task.cancel()

    async def close(self) -> None:
        """Close all connections."""
        session, self._session = self._session, None
        if session is not None:
            await session.close()
        if self._resolver is not None:
            await self._resolver.close()

    async def _request(
        self, url: str, method: str, headers: Any, data: bytes | None, most: int, cut: bool
    ) -> Reply:
        target = self._target(url)
        if isinstance(headers, Mapping):
            pairs = list(headers.items())
        else:
            pairs = [(name.decode("latin-1"), value.decode("latin-1")) for name, value in headers]
        session = self._session or self._open()
        async with session.request(
            method,
            target,
            headers=pairs,
            data=data,
            allow_redirects=False,
            proxy=self._config.proxy or None,
            ssl=self._trust() if self._config.proxy or target.scheme == "https" else True,
        ) as response:
            encoding = ",".join(response.headers.getall("Content-Encoding", ()))
            length = response.content_length
            if length is not None and length > most and not cut and method != "HEAD":
                response.close()
                raise fault("too_large", url, f"{length} bytes announced")
            body = Body(url, encoding, most, self._config.max_ratio, cut=cut)
            try:
                async for chunk in response.content.iter_any():
                    body.feed(chunk)
                    if body.is_cut:
                        response.close()
                        break
            except FetchError:
                response.close()  # the rest is not read, so the connection is of no use
                raise
            return _reply(response, url, body, bool(self._config.proxy))

    def _target(self, url: str) -> yarl.URL:
        scheme = url.partition(":")[0].lower()
        if scheme not in {"http", "https"}:
            raise fault("scheme", url)
        try:
            # As written: quoting was settled where the address was made, and must not change here.
            target = yarl.URL(url, encoded=True)
            has_port = target.port is not None
        except (ValueError, UnicodeError) as error:
            raise fault("bad_url", url, error) from error
        if not target.raw_host or not has_port:
            raise fault("bad_url", url, "no host")
        if self._config.proxy and parse(target.raw_host) is not None:
            reason = refusal(target.raw_host, self._config.allow_networks)
            if reason is not None:
                raise fault("blocked_address", url, f"{target.raw_host} is {reason}")
        return target

    def _open(self) -> aiohttp.ClientSession:
        if self._resolver is None:
            self._resolver = _Resolver()
        connector = aiohttp.TCPConnector(
            resolver=self._resolver,
            ttl_dns_cache=_DNS_CACHE_S,
            dns_cache_max_size=_DNS_CACHE_NAMES,
            limit=0,  # whoever calls says how many at once
            keepalive_timeout=_KEEP_ALIVE_S,
            socket_factory=None if self._config.proxy else self._socket,
        )
        self._session = aiohttp.ClientSession(
            connector=connector,
            cookie_jar=aiohttp.DummyCookieJar(),
            auto_decompress=False,
            response_class=_Response,
            skip_auto_headers=_SKIP_AUTO,
            timeout=aiohttp.ClientTimeout(total=None, sock_connect=_CONNECT_S),
            max_line_size=_MAX_HEADER_BYTES,
            max_field_size=_MAX_HEADER_BYTES,
            max_headers=_MAX_HEADERS,
            trust_env=False,
        )
        return self._session

    def _trust(self) -> ssl.SSLContext:
        return self._tls or _verifying()

    def _socket(self, info: Any) -> socket.socket:
        """Make the socket for an address that is about to be connected to, or refuse to."""
        family, kind, proto, _, address = info
        reason = refusal(str(address[0]), self._config.allow_networks)
        if reason is not None:
            raise _RefusedError(str(address[0]), reason)
        return socket.socket(family, kind, proto)


def _reply(response: aiohttp.ClientResponse, url: str, body: Body, by_proxy: bool) -> Reply:
    version = response.version
    peer = getattr(response, "peer", None)
    return Reply(
        url=url,
        status=response.status,
        headers=response.raw_headers,
        body=body.finish(),
        is_cut=body.is_cut,
        address=None if by_proxy else peer,
        wire_bytes=body.wire_bytes,
        protocol=f"HTTP/{version.major}.{version.minor}" if version else "HTTP/1.1",
        certificate=getattr(response, "certificate", None),
    )


def _translate(error: Exception, url: str) -> FetchError:
    """Return our error for one of aiohttp's or the system's."""
    match error:
        case aiohttp.InvalidURL() | aiohttp.NonHttpUrlClientError() | UnicodeError():
            kind = "bad_url"
        case aiohttp.ClientConnectorDNSError():
            kind = "dns"
        case aiohttp.ClientConnectorCertificateError() | aiohttp.ClientConnectorSSLError():
            kind = "tls"
        case aiohttp.ClientProxyConnectionError() | aiohttp.ClientHttpProxyError():
            kind = "proxy"
        case aiohttp.ClientConnectorError():
            return _connect_fault(error.os_error, url)
        case aiohttp.ServerDisconnectedError() | aiohttp.ClientPayloadError() | OSError():
            return _break_fault(error, url)
        case _:
            kind = "bad_http"
    return fault(kind, url, error)


def _connect_fault(error: OSError, url: str) -> FetchError:
    if error.errno == _RefusedError.number:
        return fault("blocked_address", url, error.strerror)
    if isinstance(error, TimeoutError) or error.errno == errno.ETIMEDOUT:
        return fault("timeout", url, error)
    if isinstance(error, ConnectionResetError):
        return fault("reset", url, error)
    kind = "unreachable" if error.errno in _UNREACHABLE else "refused"
    return fault(kind, url, error)


def _break_fault(error: Exception, url: str) -> FetchError:
    if _find(error, aiohttp.http_exceptions.ContentLengthError) is not None:
        return fault("truncated", url, error)
    if _find(error, aiohttp.http_exceptions.TransferEncodingError) is not None:
        return fault("truncated", url, error)
    if _find(error, ssl.SSLError) is not None:
        return fault("tls", url, error)
    if isinstance(error, aiohttp.ClientPayloadError):
        return fault("truncated", url, error)
    return fault("reset", url, error)


def _find(error: BaseException | None, kind: type[_E]) -> _E | None:
    """Return the first error of a kind in a chain of causes."""
    for _ in range(8):
        if error is None or isinstance(error, kind):
            return error
        error = error.__cause__ or error.__context__
    return None
