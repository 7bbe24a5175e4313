"""Links the records of a published set by a Splink model as its documentation writes them.

Usage: identity_by_splink.py SET RECORDS.csv. Prints JSON: seconds, from the records in memory to
clusters, and the cluster of each record's `id`. Models, rules, shares and seeds are those of the
notebooks `febrl3` and `accuracy_analysis_from_labels_column` (fake_1000); clusters are made at the
threshold of the tutorial, 0.2. No notebook has companies with so few columns: for them the
tutorial's way is applied to theirs.
"""

import json
import logging
import sys
import time
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import duckdb
import splink.comparison_library as cl
from splink import DuckDBAPI, Linker, SettingsCreator, block_on

THRESHOLD = 0.2


@dataclass(frozen=True)
class Model:
    """A model as an example writes it."""

    blocking: Sequence[Any]
    comparisons: Sequence[Any]
    deterministic: Sequence[Any]
    recall: float
    trained_by: Sequence[Any]
    seed: int


def febrl() -> Model:
    """The notebook on febrl3."""
    return Model(
        blocking=[
            block_on("soc_sec_id"),
            block_on("given_name"),
            block_on("surname"),
            block_on("date_of_birth"),
            block_on("postcode"),
        ],
        comparisons=[
            cl.NameComparison("given_name"),
            cl.NameComparison("surname"),
            cl.DateOfBirthComparison(
                "date_of_birth", input_is_string=True, datetime_format="%Y%m%d"
            ),
            cl.DamerauLevenshteinAtThresholds("soc_sec_id", [2]),
            cl.ExactMatch("street_number").configure(term_frequency_adjustments=True),
            cl.ExactMatch("postcode").configure(term_frequency_adjustments=True),
        ],
        deterministic=[
            block_on("soc_sec_id"),
            block_on("given_name", "surname", "date_of_birth"),
            "l.given_name = r.surname and l.surname = r.given_name "
            "and l.date_of_birth = r.date_of_birth",
        ],
        recall=0.9,
        trained_by=[block_on("date_of_birth"), block_on("postcode")],
        seed=2,
    )


def fake_1000() -> Model:
    """The notebook on fake_1000."""
    return Model(
        blocking=[block_on("first_name"), block_on("surname"), block_on("dob"), block_on("email")],
        comparisons=[
            cl.ForenameSurnameComparison("first_name", "surname"),
            cl.DateOfBirthComparison("dob", input_is_string=True),
            cl.ExactMatch("city").configure(term_frequency_adjustments=True),
            cl.EmailComparison("email"),
        ],
        deterministic=[
            "l.first_name = r.first_name and levenshtein(r.dob, l.dob) <= 1",
            "l.surname = r.surname and levenshtein(r.dob, l.dob) <= 1",
            "l.first_name = r.first_name and levenshtein(r.surname, l.surname) <= 2",
            "l.email = r.email",
        ],
        recall=0.7,
        trained_by=[block_on("dob"), block_on("email"), block_on("first_name", "surname")],
        seed=5,
    )


def restaurants() -> Model:
    """The tutorial's way, on name, telephone and street."""
    return Model(
        blocking=[block_on("name"), block_on("phone_number"), block_on("street")],
        comparisons=[
            cl.NameComparison("name"),
            cl.LevenshteinAtThresholds("phone_number", 2),
            cl.LevenshteinAtThresholds("street", 2),
        ],
        deterministic=[block_on("phone_number"), block_on("name", "street")],
        recall=0.7,
        trained_by=[block_on("name"), block_on("phone_number")],
        seed=2,
    )


MODELS = {
    "febrl1": febrl,
    "febrl2": febrl,
    "febrl3": febrl,
    "fake_1000": fake_1000,
    "restaurants": restaurants,
}


def clusters(records: duckdb.DuckDBPyRelation, model: Model, on: Any) -> dict[str, str]:
    """The cluster of each record's id."""
    settings = SettingsCreator(
        link_type="dedupe_only",
        unique_id_column_name="id",
        blocking_rules_to_generate_predictions=list(model.blocking),
        comparisons=list(model.comparisons),
    )
    api = DuckDBAPI(connection=on)
    linker = Linker(api.register(records), settings)
    training = linker.training
    training.estimate_probability_two_random_records_match(
        list(model.deterministic), recall=model.recall
    )
    training.estimate_u_using_random_sampling(max_pairs=1e6, seed=model.seed)
    for rule in model.trained_by:
        training.estimate_parameters_using_expectation_maximisation(rule)
    pairs = linker.inference.predict(threshold_match_probability=THRESHOLD)
    found = linker.clustering.cluster_pairwise_predictions_at_threshold(
        pairs, threshold_match_probability=THRESHOLD
    )
    rows = found.as_duckdbpyrelation().select("id, cluster_id").fetchall()
    return {str(name): str(cluster) for name, cluster in rows}


def main(name: str, path: str) -> None:
    """Link and print."""
    logging.getLogger("splink").setLevel(logging.ERROR)
    connection = duckdb.connect()
    connection.execute(
        "create table records as select * from read_csv($1, all_varchar = true)", [path]
    )
    model = MODELS[name]()
    started = time.perf_counter()
    found = clusters(connection.table("records"), model, connection)
    seconds = time.perf_counter() - started
    json.dump({"seconds": seconds, "clusters": found}, sys.stdout)


if __name__ == "__main__":
    main(*sys.argv[1:])
