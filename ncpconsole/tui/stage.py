"""What is on screen: the header, the footer, the server in question, notices."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any, Literal

from ncpconsole.tui.account_controller import AccountController
from ncpconsole.tui.availability import UiState, unavailable_reason
from ncpconsole.tui.commands import Scope
from ncpconsole.tui.screens.base import METHODS, ConsoleScreen
from ncpconsole.tui.screens.servers import PANEL_FROM
from ncpconsole.tui.widgets.footer import Footer
from ncpconsole.tui.widgets.header import Header, HeaderState

if TYPE_CHECKING:
    from textual import events
    from textual.geometry import Size
    from textual.screen import Screen

    from ncpconsole.core.inventory import Row
    from ncpconsole.tui.commands import Command
    from ncpconsole.tui.keymap import Keys
    from ncpconsole.tui.themes import Marks
    from ncpconsole.tui.widgets.panels import ServerDetails

LEAST_WIDTH, LEAST_HEIGHT = 60, 16
"""Below this many cells names and buttons would be cut off."""
Tone = Literal["information", "warning", "error"]


def is_small(size: Size) -> bool:
    """Whether a terminal of this size is too small."""
    return size.width < LEAST_WIDTH or size.height < LEAST_HEIGHT


class StageApp(AccountController):
    """Keeps what is drawn in step with what is known, and tells what is possible."""

    keys: Keys
    marks: Marks
    ascii_marks: bool

    # What is possible now

    @property
    def situation(self) -> UiState:
        """What commands depend on, for the screen in front."""
        screen = self.screen
        return self.situation_at(screen.PLACE if isinstance(screen, ConsoleScreen) else Scope.DIALOG)

    def situation_at(self, place: Scope) -> UiState:
        """What commands depend on, at a place."""
        servers = self.servers
        view = servers.view
        return UiState(
            place=place,
            opening=self.is_opening,
            account=self.session is not None,
            listing=view is not None,
            rows=len(view.rows) if view is not None and servers.problem is None else 0,
            server=self.current_row is not None,
            marked=len(servers.marked),
            filtered=bool(servers.filter_text),
            eligible_only=view is not None and view.eligible_only,
            problem=servers.problem is not None and (self.session is None or servers.problem.login),
            typing=place is Scope.SERVERS and servers.is_typing,
        )

    def permits(self, command: Command) -> bool | None:
        """False where the command does not exist, None when it is not possible now.

        Until the first screen is ready, the only one is to quit.
        """
        if not self.servers.is_ready and command.id != "quit":
            return None
        situation = self.situation
        if situation.place not in command.places:
            return False
        return True if unavailable_reason(command, situation) is None else None

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """Ask the registry about its commands; everything else is Textual's own."""
        command = METHODS.get(action)
        return super().check_action(action, parameters) if command is None else self.permits(command)

    @property
    def current_row(self) -> Row | None:
        """The server that commands mean: the one whose screen is open, or the selected one."""
        for screen in reversed(self.screen_stack):
            if isinstance(screen, ConsoleScreen) and screen.current_row is not None:
                return screen.current_row
        return None

    # What is on screen

    def say(self, words: str, tone: Tone = "information") -> None:
        """A short notice. The words may come from outside."""
        from ncpconsole.core.safe_text import safe_text

        self.notify(safe_text(words, 300), severity=tone, markup=False, timeout=4)

    def notify(
        self,
        message: str,
        *,
        title: str = "",
        severity: Tone = "information",
        timeout: float | None = None,
        markup: bool = True,
    ) -> None:
        """Show a notice; see `Notice` for why it is not Textual's own."""
        from textual.notifications import Notify

        from ncpconsole.tui.textual_fixes.notices import Notice

        seconds = self.NOTIFICATION_TIMEOUT if timeout is None else timeout
        self.post_message(Notify(Notice(message, title, severity, seconds, markup=markup)))

    def server_details_of(self, row: Row) -> ServerDetails:
        """A server with all that is known of it."""
        from ncpconsole.tui.text.interrupt import of_server
        from ncpconsole.tui.widgets.panels import ServerDetails

        session = self.session
        if session is None:
            raise RuntimeError("a server is shown although no account is open")
        return ServerDetails(
            row=row,
            intents=of_server(row, self.reading.intents),
            policy=session.policy,
            rules=session.rules.name,
            now=datetime.now(UTC),
            marks=self.marks,
        )

    def server_details_changed(self) -> None:
        """Show the selected server beside the list, and follow the one whose screen is open."""
        if self.session is None or not self.servers.is_mounted:
            return
        row = self.servers.row
        if self.size.width >= PANEL_FROM:
            self.servers.panel.show(self.server_details_of(row) if row is not None else None)
        inventory = self.reading.inventory
        for screen in self.screen_stack:
            if not (isinstance(screen, ConsoleScreen) and screen.is_mounted and inventory):
                continue
            if (shown := screen.current_row) is not None:
                now = inventory.by_key.get(shown.key)
                screen.update_details(self.server_details_of(now) if now is not None else None)
        self.situation_changed()

    def situation_changed(self) -> None:
        """The footer may offer other keys now. Nothing is on the stack while the app closes its screens."""
        if not self.screen_stack:
            return
        screen = self.screen
        for place in {self.servers, screen}:
            if isinstance(place, ConsoleScreen):
                for bar in place.query(Footer):
                    bar.situation = self.situation_at(place.PLACE)

    @property
    def header_state(self) -> HeaderState:
        """What the header tells now."""
        from ncpconsole.core.safe_text import safe_text

        session, inventory = self.session, self.reading.inventory
        if session is None:
            return HeaderState()
        identity, policy = session.identity, session.policy
        codes = identity.regions
        now = self.monotonic()
        age = self.freshness.age(now)
        return HeaderState(
            profile=safe_text(identity.profile, 40),
            site=safe_text(identity.site, 40),
            regions="all regions" if identity.all_regions else ",".join(safe_text(code, 8) for code in codes),
            key_source=safe_text(identity.key_source, 60),
            key_source_short=safe_text(identity.key_source_short, 12),
            read_only=policy.read_only,
            protected=policy.protected,
            incident=safe_text(session.incident, 30),
            age=None if age is None else int(age),
            stale=self.freshness.is_stale(now),
            reading=self.is_reading,
            arrived=self.progress[0],
            expected=self.progress[1],
            servers=None if inventory is None else len(inventory.rows),
            eligible=0 if inventory is None else inventory.eligible_count,
        )

    def warnings(self) -> list[str]:
        """What is odd about the account, and what is wrong with the list on show, in sentences."""

        said = list(self.session.notes) if self.session is not None else []
        if self.freshness.failures and self.reading.inventory is not None and self.read_at is not None:
            said.append(f"STALE. {self.next_try()} {self.freshness.cause}")
        return said + list(self.reading.warnings)

    def header_changed(self) -> None:
        """The header or the warnings may have changed; what did not is not painted again."""
        screens: set[Screen[Any]] = {self.servers, self.screen}
        for screen in screens:
            for bar in screen.query(Header):
                bar.header_state = self.header_state
        self.servers.banner.say("\n".join(f"! {words}" for words in self.warnings()), "warning")
        if self.servers.problem is not None and self.freshness.failures and self.session is not None:
            self.servers.show_problem(self.servers.problem, self.next_try())

    # What the list's screen tells

    def on_list_ready(self) -> None:
        self.start()

    def on_ui_state_changed(self) -> None:
        self.situation_changed()

    def on_eligible_only_changed(self) -> None:
        self.consider_emptiness()

    def on_server_table_selected(self) -> None:
        self.server_details_changed()

    def on_mount(self) -> None:
        """Look at each screen that comes to the front."""
        self.screen_change_signal.subscribe(self, self.screen_changed, immediate=True)

    def on_resize(self, event: events.Resize) -> None:
        """Another size: there may be too little room now, or enough for the details."""
        if is_small(event.size):
            self.cover()
        elif event.size.width >= PANEL_FROM:
            self.call_after_refresh(self.server_details_changed)

    def screen_changed(self, _: Screen[Any]) -> None:
        """Another screen is in front."""
        if is_small(self.size):
            self.cover()

    def cover(self) -> None:
        """Put the notice in front, while the terminal is too small to be read safely; it takes all keys."""
        from ncpconsole.tui.screens.base import TooSmallScreen

        if not isinstance(self.screen, TooSmallScreen):
            self.push_screen(TooSmallScreen())

    def result(self, words: str, tone: str = "") -> None:
        """The line above the footer."""
        from ncpconsole.core.safe_text import safe_text

        self.servers.result.say(safe_text(words, 300), tone)
