"""No secret is told, whatever a system says: not in errors, logs, events, metadata or files."""

import base64

import pytest

from aar_platform.sandbox.apis.faults import Echo
from aar_platform.sandbox.apis.freshdesk import Freshdesk
from aar_platform.sandbox.apis.serve import serving
from aar_platform.sources.api import client
from aar_platform.sources.api.errors import SourceFailed
from tests.sources.pulling import puller
from tests.sources.systems.freshdesk import SYSTEM
from tests.sources.test_fault_table import SYSTEMS


def forms(secret):
    """A secret as it is, and as a line of a header may write it."""
    found = {secret, base64.b64encode(secret.encode()).decode()}
    for other in ("X", "anystring", "any", ""):
        for pair in (f"{secret}:{other}", f"{other}:{secret}"):
            found.add(base64.b64encode(pair.encode()).decode())
    return {one for one in found if len(one) > 6}


@pytest.mark.parametrize("code", [400, 401, 403, 500])
@pytest.mark.parametrize("name", sorted(SYSTEMS))
def test_a_system_that_repeats_the_request_in_its_error_betrays_no_secret(
    name, code, tmp_path, monkeypatch
):
    monkeypatch.setattr(client, "pause", lambda seconds: None)
    system = SYSTEMS[name]
    vendor = system.vendor()
    if system.prepare:
        system.prepare(vendor)
    vendor.faults.always = Echo(code)
    with serving(vendor.app()) as url:
        pulling = puller(vendor, url, tmp_path, **system.more)
        secrets = vendor.settings(url)[1].values()
        with pytest.raises(SourceFailed) as failed:
            pulling.pull((*system.pulled_before, system.object)[0])
    said = str(failed.value)
    for secret in secrets:
        for form in forms(secret):
            assert form not in said, "a secret is told"


def test_nothing_that_runs_leave_behind_holds_a_secret(place, monkeypatch):
    vendor = Freshdesk(secret="marked-5ecret-Qx7Zp2Lm9")
    vendor.holdings["tickets"] = [SYSTEM.record(i) for i in range(120)]
    monkeypatch.setenv("KEY", vendor.secret)
    said = []
    with serving(vendor.app()) as url:
        place.write(
            "aar.yaml",
            "start: 2024-01-01\nsources:\n  - {name: desk, kind: freshdesk, domain: acme, "
            f'key: "${{KEY}}", url: "{url}"}}\n',
        )
        monkeypatch.setattr(client, "pause", lambda seconds: None)
        said.append(place.aar("check").said)
        for fault in (Echo(401), Echo(500), Echo(400), None):
            vendor.faults.always = fault
            said.append(place.aar("run", "--select", 'key:"extract_desk__tickets"').said)
        said.append(place.aar("run").said)
    (row,) = place.query("select count(*) as n from tickets")
    assert row["n"] == 120
    assert sum("desk.tickets: " in text for text in said) == 3
    marks = [form.encode() for form in forms(vendor.secret)]
    assert not [mark for mark in marks if mark in "\n".join(said).encode()]
    files = [path for path in place.folder.rglob("*") if path.is_file()]
    assert len(files) > 20
    leaked = [path.name for path in files if any(mark in path.read_bytes() for mark in marks)]
    assert leaked == []
    with place.warehouse() as opened:
        for table in opened.tables():
            held = opened.backend.con.execute(
                f'select count(*) from warehouse.main."{table}" t where t::varchar like ?',
                [f"%{vendor.secret}%"],
            ).fetchone()
            assert held == (0,), table
