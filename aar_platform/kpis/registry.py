"""Which KPIs there are: one file each, here or in the organisation's folder."""

import importlib
import importlib.util
import pkgutil
import re
from collections.abc import Iterable
from pathlib import Path
from types import ModuleType

from aar_platform.kpis import catalogue as own_kpis
from aar_platform.kpis.definition import Kpi, KpiInvalid
from aar_platform.kpis.written import written_kpi
from aar_platform.tables import catalogue

# Files that say what to count in words instead of Python.
WRITTEN = (".yaml", ".yml")


def kpis(custom: Path | None = None) -> dict[str, Kpi]:
    """All KPIs by name: the platform's, then those of the files in the folder `custom`, *.py or
    *.yaml.

    A file whose name begins with an underscore is none. Raises KpiInvalid for a file that cannot be
    read, that does not define exactly one KPI of its own name, or whose KPI exists already.
    """
    found = {one.name: one for one in map(_kpi_of, _own_modules())}
    for path in _files(custom):
        defined = written_kpi(path) if path.suffix.lower() in WRITTEN else _kpi_of(_module(path))
        if defined.name in found:
            raise KpiInvalid(
                f"{path.name}: a KPI {defined.name} exists already; choose another name"
            )
        found[defined.name] = defined
    return found


def _own_modules() -> Iterable[ModuleType]:
    for info in pkgutil.iter_modules(own_kpis.__path__, f"{own_kpis.__name__}."):
        yield importlib.import_module(info.name)


def _files(folder: Path | None) -> list[Path]:
    if folder is None:
        return []
    if not folder.is_dir():
        raise KpiInvalid(f"{folder}: no such folder; kpis.custom in aar.yaml names it")
    named = [path for path in folder.iterdir() if path.suffix.lower() in (".py", *WRITTEN)]
    found = sorted(path for path in named if not path.stem.startswith("_"))
    for path in found:
        if not re.fullmatch("[a-z][a-z0-9_]*", path.stem):
            raise KpiInvalid(
                f"{path.name}: a KPI is called as its file: small letters, digits and _, such as "
                "large_orders"
            )
        if f"kpi_{path.stem}" in catalogue.OUTPUTS:
            raise KpiInvalid(
                f"{path.name}: kpi_{path.stem} is a table already; choose another name"
            )
    return found


def _module(path: Path) -> ModuleType:
    spec = importlib.util.spec_from_file_location(f"custom_kpis.{path.stem}", path)
    assert spec is not None and spec.loader is not None, "a .py file always has a loader"
    module = importlib.util.module_from_spec(spec)
    try:
        spec.loader.exec_module(module)
    # Whatever the organisation's own file raises is told as that file's error.
    except (Exception, SystemExit) as error:
        told = str(error).strip().splitlines() or ["no word"]
        kind = "" if isinstance(error, KpiInvalid) else f"{type(error).__name__}: "
        raise KpiInvalid(f"{path.name}: cannot be imported: {kind}{told[0]}") from error
    return module


def _kpi_of(module: ModuleType) -> Kpi:
    own = [
        value
        for value in vars(module).values()
        if isinstance(value, Kpi) and value.measure.__module__ == module.__name__
    ]
    expected = module.__name__.rpartition(".")[2]
    if [one.name for one in own] != [expected]:
        names = ", ".join(one.name for one in own) or "none"
        raise KpiInvalid(
            f"{_file(module)}: must define one KPI called {expected}, with @kpi above a function "
            f"of that name; it defines {names}"
        )
    return own[0]


def _file(module: ModuleType) -> str:
    return Path(str(module.__file__)).name
