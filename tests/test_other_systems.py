"""Where the modules of POSIX are missing, as on Windows, the console is loaded all the same."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
from pathlib import Path

import platformdirs
import platformdirs.windows
import pytest
from textual.drivers.headless_driver import HeadlessDriver

from ncpconsole.cli import journal
from ncpconsole.config.paths import console_paths
from ncpconsole.core.journal.anchor import FileAnchor, Mark, SystemLog

ROOT = Path(__file__).parent.parent
OF_POSIX_ALONE = {"ncpconsole.tui.textual_fixes.terminal_driver"}
AS_ON_WINDOWS = """
import os, signal, sys
# What others load is theirs to know of Windows.
import asyncio, ctypes, http.server, multiprocessing, shutil, socket, sqlite3, subprocess, tempfile, urllib.request
import click.testing, filelock, freezegun, httpx, hypothesis, keyring, msgspec, ncloud_vserver, platformdirs, stamina
import textual.app, textual.drivers.headless_driver, textual.pilot, tomlkit, truststore, uuid, venv, zoneinfo
import cryptography.x509

def pretend():
    for name in ("fcntl", "grp", "pwd", "resource", "termios", "tty", "pty"):
        sys.modules[name] = None
    for module, names in (
        (os, "getuid geteuid getegid getgroups chown fchmod O_NOFOLLOW O_NONBLOCK ttyname fork openpty"),
        (signal, "SIGKILL SIGSTOP SIGHUP SIGTSTP SIGQUIT SIGCONT"),
    ):
        for name in names.split():
            delattr(module, name)
    sys.platform = "win32"
"""
PROBE = f"""{AS_ON_WINDOWS}
import importlib, json, pkgutil
pretend()
import ncpconsole
broken = {{}}
for found in pkgutil.walk_packages(ncpconsole.__path__, "ncpconsole."):
    if found.name != "ncpconsole.__main__":
        try:
            importlib.import_module(found.name)
        except Exception as error:
            broken[found.name] = repr(error)
print(json.dumps(broken))
"""


def test_every_module_can_be_loaded_where_those_of_posix_are_missing() -> None:
    ran = subprocess.run([sys.executable, "-c", PROBE], capture_output=True, text=True, check=True, timeout=120)
    broken = json.loads(ran.stdout.splitlines()[-1])
    assert set(broken) == OF_POSIX_ALONE, broken


@pytest.mark.slow
def test_the_tests_that_windows_runs_can_be_collected_there(tmp_path: Path) -> None:
    (tmp_path / "as_on_windows.py").write_text(f"{AS_ON_WINDOWS}\ndef pytest_sessionstart(session): pretend()\n")
    command = [sys.executable, "-m", "pytest", "-p", "as_on_windows", "--co", "-q", "tests"]
    environment = os.environ | {"PYTHONPATH": str(tmp_path)}
    ran = subprocess.run(command, cwd=ROOT, env=environment, capture_output=True, text=True, check=False, timeout=300)
    assert ran.returncode == 0, ran.stdout[-2000:]
    collected = re.search(r"^(\d+) tests collected", ran.stdout, re.MULTILINE)
    assert collected
    assert int(collected[1]) > 3000


def test_a_windows_console_asks_for_no_driver_of_posix(monkeypatch: pytest.MonkeyPatch) -> None:
    from ncpconsole.tui import app

    monkeypatch.setattr(sys, "platform", "win32")
    monkeypatch.setitem(sys.modules, "ncpconsole.tui.textual_fixes.terminal_driver", None)
    monkeypatch.setattr("textual.app.App.get_driver_class", lambda self: HeadlessDriver)
    assert app.ConsoleApp.get_driver_class(object.__new__(app.ConsoleApp)) is HeadlessDriver


def test_on_windows_no_variable_says_who_acts(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delattr("os.getuid")
    monkeypatch.setattr("os.getlogin", lambda: "ops1")  # GetUserNameW
    for name in ("LOGNAME", "USER", "LNAME", "USERNAME"):
        monkeypatch.setenv(name, "somebody-else")
    acting = journal.origin({"USERNAME": "somebody-else"})
    assert (acting.user, acting.uid) == ("ops1", None)
    assert acting.variables == {"USERNAME": "somebody-else"}


def test_on_windows_the_folders_name_the_program_once(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("XDG_CONFIG_HOME", "XDG_STATE_HOME"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("LOCALAPPDATA", "/c/AppData/Local")
    monkeypatch.setattr(platformdirs, "PlatformDirs", platformdirs.windows.Windows)
    monkeypatch.setattr("platformdirs.windows.get_win_folder", lambda _: "/c/AppData/Local")
    paths = console_paths()
    assert paths.config_file.as_posix() == "/c/AppData/Local/ncpconsole/config.toml"
    assert paths.journal.as_posix() == "/c/AppData/Local/ncpconsole/journal.db"


def test_without_a_system_log_nothing_is_told_and_nothing_breaks(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "platform", "win32")
    log = SystemLog()
    assert log.tell(Mark(first="1", path="journal.db", events=1, head="head")) is False
    log.close()
    assert FileAnchor().read() == ""
