"""Links the records of a published set by exact keys alone.

Usage: identity_by_keys.py SET RECORDS.csv. Prints JSON: seconds, from the records in memory to
clusters, and the cluster of each record's `id`. The rule: the same national id or e-mail address,
or the same given name, family name and birth date; of companies the same telephone number, or the
same name and street. What hangs together is one.
"""

import json
import sys
import time

import duckdb
from scipy.sparse import coo_array
from scipy.sparse.csgraph import connected_components

FEBRL = (("soc_sec_id",), ("given_name", "surname", "date_of_birth"))
KEYS = {
    "febrl1": FEBRL,
    "febrl2": FEBRL,
    "febrl3": FEBRL,
    "fake_1000": (("email",), ("first_name", "surname", "dob")),
    "restaurants": (("phone_number",), ("name", "street")),
}


def clusters(connection: duckdb.DuckDBPyConnection, name: str) -> dict[str, int]:
    """The cluster of each record's id; the table is called `records`."""
    ids = [row[0] for row in connection.sql("select id from records order by place").fetchall()]
    equal = " union all ".join(
        f"select min(place) over (partition by {', '.join(key)}), place from records "
        f"where {' and '.join(f'{column} is not null' for column in key)}"
        for key in KEYS[name]
    )
    left, right = zip(*connection.sql(equal).fetchall(), strict=True)
    graph = coo_array(([True] * len(left), (left, right)), shape=(len(ids), len(ids)))
    _, labels = connected_components(graph, directed=False)
    return dict(zip(ids, labels.tolist(), strict=True))


def main(name: str, path: str) -> None:
    """Link and print."""
    connection = duckdb.connect()
    connection.execute(
        "create table records as select row_number() over () - 1 as place, * "
        "from read_csv($1, all_varchar = true)",
        [path],
    )
    started = time.perf_counter()
    found = clusters(connection, name)
    seconds = time.perf_counter() - started
    json.dump({"seconds": seconds, "clusters": found}, sys.stdout)


if __name__ == "__main__":
    main(*sys.argv[1:])
