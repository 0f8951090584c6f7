"""Every private name of Textual that the console uses: found in the source, and each is what it is taken for.

The version is pinned for their sake; whoever raises it learns here which of them changed.
"""

from __future__ import annotations

import ast
import asyncio
import atexit
import importlib
import inspect
import pkgutil
import re
from collections.abc import Callable, Iterator
from functools import cache
from pathlib import Path
from threading import Thread
from types import ModuleType
from typing import Any

import pytest
from textual._parser import Parser
from textual._xterm_parser import XTermParser
from textual.app import App
from textual.command import CommandPalette
from textual.driver import Driver
from textual.drivers.linux_driver import LinuxDriver
from textual.filter import LineFilter
from textual.message_pump import MessagePump
from textual.widget import Widget
from textual.widgets import Input, OptionList

import ncpconsole
import ncpconsole.tui

SOURCE = Path(ncpconsole.__file__).parent

METHODS: dict[tuple[type, str], str] = {
    (MessagePump, "_close_messages_no_wait"): "(self) -> 'None'",
    (MessagePump, "_context"): "(self) -> 'Generator[None, None, None]'",
    (App, "_handle_exception"): "(self, error: 'Exception') -> 'None'",
    (LinuxDriver, "_get_terminal_size"): "(self) -> 'tuple[int, int]'",
    (LinuxDriver, "_sigcont_application"): "(self, *_) -> 'None'",
    (LinuxDriver, "_sigtstp_application"): "(self, *_) -> 'None'",
    (OptionList, "_move_page"): "(self, direction: '_widget_navigation.Direction') -> 'None'",
    (OptionList, "_on_click"): "(self, event: 'events.Click') -> 'None'",
    (Widget, "_on_click"): "(self, event: 'events.Click') -> 'None'",
    (Widget, "_on_key"): "(self, event: 'events.Key') -> 'None'",
    (Input, "_on_key"): "(self, event: 'events.Key') -> 'None'",
    (Input, "_on_paste"): "(self, event: 'events.Paste') -> 'None'",
}
"""Private methods that are called or overridden, and their signatures."""
VALUES: dict[tuple[type, str], type | tuple[type, ...]] = {
    (App, "_driver"): (Driver, type(None)),
    (App, "_exception"): (Exception, type(None)),
    (App, "_exception_event"): asyncio.Event,
    (App, "_exit"): bool,
    (App, "_filters"): list,
    (App, "_return_code"): (int, type(None)),
    (MessagePump, "_closing"): bool,
    (Widget, "_pruning"): bool,
    (CommandPalette, "_NO_MATCHES"): str,
    (CommandPalette, "_placeholder"): str,
    (Driver, "_app"): App,
    (Driver, "_loop"): asyncio.AbstractEventLoop,
    (Driver, "_size"): (tuple, type(None)),
    (LinuxDriver, "_must_signal_resume"): bool,
    (LinuxDriver, "_writer_thread"): (Thread, type(None)),
    (Parser, "_awaiting"): object,
}
"""Private attributes that are read or set, and what they hold."""
MODULES: dict[str, dict[str, type]] = {
    "textual._ansi_sequences": {"ANSI_SEQUENCES_KEYS": dict},
    "textual._context": {"active_message_pump": object},
    "textual._keyboard_protocol": {"FUNCTIONAL_KEYS": dict},
    "textual._widget_navigation": {"Direction": object},
    "textual._xterm_parser": {"SPECIAL_SEQUENCES": set, "XTermParser": type},
}
"""Private modules that names are taken from."""
OF_PYTHON = [(atexit, "_run_exitfuncs")]
"""Private functions of Python's own modules."""
EXPECTED_NAMES = {name for _, name in (*METHODS, *VALUES, *OF_PYTHON)}


def is_private(name: str) -> bool:
    return name.startswith("_") and not name.startswith("__")


