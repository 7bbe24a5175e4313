"""`aar check`: what would keep a run from working, found before it."""

from collections.abc import Iterator, Mapping

from aar_platform.kpis.definition import Kpi, KpiInvalid
from aar_platform.kpis.exchange import RatesUnreadable, load_rates
from aar_platform.kpis.registry import kpis
from aar_platform.kpis.trial import uncountable, without_rows
from aar_platform.landing.secret import SecretMissing
from aar_platform.models.experiments.counts import CountsUnreadable, counted_trials
from aar_platform.models.experiments.metrics import MetricRefused, metrics_of, refuse_unknown
from aar_platform.operations.store import OperationsUnavailable
from aar_platform.resources.operations import open_operations
from aar_platform.resources.platform import open_warehouse
from aar_platform.resources.warehouse import WarehouseUnavailable
from aar_platform.settings.loading import Settings, unresolved_secrets
from aar_platform.sources.api.errors import GOES_ON, NotConnected, SourceFailed
from aar_platform.sources.files.refusal import FileRefused


def problems(settings: Settings) -> list[str]:
    """One line per problem, none when all is well: secrets, sources, rates, KPIs, metrics and
    counts of experiments, databases.

    The settings themselves are valid by now: reading them names every problem of the file.
    """
    return [
        *(str(problem) for problem in unresolved_secrets(settings)),
        *_sources(settings),
        *_rates(settings),
        *_kpis(settings),
        *_counts(settings),
        *_warehouse(settings),
        *_operations(settings),
    ]


def _sources(settings: Settings) -> Iterator[str]:
    """A line for each object that cannot be extracted; one for a source that does not answer: its
    other objects are not asked for."""
    for source in settings.sources:
        for item in source.objects():
            try:
                source.try_out(item.name)
            except SecretMissing:
                break  # told already, with its line
            except NotConnected as failure:
                waits = failure.remedy.endswith(GOES_ON)
                remedy = (
                    "see whether it runs, and the source's address" if waits else failure.remedy
                )
                yield f"{source.name}: {failure.why}; {remedy}"
                break
            except SourceFailed as failure:
                yield str(failure).removesuffix(f": {GOES_ON}")
            except FileRefused as refusal:
                yield f"{source.name}.{item.name}: {refusal}"


def _rates(settings: Settings) -> Iterator[str]:
    if settings.exchange_rates:
        try:
            load_rates(settings.exchange_rates)
        except RatesUnreadable as error:
            yield from str(error).splitlines()


def _kpis(settings: Settings) -> Iterator[str]:
    try:
        defined = kpis(settings.kpis.custom)
    except KpiInvalid as error:
        yield str(error)
        return
    own = [one for name, one in defined.items() if name not in kpis()]
    organisation = settings.organisation
    yield from map(str, uncountable(own, organisation.currency, organisation.timezone))
    yield from _metrics(settings, defined)


def _metrics(settings: Settings, defined: Mapping[str, Kpi]) -> Iterator[str]:
    """Those that cannot be told customer by customer, with the experiment that asks for them."""
    organisation = settings.organisation
    known = without_rows(organisation.currency, organisation.timezone)
    for one in settings.experiments:
        for name in one.metrics or ():
            try:
                refuse_unknown([name], defined)
                metrics_of(known, defined, [name])
            except MetricRefused as refusal:
                yield f"experiment {one.name}: {str(refusal).removeprefix('experiments: ')}"
            except KpiInvalid:
                continue  # told already, as a KPI


def _counts(settings: Settings) -> Iterator[str]:
    """A line for each problem of the files of results counted elsewhere, as a run would tell it."""
    told: dict[str, None] = {}
    for one in settings.experiments:
        if one.counts is not None:
            try:
                counted_trials(one.counts, one.name)
            except CountsUnreadable as error:
                # Several experiments may share a file: what is wrong with all of it is told once.
                told |= dict.fromkeys(str(error).splitlines())
    yield from told


def _warehouse(settings: Settings) -> Iterator[str]:
    try:
        warehouse = open_warehouse(settings, read_only=True)
        if warehouse.path.exists():
            warehouse.tables()
            warehouse.close()
    except SecretMissing:
        return  # told already, with its line
    except WarehouseUnavailable as error:
        yield str(error)


def _operations(settings: Settings) -> Iterator[str]:
    try:
        operations = open_operations(settings)
        if not operations.is_new:
            with operations.begin():
                pass
    except SecretMissing:
        return  # told already, with its line
    except OperationsUnavailable as error:
        yield str(error)
