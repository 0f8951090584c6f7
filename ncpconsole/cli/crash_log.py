"""Tells of an internal error, on standard error and in a log that only the user can read."""

from __future__ import annotations

import logging
import os
import sys
from datetime import UTC, datetime
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path


def write_report(log: Path, report: str) -> bool:
    """Append the report with its time; False where that fails, so that one crash does not hide another."""
    try:
        log.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        file = os.open(log, os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o600)
        with os.fdopen(file, "a", encoding="utf-8", errors="backslashreplace") as lines:
            lines.write(f"{datetime.now(UTC):%Y-%m-%d %H:%M:%S} UTC\n{report}\n")
    except OSError:
        return False
    return True


def user_log() -> Path | None:
    """Where the user's log is, or None on a machine that gives no place for it."""
    from ncpconsole.config.errors import ConfigError
    from ncpconsole.config.paths import console_paths

    try:
        return console_paths().log
    except ConfigError:
        return None


def no_log() -> Path | None:
    """The demo's: nothing of the user's is touched."""
    return None


def tell_of_crash(error: BaseException, log: Path | None) -> None:
    """Print the report, and keep it in the log, if there is one; the report names its place."""
    from ncpconsole.core.crash import crash_report

    kept = log is not None and write_report(log, crash_report(error))
    sys.stderr.write(crash_report(error, log if kept else None))


def keep_logs(place: Callable[[], Path | None] = user_log) -> None:
    """From now on warnings of this program and its libraries go to the log, and never to the terminal.

    ``place`` says where the log is when there is something to write. Where it says None, it is dropped: a
    message that no handler takes would be printed, with the error's words.
    """
    root = logging.getLogger()
    for old in [handler for handler in root.handlers if isinstance(handler, LogFile)]:
        root.removeHandler(old)
    root.addHandler(LogFile(place))


class LogFile(logging.Handler):
    """Writes records from WARNING on; of an error only what `crash_report` tells, no source line."""

    def __init__(self, place: Callable[[], Path | None]) -> None:
        super().__init__(logging.WARNING)
        self._place = place

    def emit(self, record: logging.LogRecord) -> None:
        """Append one record; a log that cannot be written must not break what it tells of."""
        log = self._place()
        if log is None:
            return
        from ncpconsole.core.crash import crash_report
        from ncpconsole.core.safe_text import safe_block

        error = record.exc_info[1] if record.exc_info else None
        text = f"{record.levelname} {record.name}: {safe_block(record.getMessage())}"
        write_report(log, f"{text}\n{crash_report(error)}" if error is not None else text)
