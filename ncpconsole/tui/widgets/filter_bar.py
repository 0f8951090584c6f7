"""The filter's line: what is typed on the left, what it does on the right."""

from __future__ import annotations

from collections.abc import Sequence
from typing import ClassVar

from textual import events
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Horizontal
from textual.content import Content
from textual.message import Message
from textual.widgets import Input, Static

from ncpconsole.core.safe_text import safe_text
from ncpconsole.language import msgid, tr
from ncpconsole.tui.widgets.inputs import SafeInput

HISTORY = 50
LONGEST_PASTED = 4000
HINT = msgid("press / to filter: web is:eligible ip:10.0")


class FilterInput(SafeInput):
    """The box. Esc clears and leaves, Enter keeps and leaves, ↑ brings earlier filters back."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape", "clear", show=False),
        Binding("up", "earlier", show=False),
        Binding("down", "later", show=False),
    ]

    class Cleared(Message):
        """Esc was pressed."""

    class Left(Message):
        """The arrow down was pressed at the newest entry: on to the list."""

    def __init__(self, past: Sequence[str] = ()) -> None:
        super().__init__(id="filter", placeholder=tr(HINT))
        self.past = list(past)
        self.position: int | None = None
        self.is_left = False
        """Whether Enter or Esc was pressed, and the list has not got the focus yet."""
        self.behind: list[events.Key] = []

    def take_pasted(self, text: str) -> None:
        """Insert pasted text where the cursor stands; the lines of a ticket become one."""
        super().take_pasted(" ".join(text[:LONGEST_PASTED].split()))

    def remember(self) -> None:
        """Keep the present filter for ↑, newest last, each once."""
        if text := self.value.strip():
            self.past = [*(old for old in self.past if old != text), text][-HISTORY:]
        self.position = None

    def on_focus(self) -> None:
        self.is_left = False

    def stay(self) -> None:
        """Enter does not leave: what was typed right behind it was meant for a list that is not there."""
        self.is_left = False
        self.behind.clear()

    def on_blur(self) -> None:
        """The list has the focus: what was typed right behind Enter or Esc is the list's."""
        behind, self.behind = self.behind, []
        for event in behind:
            again = events.Key(event.key, event.character)
            again.time = event.time
            self.app.post_message(again)

    async def on_event(self, event: events.Event) -> None:
        """Keep keys that came in one burst with Enter or Esc, as over a slow line: they are no part of the filter."""
        if not isinstance(event, events.Key):
            await super().on_event(event)
        elif self.is_left:
            event.stop()
            self.behind.append(event)
        else:
            self.is_left = event.key in {"enter", "escape"}
            await super().on_event(event)

    def action_clear(self) -> None:
        """Empty the box; the list is whole again."""
        self.remember()
        self.value = ""
        self.post_message(self.Cleared())

    def action_earlier(self) -> None:
        if not self.past:
            return
        at = len(self.past) if self.position is None else self.position
        if self.position is None and self.value.strip() == self.past[-1]:
            at -= 1
        self.position = max(0, at - 1)
        self.value = self.past[self.position]
        self.cursor_position = len(self.value)

    def action_later(self) -> None:
        """The filter after this one; after the newest, the list."""
        if self.position is None:
            self.post_message(self.Left())
            return
        self.position += 1
        if self.position >= len(self.past):
            self.position = None
            self.value = ""
            return
        self.value = self.past[self.position]
        self.cursor_position = len(self.value)


class FilterBar(Horizontal):
    """The box and, beside it, how many servers match or why the text is no filter."""

    DEFAULT_CSS = """
    FilterBar {
        height: 1; padding: 0 1; background: $surface;
        & > #slash { width: 2; color: $text-muted; }
        & > FilterInput { width: 1fr; background: transparent; }
        & > FilterInput:focus { background: transparent; }
        & > #matches { width: auto; max-width: 70%; padding: 0 0 0 2; color: $text-muted; }
        & > #matches.-wrong { color: $text-error; }
        &:focus-within > #slash { color: $text-accent; text-style: bold; }
    }
    """

    def __init__(self, past: Sequence[str] = ()) -> None:
        """``past`` are earlier filters, oldest first."""
        super().__init__()
        self.box = FilterInput(past)
        self.said = ("", False)

    def compose(self) -> ComposeResult:
        yield Static(Content("/"), id="slash")
        yield self.box
        yield Static(Content(""), id="matches")

    def words_changed(self) -> None:
        """Say in the language that is in force now what can be typed."""
        self.box.placeholder = tr(HINT)

    def say(self, text: str, *, wrong: bool = False) -> None:
        """Show a count, or what is wrong with the filter; the same again is not laid out again."""
        if (text, wrong) == self.said:
            return
        self.said = (text, wrong)
        matches = self.query_one("#matches", Static)
        matches.set_class(wrong, "-wrong")
        matches.update(Content(safe_text(text)))

    def on_input_submitted(self, event: Input.Submitted) -> None:
        event.stop()
        self.box.remember()
        self.post_message(self.Kept())

    class Kept(Message):
        """Enter was pressed."""
