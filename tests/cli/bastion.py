"""One machine with several OS users, each with the program; the system's own file lies at a place of the test.

Users are bare numbers (`setpriv`), which needs root, or a user namespace in which we are.
"""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from shutil import rmtree
from typing import TYPE_CHECKING

from tests.cli.operator import PATIENCE, Ran

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tests.simulator.threaded import ThreadedSimulator

GROUP = 54400
ANN, BEN = 54321, 54322
STRANGER = 54399
MAIN = """
import os, sys
from pathlib import Path
from ncpconsole.config import settings_reader
settings_reader.SYSTEM_FILE = Path(sys.argv.pop(1))
os.umask(int(sys.argv.pop(1), 8))
from ncpconsole.cli import main
main()
"""


@dataclass
class Bastion:
    """The machine. ``place`` holds the system's file, the shared journal and the homes; root owns it."""

    place: Path
    gateway: ThreadedSimulator

    @property
    def system_file(self) -> Path:
        return self.place / "etc" / "config.toml"

    @property
    def journal(self) -> Path:
        return self.place / "lib" / "journal.db"

    def home(self, uid: int) -> Path:
        """The home directory of a user, made when it is first asked for."""
        home = self.place / f"home-{uid}"
        if not home.exists():
            home.mkdir(mode=0o700)
            os.chown(home, uid, uid)
        return home

    def start(
        self, uid: int, *words: str, umask: int = 0o077, variables: dict[str, str] | None = None
    ) -> subprocess.Popen[str]:
        """Start a command as this user; the stranger is in no group but his own."""
        groups = [f"--groups={GROUP}"] if uid in {ANN, BEN} else ["--clear-groups"]
        who = [] if uid == 0 else ["setpriv", f"--reuid={uid}", f"--regid={uid}", *groups]
        kept = {name: value for name, value in os.environ.items() if not name.startswith(("NC", "XDG"))}
        environment = kept | {"HOME": str(self.home(uid)), **self.gateway.environment}
        return subprocess.Popen(
            [*who, sys.executable, "-c", MAIN, str(self.system_file), f"{umask:o}", *words],
            env=environment | (variables or {}),
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )

    def run(self, uid: int, *words: str, umask: int = 0o077, variables: dict[str, str] | None = None) -> Ran:
        """Run a command as this user to its end."""
        return ended(self.start(uid, *words, umask=umask, variables=variables))

    def set_up(self, *words: str) -> Ran:
        """Have root make the shared journal."""
        return self.run(0, "team", "setup", str(self.journal), "--group", str(GROUP), *words)

    def take_after(self, other: Bastion) -> None:
        """Copy what `set_up` made on the other machine, with its owners and modes."""
        for part in ("etc", "lib"):
            subprocess.run(["cp", "-a", other.place / part, self.place / part], check=True)
        text = self.system_file.read_text()
        assert str(other.place) in text
        self.system_file.write_text(text.replace(str(other.place), str(self.place)))

    @property
    def sent(self) -> int:
        """How many interrupts reached the gateway."""
        return len(self.gateway.interrupts)


def ended(process: subprocess.Popen[str]) -> Ran:
    """What became of a command."""
    out, err = process.communicate(timeout=PATIENCE)
    assert "Traceback" not in err, err
    return Ran(process.returncode, out, err)


@contextmanager
def bastion(gateway: ThreadedSimulator) -> Iterator[Bastion]:
    """A machine on which nothing is set up yet."""
    place = Path(tempfile.mkdtemp(prefix="ncpconsole-bastion-", dir="/tmp"))  # every user can get there
    place.chmod(0o755)
    try:
        yield Bastion(place, gateway)
    finally:
        rmtree(place)
