"""A call that never returns keeps nobody: only calculations run where the program waits for its threads."""

from __future__ import annotations

import ast
import asyncio
import os
import subprocess
import sys
import threading
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

import ncpconsole
from ncpconsole.cli.runner import run_loop
from tests.end_to_end.terminal import Terminal

if TYPE_CHECKING:
    from collections.abc import Iterator

pytestmark = pytest.mark.slow

NOWHERE = {
    "NCLOUD_API_GW": "https://gateway.invalid",
    "NCLOUD_ACCESS_KEY": "ncp_iam_never_sent",
    "NCLOUD_SECRET_KEY": "ncp_iam_never_sent_either",
}
PROGRAM = ("-m", "tests.end_to_end.hanging")


def test_a_console_can_be_left_while_the_resolver_hangs() -> None:
    with Terminal(*PROGRAM, program=sys.executable, environment=NOWHERE) as console:
        console.shows("The gateway is not reached")
        console.press("q")
        assert console.ended() == 0


def test_a_command_ends_while_the_resolver_hangs() -> None:
    done = subprocess.run(
        [sys.executable, *PROGRAM, "servers"],
        env=dict(os.environ) | NOWHERE,
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    assert done.returncode == 5, done.stderr


def test_nobody_waits_for_a_call_when_the_loop_ends() -> None:
    begun, forever = threading.Event(), threading.Event()

    def hang() -> None:
        begun.set()
        forever.wait()

    async def leave() -> str:
        hanging = asyncio.create_task(asyncio.to_thread(hang))
        assert await asyncio.to_thread(begun.wait, 20)
        hanging.cancel()
        return "left"

    rescue = threading.Timer(20, forever.set)
    rescue.start()
    try:
        assert run_loop(leave()) == "left"
        assert not forever.is_set(), "the loop waited for the thread"
    finally:
        rescue.cancel()
        forever.set()


def test_a_call_on_a_thread_answers_and_raises_as_ever() -> None:
    async def call() -> int:
        with pytest.raises(ZeroDivisionError):
            await asyncio.to_thread(lambda: 1 // 0)
        return await asyncio.to_thread(int, "7")

    assert run_loop(call()) == 7


def named(tree: ast.AST) -> Iterator[str]:
    """The dotted names of what is called."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Call):
            yield ast.unparse(node.func)
            yield from (f"{each.arg}={ast.unparse(each.value)}" for each in node.keywords)


def test_no_loop_waits_for_threads() -> None:
    house = Path(ncpconsole.__file__).parent
    waiting = {
        (file.relative_to(house).as_posix(), name)
        for file in house.rglob("*.py")
        for name in named(ast.parse(file.read_text("utf-8")))
        if name in {"asyncio.run", "ThreadPoolExecutor", "thread=True"}
    }
    assert not waiting
