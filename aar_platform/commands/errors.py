"""The errors that a person can do something about: shown as they read, without a traceback."""

from aar_platform.commands.demo import SandboxFailed
from aar_platform.commands.evaluate_identity import EvaluationRefused
from aar_platform.commands.explain import ExplanationRefused
from aar_platform.commands.explain_kpi import FigureUnknown
from aar_platform.commands.identity_lookup import DecisionRefused
from aar_platform.commands.query import QueryRefused
from aar_platform.commands.report import ReportRefused
from aar_platform.commands.run import SelectionEmpty
from aar_platform.kpis.definition import KpiInvalid
from aar_platform.kpis.exchange import CurrencyMissing, RateMissing, RatesUnreadable
from aar_platform.landing.secret import SecretMissing
from aar_platform.landing.store import LandingKeyWrong
from aar_platform.models.experiments.metrics import MetricRefused
from aar_platform.operations.store import OperationsUnavailable
from aar_platform.resources.figures import FiguresOutdated
from aar_platform.resources.warehouse import TableMissing, TableNotWritten, WarehouseUnavailable
from aar_platform.sandbox.folder import FolderRefused
from aar_platform.settings.loading import SettingsError
from aar_platform.sources.api.errors import SourceFailed
from aar_platform.sources.files.refusal import FileRefused

KNOWN: tuple[type[Exception], ...] = (
    CurrencyMissing,
    DecisionRefused,
    EvaluationRefused,
    ExplanationRefused,
    FigureUnknown,
    FiguresOutdated,
    FileRefused,
    FolderRefused,
    KpiInvalid,
    LandingKeyWrong,
    MetricRefused,
    OperationsUnavailable,
    QueryRefused,
    RateMissing,
    RatesUnreadable,
    ReportRefused,
    SandboxFailed,
    SecretMissing,
    SelectionEmpty,
    SettingsError,
    SourceFailed,
    TableMissing,
    TableNotWritten,
    WarehouseUnavailable,
)
