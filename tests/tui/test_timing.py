"""When the list is read again."""

from __future__ import annotations

import pytest

from ncpconsole.tui.timing import LONGEST_WAIT, RefreshSchedule


def test_the_first_read_is_due_at_once_and_the_next_after_the_interval() -> None:
    fresh = RefreshSchedule.starting(30, 100)
    assert fresh.is_due(100)
    assert fresh.age(100) is None
    fresh = fresh.succeeded(101)
    assert not fresh.is_due(130.9)
    assert fresh.is_due(131)
    assert fresh.age(105) == 4


def test_failures_wait_twice_as_long_each_time_up_to_a_cap() -> None:
    fresh = RefreshSchedule.starting(30, 0).succeeded(0)
    waits = []
    for _ in range(6):
        fresh = fresh.failed(0, "no answer")
        waits.append(fresh.due)
    assert waits == [30, 60, 120, 240, LONGEST_WAIT, LONGEST_WAIT]


def test_the_gateways_own_wait_is_honoured_within_reason() -> None:
    fresh = RefreshSchedule.starting(30, 0)
    assert fresh.failed(0, "slow down", at_least=90).due == 90
    assert fresh.failed(0, "slow down", at_least=10).due == 30
    assert fresh.failed(0, "slow down", at_least=1e9).due == 2 * LONGEST_WAIT


def test_a_success_forgets_the_failures() -> None:
    fresh = RefreshSchedule.starting(30, 0).failed(0, "x").failed(0, "x").succeeded(10)
    assert (fresh.failures, fresh.cause, fresh.due) == (0, "", 40)


@pytest.mark.parametrize(("failures", "age", "stale"), [(0, 5, False), (0, 90, False), (0, 91, True), (1, 5, True)])
def test_a_list_is_stale_after_a_failure_or_when_nobody_read_it_for_long(
    failures: int, age: float, stale: bool
) -> None:
    fresh = RefreshSchedule.starting(30, 0).succeeded(0)
    for _ in range(failures):
        fresh = fresh.failed(0, "x")
    assert fresh.is_stale(age) is stale


def test_nothing_is_stale_before_the_first_read() -> None:
    assert not RefreshSchedule.starting(30, 0).failed(0, "x").is_stale(1000)
