"""Wait for a call that may never return: on a daemon thread, so that it keeps nobody from leaving."""

from __future__ import annotations

import asyncio
import contextlib
import threading
from dataclasses import dataclass
from typing import TYPE_CHECKING, Generic, TypeVar

if TYPE_CHECKING:
    from collections.abc import Callable

T = TypeVar("T")

PROBE_SECONDS = 5.0
"""How long a keyring may take to say that it is there."""
UNLOCK_SECONDS = 120.0
"""How long a user may take to unlock it."""
NOTICE_SECONDS = 1.0
"""After this long, whoever waits is told what for."""


@dataclass(frozen=True, slots=True)
class Patience:
    """How long to wait, in seconds, and what to call once when the wait becomes noticeable."""

    seconds: float = UNLOCK_SECONDS
    notice: Callable[[], None] | None = None
    notice_after: float = NOTICE_SECONDS


class NotAnswered(Exception):  # says what happened, as the other errors of the console do
    """The call has not returned in time. Its thread is abandoned; what it returns later is dropped."""


class _Call(Generic[T]):
    """One call on a thread of its own; ``on_done`` runs on that thread."""

    def __init__(self, work: Callable[[], T], on_done: Callable[[], None]) -> None:
        self._work = work
        self._on_done = on_done
        self._value: T | None = None
        self._error: BaseException | None = None
        threading.Thread(target=self._run, name="ncpconsole-keyring", daemon=True).start()

    def _run(self) -> None:
        try:
            self._value = self._work()
        except BaseException as error:  # noqa: BLE001  # handed to the caller's thread, whatever it is
            self._error = error
        self._on_done()

    def result(self) -> T:
        if self._error is not None:
            raise self._error
        return self._value  # type: ignore[return-value]  # None only where T allows it


def call(work: Callable[[], T], patience: Patience) -> T:
    """Run ``work`` and wait; raises what it raises, or NotAnswered. Ctrl-C ends the wait at once."""
    done = threading.Event()
    under_way = _Call(work, done.set)
    notice_after = min(patience.notice_after, patience.seconds)
    if not done.wait(notice_after):
        if patience.notice is not None:
            patience.notice()
        if not done.wait(patience.seconds - notice_after):
            raise NotAnswered
    return under_way.result()


async def call_async(work: Callable[[], T], patience: Patience) -> T:
    """The same for a coroutine; cancelling it returns at once."""
    loop = asyncio.get_running_loop()
    done = asyncio.Event()

    def tell() -> None:
        # The loop may be closed by the time an abandoned call returns.
        with contextlib.suppress(RuntimeError):
            loop.call_soon_threadsafe(done.set)

    under_way = _Call(work, tell)
    notice = loop.call_later(patience.notice_after, patience.notice) if patience.notice is not None else None
    try:
        async with asyncio.timeout(patience.seconds):
            await done.wait()
    except TimeoutError:
        raise NotAnswered from None
    finally:
        if notice is not None:
            notice.cancel()
    return under_way.result()
