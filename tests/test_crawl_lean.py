"""A command's crawl imports Scrapy and aiohttp without what it never uses, and loses nothing."""

import os
import subprocess
import sys

import pytest

BEGIN = "from aggregator.crawl import lean; lean.import_all(); import sys;"
CASES = {
    "Twisted's TLS, JMESPath and charsets by guess are not imported": (
        "print({'OpenSSL', 'cryptography', 'jmespath', 'charset_normalizer'} & set(sys.modules))",
        "set()",
    ),
    "the crawl can be imported after it": (
        "import aggregator.crawl.run, spiders.news; print('scrapy.crawler' in sys.modules)",
        "True",
    ),
    "Scrapy's versions are told when somebody asks": (
        (
            "from scrapy.utils.versions import get_versions;"
            "print('OpenSSL' in dict(get_versions(['pyOpenSSL']))['pyOpenSSL'])"
        ),
        "True",
    ),
    "Twisted's TLS comes where it is asked for": (
        "from twisted.internet.ssl import CertificateOptions; print(CertificateOptions.__name__)",
        "OpenSSLCertificateOptions",
    ),
    "a page that names no charset is still read": (
        (
            "from scrapy.http import HtmlResponse; body = (chr(0x642) * 50).encode();"
            "print(chr(0x642) in HtmlResponse('http://a/', body=body).text)"
        ),
        "True",
    ),
    "the words of a status come when they are asked for": (
        (
            "from scrapy.utils.response import response_status_message as words;"
            "print('twisted.web.http' in sys.modules, words(404))"
        ),
        "False 404 Not Found",
    ),
    "a log can still be configured": (
        "from scrapy.utils.log import configure_logging; configure_logging(); print('done')",
        "done",
    ),
    "selectors still read JSON": (
        "import parsel; print(parsel.Selector(text='{\"a\": 1}', type='json').jmespath('a').get())",
        "1",
    ),
    "what stood in is gone": (
        "import jmespath, charset_normalizer; print(jmespath.__file__[-3:])",
        ".py",
    ),
    "the environment is as it was": (
        "import os; print(os.environ['SSL_CERT_FILE'], 'SSL_CERT_DIR' in os.environ)",
        "/some/file False",
    ),
    "aiohttp's own contexts trust nobody": (
        (
            "from aiohttp import connector;"
            "print(connector._SSL_CONTEXT_VERIFIED.cert_store_stats()['x509_ca'])"
        ),
        "0",
    ),
    "Twisted does without its TLS": (
        "import twisted.internet.tcp as tcp; print(hasattr(tcp.Connection, 'startTLS'))",
        "False",
    ),
}


@pytest.mark.parametrize("name", CASES)
def test_nothing_is_lost(name: str) -> None:
    lines, expected = CASES[name]
    assert _said(BEGIN + lines) == expected


def test_who_has_imported_scrapy_already_keeps_all_of_it() -> None:
    lines = "import twisted.internet.tcp as tcp; print(hasattr(tcp.Connection, 'startTLS'))"
    assert _said(f"import scrapy; {BEGIN} {lines}") == "True"


def _said(script: str) -> str:
    env = {**os.environ, "SSL_CERT_FILE": "/some/file"}
    env.pop("SSL_CERT_DIR", None)
    done = subprocess.run(
        [sys.executable, "-c", script],
        capture_output=True,
        text=True,
        check=True,
        timeout=60,
        env=env,
    )
    return done.stdout.strip()
