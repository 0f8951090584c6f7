"""The console as one file: it starts by itself, from nothing but its Python, and refuses another one in words."""

from __future__ import annotations

import subprocess
import sys
from importlib.metadata import version
from pathlib import Path

import pytest

from tools.single_file import build


@pytest.fixture(scope="module")
def file(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return build(tmp_path_factory.mktemp("dist"))


def start(file: Path, home: Path, *words: str, prelude: str = "") -> subprocess.CompletedProcess[str]:
    """Start it with a Python that has nothing installed."""
    home.mkdir(exist_ok=True)
    bare = [sys._base_executable, "-I"]  # type: ignore[attr-defined]  # the Python that .venv was made from
    command = [*bare, str(file)]
    if prelude:
        code = (
            f"import runpy, sys; {prelude}; sys.argv = sys.argv[1:]; runpy.run_path(sys.argv[0], run_name='__main__')"
        )
        command = [*bare, "-c", code, str(file)]
    environment = {"HOME": str(home), "PATH": "/usr/bin:/bin"}
    return subprocess.run([*command, *words], env=environment, capture_output=True, text=True, check=False, timeout=120)


@pytest.mark.slow
def test_it_starts_with_nothing_installed_and_unpacks_once_for_its_user_alone(file: Path, tmp_path: Path) -> None:
    home = tmp_path / "home"
    for _ in range(2):
        assert start(file, home, "--version").stdout == f"ncpconsole {version('ncpconsole')}\n"
    (place,) = (home / ".cache" / "ncpconsole").iterdir()
    assert [path.stat().st_mode & 0o077 for path in (place.parent, place)] == [0, 0]
    # msgspec is compiled, and textual has its own files beside its modules.
    shown = start(file, home, "simulate", "--fault", "help")
    assert (shown.returncode, shown.stderr) == (0, "")
    assert "no terminal" in start(file, home, "demo").stderr
    place.chmod(0o777)
    refused = start(file, home, "--version")
    assert refused.returncode == 1
    assert "can be written by others" in refused.stderr


@pytest.mark.slow
def test_another_python_gets_a_sentence(file: Path, tmp_path: Path) -> None:
    ran = start(file, tmp_path / "home", "--version", prelude="sys.version_info = (3, 10, 1)")
    assert ran.returncode == 1
    assert ran.stderr.startswith("This file is for Python 3.")
    assert len(ran.stderr.splitlines()) == 1
