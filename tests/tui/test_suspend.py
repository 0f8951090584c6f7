"""Ctrl+Z: a shell that can bring the console back gets the terminal; where there is none, nothing stops for good."""

from __future__ import annotations

import os
import shlex
import signal
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from tests.end_to_end.terminal import Terminal
from tests.tui.console_driver import open_console

if TYPE_CHECKING:
    from tests.tui.console_driver import Backend

NOBODY = "Not suspended: there is no shell"


def is_stopped(pid: int) -> bool:
    """Whether a process is stopped, as by a shell's job control."""
    return Path(f"/proc/{pid}/stat").read_text(encoding="ascii").rpartition(")")[2].split()[0] == "T"


@pytest.mark.slow
@pytest.mark.parametrize(
    "started", ["{console}", "sh -c '{console}; echo it ended with $?'"], ids=["itself", "wrapped"]
)
def test_a_shell_gets_the_terminal_and_brings_the_console_back(tmp_path: Path, started: str) -> None:
    program = f"{shlex.quote(sys.executable)} -m tests.tui.pty_app {shlex.quote(str(tmp_path))}"
    with Terminal("--norc", "--noprofile", "-i", program="bash", environment={"PS1": "shell> "}) as console:
        console.shows("shell>")
        console.press(f"{started.format(console=program)}\r")
        console.shows("128 servers", "? help")
        for brought_back in ("fg", "bg; wait %1; fg"):  # the job stops again at once: bash must have seen it
            written = len(console.raw)
            console.press("\x1a")
            console.until(lambda text: "Stopped" in text and text.rstrip().endswith("shell>"), "the shell")
            given_back = console.raw[written:].partition(b"\x1b[?1049l")[2]
            assert b"\x1b[?1049h" not in given_back
            console.press(f"{brought_back}\r")
            console.shows("128 servers", "? help")
        console.press("?")
        console.shows("send one, after typing")
        console.press("q")
        console.hides("send one, after typing")
        console.press("q")
        console.until(lambda text: text.rstrip().endswith("shell>"), "the shell")
        console.press("echo it ended with $?\r")
        console.shows("it ended with 0")
        console.press("exit\r")
        assert console.ended() == 0


@pytest.mark.slow
@pytest.mark.parametrize("started", ["exec {console}", "{console}; exit $?"], ids=["itself", "of a script"])
def test_without_a_shell_it_says_so_and_goes_on(tmp_path: Path, started: str) -> None:
    program = f"{shlex.quote(sys.executable)} -m tests.tui.pty_app {shlex.quote(str(tmp_path))}"
    with Terminal("-c", started.format(console=program), program="sh") as console:
        console.shows("128 servers", "? help")
        console.press("\x1a")
        console.shows(NOBODY)
        os.kill(console.child.pid, signal.SIGTSTP)
        console.press("?")
        console.shows("send one, after typing")
        assert not is_stopped(console.child.pid)
        console.press("q")
        console.hides("send one, after typing")
        console.press("q")
        assert console.ended() == 0


def at_send(console: Terminal) -> None:
    """Open the dialog of a server and go to Send, which takes the next Enter."""
    console.shows("128 servers", "? help")
    console.find("file-00011")
    console.press("!")
    console.shows("nothing typed yet")
    console.type("file-00011")
    console.shows("go to Send")
    console.press("\r")
    console.shows("enter SENDS")


@pytest.mark.slow
def test_an_enter_right_after_the_console_was_brought_back_sends_nothing(tmp_path: Path) -> None:
    program = f"{shlex.quote(sys.executable)} -m tests.tui.pty_app {shlex.quote(str(tmp_path))}"
    with Terminal("--norc", "--noprofile", "-i", program="bash", environment={"PS1": "shell> "}) as console:
        console.shows("shell>")
        console.press(f"{program}\r")
        at_send(console)
        console.press("\x1a")
        console.until(lambda text: "Stopped" in text and text.rstrip().endswith("shell>"), "the shell")
        written = len(console.raw)
        console.press("fg\r")
        while b"\x1b[?1004h" not in console.raw[written:]:
            assert console.read(0.01)
        console.press("\r\r")
        console.shows("release Enter", "look once more")
        console.shows("enter SENDS")
        console.press("\r")
        console.shows("ACCEPTED")


@pytest.mark.slow
def test_an_enter_that_came_while_the_console_was_stopped_sends_nothing(tmp_path: Path) -> None:
    program = f"{shlex.quote(sys.executable)} -m tests.tui.pty_app {shlex.quote(str(tmp_path))}"
    with Terminal("-c", f"exec {program}", program="sh") as console:
        at_send(console)
        os.kill(console.child.pid, signal.SIGSTOP)
        console.press("\r\r")
        os.kill(console.child.pid, signal.SIGCONT)
        console.shows("release Enter", "look once more")
        console.shows("enter SENDS")
        console.press("\r")
        console.shows("ACCEPTED")


async def test_not_while_an_interrupt_is_on_its_way(backend: Backend) -> None:
    async with open_console(backend) as console:
        console.app.flow.sending.add("web-1 (300)")
        await console.press("ctrl+z")
        await console.wait_for_text("An interrupt is on its way: the")
        console.app.flow.sending.clear()
