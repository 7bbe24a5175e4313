"""From assignments and what customers did to the numbers of each variant, in the engine."""

import random
from datetime import date, datetime

import numpy as np
import pyarrow as pa
import pytest
from scipy.stats import ttest_ind
from statsmodels.stats.proportion import proportions_ztest

from aar_platform.models.experiments.assignments import assigned, strangers
from aar_platform.models.experiments.definition import Metric
from aar_platform.models.experiments.moments import moments, per_customer
from aar_platform.models.experiments.policy import ExperimentPolicy
from aar_platform.models.experiments.results import experiment_results
from aar_platform.tables import catalogue
from tests.unit.models.experiments.conftest import whole

AS_OF = date(2024, 6, 30)
JUNE_1 = datetime(2024, 6, 1, 12)


def given(experiment, rows, timezone="UTC", ends=None, **same):
    contacts = sorted({row[0] for row in rows if row[0]})
    links = experiment.links(contacts, **same)
    return assigned(experiment.assignments(rows), links, timezone, ends or {}, AS_OF)


def seen(table):
    return {row["customer_id"]: row for row in table.to_pyarrow().to_pylist()}


def evaluated(experiment, rows, metric, policy=None, timezone="UTC", as_of=AS_OF, **same):
    contacts = sorted({row[0] for row in rows if row[0]})
    found = experiment_results(
        experiment.assignments(rows),
        experiment.links(contacts, **same),
        {metric.name: metric},
        [metric.name],
        [policy] if policy else [],
        timezone,
        as_of,
    )
    assert found.schema() == catalogue.ibis_schema("experiment_results")
    return {row["variant"]: row for row in found.to_pyarrow().to_pylist()}


def test_rows_count_from_the_day_of_the_assignment_and_as_long_before(experiment):
    who = given(experiment, [("1", "a", datetime(2024, 6, 21, 12))])
    metric = experiment.metric(
        [
            ("C1", date(2024, 6, 10), 1),
            ("C1", date(2024, 6, 11), 10),
            ("C1", date(2024, 6, 20), 100),
            ("C1", date(2024, 6, 21), 1000),
            ("C1", date(2024, 6, 30), 10000),
            ("C1", date(2024, 7, 1), 100000),
            ("C2", date(2024, 6, 25), 5),
        ]
    )
    row = per_customer(who, metric).to_pyarrow().to_pylist()[0]
    assert (row["numerator"], row["numerator_before"]) == (11000, 110)
    assert (row["denominator"], row["denominator_before"]) == (1, 1)


def test_an_experiment_that_has_ended_counts_until_its_end(experiment):
    who = given(
        experiment, [("1", "a"), ("2", "a", datetime(2024, 6, 12))], ends={"e": date(2024, 6, 10)}
    )
    metric = experiment.metric([("C1", date(2024, 6, 10), 1), ("C1", date(2024, 6, 11), 10)])
    rows = per_customer(who, metric).to_pyarrow().to_pylist()
    assert [row["numerator"] for row in rows] == [1], "who came after the end is in no variant"


def test_the_end_that_is_stated_is_that_of_its_own_experiment_alone(experiment):
    rows = [(str(i), "ab"[i % 2]) for i in range(80)]
    metric = experiment.metric([(f"C{i}", date(2024, 6, 20), i) for i in range(80)])
    stated = ExperimentPolicy(name="e", until=date(2024, 6, 19))
    assert evaluated(experiment, rows, metric, stated)["b"]["value"] == 0
    other = ExperimentPolicy(name="other", until=date(2024, 6, 19))
    assert evaluated(experiment, rows, metric, other)["b"]["value"] == 40


def test_the_day_of_the_assignment_is_that_of_the_organisation(experiment):
    late = [("1", "a", datetime(2024, 6, 10, 23, 30))]
    assert seen(given(experiment, late))["C1"]["assigned_on"] == date(2024, 6, 10)
    paris = given(experiment, late, timezone="Europe/Paris")
    assert seen(paris)["C1"]["assigned_on"] == date(2024, 6, 11)


