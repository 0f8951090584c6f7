"""A gateway, a keyring and an operator at a command line, none of them the user's."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from ncpconsole.simulator.threaded import running_simulator
from tests.cli.operator import Operator
from tests.config.secret_service import EndlessPrompt, SecretService, require_secret_service

if TYPE_CHECKING:
    from collections.abc import Iterator

    from ncpconsole.simulator.threaded import ThreadedSimulator


@pytest.fixture
def gateway() -> Iterator[ThreadedSimulator]:
    """A simulated gateway with few servers."""
    with running_simulator(servers=8) as simulator:
        yield simulator


@pytest.fixture
def secret_service() -> Iterator[SecretService]:
    """GNOME Keyring, unlocked, on a bus of its own."""
    require_secret_service()
    with SecretService() as service:
        yield service


@pytest.fixture
def endless_prompt() -> Iterator[EndlessPrompt]:
    """A locked Secret Service whose prompt is never answered."""
    require_secret_service()
    with EndlessPrompt() as service:
        yield service


@pytest.fixture
def operator(secret_service: SecretService) -> Operator:
    """Somebody at a command line, with a keyring and no environment to speak of."""
    return Operator(secret_service.environment)
