"""Words for the API's codes. Decided by code alone: the API's own names of codes are localized.

Source: the API's data-type page of the server instance (serverInstanceStatus, serverInstanceOperation).
A code that is not listed is shown as it came; nothing here says what may be done with a server.
"""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING

from ncpconsole.core.safe_text import safe_text

if TYPE_CHECKING:
    from ncpconsole.ncp.models import Server

RUNNING = "RUN"

STATUS_WORDS = {
    "INIT": "being prepared",
    "CREAT": "created, not started",
    RUNNING: "running",
    "NSTOP": "stopped",
    "TERMT": "terminated",
    "FSTOP": "stopped, after a failure",
    "SD_FL": "shutdown failed",
    "RS_FL": "restart failed",
    "ST_FL": "start failed",
}

NO_OPERATION = frozenset(("", "NULL"))

OPERATION_WORDS = {
    "START": "starting",
    "SHTDN": "shutting down",
    "RESTA": "restarting",
    "TERMT": "terminating",
    "MIGRA": "migrating",
    "COPY": "being copied",
    "SETUP": "setting up",
    "HREST": "hard restarting",
    "HSHTD": "hard shutting down",
    "CHNG": "changing its spec",
    "CREAT": "being created",
}

_CODE_LIMIT = 24


# Cached, so that ten thousand rows share one text each and not ten thousand equal ones.
@lru_cache(maxsize=1024)
def shown_code(code: str) -> str:
    """A code as text for a terminal, short and safe."""
    return safe_text(code, _CODE_LIMIT)


def status_word(code: str) -> str:
    """What a status code means: ``running``, ``stopped`` …; empty for a code that is not known."""
    return STATUS_WORDS.get(code, "")


def operation_words(code: str) -> str:
    """What an operation code means: ``shutting down`` …; empty for none, the code itself when not known."""
    if code in NO_OPERATION:
        return ""
    return OPERATION_WORDS.get(code) or shown_code(code)


@lru_cache(maxsize=1024)
def status_words(status_code: str, operation_code: str = "") -> str:
    """Status and operation for the table: ``RUN running``, ``RUN shutting down``, ``NSTOP stopped``.

    The status stays RUN while a server shuts down or restarts, so an operation takes the place of the word.
    """
    if not status_code:
        return operation_words(operation_code) or "status unknown"
    return f"{shown_code(status_code)} {operation_words(operation_code) or status_word(status_code)}".rstrip()


def server_status(server: Server) -> str:
    """`status_words` of a server's record."""
    return status_words(server.server_instance_status.code, server.server_instance_operation.code)
