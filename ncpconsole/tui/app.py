"""The console as one application: how it is made, what an interrupt tells it, what happens when it breaks."""

from __future__ import annotations

import logging
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING, Any, ClassVar

from textual import events
from textual.binding import Binding, BindingType
from textual.errors import NoWidget
from textual.worker import Worker, WorkerState

from ncpconsole.tui.console_keys import ConsoleKeysApp
from ncpconsole.tui.keymap import Keys
from ncpconsole.tui.screens.servers import ServersScreen
from ncpconsole.tui.server_keys import FLOW
from ncpconsole.tui.themes import ASCII, DEFAULT_THEME, OWN_THEMES, UNICODE, over_ssh
from ncpconsole.tui.widgets.columns import checked

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping, Sequence

    from textual.command import Provider
    from textual.driver import Driver
    from textual.screen import Screen

    from ncpconsole.core.session import Console
    from ncpconsole.tui.messages import SendFinished, SendStarted, Watched, WatchEnded


def palette_commands() -> type[Provider]:
    """The palette's source, imported when the palette opens."""
    from ncpconsole.tui.palette import ConsoleCommands

    return ConsoleCommands


class ConsoleApp(ConsoleKeysApp):
    """The console for one operator.

    ``profile`` and ``region`` are those to open first (None: the console's choice). ``columns`` are column
    keys of the list (raises `UnknownColumn`), ``keymap`` maps command ids to keys (raises `InvalidKeymap`),
    ``refresh_every`` is in seconds, ``startup_notes`` are sentences to show before anything else.
    ``on_painted`` is called once the first frame is on screen.
    """

    TITLE = "ncpconsole"
    CSS_PATH = Path(__file__).with_name("app.tcss")
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("ctrl+q", "quit", "Quit", show=False, priority=True),
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
        startup_notes: Iterable[str] = (),
        on_painted: Callable[[], None] | None = None,
    ) -> None:
        self.keys = Keys(keymap, plain=ascii_marks)
        super().__init__(
            console,
            profile=profile,
            region=region,
            refresh_every=refresh_every,
            startup_notes=startup_notes,
            on_painted=on_painted,
        )
        self.ascii_marks = ascii_marks
        self.marks = ASCII if ascii_marks else UNICODE
        if ascii_marks:
            from ncpconsole.tui.themes import PlainAscii

            self._filters.append(PlainAscii())
        self.crash: BaseException | None = None
        self.servers = ServersScreen(columns=checked(columns))
        self.set_keymap(self.keys.for_textual())
        for own in OWN_THEMES:
            self.register_theme(own)
        self.take_theme(theme if theme in self.available_themes else DEFAULT_THEME)
        if over_ssh():
            self.animation_level = "none"

    def take_theme(self, name: str | None) -> None:
        """Start with a theme. Setting it the usual way parses every style twice before the first frame."""
        self.set_reactive(ConsoleApp.theme, name or DEFAULT_THEME)
        self.stylesheet.set_variables(self.get_css_variables())

    def get_driver_class(self) -> type[Driver]:
        """Textual's driver, with a reader that takes nothing pasted for a key."""
        from ncpconsole.tui.textual_fixes.terminal_driver import driver_for

        return driver_for(super().get_driver_class())

    def get_default_screen(self) -> Screen[Any]:
        """The console opens with the list."""
        return self.servers

    async def on_event(self, event: events.Event) -> None:
        """Drop what the mouse does to a widget that is gone and still painted: Textual 8.2.8 breaks on it."""
        if isinstance(event, events.MouseDown | events.MouseMove) and not event.is_forwarded:
            with suppress(NoWidget):
                if not self.get_widget_at(event.x, event.y)[0].is_attached:
                    return
        await super().on_event(event)

    # What the interrupt flow tells

    def on_send_started(self, _: SendStarted) -> None:
        """Nothing to show: the dialog is open."""

    def on_send_finished(self, _: SendFinished) -> None:
        """Show what the journal knows now."""
        self.journal_changed()

    def on_watched(self, message: Watched) -> None:
        """One line on the list's screen tells the latest change."""
        from ncpconsole.core.watch import is_back
        from ncpconsole.tui.widgets.panels import observation_text

        draft, seen = message.intent.draft, message.observation
        self.result(f"{draft.server_name} {draft.server_no}  {observation_text(seen).plain}")
        self.journal_changed()
        if is_back(seen):
            self.refresh_list()

    def on_watch_ended(self, message: WatchEnded) -> None:
        """The watch is over."""
        draft = message.intent.draft
        self.result(f"{draft.server_name} {draft.server_no}: {message.why or 'the watch is over'}")
        self.journal_changed()

    # When something breaks

    def on_worker_state_changed(self, event: Worker.StateChanged) -> None:
        """An interrupt flow that breaks must not take the program with it; it is said."""
        if event.worker.group == FLOW and event.state is WorkerState.ERROR and event.worker.error is not None:
            self.tell_of_error(event.worker.error)
            self.journal_changed()

    def tell_of_error(self, error: BaseException) -> None:
        """Say that an interrupt's dialog broke, and keep the place of the error for the log."""
        from ncpconsole.core.crash import described

        self.log_error(error)
        self.say(
            f"An internal error ended this dialog; what was sent is in the history. ({described(error)})",
            "error",
        )

    def log_error(self, error: BaseException) -> None:
        """Keep the place of an error for the log, without local variables."""
        from ncpconsole.core.crash import crash_report

        logging.getLogger("ncpconsole").error("%s", crash_report(error))

    def _handle_exception(self, error: Exception) -> None:
        """End on an internal error without Textual's own report, which prints local variables."""
        from ncpconsole.core.crash import cause_of
        from ncpconsole.tui.textual_fixes.leaving import missed_on_leaving

        if missed_on_leaving(self, error):
            return
        self.crash = self.crash or cause_of(error)
        self._return_code = 1
        if self._exception is None:
            self._exception = error
            self._exception_event.set()
        self._close_messages_no_wait()

    def panic(self, *_: object) -> None:
        """As above: nothing that was in memory is printed. What failed is known to Textual alone."""
        self.crash = self.crash or RuntimeError("the terminal could not be read or written")
        self._return_code = 1
        self._close_messages_no_wait()
