"""Runs the event loop of a command or the console; no call that hangs keeps the program from ending."""

from __future__ import annotations

import asyncio
from concurrent.futures import Future, ThreadPoolExecutor
from threading import Thread
from typing import TYPE_CHECKING, ParamSpec, TypeVar

if TYPE_CHECKING:
    from collections.abc import Callable, Coroutine

Result = TypeVar("Result")
Given = ParamSpec("Given")


def run_loop(work: Coroutine[None, None, Result]) -> Result:
    """Do the work to its end, as `asyncio.run` does, and wait for no thread."""
    with asyncio.Runner() as runner:
        runner.get_loop().set_default_executor(DaemonThreads())
        return runner.run(work)


class DaemonThreads(ThreadPoolExecutor):
    """Runs every call on a daemon thread of its own, for which nobody waits when the program ends.

    asyncio resolves names on such threads, and a resolver that gets no answer returns after minutes.
    """

    def submit(
        self, fn: Callable[Given, Result], /, *args: Given.args, **kwargs: Given.kwargs
    ) -> Future[Result]:
        """Begin a call."""
        future: Future[Result] = Future()

        def call() -> None:
            if not future.set_running_or_notify_cancel():
                return
            try:
                result = fn(*args, **kwargs)
            except BaseException as error:  # noqa: BLE001 - handed to whoever waits, whatever it is
                future.set_exception(error)
            else:
                future.set_result(result)

        Thread(target=call, name="ncpconsole-call", daemon=True).start()
        return future

    def shutdown(self, wait: bool = True, *, cancel_futures: bool = False) -> None:
        """Wait for nothing: what still runs ends with the program."""
