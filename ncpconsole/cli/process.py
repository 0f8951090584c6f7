"""The program as a process: its streams, its memory, its environment, and the signals that end it."""

from __future__ import annotations

import atexit
import codecs
import os
import signal
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from time import monotonic
from types import FrameType
from typing import NoReturn

from ncpconsole.config.variables import SECRETS

ENDING = ("SIGINT", "SIGTERM", "SIGHUP", "SIGQUIT")
ONE_HASTE = 2.0
"""Seconds within which several signals are one wish, as when a terminal closes or Ctrl-C is held."""
PR_SET_DUMPABLE = 4
M_MMAP_THRESHOLD = -3
USAGE = 2
REDIRECT = "Where it is not wanted, redirect it to /dev/null."  # no message: said before the language is known


ASCII = {"“": '"', "”": '"', "‘": "'", "’": "'", "…": "~", "–": "-", "—": "-", "→": ">", "×": "x", "·": "|"}
"""What stands in for a mark of our own sentences where an encoding lacks it, one cell for one."""
STAND_IN = "ncpconsole.stand-in"


def _stood_in(error: UnicodeError) -> tuple[str, int]:
    """Marks in ASCII, and any other character as its escape."""
    if not isinstance(error, UnicodeEncodeError):
        raise error
    lacking = error.object[error.start : error.end]
    text = "".join(ASCII.get(letter) or letter.encode("ascii", "backslashreplace").decode() for letter in lacking)
    return text, error.end


codecs.register_error(STAND_IN, _stood_in)


def prepare() -> dict[str, str]:
    """Make the process ready; returns its environment. Keys are in that alone: no child inherits them.

    Ends the program where standard output or standard error is closed. The next file that is opened, the
    journal perhaps, would take the number of a closed one, and be written into.
    """
    streams = {"output": sys.stdout, "error": sys.stderr}
    for closed in (name for name, stream in streams.items() if stream is None):
        for stream in streams.values():
            with suppress(OSError):
                if stream is not None:
                    why = f"Standard {closed} is closed, so nothing was done."  # no message: as above
                    stream.write(f"ncpconsole: {why} {REDIRECT}\n")
        end(USAGE)
    if sys.stdin is None:
        sys.stdin = open(os.devnull, encoding="utf-8")  # noqa: PTH123, SIM115 - for the whole of the program
    for stream in streams.values():
        # A terminal that cannot show a letter gets its escape, not a crash in the middle of an incident.
        stream.reconfigure(errors=STAND_IN)  # type: ignore[union-attr]  # both are text files here
    SIGNALS.install()
    _keep_memory()
    _give_memory_back()
    environ = dict(os.environ)
    for name in SECRETS:
        os.environ.pop(name, None)
    return environ


def _keep_memory() -> None:
    """Leave no core dump and let nobody attach: memory holds a key, and may hold a typed one."""
    with suppress(ImportError, OSError, ValueError):
        import resource

        if sys.platform == "win32":
            return
        resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    _call_libc("prctl", PR_SET_DUMPABLE, 0, 0, 0, 0)


def _give_memory_back() -> None:
    """Have glibc return every free block of 128 KiB or more to the system, as it does at first.

    By itself it raises that limit to the largest block that it saw freed, and the pages of a list stay: 17 MB for
    10,000 servers.
    """
    _call_libc("mallopt", M_MMAP_THRESHOLD, 128 << 10)


def _call_libc(function: str, *arguments: int) -> None:
    """Call a function of Linux's C library, where there is one."""
    if sys.platform == "linux":
        with suppress(ImportError, OSError, AttributeError):
            import ctypes

            getattr(ctypes.CDLL(None), function)(*arguments)


def end(code: int) -> NoReturn:
    """End the program with this code. What cannot be written any more does not change it, unless it is 0.

    The interpreter is not taken down: a daemon thread that dies in it within an import keeps the lock of imports, and
    whatever is imported after that waits for ever, while the signals are ignored.
    """
    SIGNALS.ignore()
    atexit._run_exitfuncs()
    for stream in (sys.stdout, sys.stderr):
        try:
            if stream is not None:
                stream.flush()
        except (OSError, ValueError):
            drop(error=stream is sys.stderr)
            code = code or 1
    os._exit(code)


def drop(*, error: bool) -> None:
    """Write nothing to standard error, or standard output, from now on: nobody takes it."""
    stream = sys.__stderr__ if error else sys.__stdout__
    with suppress(OSError, ValueError):
        nowhere = os.open(os.devnull, os.O_WRONLY)
        if stream is not None:
            os.dup2(nowhere, stream.fileno())
        os.close(nowhere)


class Ended(KeyboardInterrupt):
    """A signal ended the program. ``str()`` names it; ``exit_code`` is 128 and its number, as in shells."""

    def __init__(self, number: int = signal.SIGINT) -> None:
        super().__init__("Ctrl-C" if number == signal.SIGINT else signal.Signals(number).name)
        self.exit_code = 128 + number


class EndingSignals:
    """The signals that end programs: Ctrl-C, Ctrl-\\, kill, a terminal that is gone.

    The first one cancels the work at hand, or raises `Ended` where there is none. A further one, when that
    takes long, raises `Ended` too; but not while an outcome is settled and told.
    """

    def __init__(self) -> None:
        self.number = 0
        self._since = 0.0
        self._cancel: Callable[[], object] | None = None
        self._is_held = False

    def install(self) -> None:
        """Take the signals over, for the life of the process; one that is ignored, as by nohup, stays so."""
        for name in ENDING:
            number = getattr(signal, name, None)
            if number is not None and signal.getsignal(number) is not signal.SIG_IGN:
                signal.signal(number, self._arrived)

    @contextmanager
    def cancelling(self, cancel: Callable[[], object]) -> Iterator[None]:
        """Within this, the first signal calls ``cancel``, which must end the work soon."""
        self._cancel = cancel
        try:
            if self.number:
                cancel()
            yield
        finally:
            self._cancel = None

    def ignore(self) -> None:
        """The system drops them from now on; an interpreter that is ending would give them back to it."""
        for name in ENDING:
            if hasattr(signal, name):
                signal.signal(getattr(signal, name), signal.SIG_IGN)

    def hold(self) -> None:
        """From now on no signal does more than cancel, once: what happened is settled, told and returned."""
        self._is_held = True

    def _arrived(self, number: int, frame: FrameType | None) -> None:
        del frame
        now = monotonic()
        if not self.number:
            self.number, self._since = number, now
            if self._cancel is not None:
                self._cancel()
                return
        if not self._is_held and (self._cancel is None or now - self._since > ONE_HASTE):
            raise Ended(self.number)


SIGNALS = EndingSignals()
"""One for the process, as signals are."""
