"""Adding a KPI takes one file: its asset, check, rows, docs and line in the report follow."""

from pathlib import Path

import dagster as dg

from aar_platform.definitions import build_defs
from aar_platform.kpis.handbook import kpis_markdown
from aar_platform.kpis.registry import kpis

SECTION = "```python\n"


def how_to():
    """The code of the how-to, and the name of its file."""
    page = (Path(__file__).parents[2] / "docs/how-to/add-a-kpi.md").read_text(encoding="utf-8")
    code = page.split(SECTION, 1)[1].split("```", 1)[0]
    return "orders_over_100", code


def test_one_file_gives_asset_check_rows_docs_and_report_line(shop):
    name, code = how_to()
    folder = shop.folder / "kpis"
    folder.mkdir()
    (folder / f"{name}.py").write_text(code, encoding="utf-8")
    text = shop.config.read_text(encoding="utf-8")
    shop.config.write_text(text + "\nkpis: {custom: kpis/}\n", encoding="utf-8")
    assert shop.run(f'key:"kpi_{name}" or key:"portfolio"') == []

    graph = build_defs(shop.settings, shop.config).resolve_asset_graph()
    node = graph.get(dg.AssetKey(f"kpi_{name}"))
    assert node.description.startswith("How many orders are worth more than 100?")
    checks = {key.name for key in graph.asset_check_keys if key.asset_key == node.key}
    assert checks == {"is_sound", "is_as_expected"}
    assert dg.AssetKey("sales") in node.parent_keys

    rows = shop.query(
        f"select period_start, value from kpi_{name} where dimension = 'all' and period = 'month'"
    )
    sales = shop.query(
        "select date_trunc('month', sold_on)::date as month, count(*) as orders from sales "
        "where kind = 'order' and amount_reporting > 100 group by 1"
    )
    expected = {row["month"]: row["orders"] for row in sales}
    assert rows and {row["period_start"]: row["value"] for row in rows if row["value"]} == expected

    defined = kpis(folder)[name]
    assert "Number of orders worth more than 100" in kpis_markdown([defined])

    pages = list(shop.settings.delivery.outbox.rglob("portfolio/*.html"))
    assert pages
    page = pages[0].read_text(encoding="utf-8")
    assert "Orders over 100" in page
    assert "Number of orders worth more than 100" in page, "its definition stands in the report"

    (folder / f"{name}.py").unlink()
    assert shop.run('key:"kpi_revenue"') == []
    assert shop.query("select distinct kpi from kpis where kpi = 'orders_over_100'") == []
    views = shop.query("select table_name from information_schema.tables")
    assert f"kpi_{name}" not in {row["table_name"] for row in views}, "what is undefined is gone"
