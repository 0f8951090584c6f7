"""Reports of internal errors: what failed and where, without local variables or other contents of memory."""

from __future__ import annotations

import re
import traceback
from pathlib import Path

from ncpconsole import __version__
from ncpconsole.core.safe_text import safe_text
from ncpconsole.language import tr

QUOTED = re.compile(r"""(?<!\w)(['"])((?:\\.|(?!\1).)*)\1""", re.DOTALL)
NAME = re.compile(r"[A-Za-z_]{1,16}")


def cause_of(error: BaseException) -> BaseException:
    """The error that a worker died of, out of Textual's wrapping and out of task groups of one."""
    inner = getattr(error, "error", None) if type(error).__name__ == "WorkerFailed" else None
    if isinstance(error, BaseExceptionGroup) and len(error.exceptions) == 1:
        inner = error.exceptions[0]
    return cause_of(inner) if isinstance(inner, BaseException) else error


def described(error: BaseException) -> str:
    """Type and message of an error. What the message quotes is left out, unless it is a short word.

    It is often a value: what was typed, a key, an answer.
    """
    error = cause_of(error)
    message = QUOTED.sub(lambda found: found[0] if NAME.fullmatch(found[2]) else "'…'", str(error))
    return f"{type(error).__name__}: {safe_text(message, 200)}"


def crash_report(error: BaseException, log_file: Path | None = None) -> str:
    """A few lines for the terminal: type, message, frames as file, line and function. Never a local variable.

    The frames' source lines are left out as well: a literal in them would be shown.
    """
    error = cause_of(error)
    frames = traceback.extract_tb(error.__traceback__, limit=-12)
    lines = [
        tr("ncpconsole stopped on an internal error. What was sent is in the journal: ncpconsole history"),
        f"  {described(error)}",
        *(f"  at {safe_text(frame.filename, 200)}:{frame.lineno} in {frame.name}" for frame in frames),
        f"  ncpconsole {__version__}",
    ]
    if log_file is not None:
        lines.append(f"  log: {safe_text(str(log_file), 1000)}")
    return "\n".join(lines) + "\n"
