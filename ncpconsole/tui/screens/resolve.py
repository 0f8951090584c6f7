"""Settling an unknown outcome: the evidence, what the console concludes from it, the operator's finding, a note."""

from __future__ import annotations

from contextlib import suppress
from dataclasses import replace
from datetime import UTC, datetime

from textual.app import ComposeResult
from textual.containers import Horizontal, Vertical
from textual.content import Content
from textual.widgets import Button, Input, Static

from ncpconsole.core.errors import ConsoleError, JournalUnavailable
from ncpconsole.core.records import Intent, ResolvedAs
from ncpconsole.core.resolution import Evidence, countdown, look, seconds_left
from ncpconsole.core.safe_text import safe_text
from ncpconsole.core.session import Session
from ncpconsole.core.wording import (
    day_and_clock,
    signs_words,
    start_time,
    state_words,
    who,
    why_not_resolvable,
    zone_name,
)
from ncpconsole.language import Sentence, msgid, shown, tr
from ncpconsole.tui.background import background
from ncpconsole.tui.text.record import timeline
from ncpconsole.tui.widgets.dialog import Body, Choice, Dialog, fact, heading
from ncpconsole.tui.widgets.enter_guard import GuardedButton
from ncpconsole.tui.widgets.inputs import SafeInput
from ncpconsole.tui.widgets.panels import ActivityLines, MessageLine

FINDINGS = ((ResolvedAs.ACCEPTED, msgid("accepted")), (ResolvedAs.NOT_RECEIVED, msgid("not received")))


