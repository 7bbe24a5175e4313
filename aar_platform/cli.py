"""`aar`, the command line: reads the arguments, calls the command, turns errors into one line."""

import difflib
import sys
from datetime import date, datetime
from pathlib import Path

import click

from aar_platform.cli_identity import identity
from aar_platform.cli_options import (
    Refusal,
    console_of,
    everywhere,
    is_quiet,
    member_of,
    month_of,
    path_of,
    settings_of,
)


def _day(_: click.Context, __: click.Parameter, value: datetime | None) -> date | None:
    return value.date() if value else None


@click.group(context_settings={"help_option_names": ["-h", "--help"]})
@everywhere
@click.version_option(package_name="aar_platform")
def aar() -> None:
    """Customers of every system in one table, their KPIs, segments and reports."""


aar.add_command(identity)


@aar.command()
@everywhere
@click.pass_context
def init(context: click.Context) -> None:
    """Write a commented aar.yaml."""
    from aar_platform.settings.loading import EXAMPLE

    path = path_of(context)
    if path.exists():
        raise Refusal(f"{path}: is there already; remove it first, or name another with --config")
    path.write_text(EXAMPLE.read_text(encoding="utf-8"), encoding="utf-8")
    click.echo(f"{path} written; edit it, then try 'aar check'")


@aar.command()
@everywhere
@click.pass_context
def check(context: click.Context) -> None:
    """Validate aar.yaml, secrets and sources: one line per problem."""
    from aar_platform.commands.check import problems

    found = problems(settings_of(context))
    for line in found:
        click.echo(line)
    if found:
        context.exit(1)
    click.echo(f"{path_of(context)}: all is well")


@aar.command()
@everywhere
@click.option("--select", metavar="S", help="Assets to materialise, in Dagster's selection syntax.")
@click.option("--from", "first", type=click.DateTime(["%Y-%m-%d"]), callback=_day, metavar="DAY")
@click.option("--to", "last", type=click.DateTime(["%Y-%m-%d"]), callback=_day, metavar="DAY")
@click.pass_context
def run(context: click.Context, select: str | None, first: date | None, last: date | None) -> None:
    """Materialise the pipeline in this process."""
    from aar_platform.commands.days_asked import without_data
    from aar_platform.commands.run import Window, run_pipeline

    settings = settings_of(context)
    if first and last and first > last:
        raise Refusal(f"--from {first} is after --to {last}")
    window, console = Window(first, last), console_of(context)
    failures = run_pipeline(settings, path_of(context), select, window, console)
    if failures:
        raise Refusal("\n".join(failures))
    if not is_quiet(context):
        said = without_data(settings, first, last) or "done"
        click.echo(f"{said}; reports lie in {settings.delivery.outbox}")


@aar.command()
@everywhere
@click.option(
    "--customers", type=click.IntRange(50), help="Size; default: the folder's company, else 5000."
)
@click.option("--dir", "folder", default="demo", show_default=True, type=click.Path(path_type=Path))
@click.option("--seed", type=int, help="Another seed, another company; default: the same, else 7.")
@click.pass_context
def demo(context: click.Context, customers: int | None, folder: Path, seed: int | None) -> None:
    """A made-up company, end to end, in a folder of its own."""
    from aar_platform.commands.demo import run_demo

    failures, said = run_demo(customers, folder, seed, console_of(context))
    if failures:
        raise Refusal("\n".join(failures))
    for line in said:
        click.echo(line)


@aar.command()
@everywhere
@click.option(
    "--customers", type=click.IntRange(50), help="Size; default: the folder's company, else 5000."
)
@click.option("--dir", "folder", default="demo", show_default=True, type=click.Path(path_type=Path))
@click.option("--seed", type=int, help="Another seed, another company; default: the same, else 7.")
@click.option("--port", default=0, help="Default: that of the folder, else any free one.")
def sandbox(customers: int | None, folder: Path, seed: int | None, port: int) -> None:
    """Serve the made-up company's systems on loopback, as their vendors do."""
    from aar_platform.commands.sandbox import serve_company

    serve_company(customers, folder, seed, port, click.echo)


