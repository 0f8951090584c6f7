"""What the other tests, and who runs them, rely on: their names, their durations, and examples that are no luck."""

from __future__ import annotations

import os
import subprocess
import sys
import threading
from itertools import pairwise

import pytest
from _pytest.timing import Instant
from freezegun import freeze_time
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.conftest import LONGEST_ID, pytest_make_parametrize_id

COLLECT = """
import sys, freezegun, pytest
freezegun.freeze_time("2031-05-06 07:08:09").start()
sys.exit(pytest.main(["--collect-only", "--quiet", "--no-header", "-n", "0", *sys.argv[1:]]))
"""
"""Collects the tests at another time of another day."""


@pytest.mark.slow
def test_the_names_and_their_order_are_the_same_at_another_time_and_with_another_hash(
    request: pytest.FixtureRequest,
) -> None:
    """Those of this run: the processes of a parallel run refuse to begin where they differ."""
    here = [item.nodeid for item in request.session.items]
    files = dict.fromkeys(str(item.path) for item in request.session.items)
    seed = "1" if os.environ.get("PYTHONHASHSEED") == "2" else "2"
    collected = subprocess.run(
        [sys.executable, "-c", COLLECT, *files],
        cwd=request.config.rootpath,
        env=os.environ | {"PYTHONHASHSEED": seed},
        capture_output=True,
        text=True,
        check=False,
        timeout=300,
    )
    assert collected.returncode == 0, collected.stdout[-2000:] + collected.stderr[-2000:]
    there = {name: place for place, name in enumerate(collected.stdout.splitlines())}
    assert [name for name in here if name not in there] == []
    assert all(there[one] < there[following] for one, following in pairwise(here))


@pytest.mark.parametrize("value", ["x" * LONGEST_ID, b"x" * LONGEST_ID, 1])
def test_a_short_value_names_its_test_itself(value: object) -> None:
    assert pytest_make_parametrize_id(value) is None


@pytest.mark.parametrize("value", ["x" * 10**6, b"\xff" * 10**6])
def test_the_name_of_a_test_is_short_whatever_it_is_given(value: str | bytes, request: pytest.FixtureRequest) -> None:
    assert len(request.node.nodeid) < 4 * LONGEST_ID
    assert str(len(value)) in request.node.nodeid


def test_a_test_whose_time_stands_still_takes_its_time() -> None:
    """``--durations`` is measured by pytest while the clock of the test is held."""
    with freeze_time("2031-05-06"):
        begun = Instant()
        threading.Event().wait(0.05)
        assert 0.05 <= begun.elapsed().seconds < 30


def drawn() -> list[str]:
    """The texts that a property is shown, in their order."""
    texts: list[str] = []

    @settings(max_examples=20)
    @given(st.text())
    def shown(text: str) -> None:
        texts.append(text)

    shown()
    return texts


def test_in_ci_examples_are_no_luck_and_nowhere_does_a_busy_machine_fail_one(request: pytest.FixtureRequest) -> None:
    """In every process of a parallel run, since each has this from the same variable."""
    in_ci = "CI" in os.environ
    generated = [item for item in request.session.items if item.get_closest_marker("hypothesis")]
    chosen = [getattr(item.obj, "_hypothesis_internal_use_settings", settings()) for item in generated]  # type: ignore[attr-defined]
    assert {(one.deadline, one.derandomize) for one in [settings(), *chosen]} == {(None, in_ci)}
    assert all(HealthCheck.too_slow in one.suppress_health_check for one in [settings(), *chosen])
    assert (drawn() == drawn()) is in_ci
