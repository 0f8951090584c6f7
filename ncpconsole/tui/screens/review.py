"""The progress of a review of marked servers: the state of each, and the keys to go on or stop."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import ClassVar

from textual.app import ComposeResult
from textual.binding import BindingType
from textual.containers import Vertical
from textual.content import Content
from textual.widgets import Static

from ncpconsole.core.safe_text import fit, safe_text
from ncpconsole.core.wording import count, in_both_zones
from ncpconsole.tui.commands import Scope, bindings
from ncpconsole.tui.widgets.dialog import Body, Dialog
from ncpconsole.tui.widgets.enter_guard import EnterGuard
from ncpconsole.tui.widgets.panels import MessageLine

GO_ON, SKIP, STOP = "go on", "skip", "stop"
NOT_REACHED = "not reached"


@dataclass(frozen=True, slots=True)
class Turn:
    """One server of a review. ``word`` is what became of it, such as ``accepted``; empty while it waits.

    ``ids`` are those of its record and its request, in words, empty where nothing was recorded.
    """

    name: str
    number: str
    word: str = ""
    mark: str = ""
    ids: str = ""


def summary(turns: Sequence[Turn], now: datetime) -> str:
    """What became of all servers of a review, to hand on: a line each, and one before them."""
    lines = [f"Review of {count(len(turns), 'server')}, over at {in_both_zones(now)}"]
    for turn in turns:
        ids = f"; {turn.ids}" if turn.ids else ""
        lines.append(f"{turn.name} ({turn.number}): {turn.word or NOT_REACHED}{ids}")
    return "\n".join(safe_text(line, 400) for line in lines)


class ReviewScreen(Dialog[str]):
    """Shows the queue before each server; answers ``go on``, ``skip`` or ``stop``.

    ``next_one`` is the index of the server whose turn it is, or None when the review is over: then this is
    its summary, and any answer closes it.
    """

    BINDINGS: ClassVar[list[BindingType]] = list(bindings(Scope.REVIEW))

    def __init__(self, turns: Sequence[Turn], next_one: int | None) -> None:
        super().__init__()
        self.turns = tuple(turns)
        self.next_one = next_one
        self.guard = EnterGuard(self)

    def compose(self) -> ComposeResult:
        with Vertical(classes="box -small"):
            yield Static(Content(self._title()), classes="section -first")
            with Body():
                for index, turn in enumerate(self.turns):
                    yield Static(self._line(index, turn), classes="turn -next" if index == self.next_one else "turn")
            if self.next_one is None:
                yield MessageLine(id="note")
                yield from self.foot(("y", "copy the summary"), ("esc or enter", "close"))
            else:
                keys = (("enter", "look at it"), ("s", "skip it"), ("esc", "stop here"))
                yield from self.foot(*keys)

    def on_mount(self) -> None:
        self.guard.begin()
        for line in self.query(".turn.-next"):
            self.call_after_refresh(line.scroll_visible, animate=False)

    def action_answer(self, answer: str) -> None:
        """Answer with the key's meaning. An Enter that was meant for the dialog before does not go on."""
        if answer != GO_ON or self.guard.passes():
            self.dismiss(answer)

    def action_copy(self) -> None:
        """Copy what became of all of them, once the review is over."""
        if self.next_one is None:
            self.app.copy_to_clipboard(summary(self.turns, datetime.now(UTC)))
            self.query_one("#note", MessageLine).say("Sent to the terminal's clipboard: the summary.", "success")

    def action_cancel(self) -> None:
        """Stop the review; what was sent stays sent."""
        self.dismiss(STOP)

    def _title(self) -> str:
        done = sum(bool(turn.word) for turn in self.turns)
        if self.next_one is None:
            return f"Review over: {len(self.turns)} marked servers"
        if not done:
            return f"Review of {len(self.turns)} marked servers, each confirmed on its own"
        return f"Review: {done} of {len(self.turns)} done"

    def _line(self, index: int, turn: Turn) -> Content:
        is_next = index == self.next_one
        pointer = "▌" if is_next else " "
        word = turn.word or ("next" if is_next else "waiting" if self.next_one is not None else NOT_REACHED)
        return Content.assemble(
            f"{pointer} ",
            (fit(safe_text(turn.name), 26), "bold" if is_next else ""),
            f" {fit(safe_text(turn.number), 12)} {turn.mark} {word}",
        )
