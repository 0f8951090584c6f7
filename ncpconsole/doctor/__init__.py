"""Runs all checks one after the other: this machine first, then the network, then the account."""

from __future__ import annotations

import os
from collections.abc import AsyncIterator, Mapping

from ncpconsole.config.credentials import environment_has_key
from ncpconsole.config.effective import effective_settings
from ncpconsole.config.paths import console_paths
from ncpconsole.config.profiles import Profile, resolve_profile
from ncpconsole.config.settings import Settings
from ncpconsole.config.settings_reader import read_settings
from ncpconsole.core.errors import ConfigError
from ncpconsole.core.wording import flags
from ncpconsole.doctor.findings import Finding, Status, failure, ok, warning
from ncpconsole.doctor.local_checks import check_environment, check_files, check_key, check_keyring, check_machine
from ncpconsole.doctor.remote_checks import check_account, check_connection
from ncpconsole.language import shown, tr
from ncpconsole.ncp.errors import InvalidBaseUrl


async def examine(
    profile: str | None = None,
    *,
    api_url: str | None = None,
    region: str | None = None,
    environ: Mapping[str, str] = os.environ,
) -> AsyncIterator[Finding]:
    """What every check found, as soon as it did. The arguments are what the command line said.

    Sends reads only; the keyring gets one item of its own, which is removed again.
    """
    for finding in check_machine(environ):
        yield finding
    paths = console_paths()
    try:
        settings = read_settings(paths.config_file)
    except ConfigError as error:
        settings = Settings(paths.config_file)
        yield failure("config", shown(error), tr("Correct the file; until then the console does not start."))
    for finding in (*check_files(paths, settings), *check_environment(environ)):
        yield finding
    chosen, of_profile = _chosen_profile(settings, profile, api_url, region, environ)
    has_command = chosen is not None and bool(chosen.key_command)
    has_keyring = True
    async for finding in check_keyring(is_needed=not (environment_has_key(environ) or has_command)):
        has_keyring = has_keyring and finding.status is not Status.FAILURE
        yield finding
    yield of_profile
    if chosen is None:
        return
    yield _said(settings, {"profile": profile, "api_url": api_url, "region": region}, environ)
    pair = None
    if has_keyring or has_command:
        pair, findings = await check_key(chosen, environ)
        for finding in findings:
            yield finding
    else:
        nowhere = tr("The environment holds none, and the keyring cannot be used.")
        yield failure("key", nowhere, tr("See keyring above."))
    is_reached = True
    async for finding in check_connection(chosen):
        # A wrong clock does not keep the gateway from answering, and what it says is worth hearing.
        is_reached = is_reached and (finding.status is not Status.FAILURE or finding.check == "clock")
        yield finding
    if pair is None or not is_reached:
        no_key, not_reached = tr("Not tested: there is no key."), tr("Not tested: the gateway was not reached.")
        why = no_key if pair is None else not_reached
        yield warning("signature", why, tr("Mend the failure above, then run doctor again."))
        return
    async for finding in check_account(chosen, pair.credentials):
        yield finding


def _chosen_profile(
    settings: Settings, profile: str | None, api_url: str | None, region: str | None, environ: Mapping[str, str]
) -> tuple[Profile | None, Finding]:
    """The profile that would be used, or None where its settings do not allow it."""
    try:
        chosen = resolve_profile(settings, profile, api_url=api_url, region=region, environ=environ)
    except (ConfigError, InvalidBaseUrl) as error:
        remedy = tr("Correct what names it: an option, a variable or the settings.")
        return None, failure("profile", shown(error), remedy)
    gateway = tr("{url} from {source}", url=chosen.base_url, source=shown(chosen.base_url_from))
    words = ", ".join((chosen.name, chosen.site, gateway, *flags(chosen.policy)))
    return chosen, ok("profile", words)


def _said(settings: Settings, options: Mapping[str, str | None], environ: Mapping[str, str]) -> Finding:
    """What is not at its default, and who said it."""
    held = effective_settings(settings, options, environ=environ)
    said = [f"{each.name} {each.text} ({shown(each.said_by)})" for each in held if each.said_by]
    return ok("settings", ", ".join(said) or tr("All at their defaults."))
