"""One record, wherever the console is run from: a path that moves with the working directory is refused."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from tests.simulator.threaded import running_simulator

pytestmark = pytest.mark.slow  # most of its tests start programs


def run(words: list[str], cwd: Path, environment: dict[str, str]) -> subprocess.CompletedProcess[str]:
    cwd.mkdir(exist_ok=True)
    return subprocess.run(
        [sys.executable, "-m", "ncpconsole", *words],
        cwd=cwd,
        env=environment,
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )


@pytest.mark.parametrize("variable", ["NCPCONSOLE_STATE_DIR", "XDG_STATE_HOME", "HOME"])
def test_another_directory_gives_no_second_record_and_no_second_interrupt(tmp_path: Path, variable: str) -> None:
    with running_simulator(servers=8, faults=["interrupt-unknown"]) as gateway:
        environment = {name: value for name, value in os.environ.items() if not name.startswith(("NC", "XDG_", "HOME"))}
        environment |= {"HOME": str(tmp_path), "PYTHONPATH": str(Path.cwd()), **gateway.environment, variable: "state"}
        send = ["--timeout", "2", "interrupt", "142300001", "--confirm", "web-00001", "--json"]
        for directory in ("a", "b"):
            ran = run(send, tmp_path / directory, environment)
            assert ran.returncode == 5, ran
            assert variable in ran.stdout + ran.stderr
            assert list((tmp_path / directory).iterdir()) == []
        assert gateway.interrupts == []
        printed = run(["paths"], tmp_path / "a", environment)
        assert printed.returncode == 1
        assert variable in printed.stderr


def test_the_paths_printed_are_full_ones(tmp_path: Path) -> None:
    environment = dict(os.environ) | {"PYTHONPATH": str(Path.cwd()), "NCPCONSOLE_STATE_DIR": "~/records"}
    ran = run(["paths", "--json"], tmp_path / "a", environment)
    assert ran.returncode == 0
    places = json.loads(ran.stdout)
    assert set(places) >= {"config", "state", "journal", "log"}
    assert places.pop("guard") == "account"
    assert all(Path(place).is_absolute() for place in places.values())
