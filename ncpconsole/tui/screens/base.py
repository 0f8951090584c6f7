"""What the console's own screens share: their commands, and a reason when a key is not possible."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar, cast

from textual.screen import Screen
from textual.widgets import Input

from ncpconsole.tui.availability import missing
from ncpconsole.tui.commands import COMMANDS, Place

if TYPE_CHECKING:
    from textual import events

    from ncpconsole.core.inventory import Row
    from ncpconsole.tui.app import ConsoleApp
    from ncpconsole.tui.widgets.panels import Subject

METHODS = {command.method: command for command in COMMANDS}


class ConsoleScreen(Screen[None]):
    """A screen that is a place of the command registry."""

    PLACE: ClassVar[Place]
    AUTO_FOCUS = ""

    @property
    def console_app(self) -> ConsoleApp:
        """The app, by its own type."""
        return cast("ConsoleApp", self.app)

    @property
    def subject_row(self) -> Row | None:
        """The server that this screen is about."""
        return None

    def follow(self, subject: Subject | None) -> None:
        """More is known about the server of this screen, or it is gone (None)."""

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """Whether a command exists here (False: no) and is possible now (None: not now).

        There is none before the screen is whole: the next key may come before its widgets.
        """
        if not self.is_mounted:
            return False
        command = METHODS.get(action)
        if command is None:
            return super().check_action(action, parameters)
        return self.console_app.permits(command)

    def on_key(self, event: events.Key) -> None:
        """Say why a key does nothing, rather than nothing. In a box keys have meanings of their own."""
        if isinstance(self.focused, Input):
            return
        command = self.console_app.keys.command_for(event.key, self.PLACE)
        if command is None and event.character:
            command = self.console_app.keys.command_for(event.character, self.PLACE)
        if command is not None and (why := missing(command, self.console_app.situation)) is not None:
            self.console_app.say(f"{command.label or command.id.replace('_', ' ')}: {why}.", "warning")
