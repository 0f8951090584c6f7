"""The result of a check: a status, a sentence, and a remedy."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from ncpconsole.language import Sentence, msgid


class Status(StrEnum):
    """How a check ended. Only a failure keeps the console from its work."""

    OK = "ok"
    WARNING = "warning"
    FAILURE = "failure"


ROUND_TRIP = msgid("keyring round trip")
FOREIGN_GATEWAY = msgid("foreign gateway")
VITAL_SIGNS = msgid("vital signs")
ACTIVITY_LOG = msgid("activity log")
ACTING_AS = msgid("acting as")
PERMISSION = msgid("permission to list")
CHECKS = (
    msgid("python"),
    msgid("versions"),
    msgid("terminal"),
    msgid("encoding"),
    msgid("config"),
    msgid("state"),
    msgid("guard"),
    msgid("team"),
    msgid("owed"),
    msgid("journal"),
    msgid("record"),
    msgid("syslog"),
    msgid("anchor"),
    msgid("environment"),
    msgid("keyring"),
    ROUND_TRIP,
    msgid("profile"),
    msgid("settings"),
    msgid("key"),
    FOREIGN_GATEWAY,
    msgid("proxy"),
    msgid("certificates"),
    msgid("dns"),
    msgid("tls"),
    msgid("gateway"),
    msgid("clock"),
    msgid("signature"),
    PERMISSION,
    VITAL_SIGNS,
    ACTING_AS,
    ACTIVITY_LOG,
)
"""What each check is called: a code, and a text that is shown."""


@dataclass(frozen=True, slots=True)
class Finding:
    """One line of the doctor. ``check`` is its code, as a sentence that can be shown in the language in force.

    ``message`` holds no secret; ``remedy`` is empty where all is well.
    """

    check: Sentence
    status: Status
    message: str
    remedy: str = ""


def ok(check: str, message: str) -> Finding:
    return Finding(Sentence(check), Status.OK, message)


def warning(check: str, message: str, remedy: str = "") -> Finding:
    """The console works, but not as well as it could, or something could not be found out."""
    return Finding(Sentence(check), Status.WARNING, message, remedy)


def failure(check: str, message: str, remedy: str = "") -> Finding:
    """The console cannot do its work until this is mended."""
    return Finding(Sentence(check), Status.FAILURE, message, remedy)
