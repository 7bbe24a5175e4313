"""aar.yaml and the environment → typed settings. Nothing else reads either; lower packages take
plain values or their own section's model from here."""

import datetime
import glob
import os
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Annotated, Any

from pydantic import (
    BaseModel,
    ConfigDict,
    PlainValidator,
    PrivateAttr,
    SerializeAsAny,
    ValidationError,
    ValidationInfo,
)
from pydantic_core import InitErrorDetails, PydanticCustomError

from aar_platform.delivery.recipients import DeliverySettings, Recipient
from aar_platform.identity.policy import IdentityPolicy
from aar_platform.kpis.policy import KpiPolicy
from aar_platform.landing.secret import REFERENCE, SecretText
from aar_platform.models.experiments.policy import ExperimentPolicy
from aar_platform.privacy.roles import DEFAULT_ROLES, Role
from aar_platform.reports.request import DEFAULT_REPORTS, ReportRequest, template_names
from aar_platform.segments.policy import SegmentPolicy
from aar_platform.settings.cross_checks import cross_checks
from aar_platform.settings.sections import OperationsUrl, Organisation, Warehouse
from aar_platform.settings.wording import nearest, problems_in_words
from aar_platform.settings.yaml_source import Problem, SettingsError, Where, YamlSource, read_yaml
from aar_platform.sources.registry import SourceConfig, source_kinds

__all__ = [
    "Problem",
    "Settings",
    "SettingsError",
    "config_path",
    "empty_settings",
    "load_settings",
    "unresolved_secrets",
]

EXAMPLE = Path(__file__).parents[1] / "aar.example.yaml"

# Before any customer record there is; a file that says nothing loads everything.
EARLIEST = datetime.date(2000, 1, 1)


def _of_its_kind(value: Any, info: ValidationInfo) -> SourceConfig:
    """A source by the model of its kind, its errors placed below the entry."""
    if isinstance(value, SourceConfig):
        return value
    if not isinstance(value, Mapping):
        raise PydanticCustomError("source", "must be a section that begins with name and kind")
    kinds = source_kinds()
    kind = value.get("kind")
    if isinstance(kind, str) and kind in kinds:
        return kinds[kind].model_validate(value, context=info.context)
    said = "must be one of the kinds of sources"
    if isinstance(kind, str):
        said = f"no kind of source is called '{kind}'"
    elif "kind" not in value:
        said = "is missing"
    raise ValidationError.from_exception_data(
        "sources",
        [
            InitErrorDetails(
                type=PydanticCustomError(
                    "source_kind",
                    "{said}; {remedy}",
                    {"said": said, "remedy": nearest(str(kind), kinds)},
                ),
                loc=("kind",),
                input=None,
            )
        ],
        hide_input=True,
    )


class Settings(BaseModel):
    """All of aar.yaml. Paths and file URLs are absolute; secrets are references until revealed.

    `roles` holds the default roles too, unless the file redefines them.
    """

    model_config = ConfigDict(extra="forbid", frozen=True, hide_input_in_errors=True)

    organisation: Organisation = Organisation()
    start: datetime.date = EARLIEST
    warehouse: Warehouse = Warehouse()
    landing: Path = Path("data/landing")
    operations: OperationsUrl = SecretText("sqlite:///data/operations.db")
    exchange_rates: Path | None = None
    sources: tuple[Annotated[SerializeAsAny[SourceConfig], PlainValidator(_of_its_kind)], ...] = ()
    identity: IdentityPolicy = IdentityPolicy()
    kpis: KpiPolicy = KpiPolicy()
    segments: SegmentPolicy = SegmentPolicy()
    experiments: tuple[ExperimentPolicy, ...] = ()
    roles: dict[str, Role] = {}
    recipients: tuple[Recipient, ...] = ()
    reports: tuple[ReportRequest, ...] = DEFAULT_REPORTS
    delivery: DeliverySettings = DeliverySettings()

    _folder: Path = PrivateAttr(default_factory=Path.cwd)
    _source: YamlSource = PrivateAttr(default_factory=lambda: YamlSource("aar.yaml"))

    @property
    def folder(self) -> Path:
        """The folder of the file, where its relative paths start."""
        return self._folder


def config_path(option: str | None, environment: Mapping[str, str] = os.environ) -> Path:
    """Which file to read: `--config`, else AAR_CONFIG, else aar.yaml in the working folder."""
    return Path(option or environment.get("AAR_CONFIG") or "aar.yaml")


