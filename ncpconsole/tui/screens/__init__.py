"""The screens by name. Each is loaded when it is first used: the first frame does not wait for them.

Import from here where a screen is opened; a screen's own file is imported by nothing else.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from ncpconsole.tui.screens.confirm import ConfirmScreen
    from ncpconsole.tui.screens.detail import DetailScreen, RawScreen
    from ncpconsole.tui.screens.export import ExportScreen, write_new
    from ncpconsole.tui.screens.help import HelpScreen
    from ncpconsole.tui.screens.history import HistoryScreen
    from ncpconsole.tui.screens.login import LoginScreen
    from ncpconsole.tui.screens.machine import DoctorScreen, PathsScreen
    from ncpconsole.tui.screens.pickers import ALL_REGIONS, ProfilePicker, RegionPicker
    from ncpconsole.tui.screens.resolve import ResolveScreen
    from ncpconsole.tui.screens.result import ResultScreen
    from ncpconsole.tui.screens.review import SKIP, STOP, ReviewScreen, Turn
    from ncpconsole.tui.screens.small_dialogs import (
        LoadingDialog,
        NoteScreen,
        QuitConfirm,
        RefusalDialog,
        WaitingScreen,
    )

__all__ = [
    "ALL_REGIONS", "SKIP", "STOP", "ConfirmScreen", "DetailScreen", "DoctorScreen", "ExportScreen", "HelpScreen",
    "HistoryScreen", "LoadingDialog", "LoginScreen", "NoteScreen", "PathsScreen", "ProfilePicker", "QuitConfirm",
    "RawScreen", "RefusalDialog", "RegionPicker", "ResolveScreen", "ResultScreen", "ReviewScreen", "Turn",
    "WaitingScreen", "write_new",
]  # fmt: skip

FILES = {
    "confirm": "ConfirmScreen",
    "detail": "DetailScreen RawScreen",
    "export": "ExportScreen write_new",  # no message: names
    "help": "HelpScreen",
    "history": "HistoryScreen",
    "login": "LoginScreen",
    "machine": "DoctorScreen PathsScreen",
    "pickers": "ALL_REGIONS ProfilePicker RegionPicker",
    "resolve": "ResolveScreen",
    "result": "ResultScreen",
    "review": "ReviewScreen SKIP STOP Turn",
    "small_dialogs": "LoadingDialog NoteScreen QuitConfirm RefusalDialog WaitingScreen",
}
HOMES = {name: file for file, names in FILES.items() for name in names.split()}


def __getattr__(name: str) -> object:
    """Load the file where ``name`` is at home."""
    if name not in HOMES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")  # no message: a mistake of ours
    value = globals()[name] = getattr(import_module(f"{__name__}.{HOMES[name]}"), name)
    return value
