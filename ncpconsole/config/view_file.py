"""The file that keeps the view between two starts: one small JSON document in the state directory, 0600."""

from __future__ import annotations

import json
import os
import stat
import sys
from contextlib import suppress
from pathlib import Path

from ncpconsole.core.remembered import Remembered
from ncpconsole.language import Sentence

LARGEST = 1 << 16
SAFELY = getattr(os, "O_NOFOLLOW", 0) | getattr(os, "O_NONBLOCK", 0) | getattr(os, "O_CLOEXEC", 0)
"""No link is followed, and nothing that is no file holds up the start."""


def read_view(path: Path) -> tuple[Remembered, str]:
    """What is remembered, and a sentence where the file is there and is not understood; never raises."""
    try:
        with os.fdopen(os.open(path, os.O_RDONLY | SAFELY), "rb") as file:
            raw = file.read(LARGEST + 1) if _is_own(os.fstat(file.fileno())) else b""
        return Remembered.from_plain(json.loads(raw[:LARGEST])), ""  # a longer one breaks off and is no document
    except FileNotFoundError:
        return Remembered(), ""
    except (OSError, ValueError, RecursionError):
        return Remembered(), Sentence(
            "What was remembered of the last view cannot be read, and is begun anew: {path}", path=path
        )


def _is_own(found: os.stat_result) -> bool:
    return stat.S_ISREG(found.st_mode) and (sys.platform == "win32" or found.st_uid == os.getuid())


def write_view(path: Path, remembered: Remembered) -> None:
    """Keep this view instead of the one before. What fails is let be: it costs nothing but the memory."""
    beside = path.with_name(f"{path.name}.{os.getpid()}")
    with suppress(OSError):
        path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        try:
            with os.fdopen(os.open(beside, os.O_WRONLY | os.O_CREAT | os.O_EXCL | SAFELY, 0o600), "w") as file:
                json.dump(remembered.as_plain(), file)
            beside.replace(path)
        finally:
            beside.unlink(missing_ok=True)