def test_a_customer_of_two_contacts_is_one_from_the_earlier_day_on(experiment):
    rows = [("1", "a", datetime(2024, 6, 9)), ("2", "a", datetime(2024, 6, 3)), ("2", "a", None)]
    found = seen(given(experiment, rows, **{"2": "C1"}))
    assert set(found) == {"C1"}
    assert found["C1"]["assigned_on"] == date(2024, 6, 3)
    assert not found["C1"]["is_contaminated"]


def test_deleted_and_nobodys_assignments_are_none(experiment):
    rows = [("1", "a", JUNE_1, True), (None, "a"), ("", "a"), ("3", " "), ("4", " a ")]
    found = seen(given(experiment, rows))
    assert {name: row["variant"] for name, row in found.items()} == {"C4": "a"}


def test_a_customer_in_two_variants_is_in_neither_and_told(experiment):
    rows = [(str(i), "ab"[i % 2]) for i in range(100)] + [("0", "b")]
    metric = experiment.metric([(f"C{i}", AS_OF, i * i % 7) for i in range(100)])
    found = evaluated(experiment, rows, metric)
    assert (found["a"]["sample_size"], found["b"]["sample_size"]) == (49, 50)
    assert found["b"]["contaminated_customers"] == 1
    assert "several variants" not in found["b"]["verdict_en"], "one in a hundred is no mix-up"
    more = evaluated(experiment, [*rows, ("2", "b")], metric)
    assert more["b"]["contaminated_customers"] == 2
    assert "2.0% of the customers were in several variants" in more["b"]["verdict_en"]
    assert "2.0% 的客户曾同时属于多个组" in more["b"]["verdict_zh"]


def test_assignments_without_a_time_count_whatever_the_customer_did(experiment):
    who = given(experiment, [("1", "a", None)])
    metric = experiment.metric([("C1", date(2023, 1, 1), 3), ("C1", AS_OF, 4)])
    row = per_customer(who, metric).to_pyarrow().to_pylist()[0]
    assert (row["numerator"], row["numerator_before"]) == (7, 0)


def test_customers_who_did_nothing_count_with_nothing(experiment):
    who = given(experiment, [("1", "a"), ("2", "a")])
    for kind, one in (("proportion", 1), ("mean", 1), ("ratio", 0)):
        metric = experiment.metric([], kind)
        rows = per_customer(who, metric).to_pyarrow().to_pylist()
        assert [row["numerator"] for row in rows] == [0, 0]
        assert [row["denominator"] for row in rows] == [one, one]


def test_a_proportion_asks_whether_they_did_it_at_all(experiment):
    who = given(experiment, [("1", "a"), ("2", "a"), ("3", "a")])
    rows = [("C1", AS_OF, 1), ("C1", AS_OF, 1), ("C2", AS_OF, None), ("C3", AS_OF, 0)]
    found = moments(who, experiment.metric(rows, "proportion"))["e"]["a"]
    assert found.means == pytest.approx((1 / 3, 1, 0, 1))


def test_moments_are_those_of_numpy(experiment):
    rng = np.random.default_rng(4)
    who = given(experiment, [(str(i), "a") for i in range(200)])
    rows = [
        (f"C{i}", date(2024, month, 15), float(value), float(orders))
        for month in (5, 6)
        for i in rng.choice(200, 120, replace=False)
        for value, orders in [(rng.normal(1e6, 1), rng.poisson(2))]
    ]
    metric = experiment.metric(rows, "ratio")
    found = moments(who, metric)["e"]["a"]
    names = ("numerator", "denominator", "numerator_before", "denominator_before")
    each = per_customer(who, metric).to_pandas()[list(names)].to_numpy().T
    assert found.size == 200
    assert found.means == pytest.approx(tuple(each.mean(1)))
    assert np.array(found.covariances) == pytest.approx(np.cov(each))


