"""`aar identity …`: the commands by which a person decides who is who."""

from collections.abc import Iterable

import click

from aar_platform.cli_options import everywhere, settings_of

_form = click.option(
    "--format",
    "form",
    type=click.Choice(["table", "csv", "json"]),
    default="table",
    show_default=True,
)
_by = click.option("--by", metavar="WHO", help="Who decides (default: who is logged in).")
_reason = click.option("--reason", metavar="R", help="Why; kept with the decision.")


@click.group()
@everywhere
def identity() -> None:
    """Decide who is who: from the next run on that outranks the evidence."""


def _say(lines: Iterable[str]) -> None:
    for line in lines:
        click.echo(line)


@identity.command()
@everywhere
@click.argument("customers", metavar="CUSTOMER CUSTOMER…", nargs=-1, required=True)
@_reason
@_by
@click.pass_context
def merge(
    context: click.Context, customers: tuple[str, ...], reason: str | None, by: str | None
) -> None:
    """Have customers be one."""
    from aar_platform.commands import identity as decide

    _say(decide.merge(settings_of(context), customers, reason, by))


@identity.command()
@everywhere
@click.argument("customer")
@click.argument("records", metavar="SOURCE/OBJECT/RECORD_ID…", nargs=-1, required=True)
@_reason
@_by
@click.pass_context
def split(
    context: click.Context,
    customer: str,
    records: tuple[str, ...],
    reason: str | None,
    by: str | None,
) -> None:
    """Have records leave their customer."""
    from aar_platform.commands import identity as decide

    _say(decide.split(settings_of(context), customer, records, reason, by))


@identity.command()
@everywhere
@click.argument("left", metavar="RECORD|CUSTOMER")
@click.argument("right", metavar="RECORD|CUSTOMER")
@_reason
@_by
@click.pass_context
def apart(
    context: click.Context, left: str, right: str, reason: str | None, by: str | None
) -> None:
    """Have two records, or two customers, never become one."""
    from aar_platform.commands import identity as decide

    _say(decide.apart(settings_of(context), left, right, reason, by))


@identity.command()
@everywhere
@click.argument("decision")
@_by
@click.pass_context
def undo(context: click.Context, decision: str, by: str | None) -> None:
    """Take a decision back."""
    from aar_platform.commands import identity as decide

    _say(decide.undo_decision(settings_of(context), decision, by))


@identity.command()
@everywhere
@click.option("--all", "with_undone", is_flag=True, help="Those undone too.")
@_form
@click.pass_context
def decisions(context: click.Context, with_undone: bool, form: str) -> None:
    """List what has been decided, by whom and why."""
    from aar_platform.commands.identity_review import decisions_listed

    click.echo(decisions_listed(settings_of(context), with_undone, form), nl=False)


@identity.command()
@everywhere
@click.option("--kind", type=click.Choice(["person", "company"]), help="Default: both.")
@click.option("--limit", type=click.IntRange(min=1), default=20, show_default=True)
@_form
@click.pass_context
def review(context: click.Context, kind: str | None, limit: int, form: str) -> None:
    """Show the pairs that wait for a person, strongest first."""
    from aar_platform.commands.identity_review import review as waiting

    click.echo(waiting(settings_of(context), kind, limit, form), nl=False)
