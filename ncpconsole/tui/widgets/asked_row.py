"""The line of a dialog on which something is typed, with its state said beside it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from textual.containers import Horizontal
from textual.content import Content
from textual.widgets import Input, Static

from ncpconsole.tui.widgets.inputs import SafeInput, TypedInput

if TYPE_CHECKING:
    from textual.app import ComposeResult

    from ncpconsole.tui.widgets.asked import Asked

PASTE_REFUSED = "type it, not paste"


class AskedRow(Horizontal):
    """Label, box, and the state of the box in words. See `Asked.must_be_typed` on pasting."""

    def __init__(self, asked: Asked, mark: str) -> None:
        super().__init__(classes="field")
        self.asked = asked
        self.mark = mark

    def compose(self) -> ComposeResult:
        """Draw the three parts."""
        yield Static(Content(self.asked.label), classes="field-label")
        yield (TypedInput if self.asked.must_be_typed else SafeInput)(id=self.asked.id)
        yield Static(classes="field-says")

    def on_mount(self) -> None:
        """Say what is wanted from the start."""
        self._say(self.asked.says(""))

    @property
    def typed(self) -> str:
        """What stands in the box."""
        return self.query_one(Input).value

    @property
    def matches(self) -> bool:
        """Whether what stands in the box is enough."""
        return self.asked.matches(self.typed)

    def on_input_changed(self, event: Input.Changed) -> None:
        """Say how it stands; the dialog hears of it as well."""
        self._say(self.asked.says(event.value))

    def on_typed_input_paste_refused(self, event: TypedInput.PasteRefused) -> None:
        """Say why nothing came of the paste."""
        event.stop()
        self._say(PASTE_REFUSED)

    def _say(self, words: str) -> None:
        good = self.matches and self.asked.required
        says = self.query_one(".field-says", Static)
        says.update(Content(f"{self.mark} {words}" if good else f"  {words}"))
        says.set_class(good, "-good")
        says.set_class(self.matches and not good, "-free")
