"""What aar.yaml may hold, and how everything that is wrong with it is told."""

import datetime
import subprocess
import sys
from pathlib import Path

import pytest

from aar_platform.privacy.roles import DEFAULT_ROLES
from aar_platform.settings.loading import (
    EXAMPLE,
    SettingsError,
    config_path,
    empty_settings,
    load_settings,
)
from aar_platform.sources.files.discovery import find_files

ROOT = Path(__file__).resolve().parents[3]


def written(folder: Path, text: str) -> Path:
    path = folder / "aar.yaml"
    path.write_text(text, encoding="utf-8")
    return path


def complaints(folder: Path, text: str) -> list[str]:
    """The lines of the error, without the folder of the test."""
    with pytest.raises(SettingsError) as caught:
        load_settings(written(folder, text), {})
    return str(caught.value).replace(f"{folder}/", "").splitlines()


FILES = """\
organisation: {currency: GBP}
sources:
  - name: erp
    kind: files
    tables:
      - path: exports/orders-*.csv
        into: order_lines
        columns: {order_id: InvoiceNo}
        constants: {currency: GBP}
"""


def test_the_commented_example_is_valid_and_is_the_one_in_the_package() -> None:
    settings = load_settings(ROOT / "aar.example.yaml", {})
    assert (ROOT / "aar.example.yaml").resolve() == EXAMPLE.resolve()
    assert [source.name for source in settings.sources] == ["erp"]
    assert settings.start == datetime.date(2023, 1, 1)
    assert settings.organisation.timezone == "Europe/Paris"
    assert settings.roles["partner"].smallest_group == 10


def test_the_commented_out_lines_of_the_example_are_valid_too(tmp_path: Path) -> None:
    lines = EXAMPLE.read_text(encoding="utf-8").splitlines()
    opened = [
        line.replace("# ", "", 1) if line.strip().startswith("# ") and _is_setting(line) else line
        for line in lines
    ]
    assert opened != lines
    settings = load_settings(written(tmp_path, "\n".join(opened)), {})
    assert settings.exchange_rates == tmp_path / "rates.csv"
    assert settings.delivery.smtp is not None


def _is_setting(line: str) -> bool:
    word = line.strip().removeprefix("# ").split(" ")[0]
    return word in ("encryption_key:", "exchange_rates:", "custom:", "smtp:")


def test_a_file_that_says_little_gets_the_defaults(tmp_path: Path) -> None:
    settings = load_settings(written(tmp_path, FILES), {})
    assert settings.warehouse.url.reveal() == f"duckdb://{tmp_path}/data/warehouse.duckdb"
    assert settings.operations.reveal() == f"sqlite:///{tmp_path}/data/operations.db"
    assert settings.landing == tmp_path / "data/landing"
    assert settings.delivery.outbox == tmp_path / "reports"
    assert settings.start == datetime.date(2000, 1, 1)
    assert settings.roles == DEFAULT_ROLES
    assert [(r.template, r.formats, r.accounts) for r in settings.reports] == [
        ("portfolio", ("html", "pdf", "xlsx"), None),
        ("account_activity", ("html", "pdf"), None),
    ]


def test_a_section_left_empty_means_its_defaults(tmp_path: Path) -> None:
    settings = load_settings(written(tmp_path, "sources:\nidentity:\nreports:\n"), {})
    assert settings.sources == ()
    assert settings.identity.match_probability == "auto"
    assert len(settings.reports) == 2


def test_without_a_file_there_are_settings_without_sources(tmp_path: Path) -> None:
    settings = empty_settings(tmp_path, {})
    assert settings.sources == ()
    assert settings.folder == tmp_path
    assert settings.warehouse.url.reveal() == f"duckdb://{tmp_path}/data/warehouse.duckdb"
    assert "engineer" in settings.roles


def test_relative_paths_start_at_the_file_and_absolute_ones_stay(tmp_path: Path) -> None:
    text = FILES + "landing: /srv/landing\nkpis: {custom: kpis/}\nexchange_rates: ../rates.csv\n"
    settings = load_settings(written(tmp_path, text), {})
    assert settings.sources[0].tables[0].path == f"{tmp_path}/exports/orders-*.csv"
    assert settings.landing == Path("/srv/landing")
    assert settings.kpis.custom == tmp_path / "kpis"
    assert settings.exchange_rates is not None
    assert settings.exchange_rates.resolve() == tmp_path.parent / "rates.csv"


def test_brackets_in_the_folder_of_the_file_are_not_wildcards(tmp_path: Path) -> None:
    folder = tmp_path / "erp [old]"
    (folder / "exports").mkdir(parents=True)
    export = folder / "exports/orders-1.csv"
    export.touch()
    settings = load_settings(written(folder, FILES), {})
    (found,) = find_files(settings.sources[0].tables[0], Path("/"))
    assert found.path == export


