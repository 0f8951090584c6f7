"""The frame that every dialog shares: a bordered box, a body that scrolls, a foot that stays in view."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import ClassVar

from textual import events
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Horizontal, VerticalScroll
from textual.content import Content
from textual.geometry import Size
from textual.message import Message
from textual.reactive import reactive
from textual.widget import Widget
from textual.widgets import Input, Static

from ncpconsole.core.safe_text import cell_width, safe_text
from ncpconsole.language import tr
from ncpconsole.tui.commands import BY_ID, NAMED, Scope, bindings, split_keys
from ncpconsole.tui.keymap import FULL_WIDTH_IS_ON, KOREAN_IS_ON, is_full_width, latin_key
from ncpconsole.tui.textual_fixes.dialogs import Answer, LeavingOnce
from ncpconsole.tui.widgets.panels import StatusLine

PALETTE_KEYS = frozenset(NAMED.get(key, key) for key in split_keys(BY_ID["palette"].keys))
"""The palette's keys, by Textual's names."""


class Body(VerticalScroll, can_focus=False):
    """The part of a dialog that scrolls. It takes no focus: the arrows reach it through the dialog.

    It knows what of it was in sight: `look` notes it, for a dialog that lets nobody go on before all was.
    """

    def __init__(self, *, id: str | None = None) -> None:  # noqa: A002 - Textual's own name
        super().__init__(id=id)
        self._seen: dict[Widget, tuple[Size, set[int]]] = {}

    def look(self, parts: Iterable[Widget]) -> None:
        """Note which lines of these parts are in sight now; lines that were broken anew are to be seen anew."""
        if not self.screen.is_current:
            return
        window = self.scrollable_content_region.intersection(self.screen.region)
        for part in parts:
            if part.size != self._seen_of(part)[0] and not self._is_read(part):
                self._seen[part] = (part.size, set())
            shown = part.region.intersection(window)
            self._seen_of(part)[1].update(range(shown.y - part.region.y, shown.bottom - part.region.y))

    def forget(self, part: Widget) -> None:
        """Take a part, whose words changed, for one that was not in sight yet."""
        self._seen.pop(part, None)

    def unread(self, parts: Iterable[Widget]) -> list[Widget]:
        """Those of the parts of which a line was never in sight."""
        return [part for part in parts if part.display and not self._is_read(part)]

    def _seen_of(self, part: Widget) -> tuple[Size, set[int]]:
        return self._seen.get(part, (Size(), set()))

    def _is_read(self, part: Widget) -> bool:
        size, lines = self._seen_of(part)
        return 0 < size.height <= len(lines)


class Dialog(LeavingOnce[Answer]):
    """A modal screen whose Esc cancels and whose arrows and page keys scroll the body.

    Inputs keep their letters and their left and right: only keys that an input has no use for scroll.
    """

    CSS_PATH = str(Path(__file__).parents[1] / "dialogs.tcss")
    """Read when the first dialog opens: the list's first frame does not wait for it.

    An absolute path: Textual does not recognise one with ``..`` again, and would parse it at every push.
    """
    BINDINGS: ClassVar[list[BindingType]] = list(bindings(Scope.DIALOG))
    AUTO_FOCUS = ""
    VERTICAL_BREAKPOINTS = [(0, "-low"), (22, "-mid"), (34, "-tall")]  # noqa: RUF012 - Textual declares the type
    HORIZONTAL_BREAKPOINTS = [(0, "-narrow"), (76, "-wide"), (130, "-side")]  # noqa: RUF012 - Textual declares the type

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """No key acts before the dialog is whole: the next one may come before its widgets."""
        return super().check_action(action, parameters) if self.is_mounted else False

    def hint(self, *pairs: tuple[str, str]) -> Content:
        """The keys that work here, as pairs of a key and a word."""
        return Content("  ").join(Content.assemble((key, "bold"), f" {word}") for key, word in pairs)

    def foot(self, *pairs: tuple[str, str]) -> ComposeResult:
        """The end of the box: the line for what is told for a moment, and the keys. The one never covers the other."""
        yield StatusLine()
        yield Static(self.hint(*pairs), id="hints", classes="hints")

    async def on_key(self, event: events.Key) -> None:
        """With the Korean input method on, a key does what it does in Latin letters; one that does nothing is told.

        The palette is not for dialogs.
        """
        if event.key in PALETTE_KEYS and not (event.is_printable and isinstance(self.focused, Input)):
            words = tr("The palette has commands of the list and its screens: close this first, with Esc.")
            self.notify(words, severity="warning", markup=False, timeout=4)
            return
        key = latin_key(event.key)
        if is_full_width(event.key) and not isinstance(self.focused, Input):
            self.notify(tr(FULL_WIDTH_IS_ON), severity="warning", markup=False, timeout=4)
            return
        if isinstance(self.focused, Input):
            return
        if key is None:
            if event.character and event.is_printable and event.key not in self.active_bindings:
                words = tr("“{key}” does nothing here; the last line names keys that do.", key=event.character)
                self.notify(safe_text(words, 300), severity="warning", markup=False, timeout=4)
            return
        for binding in self.BINDINGS:
            if isinstance(binding, Binding) and key in split_keys(binding.key):
                await self.run_action(binding.action)
                return
        self.notify(tr(KOREAN_IS_ON), severity="warning", markup=False, timeout=4)

    def action_cancel(self) -> None:
        self.dismiss(None)

    def action_scroll_body(self, lines: int) -> None:
        for body in self.query(Body):
            body.scroll_relative(y=lines, animate=False)

    def action_page_body(self, pages: int) -> None:
        for body in self.query(Body):
            body.scroll_relative(y=pages * max(1, body.size.height - 1), animate=False)


def named(command_id: str, word: str = "") -> tuple[str, str]:
    """A command of a dialog as its foot names it: the first key, and its label or a better word for it here."""
    command = BY_ID[command_id]
    return split_keys(command.keys)[0], word or tr(command.label)


def fact(label: str, value: Content | str, *, classes: str = "") -> Horizontal:
    """One labelled line; ``value`` is shown as it is, never as markup, and wraps under itself."""
    shown = value if isinstance(value, Content) else Content(value)
    return labelled(label, Static(shown, classes="fact-value"), classes=classes)


def labelled(label: str, widget: Widget, *, classes: str = "") -> Horizontal:
    """A widget in a fact's place; the label is a message for `tr`."""
    return Horizontal(Static(Content(tr(label)), classes="fact-label"), widget, classes=f"fact {classes}".strip())


