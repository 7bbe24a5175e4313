"""A vendor's specification, served by the mock server prism: whether it accepts our requests."""

import json
import os
import shutil
import socket
import subprocess
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import replace
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import httpx
import pytest
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from aar_platform.sandbox.apis.faults import Call
from aar_platform.sandbox.apis.serve import serving
from aar_platform.sources.api.bodies import BodyUnusable
from aar_platform.sources.api.errors import SourceFailed
from aar_platform.sources.api.objects import ApiObject, Ask
from aar_platform.sources.api.source import ApiSource

VENDORS = Path(__file__).resolve().parents[2] / "../shared/vendors"
STARTS_IN_SECONDS = 60


def specification(path: str) -> Path:
    """A file beside the checkout; skips the test where it is absent."""
    found = VENDORS / path
    if not found.exists():
        pytest.skip(f"the folder shared/vendors beside the checkout has no {path}")
    return found


@contextmanager
def mocked(
    document: Path, base_path: str, *routes: Route
) -> Iterator[tuple[str, list[tuple[str, int, str]]]]:
    """Prism on a specification: the URL of a server that has `base_path`, which prism's has not,
    and a list that fills with (path and query, status, what is wrong). `routes` are answered here,
    such as one for tokens. Skips where prism is absent."""
    with _prism(document) as target:
        answers: list[tuple[str, int, str]] = []
        with serving(_forwarding(target, base_path, answers, routes)) as url:
            yield url, answers


@contextmanager
def prism(path: str) -> Iterator[str]:
    """Prism on a specification beside the checkout: its URL. Skips where either is absent."""
    with _prism(specification(path)) as url:
        yield url


def recorded(path: str) -> Path:
    """A recording beside the checkout; skips the test where it is absent."""
    return specification(path)


def verdict(url: str, call: Call, authorization: str, cut: str = "") -> tuple[int, list[str]]:
    """Prism's status for a call that was made, and what it finds wrong with it; `cut` is the part
    of the path that the specification has in its servers."""
    path = call.path.removeprefix(cut) + (f"?{call.query}" if call.query else "")
    headers = {"authorization": authorization, "accept": "application/json"}
    answer = httpx.request(call.method, url + path, headers=headers, content=call.body, timeout=60)
    wrong = answer.json().get("validation", []) if answer.status_code == 422 else []
    return answer.status_code, [one["message"] for one in wrong]


@contextmanager
def _prism(document: Path) -> Iterator[str]:
    prism = os.environ.get("AAR_PRISM") or shutil.which("prism")
    if not prism:
        pytest.skip("the mock server prism is not installed (npm: @stoplight/prism-cli)")
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    command = [prism, "mock", "-p", str(port), "-v", "warn", str(document)]
    server = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    try:
        for _ in range(STARTS_IN_SECONDS * 4):
            with socket.socket() as trial:
                if trial.connect_ex(("127.0.0.1", port)) == 0:
                    break
            time.sleep(0.25)
        else:
            pytest.fail(f"prism did not start in {STARTS_IN_SECONDS} seconds")
        yield f"http://127.0.0.1:{port}"
    finally:
        server.terminate()
        server.wait()


def ask_at(source: ApiSource, item: ApiObject, parent: Mapping[str, Any], *places: Any) -> None:
    """A page of an object as a first pull asks for it, as a later one does, and at some places.

    Prism's examples count records that they do not hold; what matters is what it says of the
    question, which `mocked` notes.
    """
    api = source.connect("specification")
    day = date(2026, 3, 1)
    first = Ask(api, source, None, datetime(2026, 3, 2, tzinfo=UTC), day, day, parent)
    later = replace(first, since=datetime(2026, 3, 1, tzinfo=UTC))
    for ask in (first, later, *(replace(later, at=place) for place in places)):
        with suppress(BodyUnusable, SourceFailed):
            item.page(ask)
    api.close()


def _forwarding(
    target: str,
    base_path: str,
    answers: list[tuple[str, int, str]],
    routes: Sequence[Route],
) -> Starlette:
    async def forward(request: Request) -> Response:
        parts = urlsplit(str(request.url))
        path = parts.path.removeprefix(base_path)
        url = f"{target}{path}" + (f"?{parts.query}" if parts.query else "")
        kept = ("authorization", "accept", "content-type")
        headers = {key: value for key, value in request.headers.items() if key in kept}
        async with httpx.AsyncClient(timeout=60) as client:
            answer = await client.request(
                request.method, url, headers=headers, content=await request.body()
            )
        # What prism makes up as an answer may break the specification too; that is not ours.
        said = json.loads(answer.headers.get("sl-violations", "[]"))
        ours = [one["message"] for one in said if one["location"][0] == "request"]
        wrong = answer.text if answer.status_code >= 400 else "; ".join(ours)
        answers.append((url.removeprefix(target), answer.status_code, wrong))
        media = answer.headers.get("content-type")
        return Response(answer.content, answer.status_code, media_type=media)

    return Starlette(routes=[*routes, Route("/{path:path}", forward, methods=["GET", "POST"])])
