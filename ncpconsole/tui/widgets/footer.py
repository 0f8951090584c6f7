"""The footer: the keys that make sense here, the impossible ones dimmed, as many as fit."""

from __future__ import annotations

from textual import events
from textual.content import Content
from textual.message import Message
from textual.reactive import reactive
from textual.widget import Widget

from ncpconsole.language import tr
from ncpconsole.tui.availability import TYPING_KEYS, UiState, footer_commands, label, unavailable_reason
from ncpconsole.tui.commands import BY_ID, Command, key_text
from ncpconsole.tui.keymap import Keys


def lay_out(situation: UiState, keys: Keys, width: int) -> list[tuple[int, int, Command, Content]]:
    """The footer's commands as (first cell, cell after the last, command, text); help is kept at the end.

    There are none while the operator types.
    """
    spare = width - 1
    help_text = key_and_word(BY_ID["help"], situation, keys)
    has_help = situation.scope in BY_ID["help"].scopes
    room = spare - (help_text.cell_length + 2 if has_help else 0)
    placed: list[tuple[int, int, Command, Content]] = []
    if situation.typing:
        return placed
    x = 1
    for command in footer_commands(situation):
        text = key_and_word(command, situation, keys)
        if x + text.cell_length > room:
            continue
        placed.append((x, x + text.cell_length, command, text))
        x += text.cell_length + 2
    if has_help:
        placed.append((x, x + help_text.cell_length, BY_ID["help"], help_text))
    return placed


def key_and_word(command: Command, situation: UiState, keys: Keys) -> Content:
    """One command of the footer: its key, and a word; dimmed when it is not possible."""
    key = keys.shown(command, first=True)
    word = label(command, situation)
    if unavailable_reason(command, situation) is not None:
        return Content.styled(f"{key} {word}", "$foreground-disabled")
    return Content.assemble((key, "bold $footer-key-foreground"), " ", (word, "$foreground-muted"))


def typing_keys(situation: UiState) -> Content:
    """What the keys do while letters are text."""
    line = Content("")
    for key, word in TYPING_KEYS:
        if key == "enter" and situation.filter_wrong:
            continue
        line = Content.assemble(
            line,
            "  " if line else " ",
            (key_text(key), "bold $footer-key-foreground"),
            " ",
            (tr(word), "$foreground-muted"),
        )
    return line


class Footer(Widget):
    """Draws the footer. A click on a key does what the key does; hovering tells what it is, or why not."""

    DEFAULT_CSS = "Footer { height: 1; background: $panel; }"
    ALLOW_SELECT = False
    situation: reactive[UiState] = reactive(UiState())

    class Clicked(Message):
        """A key of the footer was clicked."""

        def __init__(self, command: Command) -> None:
            super().__init__()
            self.command = command

    def __init__(self, keys: Keys, situation: UiState | None = None) -> None:
        super().__init__()
        self.keys = keys
        if situation is not None:
            self.set_reactive(Footer.situation, situation)

    def render(self) -> Content:
        """The line, as wide as the screen."""
        if self.situation.typing:
            return typing_keys(self.situation)
        line, end = Content(""), 0
        for start, after, _, text in lay_out(self.situation, self.keys, self.size.width):
            line, end = Content.assemble(line, " " * (start - end), text), after
        return line

    def command_at(self, x: int) -> Command | None:
        return next(
            (
                command
                for start, after, command, _ in lay_out(self.situation, self.keys, self.size.width)
                if start <= x < after
            ),
            None,
        )

    def on_click(self, event: events.Click) -> None:
        if (command := self.command_at(event.x)) is not None:
            self.post_message(self.Clicked(command))

    def on_mouse_move(self, event: events.MouseMove) -> None:
        command = self.command_at(event.x)
        if command is None:
            self.tooltip = None
            return
        why = unavailable_reason(command, self.situation, self.keys)
        self.tooltip = Content(command.sentence if why is None else tr("Not now: {why}.", why=why))
