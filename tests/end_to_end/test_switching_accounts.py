"""Two profiles in a real keyring: switched on screen, each with its own servers and its own key."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import pytest

from ncpconsole.simulator.accounts import SECOND_ACCESS_KEY, SECOND_SECRET_KEY
from tests.cli.operator import Operator
from tests.end_to_end.terminal import Terminal
from tests.simulator.threaded import running_simulator

if TYPE_CHECKING:
    from tests.config.secret_service import SecretService

pytestmark = pytest.mark.secret_service

SERVER = "142300012"


def test_a_switch_on_screen_takes_the_other_key_and_nothing_else_along(secret_service: SecretService) -> None:
    operator = Operator(secret_service.environment)
    with running_simulator(servers=64) as gateway:
        for profile, pair in (
            ("main", (gateway.access_key, gateway.secret_key)),
            ("second", (SECOND_ACCESS_KEY, SECOND_SECRET_KEY)),
        ):
            assert operator.log_in(*pair, "--profile", profile, "--api-url", gateway.url).code == 0
        with Terminal("--profile", "main", environment=secret_service.environment, inherit=False) as terminal:
            terminal.shows(" main ", "64 servers")
            terminal.find(SERVER)
            terminal.until(lambda text: bool(re.search(rf"▌ web-00012 +{SERVER}", text)), "the selection")
            terminal.press("p")
            terminal.shows("Profile (account)", "second")
            terminal.press_and_see("down")
            terminal.press("enter")
            terminal.shows(" second ", "test-", SERVER)
            assert "▌" not in terminal.text
            terminal.press("j")
            terminal.until(lambda text: bool(re.search(rf"▌ test-.* {SERVER}", text)), "the selection")
            terminal.press("!")
            terminal.shows("INTERRUPT", "test-web-00012", "second")
            terminal.type("test-web-00012")
            terminal.shows("matches")
            terminal.press("enter")
            terminal.shows("enter SENDS")
            terminal.press("enter")
            terminal.shows("ACCEPTED")
            terminal.press("esc")
            terminal.hides("ACCEPTED")
            assert terminal.leave() == 0
        (sent,) = gateway.interrupts
    assert (sent.server_no, sent.access_key) == (SERVER, SECOND_ACCESS_KEY)
