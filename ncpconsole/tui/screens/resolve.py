"""Settling an unknown outcome: the evidence, the operator's finding, a note. It suggests nothing."""

from __future__ import annotations

from datetime import timedelta

from textual import work
from textual.app import ComposeResult
from textual.containers import Horizontal, Vertical
from textual.content import Content
from textual.widgets import Button, Input, Static

from ncpconsole.core.errors import ConsoleError
from ncpconsole.core.records import Intent, ResolvedAs
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
            return
        try:
            resolved = self.session.journal.resolve(self.intent.id, finding, self._note())
        except ConsoleError as error:
            self.query_one("#problem", Static).update(Content(safe_text(str(error), 400)))
        else:
            self.dismiss(resolved)

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
        self.query_one("#resolve", Button).disabled = self._finding() is None or not self._note()