def bought(rng, n, share):
    return [f"C{i}" for i in range(n) if rng.random() < share]


def test_a_proportion_from_customers_is_tested_as_from_their_counts(experiment):
    rng = random.Random(5)
    rows = [(str(i), "ab"[i % 2]) for i in range(400)]
    buyers = bought(rng, 400, 0.3)
    before = [(f"C{i}", date(2024, 5, 20), 1) for i in range(0, 400, 3)]
    metric = experiment.metric([(who, AS_OF, 1) for who in buyers] + before, "proportion")
    found = evaluated(experiment, rows, metric)
    counts = [sum(int(who[1:]) % 2 == odd for who in buyers) for odd in (1, 0)]
    assert found["b"]["p_value"] == pytest.approx(proportions_ztest(counts, [200, 200])[1])
    assert found["b"]["value"] == counts[0] / 200
    assert found["b"]["variance_reduction"] is None


def test_a_mean_without_a_before_is_tested_as_by_welch_customers_without_rows_included(experiment):
    rng = np.random.default_rng(6)
    spent = np.where(rng.random(300) < 0.5, rng.gamma(2, 10, 300), 0.0)
    rows = [(str(i), "ab"[i % 2]) for i in range(300)]
    metric = experiment.metric([(f"C{i}", AS_OF, float(v)) for i, v in enumerate(spent) if v])
    found = evaluated(experiment, rows, metric)["b"]
    expected = ttest_ind(spent[1::2], spent[::2], equal_var=False)
    assert found["p_value"] == pytest.approx(expected.pvalue)
    assert found["lift"] == pytest.approx(spent[1::2].mean() / spent[::2].mean() - 1)
    assert found["value"] == found["adjusted_value"] == pytest.approx(spent[1::2].mean())


def test_a_before_narrows_the_interval_and_the_row_adds_up(experiment):
    rng = np.random.default_rng(7)
    before = rng.gamma(2, 10, 400)
    after = before + rng.gamma(2, 2, 400)
    rows = [(str(i), "ab"[i % 2]) for i in range(400)]
    done = [(f"C{i}", AS_OF, float(v)) for i, v in enumerate(after)]
    plain = evaluated(experiment, rows, experiment.metric(done))["b"]
    done += [(f"C{i}", date(2024, 5, 20), float(v)) for i, v in enumerate(before)]
    found = evaluated(experiment, rows, experiment.metric(done))
    row, control = found["b"], found["a"]
    assert row["variance_reduction"] > 0.9
    assert row["ci_high"] - row["ci_low"] < 0.4 * (plain["ci_high"] - plain["ci_low"])
    assert row["value"] == pytest.approx(plain["value"])
    assert row["value"] != pytest.approx(row["adjusted_value"])
    assert row["difference"] == pytest.approx(row["adjusted_value"] - control["adjusted_value"])
    assert row["lift"] == pytest.approx(row["adjusted_value"] / control["adjusted_value"] - 1)
    assert "what already set these customers apart" in row["verdict_en"]


def test_neither_order_of_rows_nor_names_of_variants_change_a_figure(made):
    rng = np.random.default_rng(8)
    rows = [(str(i), "ab"[i % 2]) for i in range(120)]
    done = [
        (f"C{i % 130}", date(2024, 4 + i % 3, 20), float(v))
        for i, v in enumerate(rng.gamma(2, 5, 500))
    ]
    first = evaluated(one := made(), rows, one.metric(done))
    odd = {"a": "对照组", "b": '\'; drop table x; -- "%s" {0} \u202e'}
    shuffled = [(who, odd[variant]) for who, variant in rows]
    random.Random(1).shuffle(shuffled)
    random.Random(2).shuffle(done)
    other = evaluated(one := made(), shuffled, one.metric(done))
    told = {"variant", "control", "verdict_en", "verdict_zh"}
    for name, renamed in odd.items():
        assert other[renamed]["control"] == "对照组"
        for column, value in first[name].items():
            if column not in told:
                assert other[renamed][column] == pytest.approx(value), column
        for language in ("verdict_en", "verdict_zh"):
            text = first[name][language]
            for plain, strange in (("“a”", odd["a"]), ("“b”", odd["b"])):
                text = text.replace(plain, f"“{strange}”")
            assert other[renamed][language].casefold() == text.casefold()


