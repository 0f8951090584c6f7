"""How a command ends: the exit codes, which others rely on. Loads nothing, since the help tells them."""

from __future__ import annotations

from enum import IntEnum


class ExitCode(IntEnum):
    """How a command ended."""

    DONE = 0
    FAILURE = 1
    USAGE = 2
    REFUSED = 3
    REJECTED = 4
    NOT_SENT = 5
    UNKNOWN = 6
    NO_CREDENTIALS = 7


MEANINGS = {
    ExitCode.DONE: "done, or accepted",
    ExitCode.FAILURE: "failure",
    ExitCode.USAGE: "usage",
    ExitCode.REFUSED: "refused by this console",
    ExitCode.REJECTED: "rejected by NAVER Cloud",
    ExitCode.NOT_SENT: "not sent, or unreachable",
    ExitCode.UNKNOWN: "outcome unknown, or accepted and not on record",
    ExitCode.NO_CREDENTIALS: "no credentials",
}
"""What each code says, for the documents."""
BY_SIGNAL = ("128 + N", "ended by the signal N")
