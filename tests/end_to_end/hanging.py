"""The program where the resolver never answers: ``python -m tests.end_to_end.hanging ARGUMENTS...``."""

from __future__ import annotations

import socket
import sys
from threading import Event
from typing import NoReturn

from ncpconsole.cli import main


def wait_for_ever(*arguments: object, **more: object) -> NoReturn:
    """Never return."""
    sys.stderr.write("asked the resolver\n")
    Event().wait()
    raise AssertionError


if __name__ == "__main__":
    socket.getaddrinfo = wait_for_ever
    main()