def nodes() -> Iterator[ast.AST]:
    for path in SOURCE.rglob("*.py"):
        yield from ast.walk(ast.parse(path.read_text(encoding="utf-8")))


def used_but_not_ours() -> set[str]:
    """Private attributes that are named somewhere and that no file of ours defines."""
    used: set[str] = set()
    ours: set[str] = set()
    for node in nodes():
        match node:
            case ast.FunctionDef(name=name) | ast.AsyncFunctionDef(name=name) | ast.Name(id=name, ctx=ast.Store()):
                ours.add(name)
            case ast.Attribute(attr=name, value=ast.Name(id="self"), ctx=ast.Store()):
                ours.add(name)
            case ast.Attribute(attr=name) if is_private(name):
                used.add(name)
    return used - ours


source = cache(inspect.getsource)


def shared_with_a_base() -> set[str]:
    """Private names in a class of ours that a class of Textual above it has as well, be it meant or not."""
    found: set[str] = set()
    for info in pkgutil.walk_packages(ncpconsole.tui.__path__, "ncpconsole.tui."):
        module = importlib.import_module(info.name)
        for ours in vars(module).values():
            if not inspect.isclass(ours) or ours.__module__ != info.name:
                continue
            names = set(re.findall(r"(?:self\.|def |super\(\)\.)(_[a-z]\w*)", inspect.getsource(ours)))
            for base in ours.__mro__:
                if base.__module__.startswith("textual"):
                    theirs = source(base)
                    found |= {
                        name for name in names if re.search(rf"(?:self\.|def |^    ){name}\b", theirs, re.MULTILINE)
                    }
    return found


@pytest.mark.slow
def test_no_private_name_is_used_that_is_not_held_here() -> None:
    assert used_but_not_ours() | shared_with_a_base() == EXPECTED_NAMES


def test_no_private_module_is_used_that_is_not_held_here() -> None:
    imported: dict[str, set[str]] = {}
    for node in nodes():
        match node:
            case ast.ImportFrom(module=str(module), names=names) if not module.startswith("ncpconsole"):
                if any(map(is_private, module.split("."))):
                    imported.setdefault(module, set()).update(each.name for each in names)
                assert not any(is_private(each.name) for each in names), module
    assert imported == {module: set(names) for module, names in MODULES.items()}


@pytest.mark.parametrize("module", MODULES)
def test_a_private_module_has_what_is_taken_from_it(module: str) -> None:
    for name, kind in MODULES[module].items():
        assert isinstance(getattr(importlib.import_module(module), name), kind)


@pytest.mark.parametrize(("owner", "name"), METHODS, ids=lambda value: getattr(value, "__name__", value))
def test_a_private_method_has_the_same_signature(owner: type, name: str) -> None:
    assert str(inspect.signature(vars(owner)[name])) == METHODS[owner, name]


@pytest.mark.parametrize(("owner", "name"), VALUES, ids=lambda value: getattr(value, "__name__", value))
async def test_a_private_attribute_holds_the_same_kind_of_value(owner: type, name: str) -> None:
    makers: dict[type, Callable[[], Any]] = {
        App: App,
        MessagePump: MessagePump,
        Widget: Widget,
        CommandPalette: CommandPalette,
        Driver: lambda: LinuxDriver(App()),
        LinuxDriver: lambda: LinuxDriver(App()),
        Parser: XTermParser,
    }
    made = makers[owner]()
    assert isinstance(getattr(made, name), VALUES[owner, name])
    assert re.search(rf"\b{name}\b", inspect.getsource(owner))


@pytest.mark.parametrize(("module", "name"), OF_PYTHON, ids=lambda value: getattr(value, "__name__", value))
def test_a_private_function_of_python_is_there(module: ModuleType, name: str) -> None:
    assert callable(getattr(module, name))


def test_the_filters_of_an_app_are_line_filters() -> None:
    assert all(isinstance(each, LineFilter) for each in App()._filters)
