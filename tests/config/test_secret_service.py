"""A real Secret Service: stored, read by another process, locked, killed; and one whose prompt never ends."""

from __future__ import annotations

import subprocess
import sys
import time
from contextlib import contextmanager
from typing import TYPE_CHECKING

import pytest

from tests.config.secret_service import EndlessPrompt, SecretService, files_below
from tests.config.test_credentials import HARD_SECRET

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tests.config.secret_service import Bus

pytestmark = pytest.mark.secret_service

SPOKEN_TO = """
import sys
from ncpconsole.cli.runner import run_loop
from ncpconsole.config import keyring_store as credentials
from ncpconsole.config.credentials import checked_pair
from ncpconsole.config.keyring_store import CallTimeout
from ncpconsole.core.errors import CredentialsError

def keep(profile, secret):
    return run_loop(credentials.keep(profile, credentials.StoredPair(checked_pair("CANARYACCESS", secret), "https://x")))

def load(profile, seconds=20):
    stored = run_loop(credentials.load(profile, CallTimeout(seconds)))
    return stored and stored.credentials.secret_key.reveal()

for line in sys.stdin:
    try:
        print(repr(eval(line)), flush=True)
    except CredentialsError as error:
        print(f"{error} {error.remedy}", flush=True)
"""
PROMPTED = """
import asyncio, sys, time
from ncpconsole.cli.runner import run_loop
from ncpconsole.config import keyring_store as credentials
from ncpconsole.config.keyring_store import CallTimeout

async def main():
    timeout = CallTimeout(600, lambda: print("told", flush=True), 0)
    waiting = asyncio.create_task(credentials.load("prod", timeout))
    await asyncio.get_running_loop().run_in_executor(None, sys.stdin.readline)
    before = time.monotonic()
    waiting.cancel()
    try:
        await waiting
    except asyncio.CancelledError:
        print("cancelled", time.monotonic() - before, time.time(), flush=True)

run_loop(main())
"""


class Process:
    """A process of the console on a bus; each line is evaluated there."""

    def __init__(self, process: subprocess.Popen[str]) -> None:
        self._process = process

    def ask(self, line: str) -> str:
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        self._process.stdin.write(line + "\n")
        self._process.stdin.flush()
        return self._process.stdout.readline().rstrip("\n")


@contextmanager
def process(bus: Bus) -> Iterator[Process]:
    with subprocess.Popen(
        [sys.executable, "-c", SPOKEN_TO],
        env=bus.environment,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
        encoding="utf-8",
    ) as started:
        try:
            yield Process(started)
        finally:
            started.kill()


def test_a_hard_secret_comes_back_in_another_process(secret_service: SecretService) -> None:
    with process(secret_service) as first:
        assert first.ask(f"keep('prod', {HARD_SECRET!r})") == "'Secret Service'"
        assert first.ask("keep('test', 'other')") == "'Secret Service'"
    with process(secret_service) as second:
        assert second.ask("load('prod')") == repr(HARD_SECRET)
        assert second.ask("load('test')") == "'other'"
        assert second.ask("load('never')") == "None"
        assert second.ask("run_loop(credentials.forget('prod'))") == "True"
        assert second.ask("load('prod')") == "None"
        assert second.ask("load('test')") == "'other'"


def test_what_is_readable_while_locked_tells_nothing(secret_service: SecretService) -> None:
    with process(secret_service) as console:
        console.ask("keep('결제', 'canary-secret')")
        secret_service.lock()
    [item] = secret_service.items()
    for told in ("결제", "CANARY", "canary", "https", "x.example"):
        assert told not in repr(item)
    assert not [path for path in files_below(secret_service.home) if b"canary-secret" in path.read_bytes()]


def test_a_locked_collection_that_nobody_unlocks_is_a_sentence(secret_service: SecretService) -> None:
    with process(secret_service) as console:
        console.ask("keep('prod', 'secret')")
        secret_service.lock()
        assert console.ask("load('prod')").startswith("Secret Service is locked and was not unlocked. Unlock it")
        assert console.ask("keep('test', 'secret')").startswith("Secret Service is locked")
        assert console.ask("run_loop(credentials.round_trip('canary', CallTimeout(20)))").startswith(
            "Secret Service is locked"
        )
    assert len(secret_service.items()) == 1


def test_a_locked_collection_whose_prompt_is_never_answered_is_given_up(secret_service: SecretService) -> None:
    secret_service.prompt_nobody()
    with process(secret_service) as console:
        console.ask("keep('prod', 'secret')")
        secret_service.lock()
        assert console.ask("load('prod', 0.3)").startswith("Secret Service did not answer in time")


def test_a_service_killed_in_the_middle_is_a_sentence(secret_service: SecretService) -> None:
    with process(secret_service) as console:
        console.ask("keep('prod', 'secret')")
        assert console.ask("load('prod')") == "'secret'"
        secret_service.end()
        for question in ("load('prod')", "keep('prod', 'secret')"):
            answer = console.ask(question)
            assert "Secret Service failed (" in answer or "The OS keyring cannot be used: " in answer
            assert "or set NCLOUD_ACCESS_KEY" in answer
    with process(secret_service) as console:
        assert "is refused" in console.ask("load('prod')")


def test_a_prompt_that_never_ends_is_given_up(endless_prompt: EndlessPrompt) -> None:
    with process(endless_prompt) as console:
        assert "did not answer in time" in console.ask("load('prod', 0.2)")
        assert console.ask("run_loop(credentials.keyring_name())") == "'Secret Service'"


def test_waiting_for_a_prompt_can_be_called_off_and_quitting_is_quick(endless_prompt: EndlessPrompt) -> None:
    with subprocess.Popen(
        [sys.executable, "-c", PROMPTED],
        env=endless_prompt.environment,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    ) as waiting:
        assert waiting.stdout is not None
        assert waiting.stdin is not None
        assert waiting.stdout.readline() == "told\n"
        endless_prompt.await_call("Prompt")
        waiting.stdin.write("esc\n")
        waiting.stdin.flush()
        word, took, cancelled_at = waiting.stdout.readline().split()
        assert waiting.wait(timeout=20) == 0
    print(f"{word} in {float(took):.3f} s, quit {time.time() - float(cancelled_at):.3f} s later")
    assert word == "cancelled"
