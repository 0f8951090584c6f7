"""Logging in where somebody waits: at a terminal, and for a keyring that never answers."""

from __future__ import annotations

import signal
import sys
import time
from typing import TYPE_CHECKING

import pexpect
import pytest

from tests.cli.operator import Operator

if TYPE_CHECKING:
    from tests.config.secret_service import EndlessPrompt, SecretService
    from tests.simulator.threaded import ThreadedSimulator

pytestmark = pytest.mark.secret_service


def at_a_terminal(service: SecretService, *arguments: str) -> pexpect.spawn[str]:
    return pexpect.spawn(
        sys.executable,
        ["-m", "ncpconsole", "login", *arguments],
        env=service.environment | {"TERM": "xterm"},
        encoding="utf-8",
        timeout=30,
        echo=True,
    )


def test_what_is_typed_is_not_shown(secret_service: SecretService, gateway: ThreadedSimulator) -> None:
    console = at_a_terminal(secret_service, "--profile", "prod", "--api-url", gateway.url)
    everything = ""
    for asked, typed in (("Access key:", gateway.access_key), ("Secret key:", gateway.secret_key)):
        console.expect_exact(asked)
        everything += console.before + console.after
        console.sendline(typed)
    console.expect(pexpect.EOF)
    everything += console.before
    console.close()
    assert console.exitstatus == 0
    assert "The key of profile prod works" in everything
    assert gateway.access_key not in everything
    assert gateway.secret_key not in everything
    assert len(secret_service.items()) == 1


def test_the_site_is_asked_for_where_nothing_names_it(secret_service: SecretService) -> None:
    console = at_a_terminal(secret_service)
    console.expect_exact("Site (public, gov, fin) [public]:")
    console.sendline("gov")
    console.expect_exact("https://ncloud.apigw.gov-ntruss.com")
    console.expect_exact("Access key:")
    console.sendintr()
    console.expect(pexpect.EOF)
    console.close()
    assert console.exitstatus == 130


@pytest.mark.parametrize("command", [("servers", "--all"), ("login", "--stdin")])
def test_ctrl_c_ends_the_wait_for_a_prompt_at_once(
    endless_prompt: EndlessPrompt, gateway: ThreadedSimulator, command: tuple[str, ...]
) -> None:
    operator = Operator(endless_prompt.environment)
    waiting = operator.start(*command, "--api-url", gateway.url)
    if command[0] == "login":
        assert waiting.stdin is not None
        waiting.stdin.write(f"{gateway.access_key}\n{gateway.secret_key}\n")
        waiting.stdin.flush()
    endless_prompt.await_call("Prompt")
    before = time.monotonic()
    waiting.send_signal(signal.SIGINT)
    ran = operator.finish(waiting)
    print(f"quit {time.monotonic() - before:.2f} s after Ctrl-C")
    assert ran.code != 0
    assert "Traceback" not in ran.err
