"""What can be made to go wrong with a served API, answer by answer."""

import asyncio
from collections.abc import Awaitable, Callable, MutableMapping
from dataclasses import dataclass, field
from typing import Any

from starlette.requests import Request
from starlette.responses import Response

App = Callable[[MutableMapping[str, Any], Any, Any], Awaitable[None]]


@dataclass(frozen=True)
class Status:
    """An error instead of the answer."""

    code: int
    headers: dict[str, str] = field(default_factory=dict)
    body: bytes = b""


@dataclass(frozen=True)
class Hang:
    """No answer for so many seconds."""

    seconds: float


@dataclass(frozen=True)
class Cut:
    """Half of the answer, then the line breaks."""


@dataclass(frozen=True)
class CutQuietly:
    """Half of the answer, as if it were all."""


@dataclass(frozen=True)
class Instead:
    """Another answer, with status 200."""

    body: bytes
    content_type: str = "application/json"


@dataclass(frozen=True)
class Again:
    """The answer to the call before, once more."""


@dataclass(frozen=True)
class First:
    """Something that happens just before the answer is made."""

    happens: Callable[[], None]


@dataclass(frozen=True)
class Echo:
    """An error that repeats the whole request, as careless systems do."""

    code: int


Fault = Echo | Status | Hang | Cut | CutQuietly | Instead | Again | First


@dataclass(frozen=True)
class Call:
    """A call as it came in; the body as bytes."""

    method: str
    path: str
    query: str
    body: bytes
    headers: dict[str, str]


@dataclass
class Faults:
    """What goes wrong, by the number of the call (from 1; calls for tokens do not count), and the
    calls that came in. `always` goes wrong at every call that has no fault of its own."""

    planned: dict[int, Fault] = field(default_factory=dict)
    always: Fault | None = None
    calls: list[Call] = field(default_factory=list)
    token_paths: tuple[str, ...] = ("token",)

    def wrap(self, app: App, vendor: Any) -> App:
        """The application with its faults; requests without credentials are refused first."""
        last: list[tuple[list[Any], bytes]] = []

        async def served(scope: MutableMapping[str, Any], receive: Any, send: Any) -> None:
            if scope["type"] != "http":
                await app(scope, receive, send)
                return
            request = Request(scope, receive)
            body = await request.body()
            is_token = any(path in request.url.path for path in self.token_paths)
            fault: Fault | None = None
            if not is_token:
                headers = dict(request.headers)
                call = Call(request.method, request.url.path, request.url.query, body, headers)
                self.calls.append(call)
                fault = self.planned.pop(len(self.calls), None) or self.always
            if isinstance(fault, Echo):
                said = f"{request.url} {dict(request.headers)} {body.decode(errors='replace')}"
                await Response(said, fault.code)(scope, receive, send)
                return
            if isinstance(fault, Status):
                response = Response(fault.body, fault.code, headers=fault.headers)
                await response(scope, receive, send)
                return
            if isinstance(fault, Instead):
                await Response(fault.body, media_type=fault.content_type)(scope, receive, send)
                return
            if isinstance(fault, Hang):
                await asyncio.sleep(fault.seconds)
            if isinstance(fault, First):
                fault.happens()
            made = await _answered(app, scope, body)
            refused = None if is_token else vendor.refusal(Request(scope, _once(body)))
            if refused is not None:
                await refused(scope, receive, send)
                return
            if isinstance(fault, Again) and last:
                made = last[0]
            elif not is_token:
                last[:] = [made]
            await _send(send, made, fault)

        return served


def _once(body: bytes) -> Any:
    async def receive() -> dict[str, Any]:
        return {"type": "http.request", "body": body, "more_body": False}

    return receive


async def _answered(
    app: App, scope: MutableMapping[str, Any], body: bytes
) -> tuple[list[Any], bytes]:
    """The start message and body that an application answers with."""
    start: list[Any] = []
    parts: list[bytes] = []

    async def send(message: MutableMapping[str, Any]) -> None:
        if message["type"] == "http.response.start":
            start.append(message)
        else:
            parts.append(message.get("body", b""))

    await app(scope, _once(body), send)
    return start, b"".join(parts)


async def _send(send: Any, made: tuple[list[Any], bytes], fault: Fault | None) -> None:
    start, body = made
    message = start[0]
    if isinstance(fault, CutQuietly):
        body = body[: len(body) // 2]
        headers = [pair for pair in message["headers"] if pair[0].lower() != b"content-length"]
        headers.append((b"content-length", str(len(body)).encode()))
        message = {**message, "headers": headers}
    if isinstance(fault, Cut):
        body = body[: len(body) // 2]
    await send(message)
    await send({"type": "http.response.body", "body": body})
