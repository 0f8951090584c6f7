"""A running simulator with a clock that only the test moves, and a caller with the manager's key."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from ncpconsole.simulator.simulator import Simulator
from tests.clock import Clock
from tests.simulator.caller import Caller

if TYPE_CHECKING:
    from collections.abc import AsyncIterator


@pytest.fixture
def clock() -> Clock:
    """The simulator's and the caller's clock."""
    return Clock(1_795_000_000.0)


@pytest.fixture
async def simulator(clock: Clock) -> AsyncIterator[Simulator]:
    """128 servers; an interrupt takes eight seconds of ``clock``."""
    async with Simulator(clock=clock, interrupt_seconds=8) as running:
        yield running


@pytest.fixture
async def caller(simulator: Simulator, clock: Clock) -> AsyncIterator[Caller]:
    """Calls with the manager's key."""
    async with Caller(simulator, clock=clock) as ready:
        yield ready
