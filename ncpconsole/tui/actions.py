"""What the keys do with a server, with its interrupt, and with the record."""

from __future__ import annotations

from dataclasses import replace
from functools import partial
from typing import TYPE_CHECKING, Any

from ncpconsole.core.errors import ConsoleError
from ncpconsole.core.records import Note, Subject
from ncpconsole.core.safe_text import safe_text
from ncpconsole.core.watch import is_back
from ncpconsole.language import shown, tr
from ncpconsole.tui import screens
from ncpconsole.tui.background import FLOW, in_background
from ncpconsole.tui.commands import Scope
from ncpconsole.tui.interrupt_flow import InterruptFlow, last_change
from ncpconsole.tui.text.server import curl_line
from ncpconsole.tui.web_browser import opened
from ncpconsole.tui.widgets.header import HeaderState

if TYPE_CHECKING:
    from collections.abc import Callable, Coroutine
    from pathlib import Path

    from textual.app import App

    from ncpconsole.core.inventory import Row
    from ncpconsole.core.session import Session
    from ncpconsole.tui.account_flow import AccountFlow
    from ncpconsole.tui.messages import Watched, WatchEnded
    from ncpconsole.tui.presenter import Presenter


class Actions:
    """Everything that keys do with servers and the record; `flow` takes servers through their interrupts."""

    def __init__(self, app: App[Any], account_flow: AccountFlow) -> None:
        self.flow = InterruptFlow(app, account_flow.account)
        self.servers = ServerCommands(app, account_flow.presenter)
        self.records = RecordCommands(app, account_flow.presenter)
        self.interrupts = InterruptCommands(app, account_flow, self.flow)


class ServerCommands:
    """Acts on the server that commands mean (see `ConsoleState.current_row`); without one, nothing happens."""

    def __init__(self, app: App[Any], presenter: Presenter) -> None:
        self.app = app
        self.presenter = presenter
        self.state, self.account = presenter.state, presenter.account

    def show_details(self) -> None:
        """Show all about the selected server; beside the list it is shown already where there is room."""
        row = self.state.current_row
        if row is not None and self.state.scope is Scope.SERVERS:
            host = self.state.servers.host
            self.app.push_screen(screens.DetailScreen(host, self.state.details_of(row), HeaderState.of(self.account)))
            self.presenter.read_signs(row)

    def show_raw(self) -> None:
        session, row = self.account.session, self.state.current_row
        if session is not None and row is not None:
            host, region = self.state.servers.host, self.account.region_of(row)
            self.app.push_screen(screens.RawScreen(host, session.gateway, region, row))

    def open_web_console(self) -> None:
        """Open the web console's page, or give its address: it has no address of one server."""
        session, row = self.account.session, self.state.current_row
        if session is None or row is None:
            return
        url = session.identity.servers_page
        if not url:
            words = tr("There is no web console of this gateway: it is none of NAVER Cloud's three sites.")
            self.presenter.say(words, "warning")
        elif opened(url):
            self.presenter.say(tr("Opened {url}; look there for {number}.", url=url, number=row.number))
        else:
            words = tr("Sent to the terminal's clipboard: {url} (look there for {number})", url=url, number=row.number)
            self.copy(url, words)

    def note(self) -> None:
        """Note something about the server, and about the incident that the console was opened for."""
        session, row = self.account.session, self.state.current_row
        if session is not None and row is not None:
            about = Subject(
                gateway=session.identity.base_url,
                server_no=row.server.server_instance_no,
                server_name=row.server.server_name,
                incident=session.incident,
            )
            self.app.push_screen(screens.NoteScreen(session.journal, about), self.noted)

    def noted(self, note: Note | None) -> None:
        if note is not None:
            self.presenter.journal_changed()
            self.presenter.say(tr("Noted: h shows it, and so do the server's details."))

    def copy_number(self) -> None:
        if (row := self.state.current_row) is not None:
            self.copy(row.number, tr("Copied the number {number}.", number=row.number))

    def copy_name(self) -> None:
        """Copy the server name, as it is shown: a control character in it must not reach a shell."""
        if (row := self.state.current_row) is not None:
            self.copy(row.name, tr("Copied the name {name}.", name=row.name))

    def copy_curl(self) -> None:
        session, row = self.account.session, self.state.current_row
        if session is not None and row is not None:
            url, region = session.identity.base_url, self.account.region_of(row)
            line = curl_line(url, region, row.server.server_instance_no)
            self.copy(line, tr("Copied a curl line; it takes the keys from the environment."))

    def copy(self, text: str, notice: str) -> None:
        """Put text on the clipboard through the terminal, and say so."""
        self.app.copy_to_clipboard(text)
        self.presenter.say(notice)


class RecordCommands:
    """Opens the screens of the record, and shows what they changed."""

    def __init__(self, app: App[Any], presenter: Presenter) -> None:
        self.app = app
        self.presenter = presenter
        self.state, self.account = presenter.state, presenter.account

    def show_history(self, words: str = "") -> None:
        """``words`` are those that the history is searched for."""
        if (session := self.account.session) is not None:
            self.app.push_screen(screens.HistoryScreen(session, words=words), self._left)

    def _left(self, _: object) -> None:
        self.presenter.journal_changed()

    def resolve(self) -> None:
        """Settle the one unknown outcome there is, or choose one in the history."""
        session, unresolved = self.account.session, self.account.unresolved()
        if session is None or not unresolved:
            self.presenter.say(tr("No outcome is unknown."))
        elif len(unresolved) == 1:
            self.app.push_screen(screens.ResolveScreen(session, unresolved[0]), self._left)
        else:
            self.show_history("unresolved")

    def export(self) -> None:
        session = self.account.session
        if session is None:
            return
        try:
            intents = session.journal.intents(sent_through=session.gateway.base_url)
            notes = session.journal.notes()
        except ConsoleError as error:
            self.presenter.say(shown(error), "error")
            return
        if intents or notes:
            self.app.push_screen(screens.ExportScreen(intents, notes), self._exported)
        else:
            self.presenter.say(tr("There is no record to export."))

    def _exported(self, path: Path | None) -> None:
        if path is not None:
            self.state.servers.result.say(safe_text(tr("Written: {path}", path=path), 1000))

    def show_waiting(self) -> None:
        self.app.push_screen(screens.WaitingScreen(self.state.waiting), self._waiting_read)

    def _waiting_read(self, go_to_history: bool | None) -> None:
        """What was read need not be said again; what locks a server stays in sight until it is settled."""
        self.state.waiting = replace(self.state.waiting, notes=(), surfaced=())
        self.presenter.header_changed()
        if go_to_history:
            self.show_history()


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
        seen = last_change(message.intent)
        told = f"  {seen} · {why}" if seen else f": {why}"
        self._show_result(f"{draft.server_name} {draft.server_no}{told}")
        self.presenter.watched_no_more(message.intent)
        self.presenter.journal_changed()

    def _show_result(self, words: str) -> None:
        """The line above the footer."""
        self.servers.result.say(safe_text(words, 300))
