"""A console in a process of its own, to be ended at a chosen step: journal on disk, interrupts on a socket.

Run as ``python -m tests.core.console_process JOURNAL PORT STEP exit|kill``; it interrupts server 300 and is
gone when the step is reached.
"""

from __future__ import annotations

import asyncio
import os
import signal
import sys
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from ncpconsole.core.eligibility import rules_named
from ncpconsole.core.interrupter import Interrupter
from ncpconsole.core.journal.database import JournalDatabase
from ncpconsole.core.journal.journal import Journal
from ncpconsole.core.plan import Confirmation
from ncpconsole.core.policy import Policy
from ncpconsole.ncp.results import SendProgress, SendResult
from tests.core.fakes import ACCEPTED, ALICE, NOTHING_AROUND, FakeGateway, a_server

if TYPE_CHECKING:
    from ncpconsole.core.interrupter import SendPhase
    from ncpconsole.core.journal.chain import Document, Kind
    from ncpconsole.core.plan import Report

Reached = Callable[[str], None]


@dataclass
class SocketGateway(FakeGateway):
    """Reads from memory, sends interrupts to the counting process."""

    port: int = 0
    reached: Reached = lambda _: None

    async def interrupt(
        self,
        region_code: str,
        server_no: str,
        *,
        before_first_byte: Callable[[], None],
        deadline: float,
        progress: SendProgress,
    ) -> SendResult:
        reader, writer = await asyncio.open_connection("127.0.0.1", self.port)
        self.reached("connected")
        try:
            try:
                before_first_byte()
            except Exception as error:  # noqa: BLE001 - as the real sender: whatever the barrier raises
                return SendResult.not_sent(f"Nothing was sent. {error}")
            progress.may_have_been_sent = True
            writer.write(f"interrupt {server_no}\n".encode())
            await writer.drain()
            self.reached("sent")
            assert await reader.readline() == b"accepted\n"
            self.reached("answered")
            return ACCEPTED
        finally:
            writer.close()


async def interrupt_one(journal: Journal, port: int, number: str, reached: Reached) -> Report:
    """Everything between the dialog and the recorded outcome."""
    gateway = SocketGateway(fleet={number: a_server(number)}, port=port, reached=reached)
    interrupter = Interrupter(gateway, journal, rules_named("xen-windows"), Policy(), profile="prod")
    plan = await interrupter.plan("KR", number, NOTHING_AROUND)
    demanded = Confirmation(plan.demands.text)

    def on_stage(stage: SendPhase) -> None:
        reached(stage.value)

    return await interrupter.execute(plan, demanded, on_stage)


def watch_transactions(reached: Reached) -> None:
    """Tell, for every event, the moment when it is written and not yet committed."""
    append = JournalDatabase.append

    def told(
        self: JournalDatabase, intent_id: str, kind: Kind, body: object, document: Document | None, time: str
    ) -> None:
        append(self, intent_id, kind, body, document, time)
        reached(f"uncommitted {kind.value}")

    JournalDatabase.append = told  # type: ignore[method-assign] # this process exists to be ended in the middle


def main() -> None:
    path, port, step, how = sys.argv[1:]

    def reached(now: str) -> None:
        if now == step:
            if how == "kill":
                os.kill(os.getpid(), signal.SIGKILL)
            os._exit(9)

    watch_transactions(reached)
    report = asyncio.run(interrupt_one(Journal.open(Path(path), ALICE), int(port), "300", reached))
    print(report.result.outcome.value)


if __name__ == "__main__":
    main()
