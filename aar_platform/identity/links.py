"""`customer_links` alone, for those who need no more of what linking finds."""

from collections.abc import Mapping
from datetime import datetime

import ibis
import ibis.expr.types as ir

from aar_platform.identity.linking import linked
from aar_platform.identity.policy import IdentityPolicy


def customer_links(
    core: Mapping[str, ir.Table], country: str, previous_links: ir.Table | None, now: datetime
) -> ir.Table:
    """The table `customer_links` of any subset of the core tables, under the default policy.

    `country` is the organisation's, `previous_links` the table as the last run left it, None before
    the first one; `now` is naive UTC.
    """
    before = {} if previous_links is None else {"customer_links": previous_links}
    with linked(core, country, IdentityPolicy(), None, before, now) as tables:
        return ibis.memtable(tables["customer_links"].to_pyarrow())
