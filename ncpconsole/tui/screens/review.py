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
from ncpconsole.core.wording import in_both_zones
from ncpconsole.language import msgid, tr, tr_n
from ncpconsole.tui.commands import Scope, bindings
from ncpconsole.tui.widgets.dialog import Body, Dialog, named
from ncpconsole.tui.widgets.enter_guard import EnterGuard
from ncpconsole.tui.widgets.panels import MessageLine

GO_ON, SKIP, STOP = "go on", "skip", "stop"  # no message: codes
NOT_REACHED = msgid("not reached")


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
    lines = [
        tr_n(
            "Review of 1 server, over at {when}",
            "Review of {count:,} servers, over at {when}",
            len(turns),
            when=in_both_zones(now),
        )
    ]
    for turn in turns:
        ids = f"; {turn.ids}" if turn.ids else ""
        lines.append(f"{turn.name} ({turn.number}): {turn.word or tr(NOT_REACHED)}{ids}")
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
                yield from self.foot(named("review.copy", tr("copy the summary")), (tr("esc or enter"), tr("close")))
            else:
                keys = (named("review.look"), named("review.skip"), ("esc", tr("stop here")))
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
            self.query_one("#note", MessageLine).say(tr("Sent to the terminal's clipboard: the summary."), "success")

    def action_cancel(self) -> None:
        """Stop the review; what was sent stays sent."""
        self.dismiss(STOP)

    def _title(self) -> str:
        done = sum(bool(turn.word) for turn in self.turns)
        if self.next_one is None:
            return tr_n("Review over: 1 marked server", "Review over: {count} marked servers", len(self.turns))
        if not done:
            return tr_n(
                "Review of 1 marked server, which is confirmed",
                "Review of {count} marked servers, each confirmed on its own",
                len(self.turns),
            )
        return tr("Review: {done} of {count} done", done=done, count=len(self.turns))

    def _line(self, index: int, turn: Turn) -> Content:
        is_next = index == self.next_one
        pointer = "▌" if is_next else " "
        if turn.word:
            word = turn.word
        elif is_next:
            word = tr("next")
        else:
            word = tr(NOT_REACHED) if self.next_one is None else tr("waiting")
        return Content.assemble(
            f"{pointer} ",
            (fit(safe_text(turn.name), 26), "bold" if is_next else ""),
            f" {fit(safe_text(turn.number), 12)} {turn.mark or ' '} {word}",
        )
