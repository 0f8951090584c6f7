"""A gateway and an operator at a command line, neither of them the user's."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.cli.operator import Operator
from tests.simulator.threaded import running_simulator

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tests.config.secret_service import SecretService
    from tests.simulator.threaded import ThreadedSimulator


@pytest.fixture
def gateway() -> Iterator[ThreadedSimulator]:
    """A simulated gateway with few servers."""
    with running_simulator(servers=8) as simulator:
        yield simulator


@pytest.fixture
def operator(secret_service: SecretService) -> Operator:
    """Somebody at a command line, with a keyring and no environment to speak of."""
    return Operator(secret_service.environment)
