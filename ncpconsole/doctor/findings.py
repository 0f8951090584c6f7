"""The result of a check: a status, a sentence, and a remedy."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


class Status(StrEnum):
    """How a check ended. Only a failure keeps the console from its work."""

    OK = "ok"
    WARNING = "warning"
    FAILURE = "failure"


@dataclass(frozen=True, slots=True)
class Finding:
    """One line of the doctor. ``message`` holds no secret; ``remedy`` is empty where all is well."""

    check: str
    status: Status
    message: str
    remedy: str = ""


def ok(check: str, message: str) -> Finding:
    return Finding(check, Status.OK, message)


def warning(check: str, message: str, remedy: str = "") -> Finding:
    """The console works, but not as well as it could, or something could not be found out."""
    return Finding(check, Status.WARNING, message, remedy)


def failure(check: str, message: str, remedy: str = "") -> Finding:
    """The console cannot do its work until this is mended."""
    return Finding(check, Status.FAILURE, message, remedy)
