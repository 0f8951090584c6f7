"""Where things are kept, and that asking creates nothing."""

from __future__ import annotations

from pathlib import Path

import pytest

from ncpconsole.config.paths import console_paths
from ncpconsole.config.settings import ConfigError


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


def test_a_relative_override_does_not_move_with_the_working_directory(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("NCPCONSOLE_CONFIG", "mine.toml")
    assert console_paths().config_file == tmp_path / "mine.toml"


def test_no_home_is_one_sentence(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("XDG_CONFIG_HOME")
    monkeypatch.delenv("HOME")

    def unknown(_: int) -> None:
        raise KeyError("no such user")

    monkeypatch.setattr("pwd.getpwuid", unknown)
    with pytest.raises(ConfigError, match="set HOME"):
        console_paths()
