"""From core tables to `customer_links`: records, edges, clusters, ids."""

from collections.abc import Mapping
from datetime import datetime

import ibis
import ibis.expr.types as ir

from aar_platform.identity.clusters import clusters
from aar_platform.identity.exact_keys import exact_edges
from aar_platform.identity.records import identity_records
from aar_platform.identity.stable_ids import assign_customer_ids


def customer_links(
    core: Mapping[str, ir.Table], previous_links: ir.Table | None, now: datetime
) -> ir.Table:
    """The table `customer_links` of any subset of the core tables, by exact keys.

    `previous_links` is the table as the last run left it, None before the first one; `now` is
    naive UTC.
    """
    # Worked out once: the steps below look at both several times.
    records = ibis.memtable(identity_records(core).to_pyarrow())
    edges = ibis.memtable(exact_edges(records).to_pyarrow())
    return assign_customer_ids(clusters(records, edges), previous_links, now)
