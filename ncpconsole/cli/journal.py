"""Opens the journal of this console, with who acts in it."""

from __future__ import annotations

import os
import socket
import sys
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING

from ncpconsole import __version__
from ncpconsole.core.errors import JournalUnavailable
from ncpconsole.core.journal.anchor import SystemLog
from ncpconsole.core.journal.journal import Journal
from ncpconsole.core.records import Origin

if TYPE_CHECKING:
    from collections.abc import Mapping

    from ncpconsole.config.paths import JournalPlace
    from ncpconsole.core.journal.anchor import Anchor

WHO = ("LOGNAME", "USER", "LNAME", "USERNAME")
LOGIN_UID = Path("/proc/self/loginuid")
NO_LOGIN = 2**32 - 1
"""What the kernel says of a process that no login started."""


def journal_at(place: JournalPlace, *, anchor: Anchor | None = None, tells_syslog: bool = False) -> Journal:
    """The journal at this place, the team's beside it where there is one.

    One that cannot be used is opened for reading alone.
    """
    log = SystemLog() if tells_syslog else None
    try:
        if place.team:
            from ncpconsole.config.keyring_store import team_password
            from ncpconsole.core.journal.team import open_team_journal

            return open_team_journal(
                place.path,
                place.team,
                origin(),
                ask_password=team_password,
                anchor=anchor,
                system_log=log,
                is_shared=place.is_shared,
            )
        return Journal.open(place.path, origin(), anchor=anchor, system_log=log, is_shared=place.is_shared)
    except JournalUnavailable as error:
        return Journal.open_for_reading(place.path, origin(), error)


def origin(environ: Mapping[str, str] = os.environ) -> Origin:
    """Who acts, by the operating system; what variables say stands beside it and proves nothing.

    The login uid is that of the session, and stays through su and sudo (``/proc/self/loginuid``).
    """
    uid = os.getuid() if hasattr(os, "getuid") else None
    name = _user_name(uid)
    ssh_client = next(iter(environ.get("SSH_CONNECTION", "").split()), "")
    return Origin(
        user=name or ("unknown" if uid is None else str(uid)),  # a container may run as a bare number
        host=socket.gethostname(),
        terminal=f"{_terminal()} from {ssh_client} over SSH" if ssh_client else _terminal(),  # no message: stored
        version=__version__,
        uid=uid,
        uid_name=name,
        login_uid=_login_uid(),
        sudo_user=environ.get("SUDO_USER", ""),
        ssh_client=ssh_client,
        variables={name: environ[name] for name in WHO if environ.get(name)},
    )


def _user_name(uid: int | None) -> str:
    if uid is None or sys.platform == "win32":
        with suppress(OSError):
            return os.getlogin()  # Windows says it itself, and asks no variable
        return ""
    import pwd

    try:
        return pwd.getpwuid(uid).pw_name
    except KeyError:
        return ""


def _login_uid() -> int | None:
    try:
        found = int(LOGIN_UID.read_text("ascii"))
    except (OSError, ValueError):
        return None
    return None if found == NO_LOGIN else found


def _terminal() -> str:
    if sys.stdin is None or not sys.stdin.isatty():
        return "no terminal"  # no message: stored
    return os.ttyname(sys.stdin.fileno()) if hasattr(os, "ttyname") else "console"
