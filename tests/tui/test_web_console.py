"""The web console's page: opened where there is a window for it, else given to the clipboard; never drawn over us."""

from __future__ import annotations

import os
import stat
from dataclasses import replace
from typing import TYPE_CHECKING

import pytest

from ncpconsole.core.session import web_console_of
from ncpconsole.ncp.sites import SITES, servers_page
from ncpconsole.tui.web_browser import has_window, is_of_terminals, opened
from tests.tui.console_driver import Accounts, open_console

if TYPE_CHECKING:
    from pathlib import Path

    from tests.tui.console_driver import Backend


def test_each_site_has_its_own_console() -> None:
    assert {name: servers_page(name) for name in SITES} == {
        "public": "https://console.ncloud.com/vpc-compute/server",
        "gov": "https://console.gov-ncloud.com/vpc-compute/server",
        "fin": "https://console.fin-ncloud.com/vpc-compute/server",
    }
    assert servers_page("simulator") == ""
    assert web_console_of(SITES["gov"].base_url) == "console.gov-ncloud.com"
    assert web_console_of("http://127.0.0.1:8080") == "console.ncloud.com"


@pytest.mark.parametrize(
    ("environ", "platform", "there"),
    [
        ({}, "linux", False),
        ({"DISPLAY": ":0"}, "linux", True),
        ({"WAYLAND_DISPLAY": "wayland-0"}, "linux", True),
        ({"DISPLAY": "localhost:10.0", "SSH_CONNECTION": "192.0.2.7 1 192.0.2.8 22"}, "linux", False),
        ({}, "darwin", True),
        ({"SSH_TTY": "/dev/ttys001"}, "darwin", False),
        ({}, "win32", True),
    ],
)
def test_a_window_needs_a_display_on_this_machine(environ: dict[str, str], platform: str, there: bool) -> None:
    assert has_window(environ, platform) is there


@pytest.mark.parametrize(
    ("command", "is_one"),
    [("w3m", True), ("/usr/bin/lynx -vikeys", True), ("www-browser", True), ("firefox", False), ("xdg-open", False)],
)
def test_a_browser_of_the_terminal_is_none(command: str, is_one: bool) -> None:
    assert is_of_terminals(command) is is_one


def browser(directory: Path, name: str) -> Path:
    """A program that notes the address it was given."""
    program = directory / name
    program.write_text(
        f'#!/bin/sh\necho noise; echo noise >&2; echo "$1" > {directory}/asked.new\n'
        f"mv {directory}/asked.new {directory}/asked\n"
    )
    program.chmod(program.stat().st_mode | stat.S_IXUSR)
    return program


@pytest.fixture
def at_a_desk(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DISPLAY", ":0")


@pytest.mark.usefixtures("at_a_desk")
async def test_with_a_display_the_browser_is_given_the_page(
    backend: Backend, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("BROWSER", str(browser(tmp_path, "a-browser")))
    forget_browsers(monkeypatch)
    async with open_console(backend) as console:
        await console.press("o")
        await console.wait_for_text("Opened https://console.ncloud.com/vpc-compute/server; look there for")
        await console.wait_for((tmp_path / "asked").exists)
    assert (tmp_path / "asked").read_text() == "https://console.ncloud.com/vpc-compute/server\n"


@pytest.mark.usefixtures("at_a_desk")
def test_a_browser_of_the_terminal_is_not_started(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("BROWSER", str(browser(tmp_path, "w3m")))
    forget_browsers(monkeypatch)
    assert not opened("https://console.ncloud.com")


def forget_browsers(monkeypatch: pytest.MonkeyPatch) -> None:
    """Have the standard library look for browsers anew, as a program that starts does."""
    import webbrowser

    monkeypatch.setattr(webbrowser, "_tryorder", None)
    monkeypatch.setattr(webbrowser, "_browsers", {})


async def test_without_a_display_the_address_is_shown_and_copied(backend: Backend) -> None:
    assert not os.environ.get("DISPLAY")
    async with open_console(backend) as console:
        await console.press("o")
        await console.wait_for_text("https://console.ncloud.com/vpc-compute/server", "look there for")
        assert console.app.clipboard == "https://console.ncloud.com/vpc-compute/server"


async def test_another_gateway_has_none(backend: Backend) -> None:
    async with open_console(Accounts(backend)) as console:
        session = console.session
        console.app.account.session = replace(session, identity=replace(session.identity, site="simulator"))
        await console.press("o")
        await console.wait_for_text("There is no web console of this gateway")
