"""The console as one application: it builds the parts, opens the screens, and keeps what is drawn in step."""

from __future__ import annotations

import asyncio
import logging
import sys
from dataclasses import replace
from functools import cached_property, partial
from pathlib import Path
from typing import TYPE_CHECKING, Any, ClassVar

from textual import events, work
from textual.app import App
from textual.binding import Binding, BindingType

from ncpconsole.core.crash import cause_of, crash_report, described
from ncpconsole.core.errors import ConsoleError
from ncpconsole.core.remembered import Remembered, worth_keeping
from ncpconsole.core.safe_text import safe_text
from ncpconsole.tui import screens
from ncpconsole.tui.availability import Elsewhere, UiState, unavailable_reason
from ncpconsole.tui.background import background
from ncpconsole.tui.commands import BY_ID, BY_METHOD, Command, Scope, bindings
from ncpconsole.tui.keymap import InvalidKeymap, Keys
from ncpconsole.tui.messages import AccountChanged, TeamTold, WatchWanted
from ncpconsole.tui.screens.base import ConsoleScreen, TooSmallScreen, is_small
from ncpconsole.tui.screens.servers import PANEL_FROM, ServersScreen
from ncpconsole.tui.text.problem import CALLED_OFF, empty_account, nothing_eligible, problem_for
from ncpconsole.tui.textual_fixes.crash import end_quietly
from ncpconsole.tui.textual_fixes.leaving import missed_on_leaving
from ncpconsole.tui.textual_fixes.mouse import is_over_removed_widget
from ncpconsole.tui.textual_fixes.notices import Notice, Severity
from ncpconsole.tui.themes import DEFAULT_THEME, OWN_THEMES, PlainAscii, over_ssh
from ncpconsole.tui.widgets.columns import UnknownColumn, checked
from ncpconsole.tui.widgets.footer import Footer
from ncpconsole.tui.widgets.header import Header, HeaderState

if TYPE_CHECKING:
    from collections.abc import Callable, Coroutine, Iterable, Mapping, Sequence

    from textual.command import Provider
    from textual.driver import Driver
    from textual.screen import Screen

    from ncpconsole.core.inventory import Row
    from ncpconsole.core.records import Intent, Note
    from ncpconsole.core.session import Console, Session
    from ncpconsole.tui.account_controller import AccountController, AccountEvent
    from ncpconsole.tui.interrupt_flow import InterruptFlow
    from ncpconsole.tui.messages import Watched, WatchEnded, WatchWanted, WorkerBroke
    from ncpconsole.tui.text.server import ServerDetails
    from ncpconsole.tui.text.waiting import Waiting

FLOW, WATCH = "interrupt", "watch"
"""The workers that take servers through their interrupts, and that watch them afterwards."""
SIGNS_AFTER = 0.3
"""Seconds without another selection before the signs beside the list are read."""
TICK = 1.0
"""Seconds between two looks at the clock."""


def palette_commands() -> type[Provider]:
    """The palette's source, imported when the palette opens."""
    from ncpconsole.tui.palette import ConsoleCommands

    return ConsoleCommands