@aar.command()
@everywhere
@click.argument("template")
@click.option("--account", metavar="ID", help="The customer_id a report is about.")
@click.option("--format", "formats", multiple=True, type=click.Choice(["html", "pdf", "xlsx"]))
@click.option("--locale", metavar="L", help="Language and formats, such as en, de or zh.")
@click.option("--for", "reader", metavar="RECIPIENT", help="E-mail of a recipient in aar.yaml.")
@click.option("--month", metavar="YYYY-MM", help="The month (default: the last complete one).")
@click.option("--out", default=".", type=click.Path(path_type=Path, file_okay=False))
@click.pass_context
def report(
    context: click.Context,
    template: str,
    account: str | None,
    formats: tuple[str, ...],
    locale: str | None,
    reader: str | None,
    month: str | None,
    out: Path,
) -> None:
    """Render a report on demand."""
    from aar_platform.commands.report import render_report

    settings = settings_of(context)
    for path in render_report(settings, template, account, formats, locale, reader, month, out):
        click.echo(path)


@aar.command()
@everywhere
@click.argument("sql")
@click.option(
    "--format",
    "form",
    type=click.Choice(["table", "csv", "json"]),
    default="table",
    show_default=True,
)
@click.pass_context
def query(context: click.Context, sql: str, form: str) -> None:
    """Read-only SQL on the warehouse."""
    from aar_platform.commands.query import run_query

    click.echo(run_query(settings_of(context), sql, form), nl=False)


@aar.command()
@everywhere
@click.argument("subject", metavar="CUSTOMER|KPI")
@click.option("--month", callback=month_of, metavar="YYYY-MM", help="Of a KPI: the month.")
@click.option("--by", callback=member_of, metavar="DIM=MEMBER", help="Of a KPI: a member's figure.")
@click.option(
    "--format",
    "form",
    type=click.Choice(["table", "json", "csv"]),
    default="table",
    show_default=True,
)
@click.option(
    "--chart",
    type=click.Path(path_type=Path, dir_okay=False),
    metavar="FILE",
    help="Draw the match weights into a file, *.svg or *.png.",
)
@click.pass_context
def explain(
    context: click.Context,
    subject: str,
    month: date | None,
    by: tuple[str, str] | None,
    form: str,
    chart: Path | None,
) -> None:
    """Say what is behind a customer or a figure.

    CUSTOMER is a customer_id, or a record: SOURCE/RECORD_ID or SOURCE/OBJECT/RECORD_ID; told is
    why its records are one customer, and where each value is from. KPI is the name of a KPI, such
    as revenue; told are its definition, its figure in a month (default: the last complete one) and
    the source rows.
    """
    from aar_platform.commands.explain import explain as explained
    from aar_platform.commands.explain_kpi import explain_kpi
    from aar_platform.kpis.registry import kpis

    settings = settings_of(context)
    defined = kpis(settings.kpis.custom)
    if subject in defined:
        if chart is not None:
            raise Refusal("--chart draws the match weights of a customer, not a KPI")
        click.echo(explain_kpi(settings, defined[subject], month, by, form), nl=False)
        return
    near = difflib.get_close_matches(subject, defined, 1)
    if month or by or form == "csv":
        hint = f"did you mean {near[0]}?" if near else "docs/kpis.md lists them"
        raise Refusal(f"{subject}: no such KPI (--month, --by and csv are of KPIs); {hint}")
    kpi = near[0] if near else None
    click.echo(explained(settings, subject, form, chart, near_kpi=kpi), nl=False)


@aar.command()
@everywhere
@click.argument("truth", type=click.Path(path_type=Path), metavar="TRUTH.csv")
@click.option(
    "--format", "form", type=click.Choice(["table", "json"]), default="table", show_default=True
)
@click.pass_context
def evaluate_identity(context: click.Context, truth: Path, form: str) -> None:
    """Precision and recall of the customers, by a table of source, record_id and entity."""
    from aar_platform.commands.evaluate_identity import evaluate_identity as evaluated

    click.echo(evaluated(settings_of(context), truth, form), nl=False)


@aar.command()
@everywhere
@click.argument("folder", type=click.Path(path_type=Path, file_okay=False))
def docs(folder: Path) -> None:
    """Write the generated pages of the documentation."""
    from aar_platform.commands.docs import write_docs

    for path in write_docs(folder):
        click.echo(path)


def main() -> None:
    """Entry point: known errors are lines on stderr, never a traceback."""
    try:
        status = aar.main(standalone_mode=False)
        sys.exit(status if isinstance(status, int) else 0)
    except click.exceptions.Abort:
        click.echo("interrupted", err=True)
        sys.exit(130)
    except click.ClickException as error:
        error.show()
        sys.exit(error.exit_code)
    except Exception as error:
        # Who raise them are the whole platform: 1.5 s to load, which most commands need not wait.
        from aar_platform.commands.errors import KNOWN

        if not isinstance(error, KNOWN):
            raise
        click.echo(str(error), err=True)
        sys.exit(1)


if __name__ == "__main__":
    main()
