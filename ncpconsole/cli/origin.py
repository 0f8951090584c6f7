"""Who runs this console, and from where: written beside every record."""

from __future__ import annotations

import getpass
import os
import socket
import sys
from typing import TYPE_CHECKING

from ncpconsole import __version__
from ncpconsole.core.journal.records import Origin

if TYPE_CHECKING:
    from collections.abc import Mapping


def origin(environment: Mapping[str, str] = os.environ) -> Origin:
    """The OS user, the host, and the terminal with the SSH client's address where there is one."""
    try:
        user = getpass.getuser()
    except (KeyError, OSError):  # a container may run as a number without a name
        user = str(os.getuid()) if hasattr(os, "getuid") else "unknown"
    return Origin(user=user, host=socket.gethostname(), terminal=_terminal(environment), version=__version__)


def _terminal(environment: Mapping[str, str]) -> str:
    where = "no terminal"
    if sys.stdin is not None and sys.stdin.isatty():
        where = os.ttyname(sys.stdin.fileno()) if hasattr(os, "ttyname") else "console"
    client = environment.get("SSH_CONNECTION", "").split()
    return f"{where} from {client[0]} over SSH" if client else where
