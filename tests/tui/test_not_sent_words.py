"""What is said of an interrupt that was not sent: nothing about the server, and no haste where another one holds it."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest

from ncpconsole.core.cautions import Finding
from ncpconsole.core.handover import what_is_open
from ncpconsole.core.records import ResolvedAs
from ncpconsole.ncp.results import Outcome
from ncpconsole.tui.text.interrupt import TEXTS, refusal_text, what_now
from tests.core.records import NOON, intent

LATER = NOON + timedelta(minutes=1)


def not_sent(*, others_may_be_behind: bool) -> tuple[str, str]:
    """The next step on screen, and what is open at the hand-over."""
    one = replace(intent(outcome=Outcome.NOT_SENT), others_may_be_behind=others_may_be_behind)
    return what_now(one, LATER, 1800), what_is_open(one, LATER, 1800)


def test_where_another_interrupt_may_hold_the_server_nobody_is_told_to_try_again() -> None:
    step, still_open = not_sent(others_may_be_behind=True)
    assert "An earlier interrupt may be the cause: look at the history (h), and leave the server alone" in step
    assert "try again" not in step
    assert still_open.startswith("this console sent nothing. An earlier interrupt may be the cause")


def test_where_the_cause_is_the_network_one_may_try_again() -> None:
    step, still_open = not_sent(others_may_be_behind=False)
    assert step == "When the cause is gone, you may try again."
    assert still_open == "this console sent nothing."


@pytest.mark.parametrize("code", ["locked", "under-way", "unknown-outcome", "recent", "by-others"])
def test_a_refusal_because_of_another_interrupt_says_to_leave_the_server_alone(code: str) -> None:
    words = refusal_text([Finding(code, "Another interrupt is under way.")])
    assert words.meaning == "This console sent nothing."
    assert "look at the history (h), and leave the server alone" in words.next_step


def test_a_refusal_for_another_reason_says_to_read_it() -> None:
    assert refusal_text([Finding("read-only", "Nothing is sent.")]).next_step == "Read the reasons above."


def test_nothing_says_that_the_server_was_not_interrupted_by_anybody() -> None:
    for words in (*TEXTS.values(), refusal_text([])):
        assert "was not interrupted" not in words.meaning
    for one in (
        intent(outcome=Outcome.NOT_SENT),
        intent(outcome=Outcome.REJECTED),
        intent(outcome=Outcome.UNKNOWN, resolved=ResolvedAs.NOT_RECEIVED),
    ):
        assert "the server was not interrupted" not in what_is_open(one, LATER, 1800)
