"""Where things are kept, and that asking creates nothing."""

from __future__ import annotations

from pathlib import Path

import pytest

from ncpconsole.config.ncloud_cli import ncloud_cli_path
from ncpconsole.config.paths import console_paths
from ncpconsole.core.errors import ConfigError


def test_paths_lie_in_the_users_home_and_asking_creates_nothing(private_environment: Path) -> None:
    paths = console_paths()
    assert paths.config_file == private_environment / "config" / "ncpconsole" / "config.toml"
    assert paths.journal == private_environment / "state" / "ncpconsole" / "journal.db"
    assert paths.log.parent == paths.state_dir
    assert list(private_environment.iterdir()) == []


def test_variables_of_the_console_come_first(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("NCPCONSOLE_CONFIG", str(tmp_path / "mine.toml"))
    monkeypatch.setenv("NCPCONSOLE_STATE_DIR", "~/records")
    paths = console_paths()
    assert paths.config_file == tmp_path / "mine.toml"
    assert paths.state_dir == Path.home() / "records"


@pytest.mark.parametrize(
    ("variable", "value"),
    [
        ("NCPCONSOLE_CONFIG", "mine.toml"),
        ("NCPCONSOLE_CONFIG", "./mine.toml"),
        ("NCPCONSOLE_STATE_DIR", "state"),
        ("NCPCONSOLE_STATE_DIR", "../state"),
        ("NCPCONSOLE_STATE_DIR", " /state"),
        ("NCPCONSOLE_STATE_DIR", "~nobody-of-this-name/state"),
        ("XDG_CONFIG_HOME", "config"),
        ("XDG_STATE_HOME", "state"),
        ("HOME", "home"),
    ],
)
def test_a_path_that_depends_on_the_working_directory_is_refused_by_its_variables_name(
    monkeypatch: pytest.MonkeyPatch, variable: str, value: str
) -> None:
    if variable == "HOME":
        monkeypatch.delenv("XDG_CONFIG_HOME")
        monkeypatch.delenv("XDG_STATE_HOME")
    monkeypatch.setenv(variable, value)
    with pytest.raises(ConfigError, match=f"{variable}.* full path"):
        console_paths()


@pytest.mark.parametrize("variable", ["NCPCONSOLE_CONFIG", "NCPCONSOLE_STATE_DIR", "XDG_CONFIG_HOME", "XDG_STATE_HOME"])
@pytest.mark.parametrize("behind", ["\r", "\n", " ", "\t", "\x1b[K/state", "\N{NO-BREAK SPACE}"])
def test_a_path_with_what_nobody_sees_behind_it_is_refused_since_it_means_another_journal(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, variable: str, behind: str
) -> None:
    """As a file of variables brings it that was written on Windows."""
    monkeypatch.setenv(variable, f"{tmp_path / 'state'}{behind}")
    with pytest.raises(ConfigError, match=f"{variable} ends with a blank, or holds a line end"):
        console_paths()


def test_a_path_in_letters_of_any_script_and_with_blanks_within_is_taken(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("NCPCONSOLE_STATE_DIR", str(tmp_path / "내 기록 é\udcff"))
    assert console_paths().state_dir == tmp_path / "내 기록 é\udcff"


def test_a_relative_home_does_not_matter_where_nothing_lies_in_it(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("HOME", "home")
    monkeypatch.setenv("NCPCONSOLE_CONFIG", str(tmp_path / "mine.toml"))
    monkeypatch.setenv("NCPCONSOLE_STATE_DIR", str(tmp_path / "state"))
    assert console_paths().state_dir == tmp_path / "state"
    with pytest.raises(ConfigError, match=r"HOME.* full path"):
        ncloud_cli_path()


def test_no_home_is_one_sentence(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("XDG_CONFIG_HOME")
    monkeypatch.delenv("HOME")

    def unknown(_: int) -> None:
        raise KeyError("no such user")

    monkeypatch.setattr("pwd.getpwuid", unknown)
    with pytest.raises(ConfigError, match="set HOME"):
        console_paths()
