"""The report of an internal error: what and where, and nothing of what was in memory."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from textual.worker import WorkerFailed

from ncpconsole import __version__
from ncpconsole.core.crash import cause_of, crash_report

if TYPE_CHECKING:
    from pathlib import Path

pytestmark = pytest.mark.slow

CANARY = "canary-4b1d-secret"


def broken(secret: str = CANARY) -> ZeroDivisionError:
    """An error that was raised below a frame with a secret in it."""

    def inner(key: str) -> None:
        raise ZeroDivisionError(f"a bug \x1b[31m of {len(key)}")

    try:
        inner(secret)
    except ZeroDivisionError as error:
        return error
    raise AssertionError


def test_it_names_error_frames_version_and_log(tmp_path: Path) -> None:
    report = crash_report(broken(), tmp_path / "console.log")
    assert "ZeroDivisionError: a bug \\x1b[31m of 18" in report
    assert f"{__file__}:" in report
    assert "in inner" in report
    assert f"ncpconsole {__version__}" in report
    assert f"log: {tmp_path / 'console.log'}" in report


def test_it_holds_no_local_and_no_line_of_source() -> None:
    report = crash_report(broken())
    assert CANARY not in report
    assert "raise ZeroDivisionError" not in report
    assert "log:" not in report


def test_a_deep_recursion_stays_short() -> None:
    def deep(left: int) -> None:
        if not left:
            raise ValueError("bottom")
        deep(left - 1)

    with pytest.raises(ValueError, match="bottom") as caught:
        deep(200)
    assert len(crash_report(caught.value).splitlines()) < 20


def test_the_cause_is_found_in_a_worker_and_in_a_task_group() -> None:
    error = broken()
    assert cause_of(WorkerFailed(error)) is error
    assert cause_of(ExceptionGroup("one", [error])) is error
    assert cause_of(WorkerFailed(ExceptionGroup("one", [error]))) is error
    two = ExceptionGroup("two", [error, ValueError()])
    assert cause_of(two) is two
