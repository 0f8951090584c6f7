"""Textual's driver for terminals, which reads pasted text as text and gives the terminal back last of all.

Symptoms, seen in Textual 8.2.8:
- an ESC in pasted text acts as a key, so that text can press keys;
- a Ctrl+S typed while the program ends holds it for ever, and a Ctrl+Z stops it or starts the screen again over a
  program that has ended, since the modes of the terminal are given back before all is written;
- a Ctrl+Z stops the program for ever where no shell can continue it (tmux or a terminal's window started with the
  program, a container, ``ssh -t``), and under a wrapper, which is not stopped, so that the shell goes on waiting;
- a terminal that takes nothing more blocks the program;
- after a SIGCONT that follows no Ctrl+Z the program never ends;
- COLUMNS and LINES in the environment beat the size of the terminal, so that a dialog is answered of which nothing
  is in sight.

Tests: tests/tui/test_keyboard.py, tests/tui/test_size.py, tests/tui/test_terminal_given_back.py,
tests/tui/test_hanging_calls.py, tests/tui/test_suspend.py.
"""

from __future__ import annotations

import os
import selectors
import signal
import sys
import termios
from codecs import getincrementaldecoder
from collections.abc import Callable
from contextlib import suppress
from typing import Any

from textual import events
from textual.app import App
from textual.driver import Driver
from textual.drivers.linux_driver import LinuxDriver
from textual.geometry import Size
from textual.message import Message

from ncpconsole.tui.textual_fixes.key_reports import ASK_FOR_KINDS, ReportReader

assert sys.platform != "win32"  # noqa: S101 - Windows has a driver of its own; for the type checker

ESC = "\x1b"
PASTE_BEGINS = "\x1b[200~"
PASTE_ENDS = "\x1b[201~"


class PasteFilter:
    """Takes every ESC out of pasted text, but those of the brackets. Call it with each piece that was read.

    Outside a paste nothing is changed or held back: a lone ESC is the Esc key. Inside, an ESC and what may
    still become the closing bracket wait for the next piece.
    """

    def __init__(self) -> None:
        self._begun = 0
        self._pasting = False
        self._held = ""

    def __call__(self, text: str) -> str:
        """The piece to be read on."""
        return "".join(map(self._passed, text))

    def _passed(self, char: str) -> str:
        if self._pasting:
            return self._pasted(char)
        self._begun = self._begun + 1 if char == PASTE_BEGINS[self._begun] else int(char == ESC)
        if self._begun == len(PASTE_BEGINS):
            self._begun, self._pasting = 0, True
        return char

    def _pasted(self, char: str) -> str:
        self._held += char
        if PASTE_ENDS.startswith(self._held):
            if self._held != PASTE_ENDS:
                return ""
            self._held, self._pasting = "", False
            return PASTE_ENDS
        # It was none, and only its last character can be the first of another.
        text, self._held = (self._held[:-1], ESC) if char == ESC else (self._held, "")
        return text.replace(ESC, "")


def terminal_size(*files: int) -> tuple[int, int]:
    """Columns and lines of the terminal itself; 80 × 24 where it does not know, or there is none."""
    for file in (*files, 2, 1):
        with suppress(OSError, ValueError):
            columns, lines = os.get_terminal_size(file)
            if columns and lines:
                return columns, lines
    return 80, 24


def driver_for(base: type[Driver]) -> type[Driver]:
    """Our driver in place of Textual's for Unix terminals; any other as it is, such as the one of Windows."""
    if base.__module__ != "textual.drivers.linux_driver":
        return base

    return TerminalDriver


