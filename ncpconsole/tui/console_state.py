"""What is on show, which server commands mean, and what is possible now: asked at every key."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from ncpconsole.core.errors import ConsoleError
from ncpconsole.core.handover import notes_of_server
from ncpconsole.core.safe_text import safe_text
from ncpconsole.tui.availability import Elsewhere, UiState, unavailable_reason
from ncpconsole.tui.commands import Command, Scope
from ncpconsole.tui.screens.base import ConsoleScreen
from ncpconsole.tui.text.record import of_server
from ncpconsole.tui.text.server import ServerDetails
from ncpconsole.tui.text.server_list import Waiting

if TYPE_CHECKING:
    from collections.abc import Sequence

    from textual.app import App
    from textual.screen import Screen

    from ncpconsole.core.inventory import Row
    from ncpconsole.core.session import Session
    from ncpconsole.tui.account_controller import AccountController
    from ncpconsole.tui.screens.servers import ServersScreen


class ConsoleState:
    """Answers from the account, the screens that are open, and what waits; changes nothing.

    ``waiting`` is what waits for the operator; ``notes`` are the sentences of the start in it.
    """

    def __init__(
        self, app: App[Any], account: AccountController, servers: ServersScreen, notes: Sequence[str] = ()
    ) -> None:
        self.app = app
        self.account = account
        self.servers = servers
        self.waiting = Waiting(notes)
        self._elsewhere: tuple[Session | None, Elsewhere] | None = None

    @property
    def scope(self) -> Scope:
        return self.app.screen.SCOPE if isinstance(self.app.screen, ConsoleScreen) else Scope.DIALOG

    @property
    def on_show(self) -> set[Screen[Any]]:
        """The list's screen and the one in front; while the program ends there may be none in front."""
        return {self.servers, *self.app.screen_stack[-1:]}

    @property
    def current_row(self) -> Row | None:
        """The server that commands mean: the one whose screen is open, or the selected one."""
        for screen in reversed(self.app.screen_stack):
            if isinstance(screen, ConsoleScreen) and screen.current_row is not None:
                return screen.current_row
        return None

    def details_of(self, row: Row) -> ServerDetails:
        session, snapshot = self.account.session, self.account.snapshot
        if session is None:
            raise RuntimeError("a server is shown although no account is open")  # no message: a slip of the console
        number = row.server.server_instance_no
        return ServerDetails(
            row=row,
            intents=of_server(row, snapshot.intents),
            notes=notes_of_server(snapshot.notes, session.identity.base_url, number),
            policy=session.policy,
            rules=session.rules.name,
            now=self.account.now,
            vitals=session.vitals.known.get(number),
        )

    def ui_state(self, scope: Scope) -> UiState:
        """What commands depend on, in a scope."""
        servers, view = self.servers, self.servers.model.view
        session = self.account.session
        return UiState(
            scope=scope,
            opening=self.account.is_opening,
            account=session is not None,
            listing=view is not None,
            rows=len(view.rows) if view is not None and servers.problem is None else 0,
            server=self.current_row is not None,
            marked=len(servers.model.marked),
            filtered=bool(servers.model.filter_text),
            filter_wrong=bool(servers.model.filter_wrong),
            eligible_only=view is not None and view.eligible_only,
            problem=servers.problem is not None and (session is None or servers.problem.login),
            waiting=bool(self.waiting),
            typing=scope is Scope.SERVERS and servers.is_typing,
            reading_signs=servers.reads_signs,
        )

    def permits(self, command: Command) -> bool | None:
        """False where the command does not exist, None when it is not possible now."""
        scope = self.scope
        if scope not in command.scopes:
            return False
        return True if unavailable_reason(command, self.ui_state(scope)) is None else None

    def elsewhere(self) -> Elsewhere:
        """Where a server could be that the list on show does not have; asked at every key, looked up once."""
        session = self.account.session
        if self._elsewhere is None or self._elsewhere[0] is not session:
            try:
                names = [summary.name for summary in self.account.profiles() if not summary.is_current]
            except ConsoleError:
                names = []
            shown = tuple(safe_text(name, 40) for name in names)
            self._elsewhere = session, Elsewhere(session is None or session.identity.all_regions, shown)
        return self._elsewhere[1]
