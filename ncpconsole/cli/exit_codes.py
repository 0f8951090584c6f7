"""How a command ends: the exit codes, which others rely on. Loads nothing, since the help tells them."""

from __future__ import annotations

from enum import IntEnum

from ncpconsole.language import msgid


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
    ExitCode.DONE: msgid("done, or accepted"),
    ExitCode.FAILURE: msgid("failure"),
    ExitCode.USAGE: msgid("usage"),
    ExitCode.REFUSED: msgid("refused by this console"),
    ExitCode.REJECTED: msgid("rejected by NAVER Cloud"),
    ExitCode.NOT_SENT: msgid("not sent, or unreachable"),
    ExitCode.UNKNOWN: msgid("outcome unknown, or accepted and not on record"),
    ExitCode.NO_CREDENTIALS: msgid("no credentials"),
}
"""What each code says, for the documents."""
BY_SIGNAL = ("128 + N", msgid("ended by the signal N"))
