"""The OpenAPI 3.1 document of the API, made from one table so that it says what the routes do."""

from typing import Any, Final

from aggregator import __version__

Parameters = dict[str, tuple[dict[str, Any], str]]

_TEXT: Final[dict[str, Any]] = {"type": "string", "maxLength": 1000}
_CURSOR: Final[dict[str, Any]] = {"type": "integer", "minimum": 0, "maximum": 2**53}
_FILTERS: Final[Parameters] = {
    "source": ({"type": "array", "items": _TEXT}, "Only this source; may be repeated."),
    "country": ({"type": "string", "pattern": "^[A-Za-z]{2}$"}, "ISO 3166-1 alpha-2."),
    "language": (_TEXT, "BCP 47, as the article is in."),
    "keyword": (_TEXT, "Only articles with this keyword; spelling is folded."),
    "cluster": (_TEXT, "Only articles on this event."),
}


def _limit(default: int, most: int) -> Parameters:
    schema = {"type": "integer", "minimum": 1, "maximum": most, "default": default}
    return {"limit": (schema, "At most so many.")}


#: path → (summary, query parameters, media type, statuses beside 200 and 400)
PATHS: Final[dict[str, tuple[str, Parameters, str, tuple[int, ...]]]] = {
    "/api/changes": (
        "Every change after a number, in order, a line each; the last seq is the next cursor.",
        {
            "since": (_CURSOR, "The last number you have; 0 is the beginning."),
            "wait": (
                {"type": "integer", "minimum": 0, "maximum": 60, "default": 0},
                "Seconds to wait for a change where there is none (long poll).",
            ),
            **_limit(10_000, 10_000),
            **_FILTERS,
        },
        "application/jsonl",
        (404,),
    ),
    "/api/articles": (
        "Living articles, the last to arrive first.",
        {
            "before": (_CURSOR, "`next` of the list before."),
            **_limit(50, 500),
            **_FILTERS,
        },
        "application/json",
        (404,),
    ),
    "/api/articles/{id}": (
        "The newest state of an article; 410 with its tombstone if it is deleted.",
        {},
        "application/json",
        (404, 410),
    ),
    "/api/articles/{id}/versions": (
        "The states that an article had before.",
        {},
        "application/json",
        (404,),
    ),
    "/api/search": (
        'The best matches: words, "phrases", -words to leave out.',
        {
            "q": ({"type": "string", "minLength": 1, "maxLength": 1000}, "What is looked for."),
            **_limit(20, 200),
            **_FILTERS,
        },
        "application/json",
        (404,),
    ),
    "/api/sources": ("The catalogue.", {}, "application/json", ()),
    "/api/sources/{id}": (
        "One source and how it fares.",
        {},
        "application/json",
        (404,),
    ),
    "/api/health": (
        "How the sources fare.",
        {"all": ({"type": "string", "enum": ["0", "1"]}, "Also those that were never polled.")},
        "application/json",
        (),
    ),
}
_REQUIRED: Final = {"q"}


def document(base: str, *, keys: bool) -> dict[str, Any]:
    """Return the document for a service at a public address.

    Args:
        base: without a slash at the end.
        keys: whether a key is asked for.
    """
    found: dict[str, Any] = {
        "openapi": "3.1.0",
        "info": {
            "title": "aggregator",
            "version": __version__,
            "description": "News of many sources as one clean record. Reads only.",
        },
        "servers": [{"url": base or "/"}],
        "paths": {path: {"get": _operation(path)} for path in PATHS},
        "webhooks": {"changes": {"post": _webhook()}},
        "components": {
            "schemas": {
                "Error": {
                    "type": "object",
                    "required": ["error"],
                    "properties": {"error": {"type": "string"}},
                },
                "Article": {
                    "type": "object",
                    "description": "The record, behind the header of its last change.",
                    "required": ["schema", "seq", "event", "at", "id"],
                },
            }
        },
    }
    if keys:
        found["components"]["securitySchemes"] = {"key": {"type": "http", "scheme": "bearer"}}
        found["security"] = [{"key": []}]
    return found


def _webhook() -> dict[str, Any]:
    """Return what a receiver gets that ``aggregator webhooks add`` names."""
    number = {"type": "integer", "minimum": 0}
    change = {"$ref": "#/components/schemas/Article"}
    data = {"changes": {"type": "array", "maxItems": 100, "items": change}}
    data |= dict.fromkeys(("previous", "first", "last"), number)
    properties = {
        "type": {"const": "changes"},
        "timestamp": {"type": "string", "format": "date-time"},
        "data": {"type": "object", "required": list(data), "properties": data},
    }
    body = {"type": "object", "required": list(properties), "properties": properties}
    names = ("webhook-id", "webhook-timestamp", "webhook-signature")
    return {
        "summary": "Changes, in order, at least once; signed as Standard Webhooks says.",
        "operationId": "changes-pushed",
        "parameters": [
            {"name": name, "in": "header", "required": True, "schema": {"type": "string"}}
            for name in names
        ],
        "requestBody": {"content": {"application/json": {"schema": body}}},
        "responses": {
            "2XX": {"description": "Taken: the next message follows."},
            "410": {"description": "The receiver is gone: it is told no more."},
        },
    }


def _operation(path: str) -> dict[str, Any]:
    summary, parameters, kind, statuses = PATHS[path]
    described = [
        {
            "name": name,
            "in": "query",
            "required": name in _REQUIRED,
            "description": words,
            "schema": schema,
        }
        for name, (schema, words) in parameters.items()
    ]
    if "{id}" in path:
        id_schema = {"type": "string", "minLength": 1, "maxLength": 200}
        described.append({"name": "id", "in": "path", "required": True, "schema": id_schema})
    error = {"application/json": {"schema": {"$ref": "#/components/schemas/Error"}}}
    schema = {"type": "string"} if kind == "application/jsonl" else {"type": "object"}
    responses: dict[str, Any] = {
        "200": {"description": "OK", "content": {kind: {"schema": schema}}}
    }
    for status in (400, 401, 405, 414, 429, 503, *statuses):
        content = {"application/json": {"schema": {"type": "object"}}} if status == 410 else error
        responses[str(status)] = {"description": _NAMES[status], "content": content}
    return {
        "summary": summary,
        "operationId": path.removeprefix("/api/").replace("/{id}", "-one").replace("/", "-"),
        "parameters": described,
        "responses": responses,
    }


_NAMES: Final = {
    400: "The request is not understood; one line says why.",
    401: "A key is needed.",
    404: "There is no such thing.",
    405: "Only GET and HEAD.",
    410: "It is deleted.",
    414: "The request is too long.",
    429: "Too many requests; Retry-After says when.",
    503: "The store does not answer.",
}
