"""The console as one application: it builds the parts, opens the screens, and keeps what is drawn in step."""

from __future__ import annotations

import logging
import sys
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any, ClassVar

from textual import events
from textual.app import App
from textual.binding import Binding, BindingType

from ncpconsole.core.crash import cause_of, crash_report, described
from ncpconsole.core.errors import ConsoleError
from ncpconsole.core.remembered import Remembered
from ncpconsole.language import shown, tr, use
from ncpconsole.tui import screens
from ncpconsole.tui.availability import Elsewhere, UiState
from ncpconsole.tui.background import FLOW, WATCH, background
from ncpconsole.tui.commands import BY_ID, BY_METHOD, Command, Scope, bindings
from ncpconsole.tui.messages import AccountChanged
from ncpconsole.tui.screens.base import TooSmallScreen, is_small
from ncpconsole.tui.screens.servers import PANEL_FROM, ServersScreen
from ncpconsole.tui.textual_fixes.app import Notice, Severity, end_quietly, is_over_removed_widget, missed_on_leaving
from ncpconsole.tui.themes import OWN_THEMES, PlainAscii, over_ssh
from ncpconsole.tui.view_choices import ViewChoices

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping, Sequence

    from textual.command import Provider
    from textual.driver import Driver
    from textual.screen import Screen

    from ncpconsole.core.session import Console
    from ncpconsole.tui.account_controller import AccountController, AccountEvent
    from ncpconsole.tui.account_flow import AccountFlow
    from ncpconsole.tui.actions import Actions, InterruptCommands
    from ncpconsole.tui.console_state import ConsoleState
    from ncpconsole.tui.interrupt_flow import InterruptFlow
    from ncpconsole.tui.messages import TeamTold, Watched, WatchEnded, WatchWanted, WorkerBroke
    from ncpconsole.tui.presenter import Presenter

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
        super().__init__()
        for own in OWN_THEMES:
            self.register_theme(own)
        self.choices = ViewChoices(
            remembered, keymap=keymap, columns=columns, theme=theme, themes=self.available_themes
        )
        self.keys = self.choices.keys
        self.startup_notes = (*startup_notes, *self.choices.notes)
        self.opener, self.refresh_every = console, refresh_every
        self.first_wanted = (profile, region)
        self.on_painted = on_painted
        self.tick_every = TICK
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
        columns_shown, filters = self.choices.columns, self.choices.was.filters
        self.servers = ServersScreen(self, columns=columns_shown, order=self.choices.order, filters=filters)
        self.set_keymap(self.keys.for_textual())
        # Set the usual way, a theme has every style parsed twice before the first frame.
        self.set_reactive(ConsoleApp.theme, self.choices.theme)
        self.stylesheet.set_variables(self.get_css_variables())
        if over_ssh():
            self.animation_level = "none"

    @property
    def remembered(self) -> Remembered:
        """What to keep of the view for the next start."""
        servers = self.servers
        return self.choices.to_remember(order=servers.model.order, theme=self.theme, filters=servers.earlier_filters)

    @cached_property
    def account_flow(self) -> AccountFlow:
        """Opens, reads and switches the account. It and the rooms below are loaded once the first frame is there."""
        from ncpconsole.tui.account_flow import account_flow_of

        return account_flow_of(
            self,
            self.opener,
            self.servers,
            self.keys,
            self.choices.regions,
            tell=self.tell,
            notes=self.startup_notes,
            refresh_every=self.refresh_every,
        )

    @property
    def account(self) -> AccountController:
        return self.account_flow.account

    @property
    def state(self) -> ConsoleState:
        """What is on show, and what is possible."""
        return self.account_flow.state

    @property
    def presenter(self) -> Presenter:
        """Draws what is known."""
        return self.account_flow.presenter

    @cached_property
    def actions(self) -> Actions:
        """What keys do with servers, with their interrupts and with the record."""
        from ncpconsole.tui.actions import Actions

        return Actions(self, self.account_flow)

    @property
    def flow(self) -> InterruptFlow:
        """Takes servers through their interrupts."""
        return self.actions.flow

    @property
    def interrupt_commands(self) -> InterruptCommands:
        """What the interrupt's key means."""
        return self.actions.interrupts

    def get_css_variables(self) -> dict[str, str]:
        # Textual asks before there is a theme of the console's: working out the other one's colours takes 2 ms.
        return super().get_css_variables() if "choices" in self.__dict__ else {}

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
        self.account_flow.open(*self.first_wanted)
        self.set_interval(self.tick_every, self.tick)
        await self.take_typed_ahead()

    async def take_typed_ahead(self) -> None:
        """Press the keys that came before there was anything to press them on: a filter is typed at once."""
        while self.typed_ahead:
            await super().on_event(self.typed_ahead.pop(0))
        self.listens = True

    def tick(self) -> None:
        """Once a second: let the age grow, and read again when it is time and nobody is deciding."""
        if self.account.session is not None and self.account.woke():
            self.presenter.say(tr("This machine slept, or its clock was set: everything is read again."), "warning")
            self.flow.ask_anew()
            self.account_flow.refresh()
        elif self.account.is_due() and not self.screen.is_modal:
            self.account_flow.refresh()
        self.presenter.header_changed()
        if self.account.retired and not any(worker.group in {FLOW, WATCH} for worker in self.workers):
            self.account_flow.close_retired()

    # What screens and workers tell

    def on_account_changed(self, message: AccountChanged) -> None:
        self.account_flow.changed(message.event)

    def on_every_region_wanted(self) -> None:
        self.account_flow.open_every_region()

    def on_team_told(self, message: TeamTold) -> None:
        self.account_flow.team_told(message.is_event)

    def on_signs_changed(self) -> None:
        self.presenter.count_silent()

    def on_selection_changed(self) -> None:
        self.presenter.server_details_changed()
        self.presenter.read_signs_on_show()

    def on_eligible_only_changed(self) -> None:
        self.presenter.consider_emptiness()

    def on_ui_state_changed(self) -> None:
        self.presenter.ui_state_changed()

    def on_journal_changed(self) -> None:
        self.presenter.journal_changed()

    # What is possible now

    def ui_state(self, scope: Scope) -> UiState:
        return self.state.ui_state(scope)

    def elsewhere(self) -> Elsewhere:
        return self.state.elsewhere()

    def permits(self, command: Command) -> bool | None:
        """As `ConsoleState.permits`; until the first screen is ready, the only one is to quit."""
        return self.state.permits(command) if self.servers.is_ready or command.id == "quit" else None

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        command = BY_METHOD.get(action)
        return super().check_action(action, parameters) if command is None else self.permits(command)

    # What is on screen

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

    def on_resize(self, event: events.Resize) -> None:
        """Another size: there may be too little room now, or enough for the details."""
        if is_small(event.size):
            self.cover()
        elif event.size.width >= PANEL_FROM:
            self.call_after_refresh(self.presenter.server_details_changed)

    def screen_changed(self, _: Screen[Any]) -> None:
        if is_small(self.size):
            self.cover()

    def cover(self) -> None:
        """Put the notice in front, while the terminal is too small to be read safely; it takes all keys."""
        if not isinstance(self.screen, TooSmallScreen):
            self.push_screen(TooSmallScreen())

    # Interrupts

    def action_interrupt(self) -> None:
        self.interrupt_commands.interrupt(self.input_at)

    def on_send_finished(self) -> None:
        self.presenter.journal_changed()

    @background(WATCH, group=WATCH)
    async def on_watch_wanted(self, message: WatchWanted) -> None:
        await self.flow.watch(message.session, message.intent, message.screen)

    def on_watched(self, message: Watched) -> None:
        self.interrupt_commands.watched(message)

    def on_watch_ended(self, message: WatchEnded) -> None:
        self.interrupt_commands.watch_ended(message)

    # What keys do

    def action_details(self) -> None:
        self.actions.servers.show_details()

    def action_raw(self) -> None:
        self.actions.servers.show_raw()

    def action_web_console(self) -> None:
        self.actions.servers.open_web_console()

    def action_note(self) -> None:
        self.actions.servers.note()

    def action_copy_number(self) -> None:
        self.actions.servers.copy_number()

    def action_copy_name(self) -> None:
        self.actions.servers.copy_name()

    def action_copy_curl(self) -> None:
        self.actions.servers.copy_curl()

    def action_history(self) -> None:
        self.actions.records.show_history()

    def action_resolve(self) -> None:
        self.actions.records.resolve()

    def action_export(self) -> None:
        self.actions.records.export()

    def action_waiting(self) -> None:
        self.actions.records.show_waiting()

    def action_refresh(self) -> None:
        self.account_flow.refresh_or_open()

    def action_profile(self) -> None:
        self.account_flow.choose_profile()

    def action_region(self) -> None:
        self.account_flow.choose_region()

    def action_login(self) -> None:
        self.account_flow.log_in()

    def action_clear_or_call_off(self) -> None:
        """Stop reading vital signs, or opening an account; where neither is under way, show every server."""
        if not (self.servers.stop_signs() or self.account_flow.call_off()):
            self.servers.action_clear_filter()

    def action_doctor(self) -> None:
        session = self.account.session
        profile = session.identity.profile if session is not None else self.account.wanted[0]
        self.push_screen(screens.DoctorScreen(self, self.account.console, profile))

    def action_paths(self) -> None:
        try:
            self.push_screen(screens.PathsScreen(self, self.account.console.places()))
        except ConsoleError as error:
            self.presenter.say(shown(error), "error")

    def action_command_palette(self) -> None:
        from ncpconsole.tui.textual_fixes.dialogs import ConsolePalette

        if not any(isinstance(screen, ConsolePalette) for screen in self.screen_stack):
            # No id: one that is leaving still has it.
            self.push_screen(ConsolePalette(placeholder=tr("Search for commands…")))

    def search_themes(self) -> None:
        """Choose a theme by its name."""
        from ncpconsole.tui.palette import theme_palette

        self.push_screen(theme_palette())

    def change_language(self, code: str) -> None:
        """Speak another language from now on, until the console ends."""
        use(code)
        self.servers.words_changed()
        self.presenter.show_snapshot()
        self.presenter.header_changed()
        self.presenter.ui_state_changed()
        words = tr("English until the console ends. To keep it: ncpconsole config set language {code}", code=code)
        self.presenter.say(words)

    def action_help(self) -> None:
        self.push_screen(screens.HelpScreen(self))

    def action_how_to_quit(self) -> None:
        """Ctrl+C is pressed by reflex; say what quits."""
        key = self.keys.shown(BY_ID["quit"])
        self.presenter.say(tr("{key} on the list quits, and so does Ctrl+Q.", key=key))

    async def action_back_or_quit(self) -> None:
        if self.state.scope is Scope.SERVERS:
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
        return "actions" in self.__dict__ and bool(self.flow.sending)

    def action_suspend_process(self) -> None:
        """Ctrl+Z, unless an interrupt is on its way, whose time would run out unseen, or nobody could bring it back."""
        if self.is_sending:
            words = tr("An interrupt is on its way: the console is not suspended before its answer.")
            self.presenter.say(words, "warning")
        elif self._driver is None or not self._driver.can_suspend:
            words = tr("Not suspended: there is no shell that could bring the console back.")
            self.presenter.say(words, "warning")
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
        if what == FLOW:
            words = tr("An internal error ended this dialog; what was sent is in the history. ({error})", error=error)
        else:
            words = tr("An internal error ended the {what}. ({error})", what=tr(what), error=error)
        self.presenter.say(words, "error")
        if what in {FLOW, WATCH}:
            self.presenter.journal_changed()

    async def on_event(self, event: events.Event) -> None:
        if isinstance(event, events.Key | events.MouseDown | events.Paste):
            self.input_at = event.time
            if self.listens:
                self.account.touched()
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
        self.crash = self.crash or RuntimeError(tr("the terminal could not be read or written"))
        end_quietly(self)