@pytest.mark.parametrize(
    "url", ["duckdb://", "duckdb://:memory:", "duckdb:///srv/w.duckdb", "postgres://db/w"]
)
def test_a_warehouse_elsewhere_keeps_its_url(tmp_path: Path, url: str) -> None:
    settings = load_settings(written(tmp_path, f"warehouse: {{url: '{url}'}}\n"), {})
    assert settings.warehouse.url.reveal() == url


def test_every_problem_is_told_at_once_in_the_order_of_the_lines(tmp_path: Path) -> None:
    text = """\
organisation: {name: X, currency: EURO, timezone: Europe/Pari, country: France}
strat: 2023-01-01
sources:
  - name: erp
    kind: fils
  - name: erp
    kind: files
    tables:
      - path: a.csv
        into: order_line
      - {path: b.csv, into: order_lines, columns: {sku: s, quantty: q}, constants: {curency: EUR}}
reports:
  - {template: portfoli, schedule: weekyl}
recipients:
  - {email: ada@example.com, role: executiv, reports: [portfolo]}
"""
    assert complaints(tmp_path, text) == [
        "aar.yaml:1: organisation.currency: 'EURO' is not a currency of ISO 4217; "
        "did you mean 'EUR'?",
        "aar.yaml:1: organisation.timezone: no time zone is called 'Europe/Pari'; "
        "did you mean 'Europe/Paris'?",
        "aar.yaml:1: organisation.country: 'France' is not a country of ISO 3166; "
        "did you mean 'FR'?",
        "aar.yaml:2: strat: there is no key 'strat' here; did you mean 'start'?",
        "aar.yaml:5: sources[0].kind: no kind of source is called 'fils'; did you mean 'files'?",
        "aar.yaml:6: sources[1].name: another source has the same name, in line 4; "
        "give each source once, under its own name",
        "aar.yaml:10: sources[1].tables[0].into: no core table is called 'order_line'; "
        "did you mean 'order_lines'?",
        "aar.yaml:11: sources[1].tables[1].columns.quantty: no column of 'order_lines' is called "
        "'quantty'; did you mean 'quantity'?",
        "aar.yaml:11: sources[1].tables[1].constants.curency: no column of 'order_lines' is called "
        "'curency'; did you mean 'currency'?",
        "aar.yaml:13: reports[0].template: no report template is called 'portfoli'; "
        "did you mean 'portfolio'?",
        "aar.yaml:13: reports[0].schedule: must be 'daily', 'weekly' or 'monthly'; "
        "did you mean 'weekly'?",
        "aar.yaml:15: recipients[0].role: no role is called 'executiv'; did you mean 'executive'?",
        "aar.yaml:15: recipients[0].reports[0]: no report template is called 'portfolo'; "
        "did you mean 'portfolio'?",
    ]


def test_a_problem_knows_its_file_line_and_column(tmp_path: Path) -> None:
    with pytest.raises(SettingsError) as caught:
        load_settings(written(tmp_path, "kpis:\n  churn_after_day: 5\n"), {})
    (problem,) = caught.value.problems
    assert (problem.line, problem.column, problem.where) == (2, 3, "kpis.churn_after_day")
    assert problem.remedy == "did you mean 'churn_after_days'?"


