"""The made-up company's systems: served APIs filled with their parts, the rest left to files."""

import importlib
import json
import pkgutil
from collections.abc import Mapping
from dataclasses import dataclass, fields, replace
from types import ModuleType

import pandas as pd

from aar_platform.sandbox import apis
from aar_platform.sandbox.apis.vendor import Vendor
from aar_platform.sandbox.company import Company
from aar_platform.sandbox.departments import DECLARED, SHOPS, Departments, departments
from aar_platform.sandbox.left_to_files import left_to_files
from aar_platform.sandbox.parts import Part


@dataclass(frozen=True)
class Systems:
    """The served APIs by name; the company, how it was dealt out to them, and the company as far as
    it is left to files and a database."""

    vendors: Mapping[str, Vendor]
    company: Company
    dealt: Departments
    left: Company


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
    left = left_to_files(company, dealt)
    tables = dict(left.tables)
    for name in ("accounts", "billing-contacts"):
        tables[name] = _named_accounts(tables[name], modules)
    return Systems(vendors, company, dealt, replace(left, tables=tables))


def _vendor(module: ModuleType, part: Part) -> Vendor:
    (made,) = _vendors(module)
    return made(holdings=module.holdings(_in_plain_texts(part)))


def _in_plain_texts(part: Part) -> Part:
    """The same tables, their texts objects of Python. Systems read them row by row, and Arrow would
    make an object of each text each time: of 800,000 in a company of 5,000, for 0.8 s."""
    tables = {field.name: getattr(part, field.name) for field in fields(part)}
    return Part(
        **{
            name: table.astype(dict.fromkeys(table.select_dtypes("str"), object))
            for name, table in tables.items()
        }
    )


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
