"""The API against its own OpenAPI document: no generated request, good or bad, ends in a 500."""

from collections.abc import Iterator

import pytest
from hypothesis import HealthCheck, settings

from aggregator.web.openapi import document
from tests.web_support import client, filled

schemathesis = pytest.importorskip("schemathesis")
CHECKS = schemathesis.checks
SCHEMA = schemathesis.openapi.from_dict(document("http://127.0.0.1:8000", keys=False))


@pytest.fixture(scope="module")
def web(tmp_path_factory: pytest.TempPathFactory) -> Iterator[object]:
    with filled(tmp_path_factory.mktemp("web"), api_rate=0) as site:
        yield client(site, raises=False)


@SCHEMA.parametrize()
@settings(
    max_examples=25,
    deadline=None,
    suppress_health_check=list(HealthCheck),
    derandomize=True,
)
def test_every_request_has_an_answer_of_the_document(case, web) -> None:
    for wait in [name for name in (case.query or {}) if name == "wait"]:
        case.query[wait] = 0
    kwargs = case.as_transport_kwargs(base_url="http://127.0.0.1:8000")
    answer = web.request(
        kwargs["method"],
        kwargs["url"],
        params=kwargs.get("params"),
        headers=dict(kwargs.get("headers") or {}),
        cookies=None,
    )
    assert answer.status_code < 500, (kwargs["url"], kwargs.get("params"))
    if kwargs["method"].upper() != "GET":  # other methods are tried, too
        assert answer.status_code in {200, 204, 401, 404, 405, 421}
        return
    declared = SCHEMA.raw_schema["paths"][case.operation.path]["get"]["responses"]
    assert str(answer.status_code) in declared, (kwargs["url"], kwargs.get("params"))
    if answer.status_code >= 400:
        assert "\n" not in answer.json().get("error", "")
