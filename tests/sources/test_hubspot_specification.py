"""Every request to HubSpot is one that its OpenAPI specification accepts."""

import json
import os
import shutil
import socket
import subprocess
import time
from pathlib import Path

import httpx
import pytest
import yaml
from starlette.requests import Request

from aar_platform.sandbox.apis.hubspot import HubSpot, holdings
from aar_platform.sandbox.apis.serve import serving
from tests.sources.crm_part import crm_part
from tests.sources.pulling import puller, today

FOLDER = Path(__file__).resolve().parents[2] / "../shared/vendors/hubspot/openapi_ballerina_Apache2"
PRISM = os.environ.get("AAR_PRISM") or shutil.which("prism")
pytestmark = [
    pytest.mark.skipif(not FOLDER.exists(), reason="no specifications beside the checkout"),
    pytest.mark.skipif(PRISM is None, reason="no prism: set AAR_PRISM, or put it on the PATH"),
]
SORT = {"type": "object", "required": ["propertyName", "direction"],
        "properties": {"propertyName": {"type": "string"},
                       "direction": {"enum": ["ASCENDING", "DESCENDING"]}}}  # fmt: skip


def _specification():
    """The specifications of the CRM's objects as one."""
    whole = {
        "openapi": "3.0.1",
        "info": {"title": "HubSpot", "version": "3"},
        "paths": {},
        "components": {"schemas": {}, "responses": {}},
    }
    for path in sorted(FOLDER.glob("hubspot.crm.*.yaml")):
        part = yaml.safe_load(path.read_text())
        whole["paths"] |= part["paths"]
        for kind, known in whole["components"].items():
            known |= part["components"].get(kind, {})
    for operations in whole["paths"].values():
        for operation in operations.values():
            # Keys in the address, which some of them still ask for, ended in 2022.
            operation.pop("security", None)
    # It says that sorts are texts; HubSpot takes objects alone (hubspot-api-nodejs, issue 14).
    search = whole["components"]["schemas"]["PublicObjectSearchRequest"]
    search["properties"]["sorts"]["items"] = SORT
    return whole


@pytest.fixture(scope="module")
def mock(tmp_path_factory):
    """A server that accepts what the specification does."""
    path = tmp_path_factory.mktemp("specification") / "hubspot.json"
    path.write_text(json.dumps(_specification(), default=str))
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    url = f"http://127.0.0.1:{port}"
    command = [PRISM, "mock", "--port", str(port), str(path)]
    with subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.STDOUT) as server:
        for _ in range(600):
            assert server.poll() is None, "prism ended; see what it says of the specification"
            try:
                httpx.get(url)
                break
            except httpx.TransportError:
                time.sleep(0.1)
        yield url
        server.terminate()


def _judged(app, mock, verdicts):
    """An application whose requests are put to the mock server first."""

    async def served(scope, receive, send):
        body = await Request(scope, receive).body()
        query = scope["query_string"].decode()
        async with httpx.AsyncClient(timeout=30) as client:
            said = await client.request(
                scope["method"],
                f"{mock}{scope['path']}?{query}",
                content=body or None,
                headers={"Content-Type": "application/json", "Accept": "application/json"},
            )
        verdicts.append((scope["path"], said.status_code, said.text))

        async def again():
            return {"type": "http.request", "body": body, "more_body": False}

        await app(scope, again, send)

    return served


def test_every_request_for_records_is_accepted(mock, tmp_path):
    vendor = HubSpot(holdings=holdings(crm_part()))
    verdicts = []
    with serving(_judged(vendor.app(), mock, verdicts)) as url:
        one = puller(vendor, url, tmp_path)
        for item in one.source.objects():
            one.pull(item.name)
            if item.is_daily:
                one.pull(item.name, [today()], only_new=False)
    objects = [one for one in verdicts if one[0].startswith("/crm/v3/objects/")]
    assert {path.split("/")[4] for path, _, _ in objects} == {
        "contacts", "companies", "deals", "line_items", "tickets", "feedback_submissions",
    }  # fmt: skip
    assert [one for one in objects if one[1] != 200] == []
    # Owners, pipelines, associations of version 4 and e-mails are in no specification at hand.
    others = {path for path, status, _ in verdicts if status == 404}
    assert all(not path.startswith("/crm/v3/objects/") for path in others)
