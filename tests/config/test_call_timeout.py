"""Waiting for a call that may never return."""

from __future__ import annotations

import asyncio
import subprocess
import sys
import threading
import time
from typing import TYPE_CHECKING

import pytest

from ncpconsole.cli.runner import run_loop
from ncpconsole.config.keyring_store import CallTimeout, call

if TYPE_CHECKING:
    from collections.abc import Iterator

LONG = CallTimeout(60.0)


@pytest.fixture
def never() -> Iterator[threading.Event]:
    """Set when the test is over, so that its loop need not wait for the thread."""
    event = threading.Event()
    yield event
    event.set()


async def test_the_value_and_the_error_come_through_to_a_coroutine() -> None:
    assert await call(lambda: 7, LONG) == 7
    with pytest.raises(ZeroDivisionError):
        await call(lambda: 1 // 0, LONG)


async def test_who_waits_is_told_once_and_not_for_ever(never: threading.Event) -> None:
    told: list[str] = []
    with pytest.raises(TimeoutError):
        await call(never.wait, CallTimeout(0.05, lambda: told.append("waiting"), 0.01))
    assert told == ["waiting"]
    assert await call(lambda: 7, CallTimeout(60, lambda: told.append("too soon"))) == 7
    assert told == ["waiting"]
    never.set()


async def test_a_coroutine_is_told_too(never: threading.Event) -> None:
    told = asyncio.Event()
    waiting = asyncio.create_task(call(never.wait, CallTimeout(60, told.set, 0.01)))
    await asyncio.wait_for(told.wait(), 20)
    never.set()
    assert await waiting


async def test_cancelling_returns_though_the_call_does_not(never: threading.Event) -> None:
    begun = threading.Event()

    def hangs() -> bool:
        begun.set()
        return never.wait()

    waiting = asyncio.create_task(call(hangs, LONG))
    await asyncio.to_thread(begun.wait, 20)
    waiting.cancel()
    with pytest.raises(asyncio.CancelledError):
        await waiting
    assert not never.is_set()
    never.set()


def test_a_hanging_call_keeps_no_process_from_ending() -> None:
    code = """
import threading, time
from ncpconsole.cli.runner import run_loop
from ncpconsole.config.keyring_store import CallTimeout, call
try:
    run_loop(call(threading.Event().wait, CallTimeout(0.05)))
except TimeoutError:
    print(time.time(), flush=True)
"""
    ended = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, timeout=20, check=False)
    took = time.time() - float(ended.stdout)
    print(f"quit {took:.2f} s after giving up")
    assert (ended.returncode, ended.stderr) == (0, "")


def test_an_answer_after_the_loop_is_closed_is_dropped_in_silence() -> None:
    release, done = threading.Event(), threading.Event()
    before = set(threading.enumerate())

    def late() -> None:
        release.wait()
        done.set()

    with pytest.raises(TimeoutError):
        run_loop(call(late, CallTimeout(0.01)))
    release.set()
    assert done.wait(20)
    for thread in set(threading.enumerate()) - before:
        thread.join(20)
        assert not thread.is_alive()
