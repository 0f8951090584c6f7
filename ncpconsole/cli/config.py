"""``ncpconsole config``: what the settings say, who said it, and a way to set one of them."""

from __future__ import annotations

from collections.abc import Iterator
from difflib import get_close_matches
from pathlib import Path
from typing import Any

import click
from click.shell_completion import CompletionItem

from ncpconsole.cli.exit_codes import ExitCode
from ncpconsole.cli.options import Options, check_use, shared_options
from ncpconsole.cli.output import fail, print_columns, print_json, say, say_done, warn
from ncpconsole.cli.runner import errors_as_exits
from ncpconsole.config.credentials import environment_pair
from ncpconsole.config.effective import effective_settings
from ncpconsole.config.paths import console_paths
from ncpconsole.config.profiles import chosen_name, resolve_profile
from ncpconsole.config.registry import BY_NAME, Group, Kind, Setting, Table
from ncpconsole.config.settings import Settings
from ncpconsole.config.settings_reader import read_settings
from ncpconsole.config.settings_writer import keep_setting
from ncpconsole.core.eligibility import rules_named
from ncpconsole.core.errors import ConfigError, ConsoleError, CredentialsError
from ncpconsole.language import msgid, shown, tr
from ncpconsole.ncp.errors import InvalidBaseUrl
from ncpconsole.ncp.signing import fingerprint

HEADINGS = (msgid("SETTING"), msgid("VALUE"), msgid("SAID BY"))
NOBODY = msgid("default")
SHOWN = ("region", "read_only", "rules", "api_url", "timeout")
"""What the command line may say of a setting."""
SETTABLE = {name: setting for name, setting in BY_NAME.items() if setting.group not in {Group.LOGIN, Group.TEAM}}