def test_no_assignment_is_no_experiment(experiment):
    assert evaluated(experiment, [], experiment.metric([])) == {}


@pytest.mark.parametrize(
    ("rows", "done", "said"),
    [
        ([(str(i), "a") for i in range(50)], [], "Nobody is in any variant but “a”"),
        ([("1", "a"), ("2", "b")], [("C1", AS_OF, 5)], "cannot be compared yet"),
        ([(None, "a"), (None, "b")], [], "no customer is counted in any variant"),
        ([("1", "a"), ("1", "b")], [], "no customer is counted in any variant"),
        (
            [(str(i), "ab"[i % 2]) for i in range(80)],
            [],
            "it is the same for every customer of “b” (0.00)",
        ),
        (
            [(str(i), "ab"[i % 2]) for i in range(80)],
            [(f"C{i}", AS_OF, 0.1) for i in range(80)],
            "it is the same for every customer of “b” (0.1)",
        ),
        (
            [(str(i), "ab"[i % 2], datetime(2025, 1, 1)) for i in range(80)],
            [("C1", AS_OF, 1)],
            "no customer is counted in any variant",
        ),
    ],
)
@pytest.mark.parametrize("kind", ["mean"])
def test_what_cannot_be_told_is_null_and_the_sentence_says_why(experiment, rows, done, said, kind):
    found = evaluated(experiment, rows, experiment.metric(done, kind))
    assert found
    row = found.get("b", found["a"])
    assert said in row["verdict_en"]
    assert row["verdict_zh"].endswith("。")
    for column in ("lift", "ci_low", "ci_high", "p_value", "adjusted_p_value", "difference"):
        assert row[column] is None, column


def test_nothing_to_divide_by_is_null(experiment):
    rows = [(str(i), "ab"[i % 2]) for i in range(80)]
    done = [(f"C{i}", AS_OF, 5.0, 1.0) for i in range(0, 80, 2)]
    row = evaluated(experiment, rows, experiment.metric(done, "ratio"))["b"]
    assert (row["value"], row["lift"], row["p_value"]) == (None, None, None)
    assert "nothing yet to divide by" in row["verdict_en"]
    assert "分母" in row["verdict_zh"]


def test_a_control_or_share_that_nobody_has_is_told_with_what_was_meant(experiment):
    rows = [(str(i), ("control", "new")[i % 2]) for i in range(80)]
    metric = experiment.metric([(f"C{i}", AS_OF, i * i % 11) for i in range(80)])
    found = evaluated(experiment, rows, metric, ExperimentPolicy(name="e", control="contrl"))
    assert found["contrl"]["sample_size"] == 0
    assert found["new"]["p_value"] is None and found["new"]["is_sample_ratio_ok"] is True
    assert "probably “control” is meant" in found["new"]["verdict_en"]
    found = evaluated(
        experiment, rows, metric, ExperimentPolicy(name="e", split={"control": 0.5, "now": 0.5})
    )
    assert found["now"]["sample_size"] == 0
    assert found["new"]["is_sample_ratio_ok"] is False
    assert "“now”: 0" in found["new"]["verdict_en"]


