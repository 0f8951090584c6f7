"""Many consoles that claim the same server at the same moment, each a process with an own journal.

Run as ``python -m tests.team.racers DIRECTORY URL|own|machine COUNT [STEP]``. Each prints ``took`` or ``held``; with
STEP the one that took it goes on to ``sending`` and is killed there, or before; or on to ``finished``, where its own
journal has the outcome and nobody else was told.
"""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from pathlib import Path

from ncpconsole.core.errors import GuardUnavailable, ServerLocked
from ncpconsole.core.journal import team_database
from ncpconsole.core.journal.journal import Journal
from ncpconsole.core.journal.team import open_team_journal
from ncpconsole.core.records import Origin
from tests.core.fakes import ACCEPTED, a_draft
from tests.core.racers import race


def racers_said(directory: Path, url: str, count: int, *step: str) -> list[str]:
    """Start the racers, wait until each has tried, let them end; every word they said, in the alphabet's order."""
    words = [sys.executable, "-m", "tests.team.racers", str(directory), url, str(count), *step]
    with subprocess.Popen(words, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdin is not None
        assert process.stdout is not None
        said = [process.stdout.readline() for _ in range(count)]
        process.stdin.close()
        # Not communicate(), which does not see what came in one piece with the lines before.
        return sorted("".join((*said, process.stdout.read())).split())


def main() -> None:
    """Let so many consoles claim at once."""
    directory, url, count = Path(sys.argv[1]), sys.argv[2], int(sys.argv[3])
    step = sys.argv[4] if len(sys.argv) > 4 else ""

    def each(number: int, at_line: int, line: int) -> None:
        claim(directory / str(number) / "journal.db", url, number, step, at_line, line)

    race(count, each)


def claim(path: Path, url: str, number: int, step: str, at_line: int, line: int) -> None:
    """One console."""
    team_database.CONNECT_SECONDS = team_database.CALL_SECONDS = 60.0  # a busy machine is no fault
    origin = Origin(f"operator-{number}", f"machine-{number}", "", "0")
    journal: Journal
    if url in {"own", "machine"}:
        journal = Journal.open(path.parent.parent / "journal.db", origin, is_shared=url == "machine")
    else:
        journal = open_team_journal(path, url, origin)
        journal.read_team()
    os.write(at_line, b".")
    os.read(line, 1)  # comes back, with nothing, when the gate is opened for all
    try:
        intent = journal.claim(a_draft())
    except ServerLocked:
        os.write(1, b"held\n")
        return
    except GuardUnavailable as error:
        os.write(1, f"unavailable {error}\n".encode())
        return
    os.write(1, b"took\n")
    if step == "claimed":
        os.kill(os.getpid(), signal.SIGKILL)
    if step:
        journal.mark_sending(intent.id)
        os.write(1, b"sending\n")
        if step == "finished":
            Journal.finish(journal, intent.id, ACCEPTED)  # its own journal's part alone
            os.write(1, b"finished\n")
        os.kill(os.getpid(), signal.SIGKILL)
    sys.stdin.read()  # keeps the claim until all have tried


if __name__ == "__main__":
    main()
