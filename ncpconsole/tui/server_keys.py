"""What the keys about one server do."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, Any, cast

from ncpconsole.tui.commands import Scope
from ncpconsole.tui.later import Later
from ncpconsole.tui.stage import StageApp

if TYPE_CHECKING:
    from collections.abc import Callable, Coroutine

    from ncpconsole.core.cautions import Surroundings
    from ncpconsole.core.inventory import Row
    from ncpconsole.core.session import Session
    from ncpconsole.tui.app import ConsoleApp

FLOW = "interrupt"
"""The group of the workers that take servers through their interrupts."""


class ServerKeysApp(StageApp):
    """Interrupt, details, the raw record, copies."""

    def action_interrupt(self) -> None:
        """Take the selected server through its interrupt, or the marked ones, one by one."""
        session, inventory = self.session, self.reading.inventory
        if session is None or inventory is None:
            return
        marked = [inventory.by_key[key] for key in self.servers.marked if key in inventory.by_key]
        if marked and self.situation.place is Scope.SERVERS:
            shown = {row.key: at for at, row in enumerate(self.servers.table.rows)}
            marked.sort(key=lambda row: shown.get(row.key, len(shown)))
            self.run_flow(partial(self.review, session, marked))
        elif (row := self.current_row) is not None:
            self.run_flow(partial(self.interrupt, session, row))

    def run_flow(self, flow: Callable[[], Coroutine[Any, Any, object]]) -> None:
        """Run an interrupt flow on the app, one at a time: it outlives screens and is never replaced."""
        if any(worker.group == FLOW and not worker.is_finished for worker in self.workers):
            self.say("An interrupt is being prepared already; finish or cancel it first.", "warning")
            return
        self.run_worker(Later(flow), group=FLOW, exclusive=False, exit_on_error=False)

    async def interrupt(self, session: Session, row: Row) -> None:
        """Worker: one server, frozen by its number."""
        from ncpconsole.tui.interrupt_flow import interrupt_flow

        await interrupt_flow(
            cast("ConsoleApp", self),
            session,
            self.region_of(row),
            row.server.server_instance_no,
            self.surroundings_of(row),
            row=row,
        )

    async def review(self, session: Session, rows: list[Row]) -> None:
        """Worker: the marked servers, each with a dialog of its own."""
        from ncpconsole.tui.interrupt_flow import review

        await review(
            cast("ConsoleApp", self),
            session,
            rows,
            self.surroundings_of,
            region_of=self.region_of,
        )
        if self.session is session:
            self.servers.mark(frozenset())
            self.servers.show_rows()

    def surroundings_of(self, row: Row) -> Surroundings:
        """What was read of the other servers, and why some may be missing."""
        cause = self.freshness.cause if self.freshness.failures else ""
        return self.reading.surroundings(row.server, cause)

    def region_of(self, row: Row) -> str:
        """The region to ask for a server."""
        return row.server.region_code or next((region.code for region in self.reading.regions), "")

    def action_details(self) -> None:
        """Show all about the selected server; beside the list it is shown already where there is room."""
        row = self.current_row
        if row is None or self.situation.place is not Scope.SERVERS:
            return
        from ncpconsole.tui.screens.detail import DetailScreen

        self.push_screen(DetailScreen(self.server_details_of(row)))

    def on_server_table_opened(self) -> None:
        self.action_details()

    def action_raw(self) -> None:
        """Show the record as NCP sends it."""
        if self.session is not None and (row := self.current_row) is not None:
            from ncpconsole.tui.screens.detail import RawScreen

            self.push_screen(RawScreen(self.session.gateway, self.region_of(row), row))

    def action_copy_number(self) -> None:
        """Copy the server number."""
        if (row := self.current_row) is not None:
            self.copy(row.number, f"Copied the number {row.number}.")

    def action_copy_name(self) -> None:
        """Copy the server name, as it is shown: a control character in it must not reach a shell."""
        if (row := self.current_row) is not None:
            self.copy(row.name, f"Copied the name {row.name}.")

    def action_copy_curl(self) -> None:
        """Copy a line that reads this server in a shell."""
        if self.session is not None and (row := self.current_row) is not None:
            from ncpconsole.tui.text.server import curl_line

            line = curl_line(
                self.session.identity.base_url, self.region_of(row), row.server.server_instance_no
            )
            self.copy(line, "Copied a curl line; it takes the keys from the environment.")

    def copy(self, text: str, notice: str) -> None:
        """Put text on the clipboard through the terminal, and say so."""
        self.copy_to_clipboard(text)
        self.say(notice)
