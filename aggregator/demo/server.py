"""Serves the sample sites on loopback, a port each."""

import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import unquote

from aggregator.demo.sites import SampleSite, sites
from aggregator.types import Source


class SampleWeb:
    """All sample sites on loopback while the context lasts; ``day`` moves them on."""

    def __init__(self) -> None:
        self.day = 1
        self._servers = {site.id: self._serve(site) for site in sites()}

    def _serve(self, site: SampleSite) -> ThreadingHTTPServer:
        web = self

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"
            turn = 0

            def do_GET(self) -> None:
                Handler.turn += 1
                base = web.base(site.id)
                path = unquote(self.path.partition("?utm_")[0])
                answer = site.answer(path, base, web.day, Handler.turn)
                self.send_response(answer.status)
                self.send_header("Content-Type", answer.content_type)
                self.send_header("Content-Length", str(len(answer.body)))
                self.end_headers()
                self.wfile.write(answer.body)

            def log_message(self, *_: Any) -> None:
                """Say nothing."""

        server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        server.daemon_threads = True
        return server

    def base(self, site_id: str) -> str:
        """Return the address of a site, without a slash at its end."""
        return f"http://127.0.0.1:{self._servers[site_id].server_address[1]}"

    def sources(self) -> dict[str, Source]:
        """Return the sources that these sites are."""
        return {site.id: site.source(self.base(site.id)) for site in sites()}

    def __enter__(self) -> "SampleWeb":
        for server in self._servers.values():
            threading.Thread(target=server.serve_forever, args=(0.05,), daemon=True).start()
        return self

    def __exit__(self, *_: object) -> None:
        for server in self._servers.values():
            server.shutdown()
            server.server_close()
