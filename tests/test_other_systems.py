"""Where the modules of POSIX are missing, as on Windows, the console is loaded all the same."""

from __future__ import annotations

import json
import subprocess
import sys

import platformdirs
import platformdirs.windows
import pytest
from textual.drivers.headless_driver import HeadlessDriver

from ncpconsole.cli import wiring
from ncpconsole.config.paths import console_paths
from ncpconsole.core.journal.anchor import Mark
from ncpconsole.core.journal.machine_anchor import FileAnchor, SystemLog

OF_POSIX_ALONE = {"ncpconsole.tui.textual_fixes.terminal_driver"}
PROBE = """
import importlib, json, os, pkgutil, sys
# What others load is theirs to know of Windows.
import asyncio, ctypes, multiprocessing, subprocess, tempfile
import click.testing, filelock, httpx, keyring, msgspec, textual.app, textual.drivers.headless_driver
for name in ("fcntl", "grp", "pwd", "resource", "termios", "tty"):
    sys.modules[name] = None
for name in ("getuid", "geteuid", "getegid", "getgroups", "chown", "fchmod", "O_NOFOLLOW", "O_NONBLOCK", "ttyname"):
    delattr(os, name)
sys.platform = "win32"
import ncpconsole
broken = {}
for found in pkgutil.walk_packages(ncpconsole.__path__, "ncpconsole."):
    if found.name != "ncpconsole.__main__":
        try:
            importlib.import_module(found.name)
        except Exception as error:
            broken[found.name] = repr(error)
from ncpconsole.tui.app import ConsoleApp
print(json.dumps([broken, "ncpconsole.tui.textual_fixes.terminal_driver" in sys.modules]))
"""


def test_every_module_can_be_loaded_where_those_of_posix_are_missing() -> None:
    ran = subprocess.run([sys.executable, "-c", PROBE], capture_output=True, text=True, check=True, timeout=120)
    broken, _ = json.loads(ran.stdout.splitlines()[-1])
    assert set(broken) == OF_POSIX_ALONE, broken


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
    acting = wiring.origin({"USERNAME": "somebody-else"})
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
