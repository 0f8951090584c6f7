"""The settings from the command line: shown with who said them, set, taken out and checked."""

from __future__ import annotations

import json
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from ncpconsole.cli import root
from ncpconsole.config.registry import SETTINGS, Group, Kind, Setting, Table
from ncpconsole.tui.keymap import REMAPPABLE


def run(*words: str, **environ: str) -> Result:
    return CliRunner().invoke(root, words, env=environ)


@pytest.fixture
def file(private_environment: Path) -> Path:
    """The user's settings file; it does not exist yet."""
    return Path(json.loads(run("paths", "--json").stdout)["config"])


def test_what_holds_is_shown_with_who_said_it(file: Path) -> None:
    file.parent.mkdir(parents=True)
    file.write_text('[profiles.prod]\nprotected = true\nregions = ["KR", "SGN"]\nmystery = 1\n')
    words = ("--profile", "prod", "config", "show", "--timeout", "12.5")
    shown = run(*words, NCPCONSOLE_READ_ONLY="1")
    assert shown.exit_code == 0
    lines = {line.split()[0]: " ".join(line.split()[1:]) for line in shown.stdout.splitlines()}
    assert lines["SETTING"] == "VALUE SAID BY"
    assert lines["read_only"] == "true NCPCONSOLE_READ_ONLY"
    assert lines["protected"] == "true profile prod"
    assert lines["regions"] == "KR, SGN profile prod"
    assert lines["timeout"] == "12.5 --timeout"
    assert lines["cooldown"] == "30 default"
    assert "profiles.prod.mystery is not a setting of this version" in shown.stderr
    as_json = json.loads(run(*words, "--json").stdout)
    assert {"name": "regions", "value": ["KR", "SGN"], "source": "user file", "saidBy": "profile prod"} in as_json
    assert {"name": "key_store", "value": None, "source": "default", "saidBy": ""} in as_json


def test_the_key_in_the_environment_brings_its_protections(file: Path) -> None:
    from ncpconsole.ncp.signing import fingerprint

    key = "AKIAIOSFODNN7EXAMPLE"
    file.parent.mkdir(parents=True)
    file.write_text(f'[profiles.prod]\nprotected = true\nkey_fingerprint = "{fingerprint(key)}"\n')
    environ = {"NCLOUD_ACCESS_KEY": key, "NCLOUD_SECRET_KEY": "s" * 40}
    shown = run("config", "show", "--json", **environ)
    assert {"name": "protected", "value": True, "source": "user file", "saidBy": "profile prod"} in json.loads(
        shown.stdout
    )
    assert key not in shown.output
    assert environ["NCLOUD_SECRET_KEY"] not in shown.output


def typed(setting: Setting) -> tuple[str, str, object]:
    """How a setting's example is typed: its name, its value, and what the file has then."""
    value = tomllib.loads(f"value = {setting.example}")["value"]
    text = ",".join(value) if isinstance(value, list) else str(value).lower() if value is True else str(value)
    return setting.name.replace("COMMAND", "interrupt"), text, value


@pytest.mark.parametrize(
    "setting",
    [each for each in SETTINGS if each.group not in {Group.LOGIN, Group.TEAM}],
    ids=lambda setting: setting.name,
)
def test_every_setting_is_set_and_taken_out_and_the_comments_stay(setting: Setting, file: Path) -> None:
    file.parent.mkdir(parents=True)
    file.write_text("# mine\n")
    name, text, value = typed(setting)
    done = run("config", "set", name, text, "--profile", "prod")
    assert done.exit_code == 0, done.output
    kept = tomllib.loads(file.read_text())
    for part in ("profiles", "prod") if setting.table is Table.PROFILE else name.split(".")[:-1]:
        kept = kept[part]
    assert kept[name.split(".")[-1]] == value
    assert run("config", "check").exit_code == 0
    assert run("config", "unset", name, "--profile", "prod").exit_code == 0
    assert text not in file.read_text().replace("# mine", "")
    assert file.read_text().startswith("# mine\n")


@pytest.mark.parametrize(
    ("name", "value", "why"),
    [
        ("protected", "yes", "protected must be true or false."),
        ("cooldown", "soon", "cooldown must be a number of minutes from 0 to 1440."),
        ("cooldown", "1441", "profiles.prod.cooldown must be a number of minutes from 0 to 1440"),
        ("refresh", "3", "profiles.prod.refresh must be a number of seconds from 5 to 3600"),
        ("refresh", "nan", "refresh must be a number of seconds from 5 to 3600"),
        ("site", "mars", 'profiles.prod.site must be "public", "gov" or "fin"'),
        ("rules", "never", "there is no rule set named"),
        ("theme", "none", "there is no such theme"),
        ("columns", "name,nonsense", "the columns are name, number"),
        ("keys.interrupt", "j", "The interrupt cannot be put on j"),
        ("keys.nothing", "f9", "which does not exist"),
        ("keys.refresh", "j", "The key j is given to both"),
        ("api_url", "http://gateway.example", "plain http is for this machine alone"),
        ("region", "K R", "profiles.prod.region must be a region code"),
    ],
)
def test_what_would_be_ignored_or_refused_is_not_written(name: str, value: str, why: str, file: Path) -> None:
    refused = run("config", "set", "--profile", "prod", name, value)
    assert refused.exit_code != 0
    assert why.lower() in refused.stderr.lower()
    assert refused.stderr.lower().count("the default is used") == int(name == "refresh")
    assert not file.exists() or file.read_text() == ""


