"""Every setting is in the registry, as it is read, and nothing else is."""

from __future__ import annotations

import re
import tomllib
from dataclasses import fields
from pathlib import Path

import pytest

from ncpconsole.config import settings_parser
from ncpconsole.config.profiles import resolve_profile
from ncpconsole.config.registry import OF_PROFILE, SETTINGS, Setting, Table
from ncpconsole.config.settings import ProfileEntry
from ncpconsole.config.settings_parser import parse_settings
from ncpconsole.config.variables import VARIABLES
from ncpconsole.core.eligibility import DEFAULT_RULES, RULE_SETS
from ncpconsole.core.errors import ConfigError
from ncpconsole.core.policy import Policy
from ncpconsole.ncp.sites import SITES
from ncpconsole.tui.themes import DEFAULT_THEME

PATH = Path("/etc/config.toml")


def document(setting: Setting, value: str) -> str:
    """A settings file that says this alone."""
    table = {Table.PROFILE: "[profiles.prod]\n", Table.JOURNAL: "[journal]\n", Table.KEYS: "[keys]\n"}
    key = "interrupt" if setting.table is Table.KEYS else setting.key
    return f"{table.get(setting.table, '')}{key} = {value}\n"


def test_a_profile_holds_what_the_registry_says() -> None:
    assert {field.name for field in fields(ProfileEntry)} == set(OF_PROFILE)


def test_what_the_file_may_say_elsewhere_is_in_the_registry_too() -> None:
    source = Path(settings_parser.__file__).read_text(encoding="utf-8")
    read = {
        *re.findall(r'document\.pop\("(\w+)"', source),
        *(f"journal.{key}" for key in re.findall(r'journal\.pop\("(\w+)"', source)),
    } - {"profiles", "keys", "journal"}
    assert read == {each.name for each in SETTINGS if each.table in {Table.TOP, Table.JOURNAL}}


@pytest.mark.parametrize("setting", SETTINGS, ids=lambda each: each.name)
def test_an_example_is_read_without_a_note_and_a_wrong_value_does_what_the_registry_says(setting: Setting) -> None:
    tomllib.loads(f"example = {setting.example}")
    assert parse_settings(PATH, document(setting, setting.example)).notes == ()
    assert setting.must_be
    wrong = document(setting, "{}")
    if setting.is_cosmetic:
        assert len(parse_settings(PATH, wrong).notes) == 1
    else:
        with pytest.raises(ConfigError, match=setting.key):
            parse_settings(PATH, wrong)


def test_defaults_are_those_of_a_session() -> None:
    profile = resolve_profile(parse_settings(PATH, ""), environ={})
    said = {each.name: each.default for each in SETTINGS}
    assert (profile.name, profile.site, profile.ascii) == (
        said["default_profile"],
        said["site"],
        said["ascii"] != "false",
    )
    assert profile.policy == Policy(
        read_only=said["read_only"] != "false",
        protected=said["protected"] != "false",
        require_reason=said["require_reason"] != "false",
        cooldown=float(said["cooldown"]) * 60,
        send_deadline=float(said["timeout"]),
        interrupt_method=said["interrupt_method"],
        refresh_every=float(said["refresh"]),
    )
    assert (said["rules"], said["theme"]) == (DEFAULT_RULES, DEFAULT_THEME)


def test_choices_are_those_that_there_are() -> None:
    choices = {each.name: each.choices for each in SETTINGS}
    assert choices["site"] == tuple(SITES)
    assert choices["rules"] == tuple(RULE_SETS)


def test_variables_that_say_a_setting_are_variables() -> None:
    assert {each.variable for each in SETTINGS} - {""} <= {each.name for each in VARIABLES}