def point(mark: str, text: Content | str, *, classes: str = "") -> Horizontal:
    """One item of a list: a mark, and text that wraps under itself."""
    shown = text if isinstance(text, Content) else Content(text)
    return Horizontal(
        Static(Content(mark), classes="point-mark"),
        Static(shown, classes="point-text"),
        classes=f"point {classes}".strip(),
    )


def heading(text: str, *, first: bool = False) -> Static:
    """The title of a part of a dialog, one line apart from what is above unless it is the ``first``."""
    return Static(Content(text), classes="section -first" if first else "section")


GAP = 2


class Choice(Widget, can_focus=True):
    """A line of choices. ``chosen`` is the index of one of them, or None while nothing is chosen.

    Not Textual's RadioSet: there the arrows only move a cursor, which stands on the first choice from the
    start, and Enter chooses what is under it. Here an Enter by reflex chooses nothing.
    """

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("left", "step(-1)", "previous", show=False),
        Binding("right,space", "step(1)", "next", show=False),
        Binding("enter", "app.focus_next", "go on", show=False),  # no message: never shown
    ]
    chosen: reactive[int | None] = reactive(None, init=False)

    class Changed(Message):
        """Another choice was made."""

    def __init__(self, words: Sequence[str], *, chosen: int | None, id: str) -> None:  # noqa: A002 - Textual's own name
        super().__init__(id=id, classes="choice")
        self.words = tuple(words)
        self.set_reactive(Choice.chosen, chosen)

    def watch_chosen(self) -> None:
        self.post_message(self.Changed())

    def action_step(self, step: int) -> None:
        """Choose the next word, or the one before; the ends are joined."""
        first = 0 if step > 0 else len(self.words) - 1
        self.chosen = first if self.chosen is None else (self.chosen + step) % len(self.words)

    def on_click(self, event: events.Click) -> None:
        start = 0
        for index, word in enumerate(self.words):
            end = start + 4 + cell_width(word)
            if start <= event.x < end:
                self.chosen = index
            start = end + GAP

    def render(self) -> Content:
        """The line, the chosen word bold."""
        return Content(" " * GAP).join(
            Content.styled(f"(●) {word}", "bold") if index == self.chosen else Content(f"( ) {word}")
            for index, word in enumerate(self.words)
        )
