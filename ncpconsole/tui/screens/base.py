"""What the console's own screens share: their commands, and a reason when a key is not possible."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

from textual.binding import Binding, BindingType
from textual.containers import VerticalScroll
from textual.content import Content
from textual.screen import ModalScreen, Screen
from textual.widgets import Input, Static

from ncpconsole.core.safe_text import safe_text
from ncpconsole.language import tr
from ncpconsole.tui.availability import unavailable_reason
from ncpconsole.tui.commands import BY_METHOD, Scope
from ncpconsole.tui.keymap import FULL_WIDTH_IS_ON, KOREAN_IS_ON, is_full_width, is_hangul, latin_key
from ncpconsole.tui.widgets.footer import Footer

if TYPE_CHECKING:
    from textual import events
    from textual.app import ComposeResult
    from textual.geometry import Size
    from textual.widget import Widget

    from ncpconsole.core.inventory import Row
    from ncpconsole.tui.availability import ConsoleHost
    from ncpconsole.tui.text.server import ServerDetails


LEAST_WIDTH, LEAST_HEIGHT = 60, 16
"""Below this many cells names and buttons would be cut off."""


def is_small(size: Size) -> bool:
    """Whether a terminal of this size is too small."""
    return size.width < LEAST_WIDTH or size.height < LEAST_HEIGHT


class ConsoleScreen(Screen[None]):
    """A screen that is a scope of the command registry."""

    SCOPE: ClassVar[Scope]
    AUTO_FOCUS = ""

    def __init__(self, host: ConsoleHost) -> None:
        super().__init__()
        self.host = host

    @property
    def current_row(self) -> Row | None:
        """The server that this screen is about."""
        return None

    def update_details(self, details: ServerDetails | None) -> None:
        """More is known about the server of this screen, or it is gone (None)."""

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """Whether a command exists here (False: no) and is possible now (None: not now).

        There is none before the screen is whole: the next key may come before its widgets.
        """
        if not self.is_mounted:
            return False
        command = BY_METHOD.get(action)
        if command is None:
            return super().check_action(action, parameters)
        return self.host.permits(command)

    async def on_key(self, event: events.Key) -> None:
        """Say why a key does nothing, rather than nothing. In a box keys have meanings of their own."""
        if isinstance(self.focused, Input):
            return
        if is_hangul(event.character) or latin_key(event.key) is not None:
            await self.take_korean(latin_key(event.key))
            return
        if is_full_width(event.key):
            self.notify(tr(FULL_WIDTH_IS_ON), severity="warning", markup=False, timeout=4)
            return
        command = self.host.keys.command_for(event.key, self.SCOPE)
        if command is None and event.character:
            command = self.host.keys.command_for(event.character, self.SCOPE)
        why = None if command is None else unavailable_reason(command, self.host.ui_state(self.SCOPE), self.host.keys)
        if command is not None and why is not None and command.id != "clear":
            words = tr("{command}: {reason}.", command=tr(command.label) or tr(command.name), reason=why)
            self.notify(safe_text(words, 300), severity="warning", markup=False, timeout=4)
        elif command is None and event.character and event.is_printable and event.key not in self.active_bindings:
            words = tr("“{key}” does nothing here; the last line names keys that do.", key=event.character)
            self.notify(safe_text(words, 300), severity="warning", markup=False, timeout=4)

    async def take_korean(self, key: str | None) -> None:
        """Do what the key does in Latin letters, never the interrupt; say where it does nothing."""
        command = self.host.keys.command_for(key, self.SCOPE) if key is not None else None
        if command is None or command.id == "interrupt" or not self.host.permits(command):
            self.notify(tr(KOREAN_IS_ON), severity="warning", markup=False, timeout=4)
        else:
            await self.run_action(command.action)


class TextScreen(ConsoleScreen):
    """Scrolls the widget that `body` gives; Esc goes back."""

    BINDINGS: ClassVar[list[BindingType]] = [Binding("escape", "app.back_or_quit", "back", show=False)]

    def body(self) -> Widget:
        return self.query_one(VerticalScroll)

    def foot(self) -> ComposeResult:
        from ncpconsole.tui.widgets.panels import StatusLine

        yield StatusLine()
        yield Footer(self.host.keys, self.host.ui_state(self.SCOPE))

    def action_move(self, where: str) -> None:
        """Scroll the text: a line, half a page, a page, or to an end."""
        body = self.body()
        page = max(1, body.scrollable_content_region.height - 1)
        steps = {
            "down": 1, "up": -1, "half_down": page // 2, "half_up": -(page // 2),
            "page_down": page, "page_up": -page,
        }  # fmt: skip
        if where == "first":
            body.scroll_home(animate=False)
        elif where == "last":
            body.scroll_end(animate=False)
        else:
            body.scroll_relative(y=steps[where], animate=False)


class TooSmallScreen(ModalScreen[None]):
    """Covers everything, so that no key acts on what cannot be seen; goes by itself once there is room.

    A dialog that opens meanwhile opens under another one of these; see `ConsoleApp.cover`.
    """

    def compose(self) -> ComposeResult:
        yield Static(id="too-small")

    def on_mount(self) -> None:
        self.measure()

    def on_screen_resume(self) -> None:
        """Another screen may have been closed above this one."""
        self.measure()

    def on_resize(self, _: events.Resize) -> None:
        self.measure()

    def measure(self) -> None:
        """Go away when there is room, otherwise say how much is missing."""
        if not is_small(self.app.size):
            # A dialog that opened meanwhile may lie over this; then it goes after the dialog.
            if self.is_active:
                self.dismiss()
            return
        width, height = self.app.size
        self.query_one("#too-small", Static).update(
            Content(
                tr(
                    "This terminal is {width}×{height}.\n"
                    "The console needs {least_width}×{least_height} to show names in full.\n"
                    "Make it larger; nothing is lost.",
                    width=width,
                    height=height,
                    least_width=LEAST_WIDTH,
                    least_height=LEAST_HEIGHT,
                )
            )
        )
