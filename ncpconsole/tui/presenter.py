"""Draws what is known of the account on the screens that are on show, and keeps them in step."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from ncpconsole.core.safe_text import safe_text
from ncpconsole.language import msgid
from ncpconsole.ncp.metrics import Metric
from ncpconsole.tui.background import in_background
from ncpconsole.tui.commands import BY_ID, Scope
from ncpconsole.tui.screens.base import ConsoleScreen
from ncpconsole.tui.screens.servers import PANEL_FROM
from ncpconsole.tui.text.problem import empty_account, nothing_eligible
from ncpconsole.tui.text.record import presence_annotations, row_annotations
from ncpconsole.tui.widgets.footer import Footer
from ncpconsole.tui.widgets.header import Header, HeaderState

if TYPE_CHECKING:
    from collections.abc import Iterable

    from textual.app import App

    from ncpconsole.core.inventory import Row
    from ncpconsole.core.records import Intent
    from ncpconsole.tui.console_state import ConsoleState
    from ncpconsole.tui.keymap import Keys
    from ncpconsole.tui.textual_fixes.app import Severity

SIGNS_AFTER = 0.3
"""Seconds without another selection before the signs beside the list are read."""


class Presenter:
    """Draws; call what is named after that which changed. It reads nothing but the signs of the server in front."""

    def __init__(self, app: App[Any], state: ConsoleState, keys: Keys) -> None:
        self.app = app
        self.state = state
        self.keys = keys
        self.account, self.servers = state.account, state.servers

    def say(self, words: str, tone: Severity = "information") -> None:
        """A short notice. The words may come from outside."""
        self.app.notify(safe_text(words, 300), severity=tone, markup=False, timeout=4)

    # The list

    def header_changed(self) -> None:
        account, header_state = self.account, HeaderState.of(self.account)
        for screen in self.state.on_show:
            for header in screen.query(Header):
                header.header_state = header_state
        self.servers.table.stale, self.servers.table.moment = account.is_stale, account.now
        waiting = self.state.waiting.line(self.keys.shown(BY_ID["waiting"]))
        lines = [*filter(None, (waiting,)), *(f"! {words}" for words in account.warnings())]
        self.servers.banner.say("\n".join(lines), "warning")
        if self.servers.problem is not None and account.schedule.failures and account.session is not None:
            self.servers.show_problem(self.servers.problem, account.next_try())

    def ui_state_changed(self) -> None:
        for screen in self.state.on_show:
            if isinstance(screen, ConsoleScreen):
                for footer in screen.query(Footer):
                    footer.situation = self.state.ui_state(screen.SCOPE)

    def show_snapshot(self, *, changed: Iterable[str] = (), complete: bool = True) -> None:
        """Give the list what was read, with what the journal knows."""
        session, snapshot = self.account.session, self.account.snapshot
        if session is None or snapshot.inventory is None:
            return
        now = self.account.now
        notes = row_annotations(snapshot.inventory, snapshot.intents, now, session.policy.cooldown)
        self.servers.table.moment = now
        present = presence_annotations(snapshot.inventory, session.journal.colleagues(session.identity.base_url))
        notes = {**notes, **present}
        self.servers.show_inventory(snapshot.inventory, notes, changed=frozenset(changed), complete=complete)
        self.server_details_changed()

    def consider_emptiness(self) -> None:
        """Say why nothing is on show, when that is not the filter's doing."""
        session, snapshot, view = self.account.session, self.account.snapshot, self.servers.model.view
        inventory = snapshot.inventory
        if session is None or inventory is None or view is None or not self.account.is_listed:
            return
        if not inventory.rows and not any(region.failure for region in snapshot.regions):
            self.servers.show_problem(empty_account(session.identity.regions))
        elif view.eligible_only and inventory.rows and not inventory.eligible_count:
            self.servers.show_problem(nothing_eligible(inventory, session.rules.name))
        else:
            self.servers.show_problem(None)

    # The record

    def waiting_changed(self) -> None:
        """Say in a line over the list what waits. A dialog would take the keys that are typed meanwhile."""
        unresolved, owed = self.account.unresolved(), self.account.owed()
        self.state.waiting = replace(self.state.waiting, unresolved=unresolved, owed=owed)
        self.header_changed()
        self.ui_state_changed()

    def watched_no_more(self, intent: Intent) -> None:
        """A server that was watched again is back, or not watched any longer."""
        waiting = self.state.waiting
        watched = tuple(other for other in waiting.watched if other.id != intent.id)
        self.state.waiting = replace(waiting, watched=watched)

    def journal_changed(self) -> None:
        """Show what the journal knows now: after an interrupt, a watch, or a resolution."""
        self.account.journal_changed()
        self.show_snapshot()
        self.waiting_changed()

    # The server in front

    def server_details_changed(self) -> None:
        """Show the selected server beside the list, and follow the one whose screen is open."""
        if self.account.session is None or not self.servers.is_mounted:
            return
        row = self.servers.row
        if self.app.size.width >= PANEL_FROM:
            self.servers.panel.show(self.state.details_of(row) if row is not None else None)
        inventory = self.account.snapshot.inventory
        for screen in self.app.screen_stack:
            if not (isinstance(screen, ConsoleScreen) and inventory):
                continue
            if (shown := screen.current_row) is not None:
                now = inventory.by_key.get(shown.key)
                screen.update_details(self.state.details_of(now) if now is not None else None)
        self.ui_state_changed()

    def read_signs_on_show(self) -> None:
        """Read the signs of the server whose details are on show, when it is another one or time has passed."""
        scope = self.state.scope
        if (row := self.state.current_row) is not None and (
            scope is Scope.DETAILS or (self.app.size.width >= PANEL_FROM and scope is Scope.SERVERS)
        ):
            self.read_signs(row, SIGNS_AFTER if scope is Scope.SERVERS else 0.0)

    def read_signs(self, row: Row, wait: float = 0.0) -> None:
        """Read everything about one server's life, and show it; ``wait`` seconds first, as who scrolls moves on."""

        async def read() -> None:
            if (session := self.account.session) is not None:
                await asyncio.sleep(wait)
                await session.vitals.read([row.server.server_instance_no], metrics=tuple(Metric))
                self.server_details_changed()

        in_background(self.app, msgid("vital signs"), read, group="signs", exclusive=True)

    def count_silent(self) -> None:
        inventory, signs = self.account.snapshot.inventory, self.servers.signs
        if inventory is not None and signs is not None:
            self.account.silent = signs.silent_in(inventory)
            self.header_changed()
