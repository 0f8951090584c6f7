"""The screen of one send: its stages while it runs, its outcome in plain words, and the watch after it."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import replace
from datetime import UTC, datetime
from typing import ClassVar

from textual.app import ComposeResult
from textual.binding import BindingType
from textual.containers import Horizontal, Vertical
from textual.content import Content
from textual.widgets import Static

from ncpconsole.core.cautions import Finding, sentences
from ncpconsole.core.errors import ConsoleError
from ncpconsole.core.handover import hand_over
from ncpconsole.core.records import Intent, Observation
from ncpconsole.core.safe_text import safe_text
from ncpconsole.core.session import Session
from ncpconsole.core.wording import zone_name
from ncpconsole.language import msgid, tr
from ncpconsole.ncp.results import SendResult
from ncpconsole.tui.commands import BY_ID, Scope, bindings
from ncpconsole.tui.messages import JournalChanged
from ncpconsole.tui.text.interrupt import (
    OutcomeText,
    labelled_ids,
    outcome_text,
    refusal_text,
    resolution_text,
    what_it_means,
    what_now,
)
from ncpconsole.tui.text.record import COPIED
from ncpconsole.tui.widgets.dialog import Body, Dialog, fact, heading, named, point
from ncpconsole.tui.widgets.panels import MessageLine, WatchLog

SETTLE_SECONDS = 0.8
"""An Enter that was meant for Send must not close an outcome that nobody has read yet."""


class ResultScreen(Dialog[None]):
    """Follows one send. It draws what it is told; the send itself runs elsewhere and outlives the screen.

    ``cancel_send`` ends the send while no byte has left. ``closed`` is set when the operator has left the
    screen. ``intent`` is the record of the send, once it is over and there is one.
    """

    BINDINGS: ClassVar[list[BindingType]] = list(bindings(Scope.RESULT))

    def __init__(self, session: Session, name: str, place: str) -> None:
        super().__init__()
        self.session = session
        self.server = safe_text(name)
        self.place = safe_text(place)
        self.intent: Intent | None = None
        self.cancel_send: Callable[[], object] = _nothing
        self.closed = asyncio.Event()
        self.cancelling = False
        self.waiting = False
        self.done = False
        self.settled = False
        self.watched = False
        self.drawn = False
        self.seconds = 0
        self.stages: list[str] = []

    def compose(self) -> ComposeResult:
        with Vertical(classes="box"):
            yield Static(id="verdict", classes="verdict")
            with Body():
                yield fact(tr("server"), self.place)
                yield Static(id="stages", classes="stages")
                yield Vertical(id="outcome")
                yield WatchLog(id="watch")
                yield Vertical(id="after")
            yield MessageLine(id="note")
            yield from self.foot()

    def on_mount(self) -> None:
        self.drawn = True
        self.set_interval(1.0, self._tick)
        self._draw()

    def on_unmount(self) -> None:
        self.drawn = False
        self.closed.set()

    # What the flow tells.

    def stage(self, words: str, *, sent: bool = False) -> None:
        """Show the next stage; ``sent`` says that bytes are leaving and there is no way back.

        This is called from within the send: it takes note and draws later, so that nothing about the screen
        can fail there.
        """
        self.stages.append(words)
        self.waiting = self.waiting or sent
        self.call_later(self._draw)

    async def show_result(self, result: SendResult, intent: Intent | None) -> None:
        """Show what became of the request, and from now on offer what can be done with its record."""
        self.intent = intent
        words = outcome_text(result.outcome)
        said = result.said
        rows = [point(words.mark, safe_text(said, 600), classes="said")]
        rows += [fact(tr(label), text) for label, text in answer_facts(result, said)]
        await self._show(words, rows)

    async def show_refusal(self, against: Sequence[Finding]) -> None:
        """Show why this console sent nothing after all."""
        rows = [point("✗", safe_text(reason, 400)) for reason in sentences(against)]
        await self._show(refusal_text(against), rows)

    def watching(self, words: str) -> None:
        """Say how the watch stands."""
        self.watched = True
        if self.drawn:
            self.query_one(WatchLog).say(words)
            self._draw_hints()

    def observed(self, observation: Observation) -> None:
        """Show one change of the server's record."""
        if self.intent is None:
            return
        self.intent = replace(self.intent, observations=(*self.intent.observations, observation))
        if self.drawn:
            self.query_one(WatchLog).show(self.intent)
        self._draw_next()

    # What the operator does.

    def action_cancel(self) -> None:
        """Close when it is over; before the first byte, call the send off; after it, nothing."""
        if self.done:
            self.dismiss(None)
        elif not self.waiting and not self.cancelling:
            self.cancelling = True
            self.cancel_send()
            self._draw()

    def action_close_read(self) -> None:
        if self.settled:
            self.dismiss(None)

    def action_history(self) -> None:
        from ncpconsole.tui.screens.history import HistoryScreen

        if self.done:
            self.app.push_screen(HistoryScreen(self.session), lambda _: self._record_changed())

    def action_resolve(self) -> None:
        from ncpconsole.tui.screens.resolve import ResolveScreen

        if self.intent is not None and self.intent.is_unresolved:
            self.app.push_screen(ResolveScreen(self.session, self.intent), lambda _: self._record_changed())

    def action_copy(self) -> None:
        if (intent := self._record_now()) is not None:
            self.app.copy_to_clipboard(hand_over(intent, cooldown=self.session.policy.cooldown))
            self.query_one("#note", MessageLine).say(tr(COPIED), "success")

    def _record_now(self) -> Intent | None:
        """The record with what was added since; as it was, when the journal cannot be read."""
        if self.intent is not None:
            with suppress(ConsoleError):
                self.intent = self.session.journal.intent(self.intent.id) or self.intent
        return self.intent

    def _record_changed(self) -> None:
        """After the history or a resolution: the list has to know, and this screen what was found."""
        self.post_message(JournalChanged())
        intent = self._record_now()
        if intent is not None and intent.resolution is not None:
            self.query_one("#note", MessageLine).say(resolution_text(intent.resolution), "success")
        self._draw_hints()

    # Drawing.

    async def _show(self, words: OutcomeText, rows: list[Horizontal]) -> None:
        self.done = True
        if not self.drawn:
            return
        self._draw(words)
        outcome = self.query_one("#outcome", Vertical)
        await outcome.remove_children()
        await outcome.mount_all(rows)
        # An acceptance needs one line; what is not sent, rejected or unknown wants to be understood.
        is_plain = words.tone == "success"
        meaning = [] if is_plain else [heading(tr("What it means"))]
        todo = [] if is_plain else [heading(tr("What to do next"))]
        await self.query_one("#after", Vertical).mount_all(
            [*meaning, point(" ", words.meaning, classes="meaning"), *todo, point("→", words.next_step, classes="next")]
        )
        self._draw_next()
        self.set_timer(SETTLE_SECONDS, self._settle)

    def _settle(self) -> None:
        self.settled = True
        self._draw_hints()

    def _tick(self) -> None:
        if not self.done:
            self.seconds += 1
            self._draw()
        else:
            self._draw_next()

    def _draw(self, words: OutcomeText | None = None) -> None:
        if not self.drawn or not self.query("#verdict"):
            return
        verdict = self.query_one("#verdict", Static)
        if words is not None:
            verdict.update(self._head(f"{words.mark} {words.word}"))
            verdict.set_classes(f"verdict -{words.tone}")
            self.query_one("#stages", Static).display = False
        elif not self.done:
            word = tr("SENT, WAITING") if self.waiting else tr("CONNECTING")
            verdict.update(self._head(f"◌ {word}"))
            self.query_one("#stages", Static).update(self._stages_text())
        self._draw_hints()

    def _draw_next(self) -> None:
        """What to do next, as it is now: the server came back, or it should have by now."""
        if self.intent is not None:
            words = what_now(self.intent, datetime.now(UTC), self.session.policy.cooldown)
            for line in self.query(".next .point-text").results(Static):
                line.update(Content(words))
            for line in self.query(".meaning .point-text").results(Static):
                line.update(Content(what_it_means(self.intent)))

    def _head(self, word: str) -> Content:
        zone = ("  " + tr("times in {zone}", zone=zone_name()), "$foreground-muted")
        return Content.assemble((f" {word} ", "bold reverse"), "  ", (self.server, "bold"), zone)  # no message

    def _stages_text(self) -> Content:
        passed = [f"✓ {words}" for words in self.stages[:-1]]
        current = [f"◌ {words}" for words in self.stages[-1:]]
        if self.cancelling:
            current.append("◌ " + tr("calling it off; nothing has left this machine"))
        if self.waiting:
            awaited = tr(
                "{seconds} s; the answer is awaited for up to {deadline:.0f} s",
                seconds=self.seconds,
                deadline=self.session.policy.send_deadline,
            )
            current.append(f"  {awaited}")
        return Content("\n".join(passed + current))

    def _draw_hints(self) -> None:
        if self.done:
            keys = [named("result.resolve")] if self.intent is not None and self.intent.is_unresolved else []
            keys += [named("result.copy")] if self.intent is not None else []
            keys, leave = [*keys, named("result.history")], tr("esc or enter") if self.settled else "esc"
            text = self.hint(*keys, (leave, tr("close; the watch goes on") if self.watched else tr("close")))
            if text.cell_length > self.query_one("#hints", Static).content_size.width:
                text = self.hint(*keys, (leave, tr("close")))  # in a narrow terminal
        elif self.waiting:
            gone = tr("The request has left this machine: it cannot be called back.")
            text = Content.assemble(f"{gone}  ", self.hint((BY_ID["quit_now"].keys, tr("quit"))))
        else:
            text = self.hint(("esc", tr("call it off, nothing has been sent yet")))
        self.query_one("#hints", Static).update(text)


def answer_facts(result: SendResult, said: str) -> list[tuple[str, str]]:
    """What came back, as labelled lines made safe: what is ``said`` already is left out, but for the ids."""
    status = "" if result.http_status is None else f"HTTP {result.http_status}"
    code = tr("code {code}", code=result.return_code) if result.return_code else ""
    answer = [part for part in (status, code, result.return_message) if part]
    if all(part in said for part in (status, result.return_code, result.return_message)):
        answer = []
    facts = [
        (msgid("answer"), "  ".join(answer)),
        *((msgid("request id"), one) for one in labelled_ids(result.request_ids)),
    ]
    facts += [(msgid("trace id"), result.trace_id)]
    return [(label, safe_text(text)) for label, text in facts if text]


def _nothing() -> None:
    return
