"""Zoho CRM's recorded records arrive whole, the served ones look like them, and the specification's
mock server accepts every request."""

import json
import os
import shutil
import socket
import subprocess
import time
from pathlib import Path

import httpx
import pytest
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from aar_platform.sandbox.apis.serve import serving
from aar_platform.sandbox.apis.zoho_crm import ZohoCrm, holdings
from aar_platform.sources.api.errors import SourceFailed
from tests.sources.parts_of_crm import part, pull_all
from tests.sources.pulling import core_tables, differences, puller

VENDOR = Path(__file__).resolve().parents[2] / "../shared/vendors/zoho_crm"
MODULES = {"leads": "Leads", "contacts": "Contacts", "sales__orders": "Sales_Orders",
           "invoices": "Invoices", "products": "Products", "campaigns": "Campaigns",
           "cases": "Cases"}  # fmt: skip
# The lines were part of their order when these were recorded; now they are lists of their own.
LINES = {"Sales_Orders": "Ordered_Items", "Invoices": "Invoiced_Items"}


def _recorded():
    path = VENDOR / "recorded/airbyte_expected_records.MIT.jsonl"
    if not path.exists():
        pytest.skip("the vendors' recordings are not beside the checkout")
    found = {}
    for line in path.read_text().splitlines():
        one = json.loads(line)
        stream = one["stream"].removeprefix("incremental_").removesuffix("_zoho_crm_stream")
        if stream in MODULES:
            found.setdefault(MODULES[stream], []).append(one["data"])
    return found


def _line(item, head):
    return {"id": item["id"], "Product_Name": item["product"], "Quantity": item["quantity"],
            "Parent_Id": {"id": head["id"], "name": head["Subject"]},
            "List_Price": item["list_price"], "Discount": item["Discount"],
            "Total": item["total"], "Total_After_Discount": item["total_after_discount"],
            "Net_Total": item["net_total"], "Modified_Time": head["Modified_Time"]}  # fmt: skip


def test_recorded_records_arrive_whole(tmp_path):
    kept = _recorded()
    for module, lines in LINES.items():
        kept[lines] = [
            _line(item, head) for head in kept[module] for item in head["Product_Details"]
        ]
    vendor = ZohoCrm(holdings=kept | {"fields": holdings(part())["fields"]})
    vendor.holdings["org"] = [{"id": "1", "iso_code": "USD"}]
    with serving(vendor.app()) as url:
        pull = puller(vendor, url, tmp_path)
        pull_all(pull)
        tables = core_tables(pull, tmp_path)
    counts = {name: len(rows) for name, rows in tables.items()}
    # The recorded invoice stands for the recorded order, which is counted once.
    assert counts == {
        "quarantine": 0, "companies": 0, "contacts": 2, "deals": 0, "orders": 1,
        "order_lines": 1, "campaigns": 1, "tickets": 1,
    }  # fmt: skip
    assert (tables["orders"][0]["total"], tables["orders"][0]["currency"]) == (303, "USD")


def test_served_records_look_like_the_recorded_ones():
    kept = _recorded()
    served = holdings(part())
    # Of organisations with several currencies, and fields that came after the recordings.
    later = {"Currency", "Exchange_Rate", "Converted__s"}
    for module, records in kept.items():
        for record in served.get(module, []):
            ours = {name: value for name, value in record.items() if name not in later}
            assert differences(ours, records, module) == []


@pytest.fixture
def mock_server():
    prism = os.environ.get("AAR_PRISM") or shutil.which("prism")
    if not prism or not (VENDOR / "openapi_vendor").exists():
        pytest.skip("the mock server or the vendors' specifications are not there")
    running = []

    def start(name):
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", 0))
            port = probe.getsockname()[1]
        command = [prism, "mock", str(VENDOR / f"openapi_vendor/{name}.json"), "-p", str(port)]
        quiet = {"stdout": subprocess.DEVNULL, "stderr": subprocess.DEVNULL}
        running.append(subprocess.Popen(command, **quiet))
        for _ in range(150):
            try:
                httpx.get(f"http://127.0.0.1:{port}/")
                return f"http://127.0.0.1:{port}"
            except httpx.TransportError:
                time.sleep(0.2)
        raise TimeoutError(name)

    yield start
    for process in running:
        process.terminate()


def test_the_specifications_mock_server_accepts_every_request(mock_server, tmp_path):
    servers = {name: mock_server(name) for name in ("record", "fields", "org")}
    answers = []

    async def forward(request: Request) -> Response:
        if request.url.path.endswith("/token"):
            return Response(json.dumps({"access_token": "t" * 30, "expires_in": 3600}))
        kind = "fields" if "settings" in request.url.path else "record"
        kind = "org" if request.url.path.endswith("/org") else kind
        headers = {name: value for name, value in request.headers.items() if name != "host"}
        # The mock server knows no scheme of a vendor's own, such as Zoho-oauthtoken.
        headers["authorization"] = headers["authorization"].replace("Zoho-oauthtoken", "Bearer")
        async with httpx.AsyncClient(timeout=60) as client:
            url = f"{servers[kind]}{request.url.path}?{request.url.query}"
            got = await client.request(request.method, url, headers=headers)
        answers.append((request.url.path, got.status_code))
        return Response(got.content, got.status_code, media_type="application/json")

    app = Starlette(routes=[Route("/{path:path}", forward, methods=["GET", "POST"])])
    with serving(app) as url:
        pull = puller(ZohoCrm(), url, tmp_path)
        for item in pull.source.objects():
            try:
                pull.source.try_out(item.name)
            except SourceFailed:
                # The mock's made-up records are not what a list holds; its status is what counts.
                continue
    assert len({path for path, _ in answers}) >= 13
    assert {status for _, status in answers} == {200}, answers
