"""What all commands share: where aar.yaml is, how a refusal is told, what shows progress."""

import sys
from collections.abc import Callable
from datetime import date, datetime
from pathlib import Path
from typing import Any

import click
from rich.console import Console

from aar_platform.settings.loading import Settings, config_path, load_settings


class Refusal(click.ClickException):
    """An error of the user's making or finding: its lines on stderr, exit status 1."""

    def show(self, file: object = None) -> None:
        for line in self.message.splitlines():
            click.echo(line, err=True)


def _said_anywhere(context: click.Context, option: click.Parameter, value: object) -> object:
    """`--config` and `--quiet` may stand before the command or behind it; the last one counts."""
    said = context.ensure_object(dict)
    if value:
        said[option.name] = value
    return value


def everywhere(command: Callable[..., Any]) -> Callable[..., Any]:
    """Give a command the options that go with every command."""
    for option in (
        click.option("--quiet", is_flag=True, help="No progress display."),
        click.option("--config", metavar="FILE", help="Default: AAR_CONFIG, else aar.yaml."),
    ):
        command = option(command)
    parameters: list[click.Option] = command.__click_params__[-2:]  # type: ignore[attr-defined]
    for parameter in parameters:
        parameter.callback, parameter.expose_value = _said_anywhere, False
    return command


def path_of(context: click.Context) -> Path:
    """Which file the command is about."""
    return config_path(context.ensure_object(dict).get("config"))


def settings_of(context: click.Context) -> Settings:
    """The settings of that file. Raises Refusal where there is none, and SettingsError."""
    path = path_of(context)
    if not path.is_file():
        raise Refusal(f"{path}: no such file; write one with 'aar init', or name it with --config")
    return load_settings(path)


def is_quiet(context: click.Context) -> bool:
    """Whether `--quiet` was said."""
    return bool(context.ensure_object(dict).get("quiet"))


def console_of(context: click.Context) -> Console:
    """Progress goes to stderr, and nowhere unless a person watches."""
    quiet = is_quiet(context) or not sys.stderr.isatty()
    return Console(stderr=True, quiet=quiet)


def month_of(_: click.Context, __: click.Parameter, value: str | None) -> date | None:
    """The first day of a month written as 2026-05; a whole date is its month too."""
    if value is None:
        return None
    for form in ("%Y-%m", "%Y-%m-%d"):
        try:
            return datetime.strptime(value, form).date().replace(day=1)
        except ValueError:
            continue
    raise click.BadParameter(f"{value!r} is no month; write it as 2026-05")


def member_of(_: click.Context, __: click.Parameter, value: str | None) -> tuple[str, str] | None:
    """A dimension and one of its members, written as country=FR."""
    if value is None:
        return None
    dimension, sign, member = value.partition("=")
    if not sign or not dimension or not member:
        raise click.BadParameter(f"{value!r} names no member; write it as country=FR")
    return dimension, member
