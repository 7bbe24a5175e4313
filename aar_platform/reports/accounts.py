"""Which accounts a report is rendered for."""

import ibis

from aar_platform.privacy.expression import predicate
from aar_platform.privacy.masking import account_columns
from aar_platform.reports.context import Tables

TOP = 10


def accounts_for(request_accounts: str | None, tables: Tables) -> list[str]:
    """The customer_ids that an expression such as `segment == 'Champions'` picks, in order; the
    ten with most net revenue where there is none, the largest first.

    The expression speaks of the columns of customers and customer_scores, and of `segment`: the
    label of any scheme. Raises ExpressionError where it cannot be read.
    """
    if request_accounts is None:
        sales = tables("sales")
        known = sales.semi_join(tables("customers"), "customer_id")
        net = known.group_by("customer_id").aggregate(net=known.amount_reporting.sum())
        chosen = net.order_by(ibis.desc("net"), "customer_id").limit(TOP)
    else:
        accounts = account_columns(tables)
        condition = predicate(request_accounts, accounts, tables("customer_segments"))
        chosen = accounts.filter(condition).order_by("customer_id")
    return [str(value) for value in chosen.customer_id.to_pyarrow().to_pylist()]
