"""Routes of what is neither page nor API: where hubs call us, and the picture proxy."""

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from aggregator.web import picture_links, pictures, websub
from aggregator.web.endpoints import Bound
from aggregator.web.pictures import Pictures
from aggregator.web.service import Endpoint, Service


def routes(service: Service) -> list[Route]:
    """Return the routes."""
    kept = Pictures(service.site.config)

    async def picture(service: Service, request: Request) -> Response:
        return await pictures.picture(service, kept, request)

    return [
        Route(f"/{picture_links.PATH}", _bound(service, picture), methods=["GET"]),
        Route("/websub/{token}", _bound(service, websub.confirm), methods=["GET"]),
        Route("/websub/{token}", _bound(service, websub.pushed), methods=["POST"]),
    ]


def _bound(service: Service, endpoint: Bound) -> Endpoint:
    async def answer(request: Request) -> Response:
        return await endpoint(service, request)

    return answer
