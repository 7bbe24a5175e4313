"""What is true of the made-up company whose systems are served. None who pulls from them needs it,
so it is worked out once they are served: at 5,000 customers that takes 2 s."""

import numpy as np
import pandas as pd

from aar_platform.sandbox import truth
from aar_platform.sandbox.departments import SHOP_OF
from aar_platform.sandbox.sales import Sales, money_back
from aar_platform.sandbox.systems import Systems, vendor_modules
from aar_platform.sandbox.true_records import true_records

# How the export files call the sources whose records an API may serve.
EXPORTED = ("shop", "crm", "helpdesk", "mail")


def truth_of(systems: Systems) -> dict[str, pd.DataFrame]:
    """All tables of the truth by name, those of records under the names and ids of the systems."""
    company, left = systems.company, systems.left
    return {
        "entities": _entities(systems, truth.entities(company)),
        "churned": truth.churned(company),
        "monthly": _monthly(systems),
        "broken": truth.broken(left.order_rows, left.start),
        "records": truth.records(systems.dealt.parts),
        **true_records(company, systems.dealt, left, vendor_modules()),
    }


def _monthly(systems: Systems) -> pd.DataFrame:
    """The months of the whole company. What an API serves has no broken rows, and a cancelled
    order there is a refund."""
    company = systems.company
    sold, rows = company.drawn.sold, company.drawn.rows
    in_api = sold.orders["country"].isin(SHOP_OF)
    cancelled = in_api & sold.orders["is_cancellation"]
    gone = set(sold.orders.loc[cancelled, "order_id"])
    ids = sold.orders.loc[in_api & ~sold.orders["is_cancellation"], "order_id"]
    in_files = sold.refunds[~sold.refunds["order_id"].isin(set(ids))]
    line = rows["line"].to_numpy()
    is_api_line = sold.lines["country"].isin(SHOP_OF).to_numpy()[line]
    order = sold.lines["order_id"].to_numpy(object)[line]
    rows = rows.assign(broken=np.where(is_api_line, "", rows["broken"]))
    whole = Sales(
        lines=sold.lines,
        refunds=pd.concat([in_files, money_back(sold, ids.to_numpy(object))], ignore_index=True),
        orders=sold.orders[~cancelled.to_numpy()],
    )
    kept = rows[~np.isin(order, list(gone))]
    return truth.monthly(whole, kept, company.rates, company.start)


def _entities(systems: Systems, entities: pd.DataFrame) -> pd.DataFrame:
    """source, record_id, entity: records that an API serves under its own name and ids."""
    old = entities.set_index(["source", "record_id"])["entity"]
    known, modules = dict(old.items()), vendor_modules()
    moved: set[tuple[str, str]] = set()
    frames = []
    for (kind, table), keys in systems.dealt.keys.items():
        if table not in ("contacts", "companies") or not len(keys):
            continue
        source = next(name for name in EXPORTED if any((name, str(key)) in known for key in keys))
        named = modules[kind].IDS[table]
        frames.append(
            pd.DataFrame(
                {
                    "source": kind,
                    "record_id": [named(number) for number in range(len(keys))],
                    "entity": [known.get((source, str(key)), "") for key in keys],
                }
            )
        )
        moved |= {(source, str(key)) for key in keys}
    is_left = np.array([pair not in moved for pair in old.index])
    left = entities[is_left].assign(source=entities["source"].replace({"shop": "erp"}))
    both = pd.concat([left, *frames], ignore_index=True)
    found: pd.DataFrame = both[both["entity"] != ""].reset_index(drop=True)
    return found
