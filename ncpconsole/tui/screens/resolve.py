"""Settling an unknown outcome: the evidence, the operator's finding, a note. It suggests nothing."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta

from textual import work
from textual.app import ComposeResult
from textual.containers import Horizontal, Vertical
from textual.content import Content
from textual.widgets import Button, Input, Static

from ncpconsole.core.errors import ConsoleError
from ncpconsole.core.records import Intent, ResolvedAs
from ncpconsole.core.resolution import Evidence, countdown, look, seconds_left
from ncpconsole.core.safe_text import safe_text
from ncpconsole.core.session import Session
from ncpconsole.core.watch import server_activities
from ncpconsole.core.wording import server_status, who
from ncpconsole.ncp.errors import NcpError
from ncpconsole.tui.text.interrupt import moment_text, start_text, timeline
from ncpconsole.tui.widgets.dialog import Body, Choice, Dialog, fact, heading
from ncpconsole.tui.widgets.inputs import SafeInput
from ncpconsole.tui.widgets.panels import ActivityLines

CLOCKS_APART = timedelta(minutes=5)
"""How far this machine's clock and the activity log's may differ."""
FINDINGS = ((ResolvedAs.ACCEPTED, "accepted"), (ResolvedAs.NOT_RECEIVED, "not received"))


class ResolveScreen(Dialog["Intent"]):
    """Asks what became of one interrupt; answers with the resolved intent, or None.

    Neither finding is chosen beforehand, and the note is required.
    """

    def __init__(self, session: Session, intent: Intent) -> None:
        super().__init__()
        self.session = session
        self.intent = intent
        self._is_counting = False

    def compose(self) -> ComposeResult:
        intent = self.intent
        draft = intent.draft
        with Vertical(classes="box"):
            yield Static(
                Content.assemble((" ? UNKNOWN ", "bold reverse"), "  ", (safe_text(draft.server_name), "bold")),
                classes="verdict -error",
            )
            with Body():
                yield fact("number", safe_text(f"{draft.server_no}  region {draft.region_code}"))
                yield fact("sent", f"{moment_text(intent.time)} by {who(intent.origin)}")
                if intent.message:
                    yield fact("said", safe_text(intent.message, 400))
                yield heading("Evidence since then")
                for line in timeline(intent):
                    yield Static(line)
                if draft.gateway == self.session.gateway.base_url:
                    yield Static(Content.styled("the record now: reading ...", "$foreground-muted"), id="now")
                    yield ActivityLines()
                else:
                    yield Static(
                        Content(f"Open a profile of {safe_text(draft.gateway)} to read the server's record here.")
                    )
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
                yield Button("Resolve", id="resolve", compact=True, disabled=True)
                yield Button("Leave it locked", id="leave", compact=True)
            yield Static(id="problem", classes="note")
            yield Static(
                self.hint(("← →", "choose"), ("tab", "next"), ("enter", "go on"), ("esc", "leave it locked")),
                classes="hints",
            )

    def on_mount(self) -> None:
        self.query_one(Choice).focus()
        self.query_one("#against").display = False
        self.set_interval(1, self._draw)
        if self.query("#now"):
            self._read_now()
            self._read_activities()

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
            self._resolve(finding)

    @work(exit_on_error=False, exclusive=True, group="look", description="look")
    async def _resolve_after_a_look(self) -> None:
        """What shows on the screen may be minutes old."""
        seen = await look(self.session.gateway, self.intent, lambda: datetime.now(UTC))
        number = self.query_one("#number", Input)
        if seen.contradictions and number.value.strip() != self.intent.draft.server_no:
            self.query_one("#against").display = True
            number.focus()
        self._resolve(ResolvedAs.NOT_RECEIVED, replace(seen, despite=number.value.strip()))

    def _resolve(self, finding: ResolvedAs, seen: Evidence | None = None) -> None:
        try:
            resolved = self.session.journal.resolve(self.intent.id, finding, self._note(), seen)
        except ConsoleError as error:
            self._say(str(error))
        else:
            self.dismiss(resolved)

    def _say(self, sentence: str) -> None:
        self.query_one("#problem", Static).update(Content(safe_text(sentence, 400)))

    @work(exit_on_error=False, description="record")
    async def _read_now(self) -> None:
        draft = self.intent.draft
        try:
            server = await self.session.gateway.server(draft.region_code, draft.server_no)
        except NcpError as error:
            words = f"the record now: unavailable ({safe_text(error.sentence, 300)})"
        else:
            words = "the record now: the server is gone"
            if server is not None:
                words = f"the record now: {server_status(server)}, "
                same = server.uptime == draft.snapshot.get("uptime")
                words += "last start as before" if same else f"started again at {start_text(server.uptime)}"
        self.query_one("#now", Static).update(Content(words))

    @work(exit_on_error=False, description="activity log")
    async def _read_activities(self) -> None:
        lines, since = self.query_one(ActivityLines), self.intent.time - CLOCKS_APART
        try:
            number = self.intent.draft.server_no
            lines.show(await server_activities(self.session.gateway, number, since))
        except NcpError as error:
            lines.fail(error.sentence)

    def _finding(self) -> ResolvedAs | None:
        chosen = self.query_one(Choice).chosen
        return None if chosen is None else FINDINGS[chosen][0]

    def _note(self) -> str:
        return self.query_one("#note", Input).value.strip()

    def _draw(self) -> None:
        """Enable the button where finding and note are there and the finding can be known."""
        finding = self._finding()
        left = 0.0
        if finding is ResolvedAs.NOT_RECEIVED:
            left = seconds_left(self.intent, datetime.now(UTC), self.session.gateway.clock_offset)
        self.query_one("#resolve", Button).disabled = finding is None or not self._note() or left > 0
        if left > 0 or self._is_counting:
            too_early = f"The request may still be executed: 'not received' can be known in {countdown(left)}."
            self._say(too_early if left > 0 else "")
        self._is_counting = left > 0
