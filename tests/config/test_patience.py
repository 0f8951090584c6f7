"""Waiting for a call that may never return."""

from __future__ import annotations

import asyncio
import subprocess
import sys
import threading
import time

import pytest

from ncpconsole.config.keyring_store import CallTimedOut, CallTimeout, call, call_async

LONG = CallTimeout(60.0)


def test_the_value_and_the_error_come_through() -> None:
    assert call(lambda: 7, LONG) == 7
    with pytest.raises(ZeroDivisionError):
        call(lambda: 1 // 0, LONG)


async def test_the_value_and_the_error_come_through_to_a_coroutine() -> None:
    assert await call_async(lambda: 7, LONG) == 7
    with pytest.raises(ZeroDivisionError):
        await call_async(lambda: 1 // 0, LONG)


def test_who_waits_is_told_once_and_not_for_ever() -> None:
    never = threading.Event()
    told: list[str] = []
    with pytest.raises(CallTimedOut):
        call(never.wait, CallTimeout(0.05, lambda: told.append("waiting"), 0.01))
    never.set()
    assert told == ["waiting"]
    assert call(lambda: 7, CallTimeout(60, lambda: told.append("too soon"))) == 7
    assert told == ["waiting"]


async def test_a_coroutine_is_told_too() -> None:
    never = threading.Event()
    told = asyncio.Event()
    waiting = asyncio.create_task(call_async(never.wait, CallTimeout(60, told.set, 0.01)))
    await asyncio.wait_for(told.wait(), 20)
    never.set()
    assert await waiting
    with pytest.raises(CallTimedOut):
        await call_async(threading.Event().wait, CallTimeout(0.01))


async def test_cancelling_returns_though_the_call_does_not() -> None:
    never = threading.Event()
    begun = threading.Event()

    def hangs() -> bool:
        begun.set()
        return never.wait()

    waiting = asyncio.create_task(call_async(hangs, LONG))
    await asyncio.to_thread(begun.wait, 20)
    waiting.cancel()
    with pytest.raises(asyncio.CancelledError):
        await waiting
    assert not never.is_set()
    never.set()


@pytest.mark.parametrize("how", ["call", "call_async"])
def test_a_hanging_call_keeps_no_process_from_ending(how: str) -> None:
    code = f"""
import asyncio, threading, time
from ncpconsole.config.keyring_store import *
forever = threading.Event().wait
try:
    if {how!r} == "call":
        call(forever, Patience(0.05))
    else:
        asyncio.run(call_async(forever, Patience(0.05)))
except NotAnswered:
    print(time.time(), flush=True)
"""
    ended = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, timeout=20, check=False
    )
    took = time.time() - float(ended.stdout)
    print(f"quit {took:.2f} s after giving up")
    assert (ended.returncode, ended.stderr) == (0, "")


def test_an_answer_after_the_loop_is_closed_is_dropped_in_silence() -> None:
    release, done = threading.Event(), threading.Event()
    before = set(threading.enumerate())

    def late() -> None:
        release.wait()
        done.set()

    with pytest.raises(CallTimedOut):
        asyncio.run(call_async(late, CallTimeout(0.01)))
    release.set()
    assert done.wait(20)
    for thread in set(threading.enumerate()) - before:
        thread.join(20)
        assert not thread.is_alive()