def load_settings(path: Path, environment: Mapping[str, str] = os.environ) -> Settings:
    """The settings of a file, its secrets bound to `environment` but not yet looked up.

    Raises SettingsError with every problem of the file at once, in the order of its lines.
    """
    source = read_yaml(path)
    # A section whose every line is commented out reads as null and means the defaults.
    source.data = {
        key: value
        for key, value in source.data.items()
        if value is not None or key not in Settings.model_fields
    }
    problems = list(source.problems)
    settings, found = _validated(source, environment)
    problems += found
    problems += cross_checks(source, DEFAULT_ROLES, template_names())
    if settings is not None:
        problems += _stray_references(settings, source)
    if settings is None or problems:
        raise SettingsError(problems)
    return _settled(settings, path.absolute().parent, source)


def empty_settings(
    folder: Path | None = None, environment: Mapping[str, str] = os.environ
) -> Settings:
    """Defaults and no sources: what the pipeline's graph is drawn from where there is no file."""
    settings = Settings.model_validate({}, context={"environment": environment})
    return _settled(settings, (folder or Path.cwd()).absolute(), YamlSource("aar.yaml"))


def unresolved_secrets(settings: Settings) -> list[Problem]:
    """One problem for each secret that is referred to and cannot be found, for `aar check`."""
    return [
        settings._source.problem(where, missing)
        for where, value in _leaves(settings)
        if isinstance(value, SecretText)
        for missing in value.missing()
    ]


def _validated(
    source: YamlSource, environment: Mapping[str, str]
) -> tuple[Settings | None, list[Problem]]:
    try:
        context = {"environment": environment}
        return Settings.model_validate(source.data, context=context), []
    except ValidationError as error:
        # Returned, not raised from here: the original holds the values, perhaps secrets.
        return None, problems_in_words(error, source, Settings, source_kinds())


def _stray_references(settings: Settings, source: YamlSource) -> Iterator[Problem]:
    for where, value in _leaves(settings):
        if isinstance(value, str | Path) and REFERENCE.search(str(value)):
            yield source.problem(
                where,
                "${…} is not filled in here",
                "write the value itself; only secrets go by name",
            )


def _settled(settings: Settings, folder: Path, source: YamlSource) -> Settings:
    """Paths resolved against the file's folder, default roles added."""
    settled: Settings = _with_absolute_paths(settings, folder)
    settled = settled.model_copy(
        update={
            "sources": tuple(_with_absolute_database(one, folder) for one in settled.sources),
            "warehouse": settled.warehouse.model_copy(
                update={"url": _absolute_url(settled.warehouse.url, "duckdb://", folder)}
            ),
            "operations": _absolute_url(settled.operations, "sqlite:///", folder),
            "roles": {**DEFAULT_ROLES, **settled.roles},
        }
    )
    settled._folder, settled._source = folder, source
    return settled


def _with_absolute_paths(value: Any, folder: Path) -> Any:
    """The same value with every Path in it absolute, whichever model it is in, and every text in a
    field called `path`, which may hold wildcards."""
    if isinstance(value, Path):
        return folder / value.expanduser()
    if isinstance(value, BaseModel):
        update = {}
        for name in type(value).model_fields:
            inner = getattr(value, name)
            is_pattern = name == "path" and isinstance(inner, str)
            update[name] = (
                _absolute_pattern(inner, folder)
                if is_pattern
                else _with_absolute_paths(inner, folder)
            )
        return value.model_copy(update=update)
    if isinstance(value, Mapping):
        return {name: _with_absolute_paths(inner, folder) for name, inner in value.items()}
    if isinstance(value, list | tuple):
        return type(value)(_with_absolute_paths(inner, folder) for inner in value)
    return value


def _absolute_pattern(pattern: str, folder: Path) -> str:
    # A bracket in the folder's own name is no wildcard.
    start = glob.escape(str(folder)) if glob.has_magic(pattern) else str(folder)
    return str(Path(start) / Path(pattern).expanduser())


def _absolute_url(url: SecretText, start: str, folder: Path) -> SecretText:
    """A URL of a local file with its path absolute; any other URL as it is."""
    place = url.text.removeprefix(start)
    if place == url.text or not place or place.startswith((":memory:", "?", "${")):
        return url
    return url.with_text(f"{start}{folder / place}")


def _with_absolute_database(source: SourceConfig, folder: Path) -> SourceConfig:
    """A source whose `url` is that of a local database file, with its path absolute."""
    url = getattr(source, "url", None)
    if not isinstance(url, SecretText):
        return source
    return source.model_copy(update={"url": _absolute_url(url, "sqlite:///", folder)})


def _leaves(value: Any, where: Where = ()) -> Iterator[tuple[Where, Any]]:
    """Every single value in models, mappings and lists, with its place."""
    if isinstance(value, BaseModel):
        for name in type(value).model_fields:
            yield from _leaves(getattr(value, name), (*where, name))
    elif isinstance(value, Mapping):
        for name, inner in value.items():
            yield from _leaves(inner, (*where, name))
    elif isinstance(value, list | tuple):
        for position, inner in enumerate(value):
            yield from _leaves(inner, (*where, position))
    else:
        yield where, value
