"""Settling an unknown outcome: the evidence, what the console concludes from it, the operator's finding, a note."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime

from textual.app import ComposeResult
from textual.containers import Horizontal, Vertical
from textual.content import Content
from textual.widgets import Button, Input, Static

from ncpconsole.core.errors import ConsoleError
from ncpconsole.core.records import Intent, ResolvedAs
from ncpconsole.core.resolution import Evidence, countdown, look, seconds_left
from ncpconsole.core.safe_text import safe_text
from ncpconsole.core.session import Session
from ncpconsole.core.wording import day_and_clock, signs_words, start_time, state_words, who, zone_name
from ncpconsole.language import shown
from ncpconsole.tui.background import background
from ncpconsole.tui.text.interrupt import timeline
from ncpconsole.tui.widgets.dialog import Body, Choice, Dialog, fact, heading
from ncpconsole.tui.widgets.enter_guard import GuardedButton
from ncpconsole.tui.widgets.inputs import SafeInput
from ncpconsole.tui.widgets.panels import ActivityLines, MessageLine

FINDINGS = ((ResolvedAs.ACCEPTED, "accepted"), (ResolvedAs.NOT_RECEIVED, "not received"))


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
        self._is_counting = False

    def compose(self) -> ComposeResult:
        intent = self.intent
        draft = intent.draft
        with Vertical(classes="box"):
            yield Static(
                Content.assemble(
                    (" ? UNKNOWN ", "bold reverse"),
                    "  ",
                    (safe_text(draft.server_name), "bold"),
                    (f"  times in {zone_name()}", "$foreground-muted"),
                ),
                classes="verdict -error",
            )
            with Body():
                yield fact("number", safe_text(f"{draft.server_no}  region {draft.region_code}"))
                yield fact("sent", f"{day_and_clock(intent.time, to_second=True)} by {who(intent.origin)}")
                if intent.message:
                    yield fact("said", safe_text(intent.message, 400))
                yield heading("Evidence since then")
                for line in timeline(intent):
                    yield Static(line)
                if draft.gateway == self.session.gateway.base_url:
                    yield Static(Content.styled("the record now: reading ...", "$foreground-muted"), id="now")
                    yield Static(id="signs")
                    yield ActivityLines()
                else:
                    yield Static(
                        Content(f"Open a profile of {safe_text(draft.gateway)} to read the server's record here.")
                    )
            yield MessageLine(id="conclusion")
            with Vertical(classes="form"):
                with Horizontal(classes="field"):
                    yield Static(Content("finding"), classes="field-label")
                    yield Choice([words for _, words in FINDINGS], chosen=None, id="finding")
                with Horizontal(classes="field"):
                    yield Static(Content("note"), classes="field-label")
                    yield SafeInput(id="note", placeholder="how you know; required")
                with Horizontal(classes="field", id="against"):
                    yield Static(Content("number"), classes="field-label")
                    yield SafeInput(id="number", placeholder="the server's number, against what is seen")
            with Horizontal(classes="buttons"):
                yield GuardedButton("Resolve", id="resolve", disabled=True)
                yield Button("Leave it locked", id="leave", compact=True)
            yield MessageLine(id="problem")
            yield from self.foot()

    def on_mount(self) -> None:
        self.query_one(Choice).focus()
        self.query_one("#against").display = False
        self.set_interval(1, self._draw)
        if self.query("#now"):
            self._look()

    def on_descendant_focus(self) -> None:
        """Other keys work on the choice than in a box."""
        choose = [("← →", "choose")] if self.query_one(Choice).has_focus else []
        keys = [*choose, ("tab", "next"), ("enter", "go on"), ("↑↓", "evidence"), ("esc", "leave it locked")]
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
            self._say("Looking at the server again ...")
            self._resolve_after_a_look()
        else:
            self._resolve(finding, replace(self.seen, despite=self._text("number")) if self.seen else None)

    @background("look at the evidence", group="look", exclusive=True, failed=lambda self, words: self._say(words))
    async def _look(self) -> None:
        """Read the evidence, draw the conclusion, and offer it where the operator has not begun yet."""
        self._show_evidence(await self._evidence())

    @background("look before the finding", group="look", exclusive=True, failed=lambda self, words: self._say(words))
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
        try:
            resolved = self.session.journal.resolve(self.intent.id, finding, self._text("note"), seen)
        except ConsoleError as error:
            self._say(str(error))
        else:
            self.dismiss(resolved)

    def _show_evidence(self, seen: Evidence) -> None:
        self.seen = seen
        self.query_one("#now", Static).update(Content(f"the record now: {self._record_now(seen)}"))
        self.query_one("#signs", Static).update(Content(f"vital signs now: {signs_words(seen.signs)}"))
        lines = self.query_one(ActivityLines)
        if seen.activity_problem:
            lines.fail(shown(seen.activity_problem))
        else:
            lines.show(seen.log)
        if reasons := " ".join(seen.received_because):
            self.query_one("#conclusion", MessageLine).say(f"It was received. {reasons}", "warning")
            choice, note = self.query_one(Choice), self.query_one("#note", Input)
            if choice.chosen is None and not note.value:
                choice.chosen = 0
                note.value = reasons
        self._draw()

    def _record_now(self, seen: Evidence) -> str:
        if seen.problem:
            return f"unavailable ({safe_text(shown(seen.problem), 300)})"
        if not seen.status:
            return "the server is gone"
        same = seen.start == safe_text(str(self.intent.draft.snapshot.get("uptime", "")))
        start = "not started again since" if same else f"STARTED {start_time(seen.start)}"
        return f"{state_words(seen.status, seen.operation)}, {start}"

    def _say(self, sentence: str) -> None:
        self.query_one("#problem", MessageLine).say(safe_text(sentence, 400), "warning")

    def _finding(self) -> ResolvedAs | None:
        chosen = self.query_one(Choice).chosen
        return None if chosen is None else FINDINGS[chosen][0]

    def _text(self, box: str) -> str:
        return self.query_one(f"#{box}", Input).value.strip()

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
                self.query_one("#conclusion", MessageLine).say(" ".join(against), "warning")
        self.query_one("#against").display = bool(against)
        self.query_one("#resolve", Button).disabled = finding is None or not self._text("note") or left > 0
        if left > 0 or self._is_counting:
            too_early = f"The request may still be executed: 'not received' can be known in {countdown(left)}."
            self._say(too_early if left > 0 else "")
        self._is_counting = left > 0
