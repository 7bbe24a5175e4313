"""The made-up company's systems: served APIs filled with their parts, the truth by their ids."""

import importlib
import json
import pkgutil
from collections.abc import Mapping
from dataclasses import dataclass, replace
from types import ModuleType

import numpy as np
import pandas as pd

from aar_platform.sandbox import apis
from aar_platform.sandbox.apis.vendor import Vendor
from aar_platform.sandbox.company import Company
from aar_platform.sandbox.departments import DECLARED, SHOPS, Departments, departments
from aar_platform.sandbox.parts import Part
from aar_platform.sandbox.true_records import true_records
from aar_platform.sandbox.truth import records

# How the export files call the sources whose records an API may serve.
EXPORTED = ("shop", "crm", "helpdesk", "mail")


@dataclass(frozen=True)
class Systems:
    """The served APIs by name, and the company as far as it is left to files and a database."""

    vendors: Mapping[str, Vendor]
    company: Company


def vendor_modules() -> dict[str, ModuleType]:
    """The module of each API that is served, by kind: those that say what a part is to them."""
    found = {}
    for module in pkgutil.iter_modules(apis.__path__):
        loaded = importlib.import_module(f"{apis.__name__}.{module.name}")
        if hasattr(loaded, "holdings") and _vendors(loaded):
            found[module.name] = loaded
    return found


def systems_of(company: Company) -> Systems:
    """A company's systems, ready to be served."""
    dealt = departments(company)
    modules = vendor_modules()
    vendors = {
        kind: _vendor(modules[kind], _with_declared_ids(kind, part, modules))
        for kind, part in dealt.parts.items()
    }
    left = dealt.company
    tables = dict(left.tables)
    for name in ("accounts", "billing-contacts"):
        tables[name] = _named_accounts(tables[name], modules)
    truth = dict(left.truth)
    truth["entities"] = _entities(dealt, modules, truth["entities"])
    truth["records"] = records(dealt.parts)
    truth |= true_records(company, dealt, tables, modules)
    return Systems(vendors, replace(left, tables=tables, truth=truth))


def _vendor(module: ModuleType, part: Part) -> Vendor:
    (made,) = _vendors(module)
    return made(holdings=module.holdings(part))


def _vendors(module: ModuleType) -> list[type[Vendor]]:
    """The served APIs that a module defines."""
    return [
        value
        for value in vars(module).values()
        if isinstance(value, type)
        and issubclass(value, Vendor)
        and value.__module__ == module.__name__
    ]


def _with_declared_ids(kind: str, part: Part, modules: Mapping[str, ModuleType]) -> Part:
    """The ids by which the users of a help desk are known in a CRM, as that CRM gives them."""
    if kind not in DECLARED:
        return part
    named = modules[DECLARED[kind]].IDS["contacts"]
    ids = [named(int(number)) if number else "" for number in part.people["other_id"]]
    return replace(part, people=part.people.assign(other_id=ids))


def _named_accounts(accounts: pd.DataFrame, modules: Mapping[str, ModuleType]) -> pd.DataFrame:
    named = {shop: modules[shop].IDS["contacts"] for shop in SHOPS}
    external = [
        json.dumps({shop: named[shop](int(customer)) if shop in named else customer})
        for shop, customer in zip(accounts["shop"], accounts["shop_customer"], strict=True)
    ]
    return accounts.drop(columns=["shop", "shop_customer"]).assign(external_ids=external)


def _entities(
    dealt: Departments, modules: Mapping[str, ModuleType], entities: pd.DataFrame
) -> pd.DataFrame:
    """source, record_id, entity: records that an API serves under its own name and ids."""
    old = entities.set_index(["source", "record_id"])["entity"]
    known = dict(old.items())
    moved: set[tuple[str, str]] = set()
    frames = []
    for (kind, table), keys in dealt.keys.items():
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
