"""A gateway reduced to what must be counted: a process on loopback that takes one line per connection.

``interrupt NUMBER`` is counted and answered with ``accepted``, ``report`` with the counts as JSON.
Connections are taken one after another, so a report covers everything that was sent before it.
"""

from __future__ import annotations

import contextlib
import json
import socket
import subprocess
import sys
from collections import Counter as Counts
from typing import Self


def main() -> None:
    """Print the port, then serve until ended."""
    counts: Counts[str] = Counts()
    with socket.create_server(("127.0.0.1", 0), backlog=64) as listener:
        print(listener.getsockname()[1], flush=True)
        while True:
            connection, _ = listener.accept()
            # A console that was killed closes its end at any point; what it wrote is still counted.
            with contextlib.suppress(OSError), connection, connection.makefile("rw", encoding="ascii") as stream:
                command, _, number = stream.readline().strip().partition(" ")
                if command == "interrupt":
                    counts[number] += 1
                stream.write("accepted\n" if command == "interrupt" else json.dumps(counts) + "\n")
                stream.flush()


class Counter:
    """The counting process; ends with the block."""

    def __enter__(self) -> Self:
        command = [sys.executable, "-m", "tests.core.counter"]
        self._process = subprocess.Popen(command, stdout=subprocess.PIPE, text=True)
        assert self._process.stdout is not None
        self.port = int(self._process.stdout.readline())
        return self

    def __exit__(self, *_: object) -> None:
        self._process.kill()
        self._process.wait()
        assert self._process.stdout is not None
        self._process.stdout.close()

    def counts(self) -> dict[str, int]:
        """How many interrupts came for each number."""
        with (
            socket.create_connection(("127.0.0.1", self.port)) as connection,
            connection.makefile("rw", encoding="ascii") as stream,
        ):
            stream.write("report\n")
            stream.flush()
            counts: dict[str, int] = json.loads(stream.readline())
            return counts


if __name__ == "__main__":
    main()
