"""A console that ends at any step leaves a whole journal, the only honest outcome, and a lock where due."""

from __future__ import annotations

import asyncio
import signal
import subprocess
import sys
from typing import TYPE_CHECKING

import pytest

from ncpconsole.core.errors import ServerLocked
from ncpconsole.ncp.results import Outcome
from tests.core.console_process import interrupt_one
from tests.core.counter import Counter
from tests.core.fakes import GATEWAY, a_draft

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from ncpconsole.core.journal.journal import Journal

pytestmark = pytest.mark.slow

ROUNDS_HERE = 25

# The step at which the console ends, what the gateway has seen, and the only honest outcome (None: no row).
CRASH_POINTS: dict[str, tuple[int, Outcome | None]] = {
    "claiming": (0, None),
    "uncommitted claimed": (0, None),
    "checking": (0, Outcome.NOT_SENT),
    "connecting": (0, Outcome.NOT_SENT),
    "connected": (0, Outcome.NOT_SENT),
    "uncommitted sending": (0, Outcome.NOT_SENT),
    "sending": (0, Outcome.UNKNOWN),
    "sent": (1, Outcome.UNKNOWN),
    "answered": (1, Outcome.UNKNOWN),
    "uncommitted finished": (1, Outcome.UNKNOWN),
    "done": (1, Outcome.ACCEPTED),
    "never": (1, Outcome.ACCEPTED),
}


@pytest.fixture(scope="module")
def gate() -> Iterator[Counter]:
    """The process that counts what arrives; each test looks at the difference it made."""
    with Counter() as counter:
        yield counter


def run_console(path: Path, port: int, step: str, how: str) -> int:
    command = [sys.executable, "-m", "tests.core.console_process", str(path), str(port), step, how]
    return subprocess.run(command, check=False, timeout=120, stdout=subprocess.DEVNULL).returncode


@pytest.mark.parametrize("how", ["exit", "kill"])
@pytest.mark.parametrize("step", CRASH_POINTS)
def test_after_a_crash_the_journal_is_whole_and_honest(
    journal_path: Path, open_journal: Callable[..., Journal], gate: Counter, step: str, how: str
) -> None:
    arrived, outcome = CRASH_POINTS[step]
    before = gate.counts().get("300", 0)
    ended = run_console(journal_path, gate.port, step, how)
    assert ended == (0 if step == "never" else -signal.SIGKILL if how == "kill" else 9)
    assert gate.counts().get("300", 0) - before == arrived

    journal = open_journal()
    surfaced = [one.outcome for one in journal.recover()]
    assert surfaced == ([] if outcome in (None, Outcome.ACCEPTED) else [outcome])
    assert [one.outcome for one in journal.intents()] == ([] if outcome is None else [outcome])
    assert journal.verify().fault is None
    assert len(journal.unresolved(GATEWAY)) == (outcome is Outcome.UNKNOWN)
    if outcome is Outcome.UNKNOWN:
        with pytest.raises(ServerLocked):
            journal.claim(a_draft())


@pytest.mark.parametrize("step", ["checking", "sending", "sent"])
def test_after_a_crash_the_next_console_needs_no_recovery_step(
    journal_path: Path, open_journal: Callable[..., Journal], gate: Counter, step: str
) -> None:
    """Also one that goes straight to an interrupt sends only what may be sent."""
    before = gate.counts().get("300", 0)
    run_console(journal_path, gate.port, step, "kill")
    arrived, outcome = CRASH_POINTS[step]
    report = asyncio.run(interrupt_one(open_journal(), gate.port, "300", lambda _: None))
    may_send = outcome is Outcome.NOT_SENT
    assert bool(report.refused) is not may_send
    assert gate.counts().get("300", 0) - before == arrived + may_send


def test_kills_at_random_moments_lose_nothing_and_repeat_nothing() -> None:
    command = [sys.executable, "-m", "tools.kill_loop", "--rounds", str(ROUNDS_HERE)]
    ran = subprocess.run(command, check=False, timeout=300, capture_output=True, text=True)
    assert ran.returncode == 0, ran.stdout + ran.stderr
    assert f"{ROUNDS_HERE} kills" in ran.stdout
