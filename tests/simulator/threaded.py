"""The simulator in a thread of its own, for callers that have no event loop."""

from __future__ import annotations

import asyncio
import threading
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

from ncpconsole.simulator.simulator import Simulator

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from ncpconsole.simulator.recorder import ReceivedInterrupt

PATIENCE = 30


@contextmanager
def running_simulator(**options: Any) -> Iterator[ThreadedSimulator]:
    """Run a `Simulator` made with ``options`` in a thread; it is stopped on the way out."""
    loop = asyncio.new_event_loop()
    thread = threading.Thread(target=loop.run_forever, name="simulator", daemon=True)
    thread.start()
    try:
        simulator = Simulator(**options)
        asyncio.run_coroutine_threadsafe(simulator.__aenter__(), loop).result(PATIENCE)
        try:
            yield ThreadedSimulator(simulator, loop)
        finally:
            asyncio.run_coroutine_threadsafe(simulator.__aexit__(), loop).result(PATIENCE)
    finally:
        loop.call_soon_threadsafe(loop.stop)
        thread.join(PATIENCE)
        loop.close()


class ThreadedSimulator:
    """A simulator that runs elsewhere. ``simulator`` itself may be read from here, not awaited."""

    def __init__(self, simulator: Simulator, loop: asyncio.AbstractEventLoop) -> None:
        self.simulator = simulator
        self.url = simulator.url
        self.access_key = simulator.access_key
        self.secret_key = simulator.secret_key
        self.region = simulator.region
        self.fleet = simulator.fleet
        self.faults = simulator.faults
        self.environment = {
            "NCLOUD_API_GW": self.url,
            "NCLOUD_ACCESS_KEY": self.access_key,
            "NCLOUD_SECRET_KEY": self.secret_key,
        }
        """What a console is given to work with it."""
        self._loop = loop

    @property
    def interrupts(self) -> list[ReceivedInterrupt]:
        """Every interrupt request received so far."""
        return list(self.simulator.interrupts)

    def counts(self) -> dict[str, Any]:
        """What ``GET /simulator/counts`` tells."""
        return self.simulator.counts()

    def interrupt_received(self, within: float = 60) -> ReceivedInterrupt:
        """The next interrupt, each handed out once; raises TimeoutError after ``within`` seconds."""
        waiting = self.simulator.interrupt_received(within)
        return asyncio.run_coroutine_threadsafe(waiting, self._loop).result(within + PATIENCE)

    def wait_until(self, condition: Callable[[Simulator], bool], within: float = 60) -> None:
        """Wait until a condition holds, looked at after every request; raises TimeoutError."""
        waiting = self.simulator.wait_until(condition, within)
        asyncio.run_coroutine_threadsafe(waiting, self._loop).result(within + PATIENCE)
