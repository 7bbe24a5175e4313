"""Links the records of a published set as the deduplication guide of recordlinkage does.

Usage: identity_by_recordlinkage.py SET RECORDS.csv, in an environment of its own, since the library
needs an older pandas. Prints JSON: seconds, from the records in memory to clusters, and the cluster
of each record's `id`. The guide is on febrl1: pairs of one given name, six comparisons, a match
where more than three agree. Other columns are treated alike: more than half of them have to agree.
"""

import json
import sys
import time

import pandas as pd
import recordlinkage
from scipy.sparse import coo_array
from scipy.sparse.csgraph import connected_components

# By set: the block, the columns that have to be equal, and those that may differ a little, with the
# method (the guide's second one is the library's default, Levenshtein's).
FEBRL = (
    "given_name",
    ("given_name", "date_of_birth", "suburb", "state"),
    {"surname": "jarowinkler", "address_1": "levenshtein"},
)
GUIDES = {
    "febrl1": FEBRL,
    "febrl2": FEBRL,
    "febrl3": FEBRL,
    "fake_1000": (
        "first_name",
        ("first_name", "dob", "city"),
        {"surname": "jarowinkler", "email": "levenshtein"},
    ),
    "restaurants": ("name", ("name", "phone_number"), {"street": "levenshtein"}),
}


def clusters(records: pd.DataFrame, name: str) -> dict[str, int]:
    """The cluster of each record's id."""
    block, equal, similar = GUIDES[name]
    indexer = recordlinkage.Index()
    indexer.block(block)
    pairs = indexer.index(records)
    compare = recordlinkage.Compare()
    for column in equal:
        compare.exact(column, column, label=column)
    for column, method in similar.items():
        compare.string(column, column, method=method, threshold=0.85, label=column)
    features = compare.compute(pairs, records)
    matches = features[features.sum(axis=1) > (len(equal) + len(similar)) / 2].index
    place = {record: number for number, record in enumerate(records.index)}
    left, right = ([place[pair[side]] for pair in matches] for side in (0, 1))
    graph = coo_array(([True] * len(left), (left, right)), shape=(len(place), len(place)))
    _, labels = connected_components(graph, directed=False)
    return dict(zip(records.index, labels.tolist(), strict=True))


def main(name: str, path: str) -> None:
    """Link and print."""
    records = pd.read_csv(path, dtype=str, index_col="id")
    started = time.perf_counter()
    found = clusters(records, name)
    seconds = time.perf_counter() - started
    json.dump({"seconds": seconds, "clusters": found}, sys.stdout)


if __name__ == "__main__":
    main(*sys.argv[1:])
