"""What the interrupt's key means: which servers, one flow at a time, and what becomes of them in the list."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, Any

from ncpconsole.core.safe_text import safe_text
from ncpconsole.core.watch import is_back
from ncpconsole.language import tr
from ncpconsole.tui.background import FLOW, in_background
from ncpconsole.tui.commands import Scope
from ncpconsole.tui.interrupt_flow import last_change

if TYPE_CHECKING:
    from collections.abc import Callable, Coroutine

    from textual.app import App

    from ncpconsole.core.inventory import Row
    from ncpconsole.core.session import Session
    from ncpconsole.tui.account_flow import AccountFlow
    from ncpconsole.tui.interrupt_flow import InterruptFlow
    from ncpconsole.tui.messages import Watched, WatchEnded


class InterruptCommands:
    """Starts the flow for the marked servers, or for the selected one, and takes what its watches tell."""

    def __init__(self, app: App[Any], account_flow: AccountFlow, flow: InterruptFlow) -> None:
        self.app = app
        self.account_flow = account_flow
        self.flow = flow
        self.presenter, self.state = account_flow.presenter, account_flow.state
        self.account, self.servers = account_flow.account, account_flow.servers

    def interrupt(self, pressed_at: float) -> None:
        """``pressed_at`` is when the key came, by the clock of Textual's events."""
        session, inventory = self.account.session, self.account.snapshot.inventory
        if session is None or inventory is None:
            return
        marked = [inventory.by_key[key] for key in self.servers.model.marked if key in inventory.by_key]
        if marked and self.state.scope is Scope.SERVERS:
            shown = {row.key: at for at, row in enumerate(self.servers.table.rows)}
            marked.sort(key=lambda row: shown.get(row.key, len(shown)))
            self.run(partial(self.review, session, marked))
        elif self.servers.model.filter_wrong and self.state.scope is Scope.SERVERS:
            words = tr("The filter is not understood, so this is not the list that was asked for. Correct it, or Esc.")
            self.presenter.say(words, "warning")
        elif (row := self.state.current_row) is not None:
            if pressed_at < self.servers.seen_at:
                words = tr("{name} came into the list after that key. Press it again to interrupt it.", name=row.name)
                self.presenter.say(words, "warning")
                return
            region, number = self.account.region_of(row), row.server.server_instance_no
            view = self.servers.model.view
            around = self.account.surroundings_of(row, view.looked_for_in(row) if view is not None else ())
            self.run(partial(self.flow.interrupt, session, region, number, around, row=row))

    async def review(self, session: Session, rows: list[Row]) -> None:
        """Take the marked servers through their interrupts. Those that nothing was recorded of stay marked."""
        turns = await self.flow.review(session, rows, self.servers.model.marked_for)
        if self.account.session is session:
            done = {row.key for row, turn in zip(rows, turns, strict=True) if turn.ids}
            self.servers.mark(self.servers.model.marked - done)
            self.servers.show_rows()

    def run(self, flow: Callable[[], Coroutine[Any, Any, object]]) -> None:
        """Run an interrupt flow on the app, one at a time: it outlives screens and is never replaced."""
        if any(worker.group == FLOW and not worker.is_finished for worker in self.app.workers):
            words = tr("An interrupt is being prepared already; finish or cancel it first.")
            self.presenter.say(words, "warning")
        else:
            in_background(self.app, FLOW, flow, group=FLOW)

    def watched(self, message: Watched) -> None:
        """Show a change of a server that was interrupted; one that is back is waited for no more."""
        draft, back = message.intent.draft, is_back(message.observation)
        self._show_result(f"{draft.server_name} {draft.server_no}  {last_change(message.intent)}")
        if back:
            self.presenter.watched_no_more(message.intent)
        self.presenter.journal_changed()
        if back:
            self.account_flow.refresh()

    def watch_ended(self, message: WatchEnded) -> None:
        draft = message.intent.draft
        why = message.why or tr("the watch is over")
        self._show_result(f"{draft.server_name} {draft.server_no}: {why}")
        self.presenter.watched_no_more(message.intent)
        self.presenter.journal_changed()

    def _show_result(self, words: str) -> None:
        """The line above the footer."""
        self.servers.result.say(safe_text(words, 300))
