"""A console at rest: nothing is left to be handled or drawn.

Textual's own wait looks at how much processor time the program uses. On a machine that gives it none for a
moment a program in the middle of its work looks like one at rest, and a test looks too early.
"""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Any

from textual._context import active_app

if TYPE_CHECKING:
    from collections.abc import Iterable

    from textual._queue import Queue
    from textual.app import App
    from textual.message_pump import MessagePump
    from textual.screen import Screen

LOOK_EVERY = 0.002
"""Seconds between two looks; drawing itself waits for a sixtieth of a second."""


async def settled(min_sleep: float = 0.0, max_sleep: float = 5.0) -> None:
    """Wait until the running app is at rest, for ``max_sleep`` seconds at most; stands in for Textual's wait.

    What comes later, by a timer or from the network, is waited for by name: see `until` of the desk.
    """
    app = active_app.get()
    loop = asyncio.get_running_loop()
    end = loop.time() + max_sleep
    await asyncio.sleep(min_sleep)
    while not is_at_rest(app) and loop.time() < end:  # noqa: ASYNC110 - nobody tells when all of it is done
        await asyncio.sleep(LOOK_EVERY)


def is_at_rest(app: App[Any]) -> bool:
    """Whether every widget waits for its next message, and every screen shows what it knows."""
    if not app.is_running or app._exception_event.is_set():
        return True
    return all(map(waits, pumps(app))) and not any(map(is_behind, app.screen_stack))


def pumps(app: App[Any]) -> Iterable[MessagePump]:
    """The app and every widget of every screen that is open."""
    yield app
    for screen in app.screen_stack:
        yield from screen.walk_children(with_self=True)


def waits(pump: MessagePump) -> bool:
    """Whether a pump has handled all it was told, and waits at its empty queue."""
    queue: Queue[Any] = pump._message_queue
    return queue.empty() and bool(queue.ready_event._waiters)


def is_behind(screen: Screen[Any]) -> bool:
    """Whether a screen has still to be laid out or drawn, or to tell somebody that it was."""
    return screen.is_current and (screen._update_timer._active.is_set() or bool(screen._callbacks))
