"""The log goes into a file of our own: no link is followed, nobody else reads it, and it does not grow for ever."""

from __future__ import annotations

import logging
import os
import stat
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from ncpconsole.cli import runner
from ncpconsole.cli.runner import LogFile
from tests.end_to_end.simulation import simulation


def write(path: Path, text: str = "a warning") -> bool:
    """Log one record; whether it was written."""
    log = LogFile(path)
    log.emit(logging.LogRecord("test", logging.WARNING, "", 0, text, (), None))
    return log.is_written


def mode(path: Path) -> int:
    return stat.S_IMODE(path.stat().st_mode)


@pytest.fixture
def state(tmp_path: Path) -> Path:
    directory = tmp_path / "state"
    directory.mkdir(mode=0o700)
    return directory


def test_it_is_its_owner_s_alone(state: Path) -> None:
    log = state / "debug.log"
    assert write(log)
    assert mode(log) == 0o600
    log.chmod(0o644)
    assert write(log, "another")
    assert mode(log) == 0o600
    assert "a warning" in log.read_text(encoding="utf-8")
    assert "another" in log.read_text(encoding="utf-8")


def symlink(log: Path, target: Path) -> None:
    log.symlink_to(target)


def hard_link(log: Path, target: Path) -> None:
    log.hardlink_to(target)


def pipe(log: Path, _: Path) -> None:
    os.mkfifo(log)


def directory(log: Path, _: Path) -> None:
    log.mkdir()


@pytest.mark.parametrize("put", [symlink, hard_link, pipe, directory])
def test_what_is_no_file_of_its_own_gets_nothing(put: Callable[[Path, Path], None], state: Path) -> None:
    target = state.parent / "target"
    target.write_text("whole", encoding="utf-8")
    target.chmod(0o644)
    put(state / "debug.log", target)
    assert not write(state / "debug.log")
    assert (target.read_text(encoding="utf-8"), mode(target)) == ("whole", 0o644)


@pytest.mark.parametrize("bits", [0o777, 0o770, 0o1777])
def test_a_directory_that_others_write_to_gets_nothing(bits: int, state: Path) -> None:
    os.chown(state, os.getuid(), 54321)
    state.chmod(bits)
    assert not write(state / "debug.log")
    assert list(state.iterdir()) == []


def test_it_is_put_aside_when_it_is_large(state: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(runner, "LOG_BYTES", 10_000)
    log = state / "debug.log"
    for _ in range(100):
        assert write(log, "x" * 500)
    assert sorted(path.name for path in state.iterdir()) == ["debug.log", "debug.log.1"]
    assert all(path.stat().st_size <= 10_000 and mode(path) == 0o600 for path in state.iterdir())


def test_a_crash_is_told_and_no_link_followed(state: Path, tmp_path: Path) -> None:
    target = tmp_path / "target"
    target.write_text("whole", encoding="utf-8")
    (state / "debug.log").symlink_to(target)
    with simulation("--servers", "8") as gateway:
        ran = subprocess.run(
            [sys.executable, "-m", "tests.end_to_end.breaking", "listing", "servers"],
            env=dict(os.environ) | gateway.environment | {"NCPCONSOLE_STATE_DIR": str(state)},
            capture_output=True,
            text=True,
            check=False,
            timeout=60,
        )
    assert ran.returncode == 1
    assert "internal error" in ran.stderr
    assert "log:" not in ran.stderr
    assert target.read_text(encoding="utf-8") == "whole"