def test_a_split_that_was_meant_is_no_fault(experiment):
    rows = [(str(i), "new" if i % 10 == 0 else "control") for i in range(1000)]
    metric = experiment.metric([(f"C{i}", AS_OF, i * i % 11) for i in range(1000)])
    assert evaluated(experiment, rows, metric)["new"]["is_sample_ratio_ok"] is False
    stated = ExperimentPolicy(name="e", split={"control": 0.9, "new": 0.1})
    found = evaluated(experiment, rows, metric, stated)["new"]
    assert found["is_sample_ratio_ok"] is True and found["sample_ratio_p_value"] > 0.9


def test_a_hundred_thousand_customers_are_no_matter(experiment):
    n = 100_000
    ids = pa.array([str(i) for i in range(n)])
    rng = np.random.default_rng(1)
    schema = catalogue.ibis_schema("experiment_assignments").to_pyarrow()
    columns = {
        "source": pa.array(["shop"] * n), "record_id": ids, "assignment_id": ids,
        "experiment": pa.array(["e"] * n), "variant": pa.array(["a", "b"] * (n // 2)),
        "contact_id": ids,
        "assigned_at": pa.array([JUNE_1] * n, schema.field("assigned_at").type),
    }  # fmt: skip
    table = pa.table(
        [columns.get(f.name, pa.nulls(n, f.type)).cast(f.type) for f in schema], schema=schema
    )
    links = pa.table(
        {
            "source": columns["source"], "object": pa.array(["contacts"] * n),
            "record_id": ids, "customer_id": ids,
        }
    )  # fmt: skip
    done = pa.table(
        {
            "customer_id": ids,
            "day": pa.array([AS_OF] * n),
            "numerator": rng.gamma(2, 5, n),
            "denominator": pa.nulls(n, pa.float64()),
        }
    )
    metric = Metric("spend", "mean", "spend", "消费", experiment.table(done))
    found = experiment_results(
        experiment.table(table), experiment.table(links), {"spend": metric}, ["spend"], [], "UTC",
        AS_OF,
    ).to_pyarrow().to_pylist()  # fmt: skip
    assert [row["sample_size"] for row in found] == [n // 2, n // 2]


def test_assignments_of_nobody_known_are_told_as_such_and_no_figure_is(experiment):
    rows = [(str(number), "ab"[number % 2]) for number in range(100)]
    metric = experiment.metric([("C999", AS_OF, 1)])
    contacts = [row[0] for row in rows]
    assignments, links = experiment.assignments(rows), experiment.links(contacts)

    def verdicts(known_from):
        records = experiment.table(
            whole(
                "identity_records",
                [
                    {"source": "shop", "object": "contacts", "record_id": contact,
                     "known_from": known_from.get(contact, "experiment_assignments")}
                    for contact in contacts
                ],
            )
        )  # fmt: skip
        found = experiment_results(
            assignments, links, {"spend": metric}, ["spend"], [], "UTC", AS_OF, records
        )
        return {(row["verdict_en"], row["verdict_zh"]) for row in found.to_pyarrow().to_pylist()}

    ((english, chinese),) = verdicts({})
    assert english == (
        "No figure can be given: no assigned contact is a customer of whom anything else is known. "
        "Is contact_id that of source “shop”?"
    )
    assert "来源“shop”" in chinese
    assert not any("contact_id" in one for one, _ in verdicts({"7": "contacts"}))


def test_a_person_whom_another_record_tells_of_is_known(experiment):
    assignments = experiment.assignments([("1", "a"), ("2", "b")])
    links = experiment.links(["1", "2", "mail-1"], **{"1": "CA", "mail-1": "CA"})
    records = [("1", "experiment_assignments"), ("2", "experiment_assignments"),
               ("mail-1", "messages")]  # fmt: skip

    def told(some):
        rows = [
            {"source": "shop", "object": "contacts", "record_id": name, "known_from": known_from}
            for name, known_from in some
        ]
        return strangers(assignments, links, experiment.table(whole("identity_records", rows)))

    assert told(records) == {}
    assert told(records[:2]) == {"e": ["shop"]}
