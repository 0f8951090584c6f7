"""Runs a command of the user's when an outcome is recorded: for a chat, a ticket system, or anything that reads JSON.

The command is detached. It gets the record as one JSON object on standard input, the fields of ``history --jsonl``, and
has `SECONDS`. It can neither delay a send nor change its outcome; that it failed is a line in the log (see ``paths``).
"""

from __future__ import annotations

import json
import logging
import subprocess
import sys
from tempfile import TemporaryFile
from threading import Thread
from typing import TYPE_CHECKING

from ncpconsole.core.export import record_fields

if TYPE_CHECKING:
    from pathlib import Path

    from ncpconsole.core.records import Intent

SECONDS = 30.0
HELPER = """ # no message: a program of its own, which writes to the log
import datetime, os, signal, subprocess, sys
seconds, log, *command = sys.argv[1:]
why = ""
try:
    child = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, start_new_session=True)
    code = child.wait(float(seconds))
    if code:
        why = f"it ended with {code}"
except subprocess.TimeoutExpired:
    why = f"it took longer than {float(seconds):g} seconds and was ended"
    getattr(os, "killpg", os.kill)(child.pid, getattr(signal, "SIGKILL", signal.SIGTERM))
except OSError as error:
    why = str(error.strerror)
if why and log:
    with open(os.open(log, os.O_WRONLY | os.O_APPEND | os.O_CREAT | getattr(os, "O_NOFOLLOW", 0), 0o600), "a") as file:
        time = datetime.datetime.now(datetime.timezone.utc).isoformat(timespec="seconds")
        file.write(f"{time} WARNING on_record: the command {command[0]!r} failed: {why}\\n")
"""
"""Outlives the console, so that the command is ended in time also where the console is gone."""


class OnRecord:
    """What is run after each commit of an outcome."""

    def __init__(self, command: tuple[str, ...], log: Path | None, seconds: float = SECONDS) -> None:
        """Failures are written to ``log``, if there is one."""
        self._command = command
        self._log = log
        self._seconds = seconds

    def __call__(self, intent: Intent) -> None:
        """Start the command with this record; returns at once, and raises nothing."""
        arguments = [sys.executable, "-I", "-S", "-c", HELPER, str(self._seconds), str(self._log or ""), *self._command]
        try:
            with TemporaryFile() as record:
                record.write(json.dumps(record_fields(intent)).encode("ascii"))
                record.seek(0)
                process = subprocess.Popen(  # noqa: S603 - the user named it, and no shell reads it
                    arguments,
                    stdin=record,
                    stdout=subprocess.DEVNULL,
                    stderr=subprocess.DEVNULL,
                    start_new_session=True,
                )
        except (OSError, ValueError) as error:
            logging.getLogger(__name__).warning("The on_record command could not be started: %s", type(error).__name__)
            return
        # Waited for so that none stays behind while the console lives; nobody waits for the thread.
        Thread(target=process.wait, name="ncpconsole-on-record", daemon=True).start()
