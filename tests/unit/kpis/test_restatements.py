"""A restatement is a figure that was told and whose value is another one now."""

from datetime import date, datetime

import ibis
import pytest

from aar_platform.kpis.restatements import restated
from aar_platform.tables import catalogue

MOMENT = datetime(2024, 6, 1, 12)


def kpis(**values):
    """Rows of `kpis` of one month: kpi → value, numerator, denominator."""
    rows = [
        {
            "kpi": kpi, "period_start": date(2024, 3, 1), "period": "month", "dimension": "all",
            "member": "all", "value": value, "unit": "share", "numerator": numerator,
            "denominator": denominator, "sample_size": 10, "is_small_sample": False,
            "is_complete": True,
        }
        for kpi, (value, numerator, denominator) in values.items()
    ]  # fmt: skip
    return ibis.memtable(rows, schema=catalogue.ibis_schema("kpis"))


@pytest.mark.parametrize(
    ("before", "now", "is_told"),
    [
        ((0.0, 0.0, 10.0), (0.0, 0.0, 11.0), False),
        ((0.5, 5.0, 10.0), (0.5, 6.0, 12.0), False),
        ((0.3, 3.0, 10.0), (0.1 + 0.2, 3.0, 10.0), False),
        ((None, 0.0, 0.0), (None, 1.0, 0.0), False),
        ((0.5, 5.0, 10.0), (0.6, 6.0, 10.0), True),
        ((None, 0.0, 0.0), (0.0, 0.0, 1.0), True),
        ((0.0, 0.0, 1.0), (None, 0.0, 0.0), True),
    ],
)
def test_a_changed_value_alone_is_one(before, now, is_told):
    rows = restated(kpis(refund_rate=before), kpis(refund_rate=now), MOMENT).to_pyarrow()
    told = [(row["old_value"], row["new_value"]) for row in rows.to_pylist()]
    assert told == ([(before[0], now[0])] if is_told else [])


def test_a_figure_that_is_gone_has_no_new_value():
    before = kpis(refund_rate=(0.0, 0.0, 4.0), orders=(None, 0.0, 0.0))
    (row,) = restated(before, kpis(revenue=(1.0, 1.0, None)), MOMENT).to_pyarrow().to_pylist()
    assert (row["kpi"], row["old_value"], row["new_value"]) == ("refund_rate", 0.0, None)
    assert (row["old_denominator"], row["new_denominator"]) == (4.0, None)