class ConfigGroup(click.Group):
    """Lists the settings below its help."""

    def format_epilog(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """Every setting that may be set, with what it means."""
        del ctx
        rows = [(name, tr(each.meaning), tr("Must be {what}.", what=each.must_be)) for name, each in SETTABLE.items()]
        with formatter.section(tr("Settings")):
            formatter.write_dl([(name, f"{meaning} {must_be}") for name, meaning, must_be in rows])


@click.group(cls=ConfigGroup, help=tr("Say what the settings are and who said it; set one; check the file."))
@shared_options("profile", *SHOWN)
@click.pass_context
def config_command(context: click.Context, /, options: Options) -> None:
    """Say what the settings are and who said it; set one; check the file."""
    context.obj = options
    command = config_command.get_command(context, context.invoked_subcommand or "")
    if command is not None and context.parent is not None:
        check_use(context.parent, command)
        check_use(context, command)


@config_command.command(
    "show",
    help=tr(
        "Show every setting as it holds, and who said it: an option, a variable, a file, or nobody.\n\n"
        "Asks no keyring: the protections shown are those of the key in the environment, else of the profile's own."
    ),
)
@shared_options("profile", *SHOWN)
@click.option("--json", "as_json", is_flag=True, help=tr("Print JSON."))
def show_command(options: Options, as_json: bool) -> None:
    """Show every setting as it holds, and who said it."""
    given = {name: getattr(options, name) for name in ("profile", "lang", *SHOWN)}
    with errors_as_exits():
        settings = read_settings(console_paths().config_file)
        held = effective_settings(settings, given, key_fingerprint=_environment_mark(options), environ=options.environ)
    if as_json:
        print_json(
            [{"name": each.name, "value": each.value, "source": each.source, "saidBy": each.said_by} for each in held]
        )
    else:
        print_columns(HEADINGS, [(each.name, each.text, shown(each.said_by) or tr(NOBODY)) for each in held])
    for note in settings.notes:
        warn(shown(note))


def _environment_mark(options: Options) -> str:
    """The fingerprint of the key in the environment; empty where there is none that can be used."""
    try:
        pair = environment_pair(options.environ)
    except CredentialsError:
        return ""
    return fingerprint(pair.access_key) if pair else ""


def _names(context: click.Context, parameter: click.Parameter, typed: str) -> list[CompletionItem]:
    """The settings whose name begins with what was typed; of the keys, one for each command."""
    from ncpconsole.tui.keymap import REMAPPABLE

    del context, parameter
    known = {name: tr(each.meaning) for name, each in SETTABLE.items() if each.table is not Table.KEYS}
    known |= {f"keys.{command}": tr("The keys of the command {command}.", command=command) for command in REMAPPABLE}
    return [CompletionItem(name, help=meaning) for name, meaning in known.items() if name.startswith(typed)]


def _values(context: click.Context, parameter: click.Parameter, typed: str) -> list[CompletionItem]:
    """The values that the setting named before may have, where they can be told."""
    del parameter
    setting = SETTABLE.get(context.params.get("name") or "")
    choices = () if setting is None else ("true", "false") if setting.kind is Kind.FLAG else setting.choices
    return [CompletionItem(choice) for choice in choices if choice.startswith(typed)]


@config_command.command(
    "set",
    help=tr(
        "Set NAME to VALUE in the settings file; the items of a list are separated by commas.\n\n"
        "The comments of the file stay. A value that would be ignored is refused."
    ),
)
@click.argument("name", shell_complete=_names)
@click.argument("value", shell_complete=_values)
@shared_options(profile=msgid("Profile whose setting it is."))
def set_command(name: str, value: str, options: Options) -> None:
    """Set one setting in the settings file."""
    setting, tables, key = _place(name, options)
    meant = _value(setting, value)
    where = _keep(tables, key, meant)
    say_done(tr("{setting} is {value} now, in {path}.", setting=_dotted(tables, key), value=value, path=where))


@config_command.command("unset", help=tr("Take NAME out of the settings file, so that its default holds."))
@click.argument("name", shell_complete=_names)
@shared_options(profile=msgid("Profile whose setting it is."))
def unset_command(name: str, options: Options) -> None:
    """Take NAME out of the settings file, so that its default holds."""
    _, tables, key = _place(name, options)
    where = _keep(tables, key, None)
    say_done(tr("{setting} is not set any more, in {path}.", setting=_dotted(tables, key), path=where))


def _place(name: str, options: Options) -> tuple[Setting, tuple[str, ...], str]:
    """The setting of that name, the tables of the file that it stands in, and its key there."""
    table, _, key = name.rpartition(".")
    setting = SETTABLE.get("keys.COMMAND" if table == Table.KEYS and key else name)
    if setting is None or name == "keys.COMMAND":
        if near := get_close_matches(name, SETTABLE, n=1):
            raise click.UsageError(tr("There is no such setting to set. Did you mean {name}?", name=near[0]))
        raise click.UsageError(tr("There is no such setting to set; ncpconsole config --help lists them."))
    if setting.table is not Table.PROFILE:
        return setting, (table,) if table else (), key
    with errors_as_exits():
        # A broken file is told where it is written.
        profile = options.profile or chosen_name(read_settings(console_paths().config_file), None, options.environ)
    return setting, ("profiles", profile), key


def _dotted(tables: tuple[str, ...], key: str) -> str:
    return ".".join((*tables, key))


def _value(setting: Setting, text: str) -> bool | float | str | list[str]:
    """The value as the file holds it. Ends the command where it is none of the kind."""
    wrong = click.UsageError(tr("{setting} must be {what}.", setting=setting.name, what=setting.must_be))
    match setting.kind:
        case Kind.FLAG:
            if text.casefold() not in {"true", "false"}:
                raise wrong
            return text.casefold() == "true"
        case Kind.NUMBER:
            try:
                number = float(text)
            except ValueError:
                raise wrong from None
            return int(number) if number.is_integer() else number
        case Kind.LIST:
            return [part.strip() for part in text.split(",")]
        case Kind.KEYS if "," in text.strip(","):
            return [part.strip() for part in text.split(",")]
    return text


def _keep(tables: tuple[str, ...], key: str, value: Any) -> Path:
    """Write it, if it brings no note and no objection with it; the file's path."""

    def approve(before: Settings, after: Settings) -> None:
        old = {*before.notes, *objections(before)}
        if new := [each for each in (*after.notes, *objections(after)) if each not in old]:
            raise ConfigError(tr("Nothing was written, since this would then be told: {note}", note=shown(new[0])))

    with errors_as_exits():
        path = console_paths().config_file
        keep_setting(path, tables, key, value, approve)
    return path


@config_command.command(
    "check",
    help=tr(
        "Check the settings file, or FILE, without opening anything: what is wrong, and what would be ignored.\n\n"
        "Exits with 1 where something is."
    ),
)
@click.argument("file", required=False, type=click.Path(dir_okay=False, path_type=Path))
@click.option("--json", "as_json", is_flag=True, help=tr("Print JSON."))
@click.pass_context
def check_config(context: click.Context, /, file: Path | None, as_json: bool) -> None:
    """Check the settings file, or FILE, without opening anything."""
    with errors_as_exits():
        path = file or console_paths().config_file
        if file is not None and not file.exists():
            fail(tr("There is no file {path}.", path=file), ExitCode.USAGE)
        settings = read_settings(path)
    found = [*settings.notes, *objections(settings)]
    if as_json:
        print_json({"file": str(path), "problems": found})
    elif found:
        for sentence in found:
            say(shown(sentence))
    elif path.exists():
        say(tr("{path} is in order.", path=path))
    else:
        say(tr("{path} does not exist; everything is at its default.", path=path))
    context.exit(ExitCode.FAILURE if found else ExitCode.DONE)


def objections(settings: Settings) -> Iterator[str]:
    """A sentence for each name in the settings that names nothing: rule set, column, theme, command, address."""
    from textual.theme import BUILTIN_THEMES

    from ncpconsole.tui.keymap import checked_keymap
    from ncpconsole.tui.themes import OWN_THEMES
    from ncpconsole.tui.widgets.columns import checked

    themes = {*BUILTIN_THEMES, *(theme.name for theme in OWN_THEMES)}
    for name, entry in settings.profiles.items():
        where = f"{settings.path}: profiles.{name}"
        try:
            profile = resolve_profile(settings, name, environ={})
            rules_named(profile.rules) if profile.rules else None
        except InvalidBaseUrl as error:
            yield f"{where}.api_url: {shown(error)}"
        except ConsoleError as error:
            yield f"{where}.rules: {shown(error)}"
        try:
            checked(entry.columns)
        except ConsoleError as error:
            yield f"{where}.columns: {shown(error)}"
        if entry.theme is not None and entry.theme not in themes:
            known = ", ".join(sorted(themes))
            yield tr("{where}: there is no such theme; the themes are {themes}.", where=f"{where}.theme", themes=known)
    try:
        checked_keymap(settings.keys)
    except ConsoleError as error:
        yield f"{settings.path}: {shown(error)}"
