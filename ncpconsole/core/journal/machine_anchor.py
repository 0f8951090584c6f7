"""An anchor for machines without a keyring: a file where no variable of the environment leads."""

from __future__ import annotations

import os
import tempfile
from pathlib import Path

from ncpconsole.core.errors import JournalUnavailable
from ncpconsole.core.journal.anchor import AnchorUnavailable
from ncpconsole.core.journal.files import WRITABLE_BY_OTHERS, check_parents

MACHINE_ANCHORS = Path("/var/lib/ncpconsole/anchors")
"""Where an administrator made this directory (mode 1733), it is the second place for every user of the machine."""
MOST_CHARACTERS = 65_536


class FileAnchor:
    """A file of this user in a directory apart from the journal's: an `Anchor`."""

    def __init__(self, directory: Path = MACHINE_ANCHORS) -> None:
        self._file = directory / f"{os.geteuid()}.json"
        self.name = str(directory)

    def read(self) -> str:
        """The file's text, empty where there is none. Raises AnchorUnavailable."""
        try:
            check_parents(self._file)
            handle = os.open(self._file, os.O_RDONLY | os.O_NOFOLLOW)
        except FileNotFoundError:
            return ""
        except (OSError, JournalUnavailable) as error:
            raise AnchorUnavailable(str(error)) from error
        with os.fdopen(handle, encoding="utf-8", errors="replace") as file:
            status = os.fstat(handle)
            if status.st_uid != os.geteuid() or status.st_mode & WRITABLE_BY_OTHERS:
                raise AnchorUnavailable(f"{self._file} is not yours alone to write.")
            return file.read(MOST_CHARACTERS)

    def write(self, text: str) -> None:
        """Put a new file in its place. Raises AnchorUnavailable."""
        try:
            check_parents(self._file)
            handle, name = tempfile.mkstemp(prefix=f"{self._file.name}.", dir=self._file.parent)
            with os.fdopen(handle, "w", encoding="utf-8") as file:
                file.write(text)
                file.flush()
                os.fsync(handle)
            Path(name).replace(self._file)
        except (OSError, JournalUnavailable) as error:
            raise AnchorUnavailable(str(error)) from error