class ConsoleApp(App[None]):
    """The console for one operator.

    ``profile`` and ``region`` are those to open first (None: the console's choice). ``columns`` are column
    keys of the list, ``keymap`` maps command ids to keys: what of them cannot be falls back, with a note.
    ``remembered`` is the view as the last console left it; `remembered` is what to keep of this one.
    ``refresh_every`` is in seconds, ``startup_notes`` are sentences to show before anything else.
    ``on_painted`` is called once the first frame is on screen. What is known of the account is in `account`.
    """

    TITLE = "ncpconsole"
    CSS_PATH = Path(__file__).with_name("app.tcss")
    BINDINGS: ClassVar[list[BindingType]] = [
        *bindings(Scope.ANYWHERE),
        Binding("ctrl+c", "how_to_quit", show=False, system=True),
    ]
    COMMANDS = {palette_commands}  # noqa: RUF012 - Textual's own declaration

    def __init__(
        self,
        console: Console,
        *,
        profile: str | None = None,
        region: str | None = None,
        ascii_marks: bool = False,
        theme: str | None = None,
        columns: Sequence[str] | None = None,
        keymap: Mapping[str, str] | None = None,
        refresh_every: float | None = None,
        remembered: Remembered | None = None,
        startup_notes: Iterable[str] = (),
        on_painted: Callable[[], None] | None = None,
    ) -> None:
        # What only pleases the eye and the hand locks nobody out: it falls back, with a line.
        notes = list(startup_notes)
        try:
            self.keys = Keys(keymap)
        except InvalidKeymap as error:
            self.keys = Keys()
            notes.append(f"{error} The console's own keys are used.")
        try:
            shown = checked(columns)
        except UnknownColumn as error:
            shown = None
            notes.append(f"{error} All columns are shown.")
        super().__init__()
        self.opener, self.refresh_every = console, refresh_every
        self.first_wanted = (profile, region)
        self.on_painted = on_painted
        self.tick_every = TICK
        self.looked_elsewhere: tuple[Session | None, Elsewhere] | None = None
        self.listens = False
        """Whether keys are taken as they come; before that, they are kept for the list in `typed_ahead`."""
        self.typed_ahead: list[events.Key] = []
        self.input_at = 0.0
        """When the last key or click came, by the clock of Textual's events."""
        self.crash: BaseException | None = None
        self.farewell: list[str] = []
        """Sentences for the terminal, once it is given back."""
        if ascii_marks:
            self._filters.append(PlainAscii())
        self.was_remembered = remembered or Remembered()
        self.chosen_regions = dict(self.was_remembered.regions)
        """The region chosen last, by profile."""
        order = (self.was_remembered.sort, self.was_remembered.descending)
        self.servers = ServersScreen(self, columns=shown, order=order, filters=self.was_remembered.filters)
        self.set_keymap(self.keys.for_textual())
        for own in OWN_THEMES:
            self.register_theme(own)
        # Set the usual way, a theme has every style parsed twice before the first frame.
        wanted = theme or self.was_remembered.theme
        self.set_reactive(ConsoleApp.theme, wanted if wanted in self.available_themes else DEFAULT_THEME)
        self.first_theme = self.theme
        if theme is not None and theme not in self.available_themes:
            names = ", ".join(sorted(self.available_themes))
            notes.append(f"There is no theme “{theme}”; the themes are {names}. The console's own is used.")
        self.startup_notes = tuple(notes)
        self.stylesheet.set_variables(self.get_css_variables())
        if over_ssh():
            self.animation_level = "none"

    @property
    def remembered(self) -> Remembered:
        """What to keep of the view for the next start."""
        was, servers = self.was_remembered, self.servers
        sort, descending = servers.order
        return Remembered(
            sort=sort,
            descending=descending,
            theme=was.theme if self.theme == self.first_theme else self.theme,
            regions=self.chosen_regions,
            filters=worth_keeping(servers.earlier_filters),
        )

    @cached_property
    def waiting(self) -> Waiting:
        """What waits for the operator; loaded when the first frame is on screen."""
        from ncpconsole.tui.text.waiting import Waiting

        return Waiting(self.startup_notes)

    @cached_property
    def account(self) -> AccountController:
        """What is known of the account; loaded when the first frame is on screen."""
        from ncpconsole.tui.account_controller import AccountController

        return AccountController(self.opener, self.tell, refresh_every=self.refresh_every)

    @cached_property
    def flow(self) -> InterruptFlow:
        """Takes servers through their interrupts; loaded when it is first needed."""
        from ncpconsole.tui.interrupt_flow import InterruptFlow

        return InterruptFlow(self, self.account)

    def get_css_variables(self) -> dict[str, str]:
        # Textual asks before there is a theme of the console's: working out the other one's colours takes 2 ms.
        return super().get_css_variables() if "first_theme" in self.__dict__ else {}

    def get_driver_class(self) -> type[Driver]:
        if sys.platform != "win32":
            from ncpconsole.tui.textual_fixes.terminal_driver import driver_for

            return driver_for(super().get_driver_class())
        return super().get_driver_class()

    def get_default_screen(self) -> Screen[Any]:
        return self.servers

    def on_mount(self) -> None:
        self.screen_change_signal.subscribe(self, self.screen_changed, immediate=True)
        # Suspended and gone on in a terminal of the same size: Textual paints nothing by itself.
        self.app_resume_signal.subscribe(self, lambda _: self.screen.refresh(layout=True))

    # The account

    def tell(self, event: AccountEvent) -> None:
        """Pass on what the account tells: it is drawn by a handler, not within the worker that reads."""
        self.post_message(AccountChanged(event))

    async def on_list_ready(self) -> None:
        """Open the account that was asked for, now that the first frame is on screen."""
        if self.on_painted is not None:
            self.on_painted()
        self.open_account(*self.first_wanted)
        self.set_interval(self.tick_every, self.tick)
        await self.take_typed_ahead()

    async def take_typed_ahead(self) -> None:
        """Press the keys that came before there was anything to press them on: a filter is typed at once."""
        while self.typed_ahead:
            await super().on_event(self.typed_ahead.pop(0))
        self.listens = True

    def open_account(self, profile: str | None, region: str | None) -> None:
        """Leave the account that is open, if one is, and open another. Nothing is carried over."""
        self.account.switch(profile, region)
        self.workers.cancel_group(self, "listing")
        if marked := len(self.servers.marked):
            self.say("The mark was removed." if marked == 1 else f"The {marked:,} marks were removed.", "warning")
        self.servers.reset(f"Opening {safe_text(profile, 40)} ..." if profile else "Opening ...")
        self.header_changed()
        self.open_wanted()

    @work(group="opening", exclusive=True, description="opening")
    async def open_wanted(self) -> None:
        await self.account.open()

    def refresh_list(self, *, addresses: bool = False) -> None:
        """Read the list now, unless it is being read; ``addresses``: see `AccountController.begin_refresh`."""
        if self.account.begin_refresh(addresses=addresses):
            self.header_changed()
            self.read_list()

    @work(group="listing", exclusive=True, description="listing")
    async def read_list(self) -> None:
        await self.account.refresh()

    def tick(self) -> None:
        """Once a second: let the age grow, and read again when it is time and nobody is deciding."""
        if self.account.session is not None and self.account.woke():
            self.say("This machine slept, or its clock was set: everything is read again.", "warning")
            self.flow.ask_anew()
            self.refresh_list()
        elif self.account.is_due() and not self.screen.is_modal:
            self.refresh_list()
        self.header_changed()
        if self.account.retired and not any(worker.group in {FLOW, WATCH} for worker in self.workers):
            self.close_retired()

    @work(group="closing", description="closing")
    async def close_retired(self) -> None:
        await self.account.close_retired()

    def on_account_changed(self, message: AccountChanged) -> None:
        from ncpconsole.tui.account_controller import (
            InventoryChanged,
            KeyringWaits,
            ListingProgress,
            RefreshFailed,
            SessionFailed,
            SessionOpened,
        )

        event = message.event
        match event:
            case SessionFailed():
                self.servers.show_problem(problem_for(event.error))
            case KeyringWaits():
                self.servers.table.placeholder = (
                    "Waiting for the OS keyring, which may ask for its password in a window of its own. "
                    "Esc cancels the sign-in."
                )
            case _ if event.session is not self.account.session:
                return
            case SessionOpened():
                self.servers.table.placeholder = "Reading servers ..."
                self.servers.open_signs(event.session.vitals)
                self.refresh_list()
                self.ask_whose_key()
                event.session.journal.follow(lambda is_event: self.post_message(TeamTold(is_event)))
                awaited = self.account.awaited()
                self.waiting = replace(self.waiting, surfaced=event.surfaced, watched=awaited)
                self.waiting_changed()
                for intent in awaited:
                    self.post_message(WatchWanted(event.session, intent))
            case InventoryChanged():
                self.servers.show_problem(None)
                self.show_snapshot(changed=event.changed, complete=event.complete)
                self.waiting_changed()
                self.read_signs_on_show()
                self.consider_emptiness()
            case RefreshFailed() if not self.account.is_listed:
                url = event.session.identity.base_url
                self.servers.show_problem(problem_for(event.error, base_url=url), self.account.next_try())
            case RefreshFailed() | ListingProgress():
                pass
        self.header_changed()

    @background("caller's identity", group="identity", exclusive=True)
    async def ask_whose_key(self) -> None:
        """Have the header tell whose key it is, once that is known; nothing waits for it."""
        await self.account.identify()
        self.header_changed()

    def elsewhere(self) -> Elsewhere:
        """Where a server could be that the list on show does not have; asked at every key, looked up once."""
        session = self.account.session
        if self.looked_elsewhere is None or self.looked_elsewhere[0] is not session:
            try:
                names = [summary.name for summary in self.account.profiles() if not summary.is_current]
            except ConsoleError:
                names = []
            shown = tuple(safe_text(name, 40) for name in names)
            self.looked_elsewhere = session, Elsewhere(session is None or session.identity.all_regions, shown)
        return self.looked_elsewhere[1]

    def on_signs_changed(self) -> None:
        """Count the silent in the header."""
        inventory, signs = self.account.snapshot.inventory, self.servers.signs
        if inventory is not None and signs is not None:
            self.account.silent = signs.silent_in(inventory)
            self.header_changed()

    def on_every_region_wanted(self) -> None:
        """Read every region of the account that is open; the filter stays."""
        self.remember_region(screens.ALL_REGIONS)
        self.open_account(self.account.wanted[0], screens.ALL_REGIONS)

    def remember_region(self, region: str) -> None:
        if self.account.session is not None:
            self.chosen_regions[self.account.session.identity.profile] = region

    def waiting_changed(self) -> None:
        """Say in a line over the list what waits. A dialog would take the keys that are typed meanwhile."""
        self.waiting = replace(self.waiting, unresolved=self.account.unresolved())
        self.header_changed()
        self.on_ui_state_changed()

    def watched_no_more(self, intent: Intent) -> None:
        """A server that was watched again is back, or not watched any longer."""
        watched = tuple(other for other in self.waiting.watched if other.id != intent.id)
        self.waiting = replace(self.waiting, watched=watched)

    def action_waiting(self) -> None:
        self.push_screen(screens.WaitingScreen(self.waiting), self.waiting_read)

    def waiting_read(self, go_to_history: bool | None) -> None:
        """What was read need not be said again; what locks a server stays in sight until it is settled."""
        self.waiting = replace(self.waiting, notes=(), surfaced=())
        self.header_changed()
        if go_to_history:
            self.action_history()

    def show_snapshot(self, *, changed: Iterable[str] = (), complete: bool = True) -> None:
        """Give the list what was read, with what the journal knows."""
        from ncpconsole.tui.text.interrupt import presence_annotations, row_annotations

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

    def journal_changed(self) -> None:
        """Show what the journal knows now: after an interrupt, a watch, or a resolution."""
        self.account.journal_changed()
        self.show_snapshot()
        self.waiting_changed()

    def consider_emptiness(self) -> None:
        """Say why nothing is on show, when that is not the filter's doing."""
        session, snapshot, view = self.account.session, self.account.snapshot, self.servers.view
        inventory = snapshot.inventory
        if session is None or inventory is None or view is None or not self.account.is_listed:
            return
        if not inventory.rows and not any(region.failure for region in snapshot.regions):
            self.servers.show_problem(empty_account(session.identity.regions))
        elif view.eligible_only and inventory.rows and not inventory.eligible_count:
            self.servers.show_problem(nothing_eligible(inventory, session.rules.name))
        else:
            self.servers.show_problem(None)

    # What is possible now

    @property
    def scope(self) -> Scope:
        return self.screen.SCOPE if isinstance(self.screen, ConsoleScreen) else Scope.DIALOG

    def ui_state(self, scope: Scope) -> UiState:
        """What commands depend on, in a scope."""
        servers, view = self.servers, self.servers.view
        session = self.account.session
        return UiState(
            scope=scope,
            opening=self.account.is_opening,
            account=session is not None,
            listing=view is not None,
            rows=len(view.rows) if view is not None and servers.problem is None else 0,
            server=self.current_row is not None,
            marked=len(servers.marked),
            filtered=bool(servers.filter_text),
            eligible_only=view is not None and view.eligible_only,
            problem=servers.problem is not None and (session is None or servers.problem.login),
            waiting=bool(self.waiting),
            typing=scope is Scope.SERVERS and servers.is_typing,
            reading_signs=servers.reads_signs,
        )

    def permits(self, command: Command) -> bool | None:
        """False where the command does not exist, None when it is not possible now.

        Until the first screen is ready, the only one is to quit.
        """
        if not self.servers.is_ready and command.id != "quit":
            return None
        scope = self.scope
        if scope not in command.scopes:
            return False
        return True if unavailable_reason(command, self.ui_state(scope)) is None else None

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        command = BY_METHOD.get(action)
        return super().check_action(action, parameters) if command is None else self.permits(command)

    @property
    def on_show(self) -> set[Screen[Any]]:
        """The list's screen and the one in front; while the program ends there may be none in front."""
        return {self.servers, *self.screen_stack[-1:]}

    @property
    def current_row(self) -> Row | None:
        """The server that commands mean: the one whose screen is open, or the selected one."""
        for screen in reversed(self.screen_stack):
            if isinstance(screen, ConsoleScreen) and screen.current_row is not None:
                return screen.current_row
        return None

    # What is on screen

    def say(self, words: str, tone: Severity = "information") -> None:
        """A short notice. The words may come from outside."""
        self.notify(safe_text(words, 300), severity=tone, markup=False, timeout=4)

    def notify(
        self,
        message: str,
        *,
        title: str = "",
        severity: Severity = "information",
        timeout: float | None = None,
        markup: bool = True,
    ) -> None:
        """Tell something for a moment: in the status line of the screen in front, or over a dialog's head."""
        seconds = self.NOTIFICATION_TIMEOUT if timeout is None else timeout
        from ncpconsole.tui.widgets.panels import StatusLine

        for line in self.screen.query(StatusLine) if self.screen_stack else ():
            line.say_for(f"{title}: {message}" if title else message, severity, seconds)
            return
        Notice(message, title, severity, seconds, markup=markup).show(self)

    def server_details_of(self, row: Row) -> ServerDetails:
        from ncpconsole.core.handover import notes_of_server
        from ncpconsole.tui.text.interrupt import of_server
        from ncpconsole.tui.text.server import ServerDetails

        session = self.account.session
        if session is None:
            raise RuntimeError("a server is shown although no account is open")
        return ServerDetails(
            row=row,
            intents=of_server(row, self.account.snapshot.intents),
            notes=notes_of_server(
                self.account.snapshot.notes, session.identity.base_url, row.server.server_instance_no
            ),
            policy=session.policy,
            rules=session.rules.name,
            now=self.account.now,
            vitals=session.vitals.known.get(row.server.server_instance_no),
        )

    @background("vital signs", group="signs", exclusive=True)
    async def read_signs(self, row: Row, wait: float = 0.0) -> None:
        """Read everything about one server's life, and show it; ``wait`` seconds first, as who scrolls moves on."""
        from ncpconsole.ncp.metrics import Metric

        if (session := self.account.session) is not None:
            await asyncio.sleep(wait)
            await session.vitals.read([row.server.server_instance_no], metrics=tuple(Metric))
            self.server_details_changed()

    def read_signs_on_show(self) -> None:
        """Read the signs of the server whose details are on show, when it is another one or time has passed."""
        if (row := self.current_row) is not None and (
            self.scope is Scope.DETAILS or (self.size.width >= PANEL_FROM and self.scope is Scope.SERVERS)
        ):
            self.read_signs(row, SIGNS_AFTER if self.scope is Scope.SERVERS else 0.0)

    def server_details_changed(self) -> None:
        """Show the selected server beside the list, and follow the one whose screen is open."""
        if self.account.session is None or not self.servers.is_mounted:
            return
        row = self.servers.row
        if self.size.width >= PANEL_FROM:
            self.servers.panel.show(self.server_details_of(row) if row is not None else None)
        inventory = self.account.snapshot.inventory
        for screen in self.screen_stack:
            if not (isinstance(screen, ConsoleScreen) and inventory):
                continue
            if (shown := screen.current_row) is not None:
                now = inventory.by_key.get(shown.key)
                screen.update_details(self.server_details_of(now) if now is not None else None)
        self.on_ui_state_changed()

    def on_selection_changed(self) -> None:
        self.server_details_changed()
        self.read_signs_on_show()

    def on_eligible_only_changed(self) -> None:
        self.consider_emptiness()

    def on_ui_state_changed(self) -> None:
        for screen in self.on_show:
            if isinstance(screen, ConsoleScreen):
                for footer in screen.query(Footer):
                    footer.situation = self.ui_state(screen.SCOPE)

    def header_changed(self) -> None:
        account, state = self.account, HeaderState.of(self.account)
        for screen in self.on_show:
            for header in screen.query(Header):
                header.header_state = state
        self.servers.table.stale, self.servers.table.moment = account.is_stale, account.now
        waiting = self.waiting.line(self.keys.shown(BY_ID["waiting"]))
        lines = [*filter(None, (waiting,)), *(f"! {words}" for words in account.warnings())]
        self.servers.banner.say("\n".join(lines), "warning")
        if self.servers.problem is not None and account.schedule.failures and account.session is not None:
            self.servers.show_problem(self.servers.problem, account.next_try())

    def on_resize(self, event: events.Resize) -> None:
        """Another size: there may be too little room now, or enough for the details."""
        if is_small(event.size):
            self.cover()
        elif event.size.width >= PANEL_FROM:
            self.call_after_refresh(self.server_details_changed)

    def screen_changed(self, _: Screen[Any]) -> None:
        if is_small(self.size):
            self.cover()

    def cover(self) -> None:
        """Put the notice in front, while the terminal is too small to be read safely; it takes all keys."""
        if not isinstance(self.screen, TooSmallScreen):
            self.push_screen(TooSmallScreen())

    # Interrupts

    def action_interrupt(self) -> None:
        session, inventory = self.account.session, self.account.snapshot.inventory
        if session is None or inventory is None:
            return
        marked = [inventory.by_key[key] for key in self.servers.marked if key in inventory.by_key]
        if marked and self.scope is Scope.SERVERS:
            shown = {row.key: at for at, row in enumerate(self.servers.table.rows)}
            marked.sort(key=lambda row: shown.get(row.key, len(shown)))
            self.run_flow(partial(self.review, session, marked))
        elif (row := self.current_row) is not None:
            if self.input_at < self.servers.seen_at:
                self.say(f"{row.name} came into the list after that key. Press it again to interrupt it.", "warning")
                return
            region, number = self.account.region_of(row), row.server.server_instance_no
            view = self.servers.view
            around = self.account.surroundings_of(row, view.looked_for_in(row) if view is not None else ())
            self.run_flow(partial(self.flow.interrupt, session, region, number, around, row=row))

    async def review(self, session: Session, rows: list[Row]) -> None:
        """Take the marked servers through their interrupts. Those that nothing was recorded of stay marked."""
        turns = await self.flow.review(session, rows, self.servers.marked_for)
        if self.account.session is session:
            done = {row.key for row, turn in zip(rows, turns, strict=True) if turn.ids}
            self.servers.mark(self.servers.marked - done)
            self.servers.show_rows()

    def run_flow(self, flow: Callable[[], Coroutine[Any, Any, object]]) -> None:
        """Run an interrupt flow on the app, one at a time: it outlives screens and is never replaced."""
        if any(worker.group == FLOW and not worker.is_finished for worker in self.workers):
            self.say("An interrupt is being prepared already; finish or cancel it first.", "warning")
        else:
            self.run_in_background(flow)

    @background(FLOW, group=FLOW)
    async def run_in_background(self, flow: Callable[[], Coroutine[Any, Any, object]]) -> None:
        await flow()

    def on_send_finished(self) -> None:
        self.journal_changed()

    @background(WATCH, group=WATCH)
    async def on_watch_wanted(self, message: WatchWanted) -> None:
        await self.flow.watch(message.session, message.intent, message.screen)

    def on_team_told(self, message: TeamTold) -> None:
        """Show what consoles on other machines do."""
        if message.is_event:
            self.catch_up_with_team()
        else:
            self.show_snapshot()

    @background("the team's journal", group="team", exclusive=True)
    async def catch_up_with_team(self) -> None:
        session = self.account.session
        if session is not None:
            await session.journal.catch_up()
            self.journal_changed()

    def on_journal_changed(self) -> None:
        self.journal_changed()

    def on_watched(self, message: Watched) -> None:
        from ncpconsole.core.watch import is_back
        from ncpconsole.tui.interrupt_flow import last_change

        draft, seen = message.intent.draft, message.observation
        self.show_result(f"{draft.server_name} {draft.server_no}  {last_change(message.intent)}")
        if is_back(seen):
            self.watched_no_more(message.intent)
        self.journal_changed()
        if is_back(seen):
            self.refresh_list()

    def on_watch_ended(self, message: WatchEnded) -> None:
        draft = message.intent.draft
        self.show_result(f"{draft.server_name} {draft.server_no}: {message.why or 'the watch is over'}")
        self.watched_no_more(message.intent)
        self.journal_changed()

    def show_result(self, words: str) -> None:
        """The line above the footer."""
        self.servers.result.say(safe_text(words, 300))

    # What keys do

    def action_details(self) -> None:
        """Show all about the selected server; beside the list it is shown already where there is room."""
        row = self.current_row
        if row is not None and self.scope is Scope.SERVERS:
            self.push_screen(screens.DetailScreen(self, self.server_details_of(row), HeaderState.of(self.account)))
            self.read_signs(row)

    def action_raw(self) -> None:
        if self.account.session is not None and (row := self.current_row) is not None:
            region = self.account.region_of(row)
            self.push_screen(screens.RawScreen(self, self.account.session.gateway, region, row))

    def action_web_console(self) -> None:
        """Open the web console's page, or give its address: it has no address of one server."""
        from ncpconsole.tui.web_browser import opened

        session, row = self.account.session, self.current_row
        if session is None or row is None:
            return
        url = session.identity.servers_page
        if not url:
            self.say("There is no web console of this gateway: it is none of NAVER Cloud's three sites.", "warning")
        elif opened(url):
            self.say(f"Opened {url}; look there for {row.number}.")
        else:
            self.copy(url, f"Sent to the terminal's clipboard: {url} (look there for {row.number})")

    def action_note(self) -> None:
        """Note something about the server, and about the incident that the console was opened for."""
        from ncpconsole.core.records import Subject

        session, row = self.account.session, self.current_row
        if session is not None and row is not None:
            about = Subject(
                gateway=session.identity.base_url,
                server_no=row.server.server_instance_no,
                server_name=row.server.server_name,
                incident=session.incident,
            )
            self.push_screen(screens.NoteScreen(session.journal, about), self.noted)

    def noted(self, note: Note | None) -> None:
        if note is not None:
            self.journal_changed()
            self.say("Noted: h shows it, and so do the server's details.")

    def action_copy_number(self) -> None:
        if (row := self.current_row) is not None:
            self.copy(row.number, f"Copied the number {row.number}.")

    def action_copy_name(self) -> None:
        """Copy the server name, as it is shown: a control character in it must not reach a shell."""
        if (row := self.current_row) is not None:
            self.copy(row.name, f"Copied the name {row.name}.")

    def action_copy_curl(self) -> None:
        from ncpconsole.tui.text.server import curl_line

        if self.account.session is not None and (row := self.current_row) is not None:
            url, region = self.account.session.identity.base_url, self.account.region_of(row)
            line = curl_line(url, region, row.server.server_instance_no)
            self.copy(line, "Copied a curl line; it takes the keys from the environment.")

    def copy(self, text: str, notice: str) -> None:
        """Put text on the clipboard through the terminal, and say so."""
        self.copy_to_clipboard(text)
        self.say(notice)

    def action_clear_or_call_off(self) -> None:
        """Wait no longer for the account that is being opened; else show every server again."""
        if self.servers.stop_signs():
            return
        if not self.account.is_opening:
            self.servers.action_clear_filter()
            return
        self.account.call_off()
        self.workers.cancel_group(self, "opening")
        self.servers.show_problem(CALLED_OFF)
        self.header_changed()

    def action_refresh(self) -> None:
        if self.account.session is None:
            self.open_account(*self.account.wanted)
        elif self.account.is_reading:
            self.say("The list is being read.")
        else:
            self.refresh_list(addresses=True)

    def action_history(self) -> None:
        if self.account.session is not None:
            self.push_screen(screens.HistoryScreen(self.account.session), lambda _: self.journal_changed())

    def action_resolve(self) -> None:
        """Settle the one unknown outcome there is, or choose one in the history."""
        session, unresolved = self.account.session, self.account.unresolved()
        if session is None or not unresolved:
            self.say("No outcome is unknown.")
        elif len(unresolved) == 1:
            self.push_screen(screens.ResolveScreen(session, unresolved[0]), lambda _: self.journal_changed())
        else:
            self.push_screen(screens.HistoryScreen(session, words="unresolved"), lambda _: self.journal_changed())

    def action_export(self) -> None:
        session = self.account.session
        if session is None:
            return
        try:
            intents = session.journal.intents(sent_through=session.gateway.base_url)
            notes = session.journal.notes()
        except ConsoleError as error:
            self.say(str(error), "error")
            return
        if intents or notes:
            self.push_screen(screens.ExportScreen(intents, notes), self.exported)
        else:
            self.say("There is no record to export.")

    def exported(self, path: Path | None) -> None:
        if path is not None:
            self.servers.result.say(safe_text(f"Written: {path}", 1000))

    def action_doctor(self) -> None:
        session = self.account.session
        profile = session.identity.profile if session is not None else self.account.wanted[0]
        self.push_screen(screens.DoctorScreen(self, self.account.console, profile))

    def action_paths(self) -> None:
        try:
            self.push_screen(screens.PathsScreen(self, self.account.console.places()))
        except ConsoleError as error:
            self.say(str(error), "error")

    def action_profile(self) -> None:
        try:
            profiles = self.account.profiles()
        except ConsoleError as error:
            self.say(str(error), "error")
            return
        self.push_screen(screens.ProfilePicker(profiles), self.profile_chosen)

    def profile_chosen(self, name: str | None) -> None:
        """Switch, unless nothing was chosen or it is open already."""
        session = self.account.session
        if name is not None and (session is None or name != session.identity.profile):
            self.open_account(name, self.chosen_regions.get(name))

    def action_region(self) -> None:
        session = self.account.session
        if session is not None:
            identity = session.identity
            current = (screens.ALL_REGIONS,) if identity.all_regions else identity.regions
            self.push_screen(screens.RegionPicker(session.gateway, current), self.region_chosen)

    def region_chosen(self, region: str | None) -> None:
        """Switch the region, unless nothing was chosen or it is what is open."""
        session = self.account.session
        if region is None or session is None:
            return
        identity = session.identity
        is_open = identity.all_regions if region == screens.ALL_REGIONS else identity.regions == (region,)
        if not is_open:
            self.remember_region(region)
            self.open_account(self.account.wanted[0], region)

    def action_login(self) -> None:
        try:
            current = next((summary for summary in self.account.profiles() if summary.is_current), None)
        except ConsoleError as error:
            self.say(str(error), "error")
            return
        form = screens.LoginScreen(
            self.account.console,
            profile=current.name if current else self.account.wanted[0] or "default",
            site=current.site if current else "",
            url=current.base_url if current else "",
        )
        self.push_screen(form, self.logged_in)

    def logged_in(self, profile: str | None) -> None:
        if profile is not None:
            self.open_account(profile, None)

    def action_command_palette(self) -> None:
        from ncpconsole.tui.textual_fixes.palette import ConsolePalette

        if not any(isinstance(screen, ConsolePalette) for screen in self.screen_stack):
            self.push_screen(ConsolePalette())  # no id: one that is leaving still has it

    def search_themes(self) -> None:
        """Choose a theme by its name."""
        from ncpconsole.tui.palette import theme_palette

        self.push_screen(theme_palette())

    def action_help(self) -> None:
        self.push_screen(screens.HelpScreen(self))

    def action_how_to_quit(self) -> None:
        """Ctrl+C is pressed by reflex; say what quits."""
        self.say(f"{self.keys.shown(BY_ID['quit'])} on the list quits, and so does Ctrl+Q.")

    async def action_back_or_quit(self) -> None:
        if self.scope is Scope.SERVERS:
            await self.action_quit()
        else:
            self.pop_screen()

    async def action_quit(self) -> None:
        if not self.flow.sending and not self.flow.watching:
            self.leave(True)
        elif not any(isinstance(screen, screens.QuitConfirm) for screen in self.screen_stack):
            watched = [intent.draft for intent, _ in self.flow.watching.values()]
            watching = [f"{draft.server_name} ({draft.server_no})" for draft in watched]
            self.push_screen(screens.QuitConfirm(tuple(self.flow.sending), watching), self.leave)

    @property
    def is_sending(self) -> bool:
        """Whether an interrupt is on its way; the terminal's driver asks, too."""
        return "flow" in self.__dict__ and bool(self.flow.sending)

    def action_suspend_process(self) -> None:
        """Ctrl+Z, unless an interrupt is on its way, whose time would run out unseen, or nobody could bring it back."""
        if self.is_sending:
            self.say("An interrupt is on its way: the console is not suspended before its answer.", "warning")
        elif self._driver is None or not self._driver.can_suspend:
            self.say("Not suspended: there is no shell that could bring the console back.", "warning")
        else:
            super().action_suspend_process()

    def exit(self, *given: Any, **more: Any) -> None:
        self.farewell = self.flow.farewell()
        super().exit(*given, **more)

    def leave(self, really: bool | None) -> None:
        if really:
            self.exit()

    # When something breaks

    def on_worker_broke(self, message: WorkerBroke) -> None:
        """Say it in a line and keep its place for the log, without local variables; the program goes on."""
        logging.getLogger("ncpconsole").error("%s", crash_report(message.error))
        what, error = message.what, described(message.error)
        ended = "this dialog; what was sent is in the history" if what == FLOW else f"the {what}"
        self.say(f"An internal error ended {ended}. ({error})", "error")
        if what in {FLOW, WATCH}:
            self.journal_changed()

    async def on_event(self, event: events.Event) -> None:
        if isinstance(event, events.Key | events.MouseDown | events.Paste):
            self.account.touched()
            self.input_at = event.time
        if not self.listens and isinstance(event, events.Key) and self.is_for_the_list(event):
            self.typed_ahead.append(event)
        elif not is_over_removed_widget(self, event):
            await super().on_event(event)

    def is_for_the_list(self, event: events.Key) -> bool:
        """Whether a key that came before the list waits for it: what quits does not, unless it is a letter by then."""
        return bool(self.typed_ahead) or (event.character is not None and event.character not in "q\x03\x11")

    def _handle_exception(self, error: Exception) -> None:
        """End on an internal error without Textual's own report, which prints local variables."""
        if missed_on_leaving(self, error):
            return
        self.crash = self.crash or cause_of(error)
        end_quietly(self, error)

    def panic(self, *_: object) -> None:
        """End so too where Textual knows alone what failed."""
        self.crash = self.crash or RuntimeError("the terminal could not be read or written")
        end_quietly(self)
