"""What the served APIs have in common: holdings, credentials, and the log of what was asked."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, ClassVar

from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from aar_platform.sandbox.apis.faults import Faults

Record = dict[str, Any]


@dataclass
class Vendor:
    """One system's API, as far as a connector asks for it.

    holdings: what the system keeps, by object, each record in the system's own JSON. secret: the
    key or token that requests must bear. limit: the most records that one question gives, where
    the system has such an end.
    """

    KIND: ClassVar[str] = ""

    holdings: dict[str, list[Record]] = field(default_factory=dict)
    secret: str = "sandbox-secret-0000"  # noqa: S105 (opens nothing but the sandbox)
    faults: Faults = field(default_factory=Faults)

    def routes(self) -> list[Route]:
        """The API's routes; each endpoint is an async function of the request."""
        raise NotImplementedError

    def settings(self, url: str) -> tuple[dict[str, Any], dict[str, str]]:
        """The entry under `sources` of aar.yaml for this API at a URL, and its secrets by name."""
        raise NotImplementedError

    def refusal(self, request: Request) -> Response | None:
        """The answer to a request without the right credentials, None for a good one."""
        raise NotImplementedError

    def app(self) -> Any:
        """The API as an ASGI application, with the faults that are planned."""
        return self.faults.wrap(Starlette(routes=self.routes()), self)

    def kept(self, name: str) -> list[Record]:
        """The records of an object."""
        return self.holdings.get(name, [])


def answer(body: Any, status: int = 200, headers: Mapping[str, str] | None = None) -> Response:
    """A JSON answer."""
    return JSONResponse(body, status, headers=dict(headers or {}))