@pytest.mark.parametrize(
    ("text", "complaint"),
    [
        ("kpis: {churn_after_days: true}", "must be 'auto' or a whole number"),
        ("kpis: {churn_after_days: 0}", "must be 'auto' or more than 0"),
        ("identity: {match_probability: 1.5}", "must be 'auto' or at most 1"),
        ("identity: {review_band: [0.9, 0.6]}", "must rise from low to high; write [0.6, 0.9]"),
        ("identity: {trusted_sources: [a, b, a]}", "names a twice; name each source once"),
        ("segments: {behavioural: {clusters: 99}}", "must be 'auto' or at most 12"),
        ("segments: {behavioural: {cluster: 3}}", "there is no key 'cluster' here"),
        ("experiments: [{control: a}]", "experiments[0].name: is missing; add it"),
        ("experiments: [{name: a, metrics: [revenu]}]", "did you mean 'revenue'?"),
        ("experiments: [{name: a, metrics: []}]", "a list of at least 1"),
        ("experiments: [{name: a, split: {x: 0.5, y: 0.4}}]", "add up to 0.9; they must"),
        ("experiments: [{name: a, split: {x: 1, y: 0}}]", "must be more than 0"),
        ("experiments: [{name: a, control: z, split: {x: 0.5, y: 0.5}}]", "there are: x, y"),
        ("experiments: [{name: a}, {name: a}]", "another experiment has the same name"),
        ("experiments: [{name: a, contrl: x}]", "did you mean 'control'?"),
        ("experiments: [{name: a, until: soon}]", "a date such as 2023-01-31"),
        ("roles: {p: {see: [everything]}}", "'aggregate', 'contact', 'quasi', 'financial' or"),
        ("roles: {p: {}}", "roles.p.see: is missing; add it"),
        ("roles: {p: {see: [quasi], sea: 1}}", "did you mean 'see'?"),
        ("roles: {p: {see: [quasi], rows: 'region in'}}", "is not an expression"),
        ("reports: [{template: portfolio, formats: []}]", "a list of at least 1"),
        ("reports: [{template: portfolio, accounts: 'a ='}]", "is not an expression"),
        ("start: yesterday", "a date such as 2023-01-31"),
        ("start: 2023-02-30", "'2023-02-30' is no date of the calendar"),
        ("operations: data/o.db", "must be a URL, such as sqlite:///data/operations.db"),
        ("warehouse: {url: 'duckbd://x'}", "did you mean 'duckdb'?"),
        ("warehouse: data.db", "a section of `key: value` pairs"),
        ("organisation: {name: 5}", "must be text"),
        ("organisation: {locale: klingon}", "no locale is called 'klingon'"),
        ("sources: [{name: a}]", "sources[0].kind: is missing; there are: "),
        ("sources: [a]", "sources[0]: must be a section"),
        ("sources: [{name: Big Shop, kind: files}]", "a name of small letters, digits and _"),
        ("sources: [{name: a, kind: files, timezone: Pluto/X}]", "no time zone is called"),
        ("folder: /tmp", "there is no key 'folder' here"),
        ("recipients: [{email: nobody, role: executive}]", "is not an e-mail address"),
        ("recipients: [{email: a@b.org, role: executive, locale: qq}]", "no locale is called 'qq'"),
        ("landing: '${HOME}/landing'", "is not filled in here"),
    ],
)
def test_a_wrong_value_is_told_in_words(tmp_path: Path, text: str, complaint: str) -> None:
    told = complaints(tmp_path, text + "\n")
    assert any(complaint in line for line in told), told
    assert all(line.startswith("aar.yaml:1: ") for line in told), told
    assert "Input should" not in "".join(told)


def test_a_trusted_source_that_is_none_is_told_with_the_nearest_name(tmp_path: Path) -> None:
    text = """\
sources:
  - {name: shop, kind: files, tables: [{path: a.csv, into: contacts}]}
identity: {trusted_sources: [shop, shpo]}
"""
    assert complaints(tmp_path, text) == [
        "aar.yaml:3: identity.trusted_sources[1]: no source is called 'shpo'; did you mean 'shop'?"
    ]


def test_recipients_outside_the_allowed_domains_are_refused_without_their_address(
    tmp_path: Path,
) -> None:
    text = """\
recipients:
  - {email: ada@example.com, role: executive}
  - {email: secretive.person@other.org, role: executive}
  - {email: Ada@Example.com, role: engineer}
delivery: {allowed_domains: [Example.com]}
"""
    told = complaints(tmp_path, text)
    assert len(told) == 2
    assert "the domain 'other.org' is not among delivery.allowed_domains" in told[0]
    assert "another recipient has the same email, in line 2" in told[1]
    assert "secretive" not in "".join(told)


def test_the_file_may_redefine_a_default_role_and_keeps_the_others(tmp_path: Path) -> None:
    text = "roles: {engineer: {see: [aggregate]}}\n"
    settings = load_settings(written(tmp_path, text), {})
    assert settings.roles["engineer"].see == ("aggregate",)
    assert settings.roles["executive"] == DEFAULT_ROLES["executive"]


def test_the_file_is_the_option_else_the_environments_else_aar_yaml() -> None:
    assert config_path("a.yaml", {"AAR_CONFIG": "b.yaml"}) == Path("a.yaml")
    assert config_path(None, {"AAR_CONFIG": "b.yaml"}) == Path("b.yaml")
    assert config_path(None, {}) == Path("aar.yaml")


def test_importing_settings_loads_nothing_heavy() -> None:
    program = (
        "import sys, aar_platform.settings.loading;"
        "print([m for m in ('pandas', 'ibis', 'duckdb', 'babel', 'pycountry', 'pandera', 'dagster')"
        " if m in sys.modules])"
    )
    run = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True)
    assert run.stdout.strip() == "[]", run.stderr
