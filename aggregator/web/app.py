"""The service: which address leads to what. Reads run in a thread pool."""

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route, Router
from starlette.types import ASGIApp

from aggregator.web import api, endpoints, feeds, openapi, pages, status, systems
from aggregator.web.answers import Answer
from aggregator.web.asked import Asked
from aggregator.web.endpoints import Bound
from aggregator.web.front import Front
from aggregator.web.reader_sync import routes as reader_sync
from aggregator.web.service import Endpoint, Resource, Service
from aggregator.web.site import Site


def create_app(site: Site) -> ASGIApp:
    """Return the ASGI application of a site."""
    service = Service(site)
    return Front(site, service, Router(routes(service)))


def routes(service: Service) -> list[Route]:
    """Return all routes; the first that fits an address answers."""
    return [
        *reader_sync.routes(service),
        *systems.routes(service),
        _route(service, "/article", endpoints.by_address),
        _route(service, "/opml", endpoints.moved("/feeds/all.opml")),
        *(Route(path, service.page(each), methods=["GET"]) for path, each in SHOWN.items()),
        *(Route(path, service.api(each), methods=["GET"]) for path, each in ASKED_FOR.items()),
        _route(service, "/api/changes", endpoints.changes),
        _route(service, "/api/{rest:path}", endpoints.other, "GET", "OPTIONS"),
        _route(service, "/static/{name}", endpoints.static),
    ]


def _openapi(site: Site, asked: Asked) -> Answer:
    return api.answer(openapi.document(asked.base, keys=bool(site.config.api_keys)))


def _route(service: Service, path: str, endpoint: Bound, *methods: str) -> Route:
    return Route(path, _bound(service, endpoint), methods=methods or ("GET",))


def _bound(service: Service, endpoint: Bound) -> Endpoint:
    async def answer(request: Request) -> Response:
        return await endpoint(service, request)

    return answer


#: Documents that are kept until the store changes.
SHOWN: dict[str, Resource] = {
    "/": pages.front,
    "/search": pages.search,
    "/keywords": pages.keywords,
    "/keyword/{name:path}": pages.keyword,
    "/event/{id}": pages.event,
    "/article/{id}": pages.article,
    "/sources": status.sources,
    "/source/{id}": status.source,
    "/health": status.health,
    "/feeds/all.opml": feeds.subscriptions,
    "/feeds/{kind}/{value:path}.{format}": feeds.feed,
    "/feeds/{kind}.{format}": feeds.feed,
    "/metrics": api.metrics,
}
#: Documents of the API: for who has a key and does not ask too often.
ASKED_FOR: dict[str, Resource] = {
    "/api/articles": api.articles,
    "/api/articles/{id}/versions": api.versions,
    "/api/articles/{id}": api.article,
    "/api/sources": api.sources,
    "/api/sources/{id}": api.source,
    "/api/health": api.health,
    "/api/search": api.search,
    "/api/openapi.json": _openapi,
}
