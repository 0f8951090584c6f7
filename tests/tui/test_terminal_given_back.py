"""Nothing that is typed while the console leaves keeps it, or a shell, from going on."""

from __future__ import annotations

import asyncio
import os
import pty
import select
import signal
import sys
import termios
from typing import TYPE_CHECKING, Any

import pytest
from textual.drivers.headless_driver import HeadlessDriver
from textual.drivers.linux_driver import LinuxDriver

from ncpconsole.tui.textual_fixes.terminal_driver import TerminalDriver, driver_for
from tests.end_to_end.terminal import Terminal

if TYPE_CHECKING:
    from pathlib import Path

    from textual.message import Message

pytestmark = pytest.mark.slow

GIVEN_BACK = b"\x1b[?1049l"
TAKEN = b"\x1b[?1049h"


@pytest.mark.parametrize("key", [b"\x13", b"\x1a"], ids=["ctrl+s", "ctrl+z"])
def test_a_key_typed_while_the_console_leaves_does_not_hold_it(tmp_path: Path, key: bytes) -> None:
    with Terminal("-m", "tests.tui.held_app", str(tmp_path), program=sys.executable) as console:
        console.shows("128 servers")
        console.press("q")
        # From now on the terminal takes keys for signals again, and does what they say before it reads on.
        console.until(lambda _: is_given_back(console), "the terminal to be given back")
        console.child.send(key)
        (tmp_path / "go").touch()
        assert console.ended() == 0


def is_given_back(console: Terminal) -> bool:
    """Whether the terminal shows what it showed, and takes Ctrl+C for a signal."""
    return GIVEN_BACK in console.raw and bool(termios.tcgetattr(console.child.child_fd)[3] & termios.ISIG)


@pytest.mark.parametrize("signals", [(signal.SIGCONT,), (signal.SIGSTOP, signal.SIGCONT)], ids=["cont", "stop, cont"])
def test_a_console_that_was_stopped_and_continued_goes_on_and_ends(
    tmp_path: Path, signals: tuple[signal.Signals, ...]
) -> None:
    with Terminal("-m", "tests.tui.pty_app", str(tmp_path), program=sys.executable) as console:
        console.shows("128 servers")
        modes = termios.tcgetattr(console.child.child_fd)[3]
        begun = console.raw.count(TAKEN)
        for number in signals:
            console.child.kill(number)
        console.until(lambda _: console.raw.count(TAKEN) > begun, "the terminal to be taken again")
        console.find("142300012")
        assert termios.tcgetattr(console.child.child_fd)[3] == modes
        console.press("q")
        assert console.ended() == 0


class Receiver:
    """Takes what a driver reports, in the place of an app."""

    async def _post_message(self, message: Message) -> bool:
        return True

    def call_later(self, *_: Any) -> None:
        """Take an error of the reader."""


async def test_the_modes_come_back_last_and_nothing_is_written_after_them(monkeypatch: pytest.MonkeyPatch) -> None:
    master, slave = pty.openpty()
    with os.fdopen(slave, "r+b", buffering=0) as opened:
        monkeypatch.setattr(sys, "__stdin__", os.fdopen(os.dup(opened.fileno()), "r"))
        monkeypatch.setattr(sys, "__stderr__", os.fdopen(os.dup(opened.fileno()), "w"))
        before = termios.tcgetattr(slave)
        written = bytearray()
        at_modes: list[bytes] = []
        set_modes = termios.tcsetattr

        def drain() -> None:
            while select.select([master], [], [], 0.2)[0]:
                written.extend(os.read(master, 65536))

        def spy(fileno: int, when: int, modes: list[Any]) -> None:
            if modes == before and written:
                drain()
                at_modes.append(bytes(written))
            set_modes(fileno, when, modes)

        driver = TerminalDriver(Receiver())  # type: ignore[arg-type]  # all that a driver asks of an app
        driver.start_application_mode()
        drain()
        assert termios.tcgetattr(slave) != before
        monkeypatch.setattr(termios, "tcsetattr", spy)
        driver.stop_application_mode()
        driver.disable_input()  # as Textual does once more while it closes
        driver.write("late")
        driver.close()
        await asyncio.sleep(0)
        drain()
        assert termios.tcgetattr(slave) == before
        assert at_modes
        assert GIVEN_BACK in at_modes[0]
        assert at_modes[0] == bytes(written)
        sys.__stdin__.close()  # type: ignore[union-attr]  # ours, a line above
        sys.__stderr__.close()  # type: ignore[union-attr]  # ours, a line above
    os.close(master)


def test_another_driver_stays_as_it_is_and_needs_no_unix(monkeypatch: pytest.MonkeyPatch) -> None:
    assert driver_for(LinuxDriver) is TerminalDriver
    monkeypatch.setitem(sys.modules, "textual.drivers.linux_driver", None)
    assert driver_for(HeadlessDriver) is HeadlessDriver
