"""Records the requests that reached the gateway, so that tests can count interrupts."""

from __future__ import annotations

import asyncio
from collections import Counter, deque
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

MOST_KEPT = 20_000
"""Requests kept with their content. The counts go on beyond it."""


@dataclass(frozen=True, slots=True)
class ReceivedRequest:
    """One request. ``scope`` is the operation's short name, or empty; ``account`` is empty when refused.

    ``time`` is the gateway's clock in seconds; ``status`` is what was decided, delivered or
    not, and 0 when nothing was.
    """

    time: float
    method: str
    target: str
    headers: dict[str, str]
    body: bytes
    scope: str
    parameters: dict[str, str]
    account: str
    status: int
    connection: int


@dataclass(frozen=True, slots=True)
class ReceivedInterrupt:
    """One interrupt request, accepted or not; ``code`` is the code it was answered with."""

    time: float
    method: str
    server_no: str
    region: str
    account: str
    access_key: str
    accepted: bool
    code: str
    connection: int
    sub_account_no: str = ""
    source_ip: str = ""


@dataclass(frozen=True, slots=True)
class ColleaguesAct:
    """What somebody else did to a server of an account, past this gateway; ``action`` is the activity log's name."""

    time: float
    account: str
    server_no: str
    action: str
    sub_account_no: str
    source_ip: str


class Recorder:
    """Counts and keeps what arrived, and wakes those who wait for it. Belongs to one event loop."""

    def __init__(self) -> None:
        self.requests: deque[ReceivedRequest] = deque(maxlen=MOST_KEPT)
        self.interrupts: list[ReceivedInterrupt] = []
        self.acts: list[ColleaguesAct] = []
        self._count = 0
        self._scopes: Counter[str] = Counter()
        self._handed_out = 0
        self._waiting: list[asyncio.Future[None]] = []

    def add(self, request: ReceivedRequest, interrupt: ReceivedInterrupt | None = None) -> None:
        """Record one request, and the interrupt it asks for."""
        self._count += 1
        self._scopes[request.scope] += 1
        self.requests.append(request)
        if interrupt is not None:
            self.interrupts.append(interrupt)
        waiting, self._waiting = self._waiting, []
        for future in waiting:
            if not future.done():
                future.set_result(None)

    def count(self, scope: str = "") -> int:
        """How many requests arrived, all or of one operation."""
        return self._scopes[scope] if scope else self._count

    def counts(self) -> dict[str, Any]:
        """The numbers that ``GET /simulator/counts`` tells."""
        by_server = Counter(interrupt.server_no for interrupt in self.interrupts)
        return {
            "interrupts": len(self.interrupts),
            "accepted": sum(interrupt.accepted for interrupt in self.interrupts),
            "by_server": dict(by_server),
            "requests": self._count,
            "by_operation": {scope or "other": n for scope, n in sorted(self._scopes.items())},
        }

    async def wait_until(self, condition: Callable[[], bool], within: float) -> None:
        """Wait until a condition on what arrived holds; raises TimeoutError after ``within`` seconds."""
        async with asyncio.timeout(within):
            while not condition():
                future = asyncio.get_running_loop().create_future()
                self._waiting.append(future)
                await future

    async def next_interrupt(self, within: float) -> ReceivedInterrupt:
        """The first interrupt not handed out before, now or as soon as it arrives; raises TimeoutError."""
        await self.wait_until(lambda: len(self.interrupts) > self._handed_out, within)
        interrupt = self.interrupts[self._handed_out]
        self._handed_out += 1
        return interrupt