@pytest.mark.parametrize("name", ["key_fingerprint", "key_store", "secret_key", "keys.COMMAND", "keys.", "profiles.x"])
def test_what_is_no_setting_to_set_is_refused(name: str, file: Path) -> None:
    assert run("config", "set", name, "x").exit_code == 2
    assert not file.exists()


@pytest.mark.parametrize(("typed", "meant"), [("protcted", "protected"), ("readonly", "read_only")])
def test_a_slip_in_a_settings_name_is_told_the_name(typed: str, meant: str, file: Path) -> None:
    refused = run("config", "set", typed, "true")
    assert (refused.exit_code, f"Did you mean {meant}?" in refused.stderr) == (2, True)
    assert not file.exists()


def test_what_was_wrong_before_keeps_nobody_from_setting_something_else(file: Path) -> None:
    file.parent.mkdir(parents=True)
    file.write_text('[profiles.prod]\ntheme = "nonsense"\nmystery = 1\n')
    assert run("config", "set", "protected", "true", "--profile", "prod").exit_code == 0
    checked = run("config", "check")
    assert checked.exit_code == 1
    assert len(checked.stdout.splitlines()) == 2


def test_a_file_is_checked_before_it_is_used(tmp_path: Path, file: Path) -> None:
    other = tmp_path / "other.toml"
    other.write_text('[profiles.prod]\nregion = "KR"\n')
    assert run("config", "check", str(other)).exit_code == 0
    other.write_text("[profiles.prod\n")
    broken = run("config", "check", str(other), "--json")
    assert broken.exit_code == 1
    assert "line 1, column 15" in json.loads(broken.stdout)["error"]["message"]
    other.write_text('profiles.prod.rules = "x"\n')
    assert "no rule set named" in json.loads(run("config", "check", str(other), "--json").stdout)["problems"][0]
    assert run("config", "check", str(tmp_path / "none.toml")).exit_code == 2
    assert "does not exist" in run("config", "check").stdout


def test_every_wrong_value_is_told_at_once(tmp_path: Path) -> None:
    path = tmp_path / "other.toml"
    path.write_text(
        'default_profile = ""\n[profiles.prod]\nprotected = "yes"\ncooldown = 9999\nsite = "gov"\napi_url = "x"\n'
        '[profiles.lab]\nread_only = 1\n[journal]\nsyslog = 3\npath = "relative"\nteam = "x"\n'
    )
    checked = run("config", "check", str(path))
    assert (checked.exit_code, checked.stdout) == (1, "")
    message = json.loads(run("config", "check", str(path), "--json").stdout)["error"]["message"]
    for words in (
        "default_profile must be 1 to 64",
        "profiles.prod has both site and api_url",
        "profiles.prod.protected must be true or false, not this text.",
        "profiles.prod.cooldown must be",
        "profiles.lab.read_only must be true or false, not this number.",
        "journal.syslog must be true or false",
        "journal.path must be a full path",
        "journal.team must be an address",
    ):
        assert message.count(words) == 1
        assert words in checked.stderr


@pytest.mark.parametrize("command", ["check", "set", "unset"])
def test_an_option_that_only_show_has_a_use_for_is_refused_with_the_others(command: str, file: Path) -> None:
    for words in (("--region", "KR", "config", command), ("config", "--region", "KR", command)):
        refused = run(*words, "protected", *(("true",) if command == "set" else ()))
        assert refused.exit_code == 2
        assert "has no use for --region." in refused.stderr


def completed(words: str) -> list[str]:
    """What bash is offered for the last of these words."""
    parts = words.split(" ")
    environ = {"_NCPCONSOLE_COMPLETE": "bash_complete", "COMP_WORDS": words, "COMP_CWORD": str(len(parts) - 1)}
    code = "from ncpconsole.cli import root; root.main(prog_name='ncpconsole')"
    ran = subprocess.run([sys.executable, "-c", code], env=environ, capture_output=True, text=True, check=False)
    return [line.partition(",")[2] for line in ran.stdout.splitlines()]


def test_settings_and_their_values_are_completed() -> None:
    assert completed("ncpconsole config set pro") == ["protected"]
    assert completed("ncpconsole config unset journal.") == ["journal.syslog"]
    assert completed("ncpconsole config set keys.ref") == ["keys.refresh"]
    assert set(completed("ncpconsole config set keys.")) == {f"keys.{command}" for command in REMAPPABLE}
    assert completed("ncpconsole config set protected ") == ["true", "false"]
    assert completed("ncpconsole config set site g") == ["gov"]


def test_help_lists_the_settings() -> None:
    shown = run("config", "--help").stdout
    assert all(each.name in shown for each in SETTINGS if each.group not in {Group.LOGIN, Group.TEAM})
    assert {each.kind for each in SETTINGS} == set(Kind)