class ResolveScreen(Dialog["Intent"]):
    """Asks what became of one interrupt; answers with the resolved intent, or None.

    Where the server's record or the activity log shows that it was received, the console says so and offers
    that finding with its reason as the note; the contrary then wants the server's number. Otherwise neither
    finding is chosen beforehand. The note is required.
    """

    def __init__(self, session: Session, intent: Intent) -> None:
        super().__init__()
        self.session = session
        self.intent = intent
        self.seen: Evidence | None = None
        self.offered = ""
        """The note that stands in the box until the operator writes another."""
        self._is_counting = False

    def compose(self) -> ComposeResult:
        intent = self.intent
        draft = intent.draft
        with Vertical(classes="box"):
            yield Static(
                Content.assemble(
                    (" ? " + tr("UNKNOWN") + " ", "bold reverse"),  # no message: a style
                    "  ",
                    (safe_text(draft.server_name), "bold"),
                    ("  " + tr("times in {zone}", zone=zone_name()), "$foreground-muted"),
                ),
                classes="verdict -error",
            )
            with Body():
                yield fact(
                    tr("number"),
                    safe_text(tr("{number}  region {region}", number=draft.server_no, region=draft.region_code)),
                )
                when = day_and_clock(intent.time, to_second=True)
                yield fact(tr("sent"), tr("{when} by {who}", when=when, who=who(intent.origin)))
                if intent.message:
                    yield fact(tr("said"), safe_text(intent.message, 400))
                yield heading(tr("Evidence since then"))
                yield Static(Content("\n").join(timeline(intent)), id="timeline")
                if draft.gateway == self.session.gateway.base_url:
                    yield Static(Content.styled(tr("the record now: reading ..."), "$foreground-muted"), id="now")
                    yield Static(id="signs")
                    yield ActivityLines()
                else:
                    yield Static(
                        Content(
                            tr(
                                "Open a profile of {gateway} to read the server's record here.",
                                gateway=safe_text(draft.gateway),
                            )
                        )
                    )
            yield MessageLine(id="conclusion")
            with Vertical(classes="form"):
                with Horizontal(classes="field"):
                    yield Static(Content(tr("finding")), classes="field-label")
                    yield Choice([tr(words) for _, words in FINDINGS], chosen=None, id="finding")
                with Horizontal(classes="field"):
                    yield Static(Content(tr("note")), classes="field-label")
                    yield SafeInput(id="note", placeholder=tr("how you know; required"))
                with Horizontal(classes="field", id="against"):
                    yield Static(Content(tr("number")), classes="field-label")
                    yield SafeInput(id="number", placeholder=tr("the server's number, against what is seen"))
            with Horizontal(classes="buttons"):
                yield GuardedButton(tr("Resolve"), id="resolve", disabled=True)
                yield Button(tr("Leave it locked"), id="leave", compact=True)
            yield MessageLine(id="problem")
            yield from self.foot()

    def on_mount(self) -> None:
        self.query_one(Choice).focus()
        self.query_one("#against").display = False
        self.set_interval(1, self._follow)
        if self.query("#now"):
            self._look()

    def on_descendant_focus(self) -> None:
        """Other keys work on the choice than in a box."""
        choose = [("← →", tr("choose"))] if self.query_one(Choice).has_focus else []
        keys = [*choose, ("tab", tr("next")), ("enter", tr("go on")), ("↑↓", tr("evidence"))]
        keys += [("esc", tr("leave it locked"))]
        self.query_one("#hints", Static).update(self.hint(*keys))

    def on_choice_changed(self, event: Choice.Changed) -> None:
        event.stop()
        self._draw()

    def on_input_changed(self, event: Input.Changed) -> None:
        event.stop()
        self._draw()

    def on_input_submitted(self, event: Input.Submitted) -> None:
        """Enter goes on to the button when everything is there; it resolves nothing."""
        event.stop()
        button = self.query_one("#resolve", Button)
        if not button.disabled:
            button.focus()

    def on_button_pressed(self, event: Button.Pressed) -> None:
        event.stop()
        finding = self._finding()
        if event.button.id != "resolve" or finding is None:
            self.dismiss(None)
        elif finding is ResolvedAs.NOT_RECEIVED:
            self._say(tr("Looking at the server again ..."))
            self._resolve_after_a_look()
        else:
            self._resolve(finding, replace(self.seen, despite=self._text("number")) if self.seen else None)

    @background(
        msgid("look at the evidence"), group="look", exclusive=True, failed=lambda self, words: self._say(words)
    )
    async def _look(self) -> None:
        """Read the evidence, draw the conclusion, and offer it where the operator has not begun yet."""
        self._show_evidence(await self._evidence())

    @background(
        msgid("look before the finding"), group="look", exclusive=True, failed=lambda self, words: self._say(words)
    )
    async def _resolve_after_a_look(self) -> None:
        """What shows on the screen may be minutes old."""
        seen = await self._evidence()
        self.seen = seen
        number = self._text("number")
        if seen.contradictions and number != self.intent.draft.server_no:
            self._draw()
            self.query_one("#number", Input).focus()
        self._resolve(ResolvedAs.NOT_RECEIVED, replace(seen, despite=number))

    async def _evidence(self) -> Evidence:
        return await look(self.session.gateway, self.intent, lambda: datetime.now(UTC), self.session.vitals)

    def _resolve(self, finding: ResolvedAs, seen: Evidence | None = None) -> None:
        note = self._text("note")
        if note == shown(self.offered):
            note = str(self.offered)  # the record is English
        try:
            resolved = self.session.journal.resolve(self.intent.id, finding, note, seen)
        except ConsoleError as error:
            self._say(shown(error))
        else:
            self.dismiss(resolved)

    def _show_evidence(self, seen: Evidence) -> None:
        self.seen = seen
        self.query_one("#now", Static).update(Content(self._record_now(seen)))
        signs = signs_words(seen.signs, day_and_clock)  # the zone stands in the head
        self.query_one("#signs", Static).update(Content(tr("vital signs now: {signs}", signs=signs)))
        lines = self.query_one(ActivityLines)
        if seen.activity_problem:
            lines.fail(shown(seen.activity_problem))
        else:
            lines.show(seen.log)
        if reasons := Sentence.joined(*seen.received_because):
            conclusion = tr("It was received.") + f" {shown(reasons)}"
            self.query_one("#conclusion", MessageLine).say(conclusion, "warning")
            choice, note = self.query_one(Choice), self.query_one("#note", Input)
            if choice.chosen is None and not note.value:
                choice.chosen = 0
                self.offered, note.value = reasons, shown(reasons)
        self._draw()

    def _record_now(self, seen: Evidence) -> str:
        if seen.problem:
            return tr("the record now: unavailable ({why})", why=safe_text(shown(seen.problem), 300))
        if not seen.status:
            return tr("the record now: the server is gone")
        state = state_words(seen.status, seen.operation)
        if seen.start == safe_text(str(self.intent.draft.snapshot.get("uptime", ""))):
            return tr("the record now: {state}, not started again since", state=state)
        return tr("the record now: {state}, STARTED {when}", state=state, when=start_time(seen.start))

    def _say(self, sentence: str) -> None:
        self.query_one("#problem", MessageLine).say(safe_text(sentence, 400), "warning")

    def _finding(self) -> ResolvedAs | None:
        chosen = self.query_one(Choice).chosen
        return None if chosen is None else FINDINGS[chosen][0]

    def _text(self, box: str) -> str:
        return self.query_one(f"#{box}", Input).value.strip()

    def _follow(self) -> None:
        """Show what a watch, or another console, has recorded meanwhile."""
        with suppress(JournalUnavailable):
            newest = self.session.journal.intent(self.intent.id)
            if newest is not None and newest != self.intent:
                self.intent = newest
                self.query_one("#timeline", Static).update(Content("\n").join(timeline(newest)))
                if not newest.is_unresolved:
                    self._say(why_not_resolvable(newest))
        self._draw()

    def _draw(self) -> None:
        """Enable the button where finding and note are there and the finding can be known."""
        finding = self._finding()
        left = 0.0
        if finding is ResolvedAs.NOT_RECEIVED:
            left = seconds_left(self.intent, datetime.now(UTC), self.session.gateway.clock_offset)
        against: tuple[str, ...] = ()
        if self.seen is not None and finding is not None:
            is_accepted = finding is ResolvedAs.ACCEPTED
            against = self.seen.against_accepted if is_accepted else self.seen.contradictions
            if is_accepted and against:
                self.query_one("#conclusion", MessageLine).say(" ".join(map(shown, against)), "warning")
        self.query_one("#against").display = bool(against)
        lacks = finding is None or not self._text("note") or left > 0
        self.query_one("#resolve", Button).disabled = lacks or not self.intent.is_unresolved
        if self.intent.is_unresolved and (left > 0 or self._is_counting):
            too_early = tr(
                "The request may still be executed: 'not received' can be known in {countdown}.",
                countdown=countdown(left),
            )
            self._say(too_early if left > 0 else "")
        self._is_counting = left > 0
