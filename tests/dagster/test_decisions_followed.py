"""Decisions reach the warehouse with whatever reads them, and with every run."""

import dagster as dg
import pytest

from aar_platform.assets.appearance import FOLLOW
from aar_platform.assets.decisions import identity_decisions
from aar_platform.definitions import REFRESH, build_defs
from aar_platform.tables import catalogue


@pytest.fixture
def tick():
    """Evaluate the automation conditions as the daemon does, beside a reader of decisions."""

    def empty(name, *deps):
        look = {"automation_condition": FOLLOW} if deps else {}

        @dg.asset(name=name, deps=deps, **look)
        def made():
            pass

        return made

    resources = {
        "platform": dg.ResourceDefinition.none_resource(),
        "io_manager": dg.mem_io_manager,
    }
    reader = empty("reader", "contacts", "identity_decisions")
    core = [empty(name) for name in catalogue.CORE]
    defs = dg.Definitions([*core, identity_decisions, reader], resources=resources)
    with dg.DagsterInstance.ephemeral() as instance:
        cursor = {"value": None}

        def evaluate(*materialised):
            for name in materialised:
                instance.report_runless_asset_event(dg.AssetMaterialization(dg.AssetKey(name)))
            result = dg.evaluate_automation_conditions(defs, instance, cursor=cursor["value"])
            cursor["value"] = result.cursor
            return {
                name
                for name in ("identity_decisions", "reader")
                if result.get_num_requested(dg.AssetKey(name))
            }

        yield evaluate


def test_decisions_are_read_anew_with_what_joins_the_records_that_changed(tick):
    assert tick() == set()
    assert tick(*catalogue.CORE) == {"identity_decisions", "reader"}
    assert tick("identity_decisions", "reader") == set()
    assert tick("contacts") == {"identity_decisions", "reader"}
    assert tick() == set()


def test_every_refresh_reads_them(small_shop):
    job = build_defs(small_shop.settings, small_shop.config).resolve_job_def(REFRESH)
    assert dg.AssetKey("identity_decisions") in job.asset_layer.executable_asset_keys


def test_a_decision_stands_in_the_warehouse_after_the_next_run(shop):
    ids = [row["customer_id"] for row in shop.query(
        "select customer_id from customer_links group by all having count(*) > 1 order by 1 limit 2"
    )]  # fmt: skip
    assert shop.query("select * from identity_decisions") == []
    assert shop.aar("identity", "merge", *ids, "--reason", "one person").status == 0
    assert shop.query("select * from identity_decisions") == []
    assert shop.run(select="key:identity_decisions") == []
    (row,) = shop.query("select decision_id, verdict, is_active, reason from identity_decisions")
    assert row == {
        "decision_id": "D0001", "verdict": "same", "is_active": True, "reason": "one person",
    }  # fmt: skip
    shop.aar("identity", "undo", "D0001")
    assert shop.run(select="key:identity_decisions") == []
    (row,) = shop.query(
        "select is_active, undone_by is not null as is_undone from identity_decisions"
    )
    assert row == {"is_active": False, "is_undone": True}