class TerminalDriver(LinuxDriver):
    """Reads the keyboard through `PasteFilter`; bytes that are not UTF-8 become U+FFFD.

    The terminal's modes come last, and nothing is written after them. The size is the terminal's own.
    """

    def __init__(
        self, app: App[Any], *, debug: bool = False, mouse: bool = True, size: tuple[int, int] | None = None
    ) -> None:
        super().__init__(app, debug=debug, mouse=mouse, size=size)
        self._size = size or self._get_terminal_size()
        self._was_continued = False

    def run_input_thread(self) -> None:
        """Read until the driver stops or the terminal is gone; an error ends the program."""
        try:
            self.read_keys()
        except Exception as error:  # noqa: BLE001 - nothing is above a thread; the program is told
            self._app.call_later(self._app._handle_exception, error)

    def read_keys(self) -> None:
        """Read, take apart, and pass on."""
        reader = ReportReader()
        fit = PasteFilter()
        decode = getincrementaldecoder("utf-8")("replace").decode
        with selectors.DefaultSelector() as ready:
            ready.register(self.fileno, selectors.EVENT_READ)
            while not self.exit_event.is_set():
                if ready.select(0.1):
                    read = os.read(self.fileno, 4096)
                    if not read:
                        return
                    for event in reader.feed(fit(decode(read))):
                        self.take(event)
                for event in reader.tick():
                    self.take(event)

    def take(self, event: Message) -> None:
        """Pass an event on; a new size is measured, whatever the report says."""
        if isinstance(event, events.Resize):
            size = Size(*self._get_terminal_size())
            event = events.Resize(size, size, pixel_size=event.pixel_size)
        self.process_message(event)

    def _get_terminal_size(self) -> tuple[int, int]:
        return terminal_size(self.fileno)

    def start_application_mode(self) -> None:
        """Begin, and have held keys told from pressed ones where the terminal can."""
        super().start_application_mode()  # type: ignore[no-untyped-call]  # Textual's own
        if self._writer_thread is not None:
            self.write(ASK_FOR_KINDS)
            self.flush()

    def write(self, data: str) -> None:
        """Write while the terminal is ours and somebody takes it: a queue that nobody empties would block."""
        if self._writer_thread is not None and self._writer_thread.is_alive():
            super().write(data)

    def stop_application_mode(self) -> None:
        """Write everything, then let the terminal be as it was. Keys typed meanwhile reach no shell."""
        modes, self.attrs_before = self.attrs_before, None
        super().stop_application_mode()
        self.close()
        self._writer_thread = None
        if modes is not None:
            with suppress(termios.error):
                termios.tcsetattr(self.fileno, termios.TCSAFLUSH, modes)

    @property
    def can_suspend(self) -> bool:
        """Whether a shell can bring the program back: one with job control gives each job a process group.

        In the session leader's group there is none: the leader is the program itself or a script that started it.
        """
        return os.getpgrp() != os.getsid(0)

    def _sigtstp_application(self, *_: object) -> None:
        self._soon(self._suspend)

    def _sigcont_application(self, *_: object) -> None:
        self._was_continued = True
        self._soon(self._resume)

    def _soon(self, act: Callable[[], None]) -> None:
        """Have the loop do it: a signal's handler interrupts anything, also another's work on the terminal."""
        if not self._loop.is_closed():
            self._loop.call_soon_threadsafe(act)

    def _suspend(self) -> None:
        """Suspend a console that is on screen; not one that is leaving, or whose interrupt is on its way."""
        if self._writer_thread is None or not self.can_suspend or getattr(self._app, "is_sending", False):
            return
        self.suspend_application_mode()
        self._must_signal_resume = True
        # The whole job, as the terminal would stop it: a wrapper that is not stopped keeps the shell waiting.
        signal.signal(signal.SIGTSTP, signal.SIG_IGN)
        os.kill(0, signal.SIGTSTP)
        # Not by SIGSTOP: the system drops this signal where the shell has ended meanwhile.
        signal.signal(signal.SIGTSTP, signal.SIG_DFL)
        signal.raise_signal(signal.SIGTSTP)
        signal.signal(signal.SIGTSTP, self._sigtstp_application)
        self._sigcont_application()

    def _resume(self) -> None:
        """Set the screen up anew, also after a SIGSTOP, which nobody is told of; one that is leaving stays as it is.

        Textual's would read the keyboard with a second thread, which then keeps the program from ending.
        """
        if not self._was_continued:
            return
        self._was_continued = False
        with self._app._context():  # told before a key is read, and not behind those that came meanwhile
            self._app.app_resume_signal.publish(self._app)
        if self._writer_thread is not None:
            self.suspend_application_mode()
            self._must_signal_resume = True
        if self._must_signal_resume:
            self.resume_application_mode()
