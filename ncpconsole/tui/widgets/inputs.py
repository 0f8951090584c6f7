"""Inputs that never show what a terminal would obey, and inputs that must be typed by hand."""

from __future__ import annotations

from collections import deque
from typing import ClassVar

from textual import events
from textual.app import ComposeResult
from textual.containers import Horizontal
from textual.content import Content
from textual.message import Message
from textual.widgets import Input, Static

from ncpconsole.language import msgid, tr
from ncpconsole.tui.text.server import ConfirmField


def printable(text: str) -> str:
    """Return the first line of ``text`` without control, bidi and zero-width characters."""
    lines = text.splitlines()
    return "".join(character for character in lines[0] if character.isprintable()) if lines else ""


class SafeInput(Input):
    """A one-line box. What is pasted loses its control characters before it can reach the terminal.

    Keys bring printable characters only; the clipboard may bring anything, and an input draws its value as it is.
    """

    def __init__(self, *, id: str, placeholder: str = "", password: bool = False) -> None:  # noqa: A002 - Textual's own name
        super().__init__(id=id, placeholder=placeholder, password=password, compact=True)
        self.cursor_blink = False

    def _on_paste(self, event: events.Paste) -> None:
        event.prevent_default()
        event.stop()
        self.take_pasted(event.text)

    def action_paste(self) -> None:
        self.take_pasted(self.app.clipboard)

    def action_copy(self) -> None:
        """Copy the selection; what is hidden on screen cannot be copied off it."""
        if not self.password:
            super().action_copy()

    def action_cut(self) -> None:
        """Cut the selection; what is hidden on screen cannot be copied off it."""
        if not self.password:
            super().action_cut()

    def take_pasted(self, text: str) -> None:
        """Insert pasted text where the cursor stands."""
        if clean := printable(text):
            self.replace(clean, *self.selection)


class TypedInput(SafeInput):
    """A box whose content must come from the keyboard: pasting into it is refused, and said.

    A name that was copied from the screen proves nothing about what the operator read. Text that comes faster
    than anyone types was pasted too, by a terminal or a program that does not bracket it.

    A run of `RUN` characters is told wherever it comes. Fewer come together by hand too, from fingers that overlap and
    lines that deliver keys in batches; only where they are all that is wanted (`came_at_once`) they count as pasted,
    from three on. Two letters are struck within one read of the terminal by anyone.
    """

    FASTEST: ClassVar[float] = 0.1
    """Seconds in which nobody types `RUN` characters."""

    class PasteRefused(Message):
        """Something was pasted into a box that wants typing."""

        def __init__(self, box: TypedInput) -> None:
            self.box = box
            super().__init__()

    def __init__(self, *, id: str, placeholder: str = "", password: bool = False) -> None:  # noqa: A002 - Textual's own name
        super().__init__(id=id, placeholder=placeholder, password=password)
        self._typed: deque[tuple[float, str]] = deque(maxlen=RUN)
        self._refused_at = 0.0
        self._began = self._ended = 0.0

    @property
    def came_at_once(self) -> bool:
        """Whether all that stands here, three characters or more, came faster than anyone types it."""
        length = len(self.value)
        return length > 2 and self._ended - self._began < (length - 1) * self.FASTEST / RUN

    def refuse_all(self) -> None:
        """Empty the box, as what stands in it was pasted."""
        self.value = ""
        self._typed.clear()
        self.take_pasted("")

    def take_pasted(self, text: str) -> None:  # noqa: ARG002 - what was pasted does not matter
        self.post_message(self.PasteRefused(self))

    async def _on_key(self, event: events.Key) -> None:
        """Take back a run of characters that came too fast, and what follows it as fast."""
        if not event.is_printable:
            return
        if not self.value:
            self._began = event.time
        self._ended = event.time
        self._typed.append((event.time, self.value))
        first, before = self._typed[0]
        is_run = len(self._typed) == RUN and event.time - first < self.FASTEST
        if not is_run and event.time - self._refused_at >= self.FASTEST / RUN:
            return
        if is_run:
            self.value = before
            self.cursor_position = len(before)
            self._typed.clear()
        self._refused_at = event.time
        event.prevent_default()
        event.stop()
        self.take_pasted("")


RUN = 5
PASTE_REFUSED = msgid("type it, not paste")


class ConfirmFieldRow(Horizontal):
    """Label, box, and the state of the box in words. See `Asked.must_be_typed` on pasting."""

    def __init__(self, asked: ConfirmField) -> None:
        super().__init__(classes="field")
        self.asked = asked
        self.box = (TypedInput if asked.must_be_typed else SafeInput)(id=asked.id)

    def compose(self) -> ComposeResult:
        yield Static(Content(self.asked.label), classes="field-label")
        yield self.box
        yield Static(classes="field-says")

    def on_mount(self) -> None:
        self._say(self.asked.status_text(""))

    @property
    def typed(self) -> str:
        """What stands in the box."""
        return self.box.value

    @property
    def matches(self) -> bool:
        """Whether what stands in the box is enough."""
        return self.asked.matches(self.typed)

    def on_input_changed(self, event: Input.Changed) -> None:
        """Say how it stands; the dialog hears of it as well."""
        if isinstance(event.input, TypedInput) and event.input.came_at_once and self.matches:
            event.stop()
            event.input.refuse_all()
            return
        self._say(self.asked.status_text(event.value))

    def on_typed_input_paste_refused(self, event: TypedInput.PasteRefused) -> None:
        """Say why nothing came of the paste."""
        event.stop()
        self._say(tr(PASTE_REFUSED))

    def _say(self, words: str) -> None:
        good = self.matches and self.asked.required
        says = self.query_one(".field-says", Static)
        says.update(Content(f"✓ {words}" if good else f"  {words}"))
        says.set_class(good, "-good")
        says.set_class(self.matches and not good, "-free")
